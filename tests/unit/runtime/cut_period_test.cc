// Bills of a period in which a new version or another plan begins, worked out by hand.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

const std::string kDeclarations =
    "toll 1\nunit call, calls\nunit seat, seats\nmeter calls counts call\nmeter seats peaks seat\n";
const std::string kHeader =
    "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
    "  round each line half-up\n";
const std::string kTiers =
    "  charge calls \"Calls\"\n    tiers graduated\n    up to 100 calls at 1.00 USD per call\n"
    "    beyond at 0.50 USD per call\n";
const std::string kDearer =
    "  change charge calls\n    up to 100 calls at 2.00 USD per call, was 1.00 USD per call\n"
    "    beyond at 1.00 USD per call, was 0.50 USD per call\n";

/// The version of `items`, and one from 2026-03-16 on with `changes`.
CardSet cards(const std::string& items, const std::string& changes) {
  return testing::card_set({kDeclarations + kHeader + items,
                            "toll 1\ncard c extends previous\n  from 2026-03-16\n"
                            "  switch at once\n  applies to everyone\n" +
                                changes});
}

TEST(CutPeriod, TiersGoOnAndOnlyRatesChange) {
  // 80 x 1.00, and then 20 x 2.00 + 20 x 1.00: the new price of 120 calls less that of 80.
  EXPECT_EQ(bill(cards(kTiers, kDearer), march(80, 40)), (Texts{"calls 140.00", "total 140.00"}));
  // The upper tier is reached before the cut: 100 x 1.00 + 50 x 0.50, and 10 x 1.00.
  EXPECT_EQ(bill(cards(kTiers, kDearer), march(150, 10)), (Texts{"calls 135.00", "total 135.00"}));
}

TEST(CutPeriod, ProratedFeesAreForTheDaysOfEachVersion) {
  // 31.00 x 15/31 + 62.00 x 16/31
  const CardSet set =
      cards("  fee base \"Base\" at 31.00 USD per month, prorated by day\n" + kTiers,
            "  change fee base at 62.00 USD per month, was 31.00 USD per month\n");
  EXPECT_EQ(bill(set, march(0, 0)), (Texts{"base 47.00", "calls 0.00", "total 47.00"}));
  EXPECT_EQ(quote(set, march(0, 0))->lines[0].quantity, "1");
}

TEST(CutPeriod, WholeFeesAreThoseOfTheVersionThatBeginsThePeriod) {
  const CardSet set = cards("  fee base at 10.00 USD per month, not prorated\n" + kTiers,
                            "  change fee base at 20.00 USD per month, was 10.00 USD per month\n"
                            "  fee more at 5.00 USD per month, not prorated\n"
                            "  fee part at 31.00 USD per month, prorated by day\n");
  EXPECT_EQ(bill(set, march(0, 0)),
            (Texts{"base 10.00", "calls 0.00", "part 16.00", "total 26.00"}));
  EXPECT_EQ(quote(set, march(0, 0))->lines[2].quantity, "16/31");
}

TEST(CutPeriod, AFeeForATermIsThatOfTheVersionOfTheDayOnWhichItBegins) {
  const CardSet set = cards(
      "  fee setup at 250.00 USD once\n"
      "  fee yearly at 120.00 USD per year, not prorated\n"
      "  fee often at 30.00 USD per quarter, not prorated\n" +
          kTiers,
      "  change fee setup at 300.00 USD once, was 250.00 USD once\n"
      "  change fee yearly at 60.00 USD per quarter, was 120.00 USD per year\n"
      "  change fee often at 90.00 USD per year, was 30.00 USD per quarter\n"
      "  fee more at 5.00 USD once\n");
  UsageDocument asked = march(0, 0);
  EXPECT_EQ(bill(set, asked), (Texts{"setup 250.00", "calls 0.00", "total 250.00"}));
  asked.customer_since = parse_date("2026-03-20");
  EXPECT_EQ(bill(set, asked), (Texts{"setup 300.00", "yearly 60.00", "often 90.00", "calls 0.00",
                                     "more 5.00", "total 455.00"}));
  EXPECT_EQ(quote(set, asked)->lines[1].unit, "quarter");
  asked.customer_since = parse_date("2026-03-15");  // the last day of the old version
  EXPECT_EQ(bill(set, asked),
            (Texts{"setup 250.00", "yearly 120.00", "often 30.00", "calls 0.00", "total 400.00"}));
  EXPECT_EQ(quote(set, asked)->lines[1].unit, "year");
  asked.customer_since = parse_date("2025-03-16");
  EXPECT_EQ(bill(set, asked), (Texts{"yearly 60.00", "often 90.00", "calls 0.00", "total 150.00"}));
  asked.customer_since = parse_date("2025-12-20");  // a quarter begins, and no year
  EXPECT_EQ(bill(set, asked), (Texts{"yearly 60.00", "calls 0.00", "total 60.00"}));
  asked.customer_since = parse_date("2025-12-15");
  EXPECT_EQ(bill(set, asked), (Texts{"calls 0.00", "often 30.00", "total 30.00"}));
}

