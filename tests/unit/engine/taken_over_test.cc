// A customer whom others billed before: live bills count from the day on which it became one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/closing.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

const std::string kTermsCard = calls_card(R"(  fee setup "Setup" at 250.00 USD once
  fee platform "Platform" at 1,200.00 USD per year, not prorated

  charge api_calls
    included 100 calls per year
    at 1.00 USD per call

  commit annual 500.00 USD per year "Annual"
    counts api_calls
    true up every year
)");

/// Of which those who were customers already keep the first.
constexpr std::string_view kForNewOnes = R"(toll 1

card api extends previous
  from 2026-02-01
  applies to new customers
  change fee setup at 300.00 USD once, was 250.00 USD once
)";

struct TakenOver : World {
  explicit TakenOver(std::optional<std::string_view> since,
                     std::vector<std::string> texts = {kTermsCard})
      : World(std::move(texts)) {
    const auto put = engine->put_subscription("t", "acme", taken_over(since));
    EXPECT_TRUE(put && !*put);
    int id = 0;
    for (const auto& [time, calls] :
         {std::pair("2026-03-10", 60), {"2026-04-10", 70}, {"2026-05-10", 20}, {"2026-06-10", 8}})
      ingest({event_text({.id = std::to_string(++id),
                          .time = fmt::format("{}T12:00:00Z", time),
                          .data = fmt::format("{{\"n\":{}}}", calls)})});
  }
  static Subscription taken_over(std::optional<std::string_view> since) {
    return {.id = "s",
            .card = "api",
            .plan = {},
            .currency = {},
            .start = *parse_date("2026-03-01"),
            .end = {},
            .customer_since = since ? parse_date(*since) : std::optional<Date>()};
  }
  std::string json(std::string_view day) const { return billed(day, kYearLater); }
  std::string quoted(std::string_view month, std::string_view calls,
                     std::string_view state = "{}") const {
    const Period days = *parse_month(month);
    return World::quoted(
        fmt::format(R"({{"card":"api","customer":"acme","customer_since":"2025-05-15",)"
                    R"("period":{{"from":"{}","until":"{}"}},)"
                    R"("usage":[{{"meter":"api_calls","quantity":"{}"}}],"state":{}}})",
                    toll::to_string(days.from), toll::to_string(days.until), calls, state));
  }
};

TEST(TakenOver, IsBilledLikeTheQuoteOfTheSameDocument) {
  const TakenOver world("2025-05-15");
  EXPECT_EQ(world.json("2026-03-01"), world.quoted("2026-03", "60"));
  EXPECT_EQ(world.json("2026-04-01"), world.quoted("2026-04", "70",
                                                   R"({"used_to_date":{"api_calls":"60"},)"
                                                   R"("billed_to_date":{"annual":"0.00"}})"));
  EXPECT_EQ(world.json("2026-05-01"), world.quoted("2026-05", "20",
                                                   R"({"used_to_date":{"api_calls":"130"},)"
                                                   R"("billed_to_date":{"annual":"30.00"}})"));
}

TEST(TakenOver, CountsTermsFromTheDayOnWhichItBecameACustomer) {
  const TakenOver known("2025-05-15"), fresh({});
  EXPECT_EQ(known.amount("2026-03-01", "setup"), "0.00") << "it was due once, and paid elsewhere";
  EXPECT_EQ(fresh.amount("2026-03-01", "setup"), "250.00");
  EXPECT_EQ(known.amount("2026-03-01", "platform"), "0.00");
  EXPECT_EQ(fresh.amount("2026-03-01", "platform"), "1200.00");
  EXPECT_EQ(known.amount("2026-05-01", "platform"), "1200.00") << "the 15th of May";
  EXPECT_EQ(fresh.amount("2026-05-01", "platform"), "0.00");
  EXPECT_NE(known.amount("2026-05-01", "annual"), "0.00") << "the year of the commitment ends";
  EXPECT_EQ(fresh.amount("2026-05-01", "annual"), "0.00");
}

TEST(TakenOver, OnTheDayOfTheStartChangesNothing) {
  const TakenOver said("2026-03-01"), left_out({});
  for (const char* day : {"2026-03-01", "2026-05-01"})
    EXPECT_EQ(said.json(day), left_out.json(day)) << day;
}

TEST(TakenOver, KeepsTheVersionOfThoseWhoWereCustomers) {
  const std::vector<std::string> versions = {kTermsCard, std::string(kForNewOnes)};
  EXPECT_EQ(TakenOver("2026-01-31", versions).bill("2026-03-01", kYearLater)->version,
            "2026-01-01");
  EXPECT_EQ(TakenOver("2026-02-01", versions).bill("2026-03-01", kYearLater)->version,
            "2026-02-01");
  EXPECT_EQ(TakenOver({}, versions).bill("2026-03-01", kYearLater)->version, "2026-02-01");
}

