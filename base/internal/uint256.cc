#include "base/internal/uint256.h"

namespace toll::internal {
namespace {

constexpr UInt128 kLowHalf = ~uint64_t{0};

UInt128 high_half(UInt128 v) { return v >> 64; }
UInt128 low_half(UInt128 v) { return v & kLowHalf; }

std::strong_ordering reversed(std::strong_ordering order) { return 0 <=> order; }

int sign(Int128 v) { return (v > 0) - (v < 0); }

}  // namespace

// Schoolbook multiplication in 64-bit halves. A middle term is at most 3 x (2^64 - 1), so nothing
// leaves 128 bits on the way.
UInt256 multiply(UInt128 a, UInt128 b) {
  const UInt128 low = low_half(a) * low_half(b);
  const UInt128 cross = low_half(a) * high_half(b);
  const UInt128 other_cross = high_half(a) * low_half(b);
  const UInt128 middle = high_half(low) + low_half(cross) + low_half(other_cross);
  return {
      .high = high_half(a) * high_half(b) + high_half(cross) + high_half(other_cross) +
              high_half(middle),
      .low = (middle << 64) | low_half(low),
  };
}

UInt256 add(const UInt256& a, const UInt256& b) {
  const UInt128 low = a.low + b.low;
  const UInt128 carry = low < a.low ? 1 : 0;
  return {.high = a.high + b.high + carry, .low = low};
}

UInt256 subtract(const UInt256& a, const UInt256& b) {
  const UInt128 borrow = a.low < b.low ? 1 : 0;
  return {.high = a.high - b.high - borrow, .low = a.low - b.low};
}

// Where 128 bits are not enough, which no sensible price list reaches, the lower half is divided
// bit by bit.
Division divide(const UInt256& dividend, UInt128 divisor) {
  if (dividend.high == 0) return {{0, dividend.low / divisor}, dividend.low % divisor};
  Division result;
  result.quotient.high = dividend.high / divisor;
  result.remainder = dividend.high % divisor;
  for (int bit = 127; bit >= 0; --bit) {
    result.remainder = (result.remainder << 1) | ((dividend.low >> bit) & 1);
    if (result.remainder >= divisor) {
      result.remainder -= divisor;
      result.quotient.low |= UInt128{1} << bit;
    }
  }
  return result;
}

std::strong_ordering compare_products(Int128 a, UInt128 b, Int128 c, UInt128 d) {
  if (sign(a) != sign(c)) return sign(a) <=> sign(c);
  const auto order = multiply(magnitude(a), b) <=> multiply(magnitude(c), d);
  return a < 0 ? reversed(order) : order;
}

}  // namespace toll::internal
