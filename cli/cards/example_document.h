// An example of a card as the usage document that it stands for.
#pragma once

#include "dsl/rate_card.h"
#include "runtime/usage.h"

namespace toll::cli {

/// REQUIRES: `example` is one of the card's.
runtime::UsageDocument document_of(const dsl::RateCard& card, const dsl::Example& example);

}  // namespace toll::cli
