// Which columns make up which cell of which charge.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/columns.h"

namespace toll::compiler {

/// One cell of a charge in every row. Where codes say which, it is `cell` and for each of `codes`
/// stride x the row's value.
struct PlannedCell {
  struct Code {
    uint32_t column;  ///< into ColumnInput::codes
    uint32_t stride;
  };
  uint32_t cell = 0;
  std::vector<Code> codes;
  std::vector<std::vector<uint32_t>> columns_of_part;  ///< those whose quantities add up

  bool is_fixed() const { return codes.empty(); }
};

struct PlannedCharge {
  uint32_t scale = 0;              ///< the largest of its columns
  std::vector<PlannedCell> cells;  ///< in the order of rows
};

struct ColumnPlan {
  ColumnShape shape;  ///< with the types of all codes
  std::vector<PlannedCharge> charges;
};

/// Nothing where a row of this shape has other lines than the next one.
std::optional<size_t> lines_of_rows(const dsl::RateCard& card, const RatingProgram& program,
                                    const ColumnShape& shape);

/// Nothing where code over columns does not cover the card.
std::optional<ColumnPlan> plan_columns(const dsl::RateCard& card, const RatingProgram& program,
                                       const ColumnShape& shape);

}  // namespace toll::compiler
