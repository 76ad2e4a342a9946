// Money lines: discounts, surcharges, minimums and maximums of a charge and of the bill.
#pragma once

#include <span>

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

/// Fills draft.charge.money_steps. REQUIRES: the tables and quantity steps of draft.charge are set.
void check_money_lines(ChargeDraft& draft, CardContext& context);

/// Adds the card's `bill` lines, given in text order.
void check_bill_lines(std::span<const syntax::BillLine* const> lines, CardContext& context);

}  // namespace toll::dsl::checker
