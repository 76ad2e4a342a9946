#include "base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace toll {
namespace {

constexpr char32_t kMalformed = 0xFFFD;

/// What the first byte of a sequence says about it.
struct Lead {
  size_t bytes = 0;                              ///< 0: no sequence begins so
  char32_t bits = 0;                             ///< of the first byte
  uint8_t second_min = 0x80, second_max = 0xBF;  ///< Unicode 15, table 3-7
};

Lead lead_of(uint8_t byte) {
  if (byte < 0x80) return {.bytes = 1, .bits = byte};
  if (byte < 0xC2 || byte > 0xF4) return {};
  if (byte < 0xE0) return {.bytes = 2, .bits = byte & 0x1Fu};
  Lead lead =
      byte < 0xF0 ? Lead{.bytes = 3, .bits = byte & 0x0Fu} : Lead{.bytes = 4, .bits = byte & 0x07u};
  if (byte == 0xE0) lead.second_min = 0xA0;  // shorter form
  if (byte == 0xED) lead.second_max = 0x9F;  // surrogates
  if (byte == 0xF0) lead.second_min = 0x90;  // shorter form
  if (byte == 0xF4) lead.second_max = 0x8F;  // above U+10FFFF
  return lead;
}

}  // namespace

CodePoint decode_utf8(std::string_view text, size_t offset) {
  const Lead lead = lead_of(static_cast<uint8_t>(text[offset]));
  if (lead.bytes == 0) return {kMalformed, 1, false};
  char32_t value = lead.bits;
  for (size_t i = 1; i < lead.bytes; ++i) {
    const bool there = offset + i < text.size();
    const uint8_t byte = there ? static_cast<uint8_t>(text[offset + i]) : 0;
    const uint8_t min = i == 1 ? lead.second_min : 0x80, max = i == 1 ? lead.second_max : 0xBF;
    if (byte < min || byte > max) return {kMalformed, i, false};
    value = value << 6 | (byte & 0x3Fu);
  }
  return {value, lead.bytes, true};
}

bool is_utf8(std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<uint8_t>(c) < 0x80; };
  if (std::ranges::all_of(text, is_ascii)) return true;
  for (size_t at = 0; at < text.size();) {
    const CodePoint character = decode_utf8(text, at);
    if (!character.valid) return false;
    at += character.bytes;
  }
  return true;
}

}  // namespace toll
