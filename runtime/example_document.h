// An example of a card, or the usage that refutes a guarantee, as the usage document that it stands
// for.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "compiler/guarantee.h"
#include "dsl/rate_card.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// REQUIRES: `example` is one of the card's. `offers` are to hold those that it changes to; empty
/// where one of them is missing, since its version is in error.
std::optional<UsageDocument> document_of(const dsl::RateCard& card, const dsl::Example& example,
                                         std::span<const dsl::RateCard* const> offers = {});

/// The same with revisions.
std::optional<UsageDocument> document_of(const dsl::RateCard& card, const dsl::Example& example,
                                         const CardSet::Revisions& offers);

/// A whole billing period of this revision: the one that it begins in.
/// REQUIRES: `usage` is of the card's meters.
UsageDocument document_of(const dsl::RateCard& card, std::span<const compiler::MeterUsage> usage);

/// The set to rate an example on, of those of `offers` whose versions bill it: an example of the
/// card's own is about its text, also where a later version is in force on its days.
CardSet cards_of(const CardSet::Revisions& offers, const dsl::Example& example);

}  // namespace toll::runtime
