// Which offer of which version bills a subscription on a day.
#pragma once

#include <string>

#include "engine/subscription.h"
#include "runtime/usage.h"

namespace toll::engine {

/// A usage document that asks for it, without usage.
runtime::UsageDocument document_of(const Subscription& subscription, const std::string& customer,
                                   Date on);

/// The same for some days, in the plans of these, and with their part of the subscription's end.
runtime::UsageDocument document_of(const Subscription& subscription, const std::string& customer,
                                   const Period& days);

}  // namespace toll::engine
