// An example of a card, or the usage that refutes a guarantee, as the usage document that it stands
// for.
#pragma once

#include <span>

#include "compiler/guarantee.h"
#include "dsl/rate_card.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::cli {

/// REQUIRES: `example` is one of the card's.
runtime::UsageDocument document_of(const dsl::RateCard& card, const dsl::Example& example);

/// A whole billing period of this revision: the one that it begins in.
/// REQUIRES: `usage` is of the card's meters.
runtime::UsageDocument document_of(const dsl::RateCard& card,
                                   std::span<const compiler::MeterUsage> usage);

/// The set to rate an example of a revision on: an example of the card's own is about its text,
/// also where a later version is in force on its days.
runtime::CardSet cards_of(const runtime::Revision& revision, const dsl::Example& example);

}  // namespace toll::cli