/// A card whose seats cost 10.00 USD each, and 20.00 from 2026-03-16 on.
CardSet seats(const std::string& aggregate) {
  const std::string declarations = "toll 1\nunit seat, seats\nmeter seats " + aggregate + " seat\n";
  return testing::card_set({declarations + kHeader + "  charge seats\n    at 10.00 USD per seat\n",
                            "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n"
                            "  applies to everyone\n  change charge seats\n"
                            "    at 20.00 USD per seat, was 10.00 USD per seat\n"});
}

UsageDocument march_seats(int64_t before, int64_t after) {
  UsageDocument document = march(0, 0);
  document.usage = {used("seats", before, "2026-03-01", "2026-03-16"),
                    used("seats", after, "2026-03-16", "2026-04-01")};
  return document;
}

TEST(CutPeriod, OfTwoPeaksTheGreaterOneIsThatOfThePeriod) {
  const CardSet set = seats("peaks");
  EXPECT_EQ(bill(set, march_seats(60, 60)), (Texts{"seats 600.00", "total 600.00"}));
  EXPECT_EQ(bill(set, march_seats(60, 50)), (Texts{"seats 600.00", "total 600.00"}));
  EXPECT_EQ(bill(set, march_seats(60, 70)), (Texts{"seats 800.00", "total 800.00"}));  // + 10 x 20
}

TEST(CutPeriod, OfTwoLevelsTheLaterOneIsThatOfThePeriod) {
  const CardSet set = seats("latest");
  UsageDocument document = march_seats(60, 70);
  EXPECT_EQ(bill(set, document), (Texts{"seats 800.00", "total 800.00"}));
  std::swap(document.usage[0], document.usage[1]);  // what is later is said by the days
  EXPECT_EQ(bill(set, document), (Texts{"seats 800.00", "total 800.00"}));
  EXPECT_EQ(bill(set, march_seats(60, 50)),  // 60 x 10.00, less 10 x 20.00
            (Texts{"seats 400.00", "total 400.00"}));
}

TEST(CutPeriod, AnAverageCountsForItsDays) {
  const CardSet set = seats("averages");
  // 60 x 15/31 = 29.032258064516 at 10.00, and the other 30.967741935484 at 20.00.
  EXPECT_EQ(bill(set, march_seats(60, 60)), (Texts{"seats 909.68", "total 909.68"}));
  EXPECT_EQ(bill(set, march_seats(62, 0)), (Texts{"seats 300.00", "total 300.00"}));  // 30 x 10.00
  EXPECT_EQ(bill(set, march_seats(0, 62)), (Texts{"seats 640.00", "total 640.00"}));  // 32 x 20.00
  UsageDocument one = march_seats(60, 60);
  one.usage.pop_back();
  EXPECT_EQ(bill(set, one), (Texts{"seats 290.32", "total 290.32"}));
  UsageDocument april = march(0, 0);  // by one version: 30 + 15
  april.period = parse_month("2026-04");
  april.usage = {used("seats", 60, "2026-04-01", "2026-04-16"),
                 used("seats", 30, "2026-04-16", "2026-05-01")};
  EXPECT_EQ(bill(set, april), (Texts{"seats 900.00", "total 900.00"}));
  april.usage[1].from = parse_date("2026-04-10");
  EXPECT_EQ(bill(set, april),
            (Texts{"/usage/1: `seats` has a quantity at these values already, and two averages of "
                   "the same days do not say what both come to: give one entry, or where prices "
                   "change inside the period quote the days before and after by themselves"}));
}

TEST(CutPeriod, AnAverageCountsForTheHoursOfItsDays) {
  const CardSet set = testing::card_set(
      {"toll 1\nunit seat, seats\nmeter seats averages seat\ncard c \"C\"\n  from 2026-01-01\n"
       "  currency USD\n  time zone Europe/Berlin\n  period month\n  round each line half-up\n"
       "  charge seats\n    at 10.00 USD per seat\n"});
  UsageDocument october = march(0, 0);
  october.period = parse_month("2026-10");
  october.usage = {used("seats", 60, "2026-10-01", "2026-10-25"),
                   used("seats", 30, "2026-10-25", "2026-11-01")};
  // The 25th has 25 hours: (60 x 576 + 30 x 169) / 745 = 53.194630872483.
  EXPECT_EQ(bill(set, october), (Texts{"seats 531.95", "total 531.95"}));
}

