// Metered usage as the usage document that a quote takes.
#pragma once

#include <string>

#include "metering/meter_usage.h"
#include "runtime/usage.h"

namespace toll::metering {

/// Names what was counted for a customer and a whole billing period. `final` says that the period
/// is over. Items stand by time, where those of several cells share what is free of them. Pure.
runtime::UsageDocument to_document(const dsl::RateCard& card, const MeteredUsage& usage,
                                   std::string customer, const Period& period, bool final);

}  // namespace toll::metering
