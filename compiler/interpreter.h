// The reference: runs the rating IR as it is written down, one line at a time.
#pragma once

#include <expected>
#include <span>

#include "base/ratio.h"
#include "compiler/rating.h"

namespace toll::compiler {

/// What a tier of the card's table gives, in units of the meter and in minor units.
struct PricedTier {
  uint32_t tier = 0;
  bool chosen = false;  ///< by something else than the quantity
  Ratio quantity;       ///< the slice of the quantity that it prices
  Ratio exact;          ///< what the slice costs
  Ratio amount;         ///< the same, rounded where the card rounds each tier
};

/// Hears what the interpreter does, for explanations and coverage. Quantities are in the meter's
/// unit, amounts in minor units. Calls come in the order of evaluation; for a line of several parts
/// `on_priced` comes once per part, after the tiers that it consists of.
class Trace {
 public:
  virtual ~Trace() = default;
  virtual void on_quantity_step(uint32_t /*line*/, uint32_t /*step*/, const Ratio& /*before*/,
                                const Ratio& /*after*/) {}
  /// A tier that is due, from the lowest up; in tables that are not graduated there is one at most.
  virtual void on_tier(uint32_t /*line*/, uint32_t /*part*/, const PricedTier& /*tier*/) {}
  /// `held` is what was held against the bounds; of several meters the first one's.
  virtual void on_priced(uint32_t /*line*/, uint32_t /*part*/, const Ratio& /*quantity*/,
                         const Ratio& /*held*/, const Ratio& /*amount*/) {}
  virtual void on_money_step(uint32_t /*line*/, uint32_t /*part*/, uint32_t /*step*/,
                             const Ratio& /*before*/, const Ratio& /*after*/) {}
  /// Of a line that is rated by item, after the above of that item: what it comes to (by its number
  /// in the usage), rounded where items are. A free one is free by an allowance that items share.
  virtual void on_item(uint32_t /*line*/, uint32_t /*item*/, bool /*free*/,
                       const Ratio& /*amount*/) {}
};

/// Fills `output` exactly as the native function of `program` does.
/// REQUIRES: input and output.lines fit the program (see rating.h). Pure; any thread.
void interpret(const RatingProgram& program, const RateInput& input, RateOutput& output,
               Trace* trace = nullptr);

/// The same of a program without charges whose fees are known: `given` are their lines. Where the
/// bill is rounded as a whole, the denominators of all of them divide
/// RatingProgram::bill_denominator.
void interpret_bill(const RatingProgram& program, std::span<const LineAmount> given,
                    const RateInput& input, RateOutput& output);

/// The row of a charge that is a share, of what it names coming to `base` minor units; `line` is
/// its number, for the trace.
std::expected<LineAmount, FaultKind> interpret_share(const RatingProgram& program, uint32_t charge,
                                                     Int128 base, const RateInput& input,
                                                     uint32_t line, Trace* trace = nullptr);

}  // namespace toll::compiler
