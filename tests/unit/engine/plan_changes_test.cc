// The live bill of a subscription whose plan changes is the quote of the same document.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/closing.h"
#include "engine/live_bill.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

/// 50 calls are included in `starter`, 100 in `pro`.
std::string plans_card(std::string_view more = {}) {
  return calls_card(fmt::format(R"({}
  plan starter "Starter"
    fee base "Base" at 10.00 USD per month, prorated by day
    charge api_calls
      included 50 calls
      at 1.00 USD per call

  plan pro "Pro"
    fee base "Base" at 31.00 USD per month, prorated by day
    charge api_calls
      included 100 calls
      at 0.50 USD per call
)",
                                more));
}

Subscription planned(std::vector<std::pair<Date, std::string>> changes) {
  return {.id = "s",
          .card = "api",
          .plan = "starter",
          .currency = {},
          .start = *parse_date("2026-01-01"),
          .end = {},
          .plan_changes = std::move(changes)};
}

struct Planned : World {
  explicit Planned(std::vector<std::pair<Date, std::string>> changes, std::string_view more = {})
      : World({plans_card(more)}) {
    const auto put = engine->put_subscription("t", "acme", planned(std::move(changes)));
    EXPECT_TRUE(put && !*put);
  }
  std::string json(std::string_view day) const { return billed(day, kYearLater); }
};

TEST(PlanChanges, AreBilledLikeTheQuoteOfTheSameDocument) {
  Planned world({{*parse_date("2026-03-16"), "pro"}, {*parse_date("2026-05-01"), "starter"}});
  // Midnight of Berlin is an hour earlier in March.
  world.ingest(
      {calls_event("1", "2026-03-10T12:00:00Z", 80), calls_event("2", "2026-03-15T22:59:59Z", 3),
       calls_event("3", "2026-03-15T23:00:00Z", 40), calls_event("4", "2026-04-10T12:00:00Z", 120),
       calls_event("5", "2026-05-10T12:00:00Z", 60)});
  EXPECT_EQ(world.json("2026-03-01"), world.quoted(R"({"card":"api","customer":"acme",
      "customer_since":"2026-01-01","period":{"from":"2026-03-01","until":"2026-04-01"},
      "plan":"starter","plan_changes":{"2026-03-16":"pro"},"usage":[
      {"meter":"api_calls","quantity":"83","from":"2026-03-01","until":"2026-03-16"},
      {"meter":"api_calls","quantity":"40","from":"2026-03-16","until":"2026-04-01"}]})"));
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->parts.size(), 2u);
  // By starter 33 calls, then by pro the 23 of 123 that are above 100, and none of 83.
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->lines.at(1).amount, "44.50");
  EXPECT_EQ(world.bill("2026-04-01", kYearLater)->plan, "pro");
  EXPECT_EQ(world.bill("2026-04-01", kYearLater)->total, "41.00");
  EXPECT_EQ(world.bill("2026-05-01", kYearLater)->plan, "starter");
  EXPECT_EQ(world.bill("2026-05-01", kYearLater)->total, "20.00");
}

/// Seats at their peak, at the end and on average, dearer in the other plan.
std::string seats_card() {
  std::string text = "toll 1\n\nunit seat, seats\n";
  for (const char* meter : {"most peaks", "last latest", "mean averages"})
    text += fmt::format("meter {} seat\n  from seats.set\n  take n\n", meter);
  text += R"(
card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
)";
  for (const auto& [plan, price] : {std::pair("starter", "1.00"), std::pair("pro", "10.00")}) {
    text += fmt::format("\n  plan {}\n", plan);
    for (const char* meter : {"most", "last", "mean"})
      text += fmt::format("    charge {}\n      at {} USD per seat\n", meter, price);
  }
  return text;
}

std::string seats_event(std::string_view time, int n) {
  return event_text({.id = std::string(time),
                     .type = "seats.set",
                     .time = std::string(time),
                     .data = fmt::format(R"({{"n":{}}})", n)});
}

TEST(PlanChanges, BillLevelsByWhatTheyAreOnEachSide) {
  World world({seats_card()});
  ASSERT_TRUE(
      world.engine->put_subscription("t", "acme", planned({{*parse_date("2026-03-16"), "pro"}})));
  world.ingest({seats_event("2026-02-10T12:00:00Z", 4), seats_event("2026-03-08T12:00:00Z", 8),
                seats_event("2026-03-24T00:00:00Z", 2)});
  const auto amounts = [&](std::string_view as_of) {
    const auto answer = world.bill("2026-03-01", as_of);
    EXPECT_TRUE(answer) << answer.error().message;
    std::string text;
    for (const auto& line : answer->lines) text += line.path + " " + line.amount + " ";
    return text;
  };
  // 8 at the most; 8 on the 16th, less 6 that are gone at the end; 6 over 15 days, then 5 over 16.
  EXPECT_EQ(amounts(kYearLater), "most 8.00 last 0.00 mean 28.71 ");
  const auto usage = live_usage(*world.cards, *world.engine,
                                {.tenant = "t",
                                 .customer = "acme",
                                 .subscription = {},
                                 .day = parse_date("2026-03-01"),
                                 .as_of = *parse_instant(kYearLater)});
  ASSERT_TRUE(usage) << usage.error().message;
  std::string sides;
  for (const auto& entry : usage->usage)
    sides += fmt::format("{} {} until {}, ", entry.meter, entry.quantity.to_string(),
                         toll::to_string(entry.until.value()));
  EXPECT_EQ(sides,
            "most 8 until 2026-03-16, last 8 until 2026-03-16, mean 6 until 2026-03-16, most 8 "
            "until 2026-04-01, last 2 until 2026-04-01, mean 5 until 2026-04-01, ");
  // What comes later is not known on the 5th: 4 seats stay.
  EXPECT_EQ(amounts("2026-03-05T00:00:00Z"), "most 4.00 last 4.00 mean 22.58 ");
}

