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

}  // namespace toll::engine
