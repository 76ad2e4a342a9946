// The header of a card: from when, in which currency, for which period, rounded how.
#pragma once

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Fills the header's fields of context.card, and what the context knows of them.
void check_header(CardContext& context);

}  // namespace toll::dsl::checker
