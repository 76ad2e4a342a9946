// Grain: charges that price each item, or each day, of what was used.
#pragma once

#include <optional>
#include <string_view>

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

/// "item" or "day": what the lines of an `each` charge act on.
std::string_view word_of(Grain grain);

/// Takes the charge's `each`; reports a meter that has no items or days (E332).
void take_grain(ChargeDraft& draft, CardContext& context);

/// Whether an allowance of an `each` charge is for a number of items, as in `included 3 payments
/// shared`: its unit is the name of the meter, or a unit that the meter does not measure.
bool counts_items(const syntax::Included& line, const ChargeDraft& draft, CardContext& context);

/// That number; empty, and reported, where it is not whole (E333).
std::optional<Ratio> number_of_items(const syntax::Included& line, const ChargeDraft& draft,
                                     CardContext& context);

/// Reports what is about a cell as a whole, or about a part of the period, in an `each` charge
/// (E335).
void check_lines_of_items(const ChargeDraft& draft, CardContext& context);

/// `included 10% of compute`; empty, and reported, where there is no such share (E334).
std::optional<QuantityStep> share_of_charge(const syntax::Included& line, const ChargeDraft& draft,
                                            CardContext& context);

}  // namespace toll::dsl::checker