TEST(CutPeriod, AnAllowanceCountsOnce) {
  const std::string charge = "  charge calls\n    included 100 calls\n    at 1.00 USD per call\n";
  const CardSet set =
      cards(charge, "  change charge calls\n    at 2.00 USD per call, was 1.00 USD per call\n");
  EXPECT_EQ(bill(set, march(80, 40)), (Texts{"calls 40.00", "total 40.00"}));     // 20 x 2.00
  EXPECT_EQ(bill(set, march(120, 40)), (Texts{"calls 100.00", "total 100.00"}));  // and 20 x 1.00
}

TEST(CutPeriod, AMinimumIsDueOnce) {
  const std::string charge = "  charge calls\n    at 1.00 USD per call\n    minimum 100.00 USD\n";
  const CardSet set =
      cards(charge, "  change charge calls\n    at 2.00 USD per call, was 1.00 USD per call\n");
  EXPECT_EQ(bill(set, march(30, 10)), (Texts{"calls 100.00", "total 100.00"}));
  // 30 x 1.00 + 30 x 2.00 are below it, and 30 x 1.00 + 40 x 2.00 are not.
  EXPECT_EQ(bill(set, march(30, 30)), (Texts{"calls 100.00", "total 100.00"}));
  EXPECT_EQ(bill(set, march(30, 40)), (Texts{"calls 110.00", "total 110.00"}));
  UsageDocument open = march(30, 10);
  open.final = false;  // 30 x 1.00 + 10 x 2.00
  const Answer answer = quote(set, open).value();
  EXPECT_EQ(lines(answer.lines), Texts{"calls 50.00"});
  EXPECT_EQ(lines(answer.due_at_close), Texts{"calls 50.00"});
}

/// Two whole charges, of which the later one is in force from the cut on.
Texts bill_of_two(const std::string& old, const std::string& next, int64_t before, int64_t after) {
  const auto charge = [](const std::string& lines) {
    return lines.empty() ? std::string() : "  charge calls\n" + lines;
  };
  const CardSet set = testing::card_set(
      {kDeclarations + kHeader + charge(old) + "  fee base at 1.00 USD per month, not prorated\n",
       kDeclarations +
           "card c \"C\"\n  from 2026-03-16\n  switch at once\n  applies to everyone\n"
           "  currency USD\n  period month\n  round each line half-up\n" +
           charge(next) + "  fee base at 1.00 USD per month, not prorated\n"});
  UsageDocument asked = march(before, after);
  std::erase_if(asked.usage, [](const UsageEntry& entry) { return entry.quantity == Decimal{}; });
  Texts lines = bill(set, asked);
  std::erase(lines, "base 1.00");
  return lines;
}

TEST(CutPeriod, TheLastVersionThatHasAChargeHasItsMinimum) {
  const std::string plain = "    at 1.00 USD per call\n";
  const std::string at_least = plain + "    minimum 40.00 USD\n";
  const std::string at_most = plain + "    maximum 40.00 USD\n";
  EXPECT_EQ(bill_of_two(at_least, plain, 10, 10), (Texts{"calls 20.00", "total 21.00"}));
  EXPECT_EQ(bill_of_two(plain, at_least, 10, 10), (Texts{"calls 40.00", "total 41.00"}));
  EXPECT_EQ(bill_of_two("", at_least, 0, 10), (Texts{"calls 40.00", "total 41.00"}));
  EXPECT_EQ(bill_of_two(at_least, "", 10, 0), (Texts{"calls 40.00", "total 41.00"}));
  EXPECT_EQ(bill_of_two(at_most, plain, 50, 10), (Texts{"calls 60.00", "total 61.00"}));
  EXPECT_EQ(bill_of_two(plain, at_most, 50, 10), (Texts{"calls 40.00", "total 41.00"}));
}

TEST(CutPeriod, AMinimumIsExplainedBelowTheParts) {
  const std::string charge = "  charge calls\n    at 1.00 USD per call\n    minimum 100.00 USD\n";
  const CardSet set =
      cards(charge, "  change charge calls\n    at 2.00 USD per call, was 1.00 USD per call\n");
  const Step last = explain(set, march(30, 10)).value().lines.at(0).steps.back();
  EXPECT_EQ(last.text, "minimum 100.00 USD, on all of the period: 50 → 100");
  EXPECT_EQ(last.source + " " + last.amount.value(), "card0.toll:13 100");
}

