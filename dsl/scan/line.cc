#include "dsl/scan/line.h"

#include <algorithm>

#include "dsl/scan/number.h"
#include "dsl/scan/unicode.h"

namespace toll::dsl::scan {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word_char(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Beyond ASCII: everything that could be meant as a letter, so that a whole word is reported and
/// not each of its letters. Blanks, punctuation, currency signs, symbols and emoji are not.
bool could_be_letter(char32_t c) {
  if (c < 0xC0 || c == 0xD7 || c == 0xF7) return c == 0xAA || c == 0xB5 || c == 0xBA;
  bool symbol = (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x2E00 && c <= 0x303F) || c == 0xFFFD;
  return !symbol && c < 0x1F000 && !is_invisible(c) && !is_foreign_blank(c);
}

/// Cuts the tokens of one line. `line` is the line's text, `offset` its place in the file.
class Cutter {
 public:
  Cutter(std::string_view line, uint32_t offset) : line_(line), offset_(offset) {}

  void cut(Line& out) {
    out.indent = 0;
    for (; at_ < line_.size() && is_blank(line_[at_]); ++at_) {
      out.indent += line_[at_] == ' ' ? 1 : line_[at_] == '\t' ? 2 : 0;
    }
    while (at_ < line_.size()) {
      if (is_blank(line_[at_])) {
        ++at_;
      } else if (line_[at_] == '#') {
        out.comment = Span{place(at_), place(line_.size())};
        return;
      } else {
        out.tokens.push_back(token());
      }
    }
  }

 private:
  uint32_t place(size_t at) const { return offset_ + static_cast<uint32_t>(at); }
  char peek(size_t ahead) const { return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0'; }

  Token take(TokenKind kind, size_t length) {
    Token token{kind, line_.substr(at_, length), {place(at_), place(at_ + length)}};
    at_ += length;
    return token;
  }

  Token token() {
    char c = line_[at_];
    if (c == '"') return label();
    bool number = is_digit(c) || ((c == '.' || c == '-') && is_digit(peek(1)));
    if (number) return near_number();
    if (std::string_view(",:/+=").contains(c)) return take(TokenKind::Punctuation, 1);
    if (size_t length = word_length(); length > 0) {
      auto text = line_.substr(at_, length);
      bool plain = std::ranges::all_of(text, [](unsigned char b) { return b < 0x80; });
      return take(plain ? TokenKind::Word : TokenKind::NearWord, length);
    }
    return take(TokenKind::Stray, decode(line_, at_).length);
  }

  Token label() {
    size_t close = line_.find('"', at_ + 1);
    if (close == line_.npos) return take(TokenKind::OpenLabel, line_.size() - at_);
    return take(TokenKind::Label, close + 1 - at_);
  }

  /// Bytes of the letter, digit or underscore at `i`; 0 if it is none.
  size_t word_char_length(size_t i) const {
    if (i >= line_.size()) return 0;
    if (static_cast<unsigned char>(line_[i]) < 0x80) return is_word_char(line_[i]) ? 1 : 0;
    CodePoint c = decode(line_, i);
    return c.valid && could_be_letter(c.value) ? c.length : 0;
  }

  size_t word_length() const {
    if (line_[at_] == '_') return 0;
    size_t end = at_;
    while (true) {
      size_t part = end;
      while (size_t length = word_char_length(part)) part += length;
      if (part == end) break;
      end = part;
      bool joined = end < line_.size() && (line_[end] == '.' || line_[end] == '-') &&
                    word_char_length(end + 1) > 0;
      if (!joined) break;
      ++end;
    }
    return end - at_;
  }

  /// Takes all that hangs together with a number, so that a wrong one is reported as a whole.
  Token near_number() {
    size_t length = 1;
    while (true) {
      char c = peek(length);
      bool goes_on = is_word_char(c) || c == '.' ||
                     ((c == ',' || c == ':' || c == '-') && is_digit(peek(length + 1)));
      if (!goes_on) break;
      ++length;
    }
    if (peek(length) == '%') ++length;
    return take(number_kind(line_.substr(at_, length)), length);
  }

  std::string_view line_;
  uint32_t offset_;
  size_t at_ = 0;
};

}  // namespace

LineScanner::LineScanner(std::string_view text, uint32_t line_bytes_max)
    : text_(text), line_bytes_max_(line_bytes_max) {
  if (text.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

bool LineScanner::next(Line& line) {
  if (at_ >= text_.size()) return false;
  size_t line_feed = text_.find('\n', at_);
  size_t end = std::min(line_feed, text_.size());
  size_t past = line_feed == text_.npos ? end : end + 1;
  if (line_feed != text_.npos && end > at_ && text_[end - 1] == '\r') --end;

  line.number = ++number_;
  line.span = {at_, static_cast<uint32_t>(end)};
  line.cut = end - at_ > line_bytes_max_;
  line.tokens.clear();
  line.comment.reset();
  auto looked_at = text_.substr(at_, std::min<size_t>(end - at_, line_bytes_max_));
  Cutter(looked_at, at_).cut(line);
  at_ = static_cast<uint32_t>(past);
  return true;
}

}  // namespace toll::dsl::scan
