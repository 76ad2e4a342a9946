#include "compiler/native/program_emitter.h"

#include "compiler/native/charge_emitter.h"
#include "compiler/native/credit_emitter.h"
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
    charge_lines_.resize(program_.charges.size());
    for (const dsl::ItemRef& item : program_.items) {
      Value* total_before = f_.total();
      if (item.kind == dsl::ItemRef::Kind::Fee)
        fee(item.index);
      else
        charge(item.index);
      sum_of(item) = b_.CreateSub(f_.total(), total_before);
    }
    for (const CreditStep& step : program_.credit_steps)
      emit_credit_step(f_, program_, step, charge_lines_);
    for (const BillStep& step : program_.bill_steps) {
      if (step.commitment)
        commitment(step);
      else if (step.percent)
        bill_percent(step);
      else
        f_.put_step_on_sum(step.kind, f_.money(step.amount, step.prorated), f_.total());
    }
    for (const uint32_t pool : program_.money_pools) emit_money_pool(f_, program_, pool);
    f_.finish();
    return f_.function();
  }

 private:
  const Layout& layout() const { return module_.layout; }
  llvm::ConstantInt* constant(Int128 value) const { return int_constant(layout().i128, value); }

  Value*& sum_of(const dsl::ItemRef& item) {
    return (item.kind == dsl::ItemRef::Kind::Fee ? fee_sums_ : charge_sums_)[item.index];
  }

  void fee(uint32_t index) {
    const Fee& fee = program_.fees[index];
    if (fee.by_term) return put_when_due(index);
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

  /// Whole, or nothing where no term of the fee begins.
  void put_when_due(uint32_t index) {
    Value* flags = f_.load_field(layout().rate_input, f_.input(), Layout::FeesDue);
    Value* flag =
        b_.CreateLoad(layout().i8, b_.CreateInBoundsGEP(layout().i8, flags, b_.getInt64(index)));
    Value* due = b_.CreateICmpNE(flag, b_.getInt8(0));
    const int64_t amount = program_.fees[index].amount;
    f_.put_checked_line(b_.CreateSelect(due, constant(amount), constant(0)), constant(1),
                        b_.CreateSelect(due, constant(rounded(amount)), constant(0)));
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
    charge_lines_[index].first = f_.line_number();
    Value* fine = b_.CreateCall(function, {f_.input(), f_.output(), base, f_.unit()});
    llvm::BasicBlock *fault = f_.block("fault"), *go_on = f_.block("go_on");
    b_.CreateCondBr(fine, go_on, fault);
    b_.SetInsertPoint(fault);
    b_.CreateRet(b_.getFalse());
    b_.SetInsertPoint(go_on);
    charge_lines_[index].end = f_.line_number();
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
    const auto above_zero = [&](Value* amount) {
      return b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, amount, constant(0));
    };
    Value* open =
        f_.in_units(f_.like_lines(above_zero(b_.CreateSub(constant(step.amount), billed))));
    Value* missing = above_zero(b_.CreateSub(open, counted));
    Value* due = b_.CreateICmpNE(f_.load_field(layout().commitment_state, state, Layout::Due),
                                 b_.getInt32(0));
    Value* line = b_.CreateSelect(b_.CreateAnd(due, f_.final_period()), missing, constant(0));
    f_.put_in_units(line);
  }

  void bill_percent(const BillStep& step) {
    llvm::AllocaInst* too_large = f_.variable(b_.getFalse());
    Arithmetic a = Arithmetic::wide(b_, constant(1), too_large, module_.div_round);
    Value* part = a.mul(f_.total(), constant(step.numerator));
    const auto signed_value = [&](Value* value) {
      return step.kind == MoneyLine::Kind::Discount ? b_.CreateNeg(value) : value;
    };
    if (f_.rounds_bill()) {  // the common denominator leaves no remainder
      Value* exact = a.div_round(part, constant(step.denominator), RoundingMode::Down);
      f_.fault_if(b_.CreateLoad(layout().i1, too_large), f_.fault_kind(FaultKind::TooLarge));
      return f_.put_in_units(signed_value(exact));
    }
    Value* rounding_step = constant(program_.rounding_step);
    Value* divisor = a.mul(constant(step.denominator), rounding_step);
    Value* amount = a.mul(a.div_round(part, divisor, program_.rounding), rounding_step);
    f_.fault_if(b_.CreateLoad(layout().i1, too_large), f_.fault_kind(FaultKind::TooLarge));
    f_.put_checked_line(signed_value(part), constant(step.denominator), signed_value(amount));
  }

  ModuleContext& module_;
  const RatingProgram& program_;
  FunctionEmitter f_;
  llvm::IRBuilder<>& b_;
  std::vector<Value*> fee_sums_, charge_sums_;  // i128, of the lines of each
  std::vector<LineRange> charge_lines_;
};