TEST(CutPeriod, AMinimumThatRowsShareIsExplainedByWhatTheyComeTo) {
  const std::string by_kind =
      "toll 1\nunit call, calls\ndimension kind is a, b\nmeter calls counts call by kind\n";
  const CardSet set = testing::card_set(
      {by_kind + kHeader +
           "  charge calls by kind\n    any at 1.00 USD per call\n    minimum 90.00 USD shared\n",
       "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n"
       "  applies to everyone\n  change charge calls\n"
       "    any at 2.00 USD per call, was 1.00 USD per call\n"});
  UsageDocument asked = march(30, 10);
  for (UsageEntry& entry : asked.usage) entry.at = {{"kind", "a"}};
  const Answer answer = explain(set, asked).value();
  EXPECT_EQ(lines(answer.lines), (Texts{"calls/a 50.00", "calls/minimum 40.00"}));
  ASSERT_EQ(answer.lines[1].steps.size(), 1u);
  EXPECT_EQ(answer.lines[1].steps[0].text,
            "minimum 90.00 USD shared, on all of the period: 50 → 90");
  EXPECT_EQ(answer.lines[1].steps[0].amount, "40");
}

TEST(CutPeriod, AMinimumIsWhatTheLinesBelowItMakeOfIt) {
  const std::string old = "    at 1.00 USD per call\n    minimum 40.00 USD\n    discount 10%\n";
  const std::string next = "    at 2.00 USD per call\n    minimum 60.00 USD\n    discount 10%\n";
  EXPECT_EQ(bill_of_two(old, next, 10, 10), (Texts{"calls 54.00", "total 55.00"}));
  EXPECT_EQ(bill_of_two(old, next, 10, 30),
            (Texts{"calls 63.00", "total 64.00"}));  // 70.00 less 10%
}

TEST(CutPeriod, AProratedMinimumIsThatOfEachVersionForItsDays) {
  const auto at_least = [](const std::string& amount) {
    return "    at 1.00 USD per call\n    minimum " + amount + " USD prorated by day\n";
  };
  EXPECT_EQ(bill_of_two(at_least("31.00"), at_least("62.00"), 1, 1),  // 15.00 and 32.00
            (Texts{"calls 47.00", "total 48.00"}));
  EXPECT_EQ(bill_of_two("", at_least("62.00"), 0, 1), (Texts{"calls 32.00", "total 33.00"}));
  EXPECT_EQ(bill_of_two(at_least("10.01"), at_least("10.01"), 1, 1),
            (Texts{"calls 10.01", "total 11.01"}));
}

TEST(CutPeriod, AChargeOfOneSideIsNothingOnTheOther) {
  const std::string seats = "  charge seats\n    at 3.00 USD per seat\n";
  UsageDocument asked = march(80, 40);
  asked.usage.push_back(used("seats", 5, "2026-03-01", "2026-03-16"));
  EXPECT_EQ(bill(cards(kTiers + seats, "  remove charge seats\n"), asked),
            (Texts{"calls 110.00", "seats 15.00", "total 125.00"}));
  asked.usage.back() = used("seats", 5, "2026-03-16", "2026-04-01");
  EXPECT_EQ(bill(cards(kTiers + seats, "  remove charge seats\n"), asked),
            (Texts{"calls 110.00", "seats 0.00", "total 110.00"}));
  EXPECT_EQ(bill(cards(kTiers, seats), asked),
            (Texts{"calls 110.00", "seats 15.00", "total 125.00"}));
}

TEST(CutPeriod, WhatActsOnTheBillActsOnceByTheLastVersion) {
  const std::string commitment =
      "  commit deal 200.00 USD per month\n    counts calls\n"
      "    true up every month\n";
  const std::string fee = "  fee base at 10.00 USD per month, not prorated\n";
  const CardSet set =
      cards(fee + kTiers + "  bill discount 50%\n", kDearer + "  bill minimum 100.00 USD\n");
  // Half of 150.00 is 75.00.
  EXPECT_EQ(bill(set, march(80, 40)), (Texts{"base 10.00", "calls 140.00", "bill/discount -75.00",
                                             "bill/minimum 25.00", "total 100.00"}));
  const CardSet committed = cards(fee + kTiers, kDearer + commitment);
  EXPECT_EQ(bill(committed, march(80, 40)),
            (Texts{"base 10.00", "calls 140.00", "deal 60.00", "total 210.00"}));
}

TEST(CutPeriod, NoLineIsBelowZero) {
  const std::string volume =
      "  charge calls\n    tiers volume\n    up to 50 calls at 0.10 USD per call\n"
      "    beyond at 0.01 USD per call\n";
  const CardSet set = cards(volume,
                            "  change charge calls\n"
                            "    up to 50 calls at 4.00 USD per call, was 0.10 USD per call\n");
  // 4.00 by the old version; by the new one 0.60 for 60 calls, less 160.00 for 40.
  EXPECT_EQ(bill(set, march(40, 20)), (Texts{"calls 0.00", "total 0.00"}));
}

