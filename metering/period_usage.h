// The usage of a period, counted for a document that says all else.
#pragma once

#include <expected>
#include <string>

#include "metering/state_before.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::metering {

/// Adds to `document` what `count` counts for the days of its period, by the version of those days.
/// Where versions meet inside the period, or grants of credits begin or end, what adds up is
/// counted on each side by itself; what does not (levels that are not accrued, distinct values)
/// stands there as a whole, and a quote refuses it where it matters. `document` names card and
/// period, and customer, plan, currency and grants as far as they matter. Any thread, if `count` is
/// so.
std::expected<void, runtime::Refusal> add_usage(const runtime::CardSet& cards,
                                                const CountDays& count,
                                                runtime::UsageDocument& document);

}  // namespace toll::metering
