// Where it matters when something was used.
#pragma once

#include <expected>
#include <vector>

#include "base/date.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// The days inside the document's period on which another version or plan begins, or a grant of
/// credits begins or ends; rising. What was used before and after such a day has to stand in
/// entries of their own. The document's usage is not looked at. A refusal where the parts of its
/// period do not fit together or it does not fit them; of one that no offer answers there are none,
/// and a quote says why. REQUIRES: it has a period.
std::expected<std::vector<Date>, Refusal> usage_cuts(const CardSet& cards,
                                                     const UsageDocument& document);

}  // namespace toll::runtime
