// `round each bill`: lines keep their exact amounts until the total is known. It is rounded, and
// spread over the lines by largest remainder, so that the lines of an invoice add up to it.
//
// While lines are written, the total is a whole number of 1/C minor units. C is a common
// denominator of all lines: RatingProgram::bill_denominator x 10^s, s being the largest scale of
// the charges and of what pools hold, and x the days of the period where fees are prorated. Lines
// in credits are none of the bill: they are marked by a negative denominator until it is spread.
// Functions of any thread.
#pragma once

#include "compiler/rating.h"

namespace toll::compiler {

/// numerator / denominator as a whole number of 1/common; kInt128Min where that does not fit.
/// REQUIRES: denominator > 0 divides common.
Int128 in_common(Int128 numerator, Int128 denominator, Int128 common);

/// Rounds the total of `count` lines by `mode` to `step` minor units and gives each line an amount:
/// its exact one rounded toward negative infinity, and one step more for as many lines as are
/// needed to make the total, those with the largest remainders, of equal ones the first. Lines in
/// credits keep theirs and lose their mark. A fault of
/// the first line that would not fit 64 bits. REQUIRES: output.total is the sum of the lines in
/// 1/common, and common x step fits.
void spread_total(RateOutput& output, uint32_t count, Int128 common, int64_t step,
                  RoundingMode mode);

}  // namespace toll::compiler
