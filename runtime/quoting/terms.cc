// When terms begin and end that are longer than a period: of commitments, and of fees.
#include <algorithm>
#include <chrono>

#include "runtime/quoting/bound.h"
#include "runtime/quoting/grants.h"

namespace toll::runtime {
namespace {

/// The day `months` months after `day`; the last of a month that is shorter.
Date months_after(Date day, int months) {
  using std::chrono::year_month_day, std::chrono::year_month_day_last;
  const year_month_day date(day);
  const year_month_day moved = date + std::chrono::months(months);
  if (moved.ok()) return moved;
  return year_month_day_last(moved.year(), std::chrono::month_day_last(moved.month()));
}

int months_between(Date first, Date second) {
  const std::chrono::year_month_day from(first), to(second);
  return (static_cast<int>(to.year()) - static_cast<int>(from.year())) * 12 +
         static_cast<int>(static_cast<unsigned>(to.month())) -
         static_cast<int>(static_cast<unsigned>(from.month()));
}

}  // namespace

bool ends_commitment(const Period& period, PeriodUnit per, const std::optional<Date>& since) {
  const Date last = period.until - std::chrono::days(1);
  if (!since) return period_containing(per, last).until == period.until;
  if (*since >= period.until) return false;
  // The first end of a term that is not before the last day.
  const int terms = months_between(*since, last) / months_of(per);
  for (int term = std::max(1, terms - 1);; ++term) {
    const Date term_end = months_after(*since, term * months_of(per));
    if (term_end > period.until) return false;
    if (term_end > period.from) return true;
  }
}

std::optional<Date> begins_term(const Period& period, PeriodUnit per,
                                const std::optional<Date>& since) {
  const Date last = period.until - std::chrono::days(1);
  const auto inside = [&](Date day) {
    return period.contains(day) ? std::optional(day) : std::nullopt;
  };
  if (!since) return inside(period_containing(per, last).from);
  if (*since > last) return std::nullopt;
  if (per == PeriodUnit::Week) return inside(last - (last - *since) % std::chrono::weeks(1));
  // The last begin of a term that is not after the last day.
  int term = months_between(*since, last) / months_of(per);
  while (term > 0 && months_after(*since, term * months_of(per)) > last) --term;
  return inside(months_after(*since, term * months_of(per)));
}

void settle_fees(BoundUsage& bound, const std::optional<Date>& since) {
  const dsl::RateCard& card = bound.revision->card();
  bound.since = since;
  for (size_t i = 0; i < card.fees.size(); ++i) {
    const dsl::Fee& fee = card.fees[i];
    if (!fee.has_term()) continue;
    const bool due = fee.once ? !since || bound.covered.contains(*since)
                              : begins_term(bound.covered, *fee.term, since).has_value();
    for_each_usage(bound, 0, [&](auto& usage) { usage.fees_due()[i] = due; });
  }
}

bool is_due(const BoundUsage& bound, uint32_t fee) {
  return !bound.revision->program().fees[fee].by_term || bound.input->fees_due[fee] != 0;
}

}  // namespace toll::runtime
