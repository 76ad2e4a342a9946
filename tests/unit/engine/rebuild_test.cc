// Sums of days that are counted anew are those that live counting would have kept, and bills stay.
#include "engine/rebuild.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/audit.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "metering/sums.h"
#include "tests/unit/engine/world.h"
#include "wire/answer_json.h"

namespace toll::engine {
namespace {

/// `model` says which values the dimension has.
std::string token_card(std::string_view name, std::string_view models = "nano, large") {
  return fmt::format(R"(toll 1

unit token, tokens
dimension model is {}
meter tokens sums token by model
  from llm
  take n

card {} "Tokens"
  from 2026-01-01
  currency USD
  time zone America/New_York
  period month
  round each line half-up

  charge tokens by model
    any at 0.013 USD per token
)",
                     models, name);
}

std::string used_tokens(int id, std::string_view time, int n, std::string_view model = "nano") {
  return event_text({.id = std::to_string(id),
                     .type = "llm",
                     .time = std::string(time),
                     .data = fmt::format(R"({{"n":{},"model":"{}"}})", n, model)});
}

struct Kept : World {
  explicit Kept(std::vector<std::string> texts) : World(std::move(texts)) {
    auto store = std::make_unique<MemoryStore>();
    rows = store.get();
    engine = *Engine::open(std::move(store));
  }

  std::map<std::string, DayRow> days() const {
    std::map<std::string, DayRow> all;
    EXPECT_TRUE(rows->scan(
        Table::Days, kFirstKey, kBehindAllKeys, [&](std::string_view key, std::string_view value) {
          all.emplace(key, read_day_row(value).value_or(DayRow{.events = 99, .readings = {}}));
          return true;
        }));
    return all;
  }
  size_t sums() const {
    size_t count = 0;
    for (const auto& [key, row] : days()) count += row.readings.size();
    return count;
  }
  std::string bills() const {
    std::string text;
    for (const char* day : {"2026-02-01", "2026-03-01", "2026-04-01"}) {
      const auto answer = bill(day, kYearLater);
      EXPECT_TRUE(answer) << answer.error().message;
      if (answer) wire::write_answer(*answer, text);
    }
    return text;
  }
  Rebuilt rebuild_all() {
    const auto rebuilt = rebuild(*engine, [this](const std::string&) { return cards.get(); });
    EXPECT_TRUE(rebuilt) << rebuilt.error().message;
    return rebuilt.value_or(Rebuilt{});
  }
  std::vector<std::string> differences() const { return audit(*rows, *cards)->differences; }

  MemoryStore* rows = nullptr;
};

TEST(Rebuild, KeepsAgainWhatARetractionDropped) {
  Kept world({token_card("api")});
  world.subscribe("s", "api", "2026-01-01");
  std::vector<std::string> texts;
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    const Date day = *parse_date("2026-02-20") + std::chrono::days(random() % 40);
    texts.push_back(
        used_tokens(i, fmt::format("{}T{:02}:00:00Z", toll::to_string(day), random() % 24),
                    static_cast<int>(random() % 1000), random() % 2 ? "nano" : "large"));
  }
  world.ingest(texts);
  const auto whole = world.days();
  EXPECT_EQ(world.rebuild_all().changed, 0u) << "counted live";
  EXPECT_EQ(world.days(), whole);
  for (int i = 0; i < 400; i += 7)
    ASSERT_TRUE(world.engine->retract("t", "/s", std::to_string(i), "x", Instant{}));
  const std::string before = world.bills();
  const size_t left = world.sums();
  const Rebuilt rebuilt = world.rebuild_all();
  EXPECT_EQ(rebuilt.events, 400u);
  EXPECT_EQ(rebuilt.days, whole.size());
  EXPECT_GT(rebuilt.changed, 10u);
  EXPECT_EQ(world.sums(), whole.size());
  EXPECT_LT(left, world.sums());
  EXPECT_EQ(world.bills(), before);
  EXPECT_EQ(world.rebuild_all().changed, 0u);
  EXPECT_EQ(world.differences(), std::vector<std::string>());
  // The sums that are kept now go on being added to.
  world.ingest({used_tokens(1000, "2026-03-01T12:00:00Z", 5)});
  EXPECT_EQ(world.rebuild_all().changed, 0u);
}

