// Quantities of meters that do not add up: of two entries of one cell the greater peak is the peak
// of both, the later level is the last one, and each average counts for its share of the time.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/date.h"
#include "base/decimal.h"
#include "base/ratio.h"
#include "dsl/event_binding.h"
#include "runtime/usage.h"

namespace toll::runtime {

class Levels {
 public:
  /// Days by the calendar of a zone, where one may have 23 or 25 hours. REQUIRES: it outlives this.
  explicit Levels(std::string_view time_zone) : time_zone_(time_zone) {}

  struct Cell {
    uint32_t meter = 0;
    std::vector<uint32_t> values;
    uint32_t day = 0;

    friend auto operator<=>(const Cell&, const Cell&) = default;
  };
  struct Level {
    Decimal quantity;
    Period days;           ///< of its entry
    size_t entry = 0;      ///< into the document's usage
    uint32_t segment = 0;  ///< in which it is used
  };

  /// Puts a level together with what the cell has; the reason where that is not known of both.
  /// `covered` are the days that an average is taken over.
  std::expected<void, std::string> add(dsl::Aggregate aggregate, Cell cell, const Level& level,
                                       const Period& covered);

  /// What each cell comes to; empty where that does not fit.
  struct Sum {
    Level level;  ///< the one that counts; of averages the first
    std::optional<Decimal> quantity;
    std::vector<Level> averages = {};
  };
  const std::map<Cell, Sum>& cells() const { return cells_; }

 private:
  std::optional<Decimal> mean(const std::vector<Level>& averages, const Period& covered) const;

  const std::string_view time_zone_;
  std::map<Cell, Sum> cells_;
};

}  // namespace toll::runtime
