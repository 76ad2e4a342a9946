// The bills of one subscription: which one a request is about, and what an open one comes to.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "engine/billing/answered.h"
#include "engine/billing/closed_now.h"
#include "engine/reading/covered_period.h"
#include "engine/settled.h"

namespace toll::engine {

/// One thread.
class Bills {
 public:
  /// REQUIRES: all arguments outlive it.
  Bills(const runtime::CardSet& cards, const Engine& engine, const BillRequest& request)
      : cards_(cards), engine_(engine), request_(request) {}

  /// Finds the subscription and its closed periods. REQUIRED before all else but found_settled().
  std::expected<void, NoBill> find();

  const CoveredPeriod& covered() const { return covered_; }
  const ClosedNow& closed() const { return *closed_; }

  /// The period as it was closed, or null.
  const ClosedPeriod* kept() const { return closed_->from(covered_.days.from); }

  /// The first day that is billed and not closed; days on which nothing is sold are passed over.
  Date first_open() const;

  struct Open {
    Bill bill;
    RatedUsage rated;
  };
  std::expected<Open, NoBill> open(Steps steps);

  /// That nothing is to be corrected once this bill is closed. REQUIRES: it has the corrections.
  std::expected<Settled, NoBill> settled_by(const Open& open) const;

  /// Subscriptions that have ended of which nothing is to be corrected, as find() found out.
  const std::vector<Settled>& found_settled() const { return found_settled_; }

 private:
  bool is_behind_end() const { return closed_->is_behind_end(covered_.days); }
  bool has_begun() const;
  std::expected<void, NoBill> find_behind_end(NoBill not_found);
  std::expected<std::optional<CoveredPeriod>, NoBill> corrected_behind_end(ClosedNow& closed);
  RatedUsage nothing_of_its_own() const;

  const runtime::CardSet& cards_;
  const Engine& engine_;
  const BillRequest& request_;
  CoveredPeriod covered_;
  std::optional<ClosedNow> closed_;
  std::vector<Settled> found_settled_;
};

}  // namespace toll::engine
