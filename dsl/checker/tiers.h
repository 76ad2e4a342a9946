// The tiers of one price table: bounds that rise, an open end, prices that fit the kind.
#pragma once

#include <span>

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

/// The table that rows of the same keys make, in text order. A table whose last tier is bounded is
/// noted in context.bounded_tables, since a limit further down may close it.
PriceTable check_tiers(std::span<const syntax::Row* const> rows, const ChargeDraft& draft,
                       CardContext& context);

/// Finds for each bounded table the limit that closes it, once all limits are known.
void close_bounded_tables(CardContext& context);

}  // namespace toll::dsl::checker
