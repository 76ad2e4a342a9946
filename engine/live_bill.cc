#include "engine/live_bill.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/counting/count_usage.h"
#include "engine/reading/offer.h"
#include "metering/usage_document.h"
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

/// What a bill needs beside the events of its period, and the engine does not keep.
std::optional<std::string> missing_state(const dsl::RateCard& card) {
  for (const dsl::BillStep& step : card.bill_steps)
    if (step.commitment)
      return fmt::format("commitment `{}` of card `{}` needs what was billed before this period",
                         step.commitment->name, card.name);
  for (const dsl::Charge& charge : card.charges)
    for (const dsl::QuantityStep& step : charge.quantity_steps)
      if (step.per)
        return fmt::format(
            "the allowance per {} of `{}` in card `{}` needs what was used before this period",
            to_string(*step.per), charge.name, card.name);
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
      return no_bill(Kind::Unfit,
                     *missing + ", which is not kept: ask for a quote and give it");
    const bool over = request_.as_of >= start_of(covered_.until, card.time_zone);
    const auto usage = count_usage(*engine_.store().snapshot(), card,
                                   {.tenant = request_.tenant,
                                    .customer = request_.customer,
                                    .covered = covered_,
                                    .as_of = over ? std::optional<Instant>() : request_.as_of});
    if (!usage) return std::unexpected(usage.error());
    runtime::UsageDocument document =
        metering::to_document(card, *usage, request_.customer, covered_, over);
    document.card = subscription_.card;
    document.plan = subscription_.plan;
    document.currency = subscription_.currency;
    document.customer_since = subscription_.start;
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
    if (choices.empty() && refusal) return std::unexpected(*std::move(refusal));
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
    if (!versions)
      return no_bill(Kind::Unfit, fmt::format("card `{}` of subscription `{}` is not live",
                                              subscription.card, subscription.id));
    const dsl::RateCard& first = versions->front()->card();
    const Date day = request_.day ? *request_.day : local_time(request_.as_of, first.time_zone).day;
    Period covered = period_containing(first.period, day);
    covered.from = std::max(covered.from, subscription.start);
    if (subscription.end) covered.until = std::min(covered.until, *subscription.end);
    if (covered.from >= covered.until) return std::nullopt;
    auto revision =
        runtime::choose(cards_, document_of(subscription, request_.customer, covered.from));
    if (!revision) return std::unexpected(no_bill(std::move(revision.error())));
    return Choice{subscription, *std::move(revision), covered};
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
