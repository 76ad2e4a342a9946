// Which subscription is billed for a day, by which offer, and for which days.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "base/date.h"
#include "engine/engine.h"
#include "engine/live_bill.h"
#include "runtime/card_set.h"

namespace toll::engine {

/// A subscription's offer and the part of the billing period that it covers.
struct CoveredPeriod {
  Subscription subscription;
  std::shared_ptr<const runtime::Revision> revision;
  Period days;

  bool is_over(Instant at) const { return at >= start_of(days.until, revision->card().time_zone); }
};

/// The days for which a subscription is billed, of the period that holds the day; empty where there
/// are none.
std::optional<Period> billed_days(const Subscription& subscription, PeriodUnit unit, Date day);

/// The one that a request is about. Any thread.
std::expected<CoveredPeriod, NoBill> covered_period(const runtime::CardSet& cards,
                                                    const Engine& engine,
                                                    const BillRequest& request);

}  // namespace toll::engine
