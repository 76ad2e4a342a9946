// What the closed periods of a subscription come to by what is known now.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "engine/billing/answered.h"
#include "engine/reading/closed_periods.h"
#include "engine/reading/covered_period.h"
#include "engine/settled.h"
#include "engine/store.h"

namespace toll::engine {

/// By the rows of the moment at which it was read. One thread.
class ClosedNow {
 public:
  /// REQUIRES: all arguments outlive it.
  static std::expected<ClosedNow, NoBill> read(const runtime::CardSet& cards, const Engine& engine,
                                               const BillRequest& request,
                                               const Subscription& subscription);

  const Subscription& subscription() const { return subscription_; }
  /// By time.
  const std::vector<ClosedPeriod>& all() const { return closed_.all(); }
  std::optional<Date> until() const { return closed_.until(); }

  /// The one that begins on a day, or null.
  const ClosedPeriod* from(Date day) const;

  /// Whether days are behind those of the subscription: nothing is billed on them but corrections.
  bool is_behind_end(const Period& days) const;

  /// The part of the period of the request's day that is behind the end and not closed, by the text
  /// that billed last; empty where days of the subscription are open or in that period.
  /// REQUIRES: it has an end.
  std::expected<std::optional<CoveredPeriod>, NoBill> behind_end() const;

  /// The last that is not behind the end. REQUIRES: a period is closed that lies before the end;
  /// the first one does.
  const ClosedPeriod& last_billed() const;

  /// One for each closed period, also where there is no difference. Worked out once.
  std::expected<std::vector<Correction>, NoBill> corrections();

  /// Whether it is kept that there is nothing to correct.
  bool is_settled() const { return settled_.has_value(); }

  /// That nothing is to be corrected up to a day: its last days are billed by `offers`.
  /// REQUIRES: corrections() were found.
  std::expected<Settled, NoBill> settled_until(Date until,
                                               const runtime::CardSet::Revisions& offers) const;

  /// The bill of a closed period with its steps: of the usage that was kept with it, and of one
  /// that was closed before usage was kept, of what is known now. What does not come to what was
  /// billed explains nothing.
  std::expected<Bill, NoBill> explained(const ClosedPeriod& closed) const;

  /// The quote of a period of this subscription, by the same rows.
  std::expected<RatedUsage, NoBill> rate(const runtime::CardSet& cards,
                                         const CoveredPeriod& covered, Steps steps) const;

 private:
  ClosedNow(const BillRequest& request, const Subscription& subscription, ClosedPeriods closed)
      : request_(request), subscription_(subscription), closed_(std::move(closed)) {}

  std::expected<void, NoBill> find_settled();
  std::expected<CoveredPeriod, NoBill> covered_by(const runtime::CardSet& cards,
                                                  const ClosedPeriod& closed) const;
  std::expected<runtime::UsageDocument, NoBill> usage_billed(const runtime::CardSet& cards,
                                                             const ClosedPeriod& closed) const;
  std::expected<Int128, NoBill> total_now(const ClosedPeriod& closed);

  const BillRequest& request_;
  Subscription subscription_;
  ClosedPeriods closed_;
  std::unique_ptr<const View> view_;
  std::optional<Settled> settled_;  // as it is kept
  std::optional<std::vector<Correction>> corrections_;
  Instant known_until_{};  // what happens before it may change closed periods
};

}  // namespace toll::engine
