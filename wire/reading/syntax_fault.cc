// The library that reads JSON explains faults in its own terms (token names, what its state machine
// expected). So its explanation is not used: from the last thing that was read well, at most three
// tokens are looked at again here, until the first that cannot stand where it does.

#include "wire/reading/syntax_fault.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "wire/text.h"
#include "wire/text/utf8.h"

namespace toll::wire {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
/// The value of `\uXXXX` at `offset`; negative if that is not what stands there.
int32_t escaped_unit(std::string_view text, size_t offset) {
  if (text.substr(offset, 2) != "\\u" || offset + 6 > text.size()) return -1;
  int32_t value = 0;
  for (const char c : text.substr(offset + 2, 4)) {
    const std::string_view digits = "0123456789abcdef";
    const size_t digit = digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    if (digit == digits.npos) return -1;
    value = value * 16 + static_cast<int32_t>(digit);
  }
  return value;
}

class Finder {
 public:
  Finder(std::string_view text, size_t offset) : text_(text), at_(offset) {}

  SyntaxFault find(Next next) {
    skip_blanks();
    switch (next) {
      case Next::Document:
        return ended() ? fault("the text is empty") : value();
      case Next::NameOrEndOfObject:
        return name();
      case Next::Colon:
        if (!take(':')) return expected("a colon after the field's name");
        return value();
      case Next::CommaOrEndOfObject:
        if (!take(',')) return expected("a comma or `}`");
        return peek() == '}' ? fault("there is a comma before `}`") : name();
      case Next::ValueOrEndOfList:
        return value();
      case Next::CommaOrEndOfList:
        if (!take(',')) return expected("a comma or `]`");
        return peek() == ']' ? fault("there is a comma before `]`") : value();
      case Next::EndOfText:
        return fault("something stands after the end of the document");
    }
    return fault("this is no JSON");
  }

 private:
  bool ended() const { return at_ == text_.size(); }
  char peek() const { return ended() ? '\0' : text_[at_]; }
  void skip_blanks() {
    while (!ended() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    skip_blanks();
    return true;
  }

  SyntaxFault fault(std::string message) const { return {at_, std::move(message), {}}; }

  SyntaxFault expected(std::string_view what) const {
    if (ended()) return fault("the text ends in the middle of the document");
    return fault(fmt::format("expected {}, found `{}`", what, token()));
  }

  /// The word or the one character at this place.
  std::string token() const {
    const std::string_view rest = text_.substr(at_);
    const auto end = std::ranges::find_if_not(rest, is_word_character);
    const auto word = rest.substr(0, static_cast<size_t>(end - rest.begin()));
    return shown(word.empty() ? rest.substr(0, decode_utf8(text_, at_).bytes) : word);
  }

  SyntaxFault name() const {
    return peek() == '"' ? text_fault() : expected("a field's name in double quotes");
  }

  SyntaxFault value() const {
    if (peek() == '"') return text_fault();
    if (!is_word_character(peek())) return expected("a value");
    const std::string_view rest = text_.substr(at_);
    const auto end = std::ranges::find_if_not(rest, is_word_character);
    const auto word = rest.substr(0, static_cast<size_t>(end - rest.begin()));
    return {at_,
            fmt::format("`{}` is neither a number, true, false or null, nor in double quotes",
                        shown(word)),
            word};
  }

  /// What is wrong with the text in quotes that begins here.
  SyntaxFault text_fault() const {
    size_t at = at_ + 1;
    while (at < text_.size() && text_[at] != '"') {
      const char c = text_[at];
      if (static_cast<uint8_t>(c) < 0x20)
        return {at, "a line break, tab or other control character stands inside quotes", {}};
      const CodePoint character = decode_utf8(text_, at);
      if (!character.valid) return {at, "this is not UTF-8", {}};
      if (c != '\\') {
        at += character.bytes;
      } else if (const size_t bytes = escape_bytes(at); bytes > 0) {
        at += bytes;
      } else {
        return {at, escape_fault(at), {}};
      }
    }
    return {at_, "the quotes that open here are never closed", {}};
  }

  /// How long the escape at `at` is; 0 if it is none.
  size_t escape_bytes(size_t at) const {
    if (at + 1 >= text_.size()) return 0;
    if (text_[at + 1] != 'u') return std::string_view("\"\\/bfnrt").contains(text_[at + 1]) ? 2 : 0;
    const int32_t unit = escaped_unit(text_, at);
    if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return 0;
    if (unit < 0xD800 || unit > 0xDBFF) return 6;
    const int32_t second = escaped_unit(text_, at + 6);
    return second >= 0xDC00 && second <= 0xDFFF ? 12 : 0;
  }

  std::string escape_fault(size_t at) const {
    if (at + 1 >= text_.size()) return "the text ends inside quotes";
    if (text_[at + 1] != 'u')
      return fmt::format("`\\{}` means nothing inside quotes",
                         shown(text_.substr(at + 1, decode_utf8(text_, at + 1).bytes)));
    if (escaped_unit(text_, at) < 0) return "after `\\u` there must be four hexadecimal digits";
    return fmt::format("`{}` is one half of a character", text_.substr(at, 6));
  }

  const std::string_view text_;
  size_t at_;
};

}  // namespace

bool is_word_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
         c == '.' || c == '_';
}

SyntaxFault find_syntax_fault(std::string_view text, size_t offset, Next next) {
  return Finder(text, offset).find(next);
}

std::string place_in(std::string_view text, size_t offset) {
  size_t line = 1, column = 1;
  for (size_t at = 0; at < offset;) {
    const bool line_break = text[at] == '\n';
    line += line_break;
    column = line_break ? 1 : column + 1;
    at += decode_utf8(text, at).bytes;
  }
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace toll::wire
