// What more usage of a period costs, line by line, as it comes: the lines of two quotes,
// subtracted, for the charges of which one line can be rated by itself.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "runtime/card_set.h"
#include "runtime/cell_raters.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// A line after less the line before.
struct LineCost {
  std::string path;
  std::string amount;  ///< of the rounded lines, in the currency's major unit; may be negative
  std::string exact;   ///< of the exact ones
};

/// A charge whose lines change in a way that is known for the period as a whole only.
struct UnknownCost {
  std::string path;    ///< of the charge
  std::string reason;  ///< one sentence, lower case, no full stop
};

/// Minimum and maximum of a charge, bill lines, commitments and what pools pay act on sums, and are
/// no part of a line.
struct UsageCost {
  std::string currency;
  std::vector<LineCost> lines;  ///< those that more was used of
  std::vector<UnknownCost> unknown;
};

/// Not thread-safe. The lines come from the code that rates quotes, so the sum of what each step
/// costs is, for every line, what the last and the first quote differ by.
class RunningCost {
 public:
  /// A refusal where the document fits no card, or a version, a plan or a grant of credits begins
  /// inside the period. Rates by `raters`, or by the interpreter where that is null.
  static std::expected<RunningCost, Refusal> begin(const CardSet& cards,
                                                   const UsageDocument& document,
                                                   CellRaters* raters = nullptr);
  RunningCost(RunningCost&&) noexcept;
  RunningCost& operator=(RunningCost&&) noexcept;
  ~RunningCost();

  /// From the document before to this one, in which more was used. After a refusal that one stays.
  std::expected<UsageCost, Refusal> advance(const CardSet& cards, const UsageDocument& document);

 private:
  struct Impl;
  explicit RunningCost(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::runtime
