// Closed periods of which nothing more became known are not worked out again, and bills are what
// they are when everything is.
#include "engine/settled.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>

#include "base/money.h"
#include "engine/audit.h"
#include "engine/closing_all.h"
#include "engine/granting.h"
#include "engine/rebuild.h"
#include "engine/storage/keys.h"
#include "engine/storage/settled_rows.h"
#include "engine/writing/group.h"
#include "tests/unit/engine/counting_store.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

struct SettledWorld : World {
  explicit SettledWorld(std::string text = calls_card("  charge api_calls\n    at 1.00 USD per "
                                                      "call\n"),
                        std::optional<std::string_view> end = {})
      : World({std::move(text)}) {
    restart();
    subscribe("s", "api", "2026-01-01", end);
  }
  ~SettledWorld() { engine.reset(); }  // before its rows go

  void restart() {
    engine.reset();
    engine = *Engine::open(std::make_unique<CountingStore>(rows, asked));
  }

  static BillRequest at(std::string_view day, std::string_view as_of = "2027-06-01T00:00:00Z") {
    return request(day, as_of, "s");
  }
  Bill close(std::string_view day) {
    auto closed = close_period(*cards, *engine, at(day));
    EXPECT_TRUE(closed) << closed.error().message;
    return closed ? *std::move(closed) : Bill{};
  }
  void close_months(int until) {
    for (int month = 1; month <= until; ++month) close(fmt::format("2026-{:02}-01", month));
  }
  std::vector<std::string> close_everybody(std::string_view day) {
    std::vector<std::string> lines;
    EXPECT_TRUE(close_all(
        *cards, *engine,
        {.tenant = "t", .day = *parse_date(day), .as_of = *parse_instant("2027-06-01T00:00:00Z")},
        [&](const engine::Closing& one) {
          lines.push_back(one.bill ? format_minor(one.bill->to_pay(), *find_currency("USD"))
                                   : one.bill.error().message);
          return true;
        }));
    return lines;
  }
  std::vector<Correction> corrections(std::string_view day) const {
    const auto bill = bill_of(*cards, *engine, at(day));
    EXPECT_TRUE(bill) << bill.error().message;
    return bill ? bill->corrections : std::vector<Correction>{{{}, -1, -1}};
  }
  void use(std::string_view id, std::string_view time, int calls = 1) {
    ingest({calls_event(id, time, calls)});
  }
  bool is_settled() const { return !engine->settled("t", "acme")->empty(); }
  /// How often usage is read meanwhile.
  int reads(const std::function<void()>& what) {
    asked.usage = 0;
    what();
    return asked.usage;
  }
  /// As if nothing were known to be settled, for as long as it takes.
  template <typename Ask>
  auto looking(const Ask& ask) {
    const std::string key = settled_key("t", "acme");
    const auto kept = *rows.get(Table::State, key);
    put(key, write_settled({}));
    auto answer = ask();
    if (kept) put(key, *kept);
    return answer;
  }
  void put(std::string_view key, std::string_view value) {
    Batch batch;
    batch.put(Table::State, key, value);
    ASSERT_TRUE(rows.write(batch));
  }
  std::string difference() const {
    const auto audited = audit(rows, *cards);
    return audited->differences.empty() ? "" : audited->differences.front();
  }

  MemoryStore rows;
  Asked asked;
};

TEST(Settled, PeriodsAreNotWorkedOutAgain) {
  SettledWorld world;
  world.use("1", "2026-01-10T12:00:00Z");
  const int first = world.reads([&] { world.close("2026-01-01"); });
  for (const char* day : {"2026-02-01", "2026-03-01", "2026-04-01"})
    EXPECT_EQ(world.reads([&] { world.close(day); }), first) << day;
  EXPECT_EQ(world.reads([&] { world.corrections("2026-05-01"); }), first);
  world.use("late", "2026-02-10T12:00:00Z");
  world.restart();
  EXPECT_EQ(world.reads([&] { world.corrections("2026-05-01"); }), first + 4);
  EXPECT_EQ(world.close("2026-05-01").to_pay(), 100);
  EXPECT_EQ(world.reads([&] { world.close("2026-06-01"); }), first);
}

