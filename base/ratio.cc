// Fractions are kept reduced, and every operation divides out what the operands have in common
// before it multiplies (Knuth, The Art of Computer Programming 2, 4.5.1). A product of reduced
// parts that does not fit is then a result that does not fit, not an accident on the way.
#include "base/ratio.h"

#include <algorithm>
#include <utility>

#include "base/internal/finite_places.h"
#include "base/internal/uint256.h"
#include "base/ratio_text.h"

namespace toll {
namespace {

using internal::magnitude;
using internal::UInt256;

constexpr UInt128 kMagnitudeMax = static_cast<UInt128>(kInt128Max);

Int128 with_sign(UInt128 magnitude, bool negative) {
  const Int128 value = static_cast<Int128>(magnitude);
  return negative ? -value : value;
}

/// A product whose magnitude fits; kInt128Min counts as not fitting, since no ratio holds it.
std::optional<Int128> product(Int128 a, Int128 b) {
  const auto result = checked_mul(a, b);
  return result == kInt128Min ? std::nullopt : result;
}

/// A sum of two products, as sign and magnitude: up to 255 bits.
struct WideSum {
  bool negative = false;
  UInt256 magnitude;
};

WideSum sum_of_products(Int128 a, Int128 b, Int128 c, Int128 d) {
  const UInt256 left = internal::multiply(magnitude(a), magnitude(b));
  const UInt256 right = internal::multiply(magnitude(c), magnitude(d));
  const bool left_negative = (a < 0) != (b < 0);
  const bool right_negative = (c < 0) != (d < 0);
  if (left_negative == right_negative) return {left_negative, internal::add(left, right)};
  if (left >= right) return {left_negative, internal::subtract(left, right)};
  return {right_negative, internal::subtract(right, left)};
}

}  // namespace

Ratio Ratio::of(Int128 n, Int128 d) {
  if (d == 1) return Ratio(n);
  const Int128 common = toll::gcd(n, d);
  Ratio result;
  result.numerator_ = n / common;
  result.denominator_ = d / common;
  return result;
}

std::optional<Ratio> Ratio::of(const Decimal& value) {
  if (value.scale > kMaxPowerOfTen) return std::nullopt;
  Int128 n = value.mantissa;
  Int128 d = power_of_ten(value.scale);
  if (n == kInt128Min) {  // has no magnitude; halving both makes one, where there is a half of d
    if (value.scale == 0) return std::nullopt;
    n /= 2;
    d /= 2;
  }
  return of(n, d);
}

// With g = gcd(b, d), the sum of a/b and c/d is t / (b/g x d), where t = a x d/g + c x b/g; and
// what t has in common with that denominator divides g.
std::optional<Ratio> checked_add(const Ratio& a, const Ratio& b) {
  if (a.denominator_ == 1 && b.denominator_ == 1) {  // most are whole, and need no division
    const auto whole = checked_add(a.numerator_, b.numerator_);
    return whole && *whole != kInt128Min ? std::optional(Ratio(*whole)) : std::nullopt;
  }
  const Int128 common = gcd(a.denominator_, b.denominator_);
  const Int128 a_cofactor = a.denominator_ / common;
  const Int128 b_cofactor = b.denominator_ / common;
  const WideSum sum = sum_of_products(a.numerator_, b_cofactor, b.numerator_, a_cofactor);

  const UInt128 rest = internal::divide(sum.magnitude, common).remainder;
  const Int128 shared = gcd(static_cast<Int128>(rest), common);
  const UInt256 numerator = internal::divide(sum.magnitude, shared).quotient;
  if (numerator.high != 0 || numerator.low > kMagnitudeMax) return std::nullopt;

  const auto denominator = product(a_cofactor, b.denominator_ / shared);
  if (!denominator) return std::nullopt;
  Ratio result;
  result.numerator_ = with_sign(numerator.low, sum.negative);
  result.denominator_ = *denominator;
  return result;
}

std::optional<Ratio> checked_sub(const Ratio& a, const Ratio& b) {
  Ratio negated = b;
  negated.numerator_ = -b.numerator_;
  return checked_add(a, negated);
}

std::optional<Ratio> checked_mul(const Ratio& a, const Ratio& b) {
  const Int128 a_common = gcd(a.numerator_, b.denominator_);
  const Int128 b_common = gcd(b.numerator_, a.denominator_);
  const auto numerator = product(a.numerator_ / a_common, b.numerator_ / b_common);
  const auto denominator = product(a.denominator_ / b_common, b.denominator_ / a_common);
  if (!numerator || !denominator) return std::nullopt;
  Ratio result;
  result.numerator_ = *numerator;
  result.denominator_ = *denominator;
  return result;
}

std::optional<Ratio> checked_div(const Ratio& a, const Ratio& b) {
  Ratio inverse;
  inverse.numerator_ = b.numerator_ < 0 ? -b.denominator_ : b.denominator_;
  inverse.denominator_ = b.numerator_ < 0 ? -b.numerator_ : b.numerator_;
  return checked_mul(a, inverse);
}

std::strong_ordering operator<=>(const Ratio& a, const Ratio& b) {
  return internal::compare_products(a.numerator_, b.denominator_, b.numerator_, a.denominator_);
}

std::optional<Decimal> Ratio::to_decimal(int places_max) const {
  const auto places =
      internal::finite_places(magnitude(denominator_), std::min(places_max, kMaxPowerOfTen));
  if (!places) return std::nullopt;
  const auto mantissa = toll::checked_mul(numerator_, power_of_ten(*places) / denominator_);
  if (!mantissa) return std::nullopt;
  return Decimal{*mantissa, *places};
}

std::optional<Decimal> Ratio::floor_to(int places) const {
  const UInt256 scaled = internal::multiply(magnitude(numerator_), magnitude(power_of_ten(places)));
  const UInt256 mantissa = internal::divide(scaled, magnitude(denominator_)).quotient;
  if (mantissa.high != 0 || mantissa.low > magnitude(kInt128Max)) return std::nullopt;
  return Decimal{static_cast<Int128>(mantissa.low), places}.normalized();
}

std::string Ratio::to_string() const { return ratio_text(numerator_, denominator_, 0); }

}  // namespace toll
