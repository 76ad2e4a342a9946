// The lines of one charge, by the interpreter.
#pragma once

#include <expected>
#include <functional>

#include "compiler/interpreter.h"
#include "compiler/interpreter/exact.h"

namespace toll::compiler {

/// What a line is handed to; false where rating ends with it.
using PutLine = std::function<bool(const std::expected<LineAmount, FaultKind>&)>;

/// Rates the cells of the charge at `index`, each a line for `put`, until that returns false or all
/// are rated, which it says. `share_base` is what a charge that is a share is a share of; the first
/// line has the number `first_line`, for the trace.
bool rate_cells(const RatingProgram& program, uint32_t index, const RateInput& input,
                Int128 share_base, uint32_t first_line, Trace* trace, const PutLine& put);

}  // namespace toll::compiler
