// Whole columns of usage: cards compiled for columns beside the same by hand, and beside a copy.
//
//   columns_bench --rows=N     so many rows; 10 million, if it is left out
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "compiler/columns.h"
#include "tests/bench/columns_by_hand.h"
#include "tests/support/cards.h"

namespace toll {
namespace {

using compiler::ColumnShape;
using compiler::kByCode;

size_t rows = 10'000'000;

constexpr const char* kHead = R"(toll 1
unit call, calls
unit tick, ticks
unit token, tokens
meter calls counts call
meter storage accrues GiB-month
meter ticks sums tick

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

)";

constexpr const char* kGraduated4 = R"(  charge calls
    tiers graduated
    up to 10,000 calls    at 0.010 USD per call
    up to 100,000 calls   at 0.008 USD per call
    up to 1,000,000 calls at 0.006 USD per call
    beyond                at 0.005 USD per call
)";
constexpr const char* kFive = R"(
    up to 10,000 calls    at 0.010 USD per call
    up to 100,000 calls   at 0.008 USD per call
    up to 1,000,000 calls at 0.006 USD per call
    up to 5,000,000 calls at 0.005 USD per call
    beyond                at 0.004 USD per call
)";
constexpr const char* kGraduated10 = R"(  charge calls
    tiers graduated
    up to 1,000 calls     at 0.0100 USD per call
    up to 10,000 calls    at 0.0095 USD per call
    up to 50,000 calls    at 0.0090 USD per call
    up to 100,000 calls   at 0.0085 USD per call
    up to 250,000 calls   at 0.0080 USD per call
    up to 500,000 calls   at 0.0070 USD per call
    up to 1,000,000 calls at 0.0060 USD per call
    up to 2,000,000 calls at 0.0050 USD per call
    up to 5,000,000 calls at 0.0045 USD per call
    beyond                at 0.0040 USD per call
)";
constexpr const char* kHybrid = R"(  fee base at 500.00 USD per month, in advance, not prorated
  charge calls
    included 100,000 calls
    at 0.004 USD per call
  charge storage
    tiers graduated
    up to 51,200 GiB-months  at 0.0230 USD per GiB-month
    up to 512,000 GiB-months at 0.0220 USD per GiB-month
    beyond                   at 0.0210 USD per GiB-month
  bill discount 10%
  bill minimum 600.00 USD
)";
constexpr const char* kSeconds = R"(  charge ticks
    tiers graduated
    up to 6,000,000,000 ticks  at 0.0000166667 USD per tick
    up to 15,000,000,000 ticks at 0.0000150000 USD per tick
    beyond                     at 0.0000133334 USD per tick
)";

/// `prefix`0, `prefix`1, ...
std::string names(char prefix, uint32_t count) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) text += fmt::format("{}{}{}", i ? ", " : "", prefix, i);
  return text;
}

/// A price per model; of more than one family, by family and size.
std::string matrix_text(uint32_t families, uint32_t sizes) {
  const bool by_both = families > 1;
  std::string text = "toll 1\nunit token, tokens\ndimension size is " + names('s', sizes);
  if (by_both) text += "\ndimension family is " + names('f', families);
  const std::string by = by_both ? "family, size" : "size";
  text += fmt::format(R"(
meter tokens sums token by {}

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  charge tokens by {}
)",
                      by, by);
  for (uint32_t i = 0; i < families * sizes; ++i) {
    const int64_t cents = by_hand::model_price(i);
    text += "    ";
    if (by_both) text += fmt::format("f{}, ", i / sizes);
    text += fmt::format("s{} at {}.{:02} USD per 1M tokens\n", i % sizes, cents / 100, cents % 100);
  }
  return text;
}

/// The columns of one workload, and where amounts go.
struct Columns {
  std::vector<std::vector<int64_t>> quantities;
  std::vector<std::vector<uint32_t>> codes;
  std::vector<int64_t> cents, expected;
};

/// Evenly in the number of digits, so that every tier has its rows.
std::vector<int64_t> quantities(uint64_t seed, int digits_max) {
  std::mt19937_64 random(seed);
  std::vector<int64_t> result(rows);
  for (int64_t& quantity : result) {
    int64_t bound = 1'000;
    for (uint64_t digits = random() % static_cast<uint64_t>(digits_max - 2); digits > 0; --digits)
      bound *= 10;
    quantity = static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  }
  return result;
}

