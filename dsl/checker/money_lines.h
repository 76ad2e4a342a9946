// Money lines: discounts, surcharges, minimums and maximums of a charge and of the bill.
#pragma once

#include <span>
#include <variant>

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

/// Fills draft.charge.money_steps. REQUIRES: the tables and quantity steps of draft.charge are set.
void check_money_lines(ChargeDraft& draft, CardContext& context);

/// What acts on the bill as a whole.
using BillItem = std::variant<const syntax::BillLine*, const syntax::Commit*>;

/// Adds the card's `bill` lines and commitments, given in text order. REQUIRES: all fees and
/// charges are checked.
void check_bill_items(std::span<const BillItem> items, CardContext& context);

}  // namespace toll::dsl::checker
