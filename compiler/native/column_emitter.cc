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

uint32_t bits_of(ColumnType type) { return 8 * bytes_of(type); }

enum Argument { kQuantities, kCodes, kTotals, kLines, kRows };

/// Emits the loop over rows at one width.
class LoopEmitter {
 public:
  LoopEmitter(llvm::Module& module, const RatingProgram& program, const ColumnPlan& plan,
              const ColumnLimits& limits, const ColumnLimits* before, Width width,
              LaneFeatures features)
      : module_(module),
        program_(program),
        plan_(plan),
        limits_(limits),
        before_(before),
        width_(width),
        features_(features),
        b_(module.getContext()) {
    llvm::Type* pointer = b_.getPtrTy();
    auto* type = llvm::FunctionType::get(
        b_.getInt32Ty(), {pointer, pointer, pointer, pointer, b_.getInt64Ty()}, false);
    function_ =
        llvm::Function::Create(type, llvm::Function::ExternalLinkage, kColumnsSymbol, module);
    function_->setDoesNotThrow();
    function_->addParamAttr(kTotals, llvm::Attribute::NoAlias);
    // LLVM would call memset for a column of zeros, which native code cannot reach.
    function_->addFnAttr("no-builtins");
    // Without these LLVM halves vectors of 512 bits on processors that have them.
    function_->addFnAttr("prefer-vector-width", "512");
    function_->addFnAttr("min-legal-vector-width", "512");
  }

  void emit() {
    llvm::BasicBlock *entry = block("entry"), *each = block("each"), *done = block("done");
    b_.SetInsertPoint(entry);
    load_pointers();
    Lanes lanes = Lanes::emission(width_, b_, module_, features_);
    Value* rows = function_->getArg(kRows);
    b_.CreateCondBr(b_.CreateICmpEQ(rows, b_.getInt64(0)), done, each);
    b_.SetInsertPoint(each);
    llvm::PHINode* row = b_.CreatePHI(b_.getInt64Ty(), 2);
    row->addIncoming(b_.getInt64(0), entry);
    rate_rows(lanes, row);
    Value* next = b_.CreateAdd(row, b_.getInt64(lanes.is_wide() ? 1 : Lanes::kLanes));
    row->addIncoming(next, b_.GetInsertBlock());
    b_.CreateCondBr(b_.CreateICmpULT(next, rows), each, done);
    b_.SetInsertPoint(done);
    Value* failed = b_.CreateZExt(lanes.failed(), b_.getInt32Ty());
    Value* noted = b_.CreateZExt(lanes.noted(), b_.getInt32Ty());
    b_.CreateRet(b_.CreateOr(failed, b_.CreateShl(noted, 1)));
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
    for (size_t i = 0; i < plan_.shape.codes.size(); ++i) codes_.push_back(load_pointer(kCodes, i));
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
                                        loaded_codes[code] = lanes.load_code(
                                            codes_[code], row, bits_of(plan_.shape.codes[code]));
                                      return loaded_codes[code];
                                    }};
    const auto rated = rate_lanes(program_, plan_, limits_, sources, lanes);
    if (plan_.shape.totals) lanes.store(rated->total, function_->getArg(kTotals), row);
    for (size_t i = 0; i < lines_.size(); ++i) lanes.store(rated->lines[i], lines_[i], row);
  }

  Lane load(Lanes& lanes, Value* row, uint32_t column) {
    const Lane value = lanes.load(columns_[column], row, bits_of(plan_.shape.columns[column].type),
                                  limits_.columns[column]);
    if (before_) lanes.note(value, before_->columns[column]);
    return value;
  }

  llvm::Module& module_;
  const RatingProgram& program_;
  const ColumnPlan& plan_;
  const ColumnLimits& limits_;
  const ColumnLimits* const before_;  // what the width before this one takes, or null
  const Width width_;
  const LaneFeatures features_;
  llvm::IRBuilder<> b_;
  llvm::Function* function_ = nullptr;
  std::vector<Value*> columns_, codes_, lines_;
};

/// Whether some column may have larger quantities.
bool takes_more(const ColumnLimits& limits, const ColumnLimits& than) {
  for (size_t i = 0; i < limits.columns.size(); ++i)
    if (limits.columns[i] > than.columns[i]) return true;
  return false;
}

}  // namespace

LaneFeatures lane_features(llvm::StringRef machine_features) {
  const bool permutes = machine_features.contains("+avx512f");
  return {.permutes = permutes,
          .short_products = permutes && machine_features.contains("+avx512ifma")};
}

LimitsByWidth find_limits(const RatingProgram& program, const ColumnPlan& plan,
                          LaneFeatures features) {
  LimitsByWidth result;
  const ColumnLimits* before = nullptr;
  for (const Width width : {Width::Short, Width::Narrow, Width::Double, Width::Wide}) {
    auto limits = find_limits(program, plan, width, features);
    if (!limits || (before && !takes_more(*limits, *before))) continue;
    auto& place = result[static_cast<size_t>(width)];
    place = std::move(limits);
    before = &*place;
  }
  return result;
}

std::unique_ptr<llvm::Module> emit_columns(llvm::LLVMContext& context,
                                           const llvm::TargetMachine& machine,
                                           const RatingProgram& program, const ColumnPlan& plan,
                                           const LimitsByWidth& limits, uint32_t width) {
  auto module = std::make_unique<llvm::Module>("toll_columns", context);
  module->setTargetTriple(machine.getTargetTriple().str());
  module->setDataLayout(machine.createDataLayout());
  const ColumnLimits* before = nullptr;
  for (uint32_t i = 0; i < width; ++i)
    if (limits[i]) before = &*limits[i];
  LoopEmitter(*module, program, plan, *limits[width], before, static_cast<Width>(width),
              lane_features(machine.getTargetFeatureString()))
      .emit();
  return module;
}

}  // namespace toll::compiler
