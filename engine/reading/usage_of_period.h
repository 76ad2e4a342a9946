// The usage document of a subscription's period: what its quote is asked.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "engine/live_bill.h"
#include "engine/reading/covered_period.h"
#include "engine/store.h"
#include "runtime/usage.h"

namespace toll::engine {

/// Of the revision that a bill was made by, which need not be live any more.
struct PinnedRevision {
  std::string card;  ///< that answered
  std::string hash;
};

/// Counted from the rows of one moment, up to `request.as_of`. `pinned` prices the period; what
/// came before it is by the live cards either way. Any thread.
std::expected<runtime::UsageDocument, NoBill> usage_of_period(
    const runtime::CardSet& cards, const View& view, const BillRequest& request,
    const CoveredPeriod& covered, const std::optional<PinnedRevision>& pinned = {});

}  // namespace toll::engine
