// The little that Toll needs to know about Unicode: decoding UTF-8, characters that deceive the
// eye, and how many columns of a terminal a character takes.
#pragma once

#include <cstdint>
#include <string_view>

namespace toll::dsl::scan {

/// A code point and the bytes that it took. An invalid sequence is one byte long.
struct CodePoint {
  char32_t value = 0;
  uint32_t length = 1;
  bool valid = true;
};

/// The code point that begins at byte `at`. REQUIRES: at < text.size().
CodePoint decode(std::string_view text, size_t at);

/// U+FEFF at the very start, which some editors write; it is no part of the text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Reorders what follows on the screen, so that a reviewer reads another text than the compiler.
bool is_bidi_control(char32_t c);

/// Takes no room or moves the cursor: C0 and C1 controls but tab and line feed, zero-width blanks,
/// soft hyphens, line and paragraph separators. Joiners are not among them: some scripts need them.
bool is_invisible(char32_t c);

/// A blank other than U+0020: no-break space and its like.
bool is_foreign_blank(char32_t c);

/// Alphabets with letters that look alike. Other scripts do not deceive and are None.
enum class Alphabet { None, Latin, Greek, Cyrillic, Armenian, Cherokee };
Alphabet alphabet(char32_t c);

// Two ways to write one letter look the same and are not: Toll takes the composed form (NFC).

/// Whether the letter and the mark behind it have a code point of their own together.
bool composes(char32_t letter, char32_t mark);
/// Whether the composed form has another code point in its place.
bool is_replaced_in_nfc(char32_t c);

/// Columns on a terminal: 0 for combining marks and joiners, 2 for East Asian wide characters and
/// most emoji, else 1.
int display_width(char32_t c);

}  // namespace toll::dsl::scan
