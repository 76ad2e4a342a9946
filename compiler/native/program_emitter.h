// Emits a whole program as a module with one exported function, kRateSymbol.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>

#include "compiler/rating_ir.h"

namespace toll::compiler {

inline constexpr const char* kRateSymbol = "toll_rate";

std::unique_ptr<llvm::Module> emit_program(llvm::LLVMContext& context,
                                           const llvm::TargetMachine& machine,
                                           const RatingProgram& program);

}  // namespace toll::compiler
