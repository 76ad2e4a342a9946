#include "engine/event_cost.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/counting/count_usage.h"
#include "engine/reading/covered_period.h"
#include "engine/reading/offer.h"
#include "engine/reading/usage_of_period.h"
#include "metering/sums.h"
#include "metering/usage_document.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

constexpr const char* kMoreThanAddsUp =
    "a meter of the card does more than count and add up, so that what one event changes is known "
    "for the period as a whole";
constexpr const char* kOneByOne =
    "a charge of the card prices items or days one by one, so that what one event changes is known "
    "for the period as a whole";
constexpr const char* kBilledBySeveral =
    "several versions of the card billed the period that it belongs to, which is closed: what it "
    "changes is in the correction as a whole";

/// Why the usage of the card is not sums. REQUIRES: !adds_up(card).
std::string why_no_sums(const dsl::RateCard& card) {
  const bool only_add_up = std::ranges::all_of(card.meters, [](const dsl::Meter& meter) {
    const dsl::EventBinding& binding = meter.binding;
    return !binding.outcome && (binding.aggregate == dsl::Aggregate::Counts ||
                                binding.aggregate == dsl::Aggregate::Sums);
  });
  return only_add_up ? kOneByOne : kMoreThanAddsUp;
}

std::string reason_of(const runtime::Refusal& refusal) { return refusal.faults.front().message; }

}  // namespace

/// Usage as it grows by the events of the request.
struct EventCosts::Account {
  std::string reason;  ///< why nothing is known; empty: what follows is there
  std::shared_ptr<const runtime::CardSet> cards;  ///< live, or those that billed a closed period
  CoveredPeriod covered;
  bool closed = false;
  runtime::UsageDocument document;
  metering::Sums sums;
  std::optional<runtime::RunningCost> cost;

  /// The document with what `sums` come to.
  std::optional<std::string> count() {
    const dsl::RateCard& card = covered.revision->card();
    const auto usage = metering::read_sums(card, sums);
    if (!usage) return usage.error().reason;
    document.usage = metering::to_document(card, *usage, {}, covered.days, document.final).usage;
    return std::nullopt;
  }

  /// Where the period is closed, what it costs is by the texts that billed it, as its correction
  /// is.
  std::optional<std::string> take_closed(const ClosedPeriods& periods,
                                         const std::string& customer) {
    const auto kept = std::ranges::find_if(periods.all(), [&](const ClosedPeriod& one) {
      return one.period.from == covered.days.from;
    });
    if (kept == periods.all().end()) return std::nullopt;
    closed = true;
    covered.days = kept->period;
    if (kept->hashes.size() > 1) return kBilledBySeveral;
    auto billed_by = periods.cards_of(*kept);
    if (!billed_by) return reason_of(billed_by.error());
    cards = *std::move(billed_by);
    auto revision =
        runtime::choose(*cards, document_of(covered.subscription, customer, kept->period.from));
    if (!revision) return reason_of(revision.error());
    covered.revision = *std::move(revision);
    return std::nullopt;
  }

  void begin(const Engine& engine, const BillRequest& request, runtime::CellRaters* raters) {
    const auto periods =
        ClosedPeriods::read(*cards, engine, request.tenant, request.customer, covered.subscription);
    if (!periods) {
      reason = periods.error().message;
      return;
    }
    if (auto why = take_closed(*periods, request.customer)) {
      reason = *std::move(why);
      return;
    }
    const dsl::RateCard& card = covered.revision->card();
    if (!metering::adds_up(card)) {
      reason = why_no_sums(card);
      return;
    }
    const auto view = engine.store().snapshot();
    auto used = usage_of_period(*cards, *view, request, covered, *periods);
    if (!used) {
      reason = used.error().message;
      return;
    }
    document = *std::move(used);
    auto counted =
        count_sums(*view, card,
                   {.tenant = request.tenant,
                    .customer = request.customer,
                    .covered = covered.days,
                    .as_of = document.final ? std::nullopt : std::optional(request.as_of)});
    if (!counted) {
      reason = counted.error().message;
      return;
    }
    sums = *std::move(counted);
    if (auto why = count()) {
      reason = *std::move(why);
      return;
    }
    auto begun = runtime::RunningCost::begin(*cards, document, raters);
    if (begun)
      cost = *std::move(begun);
    else
      reason = reason_of(begun.error());
  }

  EventCost advance(const metering::UsageEvent& event, Instant now) {
    EventCost result{covered.subscription.id, reason, covered.days, closed};
    if (!result.reason.empty()) return result;
    if (!document.final && event.time >= now) {
      result.reason = "its time is still to come, and so is its cost";
      return result;
    }
    const auto cells = metering::sums_of(covered.revision->card(), event);
    const bool fits = cells && sums.add(*cells);
    if (auto why = fits ? count() : std::optional<std::string>("it does not fit the card any more"))
      reason = *std::move(why);
    if (reason.empty()) {
      auto changed = cost->advance(*cards, document);
      if (changed)
        result.cost = *std::move(changed);
      else
        reason = reason_of(changed.error());
    }
    result.reason = reason;  // nor of what comes behind it
    return result;
  }
};

EventCosts::EventCosts(std::shared_ptr<const runtime::CardSet> cards, const Engine& engine,
                       std::string tenant, Instant now, runtime::CellRaters* raters)
    : cards_(std::move(cards)),
      engine_(engine),
      tenant_(std::move(tenant)),
      now_(now),
      raters_(raters) {}
EventCosts::~EventCosts() = default;

EventCosts::Account* EventCosts::account_on(const std::string& customer,
                                            const Subscription& subscription, Date day) {
  const auto [at, fresh] = on_.try_emplace({customer, subscription.id, day}, nullptr);
  if (!fresh) return at->second;
  const BillRequest request{tenant_, customer, subscription.id, day, now_};
  auto covered = covered_period(*cards_, engine_, request);
  if (!covered) return nullptr;
  std::unique_ptr<Account>& account = from_[{customer, subscription.id, covered->days.from}];
  if (!account) {
    account = std::make_unique<Account>();
    account->covered = *std::move(covered);
    account->cards = cards_;
    account->begin(engine_, request, raters_);
  }
  return at->second = account.get();
}

std::vector<EventCosts::Account*> EventCosts::accounts(const metering::UsageEvent& event) {
  const auto [known, fresh] = subscriptions_.try_emplace(event.subject);
  if (fresh)
    if (auto found = engine_.subscriptions(tenant_, event.subject))
      known->second = *std::move(found);
  std::vector<Account*> all;
  for (const Subscription& subscription : known->second) {
    const auto* const versions = cards_->versions(subscription.card);
    if (!versions) continue;
    const Date day = local_time(event.time, versions->front()->card().time_zone).day;
    if (!subscription.covers(day)) continue;
    if (Account* const account = account_on(event.subject, subscription, day))
      all.push_back(account);
  }
  return all;
}

void EventCosts::expect(const metering::UsageEvent& event) { accounts(event); }

std::vector<EventCost> EventCosts::of(const metering::UsageEvent& event) {
  std::vector<EventCost> costs;
  for (Account* const account : accounts(event)) costs.push_back(account->advance(event, now_));
  return costs;
}

}  // namespace toll::engine
