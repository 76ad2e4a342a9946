// `toll ingest`: the events of files into a data folder. A run that was cut off goes on where it
// was; what is stored already is a duplicate, and counts once.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/data/checkpoint.h"
#include "cli/data/opened_engine.h"
#include "cli/output/progress_bar.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "engine/admission.h"
#include "metering/csv_events.h"
#include "metering/read_events.h"
#include "server/keys.h"

namespace toll::cli {
namespace {

using engine::Judged;
using engine::Verdict;

constexpr size_t kBatch = 1000;
constexpr size_t kBatchesInFlight = 8;  // while one is written the next are read
constexpr std::chrono::milliseconds kCheckpointInterval{100};

/// What became of the events, for the last line of the output.
struct Tally {
  std::array<size_t, 4> verdicts{};
  size_t unmetered = 0;
  size_t warned_again = 0;  ///< accepted, with warnings that were shown before

  size_t of(Verdict verdict) const { return verdicts[static_cast<size_t>(verdict)]; }
  size_t events() const { return verdicts[0] + verdicts[1] + verdicts[2] + verdicts[3]; }
  bool clean() const { return of(Verdict::Conflict) == 0 && of(Verdict::Rejected) == 0; }
};

std::string tenant_of(const IngestOptions& options) {
  return options.tenant.empty() ? std::string(server::kDefaultTenant) : options.tenant;
}

/// Whether a file is a table by its name, `events.csv` or `EVENTS.CSV`.
bool is_table(const std::string& path) {
  std::string end = std::filesystem::path(path).extension().string();
  std::ranges::transform(end, end.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return end == ".csv";
}

/// Lines of a file, with where they stand in it.
class Lines {
 public:
  /// False, and said why, where it cannot be read.
  bool open(const std::string& path) {
    named_ = path == "-" ? "standard input" : path;
    if (path == "-") return true;
    file_.open(path, std::ios::binary);
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(path, error);
    if (!error) size_ = size;
    if (file_) return true;
    complain(fmt::format("`{}` cannot be read", path));
    return false;
  }

  bool next(std::string& line) {
    std::istream& in = file_.is_open() ? file_ : std::cin;
    if (!std::getline(in, line)) return false;
    const bool ended = !in.eof();
    digest_.add(line);
    if (ended) digest_.add("\n");
    bytes_ += line.size() + (ended ? 1 : 0);
    ++number_;
    if (line.ends_with('\r')) line.pop_back();
    return true;
  }

  /// Goes on behind lines that were read before.
  void skip(const StoredPrefix& prefix) {
    std::string line;
    while (bytes_ < prefix.bytes && next(line)) {
    }
  }

  /// Whether all was read.
  bool is_whole() const {
    if (!(file_.is_open() ? file_.bad() : std::cin.bad())) return true;
    complain(fmt::format("`{}` cannot be read to its end", named_));
    return false;
  }

  const std::string& named() const { return named_; }
  bool is_file() const { return file_.is_open(); }
  size_t number() const { return number_; }
  uint64_t bytes() const { return bytes_; }
  std::optional<uint64_t> size() const { return size_; }
  StoredPrefix prefix() const { return {bytes_, number_, digest_.value()}; }

 private:
  std::string named_;
  std::ifstream file_;  // not open: standard input
  std::optional<uint64_t> size_;
  size_t number_ = 0;
  uint64_t bytes_ = 0;
  PrefixDigest digest_;
};

/// Reads files line by line and stores their events, some batches at a time.
class Ingest {
 public:
  Ingest(std::shared_ptr<const runtime::CardSet> cards, engine::Engine& engine,
         const IngestOptions& options)
      : cards_(std::move(cards)),
        engine_(engine),
        options_(options),
        tenant_(tenant_of(options)),
        candidates_(tenant_) {}

  /// False, and said why, where it could not go on.
  bool take(const std::string& path) {
    lines_.emplace();
    table_.reset();
    checkpoint_.reset();
    if (!lines_->open(path)) return false;
    if (is_table(path) && !read_header()) return false;
    if (lines_->is_file()) {
      checkpoint_.emplace(options_.data, tenant_, path);
      go_on_from_checkpoint();
    }
    for (std::string line; lines_->next(line);)
      if (line.find_first_not_of(" \t") != line.npos && !take_line(line)) return false;
    if (!lines_->is_whole() || !hand_in()) return false;
    while (!waiting_.empty())
      if (!settle()) return false;
    if (checkpoint_) checkpoint_->remove();
    progress_.clear();
    return true;
  }

  const Tally& tally() const { return tally_; }

 private:
  struct Handed {
    size_t line = 0;
    std::vector<std::string> warnings;
  };
  struct Batch {
    std::vector<Handed> events;
    std::future<engine::Answered<std::vector<Judged>>> judged;
    StoredPrefix prefix;  ///< of the file, up to the batch's end
  };

  bool read_header() {
    std::string header;
    lines_->next(header);
    auto table = metering::CsvEvents::open(
        header, {.source = options_.source, .type = options_.type, .customer = options_.customer});
    if (!table) {
      complain(fmt::format("{}:1: {}", lines_->named(), table.error().message),
               "a table needs the columns id and time, and customer, type and source or the option "
               "of that name");
      return false;
    }
    table_ = *std::move(table);
    return true;
  }

  void go_on_from_checkpoint() {
    const auto stored = checkpoint_->read();
    if (!stored || stored->bytes <= lines_->bytes()) return;
    lines_->skip(*stored);
    fmt::print(stderr, "{}: goes on behind line {}, where a run was cut off\n", lines_->named(),
               stored->lines);
  }

  bool take_line(std::string_view line) {
    if (!admission_) admission_.emplace(cards_, engine_, tenant_);
    std::expected<std::string, metering::EventFault> text(line);
    if (table_) text = table_->text_of(line);
    auto read =
        text ? admission_->read(*text, candidates_)
             : std::expected<void, metering::EventFault>(std::unexpected(std::move(text.error())));
    if (!read) {
      const metering::EventFault& fault = read.error();
      say(lines_->number(), Verdict::Rejected,
          fmt::format("{}{}{}", fault.pointer, fault.pointer.empty() ? "" : " ", fault.message));
      return true;
    }
    handed_.push_back({lines_->number(), admission_->warnings()});
    return candidates_.size() < kBatch || hand_in();
  }

  bool hand_in() {
    if (admission_ && admission_->failure()) return fail(*admission_->failure());
    admission_.reset();  // subscriptions may change between batches
    if (candidates_.size() == 0) return true;
    if (waiting_.size() == kBatchesInFlight && !settle()) return false;
    waiting_.push_back({std::exchange(handed_, {}),
                        engine_.submit(std::exchange(candidates_, engine::Candidates(tenant_))),
                        checkpoint_ ? lines_->prefix() : StoredPrefix()});
    return true;
  }

  /// Waits for the oldest batch.
  bool settle() {
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    const auto judged = batch.judged.get();
    if (!judged) return fail(judged.error());
    for (size_t i = 0; i < judged->size(); ++i) {
      const Judged& one = (*judged)[i];
      tally_.unmetered += one.unmetered ? 1 : 0;
      say(batch.events[i].line, one.verdict, one.reason);
      if (one.verdict == Verdict::Accepted) warn(batch.events[i]);
    }
    const auto now = std::chrono::steady_clock::now();
    if (checkpoint_ && now - checked_ >= kCheckpointInterval) {
      checkpoint_->write(batch.prefix);
      checked_ = now;
    }
    progress_.show(lines_->bytes(), lines_->size(), tally_.events());
    return true;
  }

  void say(size_t line, Verdict verdict, std::string_view reason) {
    ++tally_.verdicts[static_cast<size_t>(verdict)];
    if (reason.empty()) return;
    progress_.clear();
    complain(fmt::format("{}:{}: {}", lines_->named(), line, reason));
  }

  /// A file says the same of many lines: the first of them is named.
  void warn(const Handed& event) {
    bool again = false;
    for (const std::string& warning : event.warnings) {
      if (!warned_.insert(warning).second) {
        again = true;
        continue;
      }
      progress_.clear();
      complain(fmt::format("{}:{}: warning: {}", lines_->named(), event.line, warning));
    }
    tally_.warned_again += again ? 1 : 0;
  }

  bool fail(const engine::Unanswered& why) {
    progress_.clear();
    complain(why.message, "what was stored is kept: run the same command again");
    return false;
  }

  const std::shared_ptr<const runtime::CardSet> cards_;
  engine::Engine& engine_;
  const IngestOptions& options_;
  const std::string tenant_;
  std::optional<Lines> lines_;
  std::optional<metering::CsvEvents> table_;  // of the file, where it is one
  std::optional<Checkpoint> checkpoint_;
  std::chrono::steady_clock::time_point checked_{};
  std::optional<engine::Admission> admission_;
  std::vector<Handed> handed_;  // the lines that candidates_ come from
  std::set<std::string> warned_;
  engine::Candidates candidates_;
  std::deque<Batch> waiting_;
  Tally tally_;
  ProgressBar progress_;
};

}  // namespace

int ingest(const IngestOptions& options) {
  const std::string tenant = tenant_of(options);
  auto folder = open_tenants_folder(options.folder, tenant == server::kDefaultTenant ? "" : tenant);
  if (!folder) {
    complain(folder.error().message);
    return kFailed;
  }
  const auto engine = open_engine(options.data);
  if (!engine) {
    complain(engine.error().message);
    return kFailed;
  }
  Ingest ingest(std::make_shared<const runtime::CardSet>(std::move(folder->cards)), **engine,
                options);
  for (const std::string& file : options.files)
    if (!ingest.take(file)) return kFailed;
  const Tally& tally = ingest.tally();
  if (tally.warned_again > 0)
    complain(
        fmt::format("warning: the same is so of {}", counted(tally.warned_again, "more event")));
  print(fmt::format(
      "{}: {} accepted, {} duplicate, {} conflict, {} rejected, {} read by no meter\n",
      counted(tally.events(), "event"), tally.of(Verdict::Accepted), tally.of(Verdict::Duplicate),
      tally.of(Verdict::Conflict), tally.of(Verdict::Rejected), tally.unmetered));
  return tally.clean() ? kOk : kUnfit;
}

}  // namespace toll::cli
