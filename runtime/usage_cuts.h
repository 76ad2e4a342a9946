// Where it matters when something was used.
#pragma once

#include <vector>

#include "base/date.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// The days inside the document's period on which another version or plan begins, or a grant of
/// credits begins or ends; rising. What was used before and after such a day has to stand in
/// entries of their own. The document's usage is not looked at; of one that does not fit there are
/// none, and a quote says why. REQUIRES: it has a period.
std::vector<Date> usage_cuts(const CardSet& cards, const UsageDocument& document);

}  // namespace toll::runtime
