// Lines that act once in a month in which a plan begins and that only one of the plans has, or each
// for its days: minimums, what stands below them, lines of the bill. Worked out by hand: 15 days of
// March come before the change, and 16 from there.
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

/// A card with two plans of these lines.
CardSet two_plans(const std::string& one, const std::string& two) {
  return testing::card_set(
      {"toll 1\nunit call, calls\ndimension kind is x, y\ndimension region is eu, us\n"
       "meter calls counts call\nmeter rows counts call by kind\nmeter logs counts call\n"
       "meter pairs counts call by kind, region\n"
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
       "  round each line half-up\n  plan one\n" +
       one + "  plan two\n" + two});
}

/// March, from the 16th on in plan two.
UsageDocument changed(int64_t before, int64_t after) {
  UsageDocument document = march(before, after);
  document.plan = "one";
  document.plan_changes = {{*parse_date("2026-03-16"), "two"}};
  return document;
}

std::string calls_with(const std::string& lines) {
  return "    charge calls\n      at 1.00 USD per call\n" + lines;
}

std::string rows_with(const std::string& lines) {
  return "    charge rows by kind\n      any at 1.00 USD per call\n" + lines;
}

const std::string kMinimum = "      minimum 31.00 USD prorated by day\n";
const std::string kHalf = "      discount 50%\n";
const std::string kFive = "      discount 5.00 USD\n";

Texts of_calls(const std::string& one, const std::string& two, int64_t before = 1,
               int64_t after = 0) {
  return bill(two_plans(calls_with(one), calls_with(two)), changed(before, after));
}

Texts comes_to(const std::string& amount) { return {"calls " + amount, "total " + amount}; }

TEST(CutLines, WhatStandsBelowAMinimumOfDaysActsOnItsOwnDays) {
  EXPECT_EQ(of_calls(kMinimum + kHalf, kMinimum), comes_to("23.50"));  // half of 15.00, and 16.00
  EXPECT_EQ(of_calls(kMinimum, kMinimum + kHalf), comes_to("23.00"));  // 15.00, and half of 16.00
  EXPECT_EQ(of_calls(kMinimum + kHalf, kMinimum + kHalf), comes_to("15.50"));
  // 40.00 before, or half of 40.00 after: more than 23.00, and less.
  EXPECT_EQ(of_calls(kMinimum, kMinimum + kHalf, 40, 0), comes_to("40.00"));
  EXPECT_EQ(of_calls(kMinimum, kMinimum + kHalf, 0, 40), comes_to("23.00"));
}

TEST(CutLines, AnAmountBelowAMinimumOfDaysIsThatOfUsageThatComesToIt) {
  EXPECT_EQ(of_calls(kMinimum + kFive, kMinimum), comes_to("26.00"));  // 15.00 less 5.00, and 16.00
  // 26.00 of 31.00, less 10.00 of 15.00: as 15 calls and then 16 come to.
  EXPECT_EQ(of_calls(kMinimum, kMinimum + kFive), comes_to("31.00"));
  EXPECT_EQ(of_calls(kMinimum, kMinimum + kFive, 15, 16), comes_to("31.00"));
}

TEST(CutLines, AMinimumOfDaysOfOnePlanIsDueForItsDays) {
  EXPECT_EQ(of_calls(kMinimum, ""), comes_to("15.00"));
  EXPECT_EQ(of_calls("", kMinimum), comes_to("16.00"));
  EXPECT_EQ(of_calls(kMinimum + kHalf, ""), comes_to("7.50"));
  // Nothing is taken off it, whatever the other one makes of nothing.
  EXPECT_EQ(of_calls("", kMinimum + "      surcharge 50.00 USD\n"), comes_to("66.00"));
  // One that is whole is that of the last plan.
  EXPECT_EQ(of_calls("      minimum 31.00 USD\n", ""), comes_to("1.00"));
  EXPECT_EQ(of_calls("      minimum 31.00 USD\n", kMinimum), comes_to("16.00"));
  EXPECT_EQ(of_calls(kMinimum, "      minimum 31.00 USD\n"), comes_to("31.00"));
  EXPECT_EQ(of_calls("", "      minimum 31.00 USD\n"), comes_to("31.00"));
}

