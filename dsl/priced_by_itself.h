// Which prices need to know each item, or each day, also of what was used before them.
#pragma once

#include <cstdint>

#include "dsl/rate_card.h"

namespace toll::dsl {

/// Whether what a card makes of some usage of a meter follows from that alone, however much was
/// used before: each item, or each day, is priced by itself, and nothing adds them up.
bool prices_by_itself(const RateCard& card, uint32_t meter);

}  // namespace toll::dsl
