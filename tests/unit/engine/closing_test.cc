// Closed periods stay as they were billed; what becomes known of them is billed once, later.
#include "engine/closing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/audit.h"
#include "engine/closing_all.h"
#include "engine/storage/billing_rows.h"
#include "runtime/quote.h"
#include "tests/unit/engine/world.h"
#include "wire/answer_json.h"

namespace toll::engine {
namespace {

std::string closing_card(std::string_view lines, std::string_view price = "1.00") {
  return calls_card(fmt::format(R"(  charge api_calls
{1}    at {0} USD per call
)",
                                price, lines));
}

/// A world whose customer's periods are closed.
struct Closings : World {
  explicit Closings(std::string text, std::string_view start = "2026-01-01")
      : World({std::move(text)}) {
    subscribe("s", "api", start);
  }

  BillRequest request(std::string_view day, std::string_view as_of = kYearLater) const {
    return World::request(day, as_of);
  }
  std::expected<Bill, NoBill> close(std::string_view day, std::string_view at = kYearLater) {
    return close_period(*cards, *engine, request(day, at));
  }
  Bill bill_now(std::string_view day) const {
    auto bill = bill_of(*cards, *engine, request(day));
    EXPECT_TRUE(bill) << bill.error().message;
    return bill ? *std::move(bill) : Bill{};
  }
  Bill explained(std::string_view day) const {
    auto bill = explained_bill_of(*cards, *engine, request(day));
    EXPECT_TRUE(bill) << bill.error().message;
    return bill ? *std::move(bill) : Bill{};
  }
  std::string why_not(std::string_view day, std::string_view at = kYearLater) {
    const auto closed = close(day, at);
    return closed ? "" : closed.error().message;
  }
  std::vector<std::string> differences() const {
    return audit(engine->store(), *cards)->differences;
  }
};

using Corrections = std::vector<Correction>;

TEST(Closing, KeepsTheBillAndShowsWhatComesLaterOnTheNext) {
  Closings world(closing_card(""));
  world.ingest(
      {calls_event("1", "2026-01-10T12:00:00Z", 8), calls_event("2", "2026-02-10T12:00:00Z", 5)});
  const auto closed = world.close("2026-01-01", "2026-02-02T00:00:00Z");
  ASSERT_TRUE(closed) << closed.error().message;
  std::string quoted;
  wire::write_answer(*world.bill("2026-01-01", kYearLater), quoted);
  EXPECT_EQ(closed->quote, quoted);
  EXPECT_EQ(closed->json(),
            quoted.substr(0, quoted.size() - 1) + R"(,"closed":"2026-02-02T00:00:00Z"})");
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());

  world.ingest({calls_event("late", "2026-01-31T22:59:59Z", 3)});  // in January of Berlin
  EXPECT_EQ(world.bill_now("2026-01-01").json(), closed->json());
  EXPECT_EQ(world.close("2026-01-01")->json(), closed->json()) << "once more";
  const Bill february = world.bill_now("2026-02-01");
  const Period january = *parse_month("2026-01");
  EXPECT_EQ(february.corrections, Corrections({{january, 800, 1100}}));
  EXPECT_EQ(february.total, 500);
  EXPECT_EQ(february.to_pay(), 800);
  std::string quote;
  wire::write_answer(*world.bill("2026-02-01", kYearLater), quote);
  EXPECT_EQ(february.json(),
            quote.substr(0, quote.size() - 1) +
                R"(,"corrections":[{"period":{"from":"2026-01-01","until":"2026-02-01"},)"
                R"("billed":"8.00","amount":"11.00","difference":"3.00"}],"to_pay":"8.00"})");
  EXPECT_EQ(world.bill_now("2026-03-01").corrections, Corrections())
      << "on the first open one alone";
  EXPECT_EQ(world.differences(), std::vector<std::string>());
}

