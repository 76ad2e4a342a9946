// Rounding of exact quotients: the only place in Toll that divides money.
#pragma once

#include <string_view>

#include "base/int128.h"

namespace toll {

/// How a quotient between two representable values becomes one of them. The modes mirror each other
/// around zero, so that a credit note is the exact negative of its invoice.
/// IEEE 754-2019 names them roundTiesToAway, roundTiesToEven, (away from zero), roundTowardZero.
/// Do not change these values: native code receives them as integers.
enum class RoundingMode : int {
  HalfUp = 0,    ///< to nearest, ties away from zero
  HalfEven = 1,  ///< to nearest, ties to the even neighbour
  Up = 2,        ///< away from zero
  Down = 3,      ///< toward zero
};

/// n / d as a whole number, rounded by `mode`. Exact for every n and d.
/// REQUIRES: d > 0.
Int128 div_round(Int128 n, Int128 d, RoundingMode mode);

/// "half-up", "half-even", "up", "down": as the language writes them.
std::string_view to_string(RoundingMode mode);

}  // namespace toll
