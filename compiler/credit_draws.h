// What each grant of a pool pays. Rating only needs to know how much a pool holds; who keeps books
// about grants, or has a period in which some of them begin or end, works it out here. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ratio.h"
#include "compiler/rating.h"

namespace toll::compiler {

/// An amount that a pool holds, and in which of the period's segments it is there: the starts and
/// ends of grants cut a period into segments, one after another.
struct Grant {
  uint32_t pool = 0;   ///< of the card
  Ratio quantity;      ///< credits, or minor units
  uint32_t first = 0;  ///< segment in which it is there
  uint32_t end = 1;    ///< the first one in which it is no longer there
};

/// How finely a bill counts the credits of its steps: in 1/(E x 10^scale x split).
struct CreditParts {
  uint32_t scale = 0;
  Int128 split = 1;

  /// Makes them so fine that `quantity` is whole in them. Places are taken first, so that decimals
  /// need no split. False, and unchanged, where the split would be above kCreditSplitMax.
  bool refine(const CreditStep& step, const Ratio& quantity);

  /// 10^scale x split, which fits.
  Int128 factor() const { return power_of_ten(static_cast<int>(scale)) * split; }
  /// What a credit of the step is divided into. Fits where the step was rated without a fault.
  Int128 of_credit(const CreditStep& step) const { return step.quantity_denominator * factor(); }
};

/// What each charge of a credit step comes to, in the parts that the input counts in, at its place.
/// REQUIRES: `output` was rated from `input` without a fault.
std::vector<Int128> credits_used(const RatingProgram& program, const CreditStep& step,
                                 const RateInput& input, const RateOutput& output);

/// What each of the grants pays, in 1/parts of a credit. `grants` stand in the order in which those of
/// one pool are spent; `used` has for each segment what the charges of the step have come to when
/// it ends. A segment in which that falls draws nothing, and what was drawn before stays drawn.
/// REQUIRES: the grants of the step's pools are whole in such parts.
std::vector<Int128> paid_by_grants(const CreditStep& step, std::span<const Grant> grants,
                                   std::span<const std::vector<Int128>> used, Int128 parts);

/// What the step's price comes to for credits that nothing paid: exact minor units, not rounded.
/// Empty where it does not fit. REQUIRES: they are not negative.
std::optional<Ratio> price_beyond(const CreditStep& step, const Ratio& credits);

}  // namespace toll::compiler
