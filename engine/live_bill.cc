#include "engine/live_bill.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/reading/covered_period.h"
#include "engine/reading/no_bill.h"
#include "engine/reading/offer.h"
#include "engine/reading/usage_of_period.h"
#include "runtime/quote.h"

namespace toll::engine {

namespace {

/// Whether the first bill takes what a subscription says of the time before.
std::expected<void, NoBill> check_state(const runtime::CardSet& cards, const std::string& customer,
                                        const Subscription& subscription, PeriodUnit period) {
  if (subscription.state.empty()) return {};
  Period days = period_containing(period, subscription.start);
  days.from = subscription.start;
  if (subscription.end) days.until = std::min(days.until, *subscription.end);
  runtime::UsageDocument document = document_of(subscription, customer, days);
  document.used_to_date = subscription.state.used_to_date;
  document.billed_to_date = subscription.state.billed_to_date;
  document.grants = subscription.state.grants;
  document.final = false;
  if (auto first = runtime::quote(cards, document); !first)
    return std::unexpected(no_bill(std::move(first.error())));
  return {};
}

}  // namespace

std::expected<void, NoBill> check_subscription(const runtime::CardSet& cards,
                                               const std::string& customer,
                                               const Subscription& subscription) {
  auto sold = runtime::choose(cards, document_of(subscription, customer, subscription.start));
  if (!sold) return std::unexpected(no_bill(std::move(sold.error())));
  const dsl::RateCard& card = (*sold)->card();
  if (card.name == subscription.card && !card.deal_on.empty())
    return no_bill(NoBill::Kind::Unfit,
                   fmt::format("`{0}` is a deal on `{1}`: subscribe to `{1}`, and it answers",
                               card.name, card.deal_on));
  for (const auto& [from, plan] : subscription.plan_changes)
    if (auto changed = runtime::choose(cards, document_of(subscription, customer, from));
        !changed) {
      for (runtime::UsageFault& fault : changed.error().faults)
        if (fault.pointer == "/plan") fault.pointer = "/plan_changes/" + toll::to_string(from);
      return std::unexpected(no_bill(std::move(changed.error())));
    }
  return check_state(cards, customer, subscription, card.period);
}

std::expected<void, NoBill> check_plan(const runtime::CardSet& cards, const Engine& engine,
                                       const std::string& tenant, const std::string& customer,
                                       const Subscription& subscription) {
  const auto closed = engine.closed_periods(tenant, customer, subscription.id);
  if (!closed) return std::unexpected(no_bill(closed.error()));
  Date open = subscription.start;
  if (!closed->empty()) open = std::max(open, closed->back().period.until);
  if (!subscription.covers(open)) return {};
  const auto offer = runtime::choose(cards, document_of(subscription, customer, open));
  if (!offer) return {};  // nothing is sold on that day
  if (auto why = why_no_plan_is_too_little(cards, **offer, open))
    return std::unexpected(*std::move(why));
  return {};
}

std::expected<runtime::UsageDocument, NoBill> live_usage(const runtime::CardSet& cards,
                                                         const Engine& engine,
                                                         const BillRequest& request) {
  const auto covered = covered_period(cards, engine, request);
  if (!covered) return std::unexpected(covered.error());
  const auto closed =
      ClosedPeriods::read(cards, engine, request.tenant, request.customer, covered->subscription);
  if (!closed) return std::unexpected(no_bill(closed.error()));
  const auto view = engine.store().snapshot();
  return usage_of_period(cards, *view, request, *covered, *closed);
}

std::expected<runtime::Answer, NoBill> live_bill(const runtime::CardSet& cards,
                                                 const Engine& engine, const BillRequest& request) {
  const auto document = live_usage(cards, engine, request);
  if (!document) return std::unexpected(document.error());
  auto answer = runtime::quote(cards, *document);
  if (!answer) return std::unexpected(no_bill(std::move(answer.error())));
  return *std::move(answer);
}

}  // namespace toll::engine
