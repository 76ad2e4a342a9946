// The close of a month for everybody, and a bill with its steps. Half of the customers went six
// months ago. One item is one subscription.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/admission.h"
#include "engine/closing_all.h"
#include "tests/bench/close_by_hand.h"
#include "tests/bench/give_up.h"
#include "tests/support/live.h"
#include "tests/support/scratch_folder.h"

namespace toll::bench {
namespace {

const std::string kOf = "default";
constexpr int kMonthsBefore = 6;    // that are closed when the clock starts
constexpr int kMonthsClosed = 6;    // while it runs
constexpr int kEventsOfMonth = 30;  // of a customer
constexpr std::string_view kCard = R"(toll 1

unit call, calls
meter api_calls sums call
  from api.call
  take n

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge api_calls
    at 0.40 USD per 1,000 calls
)";

int subscriptions = 200;

std::shared_ptr<const runtime::CardSet> api_card() {
  return std::make_shared<const runtime::CardSet>(
      testing::card_set({std::string(kCard)}, testing::interpreted_revision));
}

std::string name_of(int customer) { return fmt::format("customer-{:05}", customer); }
Date first_of(int month) {
  return std::chrono::year_month_day(std::chrono::year(2026) / 1 / 1) + std::chrono::months(month);
}
uint32_t quantity_of(int customer, int event) {
  return 1000 + static_cast<uint32_t>(customer * 31 + event * 7) % 500;
}
/// Those with an even number went.
bool went(int customer) { return customer % 2 == 0; }

/// A folder with customers and what they used.
class Everybody {
 public:
  Everybody() {
    for (int i = 0; i < subscriptions; ++i) {
      if (take(engine_->put_subscription(
              kOf, name_of(i),
              {.id = "main",
               .card = "api",
               .plan = {},
               .currency = {},
               .start = first_of(0),
               .end = went(i) ? std::optional(first_of(kMonthsBefore)) : std::nullopt})))
        give_up("a customer cannot subscribe");
    }
    for (int month = 0; month < kMonthsBefore + kMonthsClosed; ++month) use(month);
    for (int month = 0; month < kMonthsBefore; ++month) close(month, 16);
  }

  void close(int month, size_t threads) {
    int closed = 0;
    const auto done = engine::close_all(
        *cards_, *engine_,
        {.tenant = kOf, .day = first_of(month), .as_of = first_of(month + 1), .threads = threads},
        [&](const engine::Closing& one) {
          if (!one.bill) give_up(one.bill.error().message);
          ++closed;
          return true;
        });
    if (!done) give_up(done.error().message);
    if (closed != (month < kMonthsBefore ? subscriptions : subscriptions / 2))
      give_up("others were closed than should be");
  }

  /// As before anything was known to be settled.
  void forget() {
    for (int i = 0; i < subscriptions; ++i) take(engine_->unsettle(kOf, name_of(i)));
  }

 private:
  void use(int month) {
    engine::Candidates candidates(kOf);
    engine::Admission admission(cards_, *engine_, kOf);
    for (int i = 0; i < subscriptions; ++i)
      for (int event = 0; event < (went(i) && month >= kMonthsBefore ? 0 : kEventsOfMonth); ++event)
        if (!admission.read(
                fmt::format(R"({{"specversion":"1.0","id":"{0}-{1}-{2}","source":"/s","type":)"
                            R"("api.call","subject":"{3}","time":"{4}T{5:02}:00:00Z",)"
                            R"("data":{{"n":{6}}}}})",
                            i, month, event, name_of(i),
                            to_string(first_of(month) + std::chrono::days(event % 28)), event % 24,
                            quantity_of(i, event)),
                candidates))
          give_up("an event cannot be read");
    take(engine_->ingest(std::move(candidates)));
  }

  const testing::ScratchFolder scratch_;
  const std::shared_ptr<const runtime::CardSet> cards_ = api_card();
  const std::unique_ptr<engine::Engine> engine_ =
      take(engine::Engine::open(take(engine::open_store(scratch_.path()))));
};

void close_everybody(benchmark::State& state) {
  Everybody everybody;
  int month = kMonthsBefore;
  for (auto _ : state) {
    if (state.range(1) == 0) {
      state.PauseTiming();
      everybody.forget();
      state.ResumeTiming();
    }
    everybody.close(month++, static_cast<size_t>(state.range(0)));
  }
  state.SetItemsProcessed(state.iterations() * subscriptions);
}

void close_by_hand(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  CloseByHand store(scratch.path());
  std::vector<std::vector<uint32_t>> quantities;
  std::vector<CustomerOfMonth> customers;
  for (int i = 0; i < subscriptions; ++i) {
    if (went(i)) continue;
    quantities.emplace_back();
    for (int event = 0; event < kEventsOfMonth; ++event)
      quantities.back().push_back(quantity_of(i, event));
  }
  for (int i = 0; const std::vector<uint32_t>& of_one : quantities)
    customers.push_back({name_of(2 * i++ + 1), of_one});
  int month = kMonthsBefore;
  for (auto _ : state)
    benchmark::DoNotOptimize(store.close(month++, customers, static_cast<size_t>(state.range(0))));
  state.SetItemsProcessed(state.iterations() * subscriptions);
}

/// Of a customer with 10,000 events, with its steps or without.
void bill(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  const auto cards = api_card();
  const auto engine = take(engine::Engine::open(take(engine::open_store(scratch.path()))));
  if (take(engine->put_subscription(kOf, "acme",
                                    {.id = "main",
                                     .card = "api",
                                     .plan = {},
                                     .currency = {},
                                     .start = first_of(0),
                                     .end = {}})))
    give_up("a customer cannot subscribe");
  engine::Candidates candidates(kOf);
  engine::Admission admission(cards, *engine, kOf);
  for (int i = 0; i < 10'000; ++i)
    if (!admission.read(
            fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/s","type":)"
                        R"("api.call","subject":"acme","time":"2026-01-{:02}T12:00:00Z",)"
                        R"("data":{{"n":{}}}}})",
                        i, i % 28 + 1, i % 500),
            candidates))
      give_up("an event cannot be read");
  take(engine->ingest(std::move(candidates)));
  const engine::BillRequest request{.tenant = kOf,
                                    .customer = "acme",
                                    .subscription = {},
                                    .day = first_of(0),
                                    .as_of = first_of(2)};
  for (auto _ : state)
    benchmark::DoNotOptimize(state.range(0) == 0
                                 ? take(engine::bill_of(*cards, *engine, request))
                                 : take(engine::explained_bill_of(*cards, *engine, request)));
}

BENCHMARK(close_by_hand)
    ->Name("close/by_hand")
    ->ArgName("together")
    ->Arg(1)
    ->Arg(100)
    ->Iterations(kMonthsClosed)
    ->UseRealTime();
BENCHMARK(close_everybody)
    ->Name("close/everybody")
    ->ArgNames({"threads", "settled"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({2, 1})
    ->Args({4, 1})
    ->Args({16, 0})
    ->Args({16, 1})
    ->Iterations(kMonthsClosed)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(bill)->Name("bill")->ArgName("explained")->DenseRange(0, 1);

}  // namespace
}  // namespace toll::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  // close_bench [--subscriptions=N], an even number.
  constexpr std::string_view kFlag = "--subscriptions=";
  for (int i = 1; i < argc; ++i)
    if (const std::string_view flag = argv[i]; flag.starts_with(kFlag))
      std::from_chars(flag.data() + kFlag.size(), flag.data() + flag.size(),
                      toll::bench::subscriptions);
  benchmark::RunSpecifiedBenchmarks();
}
