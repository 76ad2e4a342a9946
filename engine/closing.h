// Closing of billing periods, and what becomes known of closed ones afterwards.
//
//   closed    closed    open: the bill of its events,    goes on
//   ─────────┼─────────┼ and corrections of the closed ──┼────────
//
// A closed period is billed as it was, whatever comes later. An event that comes late, a retraction
// and whatever else changes what it comes to is a correction: the difference between what was
// billed and the bill of what is known now, both ways. The bill of the first open period shows it,
// and closing that one bills it, once. Behind the end of a subscription periods go on for
// corrections alone.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "engine/closed_period.h"
#include "engine/engine.h"
#include "engine/live_bill.h"
#include "runtime/card_set.h"

namespace toll::engine {

/// What a customer is billed for a period: the answer of live_bill(), and what stands beside it.
struct Bill {
  std::string card, version, hash;
  Period period;
  std::string quote;  ///< the answer as JSON
  std::string currency;
  Int128 total = 0;                     ///< of the answer, in minor units
  std::vector<Correction> corrections;  ///< of closed periods: none where there is no difference
  std::optional<Instant> closed;        ///< the answer is what was given then

  Int128 to_pay() const;
  /// The answer, to the byte, as long as nothing stands beside it.
  std::string json() const;
};

/// The bill of the period that is asked for. Any thread.
std::expected<Bill, NoBill> bill_of(const runtime::CardSet& cards, const Engine& engine,
                                    const BillRequest& request);

/// The same, each line with its steps; of a closed period by the usage and the texts that billed
/// it. Refused where it was closed before its usage was kept, or had more of it than is kept, and
/// what is known of it has changed since. Any thread.
std::expected<Bill, NoBill> explained_bill_of(const runtime::CardSet& cards, const Engine& engine,
                                              const BillRequest& request);

/// Closes the period that is asked for, at `request.as_of`, and answers with its bill; that of one
/// which is closed already is as it was. Refuses one that goes on, and one behind an open one.
/// Any thread.
std::expected<Bill, NoBill> close_period(const runtime::CardSet& cards, Engine& engine,
                                         const BillRequest& request);

/// A closed period, and what of it is not billed yet.
struct ClosedAndNow {
  std::string subscription;
  ClosedPeriod period;
  Correction correction;  ///< also where there is no difference
};

/// Those of a customer: of one subscription, or of each, by its id and by time. Any thread.
std::expected<std::vector<ClosedAndNow>, NoBill> closed_and_now(
    const runtime::CardSet& cards, const Engine& engine, const std::string& tenant,
    const std::string& customer, const std::optional<std::string>& subscription, Instant as_of);

/// Writes a correction as JSON.
std::string correction_json(const Correction& correction, std::string_view currency);

}  // namespace toll::engine
