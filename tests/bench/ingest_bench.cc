// Events in, durably and once: batches of 1,000 into an empty folder, by hand on RocksDB
// (identities and counters only, events read beforehand), in process and over HTTP (both from JSON
// texts, with the whole event kept). One item is one event.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/admission.h"
#include "engine/live_bill.h"
#include "http/client.h"
#include "http/server.h"
#include "server/card_folder.h"
#include "server/usage_service.h"
#include "tests/bench/counted_events.h"
#include "tests/bench/ingest_by_hand.h"
#include "tests/support/live.h"
#include "tests/support/scratch_folder.h"

namespace toll::bench {
namespace {

const std::string kTenant = "default";

std::string event(size_t number, Ids ids = Ids::Rising) {
  constexpr std::array<std::string_view, 3> kModels = {"nano", "mini", "large"};
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"/gateway/eu-1","type":"llm.request",)"
      R"("subject":"{}","time":"2026-03-{:02}T{:02}:{:02}:{:02}Z","data":{{"model":"{}",)"
      R"("mode":"live","input_tokens":{},"cached_tokens":{},"output_tokens":{}}}}})",
      id_of(number, ids), customer(number), number / 86400 % 31 + 1, number / 3600 % 24,
      number / 60 % 60, number % 60, kModels[number % 3], 1000 + number % 500, number % 900,
      number % 300);
}

/// Batches of texts.
class Batches {
 public:
  explicit Batches(Ids ids = Ids::Rising) : ids_(ids) {}

  std::vector<std::string> next() {
    std::vector<std::string> texts;
    for (size_t i = 0; i < kBatch; ++i) texts.push_back(event(number_++, ids_));
    return texts;
  }

  /// Those of a whole run, made before the clock starts: a pause would be time in which the writer
  /// goes on with what it has.
  std::vector<std::vector<std::string>> of_run(const benchmark::State& state) {
    std::vector<std::vector<std::string>> batches;
    for (benchmark::IterationCount i = 0; i < state.max_iterations; ++i) batches.push_back(next());
    return batches;
  }

 private:
  const Ids ids_;
  size_t number_ = 0;
};

Ids ids_of(int64_t argument) { return argument == 0 ? Ids::Rising : Ids::Random; }

void by_hand(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  IngestByHand store(scratch.path());
  ingest_counted(state, store, ids_of(state.range(0)));
}

std::shared_ptr<const runtime::CardSet> cards_of(const std::vector<dsl::SourceFile>& files) {
  return std::make_shared<const runtime::CardSet>(
      testing::card_set(files, testing::interpreted_revision));
}

/// A subscription for each customer, so that each event is held against a card.
void subscribe(engine::Engine& engine) {
  for (size_t i = 0; i < kCustomers; ++i)
    if (take(engine.put_subscription(kTenant, customer(i),
                                     {.id = "main",
                                      .card = "ai_tokens",
                                      .plan = {},
                                      .currency = {},
                                      .start = *parse_date("2026-03-01"),
                                      .end = {}})))
      give_up("a customer cannot subscribe");
}

void check_accepted(const engine::Answered<std::vector<engine::Judged>>& judged) {
  if (!judged) give_up(judged.error().message);
  for (const engine::Judged& one : *judged)
    if (one.verdict != engine::Verdict::Accepted || one.unmetered)
      give_up("an event is not billed");
}

void check_read(const std::expected<void, metering::EventFault>& read) {
  if (!read) give_up(read.error().message);
}

/// `in_flight` batches are on their way at once.
void in_process(benchmark::State& state) {
  const auto in_flight = static_cast<size_t>(state.range(0));
  const testing::ScratchFolder scratch;
  const auto engine = take(engine::Engine::open(take(engine::open_store(scratch.path()))));
  subscribe(*engine);
  const auto cards = cards_of(testing::ratecard_files("founding"));
  const auto batches = Batches(ids_of(state.range(1))).of_run(state);
  size_t next = 0;
  std::deque<std::future<engine::Answered<std::vector<engine::Judged>>>> waiting;
  for (auto _ : state) {
    const std::vector<std::string>& texts = batches[next++];
    engine::Admission admission(cards, *engine, kTenant);
    engine::Candidates candidates(kTenant);
    candidates.reserve(texts.size());
    for (const std::string& text : texts) check_read(admission.read(text, candidates));
    waiting.push_back(engine->submit(std::move(candidates)));
    if (waiting.size() < in_flight) continue;
    check_accepted(waiting.front().get());
    waiting.pop_front();
  }
  for (auto& judged : waiting) check_accepted(judged.get());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}

