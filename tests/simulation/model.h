// What customers owe and have left, worked out from nothing but what happened: no groups, no rows,
// no segments, one day after the other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/instant.h"

namespace toll::simulation {

inline constexpr const char* kZone = "America/New_York";
inline constexpr const char* kRegions[] = {"eu", "us"};
inline const Date kFirstMonth = *parse_date("2026-01-01");

inline constexpr std::string_view kFirstPlan = "basic";
using PlanChange = std::pair<Date, std::string>;  ///< from that day on
std::string_view plan_on(const std::vector<PlanChange>& changes, Date day);

/// Calls cost 1.00, in the plan pro 0.40 beside 30.00 a month; tokens 0.01 in the EU and 0.02 in
/// the US. An hour of computing takes 4 credits in January and 4 credits per 7 hours later on, so
/// that what is left in the pool is no decimal, and in other parts of a credit in each month. The
/// days are those of New York.
std::vector<std::string> card_texts();

struct Event {
  int id = 0;
  std::string customer;
  Instant time;
  int region = 0;
  int64_t tokens = 0;
  int64_t seconds = 0;  ///< of computing

  std::string text() const;
  friend bool operator==(const Event&, const Event&) = default;
};

/// Credits that were bought.
struct Bought {
  int id = 0;
  std::string customer;
  int64_t hundredths = 0;
  Date from;
  std::optional<Date> expires;
};

struct MonthOwed {
  int64_t cents = 0;
  std::string credits_left;  ///< at the end of the month, as answers write it
};

struct Model {
  std::map<int, Event> events;
  std::set<int> retracted;
  std::map<int, Bought> bought;  ///< without those that were taken back
  std::map<std::string, std::vector<PlanChange>> plan_changes;  ///< by customer, rising
  std::map<std::string, Date> ends;  ///< by customer: the first day that is not billed

  /// The month that holds the day, as far as it is billed. Behind the end a whole one.
  Period month_of(const std::string& customer, Date day) const;

  /// For one of month_of(), with what happened before `as_of`.
  MonthOwed owed(const std::string& customer, const Period& month, Instant as_of) const;
};

}  // namespace toll::simulation
