// Text eight bytes at a time. A byte that is looked for is marked by the high bit of its place in
// the word; the first byte of the text has the lowest place.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace toll::runtime {

inline constexpr size_t kWordBytes = sizeof(uint64_t);

constexpr uint64_t in_each_byte(uint8_t byte) { return byte * uint64_t{0x0101'0101'0101'0101}; }

inline uint64_t load_word(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, kWordBytes);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// Marks the bytes that are `c`.
constexpr uint64_t marks_of(uint64_t word, char c) {
  const uint64_t other = word ^ in_each_byte(static_cast<uint8_t>(c));
  return ~((other & in_each_byte(0x7F)) + in_each_byte(0x7F)) & ~other & in_each_byte(0x80);
}

/// Marks the first byte that is no decimal digit; which ones behind it, means nothing.
constexpr uint64_t marks_of_no_digit(uint64_t word) {
  return ((word + in_each_byte(0x7F - '9')) | (word - in_each_byte('0'))) & in_each_byte(0x80);
}

/// Bytes before the first mark; all where there is none.
constexpr size_t bytes_before(uint64_t marks) {
  return marks == 0 ? kWordBytes : static_cast<size_t>(std::countr_zero(marks)) / 8;
}

/// The number that the first `count` bytes are. REQUIRES: they are digits; 1 <= count <= 8.
constexpr uint64_t number_of(uint64_t word, size_t count) {
  word = (word - in_each_byte('0')) << (kWordBytes - count) * 8;
  word = word * 10 + (word >> 8);  // pairs, then fours, then all of them
  constexpr uint64_t kPairs = 0x0000'00FF'0000'00FF;
  return ((word & kPairs) * (100 + (uint64_t{1'000'000} << 32)) +
          (word >> 16 & kPairs) * (1 + (uint64_t{10'000} << 32))) >>
         32;
}

/// How many bytes are marked: the uppermost byte of a product is the sum of all.
constexpr size_t count_of(uint64_t marks) { return (marks >> 7) * in_each_byte(1) >> 56; }

inline size_t count_of(std::string_view text, char c) {
  size_t count = 0;
  for (; text.size() >= kWordBytes; text.remove_prefix(kWordBytes))
    count += count_of(marks_of(load_word(text.data()), c));
  for (const char each : text) count += each == c;
  return count;
}

inline bool is_ascii(std::string_view text) {
  uint64_t bits = 0;
  for (; text.size() >= kWordBytes; text.remove_prefix(kWordBytes)) bits |= load_word(text.data());
  for (const char each : text) bits |= static_cast<uint8_t>(each);
  return (bits & in_each_byte(0x80)) == 0;
}

}  // namespace toll::runtime
