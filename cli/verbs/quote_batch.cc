// `toll quote --batch`: a usage document a line in, an answer a line out.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/cards/usage_input.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/quote_batch.h"
#include "runtime/quote.h"
#include "wire/answer_json.h"
#include "wire/problem_json.h"
#include "wire/usage_json.h"

namespace toll::cli {
namespace {

using runtime::CardSet;
using runtime::Refusal;
using runtime::UsageFault;

/// Lines of a file, each at most kUsageBytesMax long; memory does not grow with their number.
class Lines {
 public:
  explicit Lines(std::FILE* file) : file_(file) {}

  /// The next line without its line break, or nothing behind the last. `too_long` says that only
  /// its beginning is given.
  std::optional<std::string> next(bool& too_long) {
    std::string line;
    too_long = false;
    bool any = false;
    for (int c; (c = std::getc(file_)) != EOF && c != '\n'; any = true)
      if (line.size() < kUsageBytesMax)
        line += static_cast<char>(c);
      else
        too_long = true;
    if (!any && std::feof(file_)) return std::nullopt;
    if (std::ferror(file_)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

 private:
  std::FILE* const file_;
};

/// The answers to one document after another. Native code is made for each revision that is met.
class Batch {
 public:
  Batch(const QuoteOptions& options, CardSet cards) : options_(options), cards_(std::move(cards)) {}

  /// The line that comes next.
  void begin_line() { ++line_; }

  /// An answer, or `{"line": N, "error": problem}`; or why native code cannot be made.
  Result<std::string> answer(const std::string& line) {
    const auto document = wire::read_usage(line, options_.card);
    if (!document)
      return error({400, "Bad Request", "the line is no usage document"}, document.error());
    if (!options_.interpreter) {
      if (auto made = make_native(*document); !made) return std::unexpected(made.error());
    }
    const auto answer = runtime::quote(cards_, *document);
    if (!answer) return refused(answer.error());
    std::string text;
    wire::write_answer(*answer, text);
    return text;
  }

  std::string error(const wire::ProblemHead& head, std::span<const UsageFault> faults) {
    failed_ = true;
    return fmt::format("{{\"line\":{},\"error\":{}}}", line_, wire::problem_json(head, faults));
  }

  bool failed() const { return failed_; }

 private:
  std::string refused(const Refusal& refusal) {
    if (refusal.kind == Refusal::Kind::NotFound)
      return error({404, "Not Found", refusal.faults.front().message}, refusal.faults);
    return error({422, "Unprocessable Content", "the usage document does not fit the card"},
                 refusal.faults);
  }

  Result<void> make_native(const runtime::UsageDocument& document) {
    const auto revision = runtime::choose(cards_, document);
    if (!revision || (*revision)->native()) return {};
    auto cards = with_native_code(cards_, document);
    if (!cards) return std::unexpected(std::move(cards.error()));
    cards_ = *std::move(cards);
    return {};
  }

  const QuoteOptions& options_;
  CardSet cards_;
  size_t line_ = 0;
  bool failed_ = false;
};

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

}  // namespace

int quote_batch(const QuoteOptions& options, const CardSet& cards) {
  const std::unique_ptr<std::FILE, CloseFile> file(
      options.usage == "-" ? stdin : std::fopen(options.usage.c_str(), "rb"));
  if (!file) {
    complain(fmt::format("cannot read `{}`: {}", options.usage, std::strerror(errno)));
    return kFailed;
  }
  Batch batch(options, cards);
  Lines lines(file.get());
  bool too_long = false;
  while (const auto line = lines.next(too_long)) {
    batch.begin_line();
    Result<std::string> answer =
        too_long ? batch.error({413, "Content Too Large", "the line is too long"}, {})
                 : batch.answer(*line);
    if (!answer) {
      complain(fmt::format("{}: {}", options.card, answer.error().message),
               "`--engine interpreter` gives the same answers without native code");
      return kFailed;
    }
    *answer += '\n';
    print(*answer);
  }
  if (std::ferror(file.get())) {
    complain(fmt::format("cannot read `{}`: {}", options.usage, std::strerror(errno)));
    return kFailed;
  }
  return batch.failed() ? kUnfit : kOk;
}

}  // namespace toll::cli
