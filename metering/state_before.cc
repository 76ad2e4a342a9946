#include "metering/state_before.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "metering/meter_usage.h"
#include "metering/usage_document.h"
#include "runtime/quote.h"

namespace toll::metering {
namespace {

using runtime::NextState;
using runtime::Refusal;
using runtime::Revision;
using runtime::UsageDocument;

/// The bills of a customer, from the first to that of a day.
class EarlierBills {
 public:
  EarlierBills(const runtime::CardSet& cards, std::span<const UsageEvent> events,
               const UsageDocument& document)
      : cards_(cards), events_(events), document_(document) {}

  std::expected<NextState, Refusal> state_on(Date until, Date first_day) {
    NextState state;
    for (Date day = first_day; day < until;) {
      const auto revision = version_on(day);
      if (!revision) {
        state = {};
        day += std::chrono::days(1);
        continue;
      }
      Period covered = runtime::billing_period(cards_, **revision, day, document_.customer_since);
      covered.until = std::min(covered.until, until);
      auto next = bill(**revision, covered, std::move(state));
      if (!next) return std::unexpected(std::move(next.error()));
      state = *std::move(next);
      day = covered.until;
    }
    return state;
  }

 private:
  /// The offer of a day, or nothing where the card or the plan did not exist yet.
  std::optional<std::shared_ptr<const Revision>> version_on(Date day) const {
    UsageDocument asked = document_;
    asked.period.reset();
    asked.on = day;
    auto revision = runtime::choose(cards_, asked);
    if (!revision) return std::nullopt;
    return *std::move(revision);
  }

  std::expected<NextState, Refusal> bill(const Revision& revision, const Period& covered,
                                         NextState before) const {
    const dsl::RateCard& card = revision.card();
    const auto usage = meter_usage(card, events_, covered);
    if (!usage)
      return std::unexpected(
          Refusal{Refusal::Kind::Unfit,
                  {{"/usage", fmt::format("{} of {}: {}", usage.error().meter,
                                          to_string(covered.from), usage.error().reason)}}});
    UsageDocument document =
        to_document(card, *usage, document_.customer.value_or(""), covered, /*final=*/true);
    document.customer = document_.customer;
    document.customer_since = document_.customer_since;
    document.card = document_.card;
    document.plan = document_.plan;
    document.currency = document_.currency;
    before =
        runtime::carried_into(revision, covered.from, document_.customer_since, std::move(before));
    document.used_to_date = std::move(before.used_to_date);
    document.billed_to_date = std::move(before.billed_to_date);
    auto answer = runtime::quote(cards_, document);
    if (!answer) return std::unexpected(std::move(answer.error()));
    return std::move(answer->next_state);
  }

  const runtime::CardSet& cards_;
  const std::span<const UsageEvent> events_;
  const UsageDocument& document_;
};

}  // namespace

std::expected<NextState, Refusal> state_before(const runtime::CardSet& cards,
                                               std::span<const UsageEvent> events,
                                               const UsageDocument& document) {
  UsageDocument asked = document;
  asked.on = document.period->from;
  const auto revision = runtime::choose(cards, asked);
  if (!revision) return std::unexpected(revision.error());
  const dsl::RateCard& card = (*revision)->card();
  if (!runtime::keeps_state(card) || (events.empty() && !document.customer_since)) return NextState{};
  Date first = document.customer_since.value_or(Date{});
  if (!document.customer_since) {
    first =
        local_time(std::ranges::min_element(events, {}, &UsageEvent::time)->time, card.time_zone)
            .day;
  }
  auto state = EarlierBills(cards, events, document).state_on(document.period->from, first);
  if (!state) return state;
  return runtime::carried_into(**revision, document.period->from, document.customer_since,
                               *std::move(state));
}

}  // namespace toll::metering
