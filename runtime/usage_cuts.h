// Where it matters when something was used.
#pragma once

#include <expected>
#include <memory>
#include <vector>

#include "base/date.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// Days that one offer bills, and in which no grant of credits begins or ends.
struct UsageStretch {
  Period days;
  std::shared_ptr<const Revision> offer;
};

/// What the document's period is cut into by the days on which another version or plan begins, or a
/// grant of credits begins or ends; rising. What was used in each has to stand in entries of its
/// own, and of the meters of its offer: what that does not price costs nothing there. The
/// document's usage is not looked at. A refusal where the parts of its period do not fit together
/// or it does not fit them; of one that no offer answers there are none, and a quote says why.
/// REQUIRES: it has a period.
std::expected<std::vector<UsageStretch>, Refusal> usage_stretches(const CardSet& cards,
                                                                  const UsageDocument& document);

}  // namespace toll::runtime
