// Columns: the header line of a table file, held against what reads it: a charge, a change of one,
// or a cost table.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
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
  std::vector<size_t> keys;  ///< in the order of `by`
  std::optional<Column> up_to;
  Column at;
  std::optional<Column> was;
  size_t count = 0;
};

/// What reads a table.
struct TableReader {
  enum class Kind { Charge, Change, Cost } kind = Kind::Charge;
  std::span<const syntax::Word> by = {};
};

/// The columns of a table; empty, and reported, where they do not fit. `named` is the line that
/// names the file.
std::optional<Columns> columns_of(const CsvLine& header, uint32_t file, const TableReader& reader,
                                  Place named, Report& report);

}  // namespace toll::dsl::checker
