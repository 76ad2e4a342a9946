// Decimal: an exact decimal number as people write it, mantissa x 10^-scale.
//
// Prices, percentages and quantities enter and leave Toll as decimals; no binary floating point is
// involved anywhere. Values are immutable in spirit and cheap to copy; all functions are pure.
#pragma once

#include <compare>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/int128.h"

namespace toll {

/// mantissa x 10^-scale. `scale` keeps trailing zeros as written: 0.0230 is {230, 4}.
struct Decimal {
  Int128 mantissa = 0;
  int scale = 0;  ///< decimal places, 0..38

  /// The same number without trailing zeros after the point: 0.0230 -> {23, 3}; zero -> {0, 0}.
  Decimal normalized() const;

  /// Plain digits, never an exponent: "0.0230". Keeps `scale` places.
  std::string to_string() const;

  /// Numeric equality and order: 1.0 == 1.00.
  friend bool operator==(const Decimal& a, const Decimal& b);
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
};

/// Why a text is not a quantity or amount. Each has one sentence in `describe`. Where several
/// apply, the first one in this order is reported.
enum class DecimalFault {
  Empty,
  NotANumber,     ///< NaN, infinity, letters, a lone sign or point
  Exponent,       ///< 1e3: written with an exponent
  Negative,       ///< below zero, or -0
  LeadingZero,    ///< 007
  TooManyPlaces,  ///< more decimals than the place allows
  TooLarge,       ///< more digits before the point than the place allows
};

/// A sentence without subject, lower case, e.g. "is negative".
std::string_view describe(DecimalFault fault);

/// The limits on a decimal that enters by a document. The zero of 0.5 counts as no digit.
/// REQUIRES: both >= 0, together at most 38.
struct DecimalLimits {
  int places_max = 18;        ///< digits after the point
  int whole_digits_max = 18;  ///< digits before the point
};

/// Reads `digits[.digits]` as JSON writes numbers, without sign, exponent or leading zeros.
/// Trailing zeros beyond `places_max` are accepted, since they change nothing, and dropped.
/// Every text has exactly one outcome; nothing is rounded.
std::expected<Decimal, DecimalFault> parse_decimal(std::string_view text,
                                                   DecimalLimits limits = {});

/// Sum with the larger scale; empty when it, or an operand at that scale, does not fit.
std::optional<Decimal> checked_add(const Decimal& a, const Decimal& b);

/// The mantissa of `value` at `scale` places; empty when that would lose digits or not fit.
/// REQUIRES: 0 <= scale <= 38.
std::optional<Int128> mantissa_at(const Decimal& value, int scale);

}  // namespace toll