TEST(Closing, CorrectsBothWaysAndEachThingOnce) {
  Closings world(closing_card(""));
  world.ingest(
      {calls_event("1", "2026-01-10T12:00:00Z", 8), calls_event("2", "2026-01-11T12:00:00Z", 4)});
  ASSERT_TRUE(world.close("2026-01-01"));
  ASSERT_TRUE(world.engine->retract("t", "/s", "1", "x", Instant{}));
  const Period january = *parse_month("2026-01"), february = *parse_month("2026-02");
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections({{january, 1200, 400}}));
  EXPECT_EQ(world.bill_now("2026-02-01").to_pay(), -800);
  EXPECT_EQ(world.close("2026-02-01")->to_pay(), -800);
  EXPECT_EQ(world.bill_now("2026-03-01").corrections, Corrections()) << "billed";
  world.ingest(
      {calls_event("3", "2026-01-12T12:00:00Z", 1), calls_event("4", "2026-02-12T12:00:00Z", 2)});
  EXPECT_EQ(world.bill_now("2026-03-01").corrections,
            Corrections({{january, 400, 500}, {february, 0, 200}}));
  EXPECT_EQ(world.bill_now("2026-02-01").to_pay(), -800) << "as it was closed";
  ASSERT_TRUE(world.close("2026-03-01"));
  EXPECT_EQ(world.bill_now("2026-04-01").corrections, Corrections());
  const auto all =
      closed_and_now(*world.cards, *world.engine, "t", "acme", {}, *parse_instant(kYearLater));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].correction, (Correction{january, 500, 500}));
  EXPECT_EQ((*all)[0].period.to_pay(), 1200);
  EXPECT_EQ((*all)[1].period.to_pay(), -800) << "February's, with the correction of January";
  EXPECT_EQ((*all)[2].period.to_pay(), 300);
  EXPECT_EQ(world.differences(), std::vector<std::string>());
}

TEST(Closing, IsToldToWhoWatchesTheCustomer) {
  Closings world(closing_card(""));
  const auto watch = world.engine->watch("t", "acme"), other = world.engine->watch("t", "globex");
  ASSERT_TRUE(world.close("2026-01-01"));
  EXPECT_TRUE(watch->wait(std::chrono::milliseconds(0)));
  EXPECT_FALSE(other->wait(std::chrono::milliseconds(0)));
  ASSERT_TRUE(world.close("2026-01-01"));
  EXPECT_FALSE(watch->wait(std::chrono::milliseconds(0))) << "nothing changed";
}

TEST(Closing, IsOfPeriodsThatAreOverInTheirOrder) {
  Closings world(closing_card(""), "2026-01-10");
  EXPECT_EQ(
      world.why_not("2026-02-01"),
      "the period of 2026-01-10 is open: close it first, since what is known of it may change "
      "this one");
  // January of Berlin ends an hour before that of UTC.
  EXPECT_EQ(world.why_not("2026-01-01", "2026-01-31T22:59:59Z"),
            "the period goes on until 2026-02-01: it can be closed then");
  const auto closed = world.close("2026-01-01", "2026-01-31T23:00:00Z");
  ASSERT_TRUE(closed) << closed.error().message;
  EXPECT_EQ(world.why_not("2026-02-01"), "");
  EXPECT_EQ(world.why_not("2025-12-01"), "no subscription of this customer covers that period");
}

// What billed a closed period can be said no other way afterwards.
TEST(Closing, HoldsTheSubscription) {
  Closings world(closing_card(""));
  ASSERT_TRUE(world.close("2026-01-01"));
  const auto put = [&](std::string_view start, std::string_view end) {
    const auto done = world.engine->put_subscription(
        "t", "acme",
        {.id = "s",
         .card = "api",
         .plan = {},
         .currency = {},
         .start = *parse_date(start),
         .end = end.empty() ? std::optional<Date>() : parse_date(end)});
    EXPECT_TRUE(done);
    return *done ? (*done)->closed_until : std::nullopt;
  };
  EXPECT_EQ(put("2026-01-05", ""), parse_date("2026-02-01"));
  EXPECT_EQ(put("2026-01-01", "2026-01-20"), parse_date("2026-02-01"));
  EXPECT_EQ(put("2026-01-01", "2026-02-20"), std::nullopt);
  EXPECT_EQ(put("2026-01-01", ""), std::nullopt);
  EXPECT_EQ(put("2026-01-01", "2026-02-01"), std::nullopt) << "it ends with what is closed";
}

