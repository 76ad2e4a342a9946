// One quote, from bound usage to line amounts in the caller's buffer; and binding, from names to
// that.
#include <benchmark/benchmark.h>

#include <random>

#include "compiler/cell_change.h"
#include "compiler/interpreter.h"
#include "compiler/native.h"
#include "compiler/usage_vector.h"
#include "runtime/quote.h"
#include "tests/bench/by_hand.h"
#include "tests/support/cards.h"

namespace toll {
namespace {

using compiler::RateInput;
using compiler::RateOutput;
using compiler::UsageVector;

constexpr size_t kUsages = 1024;  // enough that no branch predictor learns them

const compiler::NativeCompiler& native_compiler() {
  static const compiler::NativeCompiler compiler = compiler::NativeCompiler::create().value();
  return compiler;
}

/// Quantities from 0 to 10 million, evenly in the number of digits.
std::vector<int64_t> quantities(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<int64_t> result(kUsages);
  for (int64_t& quantity : result) {
    int64_t bound = 10;
    for (uint64_t digits = random() % 7; digits > 0; --digits) bound *= 10;
    quantity = static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  }
  return result;
}

/// Bound usages of a card. Each keeps the arrays that its input points into.
class Usages {
 public:
  Usages(const testing::LoweredCard& card, bool fractions) : card_(card) {
    std::vector<std::vector<int64_t>> drawn;
    for (uint64_t seed = 0; seed < 6; ++seed) drawn.push_back(quantities(seed));
    for (size_t i = 0; i < kUsages; ++i) {
      auto usage = std::make_unique<UsageVector>(card.card, card.program);
      size_t column = 0;
      for (uint32_t meter = 0; meter < card.card.meters.size(); ++meter)
        for_each_first_dimension(meter, [&](const std::vector<uint32_t>& values) {
          usage->add(meter, values,
                     Decimal{drawn[column++ % drawn.size()][i] * (fractions ? 10 : 1) + fractions,
                             fractions});
        });
      inputs_.push_back(usage->bind());
      usages_.push_back(std::move(usage));
    }
  }

  const RateInput& input(size_t index) const { return *inputs_[index % kUsages]; }
  compiler::LineAmount* lines(size_t index) { return usages_[index % kUsages]->lines().data(); }

 private:
  template <typename Add>
  void for_each_first_dimension(uint32_t meter, Add&& add) {
    const std::vector<uint32_t>& dimensions = card_.card.meters[meter].dimensions;
    std::vector<uint32_t> values(dimensions.size());
    if (dimensions.empty()) return add(values);
    for (; values[0] < card_.card.dimensions[dimensions[0]].values.size(); ++values[0]) add(values);
  }

