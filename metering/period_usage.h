// The usage of a period, counted for a document that says all else.
#pragma once

#include <expected>
#include <string>

#include "metering/state_before.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::metering {

/// Adds to `document` what `count` counts for the days of its period, by the offer of those days.
/// Where versions or plans meet inside the period, or grants of credits begin or end, each side is
/// counted by itself and by its own meters: what adds up, item by item or day by day where another
/// side prices that, and peaks, latest levels and averages, which a quote puts together. Numbers of
/// distinct values and percentiles are those of the days of one part, where no other one prices
/// them; else they stand there as a whole, and a quote refuses them where it matters. `document`
/// names card and period, and customer, plans, currency and grants as far as they matter. Any
/// thread, if `count` is so.
std::expected<void, runtime::Refusal> add_usage(const runtime::CardSet& cards,
                                                const CountDays& count,
                                                runtime::UsageDocument& document);

}  // namespace toll::metering
