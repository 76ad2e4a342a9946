// What the rows of both forms of a table have in common: their fields, and how one is rejected.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/bulk/blocks.h"
#include "runtime/bulk/columns.h"
#include "runtime/bulk/csv.h"

namespace toll::runtime {

/// A line that was not rated, for the table of rejections.
void reject(Block& block, size_t line, std::string_view reason, std::string_view text);

/// Why a line cannot be looked at, where it cannot.
std::optional<std::string> unfit_line(std::string_view line);

class Rows {
 public:
  explicit Rows(const TableColumns& columns) : columns_(columns) {}

  /// The fields of a line, one per column, or why it has none.
  std::expected<std::span<const std::string_view>, std::string> fields(std::string_view line);

  std::string named(size_t column, std::string_view what) const;

 private:
  const TableColumns& columns_;
  CsvRecord record_;
};

}  // namespace toll::runtime