TEST(Settled, OfWhoEndedIsAllThatIsRead) {
  SettledWorld world;
  world.use("1", "2026-01-10T12:00:00Z");
  world.close_months(3);
  world.subscribe("s", "api", "2026-01-01", "2026-04-01");
  // What is due at an end may be due in closed days: it is looked at once.
  EXPECT_EQ(world.reads([&] { EXPECT_TRUE(world.close_everybody("2026-04-01").empty()); }), 3);
  world.restart();
  EXPECT_EQ(world.reads([&] { EXPECT_TRUE(world.close_everybody("2026-04-01").empty()); }), 0);
  EXPECT_EQ(world.reads([&] { EXPECT_TRUE(world.close_everybody("2026-05-01").empty()); }), 0);
  world.use("late", "2026-02-10T12:00:00Z");
  // Once to find that there is a bill, and for it.
  EXPECT_EQ(world.reads([&] {
    EXPECT_EQ(world.close_everybody("2026-05-01"), std::vector<std::string>{"1.00"});
  }),
            3);
  EXPECT_EQ(world.reads([&] { EXPECT_TRUE(world.close_everybody("2026-06-01").empty()); }), 0);
  EXPECT_EQ(world.close_everybody("2026-05-01"), std::vector<std::string>{"1.00"}) << "again";
  EXPECT_EQ(world.difference(), "");
}

// A folder of before has no such rows, and one of later may have others.
TEST(Settled, IsFoundOutWhereItIsNotKept) {
  for (const std::string& kept : {write_settled({}), std::string("\x7f"), std::string()}) {
    SettledWorld world;
    world.use("1", "2026-01-10T12:00:00Z");
    world.close_months(2);
    world.subscribe("s", "api", "2026-01-01", "2026-03-01");
    world.use("late", "2026-02-10T12:00:00Z");
    world.put(settled_key("t", "acme"), kept);
    world.restart();
    EXPECT_EQ(world.close_everybody("2026-03-01"), std::vector<std::string>{"1.00"});
    EXPECT_EQ(world.reads([&] { EXPECT_TRUE(world.close_everybody("2026-04-01").empty()); }), 0);
  }
}

// In Berlin January ends an hour before midnight of UTC.
TEST(Settled, EndsWhereTheDaysEnd) {
  SettledWorld world;
  world.use("1", "2026-01-31T22:10:00Z");
  world.close("2026-01-01");
  world.use("2", "2026-01-31T23:00:00Z");
  EXPECT_TRUE(world.is_settled());
  world.ingest(
      {calls_event("3", "2026-01-31T23:00:01Z", 1), calls_event("1", "2026-01-31T22:10:00Z", 1)});
  EXPECT_TRUE(world.is_settled()) << "a duplicate is not news";
  world.ingest(
      {calls_event("4", "2026-01-31T23:00:02Z", 1), calls_event("5", "2026-01-31T22:59:59Z", 1)});
  EXPECT_FALSE(world.is_settled());
  EXPECT_EQ(world.corrections("2026-02-01"),
            (std::vector<Correction>{{*parse_month("2026-01"), 100, 200}}));
}

TEST(Settled, IsNotWhatARetractionAnEndOrAGrantChanges) {
  const std::string card = calls_card(
      "  charge api_calls\n    at 1 credit per call\n"
      "  pool prepaid \"Prepaid\" in credit, credits\n    beyond at 1.00 USD per credit\n"
      "  commit annual 500.00 USD per year \"Annual\"\n    true up every year\n");
  const auto unsettles = [&](const std::function<void(SettledWorld&)>& change) {
    SettledWorld world(card);
    world.use("1", "2026-01-10T12:00:00Z", 8);
    world.use("2", "2026-02-10T12:00:00Z", 8);
    world.close("2026-01-01");
    EXPECT_TRUE(world.is_settled());
    change(world);
    EXPECT_EQ(world.corrections("2026-02-01"),
              world.looking([&] { return world.corrections("2026-02-01"); }));
    return !world.is_settled();
  };
  EXPECT_FALSE(unsettles([](SettledWorld&) {}));
  const auto retract = [](const char* id) {
    return [id](SettledWorld& w) { EXPECT_TRUE(w.engine->retract("t", "/s", id, "x", Instant{})); };
  };
  EXPECT_TRUE(unsettles(retract("1")));
  EXPECT_FALSE(unsettles(retract("2")));
  EXPECT_FALSE(unsettles([](SettledWorld& w) { w.subscribe("s", "api", "2026-01-01"); }));
  EXPECT_TRUE(
      unsettles([](SettledWorld& w) { w.subscribe("s", "api", "2026-01-01", "2026-03-01"); }));
  const auto grant_from = [](const char* day) {
    return [day](SettledWorld& w) {
      EXPECT_TRUE(grant(*w.cards, *w.engine,
                        {.tenant = "t",
                         .customer = "acme",
                         .grant = {.id = "g",
                                   .subscription = "",
                                   .pool = "prepaid",
                                   .quantity = Ratio(5),
                                   .from = *parse_date(day)}}));
    };
  };
  EXPECT_TRUE(unsettles(grant_from("2026-01-15")));
  EXPECT_FALSE(unsettles(grant_from("2026-02-15")));
}

