// 128-bit integers and the checked arithmetic that exact rating is made of.
//
// Nothing here wraps: every operation that can leave the range says so. All functions are pure and
// may be called from any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace toll {

using Int128 = __int128;
using UInt128 = unsigned __int128;

inline constexpr Int128 kInt128Max = static_cast<Int128>(~UInt128{0} >> 1);
inline constexpr Int128 kInt128Min = -kInt128Max - 1;

/// Largest power of ten that fits: 10^38.
inline constexpr int kMaxPowerOfTen = 38;

/// 10^exponent. REQUIRES: 0 <= exponent <= kMaxPowerOfTen.
Int128 power_of_ten(int exponent);

inline std::optional<Int128> checked_add(Int128 a, Int128 b) {
  Int128 r;
  if (__builtin_add_overflow(a, b, &r)) return std::nullopt;
  return r;
}
inline std::optional<Int128> checked_sub(Int128 a, Int128 b) {
  Int128 r;
  if (__builtin_sub_overflow(a, b, &r)) return std::nullopt;
  return r;
}
inline std::optional<Int128> checked_mul(Int128 a, Int128 b) {
  Int128 r;
  if (__builtin_mul_overflow(a, b, &r)) return std::nullopt;
  return r;
}

/// Greatest common divisor of the magnitudes; gcd(0, 0) = 0.
/// REQUIRES: neither argument is kInt128Min.
Int128 gcd(Int128 a, Int128 b);

/// Least common multiple of two positive numbers; empty when it does not fit.
std::optional<Int128> checked_lcm(Int128 a, Int128 b);

inline bool fits_int64(Int128 v) {
  return v >= std::numeric_limits<int64_t>::min() && v <= std::numeric_limits<int64_t>::max();
}

/// Decimal digits, with a leading '-' where negative.
std::string to_string(Int128 value);

/// Reads an optional '-' and digits only; empty for anything else and for what does not fit.
std::optional<Int128> parse_int128(std::string_view digits);

}  // namespace toll
