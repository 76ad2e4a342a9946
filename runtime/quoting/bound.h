// A usage document bound to a revision: names resolved, dates settled.
#pragma once

#include <expected>
#include <memory>
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
};

/// All faults of a document that does not fit are in the refusal.
std::expected<std::unique_ptr<BoundUsage>, Refusal> bind(const CardSet& cards,
                                                         const UsageDocument& document);

}  // namespace toll::runtime