std::vector<uint32_t> codes(uint32_t models) {
  std::mt19937_64 random(models);
  std::vector<uint32_t> result(rows);
  for (uint32_t& code : result) code = static_cast<uint32_t>(random() % models);
  return result;
}

struct Workload {
  std::string name;
  std::string text;
  ColumnShape shape;  ///< of the meters that the card prices, in order
  std::vector<int> digits;
  std::vector<uint32_t> values;  ///< of each column of codes
  /// Rates the rows from `begin` on.
  std::function<void(const Columns&, size_t begin, size_t count, int64_t* cents)> by_hand;
  Columns columns = {};
  bool filled = false;

  Columns& fill() {
    if (filled) return columns;
    for (size_t i = 0; i < digits.size(); ++i)
      columns.quantities.push_back(quantities(i + 1, digits[i]));
    for (const uint32_t count : values) columns.codes.push_back(codes(count));
    columns.cents.assign(rows, 0);
    columns.expected.assign(rows, 0);
    by_hand(columns, 0, rows, columns.expected.data());
    filled = true;
    return columns;
  }
};

using RateColumn = void (*)(const int64_t*, int64_t*, size_t);

Workload of_one_column(std::string name, std::string text, RateColumn by_hand, int digits = 8,
                       uint32_t scale = 0) {
  return {.name = std::move(name),
          .text = std::move(text),
          .shape = {.columns = {{.meter = 0, .values = {}, .scale = scale}}},
          .digits = {digits},
          .values = {},
          .by_hand = [by_hand](const Columns& columns, size_t begin, size_t count, int64_t* cents) {
            by_hand(columns.quantities[0].data() + begin, cents + begin, count);
          }};
}

Workload of_models(std::string name, uint32_t families, uint32_t sizes) {
  std::vector<int64_t> prices;
  for (uint32_t i = 0; i < families * sizes; ++i) prices.push_back(by_hand::model_price(i));
  Workload workload{.name = std::move(name),
                    .text = matrix_text(families, sizes),
                    .shape = {.columns = {{.meter = 0, .values = {kByCode}}}},
                    .digits = {9},
                    .values = {sizes},
                    .by_hand = {}};
  workload.by_hand = [prices](const Columns& columns, size_t begin, size_t count, int64_t* cents) {
    by_hand::matrix(columns.codes[0].data() + begin, columns.quantities[0].data() + begin,
                    cents + begin, count, prices.data());
  };
  if (families == 1) return workload;
  workload.shape.columns.front().values = {kByCode, kByCode};
  workload.values = {families, sizes};
  workload.by_hand = [prices](const Columns& columns, size_t begin, size_t count, int64_t* cents) {
    by_hand::matrix(columns.codes[0].data() + begin, columns.codes[1].data() + begin,
                    columns.quantities[0].data() + begin, cents + begin, count, prices.data());
  };
  return workload;
}

std::vector<Workload>& workloads() {
  static std::vector<Workload> all = [] {
    std::vector<Workload> made;
    const std::string head = kHead, calls = "  charge calls\n    tiers ";
    made.push_back(of_one_column("graduated_4", head + kGraduated4, by_hand::graduated_4));
    made.push_back(
        of_one_column("graduated_5", head + calls + "graduated" + kFive, by_hand::graduated_5));
    made.push_back(of_one_column("graduated_10", head + kGraduated10, by_hand::graduated_10));
    made.push_back(of_one_column("volume_5", head + calls + "volume" + kFive, by_hand::volume_5));
    made.push_back(of_one_column("started",
                                 head + "  charge calls\n    at 0.25 USD per started 1,000 calls\n",
                                 by_hand::started));
    made.push_back(of_models("matrix_20", 1, 20));
    made.push_back(of_models("matrix_1000", 1'000 / by_hand::kSizes, by_hand::kSizes));
    made.push_back(
        {.name = "hybrid",
         .text = head + kHybrid,
         .shape = {.columns = {{.meter = 0, .values = {}}, {.meter = 1, .values = {}}}},
         .digits = {8, 7},
         .values = {},
         .by_hand = [](const Columns& columns, size_t begin, size_t count, int64_t* cents) {
           by_hand::hybrid(columns.quantities[0].data() + begin,
                           columns.quantities[1].data() + begin, cents + begin, count);
         }});
    made.push_back(of_one_column("in_128_bits", head + kSeconds, by_hand::seconds, 17, 6));
    return made;
  }();
  return all;
}

/// Calls rate(begin, count) for even parts of the rows, each on a thread of its own.
template <typename Rate>
void in_parts(size_t threads, Rate&& rate) {
  if (threads == 1) return rate(size_t{0}, rows, size_t{0});
  std::vector<std::jthread> workers;
  for (size_t i = 0; i < threads; ++i)
    workers.emplace_back(
        [&, i] { rate(rows * i / threads, rows * (i + 1) / threads - rows * i / threads, i); });
}

void finish(benchmark::State& state, Columns& columns) {
  const auto [cents, expected] = std::ranges::mismatch(columns.cents, columns.expected);
  if (cents != columns.cents.end())
    state.SkipWithError(fmt::format("row {}: {} cents, by hand {}", cents - columns.cents.begin(),
                                    *cents, *expected)
                            .c_str());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows));
}

