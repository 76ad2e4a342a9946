#include "base/rounding.h"

#include <utility>

namespace toll {
namespace {

/// Whether the quotient moves one step away from zero, given what truncation cut off.
/// REQUIRES: 0 < cut < d.
bool moves_away(Int128 truncated, Int128 cut, Int128 d, RoundingMode mode) {
  const Int128 missing = d - cut;  // to the next whole number; `2 * cut` might not fit
  switch (mode) {
    case RoundingMode::HalfUp:
      return cut >= missing;
    case RoundingMode::HalfEven:
      return cut > missing || (cut == missing && truncated % 2 != 0);
    case RoundingMode::Up:
      return true;
    case RoundingMode::Down:
      return false;
  }
  std::unreachable();
}

}  // namespace

Int128 div_round(Int128 n, Int128 d, RoundingMode mode) {
  const Int128 truncated = n / d;
  const Int128 remainder = n - truncated * d;
  if (remainder == 0) return truncated;
  const Int128 cut = remainder < 0 ? -remainder : remainder;
  if (!moves_away(truncated, cut, d, mode)) return truncated;
  return n < 0 ? truncated - 1 : truncated + 1;  // d >= 2 here, so the neighbour fits
}

std::string_view to_string(RoundingMode mode) {
  switch (mode) {
    case RoundingMode::HalfUp:
      return "half-up";
    case RoundingMode::HalfEven:
      return "half-even";
    case RoundingMode::Up:
      return "up";
    case RoundingMode::Down:
      return "down";
  }
  std::unreachable();
}

}  // namespace toll
