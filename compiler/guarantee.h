// Guarantees, tested: every breakpoint of the card and one unit to either side, by the interpreter.
#pragma once

#include <string>
#include <vector>

#include "compiler/rating_ir.h"
#include "dsl/diagnostic.h"
#include "dsl/rate_card.h"

namespace toll::compiler {

/// What became of one guarantee.
struct GuaranteeVerdict {
  uint32_t guarantee = 0;                   ///< into RateCard::guarantees
  uint32_t usages = 0;                      ///< how many usages were rated
  std::vector<dsl::Diagnostic> refutation;  ///< empty: tested; else one diagnostic with two bills
};

/// Tests all guarantees of the card. Takes time in proportion to breakpoints x lines; a card with
/// many of both is tested on a spread of them, never on none.
std::vector<GuaranteeVerdict> test_guarantees(const dsl::RateCard& card,
                                              const RatingProgram& program);

}  // namespace toll::compiler