TEST(CutLines, AMaximumOfDaysCapsTheDaysOfAPlanWithoutOne) {
  const std::string maximum = "      maximum 31.00 USD prorated by day\n";
  EXPECT_EQ(of_calls("", maximum, 40, 40), comes_to("31.00"));
  EXPECT_EQ(of_calls("      maximum 310.00 USD\n", maximum, 40, 40), comes_to("31.00"));
  // In the middle, too: ten days from the 16th on.
  const auto there_and_back = [&](const std::string& below) {
    UsageDocument asked = changed(0, 0);
    asked.usage = {used("calls", 40, "2026-03-01", "2026-03-16"),
                   used("calls", 40, "2026-03-26", "2026-04-01")};
    asked.plan_changes.emplace_back(*parse_date("2026-03-26"), "one");
    return bill(two_plans(calls_with(maximum + below), calls_with("")), asked);
  };
  EXPECT_EQ(there_and_back(""), comes_to("31.00"));
  EXPECT_EQ(there_and_back(kHalf), comes_to("15.50"));
}

TEST(CutLines, TheMaximumOfTheLastPlanBoundsAMinimumOfDaysBeforeIt) {
  EXPECT_EQ(of_calls(kMinimum, "      maximum 12.00 USD\n"), comes_to("12.00"));
}

TEST(CutLines, OneOfRowsActsWithWhatTheySharedBelowIt) {
  const std::string shared = "      minimum 31.00 USD prorated by day shared\n";
  const std::string five = "      discount 5.00 USD shared\n";
  const auto of_rows = [&](const std::string& one, const std::string& two) {
    UsageDocument asked = changed(0, 0);
    asked.usage = {used("rows", 1, "2026-03-01", "2026-03-16")};
    asked.usage[0].at = {{"kind", "x"}};
    return bill(two_plans(rows_with(one), rows_with(two)), asked).back();
  };
  EXPECT_EQ(of_rows(shared + five, shared), "total 26.00");  // as in the other order
  EXPECT_EQ(of_rows(shared, shared + five), "total 26.00");
  EXPECT_EQ(of_rows(shared + five, ""), "total 10.00");
  EXPECT_EQ(of_rows("", shared + five), "total 11.00");
  EXPECT_EQ(of_rows(shared, ""), "total 15.00");
  const std::string each = "      minimum 31.00 USD prorated by day in each row\n";
  EXPECT_EQ(of_rows(each + five, each), "total 26.00");
  EXPECT_EQ(of_rows(each + five, ""), "total 10.00");
}

/// Rows of 1.00 a call with what they share, and a tenth of them: `before` calls, and `after`.
Texts of_shared(const std::string& one, const std::string& two, int64_t before, int64_t after) {
  const std::string support = "    charge support\n      at 10% of rows\n";
  UsageDocument asked = changed(0, 0);
  asked.usage = {used("rows", before, "2026-03-01", "2026-03-16"),
                 used("rows", after, "2026-03-16", "2026-04-01")};
  for (UsageEntry& entry : asked.usage) entry.at = {{"kind", "x"}};
  return bill(two_plans(rows_with(one) + support, rows_with(two) + support), asked);
}

const std::string kTwentyMore = "      surcharge 20.00 USD shared\n";
const std::string kFifteenOff = "      discount 15.00 USD shared\n";
const std::string kEightOff = "      discount 8.00 USD shared\n";

TEST(CutLines, ASharedDiscountIsHeldAgainstWhatIsAboveItWhereItsAmountComesFrom) {
  // 10.00 and 20.00 less 15.00, as plan one alone; plan two adds nothing, whatever it says.
  for (const std::string& two :
       {std::string(), kEightOff, kTwentyMore + kEightOff, kEightOff + kTwentyMore}) {
    Texts lines = of_shared(kTwentyMore + kFifteenOff, two, 10, 0);
    EXPECT_EQ(lines.back(), "total 16.50") << two;
    std::ranges::sort(lines);
    EXPECT_EQ(lines, (Texts{"rows/discount -15.00", "rows/surcharge 20.00", "rows/x 10.00",
                            "support 1.50", "total 16.50"}));
  }
  // Above the surcharge it takes what the rows come to, also where plan two has it below.
  for (const std::string& two : {kEightOff, kTwentyMore + kEightOff, kTwentyMore + kFifteenOff})
    EXPECT_EQ(of_shared(kFifteenOff + kTwentyMore, two, 10, 0).back(), "total 22.00") << two;
}

