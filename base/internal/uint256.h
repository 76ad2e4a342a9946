// UInt256: as much 256-bit arithmetic as exact fractions need. The product of two 128-bit numbers,
// the sum of two such products, and the way back to 128 bits once a common factor is divided out.
#pragma once

#include <compare>
#include <optional>

#include "base/int128.h"

namespace toll::internal {

/// high x 2^128 + low.
struct UInt256 {
  UInt128 high = 0;
  UInt128 low = 0;

  friend auto operator<=>(const UInt256&, const UInt256&) = default;
};

/// The exact product.
UInt256 multiply(UInt128 a, UInt128 b);

/// REQUIRES: a + b < 2^256.
UInt256 add(const UInt256& a, const UInt256& b);

/// REQUIRES: a >= b.
UInt256 subtract(const UInt256& a, const UInt256& b);

struct Division {
  UInt256 quotient;
  UInt128 remainder = 0;
};

/// REQUIRES: 0 < divisor < 2^127.
Division divide(const UInt256& dividend, UInt128 divisor);

/// |v| for every v, kInt128Min included.
inline UInt128 magnitude(Int128 v) {
  return v < 0 ? -static_cast<UInt128>(v) : static_cast<UInt128>(v);
}

/// The order of a x b and c x d. REQUIRES: b > 0 and d > 0.
std::strong_ordering compare_products(Int128 a, UInt128 b, Int128 c, UInt128 d);

}  // namespace toll::internal
