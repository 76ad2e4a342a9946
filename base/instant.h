// Instant: a moment on the time line, as events carry it, and what it is in a time zone.
//
// Cards bill by local days: a day that changes to summer time has 23 hours, and everything that is
// counted by hour or day asks here. Zones are IANA names; see is_time_zone in base/date.h.
// Pure but for the time zone database of the machine, which is read once; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/date.h"

namespace toll {

/// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
using Instant = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Reads RFC 3339, section 5.6: `2026-03-01T12:00:00Z`, `2026-03-01T13:00:00.25+01:00`. Years 1970
/// to 2199; at most 9 digits of a second. A leap second is the last moment of the day that it ends.
std::optional<Instant> parse_instant(std::string_view text);

/// RFC 3339 in UTC, with as many digits of a second as are not zero: `2026-03-01T12:00:00.25Z`.
std::string to_string(Instant instant);

/// What a clock in the zone shows.
struct LocalTime {
  Date day;
  std::chrono::nanoseconds since_midnight;  ///< on the clock's face: 0 <= it < 24 h
};

/// REQUIRES for both: is_time_zone(zone).
LocalTime local_time(Instant instant, std::string_view zone);

/// The first second of the day in the zone: midnight, or what follows the gap where a clock jumps
/// over midnight.
std::chrono::sys_seconds first_second_of(Date day, std::string_view zone);

/// The same as an Instant, which reaches from 1677 to 2262: days beyond begin with the first or the
/// last year that it has whole. No event is there.
Instant start_of(Date day, std::string_view zone);

}  // namespace toll