TEST(CutPeriod, AnEntryOverTheCutIsRefused) {
  UsageDocument asked = march(80, 40);
  asked.usage.pop_back();
  asked.usage[0].from.reset();
  asked.usage[0].until.reset();
  EXPECT_EQ(bill(cards(kTiers, kDearer), asked),
            Texts{"/usage/0: version 2026-03-16 of `c` begins on 2026-03-16, so it matters when "
                  "`calls` was used: split the entry there, with `from` and `until`"});
}

TEST(CutPeriod, VersionsThatCannotShareABillAreRefused) {
  EXPECT_EQ(
      bill(cards(kTiers,
                 "  currency EUR\n  remove charge calls\n  charge calls\n    at 1.00 EUR per "
                 "call\n"),
           march(1, 1))
          .front(),
      "/period: version 2026-03-16 of `c` begins inside the period, on 2026-03-16, and cannot "
      "share "
      "a bill with what was before it, since the two bill in different currencies: quote the days "
      "up to there and those from there by themselves");
}

TEST(CutPeriod, AVersionThatIsPickedCutsNothing) {
  UsageDocument asked = march(80, 40);
  asked.on = parse_date("2026-03-20");
  EXPECT_EQ(bill(cards(kTiers, kDearer), asked),
            Texts{"/period: version 2026-03-16 of `c` is in force from 2026-03-16"});
}

TEST(CutPeriod, TheAnswerNamesTheVersionsAndExplainsTheParts) {
  const CardSet set = cards(
      "  fee base at 31.00 USD per month, prorated by day\n" + kTiers + "  bill discount 10%\n",
      kDearer);
  const Answer answer = explain(set, march(80, 40)).value();
  ASSERT_EQ(answer.parts.size(), 2u);
  EXPECT_EQ(answer.parts[0].version, "2026-01-01");
  EXPECT_EQ(to_string(answer.parts[1].period.from), "2026-03-16");
  EXPECT_EQ(answer.parts[1].hash, answer.hash);
  EXPECT_NE(answer.parts[0].hash, answer.hash);
  const auto steps = [&](size_t line) {
    Texts texts;
    for (const Step& step : answer.lines[line].steps)
      texts.push_back(step.text + " | " + step.source + " | " + step.amount.value_or("-"));
    return texts;
  };
  EXPECT_EQ(answer.lines[1].quantity, "120");
  EXPECT_EQ(steps(0), (Texts{"2026-03-01 until 2026-03-16, by version 2026-01-01: 15 | "
                             "card0.toll:11 | 15",
                             "2026-03-16 until 2026-04-01, by version 2026-03-16: 16 | "
                             "card0.toll:11 | 31"}));
  EXPECT_EQ(
      steps(1),
      (Texts{"all usage before 2026-03-16: 80 calls, up to 100 calls at 1.00 USD per call = 80 | "
             "card0.toll:14 | 80",
             "2026-03-01 until 2026-03-16, by version 2026-01-01: 80 | card0.toll:12 | 80",
             "all usage before 2026-04-01: 100 calls, up to 100 calls at 2.00 USD per call = 200 | "
             "card1.toll:7 | 200",
             "all usage before 2026-04-01: 20 calls, beyond at 1.00 USD per call = 20 | "
             "card1.toll:8 | 20",
             "less, usage before 2026-03-16: 80 calls, up to 100 calls at 2.00 USD per call = 160 "
             "| card1.toll:7 | 160",
             "2026-03-16 until 2026-04-01, by version 2026-03-16: 220 for all usage up to then, "
             "less 160 for what was used before | card0.toll:12 | 140"}));
  EXPECT_EQ(steps(2), Texts{"on the lines of the whole period, by version 2026-03-16 |  | -17.1"});
}

const std::string kPlans =
    "  plan starter\n    fee base at 31.00 USD per month, prorated by day\n"
    "    fee setup at 5.00 USD per month, not prorated\n"
    "    charge calls\n      included 50 calls\n      at 1.00 USD per call\n"
    "  plan pro\n    fee base at 62.00 USD per month, prorated by day\n"
    "    fee setup at 9.00 USD per month, not prorated\n"
    "    charge calls\n      included 100 calls\n      at 0.50 USD per call\n"
    "    charge seats\n      at 3.00 USD per seat\n";

CardSet plans() { return testing::card_set({kDeclarations + kHeader + kPlans}); }

/// March in `starter`, and from its 16th on in `pro`.
UsageDocument upgraded(int64_t before, int64_t after) {
  UsageDocument document = march(before, after);
  document.plan = "starter";
  document.plan_changes = {{*parse_date("2026-03-16"), "pro"}};
  return document;
}

