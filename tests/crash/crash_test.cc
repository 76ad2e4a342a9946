// kill -9 of the service while clients send events, again and again over one data folder.
//
// What the clients were told stands in this process, which is not killed. After each kill the
// folder is opened here: every acknowledged event must be there exactly once, none that nobody
// sent, and everything that is kept beside the events must follow from them. After each start the
// live bills must be what the recorded events come to.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "engine/audit.h"
#include "engine/engine.h"
#include "http/client.h"
#include "tests/crash/service_process.h"
#include "tests/support/arguments.h"
#include "tests/support/live.h"
#include "tests/support/scratch_folder.h"

namespace toll::crash {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

int kills = 100;

/// Each kill is followed by a look at all that the folder holds, so a new one is begun in time.
constexpr int kKillsOfAFolder = 10;
constexpr int kClients = 3;
constexpr int kBatch = 25;
constexpr const char* kCustomers[] = {"acme", "globex"};

constexpr std::string_view kCard = R"(toll 1

unit call, calls
unit token, tokens

meter api_calls counts call
  from llm
meter tokens sums token
  from llm
  take tokens

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge api_calls
    at 1.00 USD per call
  charge tokens
    at 0.01 USD per token
)";

/// What clients sent and were told. Any thread.
class Told {
 public:
  /// An id that nobody had yet, or one whose fate is not known: then its event is sent again.
  int next(std::mt19937& random) {
    const std::lock_guard lock(mutex_);
    if (!unknown_.empty() && random() % 4 == 0) {
      const int id = unknown_.back();
      unknown_.pop_back();
      return id;
    }
    return sent_++;
  }
  void acknowledge(const std::vector<int>& ids) {
    const std::lock_guard lock(mutex_);
    acknowledged_.insert(ids.begin(), ids.end());
  }
  void lose(const std::vector<int>& ids) {
    const std::lock_guard lock(mutex_);
    unknown_.insert(unknown_.end(), ids.begin(), ids.end());
  }
  int sent() const { return sent_; }
  const std::set<int>& acknowledged() const { return acknowledged_; }

 private:
  std::mutex mutex_;
  int sent_ = 0;
  std::vector<int> unknown_;
  std::set<int> acknowledged_;
};

std::string event(int id) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"/crash","type":"llm","subject":"{}",)"
      R"("time":"2026-03-{:02}T12:00:00Z","data":{{"tokens":{}}}}})",
      id, kCustomers[id % 2], id % 31 + 1, id % 100);
}

/// Sends batches until the service is gone.
void send(uint16_t port, Told& told, uint32_t seed) {
  std::mt19937 random(seed);
  http::Client client("127.0.0.1", port);
  while (true) {
    std::vector<int> ids;
    std::string body;
    for (int i = 0; i < kBatch; ++i) {
      ids.push_back(told.next(random));
      body += event(ids.back()) + "\n";
    }
    const auto response =
        client.request("POST", "/v1/events", {{"Content-Type", "application/x-ndjson"}}, body);
    if (!response) return told.lose(ids);
    ASSERT_EQ(response->status, 200) << response->body;
    const json verdicts = json::parse(response->body);
    ASSERT_EQ(verdicts["accepted"].get<int>() + verdicts["duplicate"].get<int>(), kBatch)
        << response->body;
    told.acknowledge(ids);
  }
}

class Crash : public ::testing::Test {
 protected:
  void begin_folder() {
    scratch_.emplace();
    scratch_->save("api@2026-01-01.toll", kCard);
  }
  std::filesystem::path data() const { return scratch_->path().parent_path() / "data"; }

  /// Opens the folder that the killed service left.
  void check_rows(const Told& told) {
    auto store = engine::open_store(data());
    ASSERT_TRUE(store) << store.error().message;
    const auto engine = *engine::Engine::open(std::move(*store));
    const auto audited = engine::audit(engine->store(), cards_);
    ASSERT_TRUE(audited) << audited.error().message;
    for (const std::string& difference : audited->differences) ADD_FAILURE() << difference;
    EXPECT_TRUE(told.acknowledged().empty() || audited->sums > 0);
    std::set<int> recorded;
    totals_.clear();
    for (const char* customer : kCustomers) record(*engine, customer, told, recorded);
    EXPECT_EQ(audited->events, recorded.size());
    for (const int id : told.acknowledged())
      ASSERT_TRUE(recorded.contains(id)) << "event " << id << " was acknowledged, and is gone";
  }

