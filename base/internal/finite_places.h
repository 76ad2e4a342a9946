// How many decimal places a fraction has.
#pragma once

#include <optional>

#include "base/int128.h"

namespace toll::internal {

/// The decimal places of n / denominator for every n that has no factor in common with it; empty
/// when the expansion does not end or is longer than `places_max`. REQUIRES: denominator > 0.
std::optional<int> finite_places(UInt128 denominator, int places_max);

}  // namespace toll::internal
