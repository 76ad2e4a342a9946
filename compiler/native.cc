#include "compiler/native.h"

#include <llvm/Support/SmallVectorMemoryBuffer.h>

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

/// From a program to a module, and from there to an object or assembly file, in the context that
/// owns the module's types.
class Emission {
 public:
  /// `emit` makes the module, in a context and for a machine.
  template <typename Emit>
  static Result<Emission> start(Jit& jit, Optimise optimise, const Emit& emit) {
    auto generator = jit.generators().take(optimise);
    if (!generator) return std::unexpected(generator.error());
    Emission emission(jit, *std::move(generator));
    emission.module_ = emit(*emission.context_, emission.generator_->machine());
    if (auto finished = emission.generator_->finish(*emission.module_); !finished)
      return std::unexpected(finished.error());
    return emission;
  }
  Emission(Emission&&) = default;
  ~Emission() {
    if (generator_) jit_->generators().give_back(std::move(generator_));
  }

  auto write(llvm::CodeGenFileType type) { return generator_->write(*module_, type); }

 private:
  Emission(Jit& jit, std::unique_ptr<Generator> generator)
      : jit_(&jit), generator_(std::move(generator)) {}

  Jit* jit_;
  std::unique_ptr<Generator> generator_;
  std::unique_ptr<llvm::LLVMContext> context_ = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module_;  // last: it must be freed before its context
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
  using Function = uint32_t (*)(const void* const*, const void* const*, int64_t*, int64_t* const*,
                                uint64_t);
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

uint32_t NativeColumns::operator()(const void* const* quantities, const void* const* codes,
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
  auto limits = find_limits(program, plan, lane_features(jit_->generators().features()));
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
