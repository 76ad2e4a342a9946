// Lowering of one charge.
#pragma once

#include "compiler/lower/fold.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// REQUIRES: `charge` is one of `card`'s. `fold.fits` says whether the result may be used.
Charge lower_charge(const dsl::RateCard& card, const dsl::Charge& charge, Fold& fold);

/// The largest whole quantity for which every step of `charge` stays within 64 bits, rounding by
/// `rounding_step` included; -1 where there is none.
int64_t narrow_max(const Charge& charge, int64_t rounding_step);

}  // namespace toll::compiler
