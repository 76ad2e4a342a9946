// Lowering of one charge.
#pragma once

#include <span>

#include "compiler/lower/fold.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// REQUIRES: `charge` is one of `card`'s, and `charges` are those above it, lowered. `fold.fits`
/// says whether the result may be used.
Charge lower_charge(const dsl::RateCard& card, const dsl::Charge& charge,
                    std::span<const Charge> charges, Fold& fold);

/// What a tier costs by itself, from quantity 0 on, for a quantity in 1/quantity_denominator and an
/// amount in 1/price_denominator. REQUIRES: both are multiples of all denominators in `terms`.
Piece lower_terms(const std::vector<dsl::Term>& terms, Int128 quantity_denominator,
                  Int128 price_denominator, Fold& fold);

/// The largest whole number of 10^-scale for which every step of `charge` stays within 64 bits,
/// rounding by `rounding_step` included; -1 where there is none.
int64_t narrow_max(const Charge& charge, int64_t rounding_step, uint32_t scale);

}  // namespace toll::compiler
