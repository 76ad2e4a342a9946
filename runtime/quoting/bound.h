// A usage document bound to a revision: names resolved, dates settled.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "compiler/usage_vector.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

struct BoundUsage {
  std::shared_ptr<const Revision> revision;
  Period covered;
  compiler::UsageVector usage;
  compiler::RateInput* input = nullptr;  ///< of `usage`, with the days of the period
  std::vector<Decimal> used;             ///< per meter, over all of its cells
  std::vector<Decimal> used_to_date;     ///< per meter, before the period
};

/// Whether `period` ends the time that a commitment is for: a year of the subscription that began
/// on `since`, or else a calendar year; likewise for quarters and months.
bool ends_commitment(const Period& period, PeriodUnit per, const std::optional<Date>& since);

/// All faults of a document that does not fit are in the refusal.
std::expected<std::unique_ptr<BoundUsage>, Refusal> bind(const CardSet& cards,
                                                         const UsageDocument& document);

}  // namespace toll::runtime
