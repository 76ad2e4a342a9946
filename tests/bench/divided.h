// Division by a constant and rounding, as hand-written rows do them: so that g++ makes vectors of
// both, which it does of no division.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace toll::by_hand {

/// n / kDivisor for n below 2^63: the upper half of a product by the reciprocal, put together of
/// products of 32 bits.
template <uint64_t kDivisor>
inline uint64_t divided(uint64_t n) {
  constexpr int kShift = 63 - std::countl_zero(kDivisor);
  constexpr auto kReciprocal =
      static_cast<uint64_t>((static_cast<unsigned __int128>(1) << (64 + kShift)) / kDivisor + 1);
  constexpr uint64_t kLow = kReciprocal & 0xFFFF'FFFF, kHigh = kReciprocal >> 32;
  const uint64_t low = n & 0xFFFF'FFFF, high = n >> 32;
  const uint64_t middle = high * kLow + (low * kLow >> 32);
  const uint64_t carry = (low * kHigh + (middle & 0xFFFF'FFFF)) >> 32;
  return (high * kHigh + (middle >> 32) + carry) >> kShift;
}

/// The same for n below 2^50. There a product of doubles is exact enough, and takes three to five
/// instructions: (n + 1/2) / kDivisor is 1/(2 kDivisor) away from all whole numbers, and what is
/// rounded (the reciprocal, the sum) adds up to less than 2^-52 of it.
template <uint64_t kDivisor>
inline uint64_t short_divided(uint64_t n) {
  constexpr double kReciprocal = 1.0 / kDivisor;
#if defined(__AVX512DQ__)
  const auto number = static_cast<double>(static_cast<int64_t>(n));
  return static_cast<uint64_t>(
      static_cast<int64_t>(std::fma(number, kReciprocal, kReciprocal / 2)));
#else  // g++ converts one number at a time: whole numbers are what stands behind an exponent
  constexpr double kZero = 0x1.8p52;
  constexpr auto kExponent = std::bit_cast<uint64_t>(kZero);
  const double number = std::bit_cast<double>(n | std::bit_cast<uint64_t>(0x1p52)) - 0x1p52;
  const double quotient = std::fma(number, kReciprocal, kReciprocal / 2 - 0.5);  // to the nearest
  return std::bit_cast<uint64_t>(quotient + kZero) ^ kExponent;
#endif
}
template <uint64_t kDivisor>
inline __int128 short_divided(__int128 n) {
  return n / static_cast<__int128>(kDivisor);
}

/// Half up. Of 64 bits: below 2^50.
template <uint64_t kDivisor, typename N>
inline N rounded(N amount) {
  return short_divided<kDivisor>(static_cast<N>(amount + static_cast<N>(kDivisor / 2)));
}

}  // namespace toll::by_hand
