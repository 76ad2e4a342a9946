#include "metering/counting/elapsed.h"

#include <algorithm>
#include <utility>

namespace toll::metering {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::nanoseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Int128 kNanosInSecond = 1'000'000'000;

/// Whole units since some origin, and the share of the current one.
struct Position {
  int64_t whole = 0;
  Ratio share;
};

Ratio share_of(Instant instant, Instant begin, Instant end) {
  return Ratio::of((instant - begin).count(), (end - begin).count());
}

Position position(Instant instant, dsl::Clock clock, std::string_view zone) {
  const Date day = local_time(instant, zone).day;
  if (clock == dsl::Clock::Days)
    return {day.time_since_epoch().count(),
            share_of(instant, start_of(day, zone), start_of(day + days(1), zone))};
  const Period month = period_containing(PeriodUnit::Month, day);
  const year_month_day ymd(month.from);
  return {int64_t{int{ymd.year()}} * 12 + unsigned{ymd.month()},
          share_of(instant, start_of(month.from, zone), start_of(month.until, zone))};
}

}  // namespace

// Shares have denominators below 2^52 nanoseconds and there are less than 10^6 days: nothing here
// can leave 128 bits.
Ratio elapsed(Instant from, Instant until, dsl::Clock clock, std::string_view zone) {
  if (clock == dsl::Clock::Seconds) return Ratio::of((until - from).count(), kNanosInSecond);
  const Position begin = position(from, clock, zone);
  const Position end = position(until, clock, zone);
  return *checked_sub(*checked_add(Ratio(end.whole - begin.whole), end.share), begin.share);
}

Instant later_by(const dsl::TimeSpan& span, Instant from, std::string_view zone) {
  if (span.clock == dsl::Clock::Seconds) {
    const auto nanos = checked_mul(span.count, Ratio(kNanosInSecond));
    const Int128 whole = nanos ? nanos->numerator() / nanos->denominator() : kInt128Max;
    const Int128 room = (Instant::max() - from).count();
    return from + nanoseconds(static_cast<int64_t>(std::min(whole, room)));
  }
  // Fifty years: as far as an Instant reaches beyond the last year of an event.
  const Int128 most = span.clock == dsl::Clock::Days ? 50 * 365 : 50 * 12;
  const auto count = static_cast<int>(std::min(span.count.numerator(), most));
  const LocalTime local = local_time(from, zone);
  Date day = local.day + days(count);
  if (span.clock == dsl::Clock::Months) {
    year_month_day ymd(local.day);
    ymd += months(count);
    day = ymd.ok() ? sys_days(ymd) : sys_days(ymd.year() / ymd.month() / std::chrono::last);
  }
  // Midnight of that day and the face's time from there: an hour off only on a day that changes.
  return start_of(day, zone) + local.since_midnight;
}

}  // namespace toll::metering