/// Batches into a folder that has so many events already.
void stored(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  const auto cards = cards_of(testing::ratecard_files("founding"));
  Batches batches;
  const auto ingest = [&](engine::Engine& engine, const std::vector<std::string>& texts) {
    engine::Admission admission(cards, engine, kTenant);
    engine::Candidates candidates(kTenant);
    candidates.reserve(texts.size());
    for (const std::string& text : texts) check_read(admission.read(text, candidates));
    return engine.submit(std::move(candidates));
  };
  auto engine = take(engine::Engine::open(take(engine::open_store(scratch.path()))));
  subscribe(*engine);
  std::deque<std::future<engine::Answered<std::vector<engine::Judged>>>> waiting;
  for (int64_t have = 0; have < state.range(0); have += kBatch) {
    waiting.push_back(ingest(*engine, batches.next()));
    if (waiting.size() < 8) continue;
    check_accepted(waiting.front().get());
    waiting.pop_front();
  }
  for (auto& judged : waiting) check_accepted(judged.get());
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<std::string> texts = batches.next();
    state.ResumeTiming();
    check_accepted(ingest(*engine, texts).get());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
  engine.reset();
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path()))
    if (entry.is_regular_file() && entry.path().extension() == ".sst") bytes += entry.file_size();
  state.counters["table_bytes"] = static_cast<double>(bytes);
  state.counters["events"] = static_cast<double>(state.range(0)) +
                             static_cast<double>(state.iterations()) * static_cast<double>(kBatch);
}

/// How long a batch waits for its acknowledgement where so many events come in a second.
void acknowledgement(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  const auto engine = take(engine::Engine::open(take(engine::open_store(scratch.path()))));
  subscribe(*engine);
  const auto cards = cards_of(testing::ratecard_files("founding"));
  Batches batches;
  const auto pace = std::chrono::nanoseconds(std::chrono::seconds(kBatch)) / state.range(0);
  std::vector<std::chrono::nanoseconds> waits;
  auto next = std::chrono::steady_clock::now();
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<std::string> texts = batches.next();
    next = std::max(next + pace, std::chrono::steady_clock::now() - pace);
    std::this_thread::sleep_until(next);
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    engine::Admission admission(cards, *engine, kTenant);
    engine::Candidates candidates(kTenant);
    candidates.reserve(texts.size());
    for (const std::string& text : texts) check_read(admission.read(text, candidates));
    check_accepted(engine->ingest(std::move(candidates)));
    waits.push_back(std::chrono::steady_clock::now() - begin);
  }
  std::ranges::sort(waits);
  const auto at = [&](size_t percent) {
    return std::chrono::duration<double, std::milli>(waits[(waits.size() - 1) * percent / 100])
        .count();
  };
  state.counters["p50_ms"] = at(50);
  state.counters["p99_ms"] = at(99);
}

/// The live bill of a customer with 1,000 cells.
void bill_of_cells(benchmark::State& state) {
  std::string card = "toll 1\nunit call, calls\ndimension model is m0";
  for (int i = 1; i < 100; ++i) card += fmt::format(", m{}", i);
  card +=
      "\ndimension region is r0, r1, r2, r3, r4, r5, r6, r7, r8, r9\n"
      "meter calls counts call by model, region\n  from call\n"
      "card calls \"Calls\"\n  from 2026-01-01\n  currency USD\n  period month\n"
      "  round each line half-up\n  charge calls\n    at 0.01 USD per call\n";
  const auto cards = cards_of({{"calls@2026-01-01.toll", card}});
  const testing::ScratchFolder scratch;
  const auto engine = take(engine::Engine::open(take(engine::open_store(scratch.path()))));
  if (take(engine->put_subscription(kTenant, "acme",
                                    {.id = "main",
                                     .card = "calls",
                                     .plan = {},
                                     .currency = {},
                                     .start = *parse_date("2026-03-01"),
                                     .end = {}})))
    give_up("a customer cannot subscribe");
  engine::Admission admission(cards, *engine, kTenant);
  engine::Candidates candidates(kTenant);
  for (int i = 0; i < 1000; ++i)
    check_read(
        admission.read(fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/s","type":"call",)"
                                   R"("subject":"acme","time":"2026-03-{:02}T12:00:00Z",)"
                                   R"("data":{{"model":"m{}","region":"r{}"}}}})",
                                   i, i % 31 + 1, i / 10, i % 10),
                       candidates));
  check_accepted(engine->ingest(std::move(candidates)));
  const engine::BillRequest request{.tenant = kTenant,
                                    .customer = "acme",
                                    .subscription = {},
                                    .day = parse_date("2026-03-01"),
                                    .as_of = *parse_instant("2027-01-01T00:00:00Z")};
  for (auto _ : state) benchmark::DoNotOptimize(take(engine::live_bill(*cards, *engine, request)));
}

