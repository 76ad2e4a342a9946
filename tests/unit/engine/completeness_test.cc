// What is missing of what sources sent, and what is not.
#include "engine/completeness.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "engine/conflicts.h"
#include "engine/storage/source_day.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

using Runs = std::vector<SequenceSeen::Run>;

TEST(SequenceSeen, KeepsRuns) {
  SequenceSeen seen;
  for (const uint64_t number : {5, 6, 7, 1, 2, 9}) seen.add(number);
  EXPECT_EQ(seen.runs(), (Runs{{1, 2}, {5, 7}, {9, 9}}));
  seen.add(8);
  EXPECT_EQ(seen.runs(), (Runs{{1, 2}, {5, 9}}));
  seen.add(6);
  EXPECT_EQ(seen.runs(), (Runs{{1, 2}, {5, 9}}));
  seen.add(3, 4);
  EXPECT_EQ(seen.runs(), (Runs{{1, 9}}));
  seen.add(0, UINT64_MAX);
  EXPECT_EQ(seen.runs(), (Runs{{0, UINT64_MAX}}));
}

// Whatever the order, the runs are those of the set of numbers.
TEST(SequenceSeen, IsASetOfNumbers) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    SequenceSeen seen;
    std::set<uint64_t> numbers;
    for (int i = 0; i < 60; ++i) {
      const uint64_t first = random() % 100, last = first + random() % 4;
      seen.add(first, last);
      for (uint64_t number = first; number <= last; ++number) numbers.insert(number);
    }
    Runs runs;
    for (const uint64_t number : numbers)
      if (!runs.empty() && runs.back().second + 1 == number)
        runs.back().second = number;
      else
        runs.emplace_back(number, number);
    ASSERT_EQ(seen.runs(), runs) << round;
  }
}

TEST(SequenceSeen, GivesUpWhereNothingIsCounted) {
  SequenceSeen seen;
  for (uint64_t i = 0; i <= SequenceSeen::kRunsMax; ++i) seen.add(2 * i);
  EXPECT_TRUE(seen.is_scattered());
  EXPECT_TRUE(seen.runs().empty());
  seen.add(1);
  EXPECT_TRUE(seen.runs().empty());
}

class Completeness : public ::testing::Test {
 protected:
  struct Spec {
    std::string id, time = "2026-03-10T12:00:00Z", source = "/s", sequence = {};
    std::optional<std::string> refusal = {};
    bool unmetered = false;
    std::string data = "{}";
  };
  void ingest(const Spec& spec, const std::string& tenant = "t") {
    EventSpec event{.id = spec.id, .source = spec.source, .time = spec.time, .data = spec.data};
    std::string text = event_text(event);
    if (!spec.sequence.empty()) text.insert(1, fmt::format(R"("sequence":"{}",)", spec.sequence));
    auto read = metering::EventReader().read(text);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_TRUE(engine_->ingest(tenant, {{.event = std::move(*read),
                                          .text = std::move(text),
                                          .unmetered = spec.unmetered,
                                          .refusal = spec.refusal}}));
  }

  /// So many events with every second number from `first` on.
  void scatter(const std::string& time, uint64_t first, uint64_t count) {
    std::vector<Candidate> events;
    for (uint64_t number = first; number < first + 2 * count; number += 2) {
      std::string text = event_text({.id = std::to_string(number), .source = "/s", .time = time});
      text.insert(1, fmt::format(R"("sequence":"{}",)", number));
      events.push_back({.event = *metering::EventReader().read(text), .text = std::move(text)});
    }
    ASSERT_TRUE(engine_->ingest("t", std::move(events)));
  }

  std::vector<SourceReport> reports(std::string_view from = "2026-03-10",
                                    std::string_view until = "2026-03-11",
                                    std::string behind = {}) const {
    std::vector<SourceReport> all;
    const auto read = completeness(*engine_,
                                   {.tenant = "t",
                                    .days = {*parse_date(from), *parse_date(until)},
                                    .silence_min = std::chrono::minutes(60),
                                    .now = *parse_instant("2026-03-20T06:00:00Z"),
                                    .behind = std::move(behind)},
                                   [&](const SourceReport& report) {
                                     all.push_back(report);
                                     return true;
                                   });
    EXPECT_TRUE(read);
    return all;
  }

  static std::vector<std::string> silences(const SourceReport& report) {
    std::vector<std::string> all;
    for (const auto& [from, until] : report.silences)
      all.push_back(toll::to_string(from) + " " + toll::to_string(until));
    return all;
  }

