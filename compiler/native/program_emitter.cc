#include "compiler/native/program_emitter.h"

#include "compiler/native/charge_emitter.h"
#include "compiler/native/function_emitter.h"

namespace toll::compiler {
namespace {

using dsl::syntax::MoneyLine;
using llvm::Value;

/// Emits fees, calls to the charges' functions, and bill steps.
class ProgramEmitter {
 public:
  ProgramEmitter(ModuleContext& module, const RatingProgram& program)
      : module_(module), program_(program), f_(module, "lines", program), b_(f_.builder()) {}

  llvm::Function* emit() {
    fee_sums_.resize(program_.fees.size());
    charge_sums_.resize(program_.charges.size());
    for (const dsl::ItemRef& item : program_.items) {
      Value* total_before = f_.total();
      if (item.kind == dsl::ItemRef::Kind::Fee)
        fee(program_.fees[item.index]);
      else
        charge(item.index);
      sum_of(item) = b_.CreateSub(f_.total(), total_before);
    }
    for (const BillStep& step : program_.bill_steps) {
      if (step.commitment)
        commitment(step);
      else if (step.percent)
        bill_percent(step);
      else
        f_.put_step_on_sum(step.kind, f_.money(step.amount, step.prorated), f_.total());
    }
    f_.finish();
    return f_.function();
  }

 private:
  const Layout& layout() const { return module_.layout; }
  llvm::ConstantInt* constant(Int128 value) const { return int_constant(layout().i128, value); }

  Value*& sum_of(const dsl::ItemRef& item) {
    return (item.kind == dsl::ItemRef::Kind::Fee ? fee_sums_ : charge_sums_)[item.index];
  }

  void fee(const Fee& fee) {
    if (!fee.prorated) return put_constant(fee.amount);
    Value *covered = f_.covered_days(), *period = f_.period_days();
    Value* numerator = b_.CreateMul(constant(fee.amount), covered);
    llvm::BasicBlock *whole = f_.block("whole"), *part = f_.block("part"), *done = f_.block("done");
    b_.CreateCondBr(b_.CreateICmpEQ(covered, period), whole, part);
    b_.SetInsertPoint(whole);
    f_.put_checked_line(numerator, period, constant(rounded(fee.amount)));
    b_.CreateBr(done);
    b_.SetInsertPoint(part);
    f_.put_checked_line(numerator, period, f_.round(numerator, period));
    b_.CreateBr(done);
    b_.SetInsertPoint(done);
  }

  void put_constant(int64_t amount) {
    f_.put_checked_line(constant(amount), constant(1), constant(rounded(amount)));
  }

  Int128 rounded(int64_t amount) const {
    return div_round(amount, program_.rounding_step, program_.rounding) * program_.rounding_step;
  }

  void charge(uint32_t index) {
    llvm::Function* function = emit_charge(module_, program_, index);
    Value* base = constant(0);
    for (const dsl::ItemRef& item : program_.charges[index].share_of)
      base = b_.CreateAdd(base, sum_of(item));
    Value* fine = b_.CreateCall(function, {f_.input(), f_.output(), base});
    llvm::BasicBlock *fault = f_.block("fault"), *go_on = f_.block("go_on");
    b_.CreateCondBr(fine, go_on, fault);
    b_.SetInsertPoint(fault);
    b_.CreateRet(b_.getFalse());
    b_.SetInsertPoint(go_on);
  }

  /// What is missing of a commitment at the end of its time.
  void commitment(const BillStep& step) {
    Value* states = f_.load_field(layout().rate_input, f_.input(), Layout::Commitments);
    Value* state =
        b_.CreateInBoundsGEP(layout().commitment_state, states, b_.getInt64(*step.commitment));
    Value* billed = b_.CreateSExt(f_.load_field(layout().commitment_state, state, Layout::Billed),
                                  layout().i128);
    Value* counted = step.counts.empty() ? f_.total() : constant(0);
    for (const dsl::ItemRef& item : step.counts) counted = b_.CreateAdd(counted, sum_of(item));
    Value* missing = b_.CreateSub(b_.CreateSub(constant(step.amount), billed), counted);
    missing = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, missing, constant(0));
    Value* due = b_.CreateICmpNE(f_.load_field(layout().commitment_state, state, Layout::Due),
                                 b_.getInt32(0));
    Value* line = b_.CreateSelect(b_.CreateAnd(due, f_.final_period()), missing, constant(0));
    f_.put_checked_line(line, constant(1), f_.round(line, constant(1)));
  }

  void bill_percent(const BillStep& step) {
    llvm::AllocaInst* too_large = f_.variable(b_.getFalse());
    Arithmetic a = Arithmetic::wide(b_, constant(1), too_large, module_.div_round);
    Value* part = a.mul(f_.total(), constant(step.numerator));
    Value* rounding_step = constant(program_.rounding_step);
    Value* divisor = a.mul(constant(step.denominator), rounding_step);
    Value* amount = a.mul(a.div_round(part, divisor, program_.rounding), rounding_step);
    f_.fault_if(b_.CreateLoad(layout().i1, too_large), f_.fault_kind(FaultKind::TooLarge));
    const auto signed_value = [&](Value* value) {
      return step.kind == MoneyLine::Kind::Discount ? b_.CreateNeg(value) : value;
    };
    f_.put_checked_line(signed_value(part), constant(step.denominator), signed_value(amount));
  }

  ModuleContext& module_;
  const RatingProgram& program_;
  FunctionEmitter f_;
  llvm::IRBuilder<>& b_;
  std::vector<Value*> fee_sums_, charge_sums_;  // i128, of the lines of each
};

/// void toll_rate(const RateInput*, RateOutput*)
void emit_entry(ModuleContext& module, llvm::Function* lines) {
  const Layout& layout = module.layout;
  llvm::LLVMContext& context = module.module.getContext();
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                       {layout.pointer, layout.pointer}, false);
  auto* entry =
      llvm::Function::Create(type, llvm::Function::ExternalLinkage, kRateSymbol, module.module);
  entry->setDoesNotThrow();
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", entry));
  const auto place = [&](unsigned field) {
    return b.CreateStructGEP(layout.rate_output, entry->getArg(1), field);
  };
  b.CreateStore(int_constant(layout.i128, 0), place(Layout::Total));
  b.CreateStore(b.getInt32(0), place(Layout::Fault));
  b.CreateStore(b.getInt32(0), place(Layout::FaultLine));
  b.CreateCall(lines, {entry->getArg(0), entry->getArg(1), int_constant(layout.i128, 0)});
  b.CreateRetVoid();
}

}  // namespace

std::unique_ptr<llvm::Module> emit_program(llvm::LLVMContext& context,
                                           const llvm::TargetMachine& machine,
                                           const RatingProgram& program) {
  auto module = std::make_unique<llvm::Module>("toll", context);
  module->setTargetTriple(machine.getTargetTriple().str());
  module->setDataLayout(machine.createDataLayout());  // first: instructions take alignments from it
  ModuleContext module_context(*module);
  emit_entry(module_context, ProgramEmitter(module_context, program).emit());
  return module;
}

}  // namespace toll::compiler