TEST(CutLines, ADiscountOfBothPlansIsHeldAgainstWhatIsAboveItInEither) {
  // 3.00 and 20.00 less 15.00, of which 0.80 for support; then 5.00, all of which plan two takes.
  EXPECT_EQ(of_shared(kTwentyMore + kFifteenOff, kEightOff, 3, 5).back(), "total 8.80");
  // A second one, of plan two alone, takes 4.00 of the 5.00 that the first leaves of 10.00.
  const std::string four = "      discount 4.00 USD shared\n";
  EXPECT_EQ(of_shared(kTwentyMore + kFifteenOff, kEightOff + four, 3, 10).back(), "total 9.90");
}

TEST(CutLines, ASharedDiscountIsHeldAgainstRowsThatOnlyAnEarlierPlanHas) {
  const auto calls_by = [](const std::string& dimension) {
    return "    charge pairs by " + dimension + "\n      any at 1.00 USD per call\n" + kFifteenOff;
  };
  UsageDocument asked = changed(0, 0);
  asked.usage = {used("pairs", 20, "2026-03-01", "2026-03-16")};
  asked.usage[0].at = {{"kind", "x"}, {"region", "eu"}};
  EXPECT_EQ(bill(two_plans(calls_by("kind"), calls_by("region")), asked).back(), "total 5.00");
}

TEST(CutLines, AMinimumOfTheBillIsThatOfEachPlanForItsDays) {
  const std::string of_days = "    bill minimum 31.00 USD prorated by day\n";
  const auto of_bill = [&](const std::string& one, const std::string& two) {
    return bill(two_plans(calls_with("") + one, calls_with("") + two), changed(1, 0));
  };
  EXPECT_EQ(of_bill("", of_days), (Texts{"calls 1.00", "bill/minimum 15.00", "total 16.00"}));
  EXPECT_EQ(of_bill(of_days, ""), (Texts{"calls 1.00", "bill/minimum 14.00", "total 15.00"}));
  EXPECT_EQ(of_bill(of_days, "    bill minimum 62.00 USD prorated by day\n"),
            (Texts{"calls 1.00", "bill/minimum 46.00", "total 47.00"}));  // 15.00 and 32.00
  EXPECT_EQ(of_bill(of_days, of_days), (Texts{"calls 1.00", "bill/minimum 30.00", "total 31.00"}));
  // It acts where it stood: above the discount of the later plan, or below it.
  EXPECT_EQ(of_bill(of_days, "    bill discount 10%\n"),
            (Texts{"calls 1.00", "bill/minimum 14.00", "bill/discount -1.50", "total 13.50"}));
  EXPECT_EQ(of_bill("    bill discount 10%\n" + of_days, "    bill discount 10%\n"),
            (Texts{"calls 1.00", "bill/discount -0.10", "bill/minimum 14.10", "total 15.00"}));
  // One that is whole is that of the last plan.
  EXPECT_EQ(of_bill("", "    bill minimum 31.00 USD\n").back(), "total 31.00");
  EXPECT_EQ(of_bill("    bill minimum 31.00 USD\n", "").back(), "total 1.00");
  EXPECT_EQ(of_bill("    bill minimum 31.00 USD\n", of_days).back(), "total 16.00");
}

TEST(CutLines, ALineOfAnEarlierPlanIsDueAtTheCloseAndExplained) {
  const CardSet set =
      two_plans(calls_with("") + "    bill minimum 31.00 USD prorated by day\n", calls_with(""));
  const Answer answer = explain(set, changed(1, 0)).value();
  ASSERT_EQ(answer.lines.size(), 2u);
  ASSERT_EQ(answer.lines[1].steps.size(), 2u);
  EXPECT_EQ(answer.lines[1].steps[0].text,
            "bill minimum 31.00 USD prorated by day, 15 of 31 days until 2026-03-16: 15");
  EXPECT_EQ(answer.lines[1].steps[1].text,
            "on the lines of the whole period, by version 2026-01-01, plan `one`");
  UsageDocument open = changed(1, 0);
  open.final = false;
  EXPECT_EQ(lines(quote(set, open)->lines), Texts{"calls 1.00"});
  EXPECT_EQ(lines(quote(set, open)->due_at_close), Texts{"bill/minimum 14.00"});
}

