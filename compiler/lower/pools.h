// Lowering of pools.
#pragma once

#include "compiler/lower/fold.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// Adds the credit steps and the pools in money to a program whose charges are lowered.
/// `fold.fits` says whether the result may be used.
void lower_pools(const dsl::RateCard& card, RatingProgram& program, Fold& fold);

}  // namespace toll::compiler