TEST(PlanChanges, AreInWhatEarlierPeriodsLeave) {
  Planned world({{*parse_date("2026-02-15"), "pro"}},
                "  commit annual 1,000.00 USD per year \"Annual\"\n    true up every year\n");
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 60),
                calls_event("2", "2026-02-20T12:00:00Z", 120)});
  std::string digits;
  Int128 billed = 0;
  for (const char* day : {"2026-01-01", "2026-02-01"}) {
    digits = world.bill(day, kYearLater)->total;
    std::erase(digits, '.');
    billed += *parse_int128(digits);
  }
  const auto usage = live_usage(*world.cards, *world.engine,
                                {.tenant = "t",
                                 .customer = "acme",
                                 .subscription = {},
                                 .day = parse_date("2026-03-01"),
                                 .as_of = *parse_instant(kYearLater)});
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_EQ(usage->billed_to_date.at(0).value, (Decimal{billed, 2}));
}

// The state of a bill follows from the bills before it, as they were given: one for each period,
// also where a version or a deal begins inside.
TEST(PlanChanges, LeaveWhatTheLiveBillsOfPeriodsWithAVersionInsideCameTo) {
  const std::string items =
      "  fee base at 7.00 USD per month, not prorated\n"
      "  charge api_calls\n    at 0.333 USD per call\n    minimum 20.00 USD\n"
      "  bill minimum 40.00 USD\n"
      "  commit annual 1,000.00 USD per year \"Annual\"\n    true up every year\n";
  std::string dearer = calls_card(items, "2026-02-15");
  dearer.insert(dearer.find("  currency"), "  switch at once\n");
  World world({calls_card(items), dearer,
               "toll 1\ncard api_acme extends api\n  for customer acme\n  from 2026-03-10 until "
               "2026-03-20\n  change fee base at 5.00 USD per month, was 7.00 USD per month\n"});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest(
      {calls_event("1", "2026-02-10T12:00:00Z", 31), calls_event("2", "2026-02-20T12:00:00Z", 32),
       calls_event("3", "2026-03-01T12:00:00Z", 35), calls_event("4", "2026-03-15T12:00:00Z", 37),
       calls_event("5", "2026-03-25T12:00:00Z", 39)});
  Int128 billed = 0;
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"}) {
    const auto answer = world.bill(day, kYearLater);
    ASSERT_TRUE(answer) << answer.error().message;
    std::string digits = answer->total;
    std::erase(digits, '.');
    billed += *parse_int128(digits);
  }
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->parts.size(), 3u);
  const auto usage = live_usage(*world.cards, *world.engine,
                                {.tenant = "t",
                                 .customer = "acme",
                                 .subscription = {},
                                 .day = parse_date("2026-04-01"),
                                 .as_of = *parse_instant(kYearLater)});
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_EQ(usage->billed_to_date.at(0).value, (Decimal{billed, 2}));
}

