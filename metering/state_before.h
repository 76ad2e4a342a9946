// What a customer's earlier events leave for a period: the state of its usage document.
#pragma once

#include <expected>
#include <span>

#include "metering/event.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::metering {

/// Adds to `document` what was used of allowances for a longer time, billed toward commitments, and
/// left in pools before the first day of its period, if the earlier bills were those of these
/// events: each by the version of its days, from the period of `document.customer_since`, or else
/// of the first event. Days on which the card, or the plan, did not exist yet were not billed. Of
/// pools only the card's own grants are known: what was bought is no event.
///
/// `document` names card and period, and customer, plan and currency as far as they matter. A bill
/// that cannot be made is a refusal, and nothing is added. Pure; any thread.
std::expected<void, runtime::Refusal> add_state_before(const runtime::CardSet& cards,
                                                       std::span<const UsageEvent> events,
                                                       runtime::UsageDocument& document);

}  // namespace toll::metering
