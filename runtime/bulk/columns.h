// What the columns of a table are: its header, read against a revision.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/rate_table.h"
#include "runtime/revision.h"

namespace toll::runtime {

/// A meter at one value of each of its dimensions.
struct TableCell {
  uint32_t meter = 0;
  std::vector<uint32_t> values;

  friend auto operator<=>(const TableCell&, const TableCell&) = default;
};

struct TableColumn {
  std::string name;               ///< as the header says it
  std::optional<TableCell> cell;  ///< of a wide table: the quantity's; else it is kept
  bool whole = false;             ///< its meter counts, and comes to whole numbers
};

/// Where a long table says what. Dimensions: one column each, or kNone.
struct LongColumns {
  size_t customer = 0, quantity = 0;
  std::optional<size_t> meter;
  uint32_t only_meter = 0;                        ///< where no column says it
  std::vector<std::optional<size_t>> dimensions;  ///< by index into RateCard::dimensions

  bool is_dimension(size_t column) const {
    return column != customer && column != quantity && column != meter;
  }
};

struct TableColumns {
  static constexpr size_t kNone = ~size_t{0};
  std::vector<TableColumn> columns;
  std::optional<size_t> customer;
  std::optional<LongColumns> long_form;
  std::vector<std::string> warnings;  ///< what the header may mean otherwise

  /// kNone where there is no column of that name.
  size_t place_of(std::string_view name) const;
};

/// Every column is a meter's, a cell's, or one that is kept: a misspelled one would cost nothing.
std::expected<TableColumns, TableFault> read_columns(const Revision& revision,
                                                     std::span<const std::string_view> header,
                                                     std::span<const std::string> keep);

}  // namespace toll::runtime