TEST(ChangeOfPlan, BillsEachPlanForItsDaysAndUsage) {
  // 30 above 50 at 1.00, then 20 above 100 at 0.50; 15 days of 31.00 and 16 of 62.00. What is not
  // prorated is that of the plan that begins the period.
  EXPECT_EQ(bill(plans(), upgraded(80, 40)),
            (Texts{"base 47.00", "setup 5.00", "calls 40.00", "seats 0.00", "total 92.00"}));
}

TEST(ChangeOfPlan, GoesOverSeveralPlansInAnyOrder) {
  UsageDocument document = upgraded(80, 40);
  document.plan_changes = {{*parse_date("2026-03-26"), "starter"},
                           {*parse_date("2026-03-16"), "pro"}};
  document.usage[1].until = parse_date("2026-03-26");
  document.usage.push_back(used("calls", 10, "2026-03-26", "2026-04-01"));
  // As above, then 80 less 70 by `starter`.
  EXPECT_EQ(bill(plans(), document),
            (Texts{"base 41.00", "setup 5.00", "calls 50.00", "seats 0.00", "total 96.00"}));
}

TEST(ChangeOfPlan, CutsAVersionAsWell) {
  const CardSet set =
      testing::card_set({kDeclarations + kHeader + kPlans,
                         "toll 1\ncard c extends previous\n  from 2026-03-11\n  switch at once\n"
                         "  applies to everyone\n  plan pro\n    change charge calls\n"
                         "      at 0.25 USD per call, was 0.50 USD per call\n"});
  UsageDocument document = upgraded(0, 0);
  document.usage = {used("calls", 80, "2026-03-01", "2026-03-11"),
                    used("calls", 40, "2026-03-16", "2026-04-01")};
  const auto answer = explain(set, document);
  ASSERT_TRUE(answer.has_value()) << answer.error().faults.front().message;
  Texts parts;
  for (const AnswerPart& part : answer->parts)
    parts.push_back(to_string(part.period.from) + " " + part.version + " " + *part.plan);
  EXPECT_EQ(parts, (Texts{"2026-03-01 2026-01-01 starter", "2026-03-11 2026-03-11 starter",
                          "2026-03-16 2026-03-11 pro"}));
  EXPECT_EQ(lines(answer->lines)[2], "calls 35.00");
  EXPECT_EQ(answer->plan, "pro");
}

TEST(ChangeOfPlan, EachPartIsExplainedByTheLinesOfItsPlan) {
  const Answer answer = explain(plans(), upgraded(80, 40)).value();
  Texts steps;
  for (const Step& step : answer.lines[0].steps) steps.push_back(step.text + " | " + step.source);
  EXPECT_EQ(steps, (Texts{"2026-03-01 until 2026-03-16, by version 2026-01-01, plan `starter`: 15 "
                          "| card0.toll:12",
                          "2026-03-16 until 2026-04-01, by version 2026-01-01, plan `pro`: 32 | "
                          "card0.toll:18"}));
}

/// March with a change of plan on its 16th, between a base fee per month and one per year.
Texts base_of(const char* first, const char* second, const char* since) {
  const std::string calls = "    charge calls\n      at 1.00 USD per call\n";
  const CardSet set = testing::card_set(
      {kDeclarations + kHeader +
       "  plan monthly\n    fee base at 31.00 USD per month, prorated by day\n" + calls +
       "  plan yearly\n    fee base at 300.00 USD per year, not prorated\n" + calls});
  UsageDocument asked = march(0, 0);
  asked.plan = first;
  asked.plan_changes = {{*parse_date("2026-03-16"), second}};
  asked.customer_since = parse_date(since);
  const auto answer = quote(set, asked);
  Texts texts;
  for (const AnswerLine& line : answer.value().lines)
    if (line.path == "base")
      texts = {line.amount, line.quantity.value_or("-") + " " + line.unit.value_or("-")};
  return texts;
}

TEST(ChangeOfPlan, AFeeForATermIsThatOfThePlanOfTheDayOnWhichItBegins) {
  // 15 days by the month, and the year that begins in the yearly plan.
  for (const char* since : {"2025-03-20", "2025-03-16", "2024-03-31"})
    EXPECT_EQ(base_of("monthly", "yearly", since), (Texts{"315.00", "- -"})) << since;
  // The year began in the monthly plan, which has no fee for it: the next one is the first.
  for (const char* since : {"2025-03-15", "2025-03-01", "2026-01-10"})
    EXPECT_EQ(base_of("monthly", "yearly", since), (Texts{"15.00", "15/31 month"})) << since;
  // The yearly plan is left before its next year begins, and 16 days are paid by the month.
  for (const char* since : {"2025-03-20", "2025-03-16", "2026-01-10"})
    EXPECT_EQ(base_of("yearly", "monthly", since), (Texts{"16.00", "16/31 month"})) << since;
  for (const char* since : {"2025-03-15", "2025-03-01"})
    EXPECT_EQ(base_of("yearly", "monthly", since), (Texts{"316.00", "- -"})) << since;
}

