// Ratio: an exact fraction of two 128-bit integers, for what the compiler folds before usage is
// known (unit conversions, prices per unit, tier bounds). Always reduced, denominator positive;
// numerator and denominator are at most 2^127 - 1 in magnitude. Values; all functions are pure.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "base/decimal.h"
#include "base/int128.h"

namespace toll {

class Ratio {
 public:
  Ratio() = default;
  /// REQUIRES: whole > kInt128Min.
  explicit Ratio(Int128 whole) : numerator_(whole) {}

  /// n / d reduced. REQUIRES: d > 0 and n > kInt128Min.
  static Ratio of(Int128 n, Int128 d);

  /// Exact; empty only for a scale beyond 38 and for the whole number kInt128Min.
  static std::optional<Ratio> of(const Decimal& value);

  Int128 numerator() const { return numerator_; }
  Int128 denominator() const { return denominator_; }
  bool is_zero() const { return numerator_ == 0; }

  /// Empty when the reduced result does not fit.
  friend std::optional<Ratio> checked_add(const Ratio& a, const Ratio& b);
  friend std::optional<Ratio> checked_sub(const Ratio& a, const Ratio& b);
  friend std::optional<Ratio> checked_mul(const Ratio& a, const Ratio& b);
  /// REQUIRES: b is not zero.
  friend std::optional<Ratio> checked_div(const Ratio& a, const Ratio& b);

  /// Exact comparison for all values, also where the cross products do not fit 128 bits.
  friend std::strong_ordering operator<=>(const Ratio& a, const Ratio& b);
  friend bool operator==(const Ratio& a, const Ratio& b) = default;

  /// The finite decimal, without trailing zeros, if there is one with at most `places_max` places
  /// whose mantissa fits.
  std::optional<Decimal> to_decimal(int places_max = 38) const;

  /// The greatest decimal of `places` places that is not above it, without trailing zeros; empty
  /// when its mantissa does not fit. REQUIRES: not negative, 0 <= places <= 38.
  std::optional<Decimal> floor_to(int places) const;

  /// The finite decimal of at most 38 places, or "n/d" where there is none: how `exact` is written
  /// in every answer.
  std::string to_string() const;

 private:
  Int128 numerator_ = 0;
  Int128 denominator_ = 1;
};

}  // namespace toll
