// The reference: runs the rating IR as it is written down, one line at a time.
#pragma once

#include <optional>

#include "base/ratio.h"
#include "compiler/rating.h"

namespace toll::compiler {

/// Hears what the interpreter does, for explanations. Quantities are in the meter's unit, amounts
/// in minor units. Calls come in the order of evaluation; for a line of several parts `on_priced`
/// comes once per part.
class Trace {
 public:
  virtual ~Trace() = default;
  virtual void on_quantity_step(uint32_t line, uint32_t step, const Ratio& before,
                                const Ratio& after) = 0;
  /// `tier` is that of the card's table where something else than the quantity chose it.
  virtual void on_priced(uint32_t line, uint32_t part, const Ratio& quantity, const Ratio& amount,
                         std::optional<uint32_t> tier) = 0;
  virtual void on_money_step(uint32_t line, uint32_t part, uint32_t step, const Ratio& before,
                             const Ratio& after) = 0;
};

/// Fills `output` exactly as the native function of `program` does.
/// REQUIRES: input and output.lines fit the program (see rating.h). Pure; any thread.
void interpret(const RatingProgram& program, const RateInput& input, RateOutput& output,
               Trace* trace = nullptr);

}  // namespace toll::compiler
