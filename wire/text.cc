#include "wire/text.h"

#include <fmt/format.h>

#include "wire/text/utf8.h"

namespace toll::wire {
namespace {

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7F; }

}  // namespace

std::string id_fault(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > kIdBytesMax) return fmt::format("is longer than {} bytes", kIdBytesMax);
  for (size_t offset = 0; offset < text.size();) {
    if (is_printable_ascii(text[offset])) {  // nearly always
      ++offset;
      continue;
    }
    const CodePoint character = decode_utf8(text, offset);
    if (!character.valid) return "is not UTF-8";
    if (is_hidden(character.value))
      return fmt::format("has a character that cannot be seen (U+{:04X})",
                         static_cast<uint32_t>(character.value));
    offset += character.bytes;
  }
  return {};
}

std::string shown(std::string_view text, size_t bytes_max) {
  std::string result;
  for (size_t offset = 0; offset < text.size();) {
    const CodePoint character = decode_utf8(text, offset);
    if (offset + character.bytes > bytes_max) return result + "…";
    result += character.valid && !is_hidden(character.value) ? text.substr(offset, character.bytes)
                                                             : kReplacement;
    offset += character.bytes;
  }
  return result;
}

}  // namespace toll::wire
