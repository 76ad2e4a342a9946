#include "compiler/native/generator.h"

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>

#include <utility>

#include "compiler/native/jit.h"
#include "compiler/native/layout.h"

namespace toll::compiler {
namespace {

/// What of LLVM's O2 earns its time. The code of a card is a line of calls and checks, with a loop
/// over items at the most; the rest of O2, above all its eight rounds of InstCombine over 128-bit
/// arithmetic, takes twice as long again and leaves the code as fast (docs/benchmarks.md).
/// To inline first and then optimise once saves another twentieth, and makes loops over items
/// slower by a tenth.
constexpr llvm::StringLiteral kPasses =
    "function(sroa<modify-cfg>,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg),"
    "cgscc(inline),"
    "function(sroa<modify-cfg>,early-cse<memssa>,correlated-propagation,jump-threading,simplifycfg,"
    "loop-mssa(loop-rotate,licm,simple-loop-unswitch<nontrivial>),"
    "instcombine<no-verify-fixpoint>,loop(indvars),gvn,dse,adce,"
    "simplifycfg<sink-common-insts;hoist-common-insts>,instcombine<no-verify-fixpoint>)";

}  // namespace

Result<std::unique_ptr<Generator>> Generator::create(llvm::orc::JITTargetMachineBuilder target,
                                                     Optimise optimise) {
  target.setCodeGenOptLevel(optimise == Optimise::Yes ? llvm::CodeGenOptLevel::Default
                                                      : llvm::CodeGenOptLevel::None);
  auto machine = target.createTargetMachine();
  if (!machine) return native_failure(machine.takeError());
  llvm::LLVMContext context;
  if (!Layout(context).agrees_with((*machine)->createDataLayout()))
    return std::unexpected(
        Error{"native code: LLVM lays structs out as the C++ compiler does not"});
  std::unique_ptr<Generator> generator(new Generator(std::move(*machine), optimise));
  if (optimise == Optimise::No) return generator;
  llvm::PassBuilder builder(generator->machine_.get());
  builder.registerModuleAnalyses(generator->modules_);
  builder.registerCGSCCAnalyses(generator->call_graph_);
  builder.registerFunctionAnalyses(generator->functions_);
  builder.registerLoopAnalyses(generator->loops_);
  builder.crossRegisterProxies(generator->loops_, generator->functions_, generator->call_graph_,
                               generator->modules_);
  if (llvm::Error error = builder.parsePassPipeline(generator->passes_, kPasses))
    return native_failure(std::move(error));
  return generator;
}

Generator::Generator(std::unique_ptr<llvm::TargetMachine> machine, Optimise optimise)
    : machine_(std::move(machine)), optimise_(optimise) {}

Result<void> Generator::finish(llvm::Module& module) {
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(module, &stream))
    return std::unexpected(Error{"native code: malformed module: " + problem});
  if (optimise_ == Optimise::No) return {};
  passes_.run(module, modules_);
  // What was found out of this module is no good for another at the same address.
  modules_.clear();
  call_graph_.clear();
  functions_.clear();
  loops_.clear();
  return {};
}

Result<llvm::SmallVector<char, 0>> Generator::write(llvm::Module& module,
                                                    llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine_->addPassesToEmitFile(passes, stream, nullptr, type))
    return std::unexpected(Error{"native code: LLVM cannot write files for this machine"});
  passes.run(module);
  return bytes;
}

Result<std::unique_ptr<Generator>> GeneratorPool::take(Optimise optimise) {
  {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[static_cast<size_t>(optimise)];
    if (!idle.empty()) {
      std::unique_ptr<Generator> generator = std::move(idle.back());
      idle.pop_back();
      return generator;
    }
  }
  return Generator::create(target_, optimise);
}

void GeneratorPool::give_back(std::unique_ptr<Generator> generator) {
  const std::lock_guard lock(mutex_);
  idle_[static_cast<size_t>(generator->optimise())].push_back(std::move(generator));
}

}  // namespace toll::compiler
