// Rating whole columns: quantities of many rows in, their totals or lines out. A row is the usage
// of one bill, and comes to exactly what the rating function of a single quote gives for it.
//
// A card is compiled once more for the columns of a table (which meters, at which values, with how
// many decimal places) and for its period. All its charges are then one pass over the rows, in
// blocks:
//
//   64-bit lanes    as long as every quantity of the block is at most what the range analysis of
//                   native/column_run.h allows
//   pairs of lanes  where only the exact amount of a line needs more than 64 bits, until it is
//                   divided
//   128 bits        one row after the other; a quotient that does not fit 64 bits stops the part
//   row by row      by the function of a single quote: what is left, and what columns do not cover
//
// A charge that is priced by item or day, in credits, or by what was used elsewhere, and a card
// that rounds whole bills or has pools, are not covered by code over columns;
// docs/decisions/columns.md has the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/ratio.h"
#include "base/result.h"
#include "compiler/native.h"
#include "compiler/rating.h"
#include "compiler/usage_vector.h"
#include "dsl/rate_card.h"

namespace toll::compiler {

/// For a dimension: its value is the row's, from a column of codes.
inline constexpr uint32_t kByCode = ~uint32_t{0};

/// The numbers of a column, one after the other and aligned as C++ aligns them. None is negative;
/// those of fewer than 64 bits use all of them, so that an int32_t column of such numbers is
/// UInt32.
enum class ColumnType : uint8_t { UInt8, UInt16, UInt32, Int64 };

constexpr uint32_t bytes_of(ColumnType type) { return 1u << static_cast<uint32_t>(type); }

/// A column of quantities.
struct UsageColumn {
  uint32_t meter = 0;            ///< into RateCard::meters
  std::vector<uint32_t> values;  ///< one per dimension of the meter, or kByCode
  uint32_t scale = 0;            ///< decimal places of its quantities: 0..18
  ColumnType type = ColumnType::Int64;

  friend bool operator==(const UsageColumn&, const UsageColumn&) = default;
};

/// What a function over columns is compiled for.
struct ColumnShape {
  std::vector<UsageColumn> columns;
  std::vector<ColumnType> codes = {};  ///< per kByCode, in order; UInt32 where it is left out
  int32_t covered_days = 1;            ///< as in RateInput
  int32_t period_days = 1;
  int32_t final = 1;
  /// What each pool of the card holds for every row, as for UsageVector::add_available(); none:
  /// nothing. Commitments are due, with nothing billed before, and so are fees of a term.
  std::vector<Ratio> available = {};
  bool totals = true;  ///< whether totals are asked for, and ...
  bool lines = false;  ///< ... the amounts of lines

  friend bool operator==(const ColumnShape&, const ColumnShape&) = default;
};

/// The caller's, read only while rate() runs. Each column is of the type that the shape says, and
/// no bytes behind its last row are read.
struct ColumnInput {
  const void* const* quantities = nullptr;  ///< per column, per row: in 10^-scale, >= 0
  /// Per kByCode of the shape, in order, and per row: a value index of the dimension.
  const void* const* codes = nullptr;
  size_t rows = 0;
};

struct ColumnOutput {
  int64_t* totals = nullptr;        ///< per row, in minor units
  int64_t* const* lines = nullptr;  ///< per line, per row: LineAmount::amount
};

/// A row that has no total in 64 bits; what stands in its places of the output means nothing.
struct RowApart {
  size_t row = 0;
  bool too_much_usage = false;  ///< UsageVector::bind() refuses it
  FaultKind fault = FaultKind::None;
  uint32_t fault_line = 0;
  Int128 total = 0;  ///< where there is no fault

  friend bool operator==(const RowApart&, const RowApart&) = default;
};

/// A card compiled for columns of one shape. Immutable; any number of threads may hold one.
class ColumnFunction {
 public:
  /// `card` and `program` must outlive the function; `program` is lowered from `card`. An Error
  /// where lines are asked for and a row may have more lines than another.
  static Result<ColumnFunction> compile(const NativeCompiler& compiler, const dsl::RateCard& card,
                                        const RatingProgram& program, ColumnShape shape);

  /// With the types of all codes.
  const ColumnShape& shape() const { return shape_; }
  /// Whether there is code over columns; else every row is rated by itself.
  bool is_compiled() const { return code_.has_value(); }
  /// Lines of each row; 0 where they differ.
  size_t lines() const { return lines_; }

 private:
  friend class ColumnRater;
  ColumnFunction(const dsl::RateCard& card, const RatingProgram& program, ColumnShape shape)
      : card_(&card), program_(&program), shape_(std::move(shape)) {}

  const dsl::RateCard* card_;
  const RatingProgram* program_;
  ColumnShape shape_;
  size_t lines_ = 0;
  std::optional<NativeColumns> code_;
};

/// How many rows went which way.
struct ColumnPaths {
  uint64_t in_64_bits = 0;
  uint64_t in_pairs = 0;
  uint64_t in_128_bits = 0;
  uint64_t by_row = 0;
};

/// Rates columns with buffers of its own; each thread has one.
class ColumnRater {
 public:
  /// `row` rates a single row; null: the interpreter does.
  ColumnRater(ColumnFunction function, std::shared_ptr<const NativeFunction> row);

  /// Rates all rows. Those that have no total in 64 bits are appended to `apart`, in order.
  void rate(const ColumnInput& input, const ColumnOutput& output, std::vector<RowApart>& apart);

  const ColumnPaths& paths() const { return paths_; }

 private:
  struct Span {
    size_t begin, end;
  };
  static Span vectors_of(Span rows) {
    return {rows.begin, rows.end - (rows.end - rows.begin) % NativeColumns::kLanes};
  }
  bool rate_blocks(Span rows);
  void rate_block(Span rows);
  bool rate_lanes(Span rows);
  bool rate_vectors(Span rows);
  void rate_parts(Span rows);
  bool rate_wide(Span rows);
  void rate_row(size_t row);
  uint32_t run(Span rows, uint32_t width);

  ColumnFunction function_;
  std::shared_ptr<const NativeFunction> row_;
  UsageVector usage_;
  std::vector<uint32_t> values_;
  std::vector<const void*> quantities_;  // at the block at hand
  std::vector<const void*> codes_;
  std::vector<int64_t*> line_places_;
  uint32_t width_ = 0;  // that the next block begins with: what the one before needed
  ColumnInput input_;
  ColumnOutput output_;
  std::vector<RowApart>* apart_ = nullptr;
  ColumnPaths paths_;
};

}  // namespace toll::compiler