const std::string kDeal = "    commit deal 300.00 USD per quarter\n      true up every quarter\n";
const std::string kDearDeal =
    "    commit deal 900.00 USD per quarter\n      true up every quarter\n";

/// Of a customer whose quarter ends with a day of March.
Texts of_quarter(const std::string& one, const std::string& two, const char* last_day) {
  UsageDocument asked = changed(10, 0);
  asked.customer_since =
      Date(std::chrono::year_month_day(*parse_date(last_day) + std::chrono::days(1)) -
           std::chrono::months(3));
  asked.billed_to_date = {{"deal", {200, 0}}};
  return bill(two_plans(calls_with("") + one, calls_with("") + two), asked);
}

TEST(CutLines, ACommitmentIsSettledByThePlanOfTheDayOnWhichItsTimeEnds) {
  // 300.00 less 200.00 and the 10.00 of this bill.
  const Texts by_one = {"calls 10.00", "deal 90.00", "total 100.00"};
  const Texts by_two = {"calls 10.00", "deal 690.00", "total 700.00"};
  const Texts open = {"calls 10.00", "total 10.00"};
  EXPECT_EQ(of_quarter(kDeal, "", "2026-03-10"), by_one);
  EXPECT_EQ(of_quarter(kDeal, "", "2026-03-15"), by_one);  // the last day of the plan
  EXPECT_EQ(of_quarter(kDeal, kDearDeal, "2026-03-15"), by_one);
  EXPECT_EQ(of_quarter(kDeal, kDearDeal, "2026-03-16"), by_two);
  EXPECT_EQ(of_quarter(kDeal, "", "2026-03-16"), open);
  EXPECT_EQ(of_quarter("", kDearDeal, "2026-03-20"), by_two);
  EXPECT_EQ(of_quarter("", kDearDeal, "2026-03-10"), open);
}

TEST(CutLines, ACommitmentWhoseTimeEndedInAnEarlierMonthIsNotAskedAgain) {
  UsageDocument asked = changed(10, 0);
  asked.customer_since = parse_date("2025-11-10");  // a quarter ended in February
  const CardSet set = two_plans(calls_with("") + kDeal, calls_with("") + kDearDeal);
  EXPECT_EQ(bill(set, asked), (Texts{"calls 10.00", "total 10.00"}));
  const Answer answer = quote(set, asked).value();
  ASSERT_EQ(answer.next_state.billed_to_date.size(), 1u);
  EXPECT_EQ(answer.next_state.billed_to_date[0].value.to_string(), "10.00");
}

TEST(CutLines, WhoGoesOwesTheCommitmentOfTheLastPlan) {
  UsageDocument asked = changed(10, 0);
  asked.customer_since = parse_date("2026-02-20");
  asked.customer_until = parse_date("2026-04-01");
  EXPECT_EQ(bill(two_plans(calls_with("") + kDeal, calls_with("") + kDearDeal), asked),
            (Texts{"calls 10.00", "deal 890.00", "total 900.00"}));
  EXPECT_EQ(bill(two_plans(calls_with("") + kDeal, calls_with("")), asked),
            (Texts{"calls 10.00", "total 10.00"}));
  // Of two times, one that ended before and one that has begun, a plan asks once, as without a cut.
  asked.customer_since = parse_date("2025-12-11");
  EXPECT_EQ(bill(two_plans(calls_with("") + kDeal, calls_with("") + kDearDeal), asked),
            (Texts{"calls 10.00", "deal 290.00", "total 300.00"}));
}

TEST(CutLines, AllLinesOfTheBillCountTowardACommitmentThatGoesOn) {
  const std::string logs = "    charge logs\n      at 1.00 USD per call\n";
  UsageDocument asked = changed(10, 0);
  asked.customer_since = parse_date("2026-02-20");
  asked.usage.push_back(used("logs", 7, "2026-03-01", "2026-03-16"));
  const Answer answer =
      quote(two_plans(calls_with("") + logs + kDeal, calls_with("") + kDeal), asked).value();
  ASSERT_EQ(answer.next_state.billed_to_date.size(), 1u);
  EXPECT_EQ(answer.next_state.billed_to_date[0].value.to_string(), "17.00");
}

}  // namespace
}  // namespace toll::runtime
