// Columns: the header line of a table file, held against the charge that reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "dsl/checker/report.h"
#include "dsl/checker/tables/csv.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// A column of amounts or bounds: `at`, or `at USD per segment`, whose cells then are bare numbers.
struct Column {
  size_t index = 0;
  CsvCell rest{};  ///< what stands behind `at` or `up to`, and belongs behind each cell
};

struct Columns {
  std::vector<size_t> keys;  ///< in the order of the charge's `by`
  std::optional<Column> up_to;
  Column at;
  size_t count = 0;
};

/// The columns of a charge's table; empty, and reported, where they do not fit. `named` is the line
/// that names the file.
std::optional<Columns> columns_of(const CsvLine& header, uint32_t file,
                                  const syntax::Charge& charge, Place named, Report& report);

}  // namespace toll::dsl::checker
