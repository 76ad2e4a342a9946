// Emits the function of a card over columns.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <array>
#include <memory>
#include <optional>

#include "compiler/columns/plan.h"
#include "compiler/native.h"
#include "compiler/native/column_run.h"
#include "compiler/native/lanes.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

inline constexpr const char* kColumnsSymbol = "toll_columns";

/// Of a machine with these features of LLVM's.
LaneFeatures lane_features(llvm::StringRef machine_features);

/// By width. Nothing where not even quantity 0 stays within it, where lanes do not have the card's
/// form, or where a narrower width takes as much.
using LimitsByWidth = std::array<std::optional<ColumnLimits>, NativeColumns::kWidths>;
LimitsByWidth find_limits(const RatingProgram& program, const ColumnPlan& plan,
                          LaneFeatures features);

/// `i32 toll_columns(quantities, codes, totals, lines, i64 rows)` at one width, as NativeColumns
/// calls it. REQUIRES: that width has limits.
std::unique_ptr<llvm::Module> emit_columns(llvm::LLVMContext& context,
                                           const llvm::TargetMachine& machine,
                                           const RatingProgram& program, const ColumnPlan& plan,
                                           const LimitsByWidth& limits, uint32_t width);

}  // namespace toll::compiler
