// Events are kept exactly once, and nobody is told more than what is on the disk.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/scratch_folder.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

std::unique_ptr<Engine> open(std::unique_ptr<Store> store, EngineOptions options = {}) {
  auto engine = Engine::open(std::move(store), options);
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(*engine);
}

using V = Verdict;

TEST(Engine, KeepsAnEventOnceHoweverOftenItIsSent) {
  const auto engine = open(std::make_unique<MemoryStore>());
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({}), candidate({.id = "2"}), candidate({})})),
            (std::vector{V::Accepted, V::Accepted, V::Duplicate}));
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({.id = "2"})})), (std::vector{V::Duplicate}));
  const auto events = recorded(*engine, "t", "acme");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].position, 1u);
  EXPECT_EQ(events[1].position, 2u);
  EXPECT_EQ(events[0].text, event_text({}));
}

TEST(Engine, TellsADuplicateByWhatItSaysNotByHowItIsWritten) {
  const auto engine = open(std::make_unique<MemoryStore>());
  Candidate other = candidate({.data = R"({"a":1,"b":2})"});
  EXPECT_EQ(verdicts(engine->ingest("t", {other})), (std::vector{V::Accepted}));
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({.data = R"({"b":2, "a":1.0})"})})),
            (std::vector{V::Duplicate}));
}

TEST(Engine, CountsAnEventOnceWhoseIdHasOtherContent) {
  const auto engine = open(std::make_unique<MemoryStore>());
  const auto judged = engine->ingest(
      "t", {candidate({}), candidate({.data = R"({"a":1})"}), candidate({.customer = "globex"}),
            candidate({.time = "2026-03-10T12:00:01Z"}), candidate({.type = "other"})});
  EXPECT_EQ(verdicts(judged),
            (std::vector{V::Accepted, V::Conflict, V::Conflict, V::Conflict, V::Conflict}));
  EXPECT_NE((*judged)[1].reason, "");
  EXPECT_EQ(recorded(*engine, "t", "acme").size(), 1u);
  EXPECT_EQ(recorded(*engine, "t", "globex").size(), 0u);
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({}), candidate({.source = "/other"})})),
            (std::vector{V::Duplicate, V::Accepted}));
}

TEST(Engine, AskedAgainAboutAnEventThatItHasDoesNotRejectIt) {
  const auto engine = open(std::make_unique<MemoryStore>());
  Candidate refused = candidate({});
  refused.refusal = "`x` is not a value of `y`";
  const auto rejected = engine->ingest("t", {refused});
  EXPECT_EQ((*rejected)[0], (Judged{V::Rejected, false, *refused.refusal}));
  EXPECT_EQ(recorded(*engine, "t", "acme").size(), 0u);
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({})})), (std::vector{V::Accepted}));
  EXPECT_EQ(verdicts(engine->ingest("t", {refused})), (std::vector{V::Duplicate}));
}

TEST(Engine, MarksWhatNoMeterReads) {
  const auto engine = open(std::make_unique<MemoryStore>());
  Candidate unmetered = candidate({});
  unmetered.unmetered = true;
  EXPECT_EQ(engine->submit("t", {unmetered}).get()->front(), (Judged{V::Accepted, true, {}}));
  EXPECT_TRUE(recorded(*engine, "t", "acme")[0].unmetered);
}

TEST(Engine, TakesAnEventBackOnceAndLeavesATrace) {
  const auto engine = open(std::make_unique<MemoryStore>());
  const Instant at = *parse_instant("2026-04-01T00:00:00Z");
  EXPECT_EQ(*engine->retract("t", "/s", "1", "sent by mistake", at), Retraction::NoSuchEvent);
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({})})), (std::vector{V::Accepted}));
  EXPECT_EQ(*engine->retract("t", "/s", "1", "sent by mistake", at), Retraction::Retracted);
  EXPECT_EQ(*engine->retract("t", "/s", "1", "again", at), Retraction::AlreadyRetracted);
  const auto events = recorded(*engine, "t", "acme");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].retracted, at);
  EXPECT_EQ(events[0].reason, "sent by mistake");
  // Its identity stays taken: a client that sends it again does not bring it back.
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({})})), (std::vector{V::Duplicate}));
  EXPECT_EQ(recorded(*engine, "t", "acme")[0].retracted, at);
}

TEST(Engine, KeepsTenantsApart) {
  const auto engine = open(std::make_unique<MemoryStore>());
  const std::vector<std::string> tenants = {"t", "tt", "u", "t\x01", std::string(130, 't')};
  for (const std::string& tenant : tenants)
    EXPECT_EQ(verdicts(engine->ingest(tenant, {candidate({})})), (std::vector{V::Accepted}));
  const Subscription subscription{
      .id = "s", .card = "api", .plan = {}, .currency = {}, .start = Date{}, .end = {}};
  ASSERT_TRUE(engine->put_subscription("t", "acme", subscription));
  ASSERT_EQ(*engine->retract("u", "/s", "1", "x", Instant{}), Retraction::Retracted);
  for (const std::string& tenant : tenants) {
    const auto events = recorded(*engine, tenant, "acme");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].retracted.has_value(), tenant == "u");
    EXPECT_EQ(engine->subscriptions(tenant, "acme")->size(), tenant == "t" ? 1u : 0u);
  }
}

