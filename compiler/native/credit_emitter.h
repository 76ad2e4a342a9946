// Emits what pools pay and what they do not.
#pragma once

#include <vector>

#include "compiler/native/function_emitter.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// The lines of a charge in the output: i32, from `first` up to `end`.
struct LineRange {
  llvm::Value* first = nullptr;
  llvm::Value* end = nullptr;
};

/// The line of a credit step. `lines` has the lines of each charge of the program.
void emit_credit_step(FunctionEmitter& f, const RatingProgram& program, const CreditStep& step,
                      const std::vector<LineRange>& lines);

/// The line of what a pool in money pays of the total.
void emit_money_pool(FunctionEmitter& f, const RatingProgram& program, uint32_t pool);

}  // namespace toll::compiler
