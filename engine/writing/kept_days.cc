#include "engine/writing/kept_days.h"

#include <utility>

namespace toll::engine {
namespace {

constexpr size_t kRowsMax = 20'000;
constexpr size_t kCellsMaxOfOne = 64;  // a larger row is read again: memory is bounded by both

bool is_small(const DayRow& row) {
  size_t cells = 0;
  for (const auto& [reading, sums] : row.readings) cells += sums.cells().size();
  return cells <= kCellsMaxOfOne;
}

}  // namespace

void KeptDays::give_back(Rows&& rows) {
  if (rows_.size() + rows.size() > kRowsMax) rows_.clear();
  std::erase_if(rows, [](const auto& row) { return !is_small(row.second); });
  if (rows.size() <= kRowsMax) rows_.merge(rows);
}

}  // namespace toll::engine
