#include "compiler/native/column_emitter.h"

#include <llvm/IR/IRBuilder.h>

#include <optional>
#include <string>
#include <vector>

#include "compiler/native.h"
#include "compiler/native/column_run.h"
#include "compiler/native/lanes.h"

namespace toll::compiler {
namespace {

using llvm::Value;

enum Argument { kQuantities, kCodes, kTotals, kLines, kRows, kWide };

/// Emits the loop over rows at one width.
class LoopEmitter {
 public:
  LoopEmitter(llvm::Module& module, const RatingProgram& program, const ColumnPlan& plan,
              const ColumnLimits& limits, const std::optional<ColumnLimits>& narrow, bool wide)
      : module_(module),
        program_(program),
        plan_(plan),
        limits_(limits),
        narrow_(narrow),
        wide_(wide),
        b_(module.getContext()) {
    llvm::Type* pointer = b_.getPtrTy();
    auto* type = llvm::FunctionType::get(
        b_.getInt32Ty(), {pointer, pointer, pointer, pointer, b_.getInt64Ty()}, false);
    function_ = llvm::Function::Create(type, llvm::Function::InternalLinkage,
                                       wide ? "rows_wide" : "rows_narrow", module);
    function_->setDoesNotThrow();
    function_->addParamAttr(kTotals, llvm::Attribute::NoAlias);
    // LLVM would call memset for a column of zeros, which native code cannot reach.
    function_->addFnAttr("no-builtins");
    // Without these LLVM halves vectors of 512 bits on processors that have them.
    function_->addFnAttr("prefer-vector-width", "512");
    function_->addFnAttr("min-legal-vector-width", "512");
  }

  llvm::Function* emit() {
    llvm::BasicBlock *entry = block("entry"), *each = block("each"), *done = block("done");
    b_.SetInsertPoint(entry);
    load_pointers();
    Lanes lanes = Lanes::emission(wide_, b_, module_);
    Value* rows = function_->getArg(kRows);
    b_.CreateCondBr(b_.CreateICmpEQ(rows, b_.getInt64(0)), done, each);
    b_.SetInsertPoint(each);
    llvm::PHINode* row = b_.CreatePHI(b_.getInt64Ty(), 2);
    row->addIncoming(b_.getInt64(0), entry);
    rate_rows(lanes, row);
    Value* next = b_.CreateAdd(row, b_.getInt64(wide_ ? 1 : Lanes::kLanes));
    row->addIncoming(next, b_.GetInsertBlock());
    b_.CreateCondBr(b_.CreateICmpULT(next, rows), each, done);
    b_.SetInsertPoint(done);
    Value* failed = b_.CreateZExt(lanes.failed(), b_.getInt32Ty());
    Value* noted = b_.CreateZExt(lanes.noted(), b_.getInt32Ty());
    b_.CreateRet(b_.CreateOr(failed, b_.CreateShl(noted, 1)));
    return function_;
  }

 private:
  llvm::BasicBlock* block(const char* name) {
    return llvm::BasicBlock::Create(module_.getContext(), name, function_);
  }

  Value* load_pointer(unsigned argument, size_t index) {
    llvm::Type* pointer = b_.getPtrTy();
    return b_.CreateLoad(
        pointer, b_.CreateInBoundsGEP(pointer, function_->getArg(argument), b_.getInt64(index)));
  }

  void load_pointers() {
    for (size_t i = 0; i < plan_.shape.columns.size(); ++i)
      columns_.push_back(load_pointer(kQuantities, i));
    for (size_t i = 0; i < plan_.codes; ++i) codes_.push_back(load_pointer(kCodes, i));
    if (!plan_.shape.lines) return;
    size_t lines = program_.fees.size() + program_.bill_steps.size();
    for (size_t i = 0; i < program_.charges.size(); ++i)
      lines += plan_.charges[i].cells.size() + program_.charges[i].shared_steps.size();
    for (size_t i = 0; i < lines; ++i) lines_.push_back(load_pointer(kLines, i));
  }