  std::unique_ptr<Engine> engine_ = *Engine::open(std::make_unique<MemoryStore>());
};

TEST_F(Completeness, CountsWhatBecameOfTheEvents) {
  ingest({.id = "1"});
  ingest({.id = "1"});  // a duplicate
  ingest({.id = "2", .unmetered = true});
  ingest({.id = "3", .refusal = "no"});
  ingest({.id = "3", .refusal = "no"});
  ingest({.id = "1", .data = R"({"a":1})"});
  ingest({.id = "1", .source = "/other"});
  ingest({.id = "9"}, "another tenant");
  const auto all = reports();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].source, "/s");
  EXPECT_EQ(all[0].events, 2u);
  EXPECT_EQ(all[0].unmetered, 1u);
  EXPECT_EQ(all[0].rejected, 2u);
  EXPECT_EQ(all[0].conflicts, 1u);
  EXPECT_EQ(all[1].source, "/other");
  EXPECT_EQ(all[1].events, 1u);
  EXPECT_EQ(reports("2026-03-10", "2026-03-11", "/s").size(), 1u);
  EXPECT_EQ(reports("2026-03-10", "2026-03-11", "/other").size(), 0u);
}

TEST_F(Completeness, FindsTheNumbersThatAreMissing) {
  for (const auto& [id, time] : {std::pair("7", "2026-03-10T23:59:00Z"),
                                 {"9", "2026-03-11T00:01:00Z"},
                                 {"12", "2026-03-11T00:02:00Z"}})
    ingest({.id = id, .time = time, .sequence = id});
  ingest({.id = "13", .time = "2026-03-11T00:03:00Z", .sequence = "13", .refusal = "no"});
  ASSERT_TRUE(reports()[0].sequence);
  EXPECT_EQ(reports()[0].sequence->missing, 0u);
  const auto sequence = reports("2026-03-10", "2026-03-12")[0].sequence;
  ASSERT_TRUE(sequence);
  EXPECT_EQ(sequence->first, 7u);
  EXPECT_EQ(sequence->last, 13u) << "what was rejected did come";
  EXPECT_EQ(sequence->missing, 3u);
  EXPECT_EQ(sequence->gaps, (std::vector<std::pair<uint64_t, uint64_t>>{{8, 8}, {10, 11}}));
  // What comes late fills its gap.
  ingest({.id = "8", .time = "2026-03-10T22:00:00Z", .sequence = "8"});
  EXPECT_EQ(reports("2026-03-10", "2026-03-12")[0].sequence->missing, 2u);
  ingest({.id = "x", .source = "/other"});
  EXPECT_FALSE(reports("2026-03-10", "2026-03-12")[1].sequence) << "it does not count its events";
}

// The limit of runs is that of a day, however many days are asked for together.
TEST_F(Completeness, CountsGapsOfManyDaysTogether) {
  constexpr uint64_t kEachDay = 600;
  static_assert(2 * kEachDay > SequenceSeen::kRunsMax);
  scatter("2026-03-10T12:00:00Z", 1, kEachDay);
  scatter("2026-03-11T12:00:00Z", 1 + 2 * kEachDay, kEachDay);
  const auto report = reports("2026-03-10", "2026-03-12")[0];
  ASSERT_TRUE(report.sequence);
  EXPECT_EQ(report.sequence->missing, 2 * kEachDay - 1);
  EXPECT_EQ(report.sequence->gap_count, 2 * kEachDay - 1);
  EXPECT_EQ(report.sequence->gaps.size(), SourceReport::kListedMax);
  EXPECT_EQ(report.sequence->gaps[1], std::pair(uint64_t{4}, uint64_t{4}));
  EXPECT_EQ(report.days_scattered, 0u);
}

