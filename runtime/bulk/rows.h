// What the rows of both forms of a table have in common: their fields, and how one is rejected.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/bulk/blocks.h"
#include "runtime/bulk/columns.h"
#include "runtime/bulk/json_record.h"
#include "runtime/csv.h"

namespace toll::runtime {

/// A line that was not rated, for the table of rejections.
void reject(Block& block, size_t line, std::string_view reason, std::string_view text);

/// Why a line cannot be looked at, where it cannot.
std::optional<std::string> unfit_line(std::string_view line);

/// Appends a row of the output: a record that is passed on, and its amount.
void append_rated(std::string& text, TableFormat format, std::string_view record,
                  std::string_view amount);

class Rows {
 public:
  Rows(const TableColumns& columns, TableFormat format) : columns_(columns), format_(format) {}

  /// The fields of a line, one per column, or why it has none.
  std::expected<std::span<const std::string_view>, std::string> fields(std::string_view line);

  std::string named(size_t column, std::string_view what) const;

 private:
  std::expected<std::span<const std::string_view>, std::string> csv_fields(std::string_view line);
  std::expected<std::span<const std::string_view>, std::string> json_fields(std::string_view line);

  const TableColumns& columns_;
  const TableFormat format_;
  CsvRecord csv_;
  JsonRecord json_;
  std::vector<std::string_view> in_order_;  // of an object, as the columns are
};

}  // namespace toll::runtime
