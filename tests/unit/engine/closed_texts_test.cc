// What a closed period comes to, and what it hands on, is by the texts that billed it, whatever is
// live since.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/closing.h"
#include "engine/granting.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

std::string calls_at(std::string_view price, std::string_view more = {}) {
  return fmt::format("  charge api_calls\n    at {} per call\n{}", price, more);
}

/// A version of the card that takes over inside January.
std::string from_16th(std::string_view price) {
  return calls_card("  switch at once\n  applies to everyone\n" + calls_at(price), "2026-01-16");
}

const Period kJanuary = *parse_month("2026-01");
using Corrections = std::vector<Correction>;

struct ClosedTexts : World {
  explicit ClosedTexts(std::vector<std::string> texts, Subscription subscription)
      : World(std::move(texts)) {
    const auto put = engine->put_subscription("t", "acme", std::move(subscription));
    EXPECT_TRUE(put && !*put);
  }
  explicit ClosedTexts(std::vector<std::string> texts) : ClosedTexts(std::move(texts), sold()) {}
  static Subscription sold(std::optional<std::string> plan = {},
                           std::vector<std::pair<Date, std::string>> changes = {}) {
    return {.id = "s",
            .card = "api",
            .plan = std::move(plan),
            .currency = {},
            .start = *parse_date("2026-01-01"),
            .end = {},
            .plan_changes = std::move(changes)};
  }
  BillRequest request(std::string_view day) const { return World::request(day, kYearLater); }
  Bill close(std::string_view day) {
    auto closed = close_period(*cards, *engine, request(day));
    EXPECT_TRUE(closed) << closed.error().message;
    return closed ? *std::move(closed) : Bill{};
  }
  Bill bill_now(std::string_view day) const {
    auto bill = bill_of(*cards, *engine, request(day));
    EXPECT_TRUE(bill) << bill.error().message;
    return bill ? *std::move(bill) : Bill{};
  }
  runtime::UsageDocument usage(std::string_view day) const {
    auto usage = live_usage(*cards, *engine, request(day));
    EXPECT_TRUE(usage) << usage.error().message;
    return usage ? *std::move(usage) : runtime::UsageDocument{};
  }
  void use(std::string_view id, std::string_view day, int calls) {
    ingest({calls_event(id, fmt::format("{}T12:00:00Z", day), calls)});
  }
};

TEST(ClosedTexts, SayWhatWasBilledTowardACommitment) {
  const std::string_view annual =
      "  commit annual 900.00 USD per year \"Annual\"\n    true up every year\n";
  const auto card = [&](std::string_view price) { return calls_card(calls_at(price, annual)); };
  ClosedTexts world({card("1.00 USD")});
  world.use("1", "2026-01-10", 8);
  world.use("2", "2026-02-10", 10);
  world.close("2026-01-01");
  world.exchange({card("5.00 USD")});
  EXPECT_EQ(world.usage("2026-02-01").billed_to_date.at(0).value, (Decimal{800, 2}));
  // February is open, so it is by the new price: 8.00 and 50.00.
  EXPECT_EQ(world.usage("2026-03-01").billed_to_date.at(0).value, (Decimal{5800, 2}));
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());
  world.close("2026-02-01");
  world.exchange({card("7.00 USD")});
  EXPECT_EQ(world.usage("2026-03-01").billed_to_date.at(0).value, (Decimal{5800, 2}));
  EXPECT_EQ(world.bill_now("2026-03-01").corrections, Corrections());
}

TEST(ClosedTexts, SayWhatIsLeftInAPool) {
  const auto card = [](std::string_view price) {
    return calls_card(calls_at(price,
                               "  pool prepaid \"Prepaid\" in credit, credits\n"
                               "    sell 100 credits for 150.00 USD\n    beyond blocked\n"));
  };
  ClosedTexts world({card("1 credit")});
  ASSERT_TRUE(grant(*world.cards, *world.engine,
                    {.tenant = "t",
                     .customer = "acme",
                     .grant = {.id = "order",
                               .subscription = "",
                               .pool = "prepaid",
                               .quantity = Ratio(100),
                               .from = *parse_date("2026-01-01")}}));
  world.use("1", "2026-01-10", 30);
  world.close("2026-01-01");
  world.exchange({card("2 credits")});
  EXPECT_EQ(world.usage("2026-02-01").grants.at(0).quantity, Ratio(70));
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());
}

TEST(ClosedTexts, OfAPeriodWithAChangeOfPlanNeedNotBeLive) {
  const auto card = [](std::string_view price) {
    return calls_card(
        fmt::format("  plan starter \"Starter\"\n    charge api_calls\n      at 1.00 USD per call\n"
                    "  plan pro \"Pro\"\n    charge api_calls\n      at {} per call\n",
                    price));
  };
  ClosedTexts world({card("0.50 USD")},
                    ClosedTexts::sold("starter", {{*parse_date("2026-01-16"), "pro"}}));
  world.use("1", "2026-01-10", 8);
  world.use("2", "2026-01-20", 8);
  EXPECT_EQ(world.close("2026-01-01").total, 1200);
  world.exchange({card("3.00 USD")});
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());
  world.use("late", "2026-01-21", 2);
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections({{kJanuary, 1200, 1300}}));
}

