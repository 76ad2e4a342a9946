#include "compiler/native.h"

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Target/TargetMachine.h>

#include <array>
#include <mutex>

#include "compiler/columns/plan.h"
#include "compiler/native/cell_emitter.h"
#include "compiler/native/column_emitter.h"
#include "compiler/native/jit.h"
#include "compiler/native/layout.h"
#include "compiler/native/program_emitter.h"

namespace toll::compiler {
namespace {

/// A module and the context that owns its types, in the order that they must be freed in.
struct OwnedModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
};

/// What of LLVM's O2 earns its time. The code of a card is a line of calls and checks, with a loop
/// over items at the most; the rest of O2, above all its eight rounds of InstCombine over 128-bit
/// arithmetic, takes twice as long again and leaves the code as fast (docs/benchmarks.md).
constexpr llvm::StringLiteral kPasses =
    "function(sroa<modify-cfg>,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg),"
    "cgscc(inline),"
    "function(sroa<modify-cfg>,early-cse<memssa>,correlated-propagation,jump-threading,simplifycfg,"
    "loop-mssa(loop-rotate,licm,simple-loop-unswitch<nontrivial>),"
    "instcombine<no-verify-fixpoint>,loop(indvars),gvn,dse,adce,"
    "simplifycfg<sink-common-insts;hoist-common-insts>,instcombine<no-verify-fixpoint>)";

llvm::Error run_passes(llvm::Module& module, llvm::TargetMachine& machine) {
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
  llvm::ModulePassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(passes, kPasses)) return error;
  passes.run(module, modules);
  return llvm::Error::success();
}

/// From a program to a module, and from there to an object or assembly file.
class Emission {
 public:
  /// `emit` makes the module, in a context and for a machine.
  template <typename Emit>
  static Result<Emission> start(const Jit& jit, Optimise optimise, const Emit& emit) {
    llvm::orc::JITTargetMachineBuilder target = jit.target();
    target.setCodeGenOptLevel(optimise == Optimise::Yes ? llvm::CodeGenOptLevel::Default
                                                        : llvm::CodeGenOptLevel::None);
    auto machine = target.createTargetMachine();
    if (!machine) return native_failure(machine.takeError());
    llvm::LLVMContext context;
    if (!Layout(context).agrees_with((*machine)->createDataLayout()))
      return std::unexpected(
          Error{"native code: LLVM lays structs out as the C++ compiler does not"});
    Emission emission(std::move(*machine), emit);
    std::string problem;
    llvm::raw_string_ostream stream(problem);
    if (llvm::verifyModule(emission.module(), &stream))
      return std::unexpected(Error{"native code: malformed module: " + problem});
    if (optimise == Optimise::No) return emission;
    if (llvm::Error error = run_passes(emission.module(), *emission.machine_))
      return native_failure(std::move(error));
    return emission;
  }

  llvm::Module& module() { return *owned_.module; }

  Result<llvm::SmallVector<char, 0>> write(llvm::CodeGenFileType type) {
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if (machine_->addPassesToEmitFile(passes, stream, nullptr, type))
      return std::unexpected(Error{"native code: LLVM cannot write files for this machine"});
    passes.run(module());
    return bytes;
  }

 private:
  template <typename Emit>
  Emission(std::unique_ptr<llvm::TargetMachine> machine, const Emit& emit)
      : machine_(std::move(machine)) {
    owned_.context = std::make_unique<llvm::LLVMContext>();
    owned_.module = emit(*owned_.context, *machine_);
  }

  std::unique_ptr<llvm::TargetMachine> machine_;
  OwnedModule owned_;
};

/// Links what was emitted and looks up a function of it.
Result<std::unique_ptr<Jit::Library>> load(Jit& jit, Result<Emission> emission,
                                           const char* function) {
  if (!emission) return std::unexpected(emission.error());
  auto object = emission->write(llvm::CodeGenFileType::ObjectFile);
  if (!object) return std::unexpected(object.error());
  auto buffer = std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(*object), false);
  return jit.load(std::move(buffer), function, native_symbols());
}

