// Guarantees, tested: at every price point of the card, just above it and some units to either
// side, and far beyond the last, by the interpreter. A test, not a proof.
#pragma once

#include <optional>
#include <vector>

#include "base/decimal.h"
#include "compiler/rating_ir.h"
#include "dsl/diagnostic.h"
#include "dsl/rate_card.h"

namespace toll::compiler {

/// How much of a meter is used, at one value index per dimension of it.
struct MeterUsage {
  uint32_t meter = 0;  ///< into RateCard::meters
  std::vector<uint32_t> values;
  Decimal quantity;
};

/// What became of one guarantee.
struct GuaranteeVerdict {
  uint32_t guarantee = 0;                     ///< into RateCard::guarantees
  uint32_t usages = 0;                        ///< how many usages were rated
  uint32_t left_out = 0;                      ///< how many the card refused, or did not fit
  bool sampled = false;                       ///< not every combination of dimension values
  std::vector<MeterUsage> up_to;              ///< per meter tested, the most; values left empty
  std::optional<dsl::Diagnostic> refutation;  ///< shows the bills; none: tested
  /// Usages of the bills that refute it; none where it takes what was used in earlier periods.
  std::vector<std::vector<MeterUsage>> counterexample;
};

/// Tests all guarantees of the card that speak of it alone, a refuted one until its first
/// counterexample. Takes time in proportion to price points x combinations of dimension values; a
/// card with very many is tested on a spread of the combinations. Pure.
std::vector<GuaranteeVerdict> test_guarantees(const dsl::RateCard& card,
                                              const RatingProgram& program);

/// Tests `never dearer than`, at the price points of both cards. Usage that the other card cannot
/// price is left out. REQUIRES: that guarantee of `card` is of this kind.
GuaranteeVerdict test_never_dearer(const dsl::RateCard& card, const RatingProgram& program,
                                   uint32_t guarantee, const dsl::RateCard& other,
                                   const RatingProgram& other_program);

}  // namespace toll::compiler