TEST(TakenOver, GoesOnFromTheStateThatTheSubscriptionSays) {
  TakenOver world("2025-05-15");
  Subscription subscription = TakenOver::taken_over("2025-05-15");
  subscription.state = {.used_to_date = {{"api_calls", {90, 0}}},
                        .billed_to_date = {{"annual", {40000, 2}}}};
  ASSERT_TRUE(check_subscription(*world.cards, "acme", subscription));
  ASSERT_FALSE((*world.engine->put_subscription("t", "acme", subscription)).has_value());
  EXPECT_EQ(world.json("2026-03-01"), world.quoted("2026-03", "60",
                                                   R"({"used_to_date":{"api_calls":"90"},)"
                                                   R"("billed_to_date":{"annual":"400.00"}})"));
  // 50 of the 60 calls were beyond the 100 of the year, so they were 50.00.
  EXPECT_EQ(world.json("2026-04-01"), world.quoted("2026-04", "70",
                                                   R"({"used_to_date":{"api_calls":"150"},)"
                                                   R"("billed_to_date":{"annual":"450.00"}})"));
  EXPECT_EQ(world.amount("2026-05-01", "annual"), "0.00") << "450.00, 70.00 and 20.00 are enough";
}

TEST(TakenOver, TheStateMustFitTheFirstBill) {
  const TakenOver world("2025-05-15");
  const auto fault = [&](OpeningState state, std::string_view since = "2025-05-15") {
    Subscription subscription = TakenOver::taken_over(since);
    subscription.state = std::move(state);
    const auto fits = check_subscription(*world.cards, "acme", subscription);
    return fits ? "none" : fits.error().faults.at(0).pointer;
  };
  EXPECT_EQ(fault({.used_to_date = {{"api_calls", {90, 0}}}}), "none");
  EXPECT_EQ(fault({.used_to_date = {{"calls", {90, 0}}}}), "/state/used_to_date/calls");
  EXPECT_EQ(fault({.billed_to_date = {{"anual", {1, 0}}}}), "/state/billed_to_date/anual");
  EXPECT_EQ(fault({.billed_to_date = {{"annual", {1, 0}}}}, "2026-03-01"),
            "/state/billed_to_date/annual")
      << "its year begins with the subscription";
  EXPECT_EQ(
      fault({.grants = {{.pool = "prepaid", .quantity = Ratio(1), .from = {}, .expires = {}}}}),
      "/state/grants/0/pool");
}

TEST(TakenOver, CreditsThatWereLeftPay) {
  World world(
      {calls_card("  charge api_calls\n    at 1 credit per call\n"
                  "  pool prepaid \"Prepaid\" in credit, credits\n"
                  "    sell 100 credits for 150.00 USD\n"
                  "    beyond at 2.00 USD per credit\n")});
  Subscription subscription = TakenOver::taken_over("2025-05-15");
  subscription.state.grants = {
      {.pool = "prepaid", .quantity = Ratio(10), .from = {}, .expires = parse_date("2026-05-01")}};
  ASSERT_TRUE(check_subscription(*world.cards, "acme", subscription));
  ASSERT_FALSE((*world.engine->put_subscription("t", "acme", subscription)).has_value());
  int id = 0;
  for (const char* day : {"2026-03-10", "2026-04-10", "2026-05-10"})
    world.ingest({calls_event(std::to_string(++id), fmt::format("{}T12:00:00Z", day), 4)});
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->remaining,
            (std::vector<std::pair<std::string, std::string>>{{"prepaid", "6"}}));
  EXPECT_EQ(world.bill("2026-04-01", kYearLater)->total, "0.00");
  EXPECT_EQ(world.bill("2026-05-01", kYearLater)->total, "8.00") << "they expired";
  ASSERT_TRUE(close_period(*world.cards, *world.engine,
                           {.tenant = "t",
                            .customer = "acme",
                            .subscription = {},
                            .day = parse_date("2026-03-01"),
                            .as_of = *parse_instant(kYearLater)}));
  subscription.state.grants[0].quantity = Ratio(11);
  EXPECT_TRUE((*world.engine->put_subscription("t", "acme", subscription)).has_value())
      << "closed days keep it";
}

/// Taken over inside March, on the 12th: 20 calls are used then, and 30 in April.
struct TakenOverInside : World {
  TakenOverInside(const std::string& items, std::string_view since, OpeningState state = {})
      : World({calls_card(items)}) {
    Subscription subscription = TakenOver::taken_over(since);
    subscription.start = *parse_date("2026-03-12");
    subscription.state = std::move(state);
    EXPECT_TRUE(check_subscription(*cards, "acme", subscription));
    EXPECT_FALSE((*engine->put_subscription("t", "acme", subscription)).has_value());
    ingest({calls_event("1", "2026-03-20T12:00:00Z", 20),
            calls_event("2", "2026-04-20T12:00:00Z", 30)});
  }
};

