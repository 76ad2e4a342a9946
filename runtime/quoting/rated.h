// Rating what was bound, with the grants of its pools.
#pragma once

#include <expected>
#include <utility>
#include <vector>

#include "runtime/answer.h"
#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// Fills `output`, whose lines have room for those of bound.input. A period that grants cut is
/// rated once for each segment, up to its end, and then as a whole. With a trace it is the
/// interpreter that rates the whole. A fault of the whole is in `output`; one of a part is the
/// refusal.
std::expected<void, Refusal> rate(BoundUsage& bound, bool final, compiler::RateOutput& output,
                                  compiler::Trace* trace = nullptr);

/// What grants paid of the charges in one credit unit, in 1/unit.
struct Draws {
  std::vector<Int128> paid;  ///< beside bound.grants
  Int128 beyond = 0;         ///< what none of them paid
  Int128 unit = 1;
};

/// One per credit step of the program. REQUIRES: rate() filled `output` without a fault.
std::vector<Draws> draws_of(const BoundUsage& bound, const compiler::RateOutput& output);

/// What is left of each grant after the period, beside bound.grants; credits, or minor units.
/// REQUIRES: rate() filled `output` without a fault.
std::expected<std::vector<Ratio>, Refusal> left_of_grants(const BoundUsage& bound,
                                                          const compiler::RateOutput& output);

}  // namespace toll::runtime
