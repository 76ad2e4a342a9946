// Which row of a table prices which cell.
//
// A row names for each dimension one value or all of them (`any`). Of the rows that match a cell
// the one with the fewest `any` prices it; the order of rows does not matter, so two such rows are
// a tie:
//
//                 outbound   inbound
//       US      |  US, any | US, inbound |     US, any          one `any`
//       GB      | any, any | any, any    |     US, inbound      none: wins its cell from both
//                                              any, any         two
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "dsl/checker/budget.h"

namespace toll::dsl::checker {

/// In place of a value: all values.
inline constexpr uint32_t kAny = std::numeric_limits<uint32_t>::max();
/// In place of a row: none.
inline constexpr uint32_t kNoRow = std::numeric_limits<uint32_t>::max();

/// A value index or kAny for each dimension.
using Keys = std::vector<uint32_t>;

/// The number of cells of dimensions with so many values each; empty above kCellsMax.
std::optional<uint32_t> count_cells(std::span<const uint32_t> value_counts);

/// The values of a cell, the last dimension counting fastest.
std::vector<uint32_t> values_of_cell(uint32_t cell, std::span<const uint32_t> value_counts);

struct TableMatch {
  std::vector<uint32_t> row_of_cell;  ///< kNoRow where no row matches
  struct Tie {
    uint32_t first, second;  ///< rows, in text order
    uint32_t cell;           ///< the first one that both match best
  };
  std::vector<Tie> ties;            ///< the first few pairs of rows
  std::vector<uint32_t> unreached;  ///< rows that lose every cell to more specific rows
  std::vector<uint32_t> unmatched;  ///< the first few cells without a row
  uint64_t unmatched_count = 0;
};

/// Matches rows to cells. Empty when that costs more than the budget has.
/// REQUIRES: no two rows have the same keys; count_cells(value_counts) is not empty.
std::optional<TableMatch> match_rows(std::span<const Keys> rows,
                                     std::span<const uint32_t> value_counts, Budget& budget);

}  // namespace toll::dsl::checker
