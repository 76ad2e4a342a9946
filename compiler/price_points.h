// Where the prices of a meter change: what guarantees are tested at and usage is sampled around.
#pragma once

#include <optional>
#include <vector>

#include "base/decimal.h"
#include "dsl/rate_card.h"

namespace toll::compiler {

struct PricePoint {
  Decimal quantity;  ///< in the meter's unit
  std::optional<dsl::SourceLine>
      line;  ///< the tier row that ends, or the allowance that is used up, there
};

/// The quantity 0, of every charge whose tiers `meter` chooses the bounds in it, and of every
/// charge on `meter`: tier bounds, block sizes and rounding steps, each with the charge's allowance
/// below it, and the allowance. Rising, each quantity once; what 18 places cannot hold (100 GB on a
/// meter in GiB) is the quantity just below. 10^18 and above is left out. Pure.
std::vector<PricePoint> price_points(const dsl::RateCard& card, uint32_t meter);

}  // namespace toll::compiler
