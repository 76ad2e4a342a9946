// Quantities of meters that do not add up: of two entries of one cell the greater peak is the peak
// of both, and the later level is the last one.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/decimal.h"
#include "dsl/event_binding.h"
#include "runtime/usage.h"

namespace toll::runtime {

class Levels {
 public:
  struct Cell {
    uint32_t meter = 0;
    std::vector<uint32_t> values;
    uint32_t day = 0;

    friend auto operator<=>(const Cell&, const Cell&) = default;
  };
  struct Level {
    Decimal quantity;
    Date from;             ///< where its entry begins
    size_t entry = 0;      ///< into the document's usage
    uint32_t segment = 0;  ///< in which it is used
  };

  /// Puts a level together with what the cell has; the reason where that is not known of both.
  std::expected<void, std::string> add(dsl::Aggregate aggregate, Cell cell, const Level& level);

  /// What each cell comes to.
  const std::map<Cell, Level>& cells() const { return cells_; }

 private:
  std::map<Cell, Level> cells_;
};

}  // namespace toll::runtime
