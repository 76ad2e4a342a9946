// The line scanner: text to logical lines and tokens. It never fails and loses nothing; what it
// does not understand becomes a token as well, so that the parser can say what is wrong with it and
// a formatter or an editor can work on a text that is half written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dsl/source.h"

namespace toll::dsl::scan {

enum class TokenKind : uint8_t {
  Word,         ///< gpt-4.1-mini, half-up, Mon-Fri
  Number,       ///< 1,000  12.50  2.5M
  Percent,      ///< 12.5%
  Date,         ///< 2026-01-31, shape only
  Month,        ///< 2026-01, shape only
  Hours,        ///< 08:00-20:00, shape only
  Label,        ///< "..." with its quotes
  Punctuation,  ///< one of , : / + =
  NearNumber,   ///< begins like a number, and is none of the above
  NearWord,     ///< a word with letters beyond a to z
  OpenLabel,    ///< a label without its closing quote: the rest of the line
  Stray,        ///< one character that means nothing
};

struct Token {
  TokenKind kind = TokenKind::Stray;
  std::string_view text;
  Span span;

  bool is_word(std::string_view word) const { return kind == TokenKind::Word && text == word; }
  bool is_sign(char sign) const { return kind == TokenKind::Punctuation && text.front() == sign; }
};

struct Line {
  uint32_t number = 1;  ///< from 1
  Span span;            ///< without the line break
  uint32_t indent = 0;  ///< blanks before the first token; a tab counts as two
  bool cut = false;     ///< longer than the scanner's limit; tokens are those of its beginning
  std::vector<Token> tokens;
  std::optional<Span> comment;  ///< from its `#` to the end of the line
};

/// Reads one line after the other. The text has to outlive the scanner and its lines; memory is
/// that of one line. Linear in the text.
class LineScanner {
 public:
  /// Of a line longer than `line_bytes_max` only that many bytes are looked at.
  LineScanner(std::string_view text, uint32_t line_bytes_max);

  /// The next line into `line`, whose memory is used again. False after the last line; a line break
  /// at the end of the text begins no further line.
  bool next(Line& line);

 private:
  std::string_view text_;
  uint32_t line_bytes_max_;
  uint32_t at_ = 0;
  uint32_t number_ = 0;
};

}  // namespace toll::dsl::scan
