#include "compiler/native.h"

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>

#include <atomic>
#include <mutex>

#include "compiler/native/program_emitter.h"
#include "compiler/native/symbols.h"

namespace toll::compiler {
namespace {

namespace orc = llvm::orc;

std::unexpected<Error> failure(llvm::Error error) {
  return std::unexpected(Error{"native code: " + llvm::toString(std::move(error))});
}

/// A module and the context that owns its types.
struct OwnedModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
};

llvm::CodeGenOptLevel codegen_level(Optimise optimise) {
  return optimise == Optimise::Yes ? llvm::CodeGenOptLevel::Default : llvm::CodeGenOptLevel::None;
}

void run_passes(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager call_graph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(call_graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, call_graph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

}  // namespace

struct NativeCompiler::State {
  std::unique_ptr<orc::LLJIT> jit;
  orc::JITTargetMachineBuilder target;
  std::atomic<uint64_t> functions = 0;

  Result<std::unique_ptr<llvm::TargetMachine>> machine(Optimise optimise) const {
    orc::JITTargetMachineBuilder builder = target;
    auto machine = builder.setCodeGenOptLevel(codegen_level(optimise)).createTargetMachine();
    if (!machine) return failure(machine.takeError());
    return std::move(*machine);
  }

  Result<OwnedModule> module(const RatingProgram& program, llvm::TargetMachine& machine,
                             Optimise optimise) const {
    OwnedModule result;
    result.context = std::make_unique<llvm::LLVMContext>();
    result.module = emit_program(*result.context, program);
    result.module->setDataLayout(machine.createDataLayout());
    result.module->setTargetTriple(machine.getTargetTriple().str());
    std::string problem;
    llvm::raw_string_ostream stream(problem);
    if (llvm::verifyModule(*result.module, &stream))
      return std::unexpected(Error{"native code: malformed module: " + problem});
    if (optimise == Optimise::Yes) run_passes(*result.module, machine);
    return result;
  }

  Result<llvm::SmallVector<char, 0>> emit(const RatingProgram& program, Optimise optimise,
                                          llvm::CodeGenFileType type) const {
    auto target_machine = machine(optimise);
    if (!target_machine) return std::unexpected(target_machine.error());
    auto owned = module(program, **target_machine, optimise);
    if (!owned) return std::unexpected(owned.error());
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if ((*target_machine)->addPassesToEmitFile(passes, stream, nullptr, type))
      return std::unexpected(Error{"native code: this machine cannot be compiled for"});
    passes.run(*owned->module);
    return bytes;
  }
};

struct NativeFunction::Code {
  std::shared_ptr<NativeCompiler::State> state;
  orc::JITDylib* library;

  ~Code() {
    orc::ExecutionSession& session = state->jit->getExecutionSession();
    if (llvm::Error error = session.removeJITDylib(*library))
      session.reportError(std::move(error));  // the memory is lost; the process goes on
    session.getSymbolStringPool()->clearDeadEntries();
  }
};

NativeFunction::NativeFunction(RateFunction function, std::unique_ptr<Code> code)
    : function_(function), code_(std::move(code)) {}
NativeFunction::NativeFunction(NativeFunction&&) noexcept = default;
NativeFunction& NativeFunction::operator=(NativeFunction&&) noexcept = default;
NativeFunction::~NativeFunction() = default;

NativeCompiler::NativeCompiler(std::shared_ptr<State> state) : state_(std::move(state)) {}
NativeCompiler::NativeCompiler(NativeCompiler&&) noexcept = default;
NativeCompiler& NativeCompiler::operator=(NativeCompiler&&) noexcept = default;
NativeCompiler::~NativeCompiler() = default;

Result<NativeCompiler> NativeCompiler::create() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  auto target = orc::JITTargetMachineBuilder::detectHost();
  if (!target) return failure(target.takeError());
  // Native code sees no symbol of the process: only what is defined into its own library.
  auto jit = orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(*target)
                 .setLinkProcessSymbolsByDefault(false)
                 .setPlatformSetUp(orc::setUpInactivePlatform)
                 .create();
  if (!jit) return failure(jit.takeError());
  return NativeCompiler(std::make_shared<State>(std::move(*jit), std::move(*target)));
}

Result<NativeFunction> NativeCompiler::compile(const RatingProgram& program,
                                               Optimise optimise) const {
  auto object = state_->emit(program, optimise, llvm::CodeGenFileType::ObjectFile);
  if (!object) return std::unexpected(object.error());

  orc::ExecutionSession& session = state_->jit->getExecutionSession();
  orc::JITDylib& library =
      session.createBareJITDylib("card_" + std::to_string(state_->functions++));
  auto code = std::make_unique<NativeFunction::Code>(state_, &library);
  orc::SymbolMap symbols;
  for (const NativeSymbol& symbol : native_symbols())
    symbols[state_->jit->mangleAndIntern(symbol.name)] = {
        orc::ExecutorAddr(symbol.address),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  if (llvm::Error error = library.define(orc::absoluteSymbols(std::move(symbols))))
    return failure(std::move(error));
  auto buffer = std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(*object), false);
  if (llvm::Error error = state_->jit->addObjectFile(library, std::move(buffer)))
    return failure(std::move(error));
  auto address = state_->jit->lookup(library, kRateSymbol);
  if (!address) return failure(address.takeError());
  return NativeFunction(address->toPtr<RateFunction>(), std::move(code));
}

Result<std::string> NativeCompiler::llvm_ir(const RatingProgram& program, Optimise optimise) const {
  auto machine = state_->machine(optimise);
  if (!machine) return std::unexpected(machine.error());
  auto owned = state_->module(program, **machine, optimise);
  if (!owned) return std::unexpected(owned.error());
  std::string text;
  llvm::raw_string_ostream stream(text);
  owned->module->print(stream, nullptr);
  return text;
}

Result<std::string> NativeCompiler::assembly(const RatingProgram& program,
                                             Optimise optimise) const {
  auto bytes = state_->emit(program, optimise, llvm::CodeGenFileType::AssemblyFile);
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace toll::compiler
