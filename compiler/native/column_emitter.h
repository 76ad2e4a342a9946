// Emits the function of a card over columns.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <array>
#include <memory>

#include "compiler/columns/plan.h"
#include "compiler/native.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

inline constexpr const char* kColumnsSymbol = "toll_columns";

struct EmittedColumns {
  std::unique_ptr<llvm::Module> module;
  std::array<bool, NativeColumns::kWidths> has{};  ///< by width
};

/// `i32 toll_columns(quantities, codes, totals, lines, i64 rows, i32 width)`, as NativeColumns
/// calls it. Nothing where lanes have no form for the card.
EmittedColumns emit_columns(llvm::LLVMContext& context, const llvm::TargetMachine& machine,
                            const RatingProgram& program, const ColumnPlan& plan);

}  // namespace toll::compiler