TEST(TakenOver, InsideAMonthHasOfItsGrantWhatIsLeft) {
  const std::string pool =
      "  charge api_calls\n    at 1 credit per call\n"
      "  pool flex in credit, credits\n    grant 100 credits every month, expires after 3 months\n"
      "    spend oldest first\n    beyond at 2.00 USD per credit\n";
  const auto left = [](const World& world, std::string_view day) {
    return world.bill(day, kYearLater)->remaining.at(0).second;
  };
  const TakenOverInside known(pool, "2025-05-15",
                              {.grants = {{.pool = "flex",
                                           .quantity = Ratio(60),
                                           .from = {},
                                           .expires = parse_date("2026-06-01"),
                                           .recurring = true}}});
  EXPECT_EQ(left(known, "2026-03-12"), "40");
  EXPECT_EQ(left(known, "2026-04-01"), "110") << "April has a grant of its own";
  const TakenOverInside fresh(pool, "2026-03-12");
  EXPECT_EQ(left(fresh, "2026-03-12"), "80");
}

TEST(TakenOver, OnOrBehindTheAnniversaryCountsTheFirstBill) {
  const auto commitment = [](const char* amount, const char* per) {
    return fmt::format(
        "  charge api_calls\n    at 1.00 USD per call\n"
        "  commit com {} USD per {}\n    true up every {}\n",
        amount, per, per);
  };
  using ToDate = std::vector<std::pair<std::string, std::string>>;
  const auto billed = [](const World& world, std::string_view day) {
    ToDate sums;
    const auto answer = world.bill(day, kYearLater);
    for (const auto& sum : answer->next_state.billed_to_date)
      sums.emplace_back(sum.name, sum.value.to_string());
    return sums;
  };
  for (const char* since : {"2025-03-12", "2025-03-10"}) {
    const TakenOverInside yearly(commitment("90.00", "year"), since);
    EXPECT_EQ(billed(yearly, "2026-03-12"), (ToDate{{"com", "20.00"}})) << since;
    EXPECT_EQ(billed(yearly, "2026-04-01"), (ToDate{{"com", "50.00"}})) << since;
    // A month of it ends on the 10th, or 12th, of April, with 50.00 of 90.00.
    const TakenOverInside monthly(commitment("90.00", "month"), since);
    EXPECT_EQ(monthly.bill("2026-04-01", kYearLater)->total, "70.00") << since;
    EXPECT_EQ(monthly.bill("2026-05-01", kYearLater)->total, "90.00") << "of which nothing is paid";
  }
  const TakenOverInside before(commitment("90.00", "month"), "2025-03-20");
  EXPECT_EQ(before.bill("2026-03-12", kYearLater)->total, "90.00");
  EXPECT_EQ(before.bill("2026-04-01", kYearLater)->total, "90.00");
}

TEST(TakenOver, ItsPlanGaveTheGrantsOfIntervalsThatGoOn) {
  for (const char* start : {"2026-02-01", "2026-02-10"}) {
    World world(
        {calls_card("  plan a\n    charge api_calls\n      at 1 credit per call\n"
                    "    pool flex in credit, credits\n"
                    "      grant 100 credits every quarter\n"
                    "      beyond at 1.00 USD per credit\n"
                    "  plan n\n    fee b at 31.00 USD per month, prorated by day\n")});
    Subscription subscription = TakenOver::taken_over("2025-05-15");
    subscription.start = *parse_date(start);
    subscription.plan = "a";
    ASSERT_TRUE(world.engine->put_subscription("t", "acme", subscription));
    EXPECT_EQ(world.bill("2026-02-15", kYearLater)->remaining.at(0).second, "0") << start;
    EXPECT_EQ(world.bill("2026-03-15", kYearLater)->remaining.at(0).second, "0") << start;
    EXPECT_EQ(world.bill("2026-04-15", kYearLater)->remaining.at(0).second, "100") << start;
    subscription.plan = "n";
    subscription.plan_changes = {{*parse_date("2026-03-01"), "a"}};
    ASSERT_TRUE(world.engine->put_subscription("t", "acme", subscription));
    EXPECT_EQ(world.bill("2026-03-15", kYearLater)->remaining.at(0).second, "100") << start;
  }
}

TEST(TakenOver, ClosedDaysKeepTheDay) {
  TakenOver world("2025-05-15");
  ASSERT_TRUE(close_period(*world.cards, *world.engine,
                           {.tenant = "t",
                            .customer = "acme",
                            .subscription = {},
                            .day = parse_date("2026-03-01"),
                            .as_of = *parse_instant(kYearLater)}));
  const auto refused = [&](std::optional<std::string_view> since) {
    return (*world.engine->put_subscription("t", "acme", TakenOver::taken_over(since))).has_value();
  };
  EXPECT_TRUE(refused("2025-05-16"));
  EXPECT_TRUE(refused({}));
  EXPECT_FALSE(refused("2025-05-15"));
}

}  // namespace
}  // namespace toll::engine
