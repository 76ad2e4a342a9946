// From a module to an object file: LLVM's description of the machine, and the passes. Both take
// longer to make than the code of a small card, so they are made once and lent out.
#pragma once

#include <llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/native.h"

namespace toll::compiler {

/// One thread at a time.
class Generator {
 public:
  static Result<std::unique_ptr<Generator>> create(llvm::orc::JITTargetMachineBuilder target,
                                                   Optimise optimise);

  const llvm::TargetMachine& machine() const { return *machine_; }
  Optimise optimise() const { return optimise_; }

  /// Checks what was emitted and, where asked to, optimises it.
  Result<void> finish(llvm::Module& module);

  Result<llvm::SmallVector<char, 0>> write(llvm::Module& module, llvm::CodeGenFileType type);

 private:
  Generator(std::unique_ptr<llvm::TargetMachine> machine, Optimise optimise);

  std::unique_ptr<llvm::TargetMachine> machine_;
  Optimise optimise_;
  llvm::LoopAnalysisManager loops_;
  llvm::FunctionAnalysisManager functions_;
  llvm::CGSCCAnalysisManager call_graph_;
  llvm::ModuleAnalysisManager modules_;
  llvm::ModulePassManager passes_;
};

/// The generators that nobody uses. Any thread.
class GeneratorPool {
 public:
  explicit GeneratorPool(llvm::orc::JITTargetMachineBuilder target) : target_(std::move(target)) {}

  Result<std::unique_ptr<Generator>> take(Optimise optimise);
  void give_back(std::unique_ptr<Generator> generator);

  /// What the machine has: `+avx512f` and the like.
  std::string features() const { return target_.getFeatures().getString(); }

 private:
  llvm::orc::JITTargetMachineBuilder target_;
  std::mutex mutex_;
  std::array<std::vector<std::unique_ptr<Generator>>, 2> idle_;  // by Optimise
};

}  // namespace toll::compiler
