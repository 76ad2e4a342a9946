// Grants that a usage document carries over: which of them earlier periods cannot have left.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// Whose `grant` lines can have left what a document says.
struct Grantors {
  CardSet::Revisions offers;  ///< of the version: what was left in one plan is carried into another
  Date since;                 ///< the version's first day, before the covered ones
  /// Offers of what was in force before it. Empty: not all that was is known, so that a grant of
  /// any size may be left of it.
  std::optional<CardSet::Revisions> earlier;
};

/// The grants of a document that are of pools of a revision, that which begins the covered days.
struct CarriedOver {
  const Revision& revision;
  Period covered;
  std::span<const BoundGrant> grants;
  std::span<const size_t> places;  ///< of each in the document
};

/// Whose lines left what a document carries over; empty where another version was in force up to
/// the covered days, by whose lines all of it was left.
std::optional<Grantors> grantors_of(const CardSet& cards, const UsageDocument& document,
                                    const Revision& revision, const Period& covered);

/// What cannot be of the grants. Without `grantors` all that a version can leave can be.
std::vector<UsageFault> impossible_grants(const CarriedOver& carried,
                                          const std::optional<Grantors>& grantors,
                                          const std::optional<Date>& since);

}  // namespace toll::runtime
