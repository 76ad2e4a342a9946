// Rows are laid over the cells from the most specific to the least. A cell keeps the first row that
// reaches it; a second row of the same rank at a cell is a tie. The work is the number of cells
// that the rows cover together, which the budget bounds.
#include "dsl/checker/table.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace toll::dsl::checker {
namespace {

constexpr size_t kTiesMax = 20;
constexpr size_t kUnmatchedMax = 5;

/// The cells that one row covers, in order.
class CellsOfRow {
 public:
  CellsOfRow(const Keys& keys, std::span<const uint32_t> value_counts) {
    uint32_t stride = 1;
    for (size_t i = keys.size(); i-- > 0;) {
      if (keys[i] == kAny) {
        wheels_.push_back({.stride = stride, .count = value_counts[i]});
        size_ *= value_counts[i];
      } else {
        cell_ += keys[i] * stride;
      }
      stride *= value_counts[i];
    }
  }

  uint64_t size() const { return size_; }

  template <typename Visit>
  void for_each(Visit visit) {
    while (true) {
      visit(cell_);
      size_t turning = 0;
      while (turning < wheels_.size() && !wheels_[turning].advance(cell_)) ++turning;
      if (turning == wheels_.size()) return;
    }
  }

 private:
  /// A dimension that runs through all its values, like a wheel of an odometer.
  struct Wheel {
    uint32_t stride, count, position = 0;

    /// False when it turned over to its first value.
    bool advance(uint32_t& cell) {
      if (++position < count) {
        cell += stride;
        return true;
      }
      cell -= stride * (count - 1);
      position = 0;
      return false;
    }
  };

  std::vector<Wheel> wheels_;  ///< the fastest first
  uint32_t cell_ = 0;
  uint64_t size_ = 1;
};

}  // namespace

std::optional<uint32_t> count_cells(std::span<const uint32_t> value_counts) {
  uint64_t cells = 1;
  for (uint32_t count : value_counts) {
    cells *= count;
    if (cells > kCellsMax) return std::nullopt;
  }
  return static_cast<uint32_t>(cells);
}

std::vector<uint32_t> values_of_cell(uint32_t cell, std::span<const uint32_t> value_counts) {
  std::vector<uint32_t> values(value_counts.size());
  for (size_t i = value_counts.size(); i-- > 0;) {
    values[i] = cell % value_counts[i];
    cell /= value_counts[i];
  }
  return values;
}

std::optional<TableMatch> match_rows(std::span<const Keys> rows,
                                     std::span<const uint32_t> value_counts, Budget& budget) {
  std::vector<size_t> wildcards(rows.size());
  std::ranges::transform(rows, wildcards.begin(),
                         [](const Keys& keys) { return std::ranges::count(keys, kAny); });
  std::vector<uint32_t> by_rank(rows.size());
  std::iota(by_rank.begin(), by_rank.end(), 0u);
  std::ranges::sort(by_rank, {}, [&](uint32_t row) { return std::pair(wildcards[row], row); });

  TableMatch match;
  match.row_of_cell.assign(*count_cells(value_counts), kNoRow);
  std::set<std::pair<uint32_t, uint32_t>> tied;
  for (uint32_t row : by_rank) {
    CellsOfRow cells(rows[row], value_counts);
    if (!budget.take_visits(cells.size())) return std::nullopt;
    bool reached = false;
    cells.for_each([&](uint32_t cell) {
      uint32_t& holder = match.row_of_cell[cell];
      if (holder == kNoRow) {
        holder = row;
        reached = true;
      } else if (wildcards[holder] == wildcards[row]) {
        reached = true;
        if (tied.size() < kTiesMax && tied.emplace(holder, row).second) {
          match.ties.push_back({std::min(holder, row), std::max(holder, row), cell});
        }
      }
    });
    if (!reached) match.unreached.push_back(row);
  }
  std::ranges::sort(match.unreached);
  for (uint32_t cell = 0; cell < match.row_of_cell.size(); ++cell) {
    if (match.row_of_cell[cell] != kNoRow) continue;
    if (++match.unmatched_count <= kUnmatchedMax) match.unmatched.push_back(cell);
  }
  return match;
}

}  // namespace toll::dsl::checker
