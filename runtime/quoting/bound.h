// A usage document bound to a revision: names resolved, dates settled.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "compiler/credit_draws.h"
#include "compiler/usage_vector.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// A grant of a pool, from the usage document or from a `grant` line of the card.
struct BoundGrant {
  compiler::Grant grant;
  Date from;  ///< its first covered day
  std::optional<Date> expires;
  bool recurring = false;
};

struct BoundUsage {
  std::shared_ptr<const Revision> revision;
  Period covered;
  compiler::UsageVector usage;
  compiler::RateInput* input = nullptr;  ///< of `usage`, with the days of the period
  std::vector<Decimal> used;             ///< per meter, over all of its cells
  std::vector<Decimal> used_to_date;     ///< per meter, before the period
  std::vector<BoundGrant> grants = {};   ///< those of one pool in the order in which they are spent

  // Where grants begin or end inside the period.
  std::vector<Date> cuts = {};  ///< days on which a segment begins, but for the first
  /// What was used up to the end of a segment, but for the last.
  struct Part {
    compiler::UsageVector usage;
    compiler::RateInput* input = nullptr;
  };
  std::vector<std::unique_ptr<Part>> parts = {};
  // Set by rate(): by credit step, segment and charge, and the scale that they are in.
  std::vector<std::vector<std::vector<Int128>>> used_of_segments = {};
  uint32_t credit_scale = 0;
};

/// Whether `period` ends the time that a commitment is for: a year of the subscription that began
/// on `since`, or else a calendar year; likewise for quarters and months.
bool ends_commitment(const Period& period, PeriodUnit per, const std::optional<Date>& since);

/// All faults of a document that does not fit are in the refusal.
std::expected<std::unique_ptr<BoundUsage>, Refusal> bind(const CardSet& cards,
                                                         const UsageDocument& document);

}  // namespace toll::runtime
