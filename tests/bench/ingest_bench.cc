// Events in, durably and once: batches of 1,000 into an empty folder, by hand on RocksDB
// (identities and counters only, events read beforehand), in process and over HTTP (both from JSON
// texts, with the whole event kept). One item is one event.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
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
#include "runtime/loader.h"
#include "server/card_folder.h"
#include "server/usage_service.h"
#include "tests/bench/ingest_by_hand.h"
#include "tests/support/scratch_folder.h"

namespace toll::bench {
namespace {

constexpr size_t kBatch = 1000;
constexpr size_t kCustomers = 100;
const std::string kTenant = "default";

[[noreturn]] void give_up(std::string_view why) {
  fmt::print(stderr, "ingest_bench: {}\n", why);
  std::exit(1);
}

template <typename T, typename E>
T take(std::expected<T, E> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}

std::string customer(size_t number) { return fmt::format("customer-{}", number % kCustomers); }

std::string event(size_t number) {
  constexpr std::array<std::string_view, 3> kModels = {"nano", "mini", "large"};
  return fmt::format(
      R"({{"specversion":"1.0","id":"req-{}","source":"/gateway/eu-1","type":"llm.request",)"
      R"("subject":"{}","time":"2026-03-{:02}T{:02}:{:02}:{:02}Z","data":{{"model":"{}",)"
      R"("mode":"live","input_tokens":{},"cached_tokens":{},"output_tokens":{}}}}})",
      number, customer(number), number / 86400 % 31 + 1, number / 3600 % 24, number / 60 % 60,
      number % 60, kModels[number % 3], 1000 + number % 500, number % 900, number % 300);
}

/// Batches of texts, made while the clock stands.
class Batches {
 public:
  std::vector<std::string> next() {
    std::vector<std::string> texts;
    for (size_t i = 0; i < kBatch; ++i) texts.push_back(event(number_++));
    return texts;
  }

 private:
  size_t number_ = 0;
};

void by_hand(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  IngestByHand store(scratch.path());
  size_t number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<CountedEvent> events;
    for (size_t i = 0; i < kBatch; ++i, ++number)
      events.push_back(
          {fmt::format("/gateway/eu-1/req-{}", number), customer(number), 1000 + number % 500});
    state.ResumeTiming();
    if (store.ingest(events) != kBatch) give_up("an event was not new");
  }
  state.SetItemsProcessed(static_cast<int64_t>(number));
}

std::shared_ptr<const runtime::CardSet> founding_cards() {
  const auto files = take(runtime::read_folder(
      std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards" / "founding", "founding"));
  runtime::CheckedFolder checked = runtime::check_folder(files);
  runtime::CardSet::Revisions revisions;
  for (runtime::CheckedCard& card : checked.cards)
    revisions.push_back(std::make_shared<const runtime::Revision>(
        std::move(card.card), std::move(card.program), nullptr));
  return std::make_shared<const runtime::CardSet>(std::move(revisions));
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
  const auto cards = founding_cards();
  Batches batches;
  std::deque<std::future<engine::Answered<std::vector<engine::Judged>>>> waiting;
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<std::string> texts = batches.next();
    state.ResumeTiming();
    engine::Admission admission(cards, *engine, kTenant);
    engine::Candidates candidates(kTenant);
    for (const std::string& text : texts) check_read(admission.read(text, candidates));
    waiting.push_back(engine->submit(std::move(candidates)));
    if (waiting.size() < in_flight) continue;
    check_accepted(waiting.front().get());
    waiting.pop_front();
  }
  for (auto& judged : waiting) check_accepted(judged.get());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}

/// A client per thread of the benchmark.
void over_http(benchmark::State& state) {
  const auto clients = static_cast<size_t>(state.range(0));
  const testing::ScratchFolder cards, data;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards" / "founding"))
    std::filesystem::copy(entry.path(), cards.path());
  const auto folder = take(server::CardFolder::open(cards.path()));
  const auto engine = take(engine::Engine::open(take(engine::open_store(data.path()))));
  subscribe(*engine);
  http::Server server{http::ServerOptions{}};
  server::UsageService(*folder, *engine).add_to(server);
  const uint16_t port = take(server.start());
  Batches batches;
  std::vector<std::unique_ptr<http::Client>> connections;
  for (size_t i = 0; i < clients; ++i)
    connections.push_back(std::make_unique<http::Client>("127.0.0.1", port));
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<std::string> bodies(clients);
    for (std::string& body : bodies)
      for (const std::string& text : batches.next()) body += text + "\n";
    state.ResumeTiming();
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < clients; ++i)
      threads.emplace_back([&, i] {
        const auto response = take(connections[i]->request(
            "POST", "/v1/events", {{"Content-Type", "application/x-ndjson"}}, bodies[i]));
        if (!response.body.starts_with(R"({"accepted":1000,)")) give_up(response.body);
      });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch * clients));
}

/// The live bill of one of a hundred customers, by how many events they have in the period.
void live_bill(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  const auto engine = take(engine::Engine::open(take(engine::open_store(scratch.path()))));
  subscribe(*engine);
  const auto cards = founding_cards();
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

BENCHMARK(by_hand)->Name("ingest/by_hand")->UseRealTime();
BENCHMARK(in_process)
    ->Name("ingest/in_process")
    ->ArgName("in_flight")
    ->Arg(1)
    ->Arg(4)
    ->UseRealTime();
BENCHMARK(over_http)->Name("ingest/http")->ArgName("clients")->Arg(1)->Arg(4)->UseRealTime();
BENCHMARK(live_bill)->Name("live_bill")->ArgName("events")->Arg(100)->Arg(10'000)->UseRealTime();

}  // namespace
}  // namespace toll::bench

BENCHMARK_MAIN();
