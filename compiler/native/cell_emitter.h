// Emits what rates single cells, as a module with one exported table of functions, kCellsSymbol: a
// CellFunction for each charge, null where rates_cells_alone() does not hold.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>

#include "compiler/rating_ir.h"

namespace toll::compiler {

inline constexpr const char* kCellsSymbol = "toll_cells";

std::unique_ptr<llvm::Module> emit_cells(llvm::LLVMContext& context,
                                         const llvm::TargetMachine& machine,
                                         const RatingProgram& program);

}  // namespace toll::compiler
