// Lines that act once on what the parts of a cut period add up to, of a row, a charge or the bill:
// those of the last version, and of the versions before it the minimums that are prorated, which
// like a prorated fee are due for the days of each version.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "runtime/quoting/cut_bounds.h"

namespace toll::runtime {

/// The lines in each version up to the last that has the row, the charge or the bill; none where a
/// version has not.
using StepsByPart = std::vector<std::optional<std::vector<OnceStep>>>;

/// A line that acts once. It points into StepsByPart.
struct Once {
  /// By part; null where that has not this line, or has it whole where it is prorated.
  std::vector<const OnceStep*> in;
  std::vector<Ratio> amounts;  ///< by part; of a period, where it is prorated
  size_t by = 0;               ///< the part that decides: the last that has it

  const OnceStep& step() const { return *in[by]; }
};

/// Whether the line at a place of a part goes on where no later one has it. The first are those
/// that stand above it.
using GoesOn = std::function<bool(const std::vector<Once>&, size_t part, size_t place)>;

/// In the order in which they act. REQUIRES: the last part has steps.
std::vector<Once> acting_once(const StepsByPart& steps, const GoesOn& goes_on);

}  // namespace toll::runtime
