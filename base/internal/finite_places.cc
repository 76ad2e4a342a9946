#include "base/internal/finite_places.h"

#include <algorithm>

namespace toll::internal {

std::optional<int> finite_places(UInt128 denominator, int places_max) {
  int twos = 0, fives = 0;
  for (; denominator % 2 == 0; denominator /= 2) ++twos;
  for (; denominator % 5 == 0; denominator /= 5) ++fives;
  const int places = std::max(twos, fives);
  if (denominator != 1 || places > places_max) return std::nullopt;
  return places;
}

}  // namespace toll::internal
