// Usage of one cell at two moments and what it comes to: the calling convention of the code that
// rates single cells.
#pragma once

#include <cstdint>

#include "base/int128.h"
#include "compiler/rating.h"

namespace toll::compiler {

/// Native code knows this layout; do not change it without native/layout.h.
struct CellUsage {
  /// Per part of the charge (Charge::parts) what was used, then, where Charge::to_date, what was
  /// used before the period: in 10^-scale of the meter's unit, >= 0, below 10^18 units. `before` is
  /// null where the cell has no line yet, which a charge without `by` always has.
  const Int128* before = nullptr;
  const Int128* after = nullptr;
  uint32_t cell = 0;         ///< below Charge::cells
  uint32_t scale = 0;        ///< 0..18
  int32_t covered_days = 1;  ///< these as in RateInput
  int32_t period_days = 1;
  int32_t final = 1;
};

/// The line after less the line before: exactly numerator / denominator minor units, and `amount`
/// as the card rounds its lines. Of a charge in credits it is credits, and `amount` 0. The
/// denominator is that of both lines, and not reduced.
struct CellChange {
  Int128 numerator = 0;
  Int128 denominator = 1;
  int64_t amount = 0;
  FaultKind fault = FaultKind::None;  ///< of the line before, else of the line after: no change

  friend bool operator==(const CellChange&, const CellChange&) = default;
};

/// Native code as it is called. After a fault only `fault` means anything.
using CellFunction = void (*)(const CellUsage*, CellChange*);

/// Whether a cell's line of the charge depends on nothing but that cell's own usage.
bool rates_cells_alone(const RatingProgram& program, uint32_t charge);

/// A program whose only item is that charge, and its only lines those of cells.
RatingProgram charge_alone(const RatingProgram& program, uint32_t charge);

}  // namespace toll::compiler
