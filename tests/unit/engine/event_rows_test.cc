// Rows of events, as they are on disks, and events as whoever reads them sees them.
#include "engine/storage/event_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/audit.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

const Instant kNoon = *parse_instant("2026-03-01T12:00:00Z");

StoredEvent stored(int64_t nanoseconds, uint64_t position, std::string_view text) {
  return {kNoon + std::chrono::nanoseconds(nanoseconds),
          position,
          {.unmetered = false, .retracted = {}, .reason = {}, .text = text}};
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return text;
}

TEST(EventRows, AreWhatTheyWere) {
  EXPECT_EQ(hex_of(write_events({stored(0, 7, "{}")})), "01007b7d") << "one event, as ever";
  StoredEvent taken_back = stored(300, 5, "{\"a\":1}");
  taken_back.row.unmetered = true;
  taken_back.row.retracted = kNoon;
  taken_back.row.reason = "x";
  EXPECT_EQ(hex_of(write_events({stored(0, 7, "{}"), taken_back})),
            "0202"
            "000000027b7d"
            "ac0203"
            "031898b5d9b3d68000"
            "0178"
            "077b2261223a317d");
  EXPECT_EQ(hex_of(write_identity({"acme", kNoon, 7}, true, 63)),
            "021898b5d9b3d68000"
            "0000000000000007"
            "3f61636d65");
  EXPECT_EQ(write_identity({"acme", kNoon, 7}, false, 0), write_place({"acme", kNoon, 7}));
}

TEST(EventRows, AreReadBack) {
  StoredEvent taken_back = stored(300, 5, "{\"a\":1}");
  taken_back.row.retracted = kNoon;
  taken_back.row.reason = "why";
  const std::string value = write_events({stored(0, 7, "{}"), taken_back, stored(300, 9, "{ }")});
  EXPECT_TRUE(is_block(value));
  std::vector<StoredEvent> events;
  ASSERT_TRUE(read_events({"acme", kNoon, 7}, value, events));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].position, 7u);
  EXPECT_EQ(events[1].position, 5u);
  EXPECT_EQ(events[1].time, taken_back.time);
  EXPECT_EQ(events[1].row.retracted, kNoon);
  EXPECT_EQ(events[1].row.reason, "why");
  EXPECT_EQ(events[2].row.text, "{ }");
  EXPECT_EQ(write_events(events), value);
  for (size_t size = 0; size < value.size(); ++size) {
    std::vector<StoredEvent> none;
    EXPECT_FALSE(read_events({"acme", kNoon, 7}, value.substr(0, size), none)) << size;
  }
  EXPECT_FALSE(read_events({"acme", kNoon, 7}, value + "x", events));
  EXPECT_FALSE(read_events({"acme", kNoon, 7}, std::string("\2\0", 2), events)) << "none";
  EXPECT_FALSE(read_events(
      {"acme",
       kNoon + std::chrono::minutes(59) + std::chrono::seconds(60) - std::chrono::nanoseconds(100),
       7},
      value, events))
      << "a block that reaches into the next hour";
}

TEST(EventRows, AreLedToByBothFormsOfPlaces) {
  const auto own = read_identity(write_place({"acme", kNoon, 7}));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->row, (EventPlace{"acme", kNoon, 7}));
  const auto blocked = read_identity(write_identity({"acme", kNoon, 7}, true, 2));
  ASSERT_TRUE(blocked);
  EXPECT_EQ(blocked->row, (EventPlace{"acme", kNoon, 7}));
  const std::vector<StoredEvent> events = {stored(0, 7, "{}"), stored(0, 8, "{}"),
                                           stored(0, 9, "{}")};
  EXPECT_EQ(event_of(*own, events), &events[0]);
  EXPECT_EQ(event_of(*blocked, events), &events[2]);
  EXPECT_EQ(event_of(*blocked, std::span(events).first(2)), nullptr);
  EXPECT_FALSE(read_identity(""));
  EXPECT_FALSE(read_identity("\2"));
  EXPECT_FALSE(read_identity("\3"));
}

