#include "engine/billing/bills.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "engine/reading/no_bill.h"
#include "engine/reading/offer.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;

}  // namespace

std::expected<void, NoBill> Bills::find() {
  auto covered = covered_period(cards_, engine_, request_);
  if (!covered && covered.error().kind == Kind::NotFound)
    return find_behind_end(std::move(covered.error()));
  if (!covered) return std::unexpected(std::move(covered.error()));
  covered_ = *std::move(covered);
  auto closed = ClosedNow::read(cards_, engine_, request_, covered_.subscription);
  if (!closed) return std::unexpected(std::move(closed.error()));
  closed_.emplace(*std::move(closed));
  return {};
}

/// Of a subscription that has ended, and all days of which are closed, the days behind them: where
/// there is something to correct, the bill of some later period must have it. `not_found` where
/// there is nothing.
std::expected<void, NoBill> Bills::find_behind_end(NoBill not_found) {
  const auto subscriptions = engine_.subscriptions(request_.tenant, request_.customer);
  if (!subscriptions) return std::unexpected(no_bill(subscriptions.error()));
  for (const Subscription& one : *subscriptions) {
    if (!one.end || (request_.subscription && one.id != *request_.subscription)) continue;
    auto closed = ClosedNow::read(cards_, engine_, request_, one);
    if (!closed) return std::unexpected(std::move(closed.error()));
    auto corrected = corrected_behind_end(*closed);
    if (!corrected) return std::unexpected(std::move(corrected.error()));
    if (!*corrected) continue;
    if (closed_)
      return no_bill(Kind::Ambiguous,
                     fmt::format("several subscriptions that have ended are corrected: ask for "
                                 "one of them, such as `{}`",
                                 covered_.subscription.id));
    covered_ = **std::move(corrected);
    closed_.emplace(*std::move(closed));
  }
  if (!closed_) return std::unexpected(std::move(not_found));
  return {};
}

/// The days behind the end on which a subscription that has ended is to be corrected; empty where
/// it is not. REQUIRES: it has an end.
std::expected<std::optional<CoveredPeriod>, NoBill> Bills::corrected_behind_end(ClosedNow& closed) {
  if (closed.is_settled()) return std::nullopt;
  auto behind = closed.behind_end();
  if (!behind || !*behind) return behind;
  const auto all = closed.corrections();
  if (!all) return std::unexpected(all.error());
  if (std::ranges::any_of(*all, [](const Correction& one) { return one.difference() != 0; }))
    return behind;
  const auto settled = closed.settled_until(*closed.until(), {(*behind)->revision});
  if (!settled) return std::unexpected(settled.error());
  found_settled_.push_back(*settled);
  return std::nullopt;
}

Date Bills::first_open() const {
  if (is_behind_end()) return covered_.days.from;
  Date day = closed_->until().value_or(covered_.subscription.start);
  while (day < covered_.days.from &&
         !runtime::choose(cards_, document_of(covered_.subscription, request_.customer, day)))
    day = std::min(covered_.days.from,
                   period_containing(covered_.revision->card().period, day).until);
  return day;
}

std::expected<Bills::Open, NoBill> Bills::open(Steps steps) {
  auto rated = is_behind_end() ? nothing_of_its_own() : closed_->rate(cards_, covered_, steps);
  if (!rated) return std::unexpected(std::move(rated.error()));
  const runtime::Answer& answer = rated->answer;
  Bill bill{.card = answer.card,
            .version = answer.version,
            .hash = answer.hash,
            .period = answer.period,
            .quote = text_of(answer),
            .currency = answer.currency,
            .total = total_of(answer),
            .corrections = {},
            .closed = {}};
  if (has_begun() && first_open() == covered_.days.from) {
    auto all = closed_->corrections();
    if (!all) return std::unexpected(std::move(all.error()));
    std::erase_if(*all, [](const Correction& one) { return one.difference() == 0; });
    bill.corrections = *std::move(all);
  }
  return Open{std::move(bill), *std::move(rated)};
}

/// Before it begins those that are closed go on.
bool Bills::has_begun() const {
  return request_.as_of >= start_of(covered_.days.from, covered_.revision->card().time_zone);
}

std::expected<Settled, NoBill> Bills::settled_by(const Open& open) const {
  if (is_behind_end()) return closed_->settled_until(covered_.days.until, {covered_.revision});
  const auto offers = runtime::offers_of_period(cards_, open.rated.usage);
  if (!offers) return std::unexpected(no_bill(offers.error()));
  return closed_->settled_until(covered_.days.until, *offers);
}

/// A bill behind the end, as the text would answer that billed last.
RatedUsage Bills::nothing_of_its_own() const {
  const ClosedPeriod& last = closed_->last_billed();
  runtime::Answer answer;
  answer.card = last.card;
  answer.version = last.version;
  answer.hash = last.hash();
  answer.plan = covered_.subscription.plan_on(last.period.until - std::chrono::days(1));
  answer.currency = last.currency;
  answer.period = covered_.days;
  answer.total = money(0, last.currency);
  return {document_of(covered_.subscription, request_.customer, covered_.days.from),
          std::move(answer)};
}

}  // namespace toll::engine
