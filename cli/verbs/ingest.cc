// `toll ingest`: the events of files into a data folder. A run that was cut off is done again from
// the start: what is stored already is a duplicate, and counts once.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <deque>
#include <fstream>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/data/opened_engine.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "engine/admission.h"
#include "metering/read_events.h"

namespace toll::cli {
namespace {

using engine::Judged;
using engine::Verdict;

constexpr size_t kBatch = 1000;
constexpr size_t kBatchesInFlight = 8;  // while one is written the next are read
const std::string kTenant = "default";

/// What became of the events, for the last line of the output.
struct Tally {
  std::array<size_t, 4> verdicts{};
  size_t unmetered = 0;

  size_t of(Verdict verdict) const { return verdicts[static_cast<size_t>(verdict)]; }
  size_t events() const { return verdicts[0] + verdicts[1] + verdicts[2] + verdicts[3]; }
  bool clean() const { return of(Verdict::Conflict) == 0 && of(Verdict::Rejected) == 0; }
};

/// Reads files line by line and stores their events, some batches at a time.
class Ingest {
 public:
  Ingest(std::shared_ptr<const runtime::CardSet> cards, engine::Engine& engine)
      : cards_(std::move(cards)), engine_(engine), shows_progress_(isatty(STDERR_FILENO) == 1) {}

  /// False, and said why, where it could not go on.
  bool take(const std::string& path) {
    file_ = path == "-" ? "standard input" : path;
    std::ifstream opened;
    if (path != "-") {
      opened.open(path, std::ios::binary);
      if (!opened) {
        complain(fmt::format("`{}` cannot be read", path));
        return false;
      }
    }
    std::istream& in = path == "-" ? std::cin : opened;
    std::string line;
    for (size_t number = 1; std::getline(in, line); ++number) {
      if (line.ends_with('\r')) line.pop_back();
      if (line.find_first_not_of(" \t") == line.npos) continue;
      if (!take_line(number, line)) return false;
    }
    if (in.bad()) {
      complain(fmt::format("`{}` cannot be read to its end", file_));
      return false;
    }
    if (!hand_in()) return false;
    while (!waiting_.empty())
      if (!settle()) return false;
    return true;
  }

  const Tally& tally() const { return tally_; }

 private:
  struct Batch {
    std::vector<size_t> lines;
    std::future<engine::Answered<std::vector<Judged>>> judged;
  };

  bool take_line(size_t number, std::string_view line) {
    if (!admission_) admission_.emplace(cards_, engine_, kTenant);
    if (const auto read = admission_->read(line, candidates_); !read) {
      const metering::EventFault& fault = read.error();
      say(number, Verdict::Rejected,
          fmt::format("{}{}{}", fault.pointer, fault.pointer.empty() ? "" : " ", fault.message));
      return true;
    }
    lines_.push_back(number);
    return candidates_.size() < kBatch || hand_in();
  }

  bool hand_in() {
    if (admission_ && admission_->failure()) return fail(*admission_->failure());
    admission_.reset();  // subscriptions may change between batches
    if (candidates_.size() == 0) return true;
    if (waiting_.size() == kBatchesInFlight && !settle()) return false;
    waiting_.push_back({std::exchange(lines_, {}),
                        engine_.submit(std::exchange(candidates_, engine::Candidates(kTenant)))});
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
      say(batch.lines[i], one.verdict, one.reason);
    }
    if (shows_progress_) fmt::print(stderr, "\r{} events", tally_.events());
    return true;
  }

  void say(size_t line, Verdict verdict, std::string_view reason) {
    ++tally_.verdicts[static_cast<size_t>(verdict)];
    if (!reason.empty()) {
      if (shows_progress_) fmt::print(stderr, "\r");
      complain(fmt::format("{}:{}: {}", file_, line, reason));
    }
  }

  bool fail(const engine::Unanswered& why) {
    complain(why.message, "what was stored is kept: run the same command again");
    return false;
  }

  const std::shared_ptr<const runtime::CardSet> cards_;
  engine::Engine& engine_;
  const bool shows_progress_;
  std::string file_;
  std::optional<engine::Admission> admission_;
  std::vector<size_t> lines_;
  engine::Candidates candidates_{kTenant};
  std::deque<Batch> waiting_;
  Tally tally_;
};

}  // namespace

int ingest(const IngestOptions& options) {
  auto folder = open_folder(options.folder);
  if (!folder) {
    complain(folder.error().message);
    return kFailed;
  }
  const auto engine = open_engine(options.data);
  if (!engine) {
    complain(engine.error().message);
    return kFailed;
  }
  Ingest ingest(std::make_shared<const runtime::CardSet>(std::move(folder->cards)), **engine);
  for (const std::string& file : options.files)
    if (!ingest.take(file)) return kFailed;
  const Tally& tally = ingest.tally();
  print(fmt::format(
      "{}: {} accepted, {} duplicate, {} conflict, {} rejected, {} read by no meter\n",
      counted(tally.events(), "event"), tally.of(Verdict::Accepted), tally.of(Verdict::Duplicate),
      tally.of(Verdict::Conflict), tally.of(Verdict::Rejected), tally.unmetered));
  return tally.clean() ? kOk : kUnfit;
}

}  // namespace toll::cli