TEST(Closing, OfTwoAtOnceOneIsKept) {
  Closings world(closing_card(""));
  const ClosedPeriod first{.period = *parse_month("2026-01"),
                           .closed = {},
                           .card = "api",
                           .version = "v",
                           .hashes = {"h"},
                           .currency = "USD",
                           .total = 1,
                           .corrections = {},
                           .bill = "{}"};
  ClosedPeriod other = first;
  other.total = 2;
  EXPECT_EQ(*world.engine->close_period("t", "acme", "s", first, {}), first);
  EXPECT_EQ(*world.engine->close_period("t", "acme", "s", other, {}), first);
  other.period = *parse_month("2026-02");
  EXPECT_EQ(*world.engine->close_period("t", "acme", "s", other, {}), std::nullopt)
      << "it did not know of January";
  EXPECT_EQ(*world.engine->close_period("t", "acme", "s", other, first.period.until), other);
}

// A new price is no news of a closed period.
TEST(Closing, CorrectsByTheTextThatBilled) {
  Closings world(closing_card(""));
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 8)});
  ASSERT_TRUE(world.close("2026-01-01"));
  world.exchange({closing_card("", "5.00")});
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());
  world.ingest(
      {calls_event("2", "2026-01-10T12:00:00Z", 1), calls_event("3", "2026-02-10T12:00:00Z", 1)});
  EXPECT_EQ(world.bill_now("2026-02-01").corrections,
            Corrections({{*parse_month("2026-01"), 800, 900}}));
  EXPECT_EQ(world.bill_now("2026-02-01").total, 500);
  // Where that text is gone there is no bill, rather than one without the correction.
  world.kept = std::make_shared<KeptTexts>();
  world.exchange({closing_card("", "5.00")});
  const auto lost = bill_of(*world.cards, *world.engine, world.request("2026-02-01"));
  ASSERT_FALSE(lost);
  EXPECT_TRUE(lost.error().message.starts_with(
      "the period from 2026-01-01 was closed by a text of card `api` (sha256:"))
      << lost.error().message;
}

/// Events and closings in any order: what is to be paid in all is what all events come to.
class RandomClosings {
 public:
  RandomClosings(std::string text, uint32_t seed) : world_(std::move(text)), random_(seed) {}

  void run() {
    for (int step = 0; step < 40; ++step) {
      const uint32_t what = below(10);
      if (what < 6) ingest();
      if (what == 6 || what == 7) retract();
      if (what > 7 && closed_ < 5) close();
    }
    while (closed_ < 5) close();
    // What is left to be corrected is on the bill of the first open period.
    Int128 to_pay = paid_ + world_.bill_now("2026-06-01").to_pay(), owed = 0;
    for (int month = 1; month <= 6; ++month) {
      const auto bill = world_.bill(fmt::format("2026-{:02}-01", month), kYearLater);
      ASSERT_TRUE(bill) << bill.error().message;
      std::string digits = bill->total;
      std::erase(digits, '.');
      owed += *parse_int128(digits);
    }
    EXPECT_EQ(to_pay, owed);
    EXPECT_EQ(world_.differences(), std::vector<std::string>());
    // What explained a bill when it was closed does so whatever came since.
    for (size_t month = 0; month < explained_.size(); ++month)
      EXPECT_EQ(world_.explained(fmt::format("2026-{:02}-01", month + 1)).json(),
                explained_[month]);
  }

