// Guarantees, tested: at every price point of the card, just above it and some units to either
// side, and far beyond the last, by the interpreter. A test, not a proof.
#pragma once

#include <optional>
#include <vector>

#include "compiler/rating_ir.h"
#include "dsl/diagnostic.h"
#include "dsl/rate_card.h"

namespace toll::compiler {

/// What became of one guarantee.
struct GuaranteeVerdict {
  uint32_t guarantee = 0;                     ///< into RateCard::guarantees
  uint32_t usages = 0;                        ///< how many usages were rated
  uint32_t left_out = 0;                      ///< how many the card refused, or did not fit
  bool sampled = false;                       ///< not every combination of dimension values
  std::optional<dsl::Diagnostic> refutation;  ///< shows the bills; none: tested
};

/// Tests all guarantees of the card, a refuted one until its first counterexample. Takes time in
/// proportion to price points x combinations of dimension values; a card with very many is tested
/// on a spread of the combinations. Pure.
std::vector<GuaranteeVerdict> test_guarantees(const dsl::RateCard& card,
                                              const RatingProgram& program);

}  // namespace toll::compiler
