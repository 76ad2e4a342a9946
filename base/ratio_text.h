// Fractions as text: those that a Ratio could not hold, and what answers write, read back.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/int128.h"
#include "base/ratio.h"

namespace toll {

/// n / (d x 10^shift) as Ratio::to_string() writes it: the finite decimal of at most 38 places
/// without trailing zeros, or "n/d" in lowest terms. Exact for all arguments, also where the
/// denominator needs more than 128 bits. Pure; any thread.
/// REQUIRES: n > kInt128Min, d > 0, 0 <= shift <= kMaxPowerOfTen.
std::string ratio_text(Int128 n, Int128 d, int shift);

/// Reads what Ratio::to_string() writes of a quantity: a decimal with up to kMaxPowerOfTen places,
/// or "n/d" of digits without leading zeros, in lowest terms or not. Like another quantity it is
/// below 10^18; n and d may be as long as a Ratio holds. Pure; any thread.
std::expected<Ratio, DecimalFault> parse_ratio(std::string_view text);

}  // namespace toll
