// Which offer of which version bills a subscription on a day.
#pragma once

#include <optional>
#include <string>

#include "engine/live_bill.h"
#include "engine/subscription.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::engine {

/// A usage document that asks for it, without usage.
runtime::UsageDocument document_of(const Subscription& subscription, const std::string& customer,
                                   Date on);

/// The same for some days, in the plans of these, and with their part of the subscription's end.
runtime::UsageDocument document_of(const Subscription& subscription, const std::string& customer,
                                   const Period& days);

/// Why an offer, that of a subscription on a day, bills nobody: it has no plan, and plans bill what
/// it leaves out.
std::optional<NoBill> why_no_plan_is_too_little(const runtime::CardSet& cards,
                                                const runtime::Revision& offer, Date on);

}  // namespace toll::engine