  const testing::LoweredCard& card_;
  std::vector<std::unique_ptr<UsageVector>> usages_;
  std::vector<const RateInput*> inputs_;
};

template <typename Rate>
void run(benchmark::State& state, const char* name, bool fractions, Rate&& rate) {
  const testing::LoweredCard card = testing::ratecard("founding", name);
  Usages usages(card, fractions);
  size_t i = 0;
  for (auto _ : state) {
    RateOutput output{.lines = usages.lines(i)};
    rate(card, usages.input(i), output);
    ++i;
    benchmark::DoNotOptimize(output.total);
    benchmark::ClobberMemory();
  }
}

void native(benchmark::State& state, const char* card, bool fractions) {
  const auto function =
      native_compiler()
          .compile(testing::ratecard("founding", card).program, compiler::Optimise::Yes)
          .value();
  run(state, card, fractions,
      [&](const testing::LoweredCard&, const RateInput& input, RateOutput& output) {
        function(input, output);
      });
}

void interpreter(benchmark::State& state, const char* card) {
  run(state, card, false,
      [](const testing::LoweredCard& lowered, const RateInput& input, RateOutput& output) {
        compiler::interpret(lowered.program, input, output);
      });
}

void by_hand_api_platform(benchmark::State& state) {
  const std::vector<int64_t> calls = quantities(0);
  by_hand::ApiPlatform out;
  size_t i = 0;
  for (auto _ : state) {
    by_hand::rate_api_platform(calls[i++ % kUsages], &out);
    benchmark::DoNotOptimize(out);
    benchmark::ClobberMemory();
  }
}

void by_hand_object_storage(benchmark::State& state) {
  std::vector<std::vector<int64_t>> drawn;
  for (uint64_t seed = 0; seed < 6; ++seed) drawn.push_back(quantities(seed));
  by_hand::ObjectStorage out;
  size_t i = 0;
  for (auto _ : state) {
    const size_t row = i++ % kUsages;
    const int64_t storage[] = {drawn[0][row], drawn[1][row], drawn[2][row]};
    const int64_t requests[] = {drawn[3][row], drawn[4][row]};
    by_hand::rate_object_storage(storage, requests, drawn[5][row], &out);
    benchmark::DoNotOptimize(out);
    benchmark::ClobberMemory();
  }
}

/// A hundred payments by card, in cents.
constexpr int kItems = 100;

std::vector<std::vector<int64_t>> payments() {
  std::mt19937_64 random(7);
  std::vector<std::vector<int64_t>> lists(64);
  for (auto& list : lists)
    for (int i = 0; i < kItems; ++i) list.push_back(static_cast<int64_t>(100 + random() % 50'000));
  return lists;
}

template <typename Rate>
void rate_items(benchmark::State& state, Rate&& rate) {
  const testing::LoweredCard card = testing::ratecard("founding", "payments");
  std::vector<std::unique_ptr<UsageVector>> usages;
  std::vector<const RateInput*> inputs;
  const std::vector<uint32_t> domestic = {0};
  for (const auto& list : payments()) {
    usages.push_back(std::make_unique<UsageVector>(card.card, card.program));
    for (const int64_t cents : list) usages.back()->add(0, domestic, Decimal{cents, 2});
    inputs.push_back(usages.back()->bind());
  }
  size_t i = 0;
  for (auto _ : state) {
    const size_t row = i++ % usages.size();
    RateOutput output{.lines = usages[row]->lines().data()};
    rate(card, *inputs[row], output);
    benchmark::DoNotOptimize(output.total);
    benchmark::ClobberMemory();
  }
}

void native_items(benchmark::State& state) {
  const auto function =
      native_compiler()
          .compile(testing::ratecard("founding", "payments").program, compiler::Optimise::Yes)
          .value();
  rate_items(state, [&](const testing::LoweredCard&, const RateInput& input, RateOutput& output) {
    function(input, output);
  });
}

void interpreter_items(benchmark::State& state) {
  rate_items(state, [](const testing::LoweredCard& card, const RateInput& input,
                       RateOutput& output) { compiler::interpret(card.program, input, output); });
}

void by_hand_items(benchmark::State& state) {
  const auto lists = payments();
  size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(by_hand::rate_payments(lists[i++ % lists.size()].data(), kItems));
}

/// One event more in the first cell of a charge.
constexpr int64_t kMore = 3;

void change_by_hand(benchmark::State& state, int64_t (*change)(int64_t, int64_t)) {
  const std::vector<int64_t> before = quantities(0);
  size_t i = 0;
  for (auto _ : state) {
    const int64_t quantity = before[i++ % kUsages];
    benchmark::DoNotOptimize(change(quantity, quantity + kMore));
  }
}

void change(benchmark::State& state, const char* name, bool native) {
  const testing::LoweredCard card = testing::ratecard("founding", name);
  compiler::CellRater rater(card.program);
  if (native)
    rater = compiler::CellRater(
        card.program,
        native_compiler().compile_cells(card.program, compiler::Optimise::Yes).value());
  const std::vector<int64_t> drawn = quantities(0);
  size_t i = 0;
  for (auto _ : state) {
    const Int128 before = drawn[i++ % kUsages], after = before + kMore;
    benchmark::DoNotOptimize(rater(0, {.before = &before, .after = &after}));
  }
}

/// Names and dates resolved, cells found and sorted; then rated and written as an answer.
runtime::UsageDocument api_platform_document(int64_t calls) {
  runtime::UsageDocument document;
  document.card = "api_platform";
  document.on = parse_date("2026-03-15");
  document.usage.push_back(
      {.meter = "api_calls", .at = {}, .quantity = Decimal{calls, 0}, .from = {}, .until = {}});
  return document;
}

void bind_api_platform(benchmark::State& state) {
  const testing::LoweredCard card = testing::ratecard("founding", "api_platform");
  UsageVector usage(card.card, card.program);
  const std::vector<int64_t> calls = quantities(0);
  size_t i = 0;
  for (auto _ : state) {
    usage.clear();
    usage.add(0, {}, Decimal{calls[i++ % kUsages], 0});
    benchmark::DoNotOptimize(usage.bind());
  }
}

void quote_api_platform(benchmark::State& state) {
  testing::LoweredCard card = testing::ratecard("founding", "api_platform");
  auto function = std::make_shared<const compiler::NativeFunction>(
      native_compiler().compile(card.program, compiler::Optimise::Yes).value());
  const runtime::CardSet cards({std::make_shared<const runtime::Revision>(
      std::move(card.card), std::move(card.program), std::move(function))});
  std::vector<runtime::UsageDocument> documents;
  for (int64_t calls : quantities(0)) documents.push_back(api_platform_document(calls));
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(runtime::quote(cards, documents[i++ % kUsages]));
}

BENCHMARK(by_hand_api_platform)->Name("api_platform/by_hand");
BENCHMARK_CAPTURE(native, api_platform, "api_platform", false)->Name("api_platform/native");
BENCHMARK_CAPTURE(native, api_platform_fractions, "api_platform", true)
    ->Name("api_platform/native_128_bit");
BENCHMARK_CAPTURE(interpreter, api_platform, "api_platform")->Name("api_platform/interpreter");
BENCHMARK(bind_api_platform)->Name("api_platform/bind");
BENCHMARK(quote_api_platform)->Name("api_platform/quote");
BENCHMARK(by_hand_object_storage)->Name("object_storage/by_hand");
BENCHMARK_CAPTURE(native, object_storage, "object_storage", false)->Name("object_storage/native");
BENCHMARK_CAPTURE(native, object_storage_fractions, "object_storage", true)
    ->Name("object_storage/native_128_bit");
BENCHMARK_CAPTURE(interpreter, object_storage, "object_storage")
    ->Name("object_storage/interpreter");
BENCHMARK(by_hand_items)->Name("payments_100_items/by_hand");
BENCHMARK(native_items)->Name("payments_100_items/native");
BENCHMARK(interpreter_items)->Name("payments_100_items/interpreter");
BENCHMARK_CAPTURE(change_by_hand, api_calls, by_hand::change_of_api_calls)
    ->Name("change_of_api_calls/by_hand");
BENCHMARK_CAPTURE(change, api_calls, "api_platform", true)->Name("change_of_api_calls/native");
BENCHMARK_CAPTURE(change, api_calls_interpreted, "api_platform", false)
    ->Name("change_of_api_calls/interpreter");
BENCHMARK_CAPTURE(change_by_hand, storage, by_hand::change_of_standard_storage)
    ->Name("change_of_standard_storage/by_hand");
BENCHMARK_CAPTURE(change, storage, "object_storage", true)
    ->Name("change_of_standard_storage/native");
BENCHMARK_CAPTURE(change, storage_interpreted, "object_storage", false)
    ->Name("change_of_standard_storage/interpreter");

}  // namespace
}  // namespace toll

BENCHMARK_MAIN();
