#include "metering/state_before.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/ratio_text.h"
#include "metering/meter_usage.h"
#include "metering/period_usage.h"
#include "runtime/quote.h"

namespace toll::metering {
namespace {

using runtime::NextState;
using runtime::Refusal;
using runtime::Revision;
using runtime::UsageDocument;

using Offers = runtime::CardSet::Revisions;

/// Of what earlier bills left, the last one from `billed_from` on, what the offers of the
/// document's period take; what waits for other ones stays in `state`.
std::expected<void, Refusal> give(const runtime::CardSet& cards, const Offers& offers,
                                  Date billed_from, NextState& state, UsageDocument& document) {
  NextState left = runtime::carried_into(cards, offers, {billed_from, document.period->from},
                                         document.customer_since, state);
  std::vector<runtime::Grant> grants;
  for (runtime::GrantLeft& grant : left.grants) {
    const auto quantity = parse_ratio(grant.quantity);
    if (!quantity)
      return std::unexpected(Refusal{
          Refusal::Kind::Unfit,
          {{"/state/grants", fmt::format("{} of the pool `{}` are left, which {}", grant.quantity,
                                         grant.pool, describe(quantity.error()))}}});
    grants.push_back({.pool = std::move(grant.pool),
                      .quantity = *quantity,
                      .from = grant.from,
                      .expires = grant.expires,
                      .recurring = grant.recurring});
  }
  document.used_to_date = std::move(left.used_to_date);
  document.billed_to_date = std::move(left.billed_to_date);
  document.grants = std::move(grants);
  return {};
}

/// Why an earlier bill cannot be made, with its days: nobody asked for that one.
Refusal of_period(const Period& days, Refusal refusal) {
  for (runtime::UsageFault& fault : refusal.faults)
    fault.message =
        fmt::format("the bill from {} until {}, which this one follows from, is refused: {}",
                    to_string(days.from), to_string(days.until), fault.message);
  return refusal;
}

/// The bills of a customer, from the first to that of a day.
class EarlierBills {
 public:
  EarlierBills(const runtime::CardSet& cards, const CountDays& count, const BilledBefore& before,
               const UsageDocument& document)
      : cards_(cards),
        count_(count),
        before_(before),
        document_(document),
        in_state_(before.bought.size()) {}

  /// Adds those that begin up to the end of the document's period and were in none before.
  void add_bought(const Offers& offers, UsageDocument& document) {
    const Period& covered = *document.period;
    for (size_t i = 0; i < before_.bought.size(); ++i) {
      runtime::Grant grant = before_.bought[i];
      const bool known = std::ranges::any_of(offers, [&](const auto& offer) {
        const auto& pools = offer->card().pools;
        return std::ranges::find(pools, grant.pool, &dsl::Pool::name) != pools.end();
      });
      if (in_state_[i] || !known || *grant.from >= covered.until) continue;
      in_state_[i] = true;
      if (grant.expires && *grant.expires <= covered.from) continue;
      if (*grant.from <= covered.from) grant.from.reset();
      document.grants.push_back(std::move(grant));
    }
  }

  /// The first day of the last bill before one that begins on `day`, or where there is none, the
  /// day before: what began elsewhere is told, and goes on.
  Date billed_from(Date day) const {
    return last_ && last_->until == day ? last_->from : day - std::chrono::days(1);
  }

  std::expected<NextState, Refusal> state_on(Date until) {
    NextState state = opening();
    Date day = before_.first_day;
    const auto billed_by_nobody = [&](Date from) {
      if (day < from) leave_what_was_bought(state);
      day = std::max(day, from);
    };
    for (size_t i = recall(state, day); i < before_.billed.size(); ++i) {
      const BilledPeriod& billed = before_.billed[i];
      billed_by_nobody(billed.days.from);
      auto next = bill_again(billed, std::move(state));
      if (!next) return std::unexpected(of_period(billed.days, std::move(next.error())));
      state = *std::move(next);
      day = billed.days.until;
      if (before_.left) before_.left->until[day] = {state, in_state_};
    }
    if (before_.billed_until) billed_by_nobody(std::min(*before_.billed_until, until));
    while (day < until) {
      const auto revision = version_on(day);
      if (!revision) {
        leave_what_was_bought(state);
        day += std::chrono::days(1);
        continue;
      }
      // As a whole, also where versions, plans or deals meet in it: it is one bill.
      const Period whole = period_containing((*revision)->card().period, day);
      const Period covered{day, std::min(whole.until, until)};
      auto next = bill(cards_, covered, std::move(state));
      if (!next) return std::unexpected(of_period(covered, std::move(next.error())));
      state = *std::move(next);
      day = covered.until;
    }
    return state;
  }

 private:
  /// What there was before the first day: of a customer that is taken over, that its plan gave
  /// its grants of intervals that go on, too.
  NextState opening() const {
    NextState state = before_.opening;
    if (document_.customer_since && *document_.customer_since < before_.first_day)
      if (const auto offer = version_on(before_.first_day - std::chrono::days(1)))
        runtime::add_given_before((*offer)->card(), before_.first_day, state);
    return state;
  }

  /// Goes on behind the last of the billed periods of which it is known what they left; how many
  /// those are.
  size_t recall(NextState& state, Date& day) {
    if (!before_.left) return 0;
    for (size_t i = before_.billed.size(); i > 0; --i) {
      const auto known = before_.left->until.find(before_.billed[i - 1].days.until);
      if (known == before_.left->until.end()) continue;
      state = known->second.state;
      in_state_ = known->second.in_state;
      day = known->first;
      last_ = before_.billed[i - 1].days;
      return i;
    }
    return 0;
  }

