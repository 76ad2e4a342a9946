// Meters that count come to whole numbers: of events, of outcomes, of distinct values.
#pragma once

#include <string>

#include "base/decimal.h"
#include "dsl/rate_card.h"

namespace toll::runtime {

/// Whether the meter counts, so that no part of one can be.
bool counts_whole(const dsl::Meter& meter);

/// Why the meter cannot have come to a quantity, and the way out: a sentence without subject, lower
/// case, no full stop. Empty where it can.
std::string unfit_count(const dsl::Meter& meter, const Decimal& quantity);

}  // namespace toll::runtime
