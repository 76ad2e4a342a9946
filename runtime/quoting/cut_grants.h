// Grants in a period in which versions or plans follow one another. Pools are matched by name: what
// one holds goes on in the pool of that name, and ends where there is none.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "runtime/quoting/bound.h"

namespace toll::runtime {

struct CutPart;

struct CutGrant {
  std::string pool;
  Ratio quantity;  ///< credits, or minor units
  Date from;       ///< its first covered day
  std::optional<Date> expires;
  bool recurring = false;
  GrantingPools lines = {};  ///< which can have given it
  /// The day on which its plan is left until after the next grant would come: it goes with the
  /// plan.
  std::optional<Date> gone = {};

  bool is_there(Date day) const {
    return from <= day && (!expires || day < *expires) && (!gone || day < *gone);
  }
};

/// Those that the document brings along, and those of the `grant` lines: of each interval one, by
/// the version in force on the first covered day of it on which the pool is there. A pool that a
/// later version begins gives that of the interval in which it begins, as to a customer who begins
/// then; one that is gone for some days, nothing that it has given before. Those that wait for the
/// pool of another plan come into `waiting`.
std::expected<std::vector<CutGrant>, Refusal> gather_grants(const CardSet& cards,
                                                            const UsageDocument& document,
                                                            const std::vector<CutPart>& parts,
                                                            std::vector<WaitingGrant>& waiting);

/// The pool of a card by its name; null where it has none.
const dsl::Pool* pool_called(const dsl::RateCard& card, const std::string& name);

/// The grants that a card has pools for, as indices, in the order in which they are spent: those of
/// one pool follow one another.
std::vector<size_t> spent_in_order(const dsl::RateCard& card, const std::vector<CutGrant>& grants);

/// The same as they are bound to the card.
std::vector<BoundGrant> bound_to_card(const dsl::RateCard& card,
                                      const std::vector<CutGrant>& grants);

/// The days inside the covered ones on which a grant of credits begins or ends.
std::vector<Date> days_of_grants(const std::vector<CutPart>& parts,
                                 const std::vector<CutGrant>& grants);

}  // namespace toll::runtime