// What was used of an allowance and billed toward a commitment is of the days on which a plan had
// them.
TEST(PlanChanges, LeaveAllowancesAndCommitmentsBehind) {
  World world({calls_card(R"(
  plan allow "Allow"
    charge api_calls
      included 15 calls per year
      at 1.00 USD per call
    commit quarterly 100.00 USD per quarter "Quarterly"
      true up every quarter

  plan plain "Plain"
    charge api_calls
      at 1.00 USD per call
)")});
  Subscription leaves = planned({{*parse_date("2026-08-16"), "plain"}});
  leaves.plan = "allow";
  leaves.start = *parse_date("2026-07-01");
  ASSERT_TRUE(world.engine->put_subscription("t", "acme", leaves));
  world.ingest(
      {calls_event("1", "2026-07-10T12:00:00Z", 17), calls_event("2", "2026-08-10T12:00:00Z", 10),
       calls_event("3", "2026-08-20T12:00:00Z", 4), calls_event("4", "2026-09-10T12:00:00Z", 5)});
  const auto total = [&](std::string_view day) {
    const auto answer = world.bill(day, kYearLater);
    return answer ? answer->total : answer.error().message;
  };
  EXPECT_EQ(total("2026-07-01"), "2.00");   // 15 of 17 are included
  EXPECT_EQ(total("2026-08-01"), "14.00");  // none is left, and 4 by the plan that has none
  EXPECT_EQ(total("2026-09-01"), "5.00");   // whoever left owes nothing at the quarter's end
}

// What is common to all plans would be a bill that looks whole, and is too small.
TEST(PlanChanges, BeginWithAPlanWherePlansBillWhatIsNotCommon) {
  World world({plans_card("  fee support at 5.00 USD per month, not prorated\n")});
  Subscription nameless = planned({});
  nameless.plan.reset();
  const auto checked = [&](const Subscription& subscription) -> std::string {
    const auto fine = check_plan(*world.cards, *world.engine, "t", "acme", subscription);
    return fine ? "" : fine.error().faults.at(0).pointer + ": " + fine.error().message;
  };
  EXPECT_EQ(checked(planned({})), "");
  EXPECT_EQ(checked(nameless),
            "/plan: the subscription names no plan on 2026-01-01, and what card `api` bills is in "
            "its plans: name one of `starter`, `pro`");
  // One that was put before the card had plans is not billed too little either.
  ASSERT_TRUE(world.engine->put_subscription("t", "acme", nameless));
  EXPECT_EQ(world.bill("2026-01-01", kYearLater).error().faults.at(0).pointer, "/plan");
}

TEST(PlanChanges, NeedNoPlanWhereAllThatIsBilledIsCommon) {
  World world(
      {calls_card("  charge api_calls\n    at 1.00 USD per call\n"
                  "  plan small\n    limit api_calls to 1,000 calls per month then block\n"
                  "  plan large\n    feature sso\n")});
  Subscription nameless = planned({});
  nameless.plan.reset();
  EXPECT_TRUE(check_plan(*world.cards, *world.engine, "t", "acme", nameless));
  ASSERT_TRUE(world.engine->put_subscription("t", "acme", nameless));
  world.ingest({calls_event("1", "2026-01-10T12:00:00Z", 3)});
  EXPECT_EQ(world.bill("2026-01-01", kYearLater)->total, "3.00");
}

// Days that are closed were billed as they were: the plan is asked of those behind them.
TEST(PlanChanges, NameThePlanFromTheFirstOpenDayOnWhereACardCameToHavePlans) {
  World world({calls_card("  charge api_calls\n    at 1.00 USD per call\n")});
  Subscription nameless = planned({});
  nameless.plan.reset();
  ASSERT_TRUE(world.engine->put_subscription("t", "acme", nameless));
  ASSERT_TRUE(close_period(*world.cards, *world.engine,
                           {.tenant = "t",
                            .customer = "acme",
                            .subscription = {},
                            .day = parse_date("2026-01-01"),
                            .as_of = *parse_instant(kYearLater)}));
  world.exchange({plans_card("  fee support at 5.00 USD per month, not prorated\n")});
  EXPECT_FALSE(check_plan(*world.cards, *world.engine, "t", "acme", nameless));
  EXPECT_FALSE(world.bill("2026-02-01", kYearLater));
  nameless.plan_changes = {{*parse_date("2026-02-01"), "pro"}};
  EXPECT_TRUE(check_plan(*world.cards, *world.engine, "t", "acme", nameless));
  const auto put = world.engine->put_subscription("t", "acme", nameless);
  ASSERT_TRUE(put && !*put);
  EXPECT_EQ(world.bill("2026-02-01", kYearLater)->total, "36.00");
  EXPECT_EQ(closed_and_now(*world.cards, *world.engine, "t", "acme", {}, *parse_instant(kYearLater))
                ->at(0)
                .correction.difference(),
            0);
}

TEST(PlanChanges, AreOnSaleAndOutsideOfWhatIsClosed) {
  Planned world({{*parse_date("2026-03-16"), "pro"}});
  EXPECT_TRUE(check_subscription(*world.cards, "acme", planned({})));
  const auto unknown =
      check_subscription(*world.cards, "acme", planned({{*parse_date("2026-03-16"), "gold"}}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().faults.at(0).pointer, "/plan_changes/2026-03-16");
  const auto request = [&](std::string_view day) {
    return BillRequest{.tenant = "t",
                       .customer = "acme",
                       .subscription = {},
                       .day = parse_date(day),
                       .as_of = *parse_instant(kYearLater)};
  };
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"})
    ASSERT_TRUE(close_period(*world.cards, *world.engine, request(day)));
  EXPECT_EQ(bill_of(*world.cards, *world.engine, request("2026-04-01"))->corrections.size(), 0u);
  const auto put = [&](std::vector<std::pair<Date, std::string>> changes) {
    return (*world.engine->put_subscription("t", "acme", planned(std::move(changes)))).has_value();
  };
  EXPECT_TRUE(put({})) << "March was billed in two plans";
  EXPECT_TRUE(put({{*parse_date("2026-03-17"), "pro"}}));
  EXPECT_FALSE(put({{*parse_date("2026-03-16"), "pro"}, {*parse_date("2026-04-01"), "starter"}}));
}

}  // namespace
}  // namespace toll::engine
