// Checked card to rating IR.
#pragma once

#include <expected>

#include "compiler/rating_ir.h"
#include "dsl/diagnostic.h"
#include "dsl/rate_card.h"

namespace toll::compiler {

/// Denominators stay at or below 10^24, which leaves whole quantities amounts up to 10^14 minor
/// units.
inline constexpr int kDenominatorDigitsMax = 24;

/// Most parts of a cell: every condition on a dimension outside `by` can double them.
inline constexpr uint32_t kPartsMax = 1024;

/// Folds the card's fractions into whole numbers. Refused where a charge needs a larger denominator
/// or a constant above 128 bits, since it could rate next to nothing (E130), or more parts (E131).
/// REQUIRES: `card` comes from dsl::check. Pure.
std::expected<RatingProgram, dsl::Diagnostic> lower(const dsl::RateCard& card);

}  // namespace toll::compiler
