// What the quantities of parts of a period say about that of the whole.
#pragma once

#include "dsl/event_binding.h"

namespace toll::dsl {

/// Whether quantities of parts of a period are added up to that of the whole.
bool adds_up(Aggregate aggregate);

/// Whether quantities of parts of a period say what the whole comes to: they add up, or the greatest
/// of them is the peak, the last one the latest level, or their mean over the days the average.
bool follows_from_parts(Aggregate aggregate);

}  // namespace toll::dsl
