// Guarantees: sentences about the bill, with the meters they are about.
#pragma once

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Adds a guarantee to the card. REQUIRES: all charges of the card are known.
void check_guarantee(const syntax::Guarantee& guarantee, CardContext& context);

}  // namespace toll::dsl::checker
