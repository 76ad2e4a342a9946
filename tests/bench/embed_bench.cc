// A quote through the door of the library, beside the native function called directly and the same
// card as a hand-written function.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "compiler/native.h"
#include "compiler/usage_vector.h"
#include "embed/toll.h"
#include "tests/bench/by_hand.h"
#include "tests/support/cards.h"

namespace toll {
namespace {

constexpr size_t kUsages = 1024;  // enough that no branch predictor learns them

/// Calls from 0 to 10 million, evenly in the number of digits.
std::vector<uint64_t> calls() {
  std::mt19937_64 random(0);
  std::vector<uint64_t> result(kUsages);
  for (uint64_t& quantity : result) {
    uint64_t bound = 10;
    for (uint64_t digits = random() % 7; digits > 0; --digits) bound *= 10;
    quantity = random() % bound;
  }
  return result;
}

std::string document_of(uint64_t quantity) {
  return fmt::format(
      R"({{"card":"api_platform","on":"2026-03-15","usage":[{{"meter":"api_calls","quantity":{}}}]}})",
      quantity);
}

const RateCards& cards() {
  static const RateCards loaded =
      RateCards::load(std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards/founding").value();
  return loaded;
}

void by_hand(benchmark::State& state) {
  const std::vector<uint64_t> quantities = calls();
  by_hand::ApiPlatform out;
  size_t i = 0;
  for (auto _ : state) {
    by_hand::rate_api_platform(static_cast<int64_t>(quantities[i++ % kUsages]), &out);
    benchmark::DoNotOptimize(out);
    benchmark::ClobberMemory();
  }
}

/// The native function with usage that is bound before: the least that the door could cost.
void native(benchmark::State& state) {
  const auto compiler = compiler::NativeCompiler::create().value();
  const testing::LoweredCard card = testing::ratecard("founding", "api_platform");
  const auto function = compiler.compile(card.program, compiler::Optimise::Yes).value();
  std::vector<std::unique_ptr<compiler::UsageVector>> usages;
  std::vector<const compiler::RateInput*> inputs;
  for (const uint64_t quantity : calls()) {
    usages.push_back(std::make_unique<compiler::UsageVector>(card.card, card.program));
    usages.back()->add(0, {}, Decimal{static_cast<Int128>(quantity), 0});
    inputs.push_back(usages.back()->bind());
  }
  size_t i = 0;
  for (auto _ : state) {
    const size_t usage = i++ % kUsages;
    compiler::RateOutput output{.lines = usages[usage]->lines().data()};
    function(*inputs[usage], output);
    benchmark::DoNotOptimize(output.total);
    benchmark::ClobberMemory();
  }
}

/// A price slider: another quantity, and the total.
void prepared_total(benchmark::State& state) {
  const std::vector<uint64_t> quantities = calls();
  Prepared slider = cards().prepare(document_of(1)).value();
  size_t i = 0;
  for (auto _ : state) {
    if (!slider.set(0, quantities[i++ % kUsages])) return state.SkipWithError("not set");
    benchmark::DoNotOptimize(slider.total());
  }
}

/// The same with the whole invoice as JSON.
void prepared_quote(benchmark::State& state) {
  const std::vector<uint64_t> quantities = calls();
  Prepared slider = cards().prepare(document_of(1)).value();
  size_t i = 0;
  for (auto _ : state) {
    if (!slider.set(0, quantities[i++ % kUsages])) return state.SkipWithError("not set");
    benchmark::DoNotOptimize(slider.quote());
  }
}

/// From JSON to JSON.
void quote(benchmark::State& state) {
  std::vector<std::string> documents;
  for (const uint64_t quantity : calls()) documents.push_back(document_of(quantity));
  size_t i = 0;
  for (auto _ : state) {
    const auto answer = cards().quote(documents[i++ % kUsages]);
    if (!answer) return state.SkipWithError("refused");
    benchmark::DoNotOptimize(answer->data());
  }
}

BENCHMARK(by_hand)->Name("embed/by_hand");
BENCHMARK(native)->Name("embed/native");
BENCHMARK(prepared_total)->Name("embed/prepared_total");
BENCHMARK(prepared_quote)->Name("embed/prepared_quote");
BENCHMARK(quote)->Name("embed/quote");

}  // namespace
}  // namespace toll

BENCHMARK_MAIN();
