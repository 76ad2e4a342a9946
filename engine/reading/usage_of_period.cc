#include "engine/reading/usage_of_period.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "engine/counting/count_usage.h"
#include "engine/reading/kept_grants.h"
#include "engine/reading/no_bill.h"
#include "engine/reading/offer.h"
#include "metering/period_usage.h"
#include "metering/state_before.h"

namespace toll::engine {
namespace {

class UsageOfPeriod {
 public:
  UsageOfPeriod(const runtime::CardSet& cards, const View& view, const BillRequest& request,
                const CoveredPeriod& covered, const ClosedPeriods& closed)
      : cards_(cards), view_(view), request_(request), covered_(covered), closed_(closed) {}

  std::expected<runtime::UsageDocument, NoBill> read() {
    auto bought = bought_grants();
    if (!bought) return std::unexpected(std::move(bought.error()));
    runtime::UsageDocument document =
        document_of(covered_.subscription, request_.customer, covered_.days);
    document.final = covered_.is_over(request_.as_of);
    const metering::CountDays count = [this](const dsl::RateCard& card, const Period& days) {
      return count_days(card, days);
    };
    const Subscription& subscription = covered_.subscription;
    auto added = metering::add_state_before(cards_, count,
                                            {.first_day = subscription.start,
                                             .plan = subscription.plan,
                                             .plan_changes = subscription.plan_changes,
                                             .bought = *std::move(bought),
                                             .opening = opening(),
                                             .billed = closed_.before(covered_.days.from),
                                             .billed_until = closed_.until(),
                                             .left = &closed_.left()},
                                            document);
    if (added) added = metering::add_usage(cards_, count, document);
    if (failure_) return std::unexpected(*std::move(failure_));
    if (!added) return std::unexpected(no_bill(std::move(added.error())));
    return document;
  }

 private:
  runtime::NextState opening() const {
    const OpeningState& state = covered_.subscription.state;
    runtime::NextState left{state.used_to_date, state.billed_to_date, {}};
    for (const runtime::Grant& grant : state.grants)
      left.grants.push_back({.pool = grant.pool,
                             .quantity = grant.quantity.to_string(),
                             .from = grant.from,
                             .expires = grant.expires,
                             .recurring = grant.recurring});
    return left;
  }

  std::expected<std::vector<runtime::Grant>, NoBill> bought_grants() const {
    std::vector<runtime::Grant> bought;
    const auto kept = read_grants(view_, request_.tenant, request_.customer);
    if (!kept) return std::unexpected(NoBill{NoBill::Kind::Unanswered, kept.error().message});
    for (const BoughtGrant& grant : *kept)
      if (grant.subscription == covered_.subscription.id && !grant.withdrawn)
        bought.push_back({.pool = grant.pool,
                          .quantity = grant.quantity,
                          .from = grant.from,
                          .expires = grant.expires});
    return bought;
  }

  std::expected<metering::MeteredUsage, std::string> count_days(const dsl::RateCard& card,
                                                                const Period& days) {
    const bool over = request_.as_of >= start_of(days.until, card.time_zone);
    auto usage = count_usage(view_, card,
                             {.tenant = request_.tenant,
                              .customer = request_.customer,
                              .covered = days,
                              .as_of = over ? std::optional<Instant>() : request_.as_of});
    if (usage) return *std::move(usage);
    failure_ = std::move(usage.error());
    return std::unexpected(failure_->message);
  }

  const runtime::CardSet& cards_;
  const View& view_;
  const BillRequest& request_;
  const CoveredPeriod& covered_;
  const ClosedPeriods& closed_;
  std::optional<NoBill> failure_;
};

}  // namespace

std::expected<runtime::UsageDocument, NoBill> usage_of_period(const runtime::CardSet& cards,
                                                              const View& view,
                                                              const BillRequest& request,
                                                              const CoveredPeriod& covered,
                                                              const ClosedPeriods& closed) {
  return UsageOfPeriod(cards, view, request, covered, closed).read();
}

}  // namespace toll::engine
