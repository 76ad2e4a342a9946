// Checked arithmetic on constants while a card is lowered.
#pragma once

#include "base/int128.h"
#include "base/ratio.h"

namespace toll::compiler {

/// Sticky: once something did not fit, `fits` is false and results mean nothing.
class Fold {
 public:
  bool fits = true;

  Int128 add(Int128 a, Int128 b) { return keep(checked_add(a, b)); }
  Int128 mul(Int128 a, Int128 b) { return keep(checked_mul(a, b)); }
  Int128 lcm(Int128 a, Int128 b) { return keep(checked_lcm(a, b)); }

  /// `value` as a whole number of 1/denominator.
  /// REQUIRES: its own denominator divides `denominator`.
  Int128 whole(const Ratio& value, Int128 denominator) {
    return mul(value.numerator(), denominator / value.denominator());
  }

 private:
  Int128 keep(std::optional<Int128> value) {
    fits = fits && value.has_value();
    return value.value_or(1);
  }
};

}  // namespace toll::compiler
