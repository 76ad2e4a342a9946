// Limits and alerts: what may be used, and who is told when.
#pragma once

#include <span>

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Adds the features of a line to the card.
void check_feature(const syntax::Feature& feature, CardContext& context);

/// Adds a limit to the card.
void check_limit(const syntax::Limit& limit, CardContext& context);

/// Holds the limits against each other and against what is included.
/// REQUIRES: all charges and limits of the card are known.
void check_limits_together(CardContext& context);

/// Adds the card's alerts. REQUIRES: all charges and limits of the card are known.
void check_alerts(std::span<const syntax::Alert* const> alerts, CardContext& context);

}  // namespace toll::dsl::checker
