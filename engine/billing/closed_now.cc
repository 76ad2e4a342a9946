#include "engine/billing/closed_now.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/counting/count_usage.h"
#include "engine/reading/no_bill.h"
#include "engine/reading/offer.h"
#include "engine/reading/usage_of_period.h"
#include "engine/storage/keys.h"
#include "engine/storage/settled_rows.h"
#include "engine/storage/values.h"
#include "runtime/quote.h"
#include "wire/usage_json.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;

constexpr const char* kKnownOtherwise =
    "what is known of this closed period is not what it was billed by any more, and its usage was "
    "not kept with it: ask without `explain` for what was billed, and for the periods "
    "(`…/periods`) for what it comes to now";
constexpr const char* kRatedOtherwise =
    "what this release of Toll makes of the usage that was kept with this closed period is not "
    "what was billed: ask without `explain` for that";

runtime::Answer without_steps(runtime::Answer answer) {
  for (auto* const lines : {&answer.lines, &answer.due_at_close})
    for (runtime::AnswerLine& line : *lines) line.steps.clear();
  return answer;
}

/// What happens before that moment may change what the days before `until` come to.
Instant known_until(const runtime::CardSet::Revisions& offers, Date until) {
  Instant known{};
  for (const auto& offer : offers) {
    const dsl::RateCard& card = offer->card();
    known = std::max(
        known, reaches_beyond_period(card) ? Instant::max() : start_of(until, card.time_zone));
  }
  return known;
}

}  // namespace

std::expected<ClosedNow, NoBill> ClosedNow::read(const runtime::CardSet& cards,
                                                 const Engine& engine, const BillRequest& request,
                                                 const Subscription& subscription) {
  auto closed = ClosedPeriods::read(cards, engine, request.tenant, request.customer, subscription);
  if (!closed) return std::unexpected(no_bill(closed.error()));
  ClosedNow result(request, subscription, *std::move(closed));
  result.view_ = engine.store().snapshot();
  if (auto found = result.find_settled(); !found) return std::unexpected(std::move(found.error()));
  return result;
}

/// What is kept of these closed periods, where it was found by then.
std::expected<void, NoBill> ClosedNow::find_settled() {
  auto all = settled_of(*view_, request_.tenant, request_.customer);
  if (!all) return std::unexpected(NoBill{Kind::Unanswered, all.error().message});
  for (Settled& one : *all)
    if (one.subscription == subscription_.id && one.until == until() && one.at <= request_.as_of) {
      known_until_ = one.before;
      settled_ = std::move(one);
    }
  return {};
}

const ClosedPeriod* ClosedNow::from(Date day) const {
  const auto found =
      std::ranges::find_if(all(), [&](const ClosedPeriod& one) { return one.period.from == day; });
  return found == all().end() ? nullptr : &*found;
}

bool ClosedNow::is_behind_end(const Period& days) const {
  return subscription_.end && days.from >= *subscription_.end;
}

std::expected<std::optional<CoveredPeriod>, NoBill> ClosedNow::behind_end() const {
  if (!until() || *until() < *subscription_.end) return std::nullopt;
  const ClosedPeriod& last = last_billed();
  const auto cards = closed_.cards_of(last);
  if (!cards) return std::unexpected(no_bill(cards.error()));
  auto revision =
      runtime::choose(**cards, document_of(subscription_, request_.customer, last.period.from));
  if (!revision) return std::unexpected(no_bill(std::move(revision.error())));
  const dsl::RateCard& card = (*revision)->card();
  const Date day = request_.day.value_or(local_time(request_.as_of, card.time_zone).day);
  Period days = period_containing(card.period, day);
  days.from = std::max(days.from, *until());
  if (days.from >= days.until) return std::nullopt;
  return CoveredPeriod{subscription_, *std::move(revision), days};
}

const ClosedPeriod& ClosedNow::last_billed() const {
  return *std::ranges::find_if(all().rbegin(), all().rend(), [this](const ClosedPeriod& one) {
    return !is_behind_end(one.period);
  });
}

