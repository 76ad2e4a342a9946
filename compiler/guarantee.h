// Guarantees, tested: every breakpoint of the card and one unit to either side, by the interpreter.
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
  std::optional<dsl::Diagnostic> refutation;  ///< shows the bills; none: tested
};

/// Tests all guarantees of the card, a refuted one until its first counterexample. Takes time in
/// proportion to price points x combinations of dimension values; a card with very many is tested
/// on a spread of the combinations.
std::vector<GuaranteeVerdict> test_guarantees(const dsl::RateCard& card,
                                              const RatingProgram& program);

}  // namespace toll::compiler
