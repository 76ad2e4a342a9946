// From the text of a card to its first native price, and what the same price costs to change where
// it stands in application code: compiling one C++ file and loading it.
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "compiler/native.h"
#include "compiler/usage_vector.h"
#include "tests/bench/by_hand.h"
#include "tests/support/cards.h"

namespace toll {
namespace {

const compiler::NativeCompiler& native_compiler() {
  static const compiler::NativeCompiler compiler = compiler::NativeCompiler::create().value();
  return compiler;
}

/// Checks the files of one card, lowers it, compiles it and rates an empty period.
void first_price(benchmark::State& state, const std::vector<dsl::SourceFile>& files,
                 compiler::Optimise optimise) {
  native_compiler();
  for (auto _ : state) {
    const std::vector<testing::LoweredCard> cards = testing::lowered_cards(files);
    const auto function = native_compiler().compile(cards.front().program, optimise);
    compiler::UsageVector usage(cards.front().card, cards.front().program);
    const compiler::RateInput* input = usage.bind();
    compiler::RateOutput output{.lines = usage.lines().data()};
    (*function)(*input, output);
    benchmark::DoNotOptimize(output.total);
  }
}

/// A card of ratecards/ by itself.
std::vector<dsl::SourceFile> files_of(const char* folder, const char* file) {
  std::vector<dsl::SourceFile> files = testing::ratecard_files(folder);
  std::erase_if(files, [&](const dsl::SourceFile& each) {
    return each.path.find(file) == std::string::npos;
  });
  return files;
}

/// A card with a price for each of so many values, which it reads from a file.
std::vector<dsl::SourceFile> files_of_table(int rows) {
  std::string card = "toll 1\nunit segment, segments\ndimension network is ";
  std::string list = "network,kind,at USD per segment\n";
  for (int i = 0; i < rows; ++i) {
    // A line has at most 4,096 bytes: 100 values of one dimension by as many of another.
    list += "n" + std::to_string(i / 100) + ",k" + std::to_string(i % 100) + ",0." +
            std::to_string(1000 + i % 9000) + "\n";
  }
  const auto values = [](char letter, int count) {
    std::string names;
    for (int i = 0; i < count; ++i)
      names += (i > 0 ? std::string(", ") : std::string()) + letter + std::to_string(i);
    return names;
  };
  card += values('n', rows / 100) + "\ndimension kind is " + values('k', 100) +
          "\nmeter sms counts segment by network, kind\n\ncard sms\n  from 2026-01-01\n  currency "
          "USD\n  period month\n  round each line half-up\n\n  charge sms by network, kind\n    "
          "rows from \"sms.csv\"\n";
  return {{"sms.toll", std::move(card)}, {"sms.csv", std::move(list)}};
}

void first_price_by_hand(benchmark::State& state) {
  namespace fs = std::filesystem;
  const fs::path library = fs::temp_directory_path() / "toll_by_hand.so";
  const std::string command = std::string(TOLL_CXX) +
                              " -std=gnu++23 -O2 -shared -fPIC -I" TOLL_SOURCE_DIR " -o " +
                              library.string() + " " TOLL_BY_HAND_SOURCE;
  for (auto _ : state) {
    if (std::system(command.c_str()) != 0) return state.SkipWithError("the C++ compiler failed");
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    using Rate = void (*)(int64_t, by_hand::ApiPlatform*);
    const auto rate = reinterpret_cast<Rate>(dlsym(handle, "toll_by_hand_api_platform"));
    by_hand::ApiPlatform out;
    rate(250'000, &out);
    benchmark::DoNotOptimize(out);
    dlclose(handle);
  }
  fs::remove(library);
}

struct CardFile {
  const char* folder;
  const char* file;
};
constexpr CardFile kCards[] = {
    {"founding", "api_platform@"}, {"founding", "object_storage@"}, {"founding", "ai_tokens@"},
    {"founding", "outcomes@"},     {"anthropic", "claude_api@"},    {"anthropic", "claude_haiku@"},
};

void register_benchmarks() {
  benchmark::RegisterBenchmark("first_price/by_hand_cxx", first_price_by_hand)
      ->Unit(benchmark::kMillisecond);
  for (const CardFile& card : kCards) {
    for (const auto& [level, optimise] :
         {std::pair("O0", compiler::Optimise::No), {"O2", compiler::Optimise::Yes}})
      benchmark::RegisterBenchmark((std::string("first_price/") + card.file + level).c_str(),
                                   [card, optimise = optimise](benchmark::State& state) {
                                     first_price(state, files_of(card.folder, card.file), optimise);
                                   })
          ->Unit(benchmark::kMillisecond);
  }
  for (const int rows : {100, 1'000, 10'000})
    benchmark::RegisterBenchmark(("first_price/rows_from_file/" + std::to_string(rows)).c_str(),
                                 [files = files_of_table(rows)](benchmark::State& state) {
                                   first_price(state, files, compiler::Optimise::No);
                                 })
        ->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace toll

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  toll::register_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
}
