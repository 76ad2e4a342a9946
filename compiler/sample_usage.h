// Usage at random, drawn to where prices change: for tests, and for the comparison of native code
// with the interpreter before a card goes live.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "base/decimal.h"
#include "base/ratio.h"
#include "compiler/price_points.h"

namespace toll::compiler {

/// Draws usages of one card. The same seed draws the same usages.
class UsageSampler {
 public:
  /// `card` must outlive this.
  UsageSampler(const dsl::RateCard& card, uint64_t seed);

  /// One quantity of a meter at one value per dimension.
  struct Draw {
    uint32_t meter;
    std::vector<uint32_t> values;
    Decimal quantity;
  };

  /// A few quantities per meter: zero, a tier bound, allowance or block size and one above or
  /// below, powers of two, fractions, and now and then as large as the language allows.
  const std::vector<Draw>& draw();

  /// What a pool of the card holds: nothing, a little or a lot, also as a fraction; in money
  /// whole minor units.
  Ratio draw_available(uint32_t pool);

 private:
  Decimal draw_quantity(uint32_t meter);

  const dsl::RateCard& card_;
  std::vector<std::vector<PricePoint>> points_;  ///< per meter
  std::vector<Draw> draws_;
  std::mt19937_64 random_;
};

}  // namespace toll::compiler
