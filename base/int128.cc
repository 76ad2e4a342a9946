#include "base/int128.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <numeric>

namespace toll {
namespace {

constexpr auto kPowersOfTen = [] {
  std::array<Int128, kMaxPowerOfTen + 1> powers{};
  powers[0] = 1;
  for (int i = 1; i <= kMaxPowerOfTen; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

}  // namespace

Int128 power_of_ten(int exponent) { return kPowersOfTen[exponent]; }

Int128 gcd(Int128 a, Int128 b) { return std::gcd(a, b); }

std::optional<Int128> checked_lcm(Int128 a, Int128 b) { return checked_mul(a / gcd(a, b), b); }

std::string to_string(Int128 value) {
  if (!fits_int64(value)) return fmt::format("{}", value);
  // Most amounts do, and every line of an answer has three numbers.
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), static_cast<int64_t>(value)).ptr;
  return {digits.begin(), end};
}

// Digits are gathered below zero, where there is room for one more value than above.
std::optional<Int128> parse_int128(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  Int128 value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto shifted = checked_mul(value, 10);
    const auto next = shifted ? checked_sub(*shifted, c - '0') : std::nullopt;
    if (!next) return std::nullopt;
    value = *next;
  }
  return negative ? value : checked_sub(0, value);
}

}  // namespace toll
