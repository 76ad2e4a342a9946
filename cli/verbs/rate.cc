// `toll rate`: a table of usage, CSV or NDJSON, and what each row of it costs.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/money.h"
#include "cli/cards/opened_folder.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/named_file.h"
#include "cli/verbs/verbs.h"
#include "runtime/quote.h"
#include "runtime/rate_table.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

using runtime::TableTotals;
using Clock = std::chrono::steady_clock;

Error failed_to(std::string_view verb, const std::string& name) {
  return {fmt::format("cannot {} `{}`: {}", verb, name, std::strerror(errno))};
}

/// A file that stands under its name only when it is complete. Made when it is first written to.
class NewFile {
 public:
  explicit NewFile(std::string path) : path_(std::move(path)) {}
  NewFile(const NewFile&) = delete;
  ~NewFile() {
    if (file_ && path_ != "-") std::remove(unfinished().c_str());
  }

  Result<void> write(std::string_view text) {
    if (!file_) file_.reset(path_ == "-" ? stdout : std::fopen(unfinished().c_str(), "wb"));
    if (!file_ || std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
      return std::unexpected(failed_to("write", path_));
    return {};
  }

  Result<void> finish() {
    if (!file_) return {};
    if (std::fflush(file_.get()) != 0) return std::unexpected(failed_to("write", path_));
    if (path_ == "-") return {};
    file_.reset();
    if (std::rename(unfinished().c_str(), path_.c_str()) != 0)
      return std::unexpected(failed_to("write", path_));
    return {};
  }

  bool begun() const { return file_ != nullptr; }
  const std::string& path() const { return path_; }

 private:
  std::string unfinished() const { return path_ + ".part"; }

  const std::string path_;
  NamedFile file_;
};

bool is_json(const std::filesystem::path& path) {
  return path.extension() == ".ndjson" || path.extension() == ".jsonl";
}

/// As it is asked for, or as the file's name says.
runtime::TableFormat format_of(const RateOptions& options) {
  return options.ndjson.value_or(is_json(options.input)) ? runtime::TableFormat::Ndjson
                                                         : runtime::TableFormat::Csv;
}

/// `usage.csv` -> `usage.rejects.csv`
std::string rejections_path(const std::string& input) {
  if (input == "-") return "rejects.csv";
  std::filesystem::path path(input);
  if (path.extension() == ".csv" || is_json(path)) path.replace_extension();
  return path.string() + ".rejects.csv";
}

bool is_same_file(const std::string& one, const std::string& other) {
  std::error_code error;
  return one != "-" && other != "-" &&
         (one == other || std::filesystem::equivalent(one, other, error));
}

/// Whether the output would take the place of another file of the command; said where it would.
bool would_be_lost(const RateOptions& options) {
  if (options.output.empty()) return false;
  if (is_same_file(options.output, options.input))
    complain(fmt::format("--output `{}` is the input, which would be gone", options.output),
             "write the table to another file");
  else if (is_same_file(options.output, rejections_path(options.input)))
    complain(fmt::format("--output `{}` is where rejected rows go", options.output),
             "write the table to another file");
  else
    return false;
  return true;
}

/// One line that is written over, a few times a second, where a person looks on.
class Progress {
 public:
  void show(const TableTotals& totals) {
    static const bool watched = isatty(STDERR_FILENO) != 0;
    const auto now = Clock::now();
    if (!watched || now - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = now;
    any_ = true;
    std::fputs(fmt::format("\r{} rows", group_thousands(std::to_string(totals.rows))).c_str(),
               stderr);
  }
  ~Progress() {
    if (any_) std::fputs("\r\033[K", stderr);
  }

 private:
  Clock::time_point shown_;
  bool any_ = false;
};

std::optional<runtime::UsageDocument> asked_by(const RateOptions& options) {
  runtime::UsageDocument asked;
  asked.card = options.card;
  if (!options.on.empty()) {
    asked.on = parse_date(options.on);
    if (!asked.on) {
      complain(fmt::format("--on `{}` is not a date", wire::shown(options.on)),
               "write it like 2026-03-31");
      return std::nullopt;
    }
  }
  if (!options.since.empty()) {
    asked.customer_since = parse_date(options.since);
    if (!asked.customer_since) {
      complain(fmt::format("--customer-since `{}` is not a date", wire::shown(options.since)),
               "write it like 2026-03-31");
      return std::nullopt;
    }
  }
  if (!options.plan.empty()) asked.plan = options.plan;
  if (!options.currency.empty()) asked.currency = options.currency;
  if (!options.customer.empty()) asked.customer = options.customer;
  return asked;
}

std::string summary(const TableTotals& totals, const Currency& currency, double seconds,
                    const std::string& rejections) {
  const auto grouped = [](uint64_t count) { return group_thousands(std::to_string(count)); };
  std::string text =
      fmt::format("{} row{}: {} rated, {} rejected", grouped(totals.rows),
                  totals.rows == 1 ? "" : "s", grouped(totals.rated), grouped(totals.rejected));
  if (totals.rejected > 0) text += fmt::format(" (see {})", rejections);
  return text + fmt::format("\n{} bill{}, total {} {}\n{:.2f} s\n", grouped(totals.bills),
                            totals.bills == 1 ? "" : "s",
                            format_minor_grouped(totals.total, currency), currency.name(), seconds);
}

int complain_of(const runtime::TableFault& fault, const std::string& input) {
  if (fault.line == 0) {
    complain(fault.message, fault.help);
  } else {
    const std::string column = fault.column > 0 ? fmt::format(" column {}:", fault.column) : "";
    complain(fmt::format("{}:{}:{} {}", input == "-" ? "standard input" : input, fault.line, column,
                         fault.message),
             fault.help);
  }
  return kUnfit;
}

/// The cards of the folder, those that the table needs with native code.
std::expected<runtime::CardSet, int> cards_for(const RateOptions& options,
                                               const runtime::UsageDocument& asked) {
  const auto folder = open_folder(options.folder);
  if (!folder) {
    complain(folder.error().message);
    return std::unexpected(kFailed);
  }
  if (!folder->cards.versions(options.card))
    return std::unexpected(complain_of_missing_card(*folder, options.card));
  auto cards = with_native_code(folder->cards, asked);
  if (!cards) {
    complain(fmt::format("{}: {}", options.card, cards.error().message));
    return std::unexpected(kFailed);
  }
  return *std::move(cards);
}

unsigned threads_of(const RateOptions& options) {
  return options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

int rate(const RateOptions& options) {
  const auto asked = asked_by(options);
  if (!asked || would_be_lost(options)) return kWrongCommand;
  const auto cards = cards_for(options, *asked);
  if (!cards) return cards.error();
  const NamedFile input = open_input(options.input);
  if (!input) {
    complain(failed_to("read", options.input).message);
    return kFailed;
  }
  NewFile output(options.output), rejections(rejections_path(options.input));
  std::function<Result<void>(std::string_view)> amounts;
  if (!options.output.empty()) amounts = [&](std::string_view text) { return output.write(text); };
  const auto begun = Clock::now();
  std::expected<TableTotals, runtime::TableFault> totals;
  {
    Progress progress;
    totals = runtime::rate_table(
        *cards,
        {.asked = *asked,
         .keep = options.keep,
         .format = format_of(options),
         .without_state = options.without_state,
         .threads = threads_of(options),
         .progress = [&](const TableTotals& so_far) { progress.show(so_far); }},
        {.read = [&](std::span<char> room) -> Result<size_t> {
           const size_t bytes = std::fread(room.data(), 1, room.size(), input.get());
           if (std::ferror(input.get())) return std::unexpected(failed_to("read", options.input));
           return bytes;
         },
         .amounts = amounts,
         .rejections = [&](std::string_view text) { return rejections.write(text); }});
  }
  if (!totals) return complain_of(totals.error(), options.input);
  for (const std::string& warning : totals->warnings) complain("warning: " + warning);
  const bool rejected = rejections.begun();
  for (NewFile* const file : {&output, &rejections}) {
    if (auto finished = file->finish(); !finished) {
      complain(finished.error().message);
      return kFailed;
    }
  }
  const auto revision = runtime::choose(*cards, *asked);
  const std::string text =
      summary(*totals, (*revision)->card().currency,
              std::chrono::duration<double>(Clock::now() - begun).count(), rejections.path());
  if (options.output == "-")
    std::fputs(text.c_str(), stderr);
  else
    print(text);
  return rejected ? kUnfit : kOk;
}

}  // namespace toll::cli
