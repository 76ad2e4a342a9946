// What one event gives to all meters of a card, or why it gives nothing to any.
#pragma once

#include <cstdint>
#include <expected>
#include <utility>
#include <vector>

#include "dsl/rate_card.h"
#include "metering/counting/contributions.h"
#include "metering/meter_usage.h"

namespace toll::metering {

/// The meters that read the event, rising, and what they take from it. Of an outcome's event only
/// the one that counts has cells. The rejection's `event` is 0.
std::expected<std::vector<std::pair<uint32_t, std::vector<Contribution>>>, Rejection>
contributions_to_meters(const dsl::RateCard& card, const UsageEvent& event);

}  // namespace toll::metering
