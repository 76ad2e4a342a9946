// Commitments: what was promised to be spent.
#pragma once

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Adds the commitment to the card's bill steps. REQUIRES: all fees and charges are checked.
void check_commitment(const syntax::Commit& commit, CardContext& context);

}  // namespace toll::dsl::checker
