// The usage document of a subscription's period: what its quote is asked.
#pragma once

#include <expected>
#include "engine/live_bill.h"
#include "engine/reading/closed_periods.h"
#include "engine/reading/covered_period.h"
#include "engine/store.h"
#include "runtime/usage.h"

namespace toll::engine {

/// Counted from the rows of one moment, up to `request.as_of`, for a quote by `cards`. What came
/// before the period is by the texts that billed it where it is closed, and else by `cards`, too.
/// Any thread.
std::expected<runtime::UsageDocument, NoBill> usage_of_period(const runtime::CardSet& cards,
                                                              const View& view,
                                                              const BillRequest& request,
                                                              const CoveredPeriod& covered,
                                                              const ClosedPeriods& closed);

}  // namespace toll::engine
