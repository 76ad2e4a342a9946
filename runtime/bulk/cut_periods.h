// Billing periods that several versions bill: a row of a table is a whole period, and says of
// nothing on which day it was used.
#pragma once

#include <memory>
#include <optional>

#include "runtime/quoting/bound.h"
#include "runtime/rate_table.h"

namespace toll::runtime {

struct OtherVersion {
  Date from;                                ///< its first day in the period
  std::shared_ptr<const Revision> version;  ///< null: it is in error
};

/// The first version that bills some days of the billing period that `bound` is of and is not that
/// of `bound`; none where all of the period is billed by that one. `asked` says card and customer.
std::optional<OtherVersion> other_version(const CardSet& cards, const UsageDocument& asked,
                                          const BoundUsage& bound);

/// Why the rows of a table cannot be billed where there is one, and the way out.
std::optional<TableFault> bills_part_of_period(const CardSet& cards, const UsageDocument& asked,
                                               const BoundUsage& bound);

}  // namespace toll::runtime