TEST(Engine, SetsSubscriptionsThatDoNotBillTheSameTwice) {
  const auto engine = open(std::make_unique<MemoryStore>());
  const auto sub = [](std::string id, std::string_view from, std::string_view until,
                      std::string card = "api") {
    return Subscription{.id = std::move(id),
                        .card = std::move(card),
                        .plan = {},
                        .currency = {},
                        .start = *parse_date(from),
                        .end = until.empty() ? std::nullopt : parse_date(until)};
  };
  using Other = std::optional<NotSubscribed>;
  const auto a = Other(NotSubscribed{.overlapping = "a", .closed_until = {}});
  EXPECT_EQ(*engine->put_subscription("t", "acme", sub("a", "2026-01-01", "")), Other());
  EXPECT_EQ(*engine->put_subscription("t", "acme", sub("b", "2026-03-01", "")), a);
  EXPECT_EQ(*engine->put_subscription("t", "acme", sub("c", "2026-03-01", "", "support")), Other());
  EXPECT_EQ(*engine->put_subscription("t", "globex", sub("b", "2026-03-01", "")), Other());
  EXPECT_EQ(*engine->put_subscription("t", "acme", sub("a", "2026-01-01", "2026-03-01")), Other());
  EXPECT_EQ(*engine->put_subscription("t", "acme", sub("b", "2026-03-01", "")), Other());
  EXPECT_EQ(*engine->put_subscription("t", "acme", sub("d", "2025-01-01", "2026-01-02")), a);
  EXPECT_EQ(*engine->subscriptions("t", "acme"),
            (std::vector{sub("a", "2026-01-01", "2026-03-01"), sub("b", "2026-03-01", ""),
                         sub("c", "2026-03-01", "", "support")}));
}

TEST(Engine, AcknowledgesNothingThatCouldNotBeWritten) {
  auto store = std::make_unique<MemoryStore>();
  std::atomic<bool> full = true;
  store->before_write = [&]() -> std::optional<StoreError> {
    if (full) return StoreError{StoreError::Kind::Full, "no room"};
    return std::nullopt;
  };
  const auto engine = open(std::move(store));
  const auto failed = engine->ingest("t", {candidate({})});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, Unanswered::Kind::Full);
  EXPECT_EQ(recorded(*engine, "t", "acme").size(), 0u);
  full = false;
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({})})), (std::vector{V::Accepted}));
  EXPECT_EQ(recorded(*engine, "t", "acme")[0].position, 1u);
}

TEST(Engine, RefusesWhatTheQueueHasNoRoomFor) {
  auto store = std::make_unique<MemoryStore>();
  std::promise<void> may_write;
  std::promise<void> writes;
  store->before_write = [&, first = true]() mutable -> std::optional<StoreError> {
    if (std::exchange(first, false)) {
      writes.set_value();
      may_write.get_future().wait();
    }
    return std::nullopt;
  };
  const auto engine = open(std::move(store), {.queued_events_max = 2});
  auto written = engine->submit("t", {candidate({})});
  writes.get_future().wait();  // what comes now waits
  auto waiting = engine->submit("t", {candidate({.id = "2"}), candidate({.id = "3"})});
  const auto busy = engine->ingest("t", {candidate({.id = "4"})});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().kind, Unanswered::Kind::Busy);
  may_write.set_value();
  EXPECT_EQ(verdicts(written.get()), (std::vector{V::Accepted}));
  EXPECT_EQ(verdicts(waiting.get()), (std::vector{V::Accepted, V::Accepted}));
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({.id = "4"})})), (std::vector{V::Accepted}));
}

TEST(Engine, WritesWhatIsQueuedBeforeItEnds) {
  testing::ScratchFolder scratch;
  std::vector<std::future<Answered<std::vector<Judged>>>> futures;
  {
    const auto engine = open(*open_store(scratch.path()));
    for (int i = 0; i < 100; ++i)
      futures.push_back(engine->submit("t", {candidate({.id = std::to_string(i)})}));
  }
  for (auto& future : futures) EXPECT_EQ(verdicts(future.get()), (std::vector{V::Accepted}));
  const auto engine = open(*open_store(scratch.path()));
  EXPECT_EQ(recorded(*engine, "t", "acme").size(), 100u);
  EXPECT_EQ(verdicts(engine->ingest("t", {candidate({.id = "7"}), candidate({.id = "new"})})),
            (std::vector{V::Duplicate, V::Accepted}));
  EXPECT_EQ(recorded(*engine, "t", "acme").back().position, 101u);
}

TEST(Engine, AcceptsAnEventOnceThatManySendAtOnce) {
  testing::ScratchFolder scratch;
  const auto engine = open(*open_store(scratch.path()));
  constexpr int kThreads = 4, kEvents = 200;
  std::array<std::atomic<int>, 4> counts{};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < kEvents; ++i) {
          const auto judged = engine->ingest("t", {candidate({.id = std::to_string(i)})});
          ++counts[static_cast<size_t>(judged->front().verdict)];
        }
      });
  }
  EXPECT_EQ(counts[0], kEvents);
  EXPECT_EQ(counts[1], kEvents * (kThreads - 1));
  EXPECT_EQ(recorded(*engine, "t", "acme").size(), static_cast<size_t>(kEvents));
}

TEST(Engine, ADamagedRowFailsOnlyWhoeverMeetsIt) {
  auto store = std::make_unique<MemoryStore>();
  Batch damage;
  damage.put(Table::Identities,
             std::string("\1t\2/s\1"
                         "1"),
             "no place");
  ASSERT_TRUE(store->write(damage));
  const auto engine = open(std::move(store));
  auto good = engine->submit("t", {candidate({.id = "2"})});
  auto bad = engine->submit("t", {candidate({.id = "1"})});
  auto also_good = engine->submit("t", {candidate({.id = "3"})});
  EXPECT_EQ(verdicts(good.get()), (std::vector{V::Accepted}));
  EXPECT_EQ(bad.get().error().kind, Unanswered::Kind::Failed);
  EXPECT_EQ(verdicts(also_good.get()), (std::vector{V::Accepted}));
}

}  // namespace
}  // namespace toll::engine
