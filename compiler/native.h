// Rating IR to native code, through LLVM ORC. Each function lives in a JITDylib of its own, which
// is removed with it, so that memory stays flat over any number of cards. Native code can reach
// only the symbols in native/symbols.cc, and no page is writable and executable at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "compiler/rating.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

enum class Optimise {
  No,   ///< LLVM O0: code at once
  Yes,  ///< LLVM O2
};

/// Owns compiled code. Movable; callable from any number of threads. Destroying it frees the code,
/// so no call may be running then.
class NativeFunction {
 public:
  NativeFunction(NativeFunction&&) noexcept;
  NativeFunction& operator=(NativeFunction&&) noexcept;
  ~NativeFunction();

  /// Same contract as interpret().
  void operator()(const RateInput& input, RateOutput& output) const { function_(&input, &output); }

 private:
  friend class NativeCompiler;
  struct Code;
  NativeFunction(RateFunction function, std::unique_ptr<Code> code);
  RateFunction function_;
  std::unique_ptr<Code> code_;
};

/// One per process is enough. compile() may be called from any thread; functions keep what they
/// need of the compiler alive.
class NativeCompiler {
 public:
  static Result<NativeCompiler> create();
  NativeCompiler(NativeCompiler&&) noexcept;
  NativeCompiler& operator=(NativeCompiler&&) noexcept;
  ~NativeCompiler();

  Result<NativeFunction> compile(const RatingProgram& program, Optimise optimise) const;

  /// LLVM IR and assembly of the same, for `toll show --asm`.
  Result<std::string> llvm_ir(const RatingProgram& program, Optimise optimise) const;
  Result<std::string> assembly(const RatingProgram& program, Optimise optimise) const;

 private:
  friend class NativeFunction;
  struct State;
  explicit NativeCompiler(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace toll::compiler
