// Time as contracts count it: seconds, local days or calendar months.
#pragma once

#include <string_view>

#include "base/instant.h"
#include "base/ratio.h"
#include "dsl/event_binding.h"

namespace toll::metering {

/// How far `until` is after `from` on the clock. A local day is 1 whether it has 23 hours or 25,
/// and a month is 1 whether it has 28 days or 31; a part of one is its share of its own length.
/// REQUIRES: from <= until.
Ratio elapsed(Instant from, Instant until, dsl::Clock clock, std::string_view zone);

/// The moment so much later. Days keep the time on the clock's face; months keep the day of the
/// month too, or take the month's last. REQUIRES: days and months are whole.
Instant later_by(const dsl::TimeSpan& span, Instant from, std::string_view zone);

}  // namespace toll::metering