TEST(ChangeOfPlan, MustFitThePeriod) {
  const auto with = [](auto change) {
    UsageDocument document = upgraded(80, 40);
    change(document);
    return bill(plans(), document);
  };
  EXPECT_EQ(with([](UsageDocument& d) { d.plan_changes[0].first = d.period->from; }),
            Texts{"/plan_changes/2026-03-01: a change of plan lies inside the period, after "
                  "2026-03-01 and before 2026-04-01"});
  EXPECT_EQ(with([](UsageDocument& d) { d.plan_changes[0].first = d.period->until; }),
            Texts{"/plan_changes/2026-04-01: a change of plan lies inside the period, after "
                  "2026-03-01 and before 2026-04-01"});
  EXPECT_EQ(with([](UsageDocument& d) { d.plan_changes[0].second = "starter"; }),
            Texts{"/plan_changes/2026-03-16: the plan is `starter` before that day, too"});
  EXPECT_EQ(with([](UsageDocument& d) { d.plan_changes[0].second = "pr"; }),
            Texts{"/plan_changes/2026-03-16: card `c` has no plan `pr`; its plans are `starter`, "
                  "`pro`"});
  EXPECT_EQ(with([](UsageDocument& d) { d.plan = "pr"; }),
            Texts{"/plan: card `c` has no plan `pr`; its plans are `starter`, `pro`"});
  EXPECT_EQ(with([](UsageDocument& d) { d.plan.reset(); }),
            Texts{"/plan: the plan changes inside the period: name the one with which it begins"});
  EXPECT_EQ(with([](UsageDocument& d) { d.period.reset(); }),
            Texts{"/plan_changes: the plan changes inside the period: say which days it has, by "
                  "`period`"});
  EXPECT_EQ(with([](UsageDocument& d) { d.on = parse_date("2026-03-20"); }),
            Texts{"/on: one revision is asked for, and over a change of plan each day has the one "
                  "that is then in force: leave it out"});
  EXPECT_EQ(with([](UsageDocument& d) { d.usage[0].until.reset(); }),
            Texts{"/usage/0: plan `pro` of `c` begins on 2026-03-16, so it matters when `calls` "
                  "was used: split the entry there, with `from` and `until`"});
}

TEST(CutPeriod, UsageThatThePlanOfItsDaysDoesNotPriceCostsNothing) {
  const CardSet set = testing::card_set(
      {kDeclarations + kHeader +
       "  plan starter\n    charge calls\n      included 10 calls\n      at 1.00 USD per call\n"
       "  plan pro\n    charge seats\n      at 5.00 USD per seat\n"});
  UsageDocument document = upgraded(80, 40);
  document.usage.push_back(used("seats", 60, "2026-03-01", "2026-03-16"));
  document.usage.push_back(used("seats", 60, "2026-03-16", "2026-04-01"));
  EXPECT_EQ(bill(set, document), (Texts{"seats 300.00", "calls 70.00", "total 370.00"}));
  // And is in no allowance of days that price it.
  document.plan_changes.emplace_back(*parse_date("2026-03-26"), "starter");
  document.usage = {used("calls", 4, "2026-03-01", "2026-03-16"),
                    used("calls", 40, "2026-03-16", "2026-03-26"),
                    used("calls", 8, "2026-03-26", "2026-04-01")};
  EXPECT_EQ(bill(set, document), (Texts{"calls 2.00", "seats 0.00", "total 2.00"}));
  document.usage.push_back(used("call", 1, "2026-03-16", "2026-03-26"));
  EXPECT_EQ(bill(set, document), Texts{"/usage/3/meter: plan `pro` of card `c` has no meter "
                                       "`call`; its meters are `seats`"});
  document.usage.back() = used("calls", 1, "2026-03-01", "2026-04-01");
  EXPECT_EQ(bill(set, document),
            Texts{"/usage/3: plan `pro` of `c` begins on 2026-03-16, so it matters when `calls` "
                  "was used: split the entry there, with `from` and `until`"});
}

UsageEntry items(const std::vector<int64_t>& items, const char* from, const char* until) {
  UsageEntry given = used("jobs", 0, from, until);
  given.given = UsageEntry::Given::Items;
  for (const int64_t item : items) given.items.push_back({item, 0});
  return given;
}

