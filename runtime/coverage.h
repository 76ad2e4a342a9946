// Coverage: the price lines and tier bounds of cards that their examples and golden invoices reach,
// as the interpreter tells while it rates them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/revision.h"

namespace toll::runtime {

/// What examples do to a tier bound. Which side of it is meant is the mistake that a bound invites,
/// so one is tested where a cell stands exactly at it and the same cell, in another example, above.
struct BoundCoverage {
  bool at = false, above = false;  ///< by any cell of the row
  bool tested = false;
};

/// A row of prices, as it stands in a card or in a table file. A row that prices many cells is
/// reached by one of them.
struct PriceLineCoverage {
  dsl::SourceLine source;
  bool used = false;     ///< an example uses a cell that the row prices
  bool reached = false;  ///< the row gave a part of an amount
  Decimal largest;       ///< most that an example uses of such a cell, before allowances
  std::string unit;      ///< of `largest`, in the plural
  std::optional<BoundCoverage> bound;  ///< of `up to`, unless it is `up to 0`
};

/// What counts of a table file: each of its rows, or the file as one line that is reached where one
/// of its rows is, with one bound.
enum class TableCoverage { EachRow, WholeFile };

/// Collects over cards. A line that several versions read (one file, or one they share) counts
/// once. Not thread-safe.
class Coverage {
 public:
  explicit Coverage(TableCoverage tables) : tables_(tables) {}

  /// Rates all examples and invoices of the revision, but those that several plans, versions or
  /// deals bill. What cannot be rated reaches as far as it gets. REQUIRES: `revision` is not null.
  void add(const std::shared_ptr<const Revision>& revision);

  /// By file and line.
  std::vector<PriceLineCoverage> price_lines() const;

  /// Examples and invoices that several plans, versions or deals bill.
  size_t left_out() const { return left_out_; }

 private:
  const TableCoverage tables_;
  size_t left_out_ = 0;
  std::map<std::pair<std::string, uint32_t>, PriceLineCoverage> lines_;
};

}  // namespace toll::runtime
