// Rating IR to native code, through LLVM ORC. Each function lives in a JITDylib of its own, which
// is removed with it, so that memory stays flat over any number of cards. Native code can reach
// only the symbols in native/symbols.cc, and no page is writable and executable at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "compiler/cell_usage.h"
#include "compiler/rating.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

enum class Optimise {
  No,   ///< LLVM O0: code at once
  Yes,  ///< what of LLVM O2 makes code of this kind faster
};

class Jit;
struct ColumnPlan;

/// Owns compiled code, and with the last copy frees it; no call may be running then. Callable from
/// any number of threads.
class NativeFunction {
 public:
  /// Same contract as interpret().
  void operator()(const RateInput& input, RateOutput& output) const { function_(&input, &output); }

  Optimise optimise() const { return optimise_; }

 private:
  friend class NativeCompiler;
  NativeFunction(RateFunction function, Optimise optimise, std::shared_ptr<const void> code)
      : function_(function), optimise_(optimise), code_(std::move(code)) {}
  RateFunction function_;
  Optimise optimise_;
  std::shared_ptr<const void> code_;
};

/// Code over columns, as compiler/columns.h calls it. The same holds of its copies.
class NativeColumns {
 public:
  static constexpr uint32_t kFailed = 1;  ///< a row does not fit: no result of the call is one
  static constexpr uint32_t kNeeded = 2;  ///< a row would not have fit the width before this one
  static constexpr size_t kLanes = 8;     ///< rows come in whole vectors, but for the last width
  static constexpr uint32_t kWidths = 4;  ///< native/lanes.h: short, narrow, double, wide
  static constexpr uint32_t kDouble = 2;

  /// Whether there is code of this width.
  bool has(uint32_t width) const;

  /// Rates `rows` rows: a multiple of kLanes, but for the last width. Flags of the above. The code
  /// of a width is made when it is first called. REQUIRES: has(width).
  uint32_t operator()(const void* const* quantities, const void* const* codes, int64_t* totals,
                      int64_t* const* lines, size_t rows, uint32_t width) const;

 private:
  friend class NativeCompiler;
  struct Code;
  explicit NativeColumns(std::shared_ptr<Code> code) : code_(std::move(code)) {}
  std::shared_ptr<Code> code_;
};

/// Code for the cells of a program's charges, each by itself. The same holds of its copies.
class NativeCells {
 public:
  /// REQUIRES: rates_cells_alone(program, charge).
  CellChange operator()(uint32_t charge, const CellUsage& usage) const {
    CellChange change;
    functions_[charge](&usage, &change);
    return change;
  }

 private:
  friend class NativeCompiler;
  NativeCells(const CellFunction* functions, std::shared_ptr<const void> code)
      : functions_(functions), code_(std::move(code)) {}
  const CellFunction* functions_;  // per charge; null where its cells are not rated alone
  std::shared_ptr<const void> code_;
};

/// One per process is enough. compile() may be called from any thread; functions keep what they
/// need of the compiler alive.
class NativeCompiler {
 public:
  static Result<NativeCompiler> create();

  Result<NativeFunction> compile(const RatingProgram& program, Optimise optimise) const;

  /// Compiled for the columns, scales and period of the plan. `program` must outlive the result.
  Result<NativeColumns> compile_columns(const RatingProgram& program, const ColumnPlan& plan) const;

  Result<NativeCells> compile_cells(const RatingProgram& program, Optimise optimise) const;

  /// The assembly of the rating function, for `toll show --asm`.
  Result<std::string> assembly(const RatingProgram& program, Optimise optimise) const;

 private:
  explicit NativeCompiler(std::shared_ptr<Jit> jit) : jit_(std::move(jit)) {}
  std::shared_ptr<Jit> jit_;
};

}  // namespace toll::compiler
