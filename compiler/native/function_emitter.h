// What every emitted function needs: the module's types and helpers, constant tables, and the lines
// that are being written.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <functional>
#include <vector>

#include "compiler/native/arithmetic.h"
#include "compiler/native/layout.h"

namespace toll::compiler {

/// One module under construction.
struct ModuleContext {
  explicit ModuleContext(llvm::Module& module);

  llvm::Module& module;
  Layout layout;
  llvm::FunctionCallee div_round, in_common, spread_total;
  llvm::GlobalVariable* powers_of_ten;  ///< 10^0 .. 10^18 as i128
};

/// A function `i1 name(const RateInput*, RateOutput*, i128 share_base, i128 unit)` that writes
/// lines and returns false after a fault. While lines are written, RateOutput::fault_line counts
/// them. `share_base` is what a charge that is a share is a share of, else 0; `unit` is what a
/// minor unit is in the total: 1, or where the bill is rounded as a whole its common denominator.
class FunctionEmitter {
 public:
  FunctionEmitter(ModuleContext& module, const std::string& name, const RatingProgram& program);

  llvm::IRBuilder<>& builder() { return b_; }
  ModuleContext& module() { return module_; }
  const Layout& layout() const { return module_.layout; }
  llvm::Function* function() const { return function_; }
  llvm::Value* input() const { return function_->getArg(0); }
  llvm::Value* output() const { return function_->getArg(1); }
  llvm::Value* share_base() const { return function_->getArg(2); }
  llvm::Value* unit() const { return function_->getArg(3); }
  bool rounds_bill() const { return program_.rounding_place == dsl::RoundingPlace::Bill; }
  llvm::Value* final_period();  ///< i1: RateInput::final
  llvm::Value* covered_days();  ///< i128
  llvm::Value* period_days();   ///< i128

  /// i128: an amount of money in minor units; if prorated, its part of the period, rounded.
  llvm::Value* money(int64_t minor, bool prorated);

  llvm::Value* field_place(llvm::StructType* type, llvm::Value* base, unsigned field);
  llvm::Value* load_field(llvm::StructType* type, llvm::Value* base, unsigned field);
  llvm::Value* element(llvm::Type* type, llvm::Value* array, llvm::Value* index);

  /// values[index], from a constant array, or the value itself where all are equal.
  llvm::Value* lookup(llvm::ArrayRef<llvm::Constant*> values, llvm::Value* index);
  llvm::Value* lookup(const std::vector<uint32_t>& values, llvm::Value* index);

  /// A local variable with a first value.
  llvm::AllocaInst* variable(llvm::Value* value);
  /// A local array of `count` values that are not set.
  llvm::AllocaInst* array(llvm::Type* type, uint32_t count);
  llvm::BasicBlock* block(const char* name);

  /// for (i = 0; i < count; ++i) body(i)
  void loop(llvm::Value* count, const std::function<void(llvm::Value*)>& body);

  /// Appends a line and adds it to the total. All i128 but `amount`, which is i64.
  void put_line(llvm::Value* numerator, llvm::Value* denominator, llvm::Value* amount);
  /// The same from an i128 amount; a fault where it does not fit 64 bits.
  void put_checked_line(llvm::Value* numerator, llvm::Value* denominator, llvm::Value* amount);
  /// Appends a line in credits, which is no part of the total.
  void put_credits(llvm::Value* numerator, llvm::Value* denominator);
  /// i32, of the lines so far.
  llvm::Value* line_number();
  /// numerator / denominator as a whole number of 1/common, or kInt128Min where it does not fit.
  llvm::Value* in_common(llvm::Value* numerator, llvm::Value* denominator, llvm::Value* common);
  /// The line of a fixed amount that acts on `sum`, both i128.
  void put_step_on_sum(dsl::syntax::MoneyLine::Kind kind, llvm::Value* amount, llvm::Value* sum);

  /// An i128 amount in minor units that acts on a sum of lines: rounded as they are.
  llvm::Value* like_lines(llvm::Value* minor);
  /// i128 minor units in those of the total; a fault where they do not fit.
  llvm::Value* in_units(llvm::Value* minor);
  /// The line of an i128 amount in units of the total.
  void put_in_units(llvm::Value* amount);

  /// numerator / denominator in steps of rounding. REQUIRES: neither product leaves 128 bits.
  llvm::Value* round(llvm::Value* numerator, llvm::Value* denominator);

  llvm::Value* total();  ///< i128, of all lines so far

  /// Ends the function with a fault at the next line where `condition` holds; goes on where not.
  /// `kind` is an i32 FaultKind.
  void fault_if(llvm::Value* condition, llvm::Value* kind);
  llvm::Value* fault_kind(FaultKind kind);

  /// Ends the function.
  void finish();

 private:
  void store_line(llvm::Value* numerator, llvm::Value* denominator, llvm::Value* amount);
  llvm::Value* in_units_of_total(llvm::Value* numerator, llvm::Value* denominator);

  ModuleContext& module_;
  const RatingProgram& program_;
  llvm::Function* function_;
  llvm::IRBuilder<> b_;
  llvm::Value *total_place_, *count_place_;
};

}  // namespace toll::compiler
