// UTF-8, one character at a time (RFC 3629: no surrogates, nothing above U+10FFFF, shortest form).
#pragma once

#include <cstddef>
#include <string_view>

namespace toll {

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  ///< U+FFFD

struct CodePoint {
  char32_t value = 0;  ///< U+FFFD where it is not valid
  size_t bytes = 1;    ///< of a malformed sequence as many as could still have begun a valid one
  bool valid = true;
};

/// The character that begins at `offset`. REQUIRES: offset < text.size().
CodePoint decode_utf8(std::string_view text, size_t offset);

/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace toll
