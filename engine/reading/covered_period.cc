#include "engine/reading/covered_period.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/reading/no_bill.h"
#include "engine/reading/offer.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

NoBill ambiguous(const std::vector<CoveredPeriod>& choices) {
  std::vector<std::string> ids;
  for (const CoveredPeriod& choice : choices) ids.push_back(choice.subscription.id);
  return {NoBill::Kind::Ambiguous,
          fmt::format("several subscriptions cover that period: ask for one of `{}`",
                      fmt::join(ids, "`, `"))};
}

/// Empty where the subscription does not cover the period.
std::expected<std::optional<CoveredPeriod>, NoBill> cover(const runtime::CardSet& cards,
                                                          const BillRequest& request,
                                                          const Subscription& subscription) {
  const runtime::CardSet::Versions* const versions = cards.versions(subscription.card);
  const std::string zone = versions ? versions->front()->card().time_zone : "UTC";
  const Date day = request.day ? *request.day : local_time(request.as_of, zone).day;
  if (!versions && !subscription.covers(day)) return std::nullopt;
  if (!versions)
    return no_bill(NoBill::Kind::Unfit, fmt::format("card `{}` of subscription `{}` is not live",
                                                    subscription.card, subscription.id));
  const auto covered = billed_days(subscription, versions->front()->card().period, day);
  if (!covered) return std::nullopt;
  auto revision =
      runtime::choose(cards, document_of(subscription, request.customer, covered->from));
  if (!revision) return std::unexpected(no_bill(std::move(revision.error())));
  if (auto why = why_no_plan_is_too_little(cards, **revision, covered->from))
    return std::unexpected(*std::move(why));
  return CoveredPeriod{subscription, *std::move(revision), *covered};
}

}  // namespace

std::optional<Period> billed_days(const Subscription& subscription, PeriodUnit unit, Date day) {
  Period days = period_containing(unit, day);
  days.from = std::max(days.from, subscription.start);
  if (subscription.end) days.until = std::min(days.until, *subscription.end);
  return days.from < days.until ? std::optional(days) : std::nullopt;
}

std::expected<CoveredPeriod, NoBill> covered_period(const runtime::CardSet& cards,
                                                    const Engine& engine,
                                                    const BillRequest& request) {
  auto all = engine.subscriptions(request.tenant, request.customer);
  if (!all) return std::unexpected(no_bill(all.error()));
  if (request.subscription)
    std::erase_if(*all, [&](const Subscription& s) { return s.id != *request.subscription; });
  if (all->empty())
    return no_bill(NoBill::Kind::NotFound, request.subscription
                                               ? "there is no such subscription of this customer"
                                               : "this customer has no subscription");
  std::vector<CoveredPeriod> choices;
  std::optional<NoBill> refusal;
  for (const Subscription& subscription : *all) {
    auto choice = cover(cards, request, subscription);
    if (!choice)
      refusal = std::move(choice.error());
    else if (*choice)
      choices.push_back(**std::move(choice));
  }
  // A bill that left out one of several subscriptions would look like all of them.
  if (refusal) return std::unexpected(*std::move(refusal));
  if (choices.empty())
    return no_bill(NoBill::Kind::NotFound, "no subscription of this customer covers that period");
  if (choices.size() > 1) return std::unexpected(ambiguous(choices));
  return std::move(choices.front());
}

}  // namespace toll::engine