TEST_F(Completeness, SaysOfWhichDaysTheNumbersAreNotKept) {
  scatter("2026-03-10T12:00:00Z", 1, 3);
  scatter("2026-03-11T12:00:00Z", 1'001, SequenceSeen::kRunsMax + 1);
  EXPECT_EQ(reports("2026-03-10", "2026-03-11")[0].sequence->missing, 2u);
  const auto report = reports("2026-03-10", "2026-03-12")[0];
  EXPECT_FALSE(report.sequence) << "what is missing between the days is not known";
  EXPECT_EQ(report.days_scattered, 1u);
}

// An event that was rejected and sent again with another time has its number on two days.
TEST_F(Completeness, ANumberMayBeOnTwoDays) {
  for (const char* number : {"1", "2", "3"}) ingest({.id = number, .sequence = number});
  for (const char* number : {"2", "5"})
    ingest(
        {.id = std::string("again ") + number, .time = "2026-03-11T12:00:00Z", .sequence = number});
  const auto sequence = reports("2026-03-10", "2026-03-12")[0].sequence;
  ASSERT_TRUE(sequence);
  EXPECT_EQ(sequence->last, 5u);
  EXPECT_EQ(sequence->gaps, (std::vector<std::pair<uint64_t, uint64_t>>{{4, 4}}));
}

TEST_F(Completeness, FindsSilences) {
  ingest({.id = "1", .time = "2026-03-10T12:00:30Z"});
  ingest({.id = "2", .time = "2026-03-10T13:00:59Z"});  // 59 minutes behind
  ingest({.id = "3", .time = "2026-03-10T14:01:00Z"});  // an hour behind
  EXPECT_EQ(silences(reports()[0]),
            (std::vector<std::string>{"2026-03-10T13:01:00Z 2026-03-10T14:01:00Z",
                                      "2026-03-10T14:02:00Z 2026-03-11T00:00:00Z"}));
  EXPECT_EQ(reports()[0].last_day, parse_date("2026-03-10"));
}

TEST_F(Completeness, ASourceThatSaysNothingAnyMoreIsSilent) {
  ingest({.id = "1", .time = "2026-03-01T12:00:00Z"});
  EXPECT_EQ(silences(reports()[0]),
            (std::vector<std::string>{"2026-03-10T00:00:00Z 2026-03-11T00:00:00Z"}));
  EXPECT_EQ(reports()[0].events, 0u);
  EXPECT_EQ(reports()[0].last_day, parse_date("2026-03-01"));
  // What has not happened yet is no silence.
  EXPECT_EQ(silences(reports("2026-03-20", "2026-03-21")[0]),
            (std::vector<std::string>{"2026-03-20T00:00:00Z 2026-03-20T06:00:00Z"}));
  EXPECT_EQ(silences(reports("2026-03-21", "2026-03-22")[0]), (std::vector<std::string>{}));
  // Before its first event a source is not silent.
  EXPECT_EQ(silences(reports("2026-02-27", "2026-02-28")[0]), (std::vector<std::string>{}));
}

TEST_F(Completeness, ConflictsAreShownWithWhatWasAcceptedAndToTheirTenantAlone) {
  ingest({.id = "1"});
  ingest({.id = "1", .data = R"({"a":1})"});
  ingest({.id = "1", .data = R"({"a":2})"}, "u");
  size_t seen = 0;
  const auto read = conflicts(*engine_, "t", {}, [&](const ConflictingEvent& event) {
    ++seen;
    EXPECT_EQ(event.accepted, event_text({}));
    EXPECT_EQ(event.accepted_customer, "acme");
    EXPECT_EQ(event.text, event_text({.data = R"({"a":1})"}));
    EXPECT_TRUE(conflicts(*engine_, "t", event.cursor, [](const ConflictingEvent&) {
      ADD_FAILURE() << "there is no other";
      return true;
    }));
    return true;
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(seen, 1u);
}

TEST_F(Completeness, WhoWatchesIsToldOfWhatIsStored) {
  const auto watch = engine_->watch("t", "acme");
  const auto other = engine_->watch("u", "acme");
  using std::chrono::milliseconds;
  EXPECT_FALSE(watch->wait(milliseconds{0}));
  ingest({.id = "1"});
  EXPECT_TRUE(watch->wait(milliseconds{0})) << "it is told before the sender is";
  EXPECT_FALSE(watch->wait(milliseconds{0}));
  ingest({.id = "1"});  // a duplicate changes nothing
  EXPECT_FALSE(watch->wait(milliseconds{0}));
  ASSERT_TRUE(engine_->retract("t", "/s", "1", "x", Instant{}));
  EXPECT_TRUE(watch->wait(milliseconds{0}));
  ASSERT_TRUE(engine_->put_subscription(
      "t", "acme",
      {.id = "s", .card = "api", .plan = {}, .currency = {}, .start = Date{}, .end = {}}));
  EXPECT_TRUE(watch->wait(milliseconds{0}));
  ASSERT_TRUE(engine_->put_subscription(
      "t", "acme2",
      {.id = "s", .card = "api", .plan = {}, .currency = {}, .start = Date{}, .end = {}}));
  ASSERT_TRUE(engine_->put_customer("t", {.id = "acme"}));
  EXPECT_FALSE(watch->wait(milliseconds{0}));
  EXPECT_FALSE(other->wait(milliseconds{0}));
}

}  // namespace
}  // namespace toll::engine
