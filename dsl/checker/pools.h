// Pools of credits, and pools in money.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Notes which units the pools of the offer hold, before anything is priced in them.
void find_credits(CardContext& context);

/// The unit of a charge's first price, or of its first fixed amount where all rows are free or
/// percentages: a currency or a credit unit. Null where there is none.
const syntax::Word* priced_in(const syntax::Charge& charge);

/// What a charge is priced in, into RateCard::credits, as its first price says; empty: money.
std::optional<uint32_t> credit_of(const syntax::Charge& charge, const CardContext& context);

/// Adds the offer's pools, given in text order. REQUIRES: all charges are checked.
void check_pools(std::span<const syntax::Pool* const> pools, CardContext& context);

}  // namespace toll::dsl::checker
