// Which lines of a charge act on what, as they are written: what the oracle of cut periods knows of
// minimums, maximums and the lines below them. Shares no code with runtime/.
#pragma once

#include <string>
#include <vector>

#include "dsl/rate_card.h"
#include "tests/differential/oracle.h"

namespace toll::differential {

bool takes_off(dsl::syntax::MoneyLine::Kind kind);

/// Of a line that rows share.
std::string path_of(const dsl::Charge& charge, dsl::syntax::MoneyLine::Kind kind);

/// A minimum or maximum of a row or of rows; those of an item or a day have one version.
bool is_bound(const dsl::Charge& charge, const dsl::MoneyStep& step);

/// Null where the card has none of that name.
const dsl::Charge* charge_of(const dsl::RateCard& card, const std::string& name);

/// The card with a second copy of each meter behind all of them, on which the charges count that
/// `earlier` does not have: a charge begins with the days of its card.
dsl::RateCard with_own_meters(const dsl::RateCard& card, const dsl::RateCard& earlier);

/// The card in which charges cost nothing that `earlier` does not have: for shares of them.
dsl::RateCard with_new_charges_free(const dsl::RateCard& card, const dsl::RateCard& earlier);

/// Whether a card has the row of another one's charge, used or not.
bool has_row(const dsl::RateCard& card, const dsl::Charge& of, const std::string& path);

/// The steps that act on the row with this path, or on the sum of rows.
std::vector<dsl::MoneyStep> steps_of_row(const dsl::RateCard& card, const dsl::Charge& charge,
                                         const std::string& path);
std::vector<dsl::MoneyStep> steps_on_sum(const dsl::Charge& charge);

const std::string& name_of(const dsl::RateCard& card, const dsl::ItemRef& item);

/// What a share is of a base in minor units, as its text says without minimums and maximums.
Fraction share_of(const dsl::RateCard& card, const dsl::Charge& share, const Fraction& base);

}  // namespace toll::differential
