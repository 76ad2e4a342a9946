// What was used in a cut period, and what the cards of it grant by themselves.
#include <algorithm>
#include <chrono>

#include "tests/differential/cut_oracle.h"

namespace toll::differential {

namespace {

const Date kQuarter = *parse_date("2026-01-01");  // in which March is

}  // namespace

bool are_of_one_cell(const Entry& a, const Entry& b) {
  return a.meter == b.meter && a.values == b.values;
}

Document together(const Document& document, const dsl::RateCard& card) {
  Document result = document;
  result.entries.clear();
  for (const Entry& entry : document.entries) {
    const std::string& aggregate = card.meters[entry.meter].declaration->aggregate.text;
    const bool is_level = aggregate == "peaks" || aggregate == "latest";
    const auto same = std::ranges::find_if(
        result.entries, [&](const Entry& other) { return are_of_one_cell(entry, other); });
    if (!is_level || same == result.entries.end())
      result.entries.push_back(entry);
    else if (aggregate != "peaks" || same->quantity < entry.quantity)
      *same = entry;
  }
  return result;
}

std::vector<CutWorldGrant> own_grants(const CutWorld& world) {
  using std::chrono::days;
  std::vector<CutWorldGrant> grants;
  const bool is_new = world.since && *world.since >= kFirst;
  for (Date day = kFirst; day < kEnd; day += days(1)) {
    const dsl::RateCard& card = *world.cards[day < world.cut ? 0 : 1];
    for (const dsl::Pool& pool : card.pools) {
      for (const dsl::Pool::Grant& line : pool.grants) {
        const bool weekly = line.every == PeriodUnit::Week;
        const Date monday =
            day - (std::chrono::weekday(day) - std::chrono::Monday);  // the last one up to the day
        const bool quarterly = line.every == PeriodUnit::Quarter;
        const Date begin = weekly ? monday : quarterly ? kQuarter : kFirst;
        const Date end = weekly ? monday + days(7) : kEnd;
        const bool first_day = is_new && begin <= *world.since && *world.since < end
                                   ? day == *world.since
                                   : day == begin && !(is_new && *world.since > day);
        if (!first_day || (begin < kFirst && !(is_new && day == *world.since))) continue;
        grants.push_back({pool.name, exact(line.quantity), day, end});
      }
    }
  }
  return grants;
}

bool is_due(const dsl::Fee& fee, const std::optional<Date>& since, const Period& days) {
  if (!fee.term && !fee.once) return true;
  if (!since) return fee.once;  // no quarter and no year begins in March
  const std::chrono::year_month_day begun(*since);
  const int months = (2026 - static_cast<int>(begun.year())) * 12 + 3 -
                     static_cast<int>(static_cast<unsigned>(begun.month()));
  if (fee.once ? months != 0 : months % (*fee.term == PeriodUnit::Year ? 12 : 3) != 0) return false;
  const Date begins = kFirst + std::chrono::days(static_cast<unsigned>(begun.day()) - 1);
  return days.from <= begins && begins < days.until;
}

}  // namespace toll::differential
