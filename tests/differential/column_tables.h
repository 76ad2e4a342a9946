// Tables of usage at random for a card, as columns: which columns of which types, and rows that lie
// at bounds, at the edges of 64 bits and of the types, and beside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/columns.h"
#include "compiler/rating_ir.h"
#include "dsl/rate_card.h"
#include "tests/differential/random.h"

namespace toll::differential {

struct ColumnTable {
  compiler::ColumnShape shape;
  std::vector<std::vector<int64_t>> quantities;  ///< per column
  std::vector<std::vector<uint32_t>> codes;      ///< per kByCode of the shape, in order
  size_t rows = 0;

  /// The same as the shape's types hold it.
  std::vector<std::vector<std::byte>> packed_quantities() const;
  std::vector<std::vector<std::byte>> packed_codes() const;
};

class ColumnTableGenerator {
 public:
  /// Where the quantities of a table lie.
  enum class Reach {
    Usual,      ///< small ones, and bounds
    OneBeyond,  ///< the same, and one row at the edge of 64 bits
    Anywhere,
  };

  /// `card` must outlive this; `program` is lowered from it.
  ColumnTableGenerator(const dsl::RateCard& card, const compiler::RatingProgram& program,
                       uint64_t seed);

  ColumnTable draw(size_t rows, Reach reach);

 private:
  compiler::ColumnShape draw_shape();
  void draw_columns(uint32_t meter, compiler::ColumnShape& shape);
  void draw_code_types(compiler::ColumnShape& shape);
  std::vector<uint32_t> draw_values(uint32_t meter);
  int64_t usual(const compiler::UsageColumn& column);
  int64_t at_an_edge();
  int64_t held_by(compiler::ColumnType type, int64_t quantity);

  const dsl::RateCard& card_;
  std::vector<std::vector<Ratio>> points_;  // by meter: where something may change, in its unit
  std::vector<int64_t> edges_;              // of the range that lowering proved
  Random random_;
};

}  // namespace toll::differential