TEST(ClosedTexts, OfSeveralVersionsNeedNotBeLive) {
  ClosedTexts world({calls_card(calls_at("1.00 USD")), from_16th("0.50 USD")});
  world.use("1", "2026-01-10", 8);
  world.use("2", "2026-01-20", 8);
  EXPECT_EQ(world.close("2026-01-01").total, 1200);
  for (const std::vector<std::string>& texts :
       {std::vector{calls_card(calls_at("9.00 USD")), from_16th("0.50 USD")},
        std::vector{calls_card(calls_at("9.00 USD")), from_16th("7.00 USD")},
        std::vector{calls_card(calls_at("9.00 USD"))}}) {
    world.exchange(texts);
    EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());
  }
  world.use("late", "2026-01-21", 2);
  world.use("later", "2026-01-11", 1);
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections({{kJanuary, 1200, 1400}}));
}

// It is in force for the days that are open.
TEST(ClosedTexts, AreNotJoinedByAVersionThatIsDatedIntoTheirDays) {
  ClosedTexts world({calls_card(calls_at("1.00 USD"))});
  world.use("1", "2026-01-20", 8);
  world.use("2", "2026-02-10", 8);
  world.close("2026-01-01");
  world.exchange({calls_card(calls_at("1.00 USD")), from_16th("3.00 USD")});
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());
  EXPECT_EQ(world.bill_now("2026-02-01").total, 2400);
  world.use("late", "2026-01-21", 2);
  EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections({{kJanuary, 800, 1000}}));
}

TEST(ClosedTexts, MayBeThoseOfADeal) {
  const auto deal = [](std::string_view days, std::string_view price) {
    return fmt::format(
        "toll 1\n\ncard api_acme extends api\n  for customer acme\n  from {}\n  change charge "
        "api_calls\n    at {} USD per call, was 1.00 USD per call\n",
        days, price);
  };
  const std::string list = calls_card(calls_at("1.00 USD"));
  for (const auto& [days, billed, now] :
       {std::tuple("2026-01-01", 200, 250), {"2026-01-16 until 2026-02-01", 500, 550}}) {
    SCOPED_TRACE(days);
    ClosedTexts world({list, deal(days, "0.25")});
    world.use("1", "2026-01-10", 4);
    world.use("2", "2026-01-20", 4);
    EXPECT_EQ(world.close("2026-01-01").total, billed);
    for (const std::vector<std::string>& texts :
         {std::vector{list, deal(days, "0.10")}, std::vector{list}}) {
      world.exchange(texts);
      EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections());
    }
    world.use("late", "2026-01-21", 2);
    EXPECT_EQ(world.bill_now("2026-02-01").corrections, Corrections({{kJanuary, billed, now}}));
  }
}

// What a version takes over from the one before it is not held against its own `grant` lines.
TEST(ClosedTexts, KnowThatAnotherVersionWasBeforeThem) {
  const auto pool = [](std::string_view grant) {
    return calls_at("1 credit",
                    fmt::format("  pool plan \"Plan\" in credit, credits\n{}    beyond at 1.00 USD "
                                "per credit\n",
                                grant));
  };
  ClosedTexts world(
      {calls_card(pool("    grant 10 credits every year\n")),
       calls_card("  applies to existing customers from 2026-03-01\n" + pool(""), "2026-02-01")});
  world.use("1", "2026-03-10", 4);
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"}) world.close(day);
  const auto all =
      closed_and_now(*world.cards, *world.engine, "t", "acme", {}, *parse_instant(kYearLater));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ((*all)[2].correction.difference(), 0);
  EXPECT_EQ(world.usage("2026-04-01").grants.at(0).quantity, Ratio(6));
}

// In February nothing was sold; a text that says so later bills nobody for it.
TEST(ClosedTexts, LeaveOutDaysThatNobodyWasBilledFor) {
  const std::string items = calls_at(
      "1.00 USD", "  commit annual 900.00 USD per year \"Annual\"\n    true up every year\n");
  ClosedTexts world(
      {calls_card(items, "2026-01-01 until 2026-02-01"), calls_card(items, "2026-03-01")});
  world.use("1", "2026-01-10", 8);
  world.use("2", "2026-03-10", 10);
  for (const char* day : {"2026-01-01", "2026-03-01"}) world.close(day);
  const auto before = world.usage("2026-04-01").billed_to_date;
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].value, (Decimal{1000, 2}));
  world.exchange({calls_card(items), calls_card(items, "2026-03-01")});
  world.use("3", "2026-02-10", 50);
  EXPECT_EQ(world.usage("2026-04-01").billed_to_date, before);
  EXPECT_EQ(world.bill_now("2026-04-01").corrections, Corrections());
}

TEST(ClosedTexts, ABillThatWasGivenNeedsNoCard) {
  ClosedTexts world({calls_card(calls_at("1.00 USD"))});
  world.use("1", "2026-01-10", 8);
  const std::string given = world.close("2026-01-01").json();
  std::string other = calls_card(calls_at("1.00 USD"));
  other.replace(other.find("card api"), 8, "card oth");
  world.exchange({other});
  EXPECT_EQ(world.bill_now("2026-01-15").json(), given);
  EXPECT_EQ(world.close("2026-01-01").json(), given);
  EXPECT_FALSE(bill_of(*world.cards, *world.engine, world.request("2026-02-01")));
}

}  // namespace
}  // namespace toll::engine
