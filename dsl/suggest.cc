// "did you mean": the nearest known word, if it is near enough to be meant.
//
// Distance is Damerau-Levenshtein (optimal string alignment): one for a letter that was added, left
// out or replaced, and for two neighbours that changed places, since that is how fingers slip.

#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.h"
#include "dsl/diagnostic.h"

namespace toll::dsl {
namespace {

constexpr size_t kDistanceMax = 3;

/// The distance, or anything above `bound` if it is larger than that.
size_t distance(std::string_view a, std::string_view b, size_t bound) {
  size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > bound) return bound + 1;

  // rows[i % 3][j]: the distance of the first i letters of a from the first j of b.
  std::array<std::vector<size_t>, 3> rows;
  for (auto& row : rows) row.resize(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    const auto& before_last = rows[(i + 1) % 3];
    const auto& last = rows[(i + 2) % 3];
    auto& row = rows[i % 3];
    row[0] = i;
    size_t smallest = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
      smallest = std::min(smallest, row[j]);
    }
    if (smallest > bound) return bound + 1;
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string suggest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  size_t bound = std::min(kDistanceMax, word.size() / 3);
  for (const std::string& candidate : candidates) {
    if (candidate == word) continue;
    if (equal_but_for_case(word, candidate)) return candidate;
    if (bound == 0) continue;
    size_t d = distance(word, candidate, bound);
    if (d > bound) continue;
    best = candidate;
    bound = d - 1;  // a later candidate has to be nearer
  }
  return best;
}

}  // namespace toll::dsl