TEST(CutPeriod, UsageIsGivenAsThePlanOfItsDaysPricesIt) {
  const auto plans = [](const std::string& each) {
    return testing::card_set(
        {"toll 1\nunit job, jobs\nmeter jobs lists job\n" + kHeader +
         "  plan starter\n    charge jobs\n      included 5 jobs\n      at 2.00 USD per job\n"
         "  plan pro\n    charge jobs each item\n      " +
         each + "\n      at 1.00 USD per job\n"});
  };
  const CardSet alone = plans("included 1 job each");
  UsageDocument document = upgraded(0, 0);
  const UsageEntry sum = used("jobs", 8, "2026-03-01", "2026-03-16");
  document.usage = {sum, items({7}, "2026-03-16", "2026-04-01")};
  EXPECT_EQ(bill(alone, document), (Texts{"jobs 12.00", "total 12.00"}));
  document.usage[0] = items({3, 5}, "2026-03-01", "2026-03-16");
  EXPECT_EQ(bill(alone, document), (Texts{"jobs 12.00", "total 12.00"}));
  document.usage[1] = used("jobs", 7, "2026-03-16", "2026-04-01");
  EXPECT_EQ(bill(alone, document), Texts{"/usage/1/quantity: plan `pro` of card `c` prices each "
                                         "item of `jobs`: give them one by one, as "
                                         "in \"items\": [\"100.00\", \"9.99\"]"});
  // The first item is free, also where it came before the plan.
  document.usage = {sum, items({7}, "2026-03-16", "2026-04-01")};
  EXPECT_EQ(bill(plans("included 1 jobs shared"), document),
            Texts{"/usage/0/quantity: plan `pro` of card `c` prices each item of `jobs`: give them "
                  "one by one, as "
                  "in \"items\": [\"100.00\", \"9.99\"]"});
  document.usage[0] = items({3, 5}, "2026-03-01", "2026-03-16");
  EXPECT_EQ(bill(plans("included 1 jobs shared"), document), (Texts{"jobs 13.00", "total 13.00"}));
}

TEST(CutPeriod, WarnsOfAValueOfEachPartThatMayBeMisspelled) {
  const std::string declarations =
      "toll 1\nunit call, calls\ndimension model is mini, other\nmeter calls counts call by "
      "model\n";
  const CardSet set =
      testing::card_set({declarations + kHeader + "  charge calls\n    at 1.00 USD per call\n",
                         "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n"
                         "  applies to everyone\n  change charge calls\n"
                         "    at 2.00 USD per call, was 1.00 USD per call\n"});
  UsageDocument asked = march(1, 1);
  asked.usage[0].at = {{"model", "Mini"}};
  asked.usage[1].at = {{"model", "MINI"}};
  EXPECT_EQ(quote(set, asked)->warnings,
            (Texts{"`Mini` is not a value of `model` and counts as `other`, but `mini` is",
                   "`MINI` is not a value of `model` and counts as `other`, but `mini` is"}));
}

// It may be meant for days on which it costs something.
TEST(CutPeriod, WhatCostsNothingOnItsDaysIsReadLikeAllElse) {
  const CardSet set = testing::card_set(
      {"toll 1\nunit call, calls\nunit seat, seats\ndimension region is eu, us\n"
       "meter calls counts call by region\nmeter seats peaks seat\n" +
       kHeader + "  plan starter\n    charge calls\n      at 1.00 USD per call\n" +
       "  plan pro\n    charge seats\n      at 5.00 USD per seat\n"});
  UsageDocument document = upgraded(80, 40);
  document.usage[0].at = document.usage[1].at = {{"region", "eu"}};
  EXPECT_EQ(bill(set, document), (Texts{"seats 0.00", "calls 80.00", "total 80.00"}));
  document.usage[1].at = {{"region", "mars"}};
  EXPECT_EQ(
      faults(set, document),
      Texts{"/usage/1/at/region: `mars` is not a value of `region`; its values are `eu`, `us`"});
  document.usage[1].at = {{"region", "eu"}, {"zone", "a"}};
  EXPECT_EQ(faults(set, document),
            Texts{"/usage/1/at/zone: meter `calls` does not count by `zone`"});
  document.usage[1].at.clear();
  EXPECT_EQ(faults(set, document),
            Texts{"/usage/1/at: meter `calls` counts by `region`, and no value is given for it"});
  document.usage[1] = used("calls", 40, "2026-03-16", "2026-05-01");
  document.usage[1].at = {{"region", "eu"}};
  EXPECT_EQ(faults(set, document),
            Texts{"/usage/1/from: 2026-03-16 to 2026-05-01 is no part of the period 2026-03-01 to "
                  "2026-04-01"});
  document.usage[1] = used("calls", 40, "2026-03-16", "2026-04-01");
  document.usage[1].at = {{"region", "eu"}};
  document.usage[1].quantity = {405, 1};
  EXPECT_EQ(faults(set, document).size(), 1u);
}

}  // namespace
}  // namespace toll::runtime