// What comes while a period is closed is in no bill so far.
TEST(Settled, IsNotWhatCameDuringTheClosing) {
  for (const char* time : {"2026-01-20T12:00:00Z", "2026-02-20T12:00:00Z"}) {
    SettledWorld world;
    world.use("1", "2026-01-10T12:00:00Z");
    world.asked.before_usage = [&, came = false]() mutable {
      if (!std::exchange(came, true)) world.use("meanwhile", time);
    };
    EXPECT_EQ(world.close("2026-01-01").total, 100);
    const bool late = time < std::string_view("2026-02");
    EXPECT_EQ(world.is_settled(), !late);
    EXPECT_EQ(world.corrections("2026-02-01").size(), late ? 1u : 0u);
  }
}

TEST(Settled, IsNotWhatCameWithTheClosingInOneGroup) {
  for (const bool late : {false, true}) {
    SettledWorld world;
    Group group(world.rows, 0);
    Candidates candidates("t");
    candidates.add(candidate({.time = late ? "2026-01-20T12:00:00Z" : "2026-02-20T12:00:00Z"}));
    candidates.seal();
    ASSERT_TRUE(group.ingest(candidates));
    const ClosedPeriod january{.period = *parse_month("2026-01"),
                               .closed = {},
                               .card = "api",
                               .version = "v",
                               .hashes = {"h"},
                               .currency = "USD",
                               .total = 1,
                               .corrections = {},
                               .bill = "{}"};
    ASSERT_TRUE(group.close_period("t", "acme", "s", january, {}));
    const Settled settled{.subscription = "s",
                          .until = january.period.until,
                          .at = {},
                          .before = *parse_instant("2026-02-01T00:00:00Z")};
    ASSERT_TRUE(group.settle("t", "acme", {settled, std::make_shared<Watch>()}));
    group.finish();
    ASSERT_TRUE(world.rows.write(group.batch()));
    EXPECT_EQ(world.is_settled(), !late);
  }
}

// An event that was not written unsettled nothing, and the one that is sent again does.
TEST(Settled, StaysWhereAWriteFails) {
  SettledWorld world;
  world.use("1", "2026-01-10T12:00:00Z");
  world.close("2026-01-01");
  int failures = 1;
  world.rows.before_write = [&]() -> std::optional<StoreError> {
    if (failures-- <= 0) return std::nullopt;
    return StoreError{StoreError::Kind::Full, "no room"};
  };
  EXPECT_FALSE(
      world.engine->ingest("t", {candidate({.id = "late", .time = "2026-01-20T12:00:00Z"})}));
  EXPECT_TRUE(world.is_settled());
  world.use("late", "2026-01-20T12:00:00Z");
  EXPECT_FALSE(world.is_settled());
  EXPECT_EQ(world.corrections("2026-02-01").size(), 1u);
}

TEST(Settled, IsAudited) {
  SettledWorld world;
  world.use("1", "2026-01-10T12:00:00Z");
  world.close("2026-01-01");
  const std::string key = settled_key("t", "acme");
  const std::string kept = **world.rows.get(Table::State, key);
  EXPECT_EQ(world.difference(), "");
  world.use("2", "2026-02-10T12:00:00Z");
  world.use("late", "2026-01-20T12:00:00Z");
  EXPECT_EQ(world.difference(), "");
  world.put(key, kept);
  EXPECT_EQ(world.difference(), "event 3 of the log came for days that are settled without it");
  auto all = *read_settled(kept);
  all[0].position = 3;
  world.put(key, write_settled(all));
  EXPECT_EQ(world.difference(), "");
  all[0].until += std::chrono::days(1);
  world.put(key, write_settled(all));
  EXPECT_EQ(world.difference(),
            "what is settled goes until 2026-02-02, and what is closed does not");
  world.put(key, "\x7f");
  EXPECT_EQ(world.difference(), "the row that says what is settled is damaged");
}

TEST(Settled, IsForgottenByARebuild) {
  SettledWorld world;
  world.use("1", "2026-01-10T12:00:00Z");
  world.close("2026-01-01");
  EXPECT_TRUE(world.is_settled());
  ASSERT_TRUE(rebuild(*world.engine, [&](const std::string&) { return world.cards.get(); }));
  EXPECT_FALSE(world.is_settled());
  EXPECT_EQ(world.corrections("2026-02-01"), std::vector<Correction>());
  world.close("2026-02-01");
  EXPECT_TRUE(world.is_settled());
}

