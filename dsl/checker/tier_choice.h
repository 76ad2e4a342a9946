// What is held against the bounds of a charge's tiers: `across rows`, `by METER`, and the meters of
// a joint capacity.
#pragma once

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

/// Settles charge.tier_by and charge.tier_meters from the draft's `tiers` line and its meters.
/// REQUIRES: the lines of the draft are sorted by kind.
void check_tier_choice(ChargeDraft& draft, CardContext& context);

/// The one table of a joint capacity: rows with a bound for each of its meters.
void check_joint_rows(ChargeDraft& draft, CardContext& context);

}  // namespace toll::dsl::checker
