// What an example expects: amounts of lines, and what pools have left.
#pragma once

#include <optional>
#include <span>

#include "dsl/checker/card_context.h"
#include "dsl/checker/example_parts.h"

namespace toll::dsl::checker {

/// Adds what `syntax` expects to `example`: of each line the offer of the last of its parts that
/// has it says what it is, and what pools have left is left at its end. REQUIRES: the cards are
/// checked, and `parts` is not empty.
void check_expected(const syntax::Example& syntax, Reader& read, std::span<const ExamplePart> parts,
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
