// Which days a usage document is rated for.
#pragma once

#include <optional>
#include <vector>

#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

struct CoveredDays {
  Period covered;  ///< the part of one billing period that is billed
  Period whole;    ///< that billing period
};

/// The days of the document, or of its billing period on which the version is in force; none where
/// they are not the version's to bill, and the reason is added to `faults`. `cut`: the version has
/// a part of them only, and the rest is billed by others.
std::optional<CoveredDays> covered_days(const CardSet& cards, const UsageDocument& document,
                                        const Revision& revision, bool cut,
                                        std::vector<UsageFault>& faults);

}  // namespace toll::runtime