/// Whatever happens, each bill is the one that looks at all closed periods.
class RandomLateNews {
 public:
  RandomLateNews(std::string text, uint32_t seed) : world_(std::move(text)), random_(seed) {}

  void run() {
    for (int step = 0; step < 30; ++step) {
      const uint32_t what = below(12);
      if (what < 6) ingest();
      if (what == 6 || what == 7) retract();
      if (what == 8) world_.restart();
      if (what == 9 && closed_ == 4) world_.subscribe("s", "api", "2026-01-01", "2026-05-01");
      if (what > 8 && closed_ < 4)
        world_.close(fmt::format("2026-{:02}-01", ++closed_));
      else if (what > 9)
        static_cast<void>(world_.close_everybody(fmt::format("2026-{:02}-01", 5 + below(6))));
      if (step % 3 == 2) check();
      if (::testing::Test::HasFailure()) return;
    }
  }

 private:
  uint32_t below(uint32_t bound) { return std::uniform_int_distribution(0u, bound - 1)(random_); }

  void retract() {
    ASSERT_TRUE(
        world_.engine->retract("t", "/s", std::to_string(1 + below(events_ + 1)), "x", Instant{}));
  }

  void ingest() {
    // Also where months meet, in UTC and in Berlin.
    const Date day = *parse_date("2026-01-01") + std::chrono::days(below(150));
    const char* const time = std::array{"00:00:00", "12:00:00", "22:30:00", "23:00:00"}[below(4)];
    const bool ends = below(3) == 0;
    const Date on =
        ends ? period_containing(PeriodUnit::Month, day).from - std::chrono::days(1) : day;
    if (on < *parse_date("2026-01-01")) return;
    const int n = static_cast<int>(below(8));
    world_.ingest({below(4) == 0
                       ? event_text({.id = std::to_string(++events_),
                                     .type = "api.undone",
                                     .time = fmt::format("{}T{}Z", toll::to_string(on), time),
                                     .data = fmt::format(R"({{"n":{}}})", n)})
                       : calls_event(std::to_string(++events_),
                                     fmt::format("{}T{}Z", toll::to_string(on), time), n)});
  }

  std::vector<std::string> all_bills() const {
    std::vector<std::string> all;
    for (int month = 3; month <= 7; ++month) {
      const auto bill =
          bill_of(*world_.cards, *world_.engine, world_.at(fmt::format("2026-{:02}-01", month)));
      all.push_back(bill ? bill->json() : bill.error().message);
    }
    const auto periods = closed_and_now(*world_.cards, *world_.engine, "t", "acme", {},
                                        world_.at("2026-01-01").as_of);
    if (!periods) all.push_back(periods.error().message);
    for (const ClosedAndNow& one : periods.value_or(std::vector<ClosedAndNow>()))
      all.push_back(correction_json(one.correction, "USD"));
    return all;
  }

  void check() {
    ASSERT_EQ(all_bills(), world_.looking([&] { return all_bills(); }));
    ASSERT_EQ(world_.difference(), "");
  }

  SettledWorld world_;
  std::mt19937 random_;
  uint32_t events_ = 0;
  int closed_ = 0;
};

TEST(Settled, BillsAreThoseThatLookAtEverything) {
  const std::string per_call = "  charge api_calls\n    at 1.00 USD per call\n";
  const auto meter = [](std::string text, std::string_view declared) {
    const size_t begin = text.find("meter api_calls"), end = text.find("card api");
    return text.replace(begin, end - begin, declared);
  };
  const std::string levels = meter(calls_card("  charge seats\n    at 1.00 USD per call\n"),
                                   "meter seats peaks call\n  from api.call\n  take n\n\n");
  const std::string outcomes = meter(calls_card("  charge solved\n    at 1.00 USD per call\n"),
                                     "meter solved counts call\n  when api.call\n  unless "
                                     "api.undone within 40 days\n  once per n\n\n");
  for (const std::string& text : {calls_card(per_call),
                                  calls_card(per_call + "  commit annual 900.00 USD per year "
                                                        "\"Annual\"\n    true up every year\n"),
                                  levels, outcomes})
    for (uint32_t seed = 1; seed <= 2; ++seed) {
      SCOPED_TRACE(fmt::format("{} by\n{}", seed, text));
      RandomLateNews(text, seed).run();
      if (::testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace toll::engine
