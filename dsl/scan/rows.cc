#include "dsl/scan/rows.h"

#include <algorithm>

namespace toll::dsl::scan {
namespace {

bool is_any_of(const Token& token, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is_word(word); });
}

bool is_day(std::string_view word) {
  constexpr std::string_view kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return std::ranges::find(kDays, word) != std::end(kDays);
}

}  // namespace

bool is_price_row(std::span<const Token> tokens) {
  if (tokens.empty()) return false;
  if (is_any_of(tokens[0], {"at", "up", "beyond", "free", "any", "other"})) return true;
  if (tokens.size() < 2) return false;
  if (tokens[0].is_word("rounded") && tokens[1].is_word("up")) return false;
  if (tokens[0].is_word("plan") && tokens[1].is_word("free")) return false;
  return tokens[1].is_sign(',') || is_any_of(tokens[1], {"at", "up", "beyond", "free"});
}

bool is_dimension_row(std::span<const Token> tokens) {
  if (tokens.size() < 2) return false;
  if (is_any_of(tokens[0], {"unit", "dimension", "meter", "cost", "card", "invoice"})) return false;
  bool days = tokens[1].kind == TokenKind::Word && are_days(tokens[1].text);
  return days || is_any_of(tokens[1], {"up", "beyond", "otherwise"});
}

bool are_days(std::string_view word) {
  size_t hyphen = word.find('-');
  if (hyphen == word.npos) return is_day(word);
  return is_day(word.substr(0, hyphen)) && is_day(word.substr(hyphen + 1));
}

}  // namespace toll::dsl::scan
