#include "engine/live_bill.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/counting/count_usage.h"
#include "engine/reading/offer.h"
#include "metering/period_usage.h"
#include "metering/state_before.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;
using runtime::Revision;

std::unexpected<NoBill> no_bill(Kind kind, std::string message) {
  return std::unexpected(NoBill{kind, std::move(message)});
}

NoBill no_bill(const Unanswered& why) { return {Kind::Unanswered, why.message}; }

NoBill no_bill(runtime::Refusal refusal) {
  NoBill result{refusal.kind == runtime::Refusal::Kind::NotFound ? Kind::NotFound : Kind::Unfit,
                refusal.faults.front().message};
  result.faults = std::move(refusal.faults);
  return result;
}

/// What a bill needs beside the events, and the engine does not keep: what a card grants by its own
/// lines follows from its text, and nothing else does.
std::optional<std::string> missing_state(const dsl::RateCard& card) {
  for (const dsl::Pool& pool : card.pools)
    if (pool.grants.empty() || !pool.sales.empty())
      return fmt::format("pool `{}` of card `{}` needs what was {}", pool.name, card.name,
                         pool.sales.empty() ? "granted" : "bought");
  return std::nullopt;
}

/// Finds the subscription, the offer and the days of one request.
class BillReader {
 public:
  BillReader(const runtime::CardSet& cards, const Engine& engine, const BillRequest& request)
      : cards_(cards), engine_(engine), request_(request) {}

  std::expected<runtime::UsageDocument, NoBill> read() {
    if (auto found = find_subscription(); !found) return std::unexpected(std::move(found.error()));
    const dsl::RateCard& card = revision_->card();
    if (const auto missing = missing_state(card))
      return no_bill(Kind::Unfit, *missing + ", which is not kept: ask for a quote and give it");
    const auto view = engine_.store().snapshot();
    runtime::UsageDocument document;
    document.card = subscription_.card;
    document.plan = subscription_.plan;
    document.currency = subscription_.currency;
    document.customer = request_.customer;
    document.customer_since = subscription_.start;
    document.period = covered_;
    document.final = is_over(covered_);
    std::optional<NoBill> failure;
    const metering::CountDays count_days =
        [&](const dsl::RateCard& by,
            const Period& days) -> std::expected<metering::MeteredUsage, std::string> {
      auto usage = count(*view, by, days);
      if (usage) return *std::move(usage);
      failure = std::move(usage.error());
      return std::unexpected(failure->message);
    };
    auto added = metering::add_state_before(cards_, count_days, subscription_.start, document);
    if (added) added = metering::add_usage(cards_, count_days, document);
    if (failure) return std::unexpected(*std::move(failure));
    if (!added) return std::unexpected(no_bill(std::move(added.error())));
    return document;
  }

 private:
  /// A subscription's offer and the part of the billing period that it covers.
  struct Choice {
    Subscription subscription;
    std::shared_ptr<const Revision> revision;
    Period covered;
  };

  std::expected<void, NoBill> find_subscription() {
    auto all = engine_.subscriptions(request_.tenant, request_.customer);
    if (!all) return std::unexpected(no_bill(all.error()));
    if (request_.subscription)
      std::erase_if(*all, [&](const Subscription& s) { return s.id != *request_.subscription; });
    if (all->empty())
      return no_bill(Kind::NotFound, request_.subscription
                                         ? "there is no such subscription of this customer"
                                         : "this customer has no subscription");
    std::vector<Choice> choices;
    std::optional<NoBill> refusal;
    for (const Subscription& subscription : *all) {
      auto choice = choose(subscription);
      if (!choice)
        refusal = std::move(choice.error());
      else if (*choice)
        choices.push_back(**std::move(choice));
    }
    // A bill that left out one of several subscriptions would look like all of them.
    if (refusal) return std::unexpected(*std::move(refusal));
    if (choices.empty())
      return no_bill(Kind::NotFound, "no subscription of this customer covers that period");
    if (choices.size() > 1) return std::unexpected(ambiguous(choices));
    subscription_ = std::move(choices.front().subscription);
    revision_ = std::move(choices.front().revision);
    covered_ = choices.front().covered;
    return {};
  }

  static NoBill ambiguous(const std::vector<Choice>& choices) {
    std::vector<std::string> ids;
    for (const Choice& choice : choices) ids.push_back(choice.subscription.id);
    return {Kind::Ambiguous,
            fmt::format("several subscriptions cover that period: ask for one of `{}`",
                        fmt::join(ids, "`, `"))};
  }

  /// Empty where the subscription does not cover the period.
  std::expected<std::optional<Choice>, NoBill> choose(const Subscription& subscription) const {
    const runtime::CardSet::Versions* const versions = cards_.versions(subscription.card);
    const std::string zone = versions ? versions->front()->card().time_zone : "UTC";
    const Date day = request_.day ? *request_.day : local_time(request_.as_of, zone).day;
    if (!versions && !subscription.covers(day)) return std::nullopt;
    if (!versions)
      return no_bill(Kind::Unfit, fmt::format("card `{}` of subscription `{}` is not live",
                                              subscription.card, subscription.id));
    Period covered = period_containing(versions->front()->card().period, day);
    covered.from = std::max(covered.from, subscription.start);
    if (subscription.end) covered.until = std::min(covered.until, *subscription.end);
    if (covered.from >= covered.until) return std::nullopt;
    auto revision =
        runtime::choose(cards_, document_of(subscription, request_.customer, covered.from));
    if (!revision) return std::unexpected(no_bill(std::move(revision.error())));
    return Choice{subscription, *std::move(revision), covered};
  }

  bool is_over(const Period& days) const {
    return request_.as_of >= start_of(days.until, revision_->card().time_zone);
  }

  std::expected<metering::MeteredUsage, NoBill> count(const View& view, const dsl::RateCard& card,
                                                      const Period& days) const {
    return count_usage(view, card,
                       {.tenant = request_.tenant,
                        .customer = request_.customer,
                        .covered = days,
                        .as_of = is_over(days) ? std::optional<Instant>() : request_.as_of});
  }

  const runtime::CardSet& cards_;
  const Engine& engine_;
  const BillRequest& request_;
  Subscription subscription_;
  std::shared_ptr<const Revision> revision_;
  Period covered_;
};

}  // namespace

std::expected<void, NoBill> check_subscription(const runtime::CardSet& cards,
                                               const std::string& customer,
                                               const Subscription& subscription) {
  auto sold = runtime::choose(cards, document_of(subscription, customer, subscription.start));
  if (!sold) return std::unexpected(no_bill(std::move(sold.error())));
  const dsl::RateCard& card = (*sold)->card();
  if (card.name == subscription.card && !card.deal_on.empty())
    return no_bill(Kind::Unfit,
                   fmt::format("`{0}` is a deal on `{1}`: subscribe to `{1}`, and it answers",
                               card.name, card.deal_on));
  return {};
}

std::expected<runtime::UsageDocument, NoBill> live_usage(const runtime::CardSet& cards,
                                                         const Engine& engine,
                                                         const BillRequest& request) {
  return BillReader(cards, engine, request).read();
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
