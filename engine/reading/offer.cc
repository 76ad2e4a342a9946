#include "engine/reading/offer.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "runtime/quote.h"

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

std::optional<NoBill> why_no_plan_is_too_little(const runtime::CardSet& cards,
                                                const runtime::Revision& offer, Date on) {
  const std::vector<std::string> plans = runtime::plans_left_out(cards, offer);
  if (plans.empty()) return std::nullopt;
  constexpr size_t kShown = 10;
  std::vector<std::string> shown(plans.begin(), plans.begin() + std::min(kShown, plans.size()));
  std::string message = fmt::format(
      "the subscription names no plan on {}, and what card `{}` bills is in its plans: name one of "
      "`{}`{}",
      toll::to_string(on), offer.card().name, fmt::join(shown, "`, `"),
      plans.size() > kShown ? fmt::format(" and {} more", plans.size() - kShown) : "");
  return NoBill{NoBill::Kind::Unfit, message, {{"/plan", message}}};
}

}  // namespace toll::engine
