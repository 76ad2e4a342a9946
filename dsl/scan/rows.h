// Row or statement? Almost any word may be the key of a price row, so a line's first word does not
// tell. This is the one place that decides.
#pragma once

#include <span>

#include "dsl/scan/line.h"

namespace toll::dsl::scan {

/// True if a line of a charge is a price row: its first token is `at`, `up`, `beyond`, `free`,
/// `any` or `other`, or its second is `,`, `at`, `up`, `beyond` or `free`. Two lines look like rows
/// and are none: the quantity line `rounded up ...` and the plan `plan free`.
bool is_price_row(std::span<const Token> tokens);

/// True if a line below `dimension ... by ...` names a value: its second token is `up`, `beyond`,
/// `otherwise` or days such as `Mon-Fri`, and its first does not begin a declaration.
bool is_dimension_row(std::span<const Token> tokens);

/// `Mon`, `Mon-Fri`
bool are_days(std::string_view word);

}  // namespace toll::dsl::scan
