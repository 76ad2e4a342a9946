// Bills along an axis: the quantity of one meter at one combination of its dimension values grows
// from price point to price point and far beyond the last, while everything else is unused, or is
// used up to its own last price point or `while` bound. Between two price points a bill is a straight line or a staircase, so a claim about
// all usage breaks at one of them first.
#pragma once

#include <vector>

#include "base/ratio.h"
#include "compiler/rating_ir.h"
#include "compiler/usage_vector.h"

namespace toll::compiler {

struct Axis {
  uint32_t meter = 0;
  std::vector<uint32_t> values;  ///< one per dimension of the meter
};

/// One rated usage on an axis.
struct Bill {
  Decimal quantity;
  Int128 total = 0;    ///< minor units
  Ratio meter_amount;  ///< exact, of the lines of charges on the axis' meter; minor units
};

class Walker {
 public:
  /// All must outlive this.
  Walker(const dsl::RateCard& card, const RatingProgram& program, const dsl::Guarantee& guarantee);

  /// There is one axis per combination of values of each meter that the guarantee speaks of.
  uint64_t axis_count() const;
  /// REQUIRES: index < axis_count().
  Axis axis(uint64_t index) const;

  /// How many usages it takes to walk all axes both ways.
  uint64_t steps() const;

  /// Bills by rising quantity. Usage that the card refuses is left out.
  std::vector<Bill> walk(const Axis& axis, bool others_in_use);

  uint32_t usages() const { return usages_; }

 private:
  bool rate(const Axis& axis, bool others_in_use, Bill& bill);

  const dsl::RateCard& card_;
  const RatingProgram& program_;
  std::vector<std::vector<Decimal>> quantities_;  // per meter, rising
  std::vector<Decimal> highest_;  // per meter: what it is used up to beside another one's axis
  struct MeterAxes {
    uint32_t meter;
    uint64_t count;
  };
  std::vector<MeterAxes> axes_;
  UsageVector usage_;
  uint32_t usages_ = 0;
};

}  // namespace toll::compiler
