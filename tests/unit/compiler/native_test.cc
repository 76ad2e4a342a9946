// What native code may do and leave behind.
#include "compiler/native.h"

#include <gtest/gtest.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <thread>

#include "compiler/native/jit.h"
#include "compiler/native/symbols.h"
#include "compiler/usage_vector.h"
#include "tests/support/cards.h"
#include "tests/support/sanitizers.h"

namespace toll::compiler {
namespace {

const NativeCompiler& native_compiler() {
  static const NativeCompiler compiler = NativeCompiler::create().value();
  return compiler;
}

/// `int call_it() { return SYMBOL(0); }` as an object file.
std::unique_ptr<llvm::MemoryBuffer> object_that_calls(Jit& jit, const char* symbol) {
  const auto generator = jit.generators().take(Optimise::No).value();
  llvm::LLVMContext context;
  llvm::Module module("caller", context);
  module.setDataLayout(generator->machine().createDataLayout());
  module.setTargetTriple(generator->machine().getTargetTriple().str());
  llvm::IRBuilder<> b(context);
  auto* callee_type = llvm::FunctionType::get(b.getInt32Ty(), {b.getPtrTy()}, false);
  const llvm::FunctionCallee callee = module.getOrInsertFunction(symbol, callee_type);
  auto* function = llvm::Function::Create(llvm::FunctionType::get(b.getInt32Ty(), false),
                                          llvm::Function::ExternalLinkage, "call_it", module);
  b.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", function));
  b.CreateRet(b.CreateCall(callee, {llvm::ConstantPointerNull::get(b.getPtrTy())}));
  auto bytes = generator->write(module, llvm::CodeGenFileType::ObjectFile).value();
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes), false);
}

TEST(Native, ReachesNoSymbolOfTheProcess) {
  const auto jit = Jit::create().value();
  for (const char* symbol : {"system", "malloc", "getenv", "__divti3"}) {
    const auto library = jit->load(object_that_calls(*jit, symbol), "call_it", native_symbols());
    ASSERT_FALSE(library.has_value()) << symbol;
    EXPECT_NE(library.error().message.find(symbol), std::string::npos) << library.error().message;
  }
}

TEST(Native, ReachesTheSymbolsItIsGiven) {
  const auto jit = Jit::create().value();
  const auto seven = +[](void*) { return 7; };
  const NativeSymbol symbols[] = {{"give_seven", reinterpret_cast<uint64_t>(seven)}};
  const auto library = jit->load(object_that_calls(*jit, "give_seven"), "call_it", symbols);
  ASSERT_TRUE(library.has_value()) << library.error().message;
  EXPECT_EQ(reinterpret_cast<int (*)()>((*library)->entry)(), 7);
}

TEST(Native, CallsOnlyTheRoundingHelper) {
  for (const char* name : {"api_platform", "object_storage", "ai_tokens", "outcomes"}) {
    for (const Optimise optimise : {Optimise::No, Optimise::Yes}) {
      const std::string text =
          native_compiler().assembly(testing::ratecard("founding", name).program, optimise).value();
      const std::regex call(R"(\bcallq?\s+([^\s]+))");
      for (auto it = std::sregex_iterator(text.begin(), text.end(), call);
           it != std::sregex_iterator(); ++it) {
        const std::string target = (*it)[1];
        const bool ours = target.starts_with(kDivRoundSymbol) || target.starts_with("charge_") ||
                          target == "lines" || target.starts_with("*") || target.starts_with("%");
        EXPECT_TRUE(ours) << name << " calls " << target;
      }
    }
  }
}

TEST(Native, NoPageIsWritableAndExecutable) {
  std::vector<NativeFunction> functions;
  for (const char* name : {"api_platform", "object_storage", "ai_tokens"})
    functions.push_back(native_compiler()
                            .compile(testing::ratecard("founding", name).program, Optimise::Yes)
                            .value());
  std::ifstream maps("/proc/self/maps");
  bool executable_anonymous = false;
  for (std::string line; std::getline(maps, line);) {
    EXPECT_EQ(line.find(" rwx"), std::string::npos) << line;
    executable_anonymous |= line.find(" r-xp 00000000 00:00 0") != std::string::npos;
  }
  EXPECT_TRUE(executable_anonymous) << "where is the native code?";
}

long resident_kib() {
  std::ifstream file("/proc/self/statm");
  long pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

TEST(Native, DroppedCodeLeavesNoMemoryBehind) {
  const testing::LoweredCard card = testing::ratecard("founding", "api_platform");
  const auto cycle = [&](int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_TRUE(native_compiler().compile(card.program, Optimise::No).has_value());
  };
  cycle(100);
  const long before = resident_kib();
  cycle(1000);
  EXPECT_TRUE(testing::kSanitized || resident_kib() - before < 2048) << resident_kib() - before;
}

TEST(Native, CompilesOnManyThreadsAtOnce) {
  const testing::LoweredCard card = testing::ratecard("founding", "object_storage");
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const auto function = native_compiler().compile(card.program, Optimise::No);
        UsageVector usage(card.card, card.program);
        usage.add(2, {}, Decimal{11'264, 0});
        const RateInput* input = usage.bind();
        RateOutput output{.lines = usage.lines().data()};
        (*function)(*input, output);
        good += output.total == 100'014;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 20);
}

TEST(Native, AFunctionOutlivesItsCompiler) {
  const testing::LoweredCard card = testing::ratecard("founding", "api_platform");
  auto compiler = std::make_unique<NativeCompiler>(NativeCompiler::create().value());
  const NativeFunction function = compiler->compile(card.program, Optimise::Yes).value();
  compiler.reset();
  UsageVector usage(card.card, card.program);
  const RateInput* input = usage.bind();
  RateOutput output{.lines = usage.lines().data()};
  function(*input, output);
  EXPECT_EQ(output.total, 50'000);
}

}  // namespace
}  // namespace toll::compiler