 private:
  uint32_t below(uint32_t bound) { return std::uniform_int_distribution(0u, bound - 1)(random_); }

  void ingest() {
    const Date day = *parse_date("2026-01-01") + std::chrono::days(below(180));
    world_.ingest({calls_event(std::to_string(++events_), toll::to_string(day) + "T12:00:00Z",
                               static_cast<int>(below(300)))});
  }
  void retract() {
    ASSERT_TRUE(
        world_.engine->retract("t", "/s", std::to_string(1 + below(events_ + 1)), "x", Instant{}));
  }
  void close() {
    const auto closed = world_.close(fmt::format("2026-{:02}-01", ++closed_));
    ASSERT_TRUE(closed) << closed.error().message;
    paid_ += closed->to_pay();
    explained_.push_back(world_.explained(fmt::format("2026-{:02}-01", closed_)).json());
  }

  Closings world_;
  std::mt19937 random_;
  uint32_t events_ = 0;
  int closed_ = 0;
  Int128 paid_ = 0;
  std::vector<std::string> explained_;
};

TEST(Closing, WhatIsPaidInAllIsWhatAllEventsComeTo) {
  const std::string_view tiers =
      "    tiers graduated\n    up to 100 calls at 1.00 USD per call\n    up to 500 calls at 0.333 "
      "USD per call\n    beyond at 0.10 USD per call\n";
  std::string graduated = closing_card("");
  graduated.replace(graduated.find("    at 1.00 USD per call\n"), 25, tiers);
  for (const std::string& text :
       {closing_card(""), graduated + "  bill minimum 25.00 USD \"Minimum\"\n",
        closing_card("    included 700 calls per year\n"),
        closing_card("") +
            "  commit annual 900.00 USD per year \"Annual\"\n    true up every year\n"})
    for (uint32_t seed = 1; seed <= 5; ++seed) {
      SCOPED_TRACE(fmt::format("{} by\n{}", seed, text));
      RandomClosings(text, seed).run();
      if (::testing::Test::HasFailure()) return;
    }
}

std::string explanation(const Closings& world, std::string_view day) {
  const auto usage = live_usage(*world.cards, *world.engine, world.request(day));
  EXPECT_TRUE(usage) << usage.error().message;
  std::string text;
  wire::write_answer(*runtime::explain(*world.cards, *usage), text);
  return text;
}

TEST(ExplainedBill, IsTheExplanationOfTheSameUsage) {
  Closings world(closing_card("    included 2 calls\n"));
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 8)});
  const std::string january = explanation(world, "2026-01-01");
  EXPECT_TRUE(january.contains(R"("steps":[)"));
  EXPECT_EQ(world.explained("2026-01-01").json(), january);

  const auto closed = world.close("2026-01-01", "2026-02-02T00:00:00Z");
  ASSERT_TRUE(closed);
  EXPECT_FALSE(closed->quote.contains("steps"));
  world.ingest({calls_event("late", "2026-01-11T12:00:00Z", 3),
                calls_event("2", "2026-02-10T12:00:00Z", 5)});
  world.exchange({closing_card("    included 2 calls\n", "5.00")});
  EXPECT_EQ(world.explained("2026-01-01").json(),
            january.substr(0, january.size() - 1) + R"(,"closed":"2026-02-02T00:00:00Z"})");
  EXPECT_EQ(world.bill_now("2026-01-01").json(), closed->json());
  const Bill february = world.explained("2026-02-01");
  EXPECT_EQ(february.quote, explanation(world, "2026-02-01"));
  EXPECT_EQ(february.corrections, world.bill_now("2026-02-01").corrections);
  EXPECT_EQ(february.to_pay(), 1500 + 300);
}

