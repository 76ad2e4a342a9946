// Civil dates and billing periods. A period is half-open: `from` is its first day, `until` the
// first day after it. Dates carry no zone: they are midnights in the time zone of the card.
#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace toll {

/// A day of the proleptic Gregorian calendar between 1900-01-01 and 9999-12-31.
using Date = std::chrono::sys_days;

/// Reads exactly `YYYY-MM-DD`, a day that exists in the range above.
std::optional<Date> parse_date(std::string_view text);

/// `YYYY-MM-DD`.
std::string to_string(Date date);

/// [from, until).
struct Period {
  Date from;
  Date until;

  int days() const { return static_cast<int>((until - from).count()); }
  bool contains(Date day) const { return from <= day && day < until; }
  friend bool operator==(const Period&, const Period&) = default;
};

enum class PeriodUnit { Day, Week, Month, Quarter, Year };

/// "day", "week", "month", "quarter", "year".
std::string_view to_string(PeriodUnit unit);
std::optional<PeriodUnit> parse_period_unit(std::string_view word);

/// The calendar period of that length which contains `day`. Weeks begin on Monday (ISO 8601).
/// `until` of the last periods is past the range of Date, by at most a week.
Period period_containing(PeriodUnit unit, Date day);

/// The months of a year, a quarter or a month. REQUIRES: it is one of these.
int months_of(PeriodUnit unit);

/// Reads `YYYY-MM` as the month's period.
std::optional<Period> parse_month(std::string_view text);

/// True for an IANA zone name that this machine's time zone database knows ("Europe/Berlin"), as
/// spelled there, and always for "UTC". May read the database; may be called from any thread.
bool is_time_zone(std::string_view name);

/// The civil date in `zone` at this moment. REQUIRES: is_time_zone(zone).
Date today_in(std::string_view zone);

}  // namespace toll
