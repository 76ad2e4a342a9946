#include "base/date.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "base/clock.h"

namespace toll {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr std::array<std::pair<PeriodUnit, std::string_view>, 5> kUnitWords = {{
    {PeriodUnit::Day, "day"},
    {PeriodUnit::Week, "week"},
    {PeriodUnit::Month, "month"},
    {PeriodUnit::Quarter, "quarter"},
    {PeriodUnit::Year, "year"},
}};

/// Exactly `count` digits at `at`. REQUIRES: `text` is that long.
std::optional<int> digits_at(std::string_view text, size_t at, size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// `YYYY-MM` at the front. REQUIRES: at least seven characters.
std::optional<year_month> month_at_front(std::string_view text) {
  const auto y = digits_at(text, 0, 4);
  const auto m = digits_at(text, 5, 2);
  if (!y || !m || text[4] != '-' || *y < 1900) return std::nullopt;
  const year_month result = year(*y) / month(static_cast<unsigned>(*m));
  return result.ok() ? std::optional(result) : std::nullopt;
}

/// Whole months from the first day of `first`.
Period whole_months(year_month first, int count) {
  return {sys_days(first / 1), sys_days((first + months(count)) / 1)};
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[7] != '-') return std::nullopt;
  const auto m = month_at_front(text);
  const auto d = digits_at(text, 8, 2);
  if (!m || !d) return std::nullopt;
  const year_month_day result = *m / day(static_cast<unsigned>(*d));
  return result.ok() ? std::optional(Date(result)) : std::nullopt;
}

std::string to_string(Date date) {
  const year_month_day ymd(date);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()),
                     static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
}

std::string_view to_string(PeriodUnit unit) {
  for (const auto& [known, word] : kUnitWords) {
    if (known == unit) return word;
  }
  std::unreachable();
}

std::optional<PeriodUnit> parse_period_unit(std::string_view word) {
  for (const auto& [unit, known] : kUnitWords) {
    if (known == word) return unit;
  }
  return std::nullopt;
}

Period period_containing(PeriodUnit unit, Date day) {
  const year_month_day ymd(day);
  const year_month this_month = ymd.year() / ymd.month();
  switch (unit) {
    case PeriodUnit::Day:
      return {day, day + days(1)};
    case PeriodUnit::Week: {
      const Date monday = day - (std::chrono::weekday(day) - std::chrono::Monday);
      return {monday, monday + days(7)};
    }
    case PeriodUnit::Month:
      return whole_months(this_month, 1);
    case PeriodUnit::Quarter: {
      const unsigned into_quarter = (static_cast<unsigned>(ymd.month()) - 1) % 3;
      return whole_months(this_month - months(into_quarter), 3);
    }
    case PeriodUnit::Year:
      return whole_months(ymd.year() / 1, 12);
  }
  std::unreachable();
}

std::optional<Period> parse_month(std::string_view text) {
  if (text.size() != 7) return std::nullopt;
  const auto m = month_at_front(text);
  if (!m) return std::nullopt;
  return whole_months(*m, 1);
}

// Asking for an offset reads the zone's file, which the library otherwise puts off: from here on
// today_in cannot fail. UTC is answered without the database, so that the default zone of a card
// works on a machine that has none.
bool is_time_zone(std::string_view name) {
  if (name == "UTC") return true;
  if (name == "localtime") return false;  // Debian's name for whatever this machine is set to
  try {
    date::locate_zone(name)->get_info(std::chrono::system_clock::now());
    return true;
  } catch (const std::runtime_error&) {  // the library's only way to say no
    return false;
  }
}

Date today_in(std::string_view zone) {
  const TimePoint moment = now();
  if (zone == "UTC") return std::chrono::floor<days>(moment);
  const auto local = date::locate_zone(zone)->to_local(moment);
  return Date(std::chrono::floor<days>(local).time_since_epoch());
}

int months_of(PeriodUnit unit) {
  return unit == PeriodUnit::Year ? 12 : unit == PeriodUnit::Quarter ? 3 : 1;
}

}  // namespace toll
