#include "compiler/native/cell_emitter.h"

#include <string>
#include <vector>

#include "compiler/cell_usage.h"
#include "compiler/native/charge_emitter.h"
#include "compiler/native/function_emitter.h"

namespace toll::compiler {
namespace {

using llvm::Value;

/// Emits `void name(const CellUsage*, CellChange*)`: calls the charge's function, as a quote does,
/// with a usage of one cell made up on the stack, before and after.
class CellEmitter {
 public:
  CellEmitter(ModuleContext& module, const std::string& name)
      : layout_(module.layout), b_(module.module.getContext()) {
    auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(b_.getContext()),
                                         {layout_.pointer, layout_.pointer}, false);
    function_ = llvm::Function::Create(type, llvm::Function::InternalLinkage, name, module.module);
    function_->setDoesNotThrow();
    function_->addParamAttr(0, llvm::Attribute::NoAlias);
    function_->addParamAttr(1, llvm::Attribute::NoAlias);
    b_.SetInsertPoint(block("entry"));
    usage_ = b_.CreateAlloca(layout_.charge_usage);
    input_ = b_.CreateAlloca(layout_.rate_input);
    output_ = b_.CreateAlloca(layout_.rate_output);
    line_ = b_.CreateAlloca(layout_.line_amount);
  }

  /// A loop of two rounds, so that LLVM has one call to make part of this function.
  llvm::Function* emit(llvm::Function* charge) {
    fill_input();
    Value* before = load(layout_.cell_usage, function_->getArg(0), Layout::Before);
    Value* after = load(layout_.cell_usage, function_->getArg(0), Layout::After);
    llvm::BasicBlock *entry = b_.GetInsertBlock(), *round = block("round"), *line = block("line"),
                     *second = block("second"), *done = block("done");
    b_.CreateBr(round);

    b_.SetInsertPoint(round);
    llvm::PHINode* is_second = b_.CreatePHI(layout_.i1, 2);
    llvm::PHINode* numerator_before = b_.CreatePHI(layout_.i128, 2);
    llvm::PHINode* amount_before = b_.CreatePHI(layout_.i64, 2);
    for (llvm::PHINode* phi : {is_second, numerator_before, amount_before})
      phi->addIncoming(llvm::ConstantInt::get(phi->getType(), 0), entry);
    Value* quantities = b_.CreateSelect(is_second, after, before);
    b_.CreateCondBr(b_.CreateIsNull(quantities), second, line);

    b_.SetInsertPoint(line);
    rate(charge, quantities);
    Value* numerator = load(layout_.line_amount, line_, Layout::Numerator);
    Value* amount = load(layout_.line_amount, line_, Layout::Amount);
    llvm::BasicBlock* rated = b_.GetInsertBlock();
    b_.CreateCondBr(is_second, done, second);

    b_.SetInsertPoint(second);
    const auto or_none = [&](Value* value) {
      llvm::PHINode* phi = b_.CreatePHI(value->getType(), 2);
      phi->addIncoming(llvm::ConstantInt::get(value->getType(), 0), round);
      phi->addIncoming(value, rated);
      return phi;
    };
    numerator_before->addIncoming(or_none(numerator), second);
    amount_before->addIncoming(or_none(amount), second);
    is_second->addIncoming(b_.getTrue(), second);
    b_.CreateBr(round);

    b_.SetInsertPoint(done);  // no line is negative, so that differences fit
    put(Layout::ChangeNumerator, b_.CreateSub(numerator, numerator_before));
    put(Layout::ChangeDenominator, load(layout_.line_amount, line_, Layout::Denominator));
    put(Layout::ChangeAmount, b_.CreateSub(amount, amount_before));
    put(Layout::ChangeFault, b_.getInt32(static_cast<uint32_t>(FaultKind::None)));
    b_.CreateRetVoid();
    return function_;
  }

 private:
  llvm::BasicBlock* block(const char* name) {
    return llvm::BasicBlock::Create(b_.getContext(), name, function_);
  }

  Value* load(llvm::StructType* type, Value* base, unsigned field) {
    return b_.CreateLoad(type->getElementType(field), b_.CreateStructGEP(type, base, field));
  }

