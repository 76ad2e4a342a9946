#include "tests/simulation/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ratio.h"

namespace toll::simulation {
namespace {

constexpr std::string_view kUnits = R"(toll 1

unit call, calls
unit token, tokens
unit credit, credits
dimension region is eu, us

meter api_calls counts call
  from llm
meter tokens sums token by region
  from llm
  take tokens
meter computing sums second
  from llm
  take seconds

card api "API"
  from {}
  time zone America/New_York
  currency USD
  period month
  round each line half-up

  charge tokens by region
    eu at 0.01 USD per token
    us at 0.02 USD per token
  charge computing
    at 4 credits per {}

  pool compute in credit, credits
    grant 2 credits every month
    spend soonest-expiring first
    beyond at 0.30 USD per credit

  plan basic
    charge api_calls
      at 1.00 USD per call
  plan pro
    fee base at 30.00 USD per month, prorated by day
    charge calls on api_calls
      at 0.40 USD per call
)";

/// A credit in the parts that seconds are priced in.
constexpr int64_t kParts = 6300;
constexpr int64_t kGranted = 2 * kParts;
constexpr int64_t kPartsInJanuary = 7, kPartsLater = 1;  // a second's: 4/3600 and 4/25200 credits

/// Credits that are there from a day on until another.
struct Credits {
  Date from, until;
  int64_t left;
};

constexpr Date kNever = Date::max();

/// Half-up. REQUIRES: n >= 0, d > 0.
constexpr int64_t rounded(int64_t n, int64_t d) { return (2 * n + d) / (2 * d); }

/// Pays from those that are there on the day, soonest to end first; what none of them pays.
int64_t spend(std::vector<Credits>& purse, Date day, int64_t parts) {
  std::ranges::stable_sort(purse, {}, &Credits::until);
  for (Credits& credits : purse) {
    if (day < credits.from || day >= credits.until) continue;
    const int64_t paid = std::min(parts, credits.left);
    credits.left -= paid;
    parts -= paid;
  }
  return parts;
}

}  // namespace

std::vector<std::string> card_texts() {
  return {fmt::format(fmt::runtime(kUnits), "2026-01-01", "hour"),
          fmt::format(fmt::runtime(kUnits), "2026-02-01", "7 hours")};
}

std::string Event::text() const {
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"/s","type":"llm","subject":"{}","time":"{}",)"
      R"("data":{{"tokens":{},"region":"{}","seconds":{}}}}})",
      id, customer, to_string(time), tokens, kRegions[region], seconds);
}

std::string_view plan_on(const std::vector<PlanChange>& changes, Date day) {
  const auto later = std::ranges::upper_bound(changes, day, {}, &PlanChange::first);
  return later == changes.begin() ? kFirstPlan : std::string_view(std::prev(later)->second);
}

Period Model::month_of(const std::string& customer, Date day) const {
  Period month = period_containing(PeriodUnit::Month, day);
  const auto end = ends.find(customer);
  if (end != ends.end() && month.contains(end->second) && month.from < end->second)
    month.until = end->second;
  return month;
}

MonthOwed Model::owed(const std::string& customer, const Period& month, Instant as_of) const {
  const std::vector<PlanChange>& plans = plan_changes.at(customer);
  std::map<Date, int64_t> seconds;
  MonthOwed owed;
  for (const auto& [id, event] : events) {
    if (event.customer != customer || retracted.contains(id) || event.time >= as_of) continue;
    const Date day = local_time(event.time, kZone).day;
    if (day >= month.until) continue;
    seconds[day] += event.seconds;
    if (day < month.from) continue;
    owed.cents += event.tokens * (event.region == 0 ? 1 : 2);
    owed.cents += plan_on(plans, day) == "pro" ? 40 : 100;
  }
  int64_t pro_days = 0;
  for (Date day = month.from; day < month.until; day += std::chrono::days(1))
    pro_days += plan_on(plans, day) == "pro";
  owed.cents += rounded(3000 * pro_days, period_containing(PeriodUnit::Month, month.from).days());
  std::vector<Credits> purse;
  for (const auto& [id, credits] : bought)
    if (credits.customer == customer)
      purse.push_back(
          {credits.from, credits.expires.value_or(kNever), credits.hundredths * kParts / 100});
  for (Date first = kFirstMonth; first < month.until;) {
    const Period each = period_containing(PeriodUnit::Month, first);
    purse.push_back({each.from, each.until, kGranted});
    first = each.until;
  }
  int64_t beyond = 0;  // in the month itself
  for (const auto& [day, used] : seconds) {
    const int64_t parts = used * (day < *parse_date("2026-02-01") ? kPartsInJanuary : kPartsLater);
    const int64_t unpaid = spend(purse, day, parts);
    if (day >= month.from) beyond += unpaid;
  }
  owed.cents += rounded(30 * beyond, kParts);
  int64_t left = 0;
  for (const Credits& credits : purse)
    if (credits.from < month.until && credits.until >= month.until) left += credits.left;
  owed.credits_left = Ratio::of(left, kParts).to_string();
  return owed;
}

}  // namespace toll::simulation
