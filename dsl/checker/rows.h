// The price rows of a charge: which cells each row prices, and the tiers of the rows of one key.
#pragma once

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

/// Fills the tables and cells of draft.charge.
void check_rows(ChargeDraft& draft, CardContext& context);

}  // namespace toll::dsl::checker
