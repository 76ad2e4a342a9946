#include "engine/reading/offer.h"

namespace toll::engine {

runtime::UsageDocument document_of(const Subscription& subscription, const std::string& customer,
                                   Date on) {
  runtime::UsageDocument document;
  document.card = subscription.card;
  document.on = on;
  document.plan = subscription.plan_on(on);
  document.currency = subscription.currency;
  document.customer = customer;
  document.customer_since = subscription.since();
  return document;
}

runtime::UsageDocument document_of(const Subscription& subscription, const std::string& customer,
                                   const Period& days) {
  runtime::UsageDocument document = document_of(subscription, customer, days.from);
  document.on.reset();  // versions may meet in these days
  document.period = days;
  for (const auto& change : subscription.plan_changes)
    if (change.first > days.from && change.first < days.until)
      document.plan_changes.push_back(change);
  document.customer_until = subscription.end;
  return document;
}

}  // namespace toll::engine
