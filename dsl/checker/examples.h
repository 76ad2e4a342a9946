// Examples of a card and invoices of their own: usage, and the amounts expected of it.
#pragma once

#include <optional>
#include <span>

#include "dsl/checker/card_context.h"
#include "dsl/checker/example_parts.h"

namespace toll::dsl::checker {

/// Adds an example to the card. `read` reads the file in which it stands, which for an invoice is
/// often another than the card's; `parts` are those of its days, one after the other, and it is
/// added to the offer of the first; `until` is the first day on which they do not answer for it any
/// more.
/// REQUIRES: `parts` is not empty, and everything else of the cards is known.
void check_example(const syntax::Example& example, Reader& read, std::span<const ExamplePart> parts,
                   std::optional<Date> until);

/// Whether the `from` of an example, where it says one beside its month, is a day of it; else it is
/// reported.
bool begins_in_its_month(const syntax::Example& example, Reader& read, Report& report);

/// The days that an example of a card is about, whether or not the card covers them: its billing
/// period, cut to its own `from` and `until`. Empty, without a report, where these do not fit it.
std::optional<Period> period_asked(const syntax::Example& example, const RateCard& card);

/// The days that an example asks for: its month cut to its own `from` and `until`. Empty, without a
/// report, where it names none of them.
std::optional<Period> days_asked(const syntax::Example& example);

}  // namespace toll::dsl::checker
