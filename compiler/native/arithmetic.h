// Emits the arithmetic of the rating IR at one of two widths.
//
// Narrow: 64 bits, whole quantities or cents. Lowering has proved that nothing leaves the range, so
// there are no checks. Wide: 128 bits, any scale. Every multiplication and addition is checked; one
// that does not fit gives the largest value and sets a flag, which is looked at once per line. All
// values are non-negative, so unsigned operations serve: they are inline on every target, unlike
// LLVM's signed checked 128-bit multiplication.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include "base/int128.h"
#include "base/rounding.h"

namespace toll::compiler {

class Arithmetic {
 public:
  /// 64-bit arithmetic at a scale that is known: `factor` is 10^scale.
  static Arithmetic narrow(llvm::IRBuilder<>& builder, int64_t factor = 1);

  /// 128-bit arithmetic. `scale_factor` is 10^scale as an i128; `too_large` points to an i1 that
  /// arithmetic only ever sets; `div_round` is the helper of native/symbols.h.
  static Arithmetic wide(llvm::IRBuilder<>& builder, llvm::Value* scale_factor,
                         llvm::Value* too_large, llvm::FunctionCallee div_round);

  bool is_wide() const { return too_large_ != nullptr; }
  llvm::IntegerType* type() const { return type_; }

  /// A constant as it is; narrow: the largest 64-bit value where it is larger.
  llvm::Constant* constant(Int128 value) const;

  /// A constant of the program at the scale of the usage: one that must fit ...
  llvm::Value* amount(llvm::Value* constant);
  /// ... and one that is only compared with or taken off a value that does.
  llvm::Value* threshold(llvm::Value* constant);
  /// Wide: a x b, and the largest value where that does not fit, which sets no flag.
  llvm::Value* product(llvm::Value* a, llvm::Value* b);

  llvm::Value* add(llvm::Value* a, llvm::Value* b);
  llvm::Value* mul(llvm::Value* a, llvm::Value* b);
  /// REQUIRES: b <= a.
  llvm::Value* sub(llvm::Value* a, llvm::Value* b);
  llvm::Value* min(llvm::Value* a, llvm::Value* b);
  llvm::Value* max(llvm::Value* a, llvm::Value* b);
  /// n / d, rounded. REQUIRES: d > 0; n + d fits.
  llvm::Value* div_round(llvm::Value* n, llvm::Value* d, RoundingMode mode);

  /// Wide: sets the flag where `condition` holds.
  void mark_too_large(llvm::Value* condition);

 private:
  Arithmetic(llvm::IRBuilder<>& builder, llvm::IntegerType* type) : b_(&builder), type_(type) {}
  llvm::Value* saturating_mul(llvm::Value* a, llvm::Value* b, llvm::Value*& overflows);
  llvm::Value* narrow_div_round(llvm::Value* n, llvm::Value* d, RoundingMode mode);

  llvm::IRBuilder<>* b_;
  llvm::IntegerType* type_;
  llvm::Value* scale_factor_ = nullptr;
  llvm::Value* too_large_ = nullptr;
  llvm::FunctionCallee div_round_;
};

/// Whether a value is this constant. What changes nothing is not emitted: LLVM would find it out
/// for optimised code, at a price, and keep it in the other.
bool is_constant(const llvm::Value* value, uint64_t number);

/// An LLVM constant of up to 128 bits.
llvm::ConstantInt* int_constant(llvm::IntegerType* type, Int128 value);

}  // namespace toll::compiler
