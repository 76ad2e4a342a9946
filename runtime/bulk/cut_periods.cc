#include "runtime/bulk/cut_periods.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "runtime/quote.h"

namespace toll::runtime {
namespace {

constexpr std::chrono::days kDay(1);

bool is_in_error(const CardSet& cards, const UsageDocument& asked, Date day) {
  return cards.version_held_back(asked.card, day, asked.customer_since) ||
         (asked.customer && cards.deal_held_back(asked.card, *asked.customer, day));
}

/// On the days of `period` on which the customers of `asked` are some.
std::optional<OtherVersion> other_version_in(const CardSet& cards, UsageDocument asked,
                                             const VersionKey& version, const Period& period) {
  asked.usage.clear();
  const Date first = std::max(period.from, asked.customer_since.value_or(period.from));
  for (Date day = first; day < period.until; day += kDay) {
    asked.on = day;
    const auto there = choose_version(cards, asked);
    if (there && version_key((*there)->card()) != version) return OtherVersion{day, *there};
    if (!there && is_in_error(cards, asked, day)) return OtherVersion{day, nullptr};
  }
  return std::nullopt;
}

/// "2026-04-01": the first day of the period behind, or else before, one that is cut, where one
/// version bills all of that; empty where none does.
std::string day_of_whole_period(const CardSet& cards, UsageDocument asked, const Period& cut,
                                PeriodUnit unit) {
  for (const Date day : {cut.until, cut.from - kDay}) {
    const Period whole = period_containing(unit, day);
    asked.on = whole.from;
    const auto version = choose_version(cards, asked);
    if (version && !other_version_in(cards, asked, version_key((*version)->card()), whole))
      return to_string(whole.from);
  }
  return {};
}

}  // namespace

std::optional<OtherVersion> other_version(const CardSet& cards, const UsageDocument& asked,
                                          const BoundUsage& bound) {
  const dsl::RateCard& card = bound.revision->card();
  return other_version_in(cards, asked, version_key(card),
                          period_containing(card.period, bound.covered.from));
}

std::optional<TableFault> bills_part_of_period(const CardSet& cards, const UsageDocument& asked,
                                               const BoundUsage& bound) {
  const dsl::RateCard& card = bound.revision->card();
  const Period whole = period_containing(card.period, bound.covered.from);
  if (bound.covered == whole) return std::nullopt;
  const auto other = other_version(cards, asked, bound);
  if (!other) return std::nullopt;  // nothing was billed on the other days
  const std::string day = day_of_whole_period(cards, asked, whole, card.period);
  return TableFault{
      0, 0,
      fmt::format("version {} of `{}` bills {} until {} only, and {} other days of that {}, from "
                  "{} on: a row does not say what was used on which",
                  bound.revision->version(), card.name, to_string(bound.covered.from),
                  to_string(bound.covered.until),
                  other->version ? fmt::format("version {} of `{}`", other->version->version(),
                                               other->version->card().name)
                                 : "a version in error",
                  to_string(card.period), to_string(other->from)),
      fmt::format("quote its customers one by one, or by `toll quote --batch`: usage documents say "
                  "`from` and `until`{}",
                  day.empty() ? "" : fmt::format("; `--on {}` is billed whole", day))};
}

}  // namespace toll::runtime
