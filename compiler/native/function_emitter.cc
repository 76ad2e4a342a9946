#include "compiler/native/function_emitter.h"

#include <algorithm>

#include "compiler/native/symbols.h"

namespace toll::compiler {

using dsl::syntax::MoneyLine;
using llvm::Value;

namespace {

llvm::GlobalVariable* constant_array(llvm::Module& module, llvm::ArrayRef<llvm::Constant*> values) {
  auto* type = llvm::ArrayType::get(values.front()->getType(), values.size());
  return new llvm::GlobalVariable(module, type, true, llvm::GlobalValue::PrivateLinkage,
                                  llvm::ConstantArray::get(type, values));
}

llvm::GlobalVariable* make_powers_of_ten(llvm::Module& module, const Layout& layout) {
  std::vector<llvm::Constant*> powers;
  for (int i = 0; i <= DecimalLimits{}.places_max; ++i)
    powers.push_back(int_constant(layout.i128, power_of_ten(i)));
  return constant_array(module, powers);
}

}  // namespace

ModuleContext::ModuleContext(llvm::Module& module)
    : module(module),
      layout(module.getContext()),
      div_round(module.getOrInsertFunction(
          kDivRoundSymbol,
          llvm::FunctionType::get(layout.i128, {layout.i128, layout.i128, layout.i32}, false))),
      in_common(module.getOrInsertFunction(
          kInCommonSymbol,
          llvm::FunctionType::get(layout.i128, {layout.i128, layout.i128, layout.i128}, false))),
      spread_total(module.getOrInsertFunction(
          kSpreadTotalSymbol,
          llvm::FunctionType::get(llvm::Type::getVoidTy(module.getContext()),
                                  {layout.pointer, layout.i128, layout.i64, layout.i32}, false))),
      powers_of_ten(make_powers_of_ten(module, layout)) {
  for (llvm::FunctionCallee pure : {div_round, in_common}) {
    auto* helper = llvm::cast<llvm::Function>(pure.getCallee());
    helper->setDoesNotThrow();
    helper->setDoesNotAccessMemory();
  }
  llvm::cast<llvm::Function>(spread_total.getCallee())->setDoesNotThrow();
}

FunctionEmitter::FunctionEmitter(ModuleContext& module, const std::string& name,
                                 const RatingProgram& program)
    : module_(module), program_(program), b_(module.module.getContext()) {
  auto* type = llvm::FunctionType::get(
      layout().i1, {layout().pointer, layout().pointer, layout().i128, layout().i128}, false);
  function_ = llvm::Function::Create(type, llvm::Function::InternalLinkage, name, module.module);
  function_->setDoesNotThrow();
  function_->addParamAttr(0, llvm::Attribute::NoAlias);
  function_->addParamAttr(0, llvm::Attribute::ReadOnly);
  function_->addParamAttr(1, llvm::Attribute::NoAlias);
  b_.SetInsertPoint(block("entry"));
  total_place_ = field_place(layout().rate_output, output(), Layout::Total);
  count_place_ = field_place(layout().rate_output, output(), Layout::FaultLine);
}

Value* FunctionEmitter::final_period() {
  return b_.CreateICmpNE(load_field(layout().rate_input, input(), Layout::Final), b_.getInt32(0));
}

Value* FunctionEmitter::covered_days() {
  return b_.CreateZExt(load_field(layout().rate_input, input(), Layout::CoveredDays),
                       layout().i128);
}

Value* FunctionEmitter::period_days() {
  return b_.CreateZExt(load_field(layout().rate_input, input(), Layout::PeriodDays), layout().i128);
}

Value* FunctionEmitter::money(int64_t minor, bool prorated) {
  Value* whole = int_constant(layout().i128, minor);
  if (!prorated) return whole;
  Value *covered = covered_days(), *period = period_days();
  Value* part = round(b_.CreateMul(whole, covered), period);
  return b_.CreateSelect(b_.CreateICmpEQ(covered, period), whole, part);
}

Value* FunctionEmitter::field_place(llvm::StructType* type, Value* base, unsigned field) {
  return field == 0 ? base : b_.CreateStructGEP(type, base, field);
}

Value* FunctionEmitter::load_field(llvm::StructType* type, Value* base, unsigned field) {
  return b_.CreateLoad(type->getElementType(field), field_place(type, base, field));
}

Value* FunctionEmitter::element(llvm::Type* type, Value* array, Value* index) {
  if (is_constant(index, 0)) return b_.CreateLoad(type, array);
  Value* wide_index = b_.CreateZExt(index, layout().i64);
  return b_.CreateLoad(type, b_.CreateInBoundsGEP(type, array, wide_index));
}

Value* FunctionEmitter::lookup(llvm::ArrayRef<llvm::Constant*> values, Value* index) {
  const auto same = [&](llvm::Constant* value) { return value == values.front(); };
  if (std::ranges::all_of(values, same)) return values.front();
  return element(values.front()->getType(), constant_array(module_.module, values), index);
}

Value* FunctionEmitter::lookup(const std::vector<uint32_t>& values, Value* index) {
  std::vector<llvm::Constant*> constants;
  for (uint32_t value : values) constants.push_back(b_.getInt32(value));
  return lookup(constants, index);
}

llvm::AllocaInst* FunctionEmitter::variable(Value* value) {
  llvm::IRBuilder<> entry(&function_->getEntryBlock(), function_->getEntryBlock().begin());
  llvm::AllocaInst* place = entry.CreateAlloca(value->getType());
  b_.CreateStore(value, place);
  return place;
}

llvm::AllocaInst* FunctionEmitter::array(llvm::Type* type, uint32_t count) {
  llvm::IRBuilder<> entry(&function_->getEntryBlock(), function_->getEntryBlock().begin());
  return entry.CreateAlloca(type, entry.getInt32(count));
}

llvm::BasicBlock* FunctionEmitter::block(const char* name) {
  return llvm::BasicBlock::Create(module_.module.getContext(), name, function_);
}

void FunctionEmitter::loop(Value* count, const std::function<void(Value*)>& body) {
  if (is_constant(count, 1)) return body(b_.getInt32(0));
  llvm::AllocaInst* place = variable(b_.getInt32(0));
  llvm::BasicBlock *head = block("head"), *each = block("each"), *after = block("after");
  b_.CreateBr(head);
  b_.SetInsertPoint(head);
  Value* index = b_.CreateLoad(layout().i32, place);
  b_.CreateCondBr(b_.CreateICmpULT(index, count), each, after);
  b_.SetInsertPoint(each);
  body(index);
  b_.CreateStore(b_.CreateAdd(index, b_.getInt32(1)), place);
  b_.CreateBr(head);
  b_.SetInsertPoint(after);
}

Value* FunctionEmitter::total() { return b_.CreateLoad(layout().i128, total_place_); }

Value* FunctionEmitter::line_number() { return b_.CreateLoad(layout().i32, count_place_); }

Value* FunctionEmitter::in_common(Value* numerator, Value* denominator, Value* common) {
  return b_.CreateCall(module_.in_common, {numerator, denominator, common});
}

Value* FunctionEmitter::in_units_of_total(Value* numerator, Value* denominator) {
  Value* value = in_common(numerator, denominator, unit());
  fault_if(b_.CreateICmpEQ(value, int_constant(layout().i128, kInt128Min)),
           fault_kind(FaultKind::TooLarge));
  return value;
}

Value* FunctionEmitter::in_units(Value* minor) {
  return rounds_bill() ? in_units_of_total(minor, int_constant(layout().i128, 1)) : minor;
}

void FunctionEmitter::put_in_units(Value* amount) {
  if (rounds_bill()) return put_line(amount, unit(), b_.getInt64(0));
  Value* one = int_constant(layout().i128, 1);
  put_checked_line(amount, one, program_.rounding_step == 1 ? amount : round(amount, one));
}

void FunctionEmitter::put_line(Value* numerator, Value* denominator, Value* amount) {
  Value* value = b_.CreateSExt(amount, layout().i128);
  Value* sum = nullptr;
  if (rounds_bill()) {
    value = in_units_of_total(numerator, denominator);
    Value* result = b_.CreateBinaryIntrinsic(llvm::Intrinsic::sadd_with_overflow, total(), value);
    fault_if(b_.CreateExtractValue(result, 1), fault_kind(FaultKind::TooLarge));
    sum = b_.CreateExtractValue(result, 0);
  } else {
    sum = b_.CreateAdd(total(), value);
  }
  store_line(numerator, denominator, amount);
  b_.CreateStore(sum, total_place_);
}

void FunctionEmitter::put_credits(Value* numerator, Value* denominator) {
  Value* marked = rounds_bill() ? b_.CreateNeg(denominator) : denominator;
  store_line(numerator, marked, b_.getInt64(0));
}

void FunctionEmitter::store_line(Value* numerator, Value* denominator, Value* amount) {
  Value* count = b_.CreateLoad(layout().i32, count_place_);
  Value* lines = load_field(layout().rate_output, output(), Layout::Lines);
  Value* line =
      b_.CreateInBoundsGEP(layout().line_amount, lines, b_.CreateZExt(count, layout().i64));
  const auto place = [&](unsigned field) { return field_place(layout().line_amount, line, field); };
  b_.CreateStore(numerator, place(Layout::Numerator));
  b_.CreateStore(denominator, place(Layout::Denominator));
  b_.CreateStore(amount, place(Layout::Amount));
  b_.CreateStore(b_.CreateAdd(count, b_.getInt32(1)), count_place_);
}

void FunctionEmitter::put_checked_line(Value* numerator, Value* denominator, Value* amount) {
  if (rounds_bill()) return put_line(numerator, denominator, b_.getInt64(0));
  Value* narrow = b_.CreateTrunc(amount, layout().i64);
  fault_if(b_.CreateICmpNE(b_.CreateSExt(narrow, layout().i128), amount),
           fault_kind(FaultKind::TooLarge));
  put_line(numerator, denominator, narrow);
}

void FunctionEmitter::put_step_on_sum(MoneyLine::Kind kind, Value* minor, Value* sum) {
  Value* fixed = in_units(like_lines(minor));
  Value* zero = int_constant(layout().i128, 0);
  const auto smin = [&](Value* a, Value* b) {
    return b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b);
  };
  const auto smax = [&](Value* a, Value* b) {
    return b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
  };
  Value* change = nullptr;
  switch (kind) {
    case MoneyLine::Kind::Discount:
      change = b_.CreateNeg(smin(sum, fixed));
      break;
    case MoneyLine::Kind::Surcharge:
      change = fixed;
      break;
    case MoneyLine::Kind::Minimum:
      change = b_.CreateSelect(final_period(), smax(zero, b_.CreateSub(fixed, sum)), zero);
      break;
    case MoneyLine::Kind::Maximum:
      change = smin(zero, b_.CreateSub(fixed, sum));
      break;
  }
  put_in_units(change);
}

