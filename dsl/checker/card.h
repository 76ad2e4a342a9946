// A card: its header and its items, each by the file that knows it.
#pragma once

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Fills context.card, but for what needs other cards: versions, examples and the hash.
void check_card(CardContext& context);

}  // namespace toll::dsl::checker
