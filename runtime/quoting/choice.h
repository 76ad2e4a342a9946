// Which revision answers a usage document: the version in force for its customer, or the one that
// it is pinned to, and of that the offer in its plan and currency.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

struct Choice {
  std::shared_ptr<const Revision> version;  ///< its first offer
  std::shared_ptr<const Revision> offer;    ///< null, and why in `faults`, where there is none
  std::vector<UsageFault> faults = {};
  /// Where the document is pinned to a revision that is not live any more, those of its time.
  std::shared_ptr<const CardSet> earlier;

  /// The set that the document is rated on.
  const CardSet& set(const CardSet& live) const { return earlier ? *earlier : live; }
};

/// A refusal where no version answers. Pure but for the clock, where the document names no day.
std::expected<Choice, Refusal> choose_among(const CardSet& cards, const UsageDocument& document);

/// Adds to what is wrong with a document that could not be held against an offer what is wrong in
/// whichever: the meters of its usage that none of the card has. Of entries that `faults` names
/// nothing more.
void add_unknown_meters(const CardSet& cards, const UsageDocument& document,
                        std::vector<UsageFault>& faults);

/// Of what is in error, or may be, in the place of the document's card for its customer.
std::string why_deal_is_missing(const dsl::HeldBack& held, const UsageDocument& document);

/// "`a`, `b`", at most ten of them.
std::string listed(const std::vector<std::string>& names);

}  // namespace toll::runtime