Value* FunctionEmitter::like_lines(Value* minor) {
  if (rounds_bill() || program_.rounding_step == 1) return minor;
  return round(minor, int_constant(layout().i128, 1));
}

Value* FunctionEmitter::round(Value* numerator, Value* denominator) {
  Value* mode = b_.getInt32(static_cast<uint32_t>(program_.rounding));
  if (program_.rounding_step == 1) {
    if (is_constant(denominator, 1)) return numerator;
    return b_.CreateCall(module_.div_round, {numerator, denominator, mode});
  }
  Value* step = int_constant(layout().i128, program_.rounding_step);
  Value* divisor = b_.CreateMul(denominator, step);
  return b_.CreateMul(b_.CreateCall(module_.div_round, {numerator, divisor, mode}), step);
}

Value* FunctionEmitter::fault_kind(FaultKind kind) {
  return b_.getInt32(static_cast<uint32_t>(kind));
}

void FunctionEmitter::fault_if(Value* condition, Value* kind) {
  llvm::BasicBlock *fault = block("fault"), *go_on = block("go_on");
  b_.CreateCondBr(condition, fault, go_on);
  b_.SetInsertPoint(fault);
  b_.CreateStore(kind, b_.CreateStructGEP(layout().rate_output, output(), Layout::Fault));
  b_.CreateRet(b_.getFalse());
  b_.SetInsertPoint(go_on);
}

void FunctionEmitter::finish() { b_.CreateRet(b_.getTrue()); }

}  // namespace toll::compiler