TEST(Rebuild, CountsWhatACardReadOtherwise) {
  Kept world({token_card("api", "nano, large")});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest({used_tokens(1, "2026-03-05T12:00:00Z", 10)});
  world.cards = std::make_shared<const runtime::CardSet>(
      testing::card_set({token_card("api", "nano, large, huge")}));
  world.ingest({used_tokens(2, "2026-03-05T12:00:00Z", 7, "huge")});
  EXPECT_EQ(world.sums(), 0u);
  const std::string before = world.bills();
  EXPECT_EQ(world.rebuild_all().changed, 1u);
  EXPECT_EQ(world.sums(), 1u);
  EXPECT_EQ(world.bills(), before);
  // A card that cannot read all of a day has no sum of it.
  world.cards = std::make_shared<const runtime::CardSet>(testing::card_set({token_card("api")}));
  EXPECT_EQ(world.rebuild_all().sums, 0u);
  EXPECT_EQ(world.sums(), 0u);
}

TEST(Rebuild, CountsWhatCameBeforeTheSubscription) {
  Kept world({token_card("api")});
  world.ingest({used_tokens(1, "2026-03-05T12:00:00Z", 10)});
  EXPECT_EQ(world.sums(), 0u);
  world.subscribe("s", "api", "2026-01-01");
  EXPECT_EQ(world.rebuild_all().changed, 1u);
  EXPECT_EQ(world.sums(), 1u);
  EXPECT_EQ(world.differences(), std::vector<std::string>());
}

TEST(Rebuild, MendsWhatTheAuditFinds) {
  Kept world({token_card("api")});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest(
      {used_tokens(1, "2026-03-05T12:00:00Z", 10), used_tokens(2, "2026-03-06T12:00:00Z", 20)});
  const std::string before = world.bills();
  const auto right = world.days();
  const std::string key = day_key("t", "acme", *parse_date("2026-03-05"));
  const auto put = [&](const std::string& at, std::string_view value) {
    Batch batch;
    batch.put(Table::Days, at, value);
    ASSERT_TRUE(world.rows->write(batch));
  };
  DayRow wrong = right.at(key);
  ASSERT_TRUE(wrong.readings.begin()->second.add(right.at(key).readings.begin()->second.cells()));
  put(key, write_day_row(wrong));
  EXPECT_NE(world.bills(), before);
  EXPECT_EQ(world.differences(),
            std::vector<std::string>{"the sums of a customer's day are not those of its events"});
  EXPECT_EQ(world.rebuild_all().changed, 1u);
  EXPECT_EQ(world.bills(), before);
  EXPECT_EQ(world.days(), right);
  put(key, "damaged");
  put(day_key("t", "acme", *parse_date("2026-03-09")),
      write_day_row({.events = 3, .readings = {}}));
  EXPECT_EQ(world.differences().size(), 2u);
  EXPECT_EQ(world.rebuild_all().changed, 2u);
  EXPECT_EQ(world.differences(), std::vector<std::string>());
  EXPECT_EQ(world.bills(), before);
}

TEST(Rebuild, LeavesTenantsAloneWhoseCardsAreNotThere) {
  Kept world({token_card("api")});
  world.ingest({used_tokens(1, "2026-03-05T12:00:00Z", 10)});
  const auto rebuilt = rebuild(*world.engine, [](const std::string& tenant) {
    EXPECT_EQ(tenant, "t");
    return nullptr;
  });
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(rebuilt->events, 0u);
}

}  // namespace
}  // namespace toll::engine
