// What a customer's earlier events leave for a period: the state of its usage document.
#pragma once

#include <expected>
#include <span>

#include "metering/event.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::metering {

/// What was used of allowances for a longer time, and billed toward commitments, before the first
/// day of `document.period`, if the earlier bills were those of these events: each by the version
/// of its days, from the period of `document.customer_since`, or else of the first event. Days on
/// which the card, or the plan, did not exist yet were not billed.
///
/// `document` names card and period, and customer, plan and currency as far as they matter. A bill
/// that cannot be made is a refusal. Pure; any thread.
std::expected<runtime::NextState, runtime::Refusal> state_before(
    const runtime::CardSet& cards, std::span<const UsageEvent> events,
    const runtime::UsageDocument& document);

}  // namespace toll::metering
