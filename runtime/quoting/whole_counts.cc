#include "runtime/quoting/whole_counts.h"

#include <fmt/format.h>

namespace toll::runtime {

bool counts_whole(const dsl::Meter& meter) {
  return meter.binding.aggregate == dsl::Aggregate::Counts ||
         meter.binding.aggregate == dsl::Aggregate::CountsDistinct;
}

std::string unfit_count(const dsl::Meter& meter, const Decimal& quantity) {
  if (!counts_whole(meter) || quantity.scale == 0 || quantity.normalized().scale == 0) return {};
  const bool distinct = meter.binding.aggregate == dsl::Aggregate::CountsDistinct;
  return fmt::format(
      "counts {}, so it comes to a whole number, and not to {}: {}",
      distinct                ? "distinct values"
      : meter.binding.outcome ? "outcomes"
                              : "events",
      quantity.normalized().to_string(),
      distinct || meter.binding.outcome
          ? std::string("give what was counted")
          : fmt::format("give what was counted, or where there are parts of a {} declare the meter "
                        "with `sums`",
                        meter.unit));
}

}  // namespace toll::runtime
