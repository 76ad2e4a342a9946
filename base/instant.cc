#include "base/instant.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace toll {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Reads a text from the front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly two digits, at most `most`.
  std::optional<int> two_digits(int most) {
    const std::string_view digits = take_digits(2);
    if (digits.size() != 2) return std::nullopt;
    const int value = (digits[0] - '0') * 10 + (digits[1] - '0');
    return value <= most ? std::optional(value) : std::nullopt;
  }

  std::string_view take_digits(size_t most) {
    size_t count = 0;
    while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9')
      ++count;
    const std::string_view digits = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return digits;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// `hh:mm`.
std::optional<minutes> clock_time(Reader& reader) {
  const auto h = reader.two_digits(23);
  if (!h || !reader.take(':')) return std::nullopt;
  const auto m = reader.two_digits(59);
  return m ? std::optional(hours(*h) + minutes(*m)) : std::nullopt;
}

/// What follows the seconds' point.
std::optional<nanoseconds> fraction(Reader& reader) {
  const std::string_view digits = reader.take_digits(9);
  if (digits.empty()) return std::nullopt;
  int64_t value = 0;
  for (size_t i = 0; i < 9; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return nanoseconds(value);
}

/// How far the zone's clock is ahead of UTC.
std::optional<minutes> offset(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return minutes(0);
  const bool ahead = reader.take('+');
  if (!ahead && !reader.take('-')) return std::nullopt;
  const auto time = clock_time(reader);
  if (!time) return std::nullopt;
  return ahead ? *time : -*time;
}

bool begins_month(Instant instant) {
  const Date day = floor<days>(instant);
  return Instant(day) == instant && std::chrono::year_month_day(day).day() == std::chrono::day(1);
}

nanoseconds offset_at(Instant instant, std::string_view zone) {
  if (zone == "UTC") return nanoseconds(0);
  return date::locate_zone(zone)->get_info(floor<seconds>(instant)).offset;
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
  if (text.size() < sizeof("2026-03-01T12:00:00Z") - 1) return std::nullopt;
  const auto day = parse_date(text.substr(0, 10));
  if (!day || text < "1970" || text >= "2200") return std::nullopt;
  Reader reader(text.substr(10));
  if (!reader.take('T') && !reader.take('t')) return std::nullopt;
  const auto time = clock_time(reader);
  if (!time || !reader.take(':')) return std::nullopt;
  const auto second = reader.two_digits(60);
  if (!second) return std::nullopt;
  nanoseconds below_second(0);
  if (reader.take('.')) {
    const auto digits = fraction(reader);
    if (!digits) return std::nullopt;
    below_second = *digits;
  }
  const auto ahead = offset(reader);
  if (!ahead || !reader.at_end()) return std::nullopt;
  const Instant minute = Instant(*day) + *time - *ahead;
  if (*second < 60) return minute + seconds(*second) + below_second;
  const Instant next = minute + minutes(1);
  if (!begins_month(next)) return std::nullopt;
  return next - nanoseconds(1);
}

std::string to_string(Instant instant) {
  const Date day = floor<days>(instant);
  const std::chrono::hh_mm_ss time(instant - Instant(day));
  std::string below_second;
  if (time.subseconds().count() != 0) {
    below_second = fmt::format(".{:09}", time.subseconds().count());
    below_second.resize(below_second.find_last_not_of('0') + 1);
  }
  return fmt::format("{}T{:02}:{:02}:{:02}{}Z", to_string(day), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), below_second);
}

LocalTime local_time(Instant instant, std::string_view zone) {
  const Instant shown = instant + offset_at(instant, zone);
  const Date day = floor<days>(shown);
  return {day, shown - Instant(day)};
}

std::chrono::sys_seconds first_second_of(Date day, std::string_view zone) {
  if (zone == "UTC") return day;
  const date::local_days local(day.time_since_epoch());
  return date::locate_zone(zone)->to_sys(local, date::choose::earliest);
}

Instant start_of(Date day, std::string_view zone) {
  using namespace std::chrono_literals;
  constexpr Date first = 1678y / 1 / 1, last = 2262y / 1 / 1;
  return std::clamp(first_second_of(day, zone), std::chrono::sys_seconds(first),
                    std::chrono::sys_seconds(last));
}

}  // namespace toll
