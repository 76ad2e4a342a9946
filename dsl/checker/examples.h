// Examples of a card and invoices of their own: usage, and the amounts expected of it.
#pragma once

#include <optional>
#include <span>

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// Adds an example to the card. `read` reads the file in which it stands, which for an invoice is
/// often another than the card's; `offers` are those of its plans, one after the other, and it is
/// added to the first; `until` is the first day on which the card does not answer for it any more.
/// REQUIRES: `offers` is not empty, and everything else of the card is known.
void check_example(const syntax::Example& example, Reader& read,
                   std::span<CardContext* const> offers, std::optional<Date> until);

/// The days that an example asks for: its month cut to its own `from` and `until`. Empty, without a
/// report, where it names none of them.
std::optional<Period> days_asked(const syntax::Example& example);

}  // namespace toll::dsl::checker
