// What an example expects: amounts of lines, and what pools have left.
#pragma once

#include <optional>

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Adds what `syntax` expects to `example`. REQUIRES: the card is checked.
void check_expected(const syntax::Example& syntax, Reader& read, CardContext& context,
                    Example& example);

/// An example is in the currency of the first amount of money it expects. False, and reported, for
/// another.
bool is_in_its_currency(const syntax::Quantity& amount, const syntax::Example& example,
                        Reader& read, CardContext& context);

/// What a pool holds, in its unit; in the currency's major unit where it is in money.
std::optional<Ratio> read_pooled(const Pool& pool, const syntax::Quantity& quantity,
                                 const syntax::Example& example, Reader& read,
                                 CardContext& context);

}  // namespace toll::dsl::checker
