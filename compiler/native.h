// Rating IR to native code, through LLVM ORC. Each function lives in a JITDylib of its own, which
// is removed with it, so that memory stays flat over any number of cards. Native code can reach
// only the symbols in native/symbols.cc, and no page is writable and executable at once.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "compiler/rating.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

enum class Optimise {
  No,   ///< LLVM O0: code at once
  Yes,  ///< LLVM O2
};

class Jit;

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

/// One per process is enough. compile() may be called from any thread; functions keep what they
/// need of the compiler alive.
class NativeCompiler {
 public:
  static Result<NativeCompiler> create();

  Result<NativeFunction> compile(const RatingProgram& program, Optimise optimise) const;

  /// The assembly of the same, for `toll show --asm`.
  Result<std::string> assembly(const RatingProgram& program, Optimise optimise) const;

 private:
  explicit NativeCompiler(std::shared_ptr<Jit> jit) : jit_(std::move(jit)) {}
  std::shared_ptr<Jit> jit_;
};

}  // namespace toll::compiler
