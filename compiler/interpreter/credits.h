// What pools do not pay, by the interpreter.
#pragma once

#include <expected>
#include <span>
#include <vector>

#include "compiler/interpreter/exact.h"

namespace toll::compiler {

/// The line of a credit step. `lines` are those of each charge of the program.
std::expected<LineAmount, FaultKind> beyond_pools(
    const CreditStep& step, const RatingProgram& program, const RateInput& input,
    const std::vector<std::span<const LineAmount>>& lines);

}  // namespace toll::compiler