  void rate_rows(Lanes& lanes, Value* row) {
    std::vector<std::optional<Lane>> loaded(columns_.size());
    std::vector<Value*> loaded_codes(codes_.size());
    const ColumnSources sources{.quantity =
                                    [&](uint32_t column) {
                                      if (!loaded[column])
                                        loaded[column] = load(lanes, row, column);
                                      return *loaded[column];
                                    },
                                .code =
                                    [&](uint32_t code) {
                                      if (!loaded_codes[code])
                                        loaded_codes[code] = lanes.load_code(codes_[code], row);
                                      return loaded_codes[code];
                                    }};
    const auto rated = rate_lanes(program_, plan_, limits_, sources, lanes);
    if (plan_.shape.totals) lanes.store(rated->total, function_->getArg(kTotals), row);
    for (size_t i = 0; i < lines_.size(); ++i) lanes.store(rated->lines[i], lines_[i], row);
  }

  Lane load(Lanes& lanes, Value* row, uint32_t column) {
    const Lane value = lanes.load(columns_[column], row);
    if (wide_ && narrow_) lanes.note(value, narrow_->columns[column]);
    return lanes.check(value, limits_.columns[column]);
  }

  llvm::Module& module_;
  const RatingProgram& program_;
  const ColumnPlan& plan_;
  const ColumnLimits& limits_;
  const std::optional<ColumnLimits>& narrow_;  // what code in 64 bits would take
  const bool wide_;
  llvm::IRBuilder<> b_;
  llvm::Function* function_ = nullptr;
  std::vector<Value*> columns_, codes_, lines_;
};

void emit_entry(llvm::Module& module, llvm::Function* narrow, llvm::Function* wide) {
  llvm::IRBuilder<> b(module.getContext());
  llvm::Type* pointer = b.getPtrTy();
  auto* type = llvm::FunctionType::get(
      b.getInt32Ty(), {pointer, pointer, pointer, pointer, b.getInt64Ty(), b.getInt32Ty()}, false);
  auto* entry =
      llvm::Function::Create(type, llvm::Function::ExternalLinkage, kColumnsSymbol, module);
  entry->setDoesNotThrow();
  const auto block = [&](const char* name) {
    return llvm::BasicBlock::Create(module.getContext(), name, entry);
  };
  llvm::BasicBlock *choose = block("choose"), *at_64 = block("at_64"), *at_128 = block("at_128");
  const auto call = [&](llvm::BasicBlock* place, llvm::Function* function) {
    b.SetInsertPoint(place);
    if (!function) {
      b.CreateRet(b.getInt32(NativeColumns::kFailed));
      return;
    }
    std::vector<Value*> arguments;
    for (unsigned i = kQuantities; i <= kRows; ++i) arguments.push_back(entry->getArg(i));
    b.CreateRet(b.CreateCall(function, arguments));
  };
  b.SetInsertPoint(choose);
  b.CreateCondBr(b.CreateICmpEQ(entry->getArg(kWide), b.getInt32(0)), at_64, at_128);
  call(at_64, narrow);
  call(at_128, wide);
}

}  // namespace

EmittedColumns emit_columns(llvm::LLVMContext& context, const llvm::TargetMachine& machine,
                            const RatingProgram& program, const ColumnPlan& plan) {
  EmittedColumns result{.module = std::make_unique<llvm::Module>("toll_columns", context)};
  llvm::Module& module = *result.module;
  module.setTargetTriple(machine.getTargetTriple().str());
  module.setDataLayout(machine.createDataLayout());
  const auto narrow = find_limits(program, plan, false), wide = find_limits(program, plan, true);
  const auto emit = [&](const std::optional<ColumnLimits>& limits, bool in_128) {
    if (!limits) return static_cast<llvm::Function*>(nullptr);
    return LoopEmitter(module, program, plan, *limits, narrow, in_128).emit();
  };
  llvm::Function* at_64 = emit(narrow, false);
  llvm::Function* at_128 = emit(wide, true);
  emit_entry(module, at_64, at_128);
  result.narrow = at_64 != nullptr;
  result.wide = at_128 != nullptr;
  return result;
}

}  // namespace toll::compiler