/// Events of requests that overlap, by time and position as the record has them.
TEST(EventRows, OfOverlappingRequestsAreOneRecord) {
  std::mt19937 random(7);
  const auto below = [&](int bound) { return std::uniform_int_distribution(0, bound - 1)(random); };
  for (int run = 0; run < 40; ++run) {
    auto memory = std::make_unique<MemoryStore>();
    const MemoryStore& store = *memory;
    const auto engine = *Engine::open(std::move(memory));
    std::vector<std::pair<Instant, std::string>> sent;  // in the order of their positions
    for (int request = 0; request < 6; ++request) {
      std::vector<Candidate> candidates;
      for (int i = below(90); i >= 0; --i) {
        candidates.push_back(candidate({.id = fmt::format("{}", sent.size()),
                                        .customer = "acme",
                                        .time = fmt::format("2026-03-10T{:02}:{:02}:{:02}Z",
                                                            11 + below(3), below(60), below(60))}));
        sent.emplace_back(candidates.back().event.time, candidates.back().text);
        if (below(20) == 0) candidates.push_back(candidates.front());  // sent twice
      }
      ASSERT_TRUE(engine->ingest("t", candidates));
    }
    const Instant from = *parse_instant("2026-03-10T11:00:00Z") + std::chrono::minutes(below(90));
    const Instant until = from + std::chrono::minutes(below(90));
    std::vector<std::tuple<Instant, uint64_t, std::string>> expected, found;
    for (size_t i = 0; i < sent.size(); ++i)
      if (from <= sent[i].first && sent[i].first < until)
        expected.emplace_back(sent[i].first, i + 1, sent[i].second);
    std::ranges::sort(expected);
    ASSERT_TRUE(engine->record("t", "acme", from, until, [&](const RecordedEvent& event) {
      found.emplace_back(event.time, event.position, event.text);
      return true;
    }));
    EXPECT_EQ(found, expected);
    size_t rows = 0;
    ASSERT_TRUE(store.scan(Table::Events, "", "\xff", [&](std::string_view, std::string_view) {
      ++rows;
      return true;
    }));
    EXPECT_LT(rows, sent.size() / 4 + 10);
    const auto audited = audit(store);
    ASSERT_TRUE(audited);
    for (const std::string& difference : audited->differences) ADD_FAILURE() << difference;
  }
}

TEST(EventRows, OfABlockAreTakenBackOneByOne) {
  auto memory = std::make_unique<MemoryStore>();
  const MemoryStore& store = *memory;
  const auto engine = *Engine::open(std::move(memory));
  ASSERT_TRUE(
      engine->ingest("t", {candidate({}), candidate({.id = "2", .time = "2026-03-10T12:00:01Z"}),
                           candidate({.id = "3", .time = "2026-03-10T12:00:02Z"})}));
  EXPECT_EQ(*engine->retract("t", "/s", "2", "why", kNoon), Retraction::Retracted);
  EXPECT_EQ(*engine->retract("t", "/s", "2", "why", kNoon), Retraction::AlreadyRetracted);
  EXPECT_EQ(*engine->retract("t", "/s", "3", "so", kNoon), Retraction::Retracted);
  const auto events = recorded(*engine, "t", "acme");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_FALSE(events[0].retracted);
  EXPECT_EQ(events[1].reason, "why");
  EXPECT_EQ(events[2].reason, "so");
  EXPECT_EQ(audit(store)->difference_count, 0u);
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({.id = "2", .time = "2026-03-10T12:00:01Z"}),
                                          candidate({.id = "3", .time = "2026-03-10T12:00:03Z"})})),
            (std::vector{Verdict::Duplicate, Verdict::Conflict}));
}

/// What a store had before there were blocks goes on beside them.
TEST(EventRows, OfOneEventEachAreReadBesideBlocks) {
  auto memory = std::make_unique<MemoryStore>();
  MemoryStore& store = *memory;
  const auto engine = *Engine::open(std::move(memory));
  for (const char* const id : {"1", "3", "5"})
    ASSERT_TRUE(engine->ingest(
        "t", {candidate({.id = id, .time = fmt::format("2026-03-10T12:00:0{}Z", id)})}));
  for (const char* const id : {"1", "3", "5"})
    EXPECT_EQ((*store.get(Table::Identities, identity_key("t", "/s", id)))->front(), 1);
  ASSERT_TRUE(engine->ingest("t", {candidate({.id = "0", .time = "2026-03-10T12:00:00Z"}),
                                   candidate({.id = "2", .time = "2026-03-10T12:00:02Z"}),
                                   candidate({.id = "4", .time = "2026-03-10T12:00:04Z"})}));
  std::string order;
  for (const RecordedEvent& event : recorded(*engine, "t", "acme"))
    order += metering::EventReader().read(event.text)->id;
  EXPECT_EQ(order, "012345");
  EXPECT_EQ(audit(store)->difference_count, 0u);
}

}  // namespace
}  // namespace toll::engine