auto emitter_of(const RatingProgram& program) {
  return [&](llvm::LLVMContext& context, const llvm::TargetMachine& machine) {
    return emit_program(context, machine, program);
  };
}

}  // namespace

Result<NativeCompiler> NativeCompiler::create() {
  auto jit = Jit::create();
  if (!jit) return std::unexpected(jit.error());
  return NativeCompiler(std::move(*jit));
}

Result<NativeFunction> NativeCompiler::compile(const RatingProgram& program,
                                               Optimise optimise) const {
  auto library = load(*jit_, Emission::start(*jit_, optimise, emitter_of(program)), kRateSymbol);
  if (!library) return std::unexpected(library.error());
  const auto function = reinterpret_cast<RateFunction>((*library)->entry);
  return NativeFunction(function, optimise,
                        std::shared_ptr<const Jit::Library>(std::move(*library)));
}

/// Most tables need one width only, and LLVM takes longer for each than for all of a small table.
struct NativeColumns::Code {
  using Function = uint32_t (*)(const int64_t* const*, const uint32_t* const*, int64_t*,
                                int64_t* const*, uint64_t);
  struct OfWidth {
    std::once_flag once;
    std::shared_ptr<const Jit::Library> library;
    Function function = nullptr;
  };

  std::shared_ptr<Jit> jit;
  const RatingProgram& program;
  ColumnPlan plan;
  LimitsByWidth limits;
  std::array<OfWidth, kWidths> widths;

  Result<void> make(uint32_t width) {
    auto library =
        load(*jit,
             Emission::start(*jit, Optimise::Yes,
                             [&](llvm::LLVMContext& context, const llvm::TargetMachine& machine) {
                               return emit_columns(context, machine, program, plan, limits, width);
                             }),
             kColumnsSymbol);
    if (!library) return std::unexpected(library.error());
    widths[width].function = reinterpret_cast<Function>((*library)->entry);
    widths[width].library = std::move(*library);
    return {};
  }
};

bool NativeColumns::has(uint32_t width) const { return code_->limits[width].has_value(); }

uint32_t NativeColumns::operator()(const int64_t* const* quantities, const uint32_t* const* codes,
                                   int64_t* totals, int64_t* const* lines, size_t rows,
                                   uint32_t width) const {
  Code::OfWidth& code = code_->widths[width];
  // Without code, which only a machine short of memory has not, rows go the next way.
  std::call_once(code.once, [&] { static_cast<void>(code_->make(width)); });
  if (!code.function) return kFailed;
  return code.function(quantities, codes, totals, lines, rows);
}

Result<NativeColumns> NativeCompiler::compile_columns(const RatingProgram& program,
                                                      const ColumnPlan& plan) const {
  auto limits = find_limits(program, plan);
  NativeColumns columns(std::shared_ptr<NativeColumns::Code>(
      new NativeColumns::Code{jit_, program, plan, limits, {}}));
  for (uint32_t width = 0; width < NativeColumns::kWidths; ++width) {
    if (!columns.has(width)) continue;
    Result<void> made;
    std::call_once(columns.code_->widths[width].once, [&] { made = columns.code_->make(width); });
    if (!made) return std::unexpected(made.error());
    break;
  }
  return columns;
}

Result<NativeCells> NativeCompiler::compile_cells(const RatingProgram& program,
                                                  Optimise optimise) const {
  auto library =
      load(*jit_,
           Emission::start(*jit_, optimise,
                           [&](llvm::LLVMContext& context, const llvm::TargetMachine& machine) {
                             return emit_cells(context, machine, program);
                           }),
           kCellsSymbol);
  if (!library) return std::unexpected(library.error());
  const auto* functions = static_cast<const CellFunction*>((*library)->entry);
  return NativeCells(functions, std::shared_ptr<const Jit::Library>(std::move(*library)));
}

Result<std::string> NativeCompiler::assembly(const RatingProgram& program,
                                             Optimise optimise) const {
  auto emission = Emission::start(*jit_, optimise, emitter_of(program));
  if (!emission) return std::unexpected(emission.error());
  auto bytes = emission->write(llvm::CodeGenFileType::AssemblyFile);
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace toll::compiler