  void store(llvm::StructType* type, Value* base, unsigned field, Value* value) {
    b_.CreateStore(value, b_.CreateStructGEP(type, base, field));
  }

  void put(unsigned field, Value* value) {
    store(layout_.cell_change, function_->getArg(1), field, value);
  }

  /// All but the quantities.
  void fill_input() {
    Value* cell = function_->getArg(0);
    Value* null = llvm::ConstantPointerNull::get(layout_.pointer);
    const auto of_cell = [&](unsigned field) { return load(layout_.cell_usage, cell, field); };
    const auto usage = [&](unsigned field, Value* value) {
      store(layout_.charge_usage, usage_, field, value);
    };
    usage(Layout::Cells, b_.CreateStructGEP(layout_.cell_usage, cell, Layout::CellIndex));
    usage(Layout::Count, b_.getInt32(1));
    usage(Layout::Scale, of_cell(Layout::CellScale));
    for (const auto field : {Layout::ItemEnds, Layout::ItemParts, Layout::Amounts})
      usage(field, null);
    const auto input = [&](unsigned field, Value* value) {
      store(layout_.rate_input, input_, field, value);
    };
    input(Layout::Charges, usage_);
    input(Layout::CoveredDays, of_cell(Layout::CellCoveredDays));
    input(Layout::PeriodDays, of_cell(Layout::CellPeriodDays));
    input(Layout::Final, of_cell(Layout::CellFinal));
    for (const auto field : {Layout::Commitments, Layout::Available}) input(field, null);
    input(Layout::CreditScale, b_.getInt32(0));
    input(Layout::CreditSplit, int_constant(layout_.i128, 1));
    store(layout_.rate_output, output_, Layout::Lines, line_);
  }

  /// Rates a line, or ends the function with its fault.
  void rate(llvm::Function* charge, Value* quantities) {
    const auto output = [&](unsigned field, Value* value) {
      store(layout_.rate_output, output_, field, value);
    };
    store(layout_.charge_usage, usage_, Layout::Quantities, quantities);
    output(Layout::Total, int_constant(layout_.i128, 0));
    output(Layout::Fault, b_.getInt32(0));
    output(Layout::FaultLine, b_.getInt32(0));
    Value* fine = b_.CreateCall(
        charge, {input_, output_, int_constant(layout_.i128, 0), int_constant(layout_.i128, 1)});
    llvm::BasicBlock *fault = block("fault"), *go_on = block("go_on");
    b_.CreateCondBr(fine, go_on, fault);
    b_.SetInsertPoint(fault);
    put(Layout::ChangeFault, load(layout_.rate_output, output_, Layout::Fault));
    b_.CreateRetVoid();
    b_.SetInsertPoint(go_on);
  }

  const Layout& layout_;
  llvm::IRBuilder<> b_;
  llvm::Function* function_ = nullptr;
  Value *usage_, *input_, *output_, *line_;
};

}  // namespace

std::unique_ptr<llvm::Module> emit_cells(llvm::LLVMContext& context,
                                         const llvm::TargetMachine& machine,
                                         const RatingProgram& program) {
  auto module = std::make_unique<llvm::Module>("toll_cells", context);
  module->setTargetTriple(machine.getTargetTriple().str());
  module->setDataLayout(machine.createDataLayout());  // first: instructions take alignments from it
  ModuleContext module_context(*module);
  llvm::PointerType* const pointer = module_context.layout.pointer;
  std::vector<llvm::Constant*> functions;
  for (uint32_t i = 0; i < program.charges.size(); ++i) {
    if (!rates_cells_alone(program, i)) {
      functions.push_back(llvm::ConstantPointerNull::get(pointer));
      continue;
    }
    llvm::Function* const charge = emit_charge(module_context, charge_alone(program, i), 0);
    functions.push_back(CellEmitter(module_context, "cell_" + std::to_string(i)).emit(charge));
  }
  // A card without charges has a table all the same.
  if (functions.empty()) functions.push_back(llvm::ConstantPointerNull::get(pointer));
  auto* type = llvm::ArrayType::get(pointer, functions.size());
  new llvm::GlobalVariable(*module, type, true, llvm::GlobalValue::ExternalLinkage,
                           llvm::ConstantArray::get(type, functions), kCellsSymbol);
  return module;
}

}  // namespace toll::compiler
