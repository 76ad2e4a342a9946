#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli/output/terminal.h"
#include "cli/pages/error_pages.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "dsl/diagnostic.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

std::string list_of_codes() {
  std::string text;
  for (const dsl::DiagnosticKind& kind : dsl::diagnostic_kinds())
    text += fmt::format("{}  {}\n", kind.code, kind.title);
  return text;
}

/// `e204` and `error[E204]` are as good as `E204`.
std::string code_in(std::string text) {
  if (const size_t open = text.find('['); open != text.npos && text.ends_with(']'))
    text = text.substr(open + 1, text.size() - open - 2);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

/// The page as plain text: what stands in fences is indented instead.
std::string plain(const ErrorPage& page) {
  std::string text;
  bool fenced = false;
  for (std::string_view rest = page.text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end + 1);
    rest.remove_prefix(line.size());
    if (line.starts_with("```")) {
      fenced = !fenced;
    } else if (line.starts_with("# ") && text.empty()) {
      text += line.substr(2);
    } else {
      if (fenced && line != "\n") text += "    ";
      text += line;
    }
  }
  return text;
}

}  // namespace

int explain_error(const ExplainErrorOptions& options) {
  if (options.code.empty()) {
    print(list_of_codes());
    return kOk;
  }
  const std::string code = code_in(options.code);
  const auto page = std::ranges::find(error_pages(), code, &ErrorPage::code);
  if (page != error_pages().end()) {
    print(plain(*page));
    return kOk;
  }
  std::vector<std::string> codes;
  for (const ErrorPage& known : error_pages()) codes.emplace_back(known.code);
  const std::string meant = dsl::suggest(code, codes);
  complain(fmt::format("there is no error `{}`", wire::shown(options.code)),
           meant.empty() ? "`toll explain-error` lists all codes"
                         : fmt::format("did you mean `{}`?", meant));
  return kUnfit;
}

}  // namespace toll::cli