std::expected<std::vector<Correction>, NoBill> ClosedNow::corrections() {
  if (corrections_) return *corrections_;
  std::vector<Correction> found;
  for (size_t i = 0; i < all().size(); ++i) {
    if (is_behind_end(all()[i].period)) {
      found.push_back({all()[i].period, 0, 0});
      continue;
    }
    const Int128 billed = billed_for(all(), i);
    const auto now = settled_ ? billed : total_now(all()[i]);
    if (!now) return std::unexpected(now.error());
    found.push_back({all()[i].period, billed, *now});
  }
  corrections_ = std::move(found);
  return *corrections_;
}

std::expected<Settled, NoBill> ClosedNow::settled_until(
    Date until, const runtime::CardSet::Revisions& offers) const {
  const auto row = view_->get(Table::State, position_key());
  if (!row) return std::unexpected(NoBill{Kind::Unanswered, row.error().message});
  return Settled{.subscription = subscription_.id,
                 .until = until,
                 .at = request_.as_of,
                 .before = std::max(known_until_, known_until(offers, until)),
                 .position = *row ? read_position(**row).value_or(0) : 0};
}

std::expected<Bill, NoBill> ClosedNow::explained(const ClosedPeriod& closed) const {
  if (is_behind_end(closed.period)) return bill_of_closed(closed);  // corrections have no steps
  const auto cards = closed_.cards_of(closed);
  if (!cards) return std::unexpected(no_bill(cards.error()));
  const auto usage = usage_billed(**cards, closed);
  if (!usage) return std::unexpected(usage.error());
  const auto answer = runtime::explain(**cards, *usage);
  if (!answer || text_of(without_steps(*answer)) != closed.bill)
    return no_bill(Kind::Unfit, closed.usage.empty() ? kKnownOtherwise : kRatedOtherwise);
  Bill bill = bill_of_closed(closed);
  bill.quote = text_of(*answer);
  return bill;
}

std::expected<RatedUsage, NoBill> ClosedNow::rate(const runtime::CardSet& cards,
                                                  const CoveredPeriod& covered, Steps steps) const {
  auto document = usage_of_period(cards, *view_, request_, covered, closed_);
  if (!document) return std::unexpected(std::move(document.error()));
  auto answer =
      steps == Steps::Shown ? runtime::explain(cards, *document) : runtime::quote(cards, *document);
  if (!answer) return std::unexpected(no_bill(std::move(answer.error())));
  return RatedUsage{*std::move(document), *std::move(answer)};
}

/// A closed period, as the texts that billed it cover it.
std::expected<CoveredPeriod, NoBill> ClosedNow::covered_by(const runtime::CardSet& cards,
                                                           const ClosedPeriod& closed) const {
  auto revision =
      runtime::choose(cards, document_of(subscription_, request_.customer, closed.period.from));
  if (!revision) return std::unexpected(no_bill(std::move(revision.error())));
  return CoveredPeriod{subscription_, *std::move(revision), closed.period};
}

std::expected<runtime::UsageDocument, NoBill> ClosedNow::usage_billed(
    const runtime::CardSet& cards, const ClosedPeriod& closed) const {
  if (!closed.usage.empty()) {
    auto kept = wire::read_usage(closed.usage);
    if (kept) return *std::move(kept);
    return no_bill(Kind::Unanswered, "the usage that is kept with a closed period is damaged");
  }
  const auto covered = covered_by(cards, closed);
  if (!covered) return std::unexpected(covered.error());
  return usage_of_period(cards, *view_, request_, *covered, closed_);
}

/// What a closed period comes to by the texts that billed it: a price that was changed since is
/// none of what became known.
std::expected<Int128, NoBill> ClosedNow::total_now(const ClosedPeriod& closed) {
  const auto cards = closed_.cards_of(closed);
  if (!cards) return std::unexpected(no_bill(cards.error()));
  const auto covered = covered_by(**cards, closed);
  if (!covered) return std::unexpected(covered.error());
  known_until_ = std::max(known_until_, known_until((*cards)->revisions(), closed.period.until));
  const auto rated = rate(**cards, *covered, Steps::None);
  if (rated) return total_of(rated->answer);
  NoBill why = rated.error();
  why.message = fmt::format("what the closed period from {} until {} comes to now is refused: {}",
                            toll::to_string(closed.period.from),
                            toll::to_string(closed.period.until), why.message);
  return std::unexpected(std::move(why));
}

}  // namespace toll::engine