  /// Of days that nobody bills.
  static void leave_what_was_bought(NextState& state) {
    state.used_to_date.clear();
    state.billed_to_date.clear();
    std::erase_if(state.grants, [](const runtime::GrantLeft& grant) { return grant.recurring; });
  }

  UsageDocument asked_on(Date day) const {
    UsageDocument asked = document_;
    asked.period.reset();
    asked.on = day;
    asked.plan = plan_on(day);
    return asked;
  }

  /// The offer of a day, or nothing where the card or the plan did not exist yet.
  std::optional<std::shared_ptr<const Revision>> version_on(Date day) const {
    auto revision = runtime::choose(cards_, asked_on(day));
    if (!revision) return std::nullopt;
    return *std::move(revision);
  }

  std::expected<NextState, Refusal> bill_again(const BilledPeriod& billed, NextState before) {
    const auto cards = billed.cards();
    if (!cards) return std::unexpected(cards.error());
    return bill(**cards, billed.days, std::move(before));
  }

  std::expected<NextState, Refusal> bill(const runtime::CardSet& cards, const Period& covered,
                                         NextState before) {
    UsageDocument document;
    document.card = document_.card;
    document.plan = plan_on(covered.from);
    for (const auto& change : before_.plan_changes)
      if (change.first > covered.from && change.first < covered.until)
        document.plan_changes.push_back(change);
    document.currency = document_.currency;
    document.customer = document_.customer;
    document.customer_since = document_.customer_since;
    document.customer_until = document_.customer_until;
    document.period = covered;
    const auto offers = runtime::offers_of_period(cards, document);
    if (!offers) return std::unexpected(offers.error());
    if (auto given = give(cards, *offers, billed_from(covered.from), before, document); !given)
      return std::unexpected(std::move(given.error()));
    add_bought(*offers, document);
    if (auto added = add_usage(cards, count_, document); !added)
      return std::unexpected(std::move(added.error()));
    auto answer = runtime::quote(cards, document);
    if (!answer) return std::unexpected(std::move(answer.error()));
    NextState next = std::move(answer->next_state);
    std::ranges::move(before.grants, std::back_inserter(next.grants));
    last_ = covered;
    return next;
  }

  std::optional<std::string> plan_on(Date day) const {
    std::optional<std::string> plan = before_.plan;
    for (const auto& [from, changed] : before_.plan_changes)
      if (from <= day) plan = changed;
    return plan;
  }

  const runtime::CardSet& cards_;
  const CountDays& count_;
  const BilledBefore& before_;
  const UsageDocument& document_;
  std::vector<bool> in_state_;  // of those that were bought
  std::optional<Period> last_;  // that was billed
};

/// Whether earlier bills can have left something for the document's period, or for a plan that was
/// left, for which it waits. Most cards keep no state: their bills are made without any other.
bool may_have_left_anything(const runtime::CardSet& cards, const Offers& offers,
                            const BilledBefore& before, const UsageDocument& document) {
  const auto keeps_state = [](const auto& offer) { return runtime::keeps_state(offer->card()); };
  const runtime::NextState& opening = before.opening;
  if (std::ranges::any_of(offers, keeps_state) || !before.plan_changes.empty() ||
      !before.bought.empty() || !opening.grants.empty() || !opening.used_to_date.empty() ||
      !opening.billed_to_date.empty())
    return true;
  std::vector<std::string> names{document.card};
  if (document.customer)
    std::ranges::copy(cards.deals(document.card, *document.customer), std::back_inserter(names));
  for (const std::string& name : names) {
    const runtime::CardSet::Versions* const versions = cards.versions(name);
    if (!versions) continue;
    for (const auto& version : *versions)
      for (const auto& offer : cards.offers(*version))
        if (offer->card().plan == document.plan.value_or("") && keeps_state(offer)) return true;
  }
  return false;
}

}  // namespace

std::expected<void, Refusal> add_state_before(const runtime::CardSet& cards, const CountDays& count,
                                              const BilledBefore& before, UsageDocument& document) {
  const auto offers = runtime::offers_of_period(cards, document);
  if (!offers) return std::unexpected(offers.error());
  if (!may_have_left_anything(cards, *offers, before, document)) return {};
  EarlierBills bills(cards, count, before, document);
  auto left = bills.state_on(document.period->from);
  if (!left) return std::unexpected(std::move(left.error()));
  const Date billed_from = bills.billed_from(document.period->from);
  if (auto given = give(cards, *offers, billed_from, *left, document); !given) return given;
  bills.add_bought(*offers, document);
  return {};
}

std::expected<void, Refusal> add_state_before(const runtime::CardSet& cards,
                                              std::span<const UsageEvent> events,
                                              UsageDocument& document) {
  if (events.empty() && !document.customer_since) return {};
  const CountDays count = [&](const dsl::RateCard& card,
                              const Period& days) -> std::expected<MeteredUsage, std::string> {
    auto usage = meter_usage(card, events, days);
    if (usage) return *std::move(usage);
    return std::unexpected(fmt::format("{}: {}", usage.error().meter, usage.error().reason));
  };
  // Whole billing periods, as a quote covers them.
  const runtime::CardSet::Versions* const versions = cards.versions(document.card);
  if (!versions)
    return add_state_before(cards, count, {document.period->from, document.plan, {}}, document);
  const dsl::RateCard& card = versions->front()->card();
  Date first = document.customer_since.value_or(Date{});
  if (!document.customer_since) {
    const auto earliest = std::ranges::min_element(events, {}, &UsageEvent::time);
    first = local_time(earliest->time, card.time_zone).day;
  }
  return add_state_before(
      cards, count, {period_containing(card.period, first).from, document.plan, {}}, document);
}

}  // namespace toll::metering
