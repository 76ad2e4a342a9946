#include "dsl/format/wording.h"

#include <algorithm>

#include "base/decimal.h"
#include "dsl/scan/number.h"

namespace toll::dsl::formatting {
namespace {

using scan::Token;
using scan::TokenKind;
using Tokens = std::span<const Token>;

/// 1234.50 -> 1,234.50. Commas and the suffixes M and B exclude each other.
std::string grouped(std::string_view number) {
  const size_t whole = std::min(number.find_first_not_of("0123456789"), number.size());
  std::string text(number);
  const bool suffixed = number.find_first_of("MB,") != number.npos;
  if (suffixed || whole < 4) return text;
  for (size_t at = whole; at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

bool is_one(const Token& number) {
  const auto value = scan::number_value(number.text);
  return value && *value == Decimal{1, 0};
}

/// Whether the word at `i` counts something, and how many: `5 calls`, `per call`, `per started
/// call`. `once per FIELD` counts nothing.
enum class Count { None, One, Many };
Count counted(Tokens tokens, size_t i) {
  if (i == 0 || tokens[i].kind != TokenKind::Word) return Count::None;
  const Token& before = tokens[i - 1];
  if (before.kind == TokenKind::Number) return is_one(before) ? Count::One : Count::Many;
  const bool started = before.is_word("started") && i >= 2 && tokens[i - 2].is_word("per");
  const bool per = before.is_word("per") && !(i >= 2 && tokens[i - 2].is_word("once"));
  return per || started ? Count::One : Count::None;
}

/// Where the name of a time zone begins, which has no blanks inside: `Etc/GMT+1`.
size_t zone_begin(Tokens tokens) {
  if (tokens.size() > 2 && tokens[0].is_word("time") && tokens[1].is_word("zone")) return 2;
  const bool by_time = tokens.size() > 5 && tokens[0].is_word("dimension") &&
                       tokens[3].is_word("time") && tokens[4].is_word("in");
  return by_time ? 5 : tokens.size();
}

bool stands_close(Tokens tokens, size_t i, size_t zone) {
  if (i == 0) return false;
  return i > zone || tokens[i].is_sign(',') || tokens[i].is_sign(':') || tokens[i].is_sign('/') ||
         tokens[i - 1].is_sign('/');
}

}  // namespace

std::vector<Word> worded(Tokens tokens, const UnitForms& units) {
  std::vector<Word> words;
  words.reserve(tokens.size());
  const size_t zone = zone_begin(tokens);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    Word word{std::string(token.text), stands_close(tokens, i, zone)};
    if (token.kind == TokenKind::Number || token.kind == TokenKind::Percent) {
      word.text = grouped(token.text);
    } else if (const Count count = counted(tokens, i); count != Count::None) {
      if (auto forms = units.forms(token.text))
        word.text = count == Count::One ? forms->singular : forms->plural;
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::string joined(std::span<const Word> words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && !words[i].close) text += ' ';
    text += words[i].text;
  }
  return text;
}

}  // namespace toll::dsl::formatting
