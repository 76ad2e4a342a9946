// Tables of usage, from CSV text to CSV text in memory.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "runtime/rate_table.h"
#include "tests/bench/by_hand.h"
#include "tests/support/live.h"

namespace toll {
namespace {

constexpr int kRows = 200'000;

const std::string& table() {
  static const std::string text = [] {
    std::mt19937_64 random(1);
    std::string rows = "customer,api_calls\n";
    for (int row = 0; row < kRows; ++row)
      rows += fmt::format("customer_{},{}\n", row, random() % (random() % 2 ? 100'000 : 5'000'000));
    return rows;
  }();
  return text;
}

const runtime::CardSet& founding() {
  static const runtime::CardSet cards = [] {
    std::vector<std::shared_ptr<const runtime::Revision>> revisions;
    revisions.push_back(testing::revision(testing::ratecard("founding", "api_platform")));
    return runtime::CardSet(std::move(revisions));
  }();
  return cards;
}

Int128 rated_by_toll(unsigned threads, std::string& out) {
  runtime::TableOptions options;
  options.asked.card = "api_platform";
  options.asked.on = parse_date("2026-03-01");
  options.threads = threads;
  size_t at = 0;
  const auto totals =
      runtime::rate_table(founding(), options,
                          {.read = [&](std::span<char> room) -> Result<size_t> {
                             const size_t bytes = std::min(room.size(), table().size() - at);
                             std::copy_n(table().data() + at, bytes, room.data());
                             at += bytes;
                             return bytes;
                           },
                           .amounts = [&](std::string_view text) -> Result<void> {
                             out += text;
                             return {};
                           },
                           .rejections = [](std::string_view) -> Result<void> { return {}; }});
  return totals ? totals->total : -1;
}

/// What a careful person writes for this one table: no quotes, no fractions, no reasons.
int64_t rated_by_hand(std::string& out) {
  std::string_view text = table();
  text.remove_prefix(text.find('\n') + 1);
  out += "customer,api_calls,amount\n";
  int64_t total = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    int64_t calls = 0;
    std::from_chars(line.data() + line.find(',') + 1, line.data() + line.size(), calls);
    by_hand::ApiPlatform bill;
    by_hand::rate_api_platform(calls, &bill);
    total += bill.total;
    out += line;
    char amount[24] = {','};
    char* end = std::to_chars(amount + 1, amount + 20, bill.total / 100).ptr;
    const auto cents = static_cast<char>(bill.total % 100);
    *end++ = '.';
    *end++ = static_cast<char>('0' + cents / 10);
    *end++ = static_cast<char>('0' + cents % 10);
    *end++ = '\n';
    out.append(amount, end);
  }
  return total;
}

template <typename Rate>
void run(benchmark::State& state, Rate&& rate) {
  std::string out, expected;
  rated_by_hand(expected);
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(rate(out));
  }
  if (out != expected) state.SkipWithError("the amounts differ");
  state.SetItemsProcessed(state.iterations() * kRows);
}

void by_hand_row(benchmark::State& state) {
  run(state, [](std::string& out) { return rated_by_hand(out); });
}
void toll_row(benchmark::State& state) {
  run(state,
      [&](std::string& out) { return rated_by_toll(static_cast<unsigned>(state.range(0)), out); });
}

BENCHMARK(by_hand_row)->Name("table/api_platform/by_hand")->UseRealTime();
BENCHMARK(toll_row)->Name("table/api_platform/toll/threads")->Arg(1)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace toll

BENCHMARK_MAIN();
