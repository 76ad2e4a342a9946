// A plan that is left for some days, inside a month or over its end, and entered again: live bills
// of what it gave for a longer time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/live_bill.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

using LeftDays = std::vector<std::pair<const char*, const char*>>;

/// In plan `a` but for the days from one of each pair to the other.
struct LeftPlan : World {
  LeftPlan(const std::string& items, const LeftDays& left)
      : World({calls_card("  plan a\n" + items +
                          "  plan n\n    fee b at 31.00 USD per month, prorated by day\n")}) {
    std::vector<std::pair<Date, std::string>> changes;
    for (const auto& [from, until] : left) {
      changes.emplace_back(*parse_date(from), "n");
      changes.emplace_back(*parse_date(until), "a");
    }
    subscribe("s", "api", "2026-01-01", {}, "a", changes);
  }
};

const std::vector<LeftDays> kDaysLeft = {
    {},
    {{"2026-03-10", "2026-03-11"}},
    {{"2026-02-28", "2026-03-01"}},
    {{"2026-02-28", "2026-03-02"}},
    {{"2026-02-01", "2026-03-01"}},
    {{"2026-01-31", "2026-03-02"}},
    {{"2026-01-10", "2026-01-11"}, {"2026-02-28", "2026-03-05"}}};

TEST(LeftPlan, AllowancesAndCommitmentsWaitForIt) {
  const std::string items =
      "    charge api_calls\n      included 10 calls per year\n      at 1.00 USD per call\n"
      "    commit k 300.00 USD per quarter\n      counts api_calls\n      true up every quarter\n";
  for (const LeftDays& left : kDaysLeft) {
    LeftPlan world(items, left);
    world.ingest({calls_event("1", "2026-01-05T12:00:00Z", 15),
                  calls_event("2", "2026-03-25T12:00:00Z", 4)});
    const std::string from = left.empty() ? "never" : left.front().first;
    EXPECT_EQ(world.amount("2026-01-01", "api_calls"), "5.00") << from;
    EXPECT_EQ(world.amount("2026-03-01", "api_calls"), "4.00") << from;
    EXPECT_EQ(world.amount("2026-03-01", "k"), "291.00") << from;
    EXPECT_EQ(world.amount("2026-06-01", "k"), "300.00") << from;
  }
}

TEST(LeftPlan, AsksForNothingWhereTheTimeOfACommitmentEndsWithoutIt) {
  const LeftPlan world(
      "    charge api_calls\n      at 1.00 USD per call\n"
      "    commit k 300.00 USD per quarter\n      true up every quarter\n",
      {{"2026-02-10", "2026-04-01"}});
  EXPECT_EQ(world.amount("2026-03-01", "k"), "0.00");
  EXPECT_EQ(world.amount("2026-06-01", "k"), "300.00");
}

TEST(LeftPlan, ItsGrantIsThatOfItsIntervalOnce) {
  const auto items = [](const char* every) {
    return fmt::format(
        "    charge api_calls\n      at 1 credit per call\n"
        "    pool flex in credit, credits\n      grant 100 credits every {}\n"
        "      beyond at 1.00 USD per credit\n",
        every);
  };
  for (const LeftDays& left : kDaysLeft) {
    for (const int used : {40, 100, 130}) {
      LeftPlan world(items("quarter"), left);
      world.ingest({calls_event("1", "2026-01-05T12:00:00Z", used),
                    calls_event("2", "2026-03-25T12:00:00Z", 70),
                    calls_event("3", "2026-04-25T12:00:00Z", 70)});
      const std::string from = left.empty() ? "never" : left.front().first;
      EXPECT_EQ(world.amount("2026-01-01", "flex/beyond"), used == 130 ? "30.00" : "0.00") << from;
      EXPECT_EQ(world.amount("2026-03-01", "flex/beyond"), used == 40 ? "10.00" : "70.00") << from;
      EXPECT_EQ(world.bill("2026-04-01", kYearLater)->remaining.at(0).second, "30") << from;
    }
    LeftPlan world(items("month"), left);
    world.ingest({calls_event("1", "2026-03-05T12:00:00Z", 60),
                  calls_event("2", "2026-03-25T12:00:00Z", 70)});
    EXPECT_EQ(world.amount("2026-03-01", "flex/beyond"), "30.00");
  }
}

TEST(LeftPlan, AnIntervalHasItsGrantOnWhicheverDayThePlanIsEntered) {
  for (const char* entered : {"2026-01-02", "2026-01-31", "2026-02-01", "2026-02-02", "2026-02-28",
                              "2026-03-01", "2026-03-02"}) {
    World world(
        {calls_card("  plan a\n    charge api_calls\n      at 1 credit per call\n"
                    "    pool flex in credit, credits\n"
                    "      grant 100 credits every quarter\n"
                    "      beyond at 1.00 USD per credit\n"
                    "  plan n\n    fee b at 31.00 USD per month, prorated by day\n")});
    world.subscribe("s", "api", "2026-01-01", {}, "n", {{*parse_date(entered), "a"}});
    world.ingest({calls_event("1", "2026-03-05T12:00:00Z", 60),
                  calls_event("2", "2026-03-25T12:00:00Z", 70),
                  calls_event("3", "2026-04-25T12:00:00Z", 70),
                  calls_event("4", "2026-05-25T12:00:00Z", 70)});
    // Of 130 credits in March 30 are beyond, and of 140 since April 40.
    const auto beyond = [&](std::string_view day) {
      const auto answer = world.bill(day, kYearLater);
      for (const auto& line : answer->lines)
        if (line.path == "flex/beyond") return line.amount;
      return std::string("0.00");
    };
    EXPECT_EQ(beyond("2026-03-01"), "30.00") << entered;
    EXPECT_EQ(beyond("2026-04-01"), "0.00") << entered;
    EXPECT_EQ(beyond("2026-05-01"), "40.00") << entered;
  }
}

TEST(LeftPlan, WhatItsLinesGaveIsGoneWithTheNextGrantThatItMisses) {
  const std::string items =
      "    charge api_calls\n      at 1 credit per call\n"
      "    pool flex in credit, credits\n      grant 100 credits every month, expires after 6 "
      "months\n"
      "      spend oldest first\n      beyond at 1.00 USD per credit\n";
  const auto left = [&](const LeftDays& days) {
    return LeftPlan(items, days).bill("2026-03-01", kYearLater)->remaining.at(0).second;
  };
  EXPECT_EQ(left({}), "300");
  EXPECT_EQ(left({{"2026-03-10", "2026-03-11"}}), "300");
  EXPECT_EQ(left({{"2026-02-28", "2026-03-01"}}), "300") << "it is there on the 1st of March";
  EXPECT_EQ(left({{"2026-02-28", "2026-03-02"}}), "100");
  EXPECT_EQ(left({{"2026-02-01", "2026-03-01"}}), "100") << "it was not on the 1st of February";
}

}  // namespace
}  // namespace toll::engine
