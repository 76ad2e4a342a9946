// Grants that a usage document carries over: which of them earlier periods cannot have left.
#pragma once

#include <optional>
#include <vector>

#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// What cannot be of the grants of a document, which are those of `bound`. `offers` are those of
/// the version: what was left in one plan may be carried into another. Without them another version
/// was in force before the covered days, by whose `grant` lines it was left.
std::vector<UsageFault> impossible_grants(const BoundUsage& bound,
                                          const std::optional<CardSet::Revisions>& offers,
                                          const std::optional<Date>& since);

}  // namespace toll::runtime
