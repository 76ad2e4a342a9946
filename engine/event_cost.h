// What single events cost: by how much each changed the lines of the live bill.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/instant.h"
#include "engine/engine.h"
#include "metering/event.h"
#include "runtime/card_set.h"
#include "runtime/cost.h"

namespace toll::engine {

/// In the bill of one subscription.
struct EventCost {
  std::string subscription;
  std::string reason;       ///< why nothing is known of it; empty: what follows is
  Period period = {};       ///< whose bill it is
  bool correction = false;  ///< that bill is closed: the cost is by the text that billed it, and is
                            ///< due with the correction on the next one
  runtime::UsageCost cost = {};
};

/// For the events of one request, which are looked at before they are handed in and priced once
/// they are accepted: each costs what it adds to what was there, and to those before it. Events of
/// other requests that come meanwhile are left out. Not thread-safe.
class EventCosts {
 public:
  /// Rates by `raters`, or by the interpreter where that is null. REQUIRES: `engine` and `raters`
  /// outlive this.
  EventCosts(std::shared_ptr<const runtime::CardSet> cards, const Engine& engine,
             std::string tenant, Instant now, runtime::CellRaters* raters = nullptr);
  EventCosts(const EventCosts&) = delete;
  ~EventCosts();

  /// Notes what is there of the customer. For every event, before one of them is handed in.
  void expect(const metering::UsageEvent& event);

  /// One for each subscription that bills the event. For those that were accepted, in their order.
  std::vector<EventCost> of(const metering::UsageEvent& event);

 private:
  struct Account;                                            ///< of one subscription and period
  using Place = std::tuple<std::string, std::string, Date>;  ///< customer, subscription, and a day

  std::vector<Account*> accounts(const metering::UsageEvent& event);
  Account* account_on(const std::string& customer, const Subscription& subscription, Date day);

  const std::shared_ptr<const runtime::CardSet> cards_;
  const Engine& engine_;
  const std::string tenant_;
  const Instant now_;
  runtime::CellRaters* const raters_;
  std::map<std::string, std::vector<Subscription>> subscriptions_;  // by customer
  std::map<Place, Account*> on_;                                    // of a day
  std::map<Place, std::unique_ptr<Account>> from_;                  // of the first day of a period
};

}  // namespace toll::engine
