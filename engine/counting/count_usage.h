// Counting the recorded events of a customer by the meters of a card.
//
//      from                                            until or now
//   ────┼───┬───────┬───────┬───────┬───────┬───────┬────┼────
//       └ r ┘ kept  │ kept  │ read  │ kept  │ kept  └ r  ┘
//
// Where the meters only count and add up, whole days (of UTC) are taken from the sums that are kept
// of them; what lies at the edges, and days of which the card's reading is not kept, are read (r)
// event by event. Other meters are counted from all events that may matter.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "dsl/rate_card.h"
#include "engine/live_bill.h"
#include "engine/store.h"
#include "metering/meter_usage.h"
#include "metering/sums.h"

namespace toll::engine {

struct CustomerPeriod {
  std::string tenant, customer;
  Period covered;                ///< in the card's time zone
  std::optional<Instant> as_of;  ///< empty: the period is over
};

/// Whether what happened outside of a period matters to it: a level is carried into it, an outcome
/// begins before it or is taken back after it.
bool reaches_beyond_period(const dsl::RateCard& card);

/// From the rows of one moment: they are read several times. Refuses where the card cannot read
/// what was accepted.
std::expected<metering::MeteredUsage, NoBill> count_usage(const View& view,
                                                          const dsl::RateCard& card,
                                                          const CustomerPeriod& of);

/// The same before it is read as quantities, so that more can be added. REQUIRES:
/// metering::adds_up(card).
std::expected<metering::Sums, NoBill> count_sums(const View& view, const dsl::RateCard& card,
                                                 const CustomerPeriod& of);

}  // namespace toll::engine
