#include "engine/closing_all.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/customers.h"
#include "engine/reading/covered_period.h"

namespace toll::engine {
namespace {

class AllClosings {
 public:
  AllClosings(const runtime::CardSet& cards, Engine& engine, const CloseAllRequest& request,
              const std::function<bool(const Closing&)>& visit)
      : cards_(cards), engine_(engine), request_(request), visit_(visit) {}

  Answered<void> run() {
    for (std::optional<std::string> after = std::string(); after;) {
      std::vector<std::string> ids;
      auto behind = customers(engine_,
                              {.tenant = request_.tenant,
                               .after = *std::exchange(after, std::nullopt),
                               .subscribed = true,
                               .with_events = false},
                              [&](const ListedCustomer& listed) {
                                ids.push_back(listed.customer.id);
                                return ids.size() < request_.names_max;
                              });
      if (!behind) return std::unexpected(std::move(behind.error()));
      for (const std::string& id : ids) {
        const auto goes_on = close(id);
        if (!goes_on) return std::unexpected(goes_on.error());
        if (!*goes_on) return {};
      }
      after = ids.size() == request_.names_max ? std::optional(ids.back()) : *std::move(behind);
    }
    return {};
  }

 private:
  /// Whether to go on.
  Answered<bool> close(const std::string& customer) {
    const auto subscriptions = engine_.subscriptions(request_.tenant, customer);
    if (!subscriptions) return std::unexpected(subscriptions.error());
    for (const Subscription& subscription : *subscriptions) {
      const bool billed = is_billed(subscription);
      if (!billed && !has_ended(subscription)) continue;
      const auto settled = billed ? false : is_settled(customer, subscription);
      if (!settled) return std::unexpected(settled.error());
      if (*settled) continue;
      auto bill = close_period(cards_, engine_,
                               {.tenant = request_.tenant,
                                .customer = customer,
                                .subscription = subscription.id,
                                .day = request_.day,
                                .as_of = request_.as_of});
      if (!billed && !bill && bill.error().kind == NoBill::Kind::NotFound) continue;
      const bool was_closed = bill && bill->closed != request_.as_of;
      if (!visit_({customer, subscription.id, std::move(bill), was_closed})) return false;
    }
    return true;
  }

  /// Behind an end there is a bill where something is to be corrected.
  bool has_ended(const Subscription& subscription) const {
    return subscription.end && *subscription.end <= request_.day &&
           cards_.versions(subscription.card);
  }

  /// Whether nothing is to be corrected of one that has ended, and the day has no bill of
  /// corrections.
  Answered<bool> is_settled(const std::string& customer, const Subscription& ended) const {
    const auto all = engine_.settled(request_.tenant, customer);
    if (!all) return std::unexpected(all.error());
    return std::ranges::any_of(*all, [&](const Settled& one) {
      return one.subscription == ended.id && one.until <= request_.day && one.at <= request_.as_of;
    });
  }

  /// Where nobody can be asked how long a period of the card is, it is taken for a month: one that
  /// cannot be billed is to be seen.
  bool is_billed(const Subscription& subscription) const {
    const auto* const versions = cards_.versions(subscription.card);
    const PeriodUnit unit = versions ? versions->front()->card().period : PeriodUnit::Month;
    return billed_days(subscription, unit, request_.day).has_value();
  }

  const runtime::CardSet& cards_;
  Engine& engine_;
  const CloseAllRequest& request_;
  const std::function<bool(const Closing&)>& visit_;
};

}  // namespace

Answered<void> close_all(const runtime::CardSet& cards, Engine& engine,
                         const CloseAllRequest& request,
                         const std::function<bool(const Closing&)>& visit) {
  return AllClosings(cards, engine, request, visit).run();
}

}  // namespace toll::engine