// Rows of before usage was kept, and of more than is kept.
TEST(ExplainedBill, WithoutKeptUsageIsOfWhatIsKnownAsLongAsThatIsTheSame) {
  Closings world(closing_card(""));
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 8)});
  ASSERT_TRUE(world.close("2026-01-01"));
  ClosedPeriod old = world.engine->closed_periods("t", "acme", "s")->front();
  EXPECT_TRUE(old.usage.contains(R"("quantity":"8")")) << old.usage;
  const std::string explained = world.explained("2026-01-01").json();
  old.usage.clear();
  Closings before(closing_card(""));
  ASSERT_TRUE(before.engine->close_period("t", "acme", "s", old, {}));
  before.ingest({calls_event("1", "2026-01-10T12:00:00Z", 8)});
  EXPECT_EQ(before.explained("2026-01-01").json(), explained);
  before.ingest({calls_event("late", "2026-01-10T12:00:00Z", 1)});
  const auto refused =
      explained_bill_of(*before.cards, *before.engine, before.request("2026-01-01"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("its usage was not kept"))
      << refused.error().message;
}

using Lines = std::vector<std::string>;

/// What became of each subscription.
Lines close_all_of(Closings& world, std::string_view day, std::string_view at,
                   size_t visits = 1'000) {
  Lines lines;
  const auto done = close_all(
      *world.cards, *world.engine,
      {.tenant = "t", .day = *parse_date(day), .as_of = *parse_instant(at), .names_max = 2},
      [&](const engine::Closing& one) {
        const std::string what = !one.bill        ? one.bill.error().message
                                 : one.was_closed ? "was closed"
                                                  : "closed";
        lines.push_back(fmt::format("{} {}: {}", one.customer, one.subscription, what));
        return lines.size() < visits;
      });
  EXPECT_TRUE(done) << done.error().message;
  return lines;
}

TEST(ClosingAll, IsThatOfEachAndKeepsNobodyBack) {
  Closings world(closing_card(""));
  const auto subscribe = [&](std::string customer, std::string id, std::string_view start,
                             std::optional<std::string_view> end = {}) {
    const auto put =
        world.engine->put_subscription("t", std::move(customer),
                                       {.id = std::move(id),
                                        .card = "api",
                                        .plan = {},
                                        .currency = {},
                                        .start = *parse_date(start),
                                        .end = end ? parse_date(*end) : std::optional<Date>()});
    ASSERT_TRUE(put && !*put);
  };
  subscribe("bo", "first", "2026-01-10", "2026-02-10");
  subscribe("bo", "next", "2026-02-10");
  subscribe("new", "s", "2026-02-01");
  subscribe("behind-all-others", "s", "2026-03-01");
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 8)});
  const std::string goes_on = "the period goes on until 2026-02-01: it can be closed then";
  EXPECT_EQ(close_all_of(world, "2026-01-01", "2026-01-15T00:00:00Z"),
            (Lines{"acme s: " + goes_on, "bo first: " + goes_on}));
  const auto open = [](std::string_view day) {
    return fmt::format(
        "the period of {} is open: close it first, since what is known of it may "
        "change this one",
        day);
  };
  EXPECT_EQ(close_all_of(world, "2026-02-01", "2026-04-01T00:00:00Z"),
            (Lines{"acme s: " + open("2026-01-01"), "bo first: " + open("2026-01-10"),
                   "bo next: closed", "new s: closed"}));
  // Cut off, and run again.
  EXPECT_EQ(close_all_of(world, "2026-01-01", "2026-04-02T00:00:00Z", 1), Lines{"acme s: closed"});
  const std::string bill = world.bill_now("2026-01-01").json();
  EXPECT_TRUE(bill.contains(R"("total":"8.00")")) << bill;
  EXPECT_EQ(close_all_of(world, "2026-01-01", "2026-04-03T00:00:00Z"),
            (Lines{"acme s: was closed", "bo first: closed"}));
  EXPECT_EQ(world.bill_now("2026-01-01").json(), bill);
  EXPECT_EQ(
      close_all_of(world, "2026-02-01", "2026-04-04T00:00:00Z"),
      (Lines{"acme s: closed", "bo first: closed", "bo next: was closed", "new s: was closed"}));
  // A card that nobody has any more closes nothing, and is seen.
  world.cards = std::make_shared<const runtime::CardSet>();
  EXPECT_EQ(close_all_of(world, "2026-03-01", "2026-05-01T00:00:00Z").front(),
            "acme s: card `api` of subscription `s` is not live");
}

