// Usage at random, drawn to where prices change: for tests, and for the comparison of native code
// with the interpreter before a card goes live.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "compiler/usage_vector.h"

namespace toll::compiler {

/// Draws usages of one card. The same seed draws the same usages.
class UsageSampler {
 public:
  /// `card` must outlive this; `program` is lowered from it.
  UsageSampler(const dsl::RateCard& card, const RatingProgram& program, uint64_t seed);

  /// One quantity of a meter at one value per dimension.
  struct Draw {
    uint32_t meter;
    std::vector<uint32_t> values;
    Decimal quantity;
  };

  /// A few quantities per meter: zero, a tier bound, allowance or block size and one above or
  /// below, powers of two, fractions, and now and then as large as the language allows.
  const std::vector<Draw>& draw();

 private:
  Decimal draw_quantity(uint32_t meter);

  const dsl::RateCard& card_;
  std::vector<std::vector<Decimal>> points_;  ///< per meter: where something changes
  std::vector<Draw> draws_;
  std::mt19937_64 random_;
};

/// Where the prices of a meter change, in its unit: sorted bounds (allowance added), allowances,
/// block sizes, and the quantity 0. Points without a finite decimal are left out.
std::vector<Decimal> price_points(const dsl::RateCard& card, uint32_t meter);

}  // namespace toll::compiler
