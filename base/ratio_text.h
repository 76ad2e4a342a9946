// Fractions as text where a Ratio could not hold them.
#pragma once

#include <string>

#include "base/int128.h"

namespace toll {

/// n / (d x 10^shift) as Ratio::to_string() writes it: the finite decimal of at most 38 places
/// without trailing zeros, or "n/d" in lowest terms. Exact for all arguments, also where the
/// denominator needs more than 128 bits. Pure; any thread.
/// REQUIRES: n > kInt128Min, d > 0, 0 <= shift <= kMaxPowerOfTen.
std::string ratio_text(Int128 n, Int128 d, int shift);

}  // namespace toll