TEST(ClosingAll, BillsWhatIsKnownBehindAnEnd) {
  Closings world(closing_card(""));
  world.subscribe("s", "api", "2026-01-01", "2026-02-01");
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 8)});
  EXPECT_EQ(close_all_of(world, "2026-01-01", "2026-02-02T00:00:00Z"), Lines{"acme s: closed"});
  EXPECT_EQ(close_all_of(world, "2026-02-01", "2026-03-02T00:00:00Z"), Lines{});
  world.ingest({calls_event("late", "2026-01-11T12:00:00Z", 1)});
  EXPECT_EQ(close_all_of(world, "2026-02-01", "2026-03-03T00:00:00Z"), Lines{"acme s: closed"});
  EXPECT_EQ(close_all_of(world, "2026-02-01", "2026-03-04T00:00:00Z"), Lines{"acme s: was closed"});
  EXPECT_EQ(close_all_of(world, "2026-03-01", "2026-04-02T00:00:00Z"), Lines{});
  world.cards = std::make_shared<const runtime::CardSet>();
  EXPECT_EQ(close_all_of(world, "2026-04-01", "2026-05-02T00:00:00Z"), Lines{});
}

TEST(Closing, IsAudited) {
  auto store = std::make_unique<MemoryStore>();
  MemoryStore* const rows = store.get();
  Closings world(closing_card(""));
  world.engine = *Engine::open(std::move(store));
  world.subscribe("s", "api", "2026-01-01");
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 8)});
  ASSERT_TRUE(world.close("2026-01-01"));
  world.ingest({calls_event("2", "2026-01-10T12:00:00Z", 1)});
  ASSERT_TRUE(world.close("2026-02-01"));
  EXPECT_EQ(world.differences(), std::vector<std::string>());
  EXPECT_EQ(audit(*rows)->closed, 2u);
  const auto closed = *world.engine->closed_periods("t", "acme", "s");
  const auto with = [&](size_t index, auto change) {
    ClosedPeriod period = closed[index];
    const std::string key = closed_period_key("t", "acme", "s", period.period.from);
    change(period);
    Batch batch;
    batch.put(Table::State, key, write_closed_period(period));
    EXPECT_TRUE(rows->write(batch));
    auto found = world.differences();
    Batch back;
    back.put(Table::State, key, write_closed_period(closed[index]));
    EXPECT_TRUE(rows->write(back));
    return found.empty() ? std::string("nothing") : found.front();
  };
  EXPECT_EQ(with(1, [](ClosedPeriod&) {}), "nothing");
  EXPECT_EQ(with(1, [](ClosedPeriod& p) { p.total += 1; }),
            "the period that was closed from 2026-02-01 has another total than its bill");
  const std::string chain =
      "the period that was closed from 2026-02-01 has corrections that do not follow from earlier "
      "bills";
  EXPECT_EQ(with(1, [](ClosedPeriod& p) { p.corrections[0].billed += 1; }), chain);
  EXPECT_EQ(with(1, [](ClosedPeriod& p) { p.corrections[0].period = *parse_month("2025-12"); }),
            chain);
  EXPECT_EQ(with(0, [](ClosedPeriod& p) { p.period.until = *parse_date("2026-02-02"); }),
            "the period that was closed from 2026-02-01 does not follow the one before it");
  EXPECT_EQ(with(0, [](ClosedPeriod& p) { p.period.from = *parse_date("2026-01-02"); }),
            "the row of a closed period is damaged");
}

}  // namespace
}  // namespace toll::engine
