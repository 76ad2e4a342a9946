// Emits the function of one charge.
#pragma once

#include <string>

#include "compiler/native/function_emitter.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// For each cell of the usage: the 64-bit form where lowering proved its range, else the 128-bit
/// form; then the shared steps. `index` is the charge's place in the program.
llvm::Function* emit_charge(ModuleContext& module, const RatingProgram& program, uint32_t index);

}  // namespace toll::compiler