/// A client per thread of the benchmark.
void over_http(benchmark::State& state) {
  const auto clients = static_cast<size_t>(state.range(0));
  const testing::ScratchFolder cards, data;
  std::filesystem::copy(std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards" / "founding" /
                            "ai_tokens@2026-03-01.toll",
                        cards.path());
  const auto folder = take(server::CardFolder::open(cards.path()));
  // Cards are compiled on a thread of their own, which is no part of what is measured.
  const auto is_compiled = [](const auto& revision) {
    return revision->native() && revision->native()->optimise() == compiler::Optimise::Yes;
  };
  while (!std::ranges::all_of(folder->cards().get()->revisions(), is_compiled))
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto engine = take(engine::Engine::open(take(engine::open_store(data.path()))));
  subscribe(*engine);
  http::Server server{http::ServerOptions{}};
  server::UsageService(*folder, *engine).add_to(server);
  const uint16_t port = take(server.start());
  Batches batches(ids_of(state.range(1)));
  std::vector<std::unique_ptr<http::Client>> connections;
  std::vector<std::vector<std::string>> bodies(clients);  // by client
  for (size_t i = 0; i < clients; ++i) {
    connections.push_back(std::make_unique<http::Client>("127.0.0.1", port));
    for (const std::vector<std::string>& texts : batches.of_run(state)) {
      bodies[i].emplace_back();
      for (const std::string& text : texts) bodies[i].back() += text + "\n";
    }
  }
  // Each client sends its next batch once it has an answer, whatever the others do.
  const auto send_all = [&](size_t client) {
    for (const std::string& body : bodies[client]) {
      const auto response = take(connections[client]->request(
          "POST", "/v1/events", {{"Content-Type", "application/x-ndjson"}}, body));
      if (!response.body.starts_with(R"({"accepted":1000,)")) give_up(response.body);
    }
  };
  std::vector<std::jthread> threads;
  while (state.KeepRunningBatch(state.max_iterations)) {
    for (size_t i = 0; i < clients; ++i) threads.emplace_back(send_all, i);
    threads.clear();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch * clients));
}

/// The live bill of one of a hundred customers, by how many events they have in the period.
void live_bill(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  const auto engine = take(engine::Engine::open(take(engine::open_store(scratch.path()))));
  subscribe(*engine);
  const auto cards = cards_of(testing::ratecard_files("founding"));
  engine::Admission admission(cards, *engine, kTenant);
  engine::Candidates candidates(kTenant);
  for (int64_t i = 0; i < state.range(0); ++i)
    check_read(admission.read(event(static_cast<size_t>(i) * kCustomers), candidates));
  check_accepted(engine->ingest(std::move(candidates)));
  const engine::BillRequest request{.tenant = kTenant,
                                    .customer = customer(0),
                                    .subscription = {},
                                    .day = parse_date("2026-03-01"),
                                    .as_of = *parse_instant("2027-01-01T00:00:00Z")};
  for (auto _ : state) benchmark::DoNotOptimize(take(engine::live_bill(*cards, *engine, request)));
}

BENCHMARK(by_hand)
    ->Name("ingest/by_hand")
    ->ArgName("random_ids")
    ->DenseRange(0, 1)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(in_process)
    ->Name("ingest/in_process")
    ->ArgNames({"in_flight", "random_ids"})
    ->ArgsProduct({{1, 4, 16}, {0, 1}})
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(stored)->Name("ingest/stored")->ArgName("events")->Arg(0)->Arg(200'000)->UseRealTime();
BENCHMARK(acknowledgement)
    ->Name("ingest/acknowledgement")
    ->ArgName("events_a_second")
    ->Arg(50'000)
    ->UseRealTime();
BENCHMARK(bill_of_cells)->Name("live_bill/1000_cells")->UseRealTime();
BENCHMARK(over_http)
    ->Name("ingest/http")
    ->ArgNames({"clients", "random_ids"})
    ->ArgsProduct({{1, 4, 16}, {0, 1}})
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(live_bill)->Name("live_bill")->ArgName("events")->Arg(100)->Arg(10'000)->UseRealTime();

}  // namespace
}  // namespace toll::bench

/// `--stored=N` measures into a folder of N events as well, which takes as long as to store them.
int main(int count, char** arguments) {
  constexpr std::string_view kStored = "--stored=";
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (!argument.starts_with(kStored)) continue;
    benchmark::RegisterBenchmark("ingest/stored", toll::bench::stored)
        ->ArgName("events")
        ->Arg(std::strtoll(arguments[i] + kStored.size(), nullptr, 10))
        ->Iterations(100)
        ->UseRealTime();
    std::copy(arguments + i + 1, arguments + count, arguments + i);
    --count;
    break;
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
