#include "dsl/table_file.h"

#include <algorithm>

#include "dsl/parse.h"
#include "dsl/scan/line.h"

namespace toll::dsl {
namespace {

constexpr std::string_view kExtension = ".csv";

}  // namespace

bool is_table_file(std::string_view path) { return path.ends_with(kExtension); }

bool is_table_name(std::string_view name) {
  const bool plain = std::ranges::none_of(name, [](char c) {
    return c == '/' || c == '\\' || c == ':' || static_cast<unsigned char>(c) < ' ';
  });
  return plain && name.ends_with(kExtension) && !name.starts_with('.');
}

std::set<std::string> tables_named(std::string_view text) {
  std::set<std::string> names;
  if (!text.contains(kExtension)) return names;  // as in nearly every card file
  scan::LineScanner scanner(text, ParseLimits{}.line_bytes_max);
  for (scan::Line line; scanner.next(line);) {
    const auto& tokens = line.tokens;
    if (tokens.size() < 3 || !tokens[0].is_word("rows") || !tokens[1].is_word("from") ||
        tokens[2].kind != scan::TokenKind::Label)
      continue;
    const std::string_view name = tokens[2].text.substr(1, tokens[2].text.size() - 2);
    if (is_table_name(name)) names.emplace(name);
  }
  return names;
}

}  // namespace toll::dsl
