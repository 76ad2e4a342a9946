// What more usage of one cell costs: the line of one cell of a charge at two quantities, and their
// difference. For the live cost of an event, without rating the rest of the bill.
//
// The lines are made by the same code as those of a quote, native or interpreted, so that the
// change is to the last digit what two quotes differ by. A cell's line can be rated by itself where
// it depends on nothing but what was used in that cell: covers() says of which charges that is so.
// Where it is not (tiers by what other cells used, an allowance that cells share, a share of other
// lines, items and days, bills rounded as a whole), total_change() takes two whole usages.
//
// Steps on sums are no part of a cell's line: minimum and maximum of a charge, discount, minimum
// and commitments of a bill, and what pools pay.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/native.h"
#include "compiler/rating.h"

namespace toll::compiler {

/// Rates single cells of a program. Immutable, and the same by native code and interpreter; any
/// number of threads may call one at once. Native code allocates nothing. Keeps what it needs of
/// the program.
class CellRater {
 public:
  /// Rates with the interpreter.
  explicit CellRater(const RatingProgram& program);
  /// Rates with native code. REQUIRES: `code` was compiled from `program`.
  CellRater(const RatingProgram& program, NativeCells code);

  /// Whether a cell's line of the charge can be rated by itself.
  bool covers(uint32_t charge) const { return covered_[charge]; }

  bool is_native() const { return code_.has_value(); }

  /// From `usage.before` to `usage.after`. REQUIRES: covers(charge), and usage as CellUsage has it.
  CellChange operator()(uint32_t charge, const CellUsage& usage) const;

 private:
  CellChange interpreted(uint32_t charge, const CellUsage& usage) const;

  std::vector<bool> covered_;
  std::optional<NativeCells> code_;
  /// Without native code: per charge that is covered, a program that has no other.
  std::shared_ptr<const std::vector<RatingProgram>> alone_;
};

/// By how much the total of a bill changes, in minor units; or the fault of the first of the two
/// that has one.
struct TotalChange {
  Int128 total = 0;
  FaultKind fault = FaultKind::None;
  uint32_t fault_line = 0;

  friend bool operator==(const TotalChange&, const TotalChange&) = default;
};

/// Rates two usages of the program whole. `row` null: the interpreter does. `lines` is room for the
/// lines of either. REQUIRES: as RateInput has it; an input whose charges keep amounts is rated by
/// one thread at a time.
TotalChange total_change(const RatingProgram& program, const NativeFunction* row,
                         const RateInput& before, const RateInput& after,
                         std::span<LineAmount> lines);

}  // namespace toll::compiler