  void record(const engine::Engine& engine, const char* customer, const Told& told,
              std::set<int>& recorded) {
    int64_t cents = 0;
    const auto read = engine.record(
        "default", customer, Instant{}, *parse_instant("2100-01-01T00:00:00Z"),
        [&](const engine::RecordedEvent& one) {
          const int id = std::stoi(json::parse(one.text)["id"].get<std::string>());
          EXPECT_LT(id, told.sent()) << "nobody sent it";
          EXPECT_EQ(one.text, event(id));
          EXPECT_TRUE(recorded.insert(id).second) << "event " << id << " is there twice";
          cents += 100 + id % 100;
          return true;
        });
    EXPECT_TRUE(read);
    totals_[customer] = fmt::format("{}.{:02}", cents / 100, cents % 100);
  }

  /// The bills of the running service are what check_rows() counted.
  void check_bills(uint16_t port) {
    http::Client client("127.0.0.1", port);
    for (const char* customer : kCustomers) {
      const auto response =
          client.request("GET", fmt::format("/v1/customers/{}/bill?period=2026-03", customer));
      ASSERT_TRUE(response) << response.error().message;
      ASSERT_EQ(response->status, 200) << response->body;
      EXPECT_EQ(json::parse(response->body)["total"], totals_[customer]);
    }
  }

  void subscribe(uint16_t port) {
    http::Client client("127.0.0.1", port);
    for (const char* customer : kCustomers) {
      const auto response = client.request(
          "PUT", fmt::format("/v1/customers/{}/subscriptions/main", customer),
          {{"Content-Type", "application/json"}}, R"({"card":"api","start":"2026-01-01"})");
      ASSERT_TRUE(response && response->status == 200);
      totals_[customer] = "0.00";
    }
  }

  void kill_while_sending(Told& told, std::mt19937& random, bool first) {
    ServiceProcess service(scratch_->path(), data());
    ASSERT_NE(service.port(), 0);
    if (first) subscribe(service.port());
    check_bills(service.port());
    {
      std::vector<std::jthread> clients;
      for (int i = 0; i < kClients; ++i)
        clients.emplace_back(send, service.port(), std::ref(told), random());
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 60));
      service.kill();
    }
    check_rows(told);
  }

  std::optional<testing::ScratchFolder> scratch_;
  const runtime::CardSet cards_ = testing::card_set({std::string(kCard)});
  std::map<std::string, std::string> totals_;  // by customer
};

TEST_F(Crash, LosesNothingThatWasAcknowledgedAndInventsNothing) {
  std::mt19937 random(1);
  size_t sent = 0, acknowledged = 0;
  for (int killed = 0; killed < kills && !HasFatalFailure();) {
    Told told;
    begin_folder();
    const int last = std::min(killed + kKillsOfAFolder, kills);
    for (bool first = true; killed < last && !HasFatalFailure(); ++killed, first = false)
      kill_while_sending(told, random, first);
    sent += static_cast<size_t>(told.sent());
    acknowledged += told.acknowledged().size();
  }
  fmt::print("{} kills: {} events sent, {} acknowledged\n", kills, sent, acknowledged);
  EXPECT_GT(acknowledged, static_cast<size_t>(kills) * kBatch);
  EXPECT_GT(sent, acknowledged);
}

}  // namespace
}  // namespace toll::crash

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  using toll::crash::kills;
  if (argc > 2 || (argc > 1 && !(toll::testing::read_number(argv[1], kills) && kills > 0))) {
    fmt::print(stderr, "usage: crash_test [KILLS]\n");
    return 2;
  }
  return RUN_ALL_TESTS();
}
