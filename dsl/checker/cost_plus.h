// Cost-plus prices: from what a unit costs and a margin or markup to the price of each cell.
#pragma once

#include <optional>

#include "dsl/checker/card_context.h"
#include "dsl/checker/charge.h"
#include "dsl/rate_card.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// What the row says; its price is left at 0 until the cells are known.
std::optional<Term> read_cost_plus(const syntax::CostPlus& syntax, Reader& read, Report& report,
                                   const CardCurrency& currency);

/// Gives cost-plus prices their amounts. Cells of one row that cost differently get a table each,
/// so that the tables stay in the order of rows. REQUIRES: the charge's cells have their tables.
void price_by_cost(ChargeDraft& draft, CardContext& context);

/// What a margin is guaranteed against: the cost tables on the card's meters that hold on some of
/// its days. REQUIRES: its days are settled.
void take_costs(CardContext& context);

}  // namespace toll::dsl::checker
