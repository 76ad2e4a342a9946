// What grants pay in a period in which versions or plans follow one another, and what is beyond
// them. Each segment, from one day on which a version, a plan or a grant begins or ends to the
// next, is paid for by the pools of the version that is in force in it.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "base/ratio.h"
#include "runtime/quoting/cut_grants.h"
#include "runtime/quoting/cut_period.h"

namespace toll::runtime {

struct CreditSegment {
  size_t part = 0;
  Date from;
  std::map<std::string, Ratio> used;  ///< by charge, what it has come to when the segment ends
};

/// What is beyond a pool at the end of a part, and was at its begin, each by the price of that
/// part.
struct BeyondShare {
  size_t part = 0;
  const dsl::Pool* pool = nullptr;  ///< the one that bills it
  Ratio credits, credits_before;
  Ratio all, before;  ///< exact minor units
};

struct CreditPayments {
  std::vector<Ratio> left;  ///< beside the grants
  std::vector<BeyondShare> beyond;
};

/// A charge that falls in a segment draws nothing there, and what was drawn stays drawn. A refusal
/// where a pool stops what is beyond it.
std::expected<CreditPayments, Refusal> pay_credits(const CutPeriod& period,
                                                   const std::vector<CreditSegment>& segments);

}  // namespace toll::runtime
