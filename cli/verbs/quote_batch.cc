// `toll quote --batch`: a usage document a line in, an answer a line out.
#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/cards/usage_input.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/named_file.h"
#include "cli/verbs/quote_batch.h"
#include "server/quote_lines.h"

namespace toll::cli {
namespace {

using runtime::CardSet;

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
    return line;
  }

 private:
  std::FILE* const file_;
};

/// The answers to one document after another. Native code is made for each revision that is met.
class Batch {
 public:
  Batch(const QuoteOptions& options, CardSet cards) : options_(options), cards_(std::move(cards)) {}

  /// What the next line gives; or why native code cannot be made.
  Result<std::string> answer(const std::string& line) {
    std::string text;
    const auto document = server::read_line({line, ++line_}, options_.card, text);
    if (document && !options_.interpreter) {
      if (auto made = add_native_code(cards_, *document); !made)
        return std::unexpected(made.error());
    }
    const bool answered = document && server::answer_line(cards_, *document, line_, text);
    failed_ = failed_ || !answered;
    return text;
  }

  std::string refuse_long_line() {
    failed_ = true;
    std::string text;
    server::refuse_long_line(++line_, text);
    return text;
  }

  bool failed() const { return failed_; }

 private:
  const QuoteOptions& options_;
  CardSet cards_;
  uint64_t line_ = 0;
  bool failed_ = false;
};

}  // namespace

int quote_batch(const QuoteOptions& options, const CardSet& cards) {
  const NamedFile file = open_input(options.usage);
  if (!file) {
    complain(fmt::format("cannot read `{}`: {}", options.usage, std::strerror(errno)));
    return kFailed;
  }
  Batch batch(options, cards);
  Lines lines(file.get());
  bool too_long = false;
  while (const auto line = lines.next(too_long)) {
    const Result<std::string> answer = too_long ? batch.refuse_long_line() : batch.answer(*line);
    if (!answer) {
      complain(fmt::format("{}: {}", options.card, answer.error().message),
               "`--engine interpreter` gives the same answers without native code");
      return kFailed;
    }
    print(*answer);
  }
  if (std::ferror(file.get())) {
    complain(fmt::format("cannot read `{}`: {}", options.usage, std::strerror(errno)));
    return kFailed;
  }
  return batch.failed() ? kUnfit : kOk;
}

}  // namespace toll::cli