/// Emits `void toll_rate(const RateInput*, RateOutput*)`.
class EntryEmitter {
 public:
  EntryEmitter(ModuleContext& module, const RatingProgram& program)
      : module_(module), program_(program), layout_(module.layout), b_(module.module.getContext()) {
    llvm::LLVMContext& context = module.module.getContext();
    auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                         {layout_.pointer, layout_.pointer}, false);
    entry_ =
        llvm::Function::Create(type, llvm::Function::ExternalLinkage, kRateSymbol, module.module);
    entry_->setDoesNotThrow();
    b_.SetInsertPoint(block("entry"));
  }

  void emit(llvm::Function* lines) {
    b_.CreateStore(int_constant(layout_.i128, 0), place(Layout::Total));
    b_.CreateStore(b_.getInt32(0), place(Layout::Fault));
    b_.CreateStore(b_.getInt32(0), place(Layout::FaultLine));
    const bool rounds_bill = program_.rounding_place == dsl::RoundingPlace::Bill;
    Value* unit = rounds_bill ? common_denominator() : int_constant(layout_.i128, 1);
    Value* fine = b_.CreateCall(
        lines, {entry_->getArg(0), entry_->getArg(1), int_constant(layout_.i128, 0), unit});
    if (rounds_bill) {
      llvm::BasicBlock *spread = block("spread"), *done = block("done");
      b_.CreateCondBr(fine, spread, done);
      b_.SetInsertPoint(spread);
      b_.CreateCall(module_.spread_total,
                    {entry_->getArg(1), unit, b_.getInt64(program_.rounding_step),
                     b_.getInt32(static_cast<uint32_t>(program_.rounding))});
      b_.CreateBr(done);
      b_.SetInsertPoint(done);
    }
    b_.CreateRetVoid();
  }

 private:
  llvm::BasicBlock* block(const char* name) {
    return llvm::BasicBlock::Create(module_.module.getContext(), name, entry_);
  }
  Value* place(unsigned field) {
    return b_.CreateStructGEP(layout_.rate_output, entry_->getArg(1), field);
  }
  Value* input_field(unsigned field) {
    return b_.CreateLoad(layout_.rate_input->getElementType(field),
                         b_.CreateStructGEP(layout_.rate_input, entry_->getArg(0), field));
  }
  Value* usage_field(uint32_t charge, unsigned field) {
    Value* usage = b_.CreateInBoundsGEP(layout_.charge_usage, input_field(Layout::Charges),
                                        b_.getInt64(charge));
    return b_.CreateLoad(layout_.charge_usage->getElementType(field),
                         b_.CreateStructGEP(layout_.charge_usage, usage, field));
  }

  /// Where it does not fit, every line fails: the first one is the fault, if there is any.
  Value* common_denominator() {
    Value* scale =
        program_.credit_steps.empty() ? b_.getInt32(0) : input_field(Layout::CreditScale);
    for (uint32_t i = 0; i < program_.charges.size(); ++i)
      scale = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umax, scale, usage_field(i, Layout::Scale));
    Value* power =
        b_.CreateLoad(layout_.i128, b_.CreateInBoundsGEP(layout_.i128, module_.powers_of_ten,
                                                         b_.CreateZExt(scale, layout_.i64)));
    Value* unit = int_constant(layout_.i128, program_.bill_denominator);
    Value* fails = b_.getFalse();
    const auto multiply = [&](Value* factor) {
      Value* product =
          b_.CreateCall(module_.in_common, {unit, int_constant(layout_.i128, 1), factor});
      Value* overflows = b_.CreateICmpEQ(product, int_constant(layout_.i128, kInt128Min));
      fails = b_.CreateOr(fails, overflows);
      return b_.CreateSelect(fails, int_constant(layout_.i128, 1), product);
    };
    if (!program_.credit_steps.empty())
      power = b_.CreateMul(power, input_field(Layout::CreditSplit));
    unit = multiply(power);
    if (program_.prorates_fees)
      unit = multiply(b_.CreateZExt(input_field(Layout::PeriodDays), layout_.i128));
    multiply(int_constant(layout_.i128, program_.rounding_step));
    return_if(b_.CreateAnd(fails, any_line()));
    return unit;
  }

  Value* any_line() {
    bool always = !program_.fees.empty() || !program_.credit_steps.empty() ||
                  !program_.bill_steps.empty() || !program_.money_pools.empty();
    Value* any = b_.getFalse();
    for (uint32_t i = 0; i < program_.charges.size(); ++i) {
      always = always || !program_.charges[i].shared_steps.empty();
      any = b_.CreateOr(any, b_.CreateICmpNE(usage_field(i, Layout::Count), b_.getInt32(0)));
    }
    return always ? b_.getTrue() : any;
  }

  void return_if(Value* fails) {
    llvm::BasicBlock *fault = block("fault"), *go_on = block("go_on");
    b_.CreateCondBr(fails, fault, go_on);
    b_.SetInsertPoint(fault);
    b_.CreateStore(b_.getInt32(static_cast<uint32_t>(FaultKind::TooLarge)), place(Layout::Fault));
    b_.CreateRetVoid();
    b_.SetInsertPoint(go_on);
  }

  ModuleContext& module_;
  const RatingProgram& program_;
  const Layout& layout_;
  llvm::IRBuilder<> b_;
  llvm::Function* entry_ = nullptr;
};

}  // namespace

std::unique_ptr<llvm::Module> emit_program(llvm::LLVMContext& context,
                                           const llvm::TargetMachine& machine,
                                           const RatingProgram& program) {
  auto module = std::make_unique<llvm::Module>("toll", context);
  module->setTargetTriple(machine.getTargetTriple().str());
  module->setDataLayout(machine.createDataLayout());  // first: instructions take alignments from it
  ModuleContext module_context(*module);
  EntryEmitter(module_context, program).emit(ProgramEmitter(module_context, program).emit());
  return module;
}

}  // namespace toll::compiler
