// Shares: charges whose price is a percentage of other charges and fees, without a meter.
#pragma once

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

/// Whether a price of the charge is `P% of ...`.
bool is_share(const syntax::Charge& charge);

/// Whether a charge that is called like no meter is meant as a share all the same: the price that
/// says of what could not be read, or says a percentage alone, which is reported.
bool is_meant_as_share(const syntax::Charge& charge, CardContext& context);

/// Adds the charge to the card. REQUIRES: is_share(charge).
void check_share(const syntax::Charge& charge, CardContext& context);

/// A price of a share: a percentage, as a price per minor unit of what it is a share of, or a flat
/// amount.
std::optional<Term> read_share_term(const syntax::Term& term, CardContext& context);

/// E231, and why the line has no meaning in a share.
Finding report_unfit_for_share(std::string message, Span place, CardContext& context);

}  // namespace toll::dsl::checker
