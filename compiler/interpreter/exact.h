// Arithmetic of the interpreter: whole numbers that fit 128 bits, or the fault of what does not.
#pragma once

#include <expected>
#include <optional>

#include "base/rounding.h"
#include "compiler/rating.h"

namespace toll::compiler {

using Exact = std::expected<Int128, FaultKind>;

inline constexpr std::unexpected<FaultKind> kTooLarge{FaultKind::TooLarge};

inline Exact fitting(std::optional<Int128> value) {
  if (!value) return kTooLarge;
  return *value;
}

/// Constants of the program at one scale.
class Scaled {
 public:
  /// REQUIRES: 1 <= split <= kCreditSplitMax, so that the product fits.
  explicit Scaled(uint32_t scale, Int128 split = 1)
      : factor_(power_of_ten(static_cast<int>(scale)) * split) {}

  Exact amount(Int128 constant) const { return fitting(checked_mul(constant, factor_)); }

  /// A constant that is only compared with or taken off a value that fits: beyond 128 bits the
  /// largest value does the same.
  Int128 threshold(Int128 constant) const {
    return checked_mul(constant, factor_).value_or(kInt128Max);
  }

 private:
  Int128 factor_;
};

inline Exact add(Int128 a, const Exact& b) { return b ? fitting(checked_add(a, *b)) : b; }
inline Exact multiply(Int128 a, Int128 b) { return fitting(checked_mul(a, b)); }

/// The exact amount numerator / denominator as a line, rounded unless the bill is as a whole.
inline std::expected<LineAmount, FaultKind> round_line(Int128 numerator, Int128 denominator,
                                                       const RatingProgram& program) {
  if (program.rounding_place == dsl::RoundingPlace::Bill)
    return LineAmount{numerator, denominator, 0};
  const Exact divisor = multiply(denominator, program.rounding_step);
  if (!divisor) return kTooLarge;
  const Exact amount =
      multiply(div_round(numerator, *divisor, program.rounding), program.rounding_step);
  if (!amount || !fits_int64(*amount)) return kTooLarge;
  return LineAmount{numerator, denominator, static_cast<int64_t>(*amount)};
}

inline bool is_part(const RateInput& input) { return input.covered_days != input.period_days; }

/// A prorated amount of money: its part of the period, rounded as a line is.
inline Int128 prorated(int64_t minor, const RateInput& input, const RatingProgram& program) {
  if (!is_part(input)) return minor;
  const Int128 divisor = Int128{input.period_days} * program.rounding_step;
  return div_round(Int128{minor} * input.covered_days, divisor, program.rounding) *
         program.rounding_step;
}

}  // namespace toll::compiler