void by_hand_row(benchmark::State& state, Workload* workload, size_t threads) {
  Columns& columns = workload->fill();
  for (auto _ : state) {
    in_parts(threads, [&](size_t begin, size_t count, size_t) {
      workload->by_hand(columns, begin, count, columns.cents.data());
    });
    benchmark::ClobberMemory();
  }
  finish(state, columns);
}

void toll_row(benchmark::State& state, Workload* workload, size_t threads) {
  Columns& columns = workload->fill();
  static const compiler::NativeCompiler native = compiler::NativeCompiler::create().value();
  const testing::LoweredCard card = testing::lowered_card(workload->text);
  const auto function =
      compiler::ColumnFunction::compile(native, card.card, card.program, workload->shape);
  if (!function || !function->is_compiled()) return state.SkipWithError("not compiled");
  std::vector<compiler::ColumnRater> raters;
  for (size_t i = 0; i < threads; ++i) raters.emplace_back(*function, nullptr);
  const auto rate = [&] {
    in_parts(threads, [&](size_t begin, size_t count, size_t part) {
      std::vector<const void*> quantity_columns;
      std::vector<const void*> code_columns;
      for (const auto& column : columns.quantities)
        quantity_columns.push_back(column.data() + begin);
      for (const auto& column : columns.codes) code_columns.push_back(column.data() + begin);
      std::vector<compiler::RowApart> apart;
      raters[part].rate(
          {.quantities = quantity_columns.data(), .codes = code_columns.data(), .rows = count},
          {.totals = columns.cents.data() + begin}, apart);
    });
  };
  rate();  // makes the code of the widths that the rows need
  for (auto _ : state) {
    rate();
    benchmark::ClobberMemory();
  }
  finish(state, columns);
}

void copy_row(benchmark::State& state, size_t threads) {
  Workload& workload = workloads().front();
  Columns& columns = workload.fill();
  for (auto _ : state) {
    in_parts(threads, [&](size_t begin, size_t count, size_t) {
      std::memcpy(columns.cents.data() + begin, columns.quantities[0].data() + begin,
                  count * sizeof(int64_t));
    });
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows));
}

void register_rows() {
  const auto add = [](const std::string& name, auto&& run) {
    benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
  };
  for (const size_t threads : {size_t{1}, size_t{2}}) {
    const std::string suffix = threads == 1 ? "" : fmt::format("/threads:{}", threads);
    add("columns/memcpy" + suffix, [=](benchmark::State& state) { copy_row(state, threads); });
    for (Workload& workload : workloads()) {
      Workload* const at = &workload;
      const std::string name = "columns/" + workload.name;
      add(name + "/by_hand" + suffix,
          [=](benchmark::State& state) { by_hand_row(state, at, threads); });
      add(name + "/toll" + suffix, [=](benchmark::State& state) { toll_row(state, at, threads); });
    }
  }
}

}  // namespace
}  // namespace toll

int main(int argc, char** argv) {
  constexpr std::string_view kRows = "--rows=";
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kRows))
      std::from_chars(argument.data() + kRows.size(), argument.data() + argument.size(),
                      toll::rows);
    else
      argv[kept++] = argv[i];
  }
  argc = kept;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  toll::register_rows();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
