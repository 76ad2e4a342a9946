// Shares, prorated constants, tiers chosen by something else, and tiers that are rounded: amounts
// worked by hand, by interpreter and native code.
#include <gtest/gtest.h>

#include "tests/unit/compiler/rated.h"

namespace toll::compiler {
namespace {

/// Meters: 0 calls, 1 jobs by region, 2 seats, in the order in which `items` names them.
std::string card(const std::string& items, const std::string& round = "line half-up") {
  return "toll 1\nunit call, calls\nunit seat, seats\ndimension region is us, eu\n"
         "meter calls counts call\nmeter jobs counts call by region\nmeter seats peaks seat\n"
         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each " +
         round + "\n\n" + items;
}

TEST(Shares, ReadRoundedLinesAbove) {
  Rated rated(
      card("  charge calls\n    at 0.005 USD per call\n"
           "  charge support\n    at 50% of calls\n"));
  EXPECT_EQ(rated.use("1").amounts(), (Amounts{1, 1}));  // of 1 cent, not of half a cent
  EXPECT_EQ(rated.use("0").amounts(), (Amounts{0, 0}));
}

TEST(Shares, AddUpCellsAndSharedLines) {
  Rated rated(
      card("  fee base at 10.00 USD per month, not prorated\n"
           "  charge jobs by region\n    any at 1.00 USD per call\n"
           "    maximum 5.00 USD shared\n"
           "  charge support\n    at 10% of base and jobs\n    minimum 1.00 USD\n"));
  EXPECT_EQ(rated.use(0, {0}, "4").use(0, {1}, "3").amounts(),
            (Amounts{1000, 400, 300, -200, 150}));
  EXPECT_EQ(rated.amounts(), (Amounts{1000, 0, 100}));
}

TEST(Shares, HaveTiersOnTheAmount) {
  const std::string rows =
      "    up to 10.00 USD at 10% of calls\n    beyond at 5% of calls + 1.00 USD flat\n";
  Rated graduated(
      card("  charge calls\n    at 1.00 USD per call\n"
           "  charge support\n    tiers graduated\n" +
           rows));
  EXPECT_EQ(graduated.use("10").amounts(), (Amounts{1000, 100}));
  EXPECT_EQ(graduated.use("12").amounts(), (Amounts{1200, 210}));
  Rated volume(
      card("  charge calls\n    at 1.00 USD per call\n"
           "  charge support\n    tiers volume\n" +
           rows));
  EXPECT_EQ(volume.use("10").amounts(), (Amounts{1000, 100}));
  EXPECT_EQ(volume.use("12").amounts(), (Amounts{1200, 160}));
}

TEST(Shares, CanBeOfShares) {
  Rated rated(
      card("  charge calls\n    at 1.00 USD per call\n"
           "  charge support\n    at 10% of calls\n"
           "  charge tax\n    at 20% of calls and support\n"));
  EXPECT_EQ(rated.use("10").amounts(), (Amounts{1000, 100, 220}));
}

TEST(Prorated, AllowancesAreWholeUnitsForAPart) {
  Rated rated(
      card("  charge calls\n    included 1,000 calls prorated\n    at 1.00 USD per call\n"));
  EXPECT_EQ(rated.use("1001").amounts(), Amounts{100});
  EXPECT_EQ(rated.use("549").amounts(true, 17, 31), Amounts{100});  // 548.39 are 548
  EXPECT_EQ(rated.use("550").amounts(true, 17, 31), Amounts{200});
  EXPECT_EQ(rated.use("1").amounts(true, 0, 31), Amounts{100});
}

TEST(Prorated, AWholePeriodTakesItAsItIsWritten) {
  Rated rated(card("  charge calls\n    included 10.5 calls prorated\n    at 1.00 USD per call\n"));
  EXPECT_EQ(rated.use("11").amounts(), Amounts{50});
  EXPECT_EQ(rated.use("11").amounts(true, 30, 31), Amounts{100});  // 10.16 are 10
}

TEST(Prorated, SharedAllowancesToo) {
  Rated rated(
      card("  charge jobs by region\n    included 10 calls prorated shared\n"
           "    any at 1.00 USD per call\n"));
  EXPECT_EQ(rated.use(0, {0}, "3").use(0, {1}, "4").amounts(true, 1, 2), (Amounts{0, 200}));
}

TEST(Prorated, BoundsAreRoundedBeforeTheyAreCompared) {
  Rated rated(
      card("  charge calls\n    at 0.01 USD per call\n    discount 50%\n"
           "    minimum 10.00 USD prorated by day\n"
           "    maximum 20.00 USD prorated by day\n"));
  EXPECT_EQ(rated.use("0").amounts(), Amounts{1000});
  EXPECT_EQ(rated.use("0").amounts(true, 1, 3), Amounts{333});
  EXPECT_EQ(rated.use("0").amounts(false, 1, 3), Amounts{0});
  EXPECT_EQ(rated.use("1000000").amounts(true, 1, 3), Amounts{667});
  EXPECT_EQ(rated.use("1000000").amounts(), Amounts{2000});
}

TEST(Prorated, ByTheStepOfTheCard) {
  Rated rated(
      card("  charge calls\n    at 0.01 USD per call\n"
           "    minimum 1.00 USD prorated by day\n"
           "  bill minimum 2.00 USD prorated by day\n",
           "line half-up to 0.05 USD"));
  EXPECT_EQ(rated.use("0").amounts(true, 1, 3), (Amounts{35, 30}));  // 0.65 in all
}

TEST(Tiers, AcrossRowsGoByTheSumAfterQuantityLines) {
  Rated rated(
      card("  charge jobs by region\n    included 5 calls in each row\n"
           "    tiers volume across rows\n"
           "    us up to 10 calls at 2.00 USD per call\n"
           "    us beyond at 1.00 USD per call\n"
           "    eu at 3.00 USD per call\n"));
  EXPECT_EQ(rated.use(0, {0}, "10").use(0, {1}, "10").amounts(), (Amounts{1000, 1500}));
  EXPECT_EQ(rated.use(0, {0}, "10").use(0, {1}, "11").amounts(), (Amounts{500, 1800}));
  EXPECT_EQ(rated.use(0, {0}, "10").use(0, {1}, "4").amounts(), (Amounts{1000, 0}));
}

TEST(Tiers, AcrossRowsKeepASharedAllowance) {
  Rated rated(
      card("  charge jobs by region\n    included 5 calls shared\n"
           "    tiers volume across rows\n"
           "    any up to 10 calls at 2.00 USD per call\n"
           "    any beyond at 1.00 USD per call\n"));
  EXPECT_EQ(rated.use(0, {0}, "3").use(0, {1}, "12").amounts(), (Amounts{0, 2000}));
  EXPECT_EQ(rated.use(0, {0}, "3").use(0, {1}, "13").amounts(), (Amounts{0, 1100}));
}

TEST(Tiers, ByAnotherMeter) {
  Rated rated(
      card("  charge calls\n    tiers volume by seats\n"
           "    up to 0 seats at 5.00 USD per call\n"
           "    up to 10 seats at 2.00 USD per call\n"
           "    beyond at 1.00 USD per call\n    minimum 0.50 USD\n"));
  EXPECT_EQ(rated.use("3").amounts(), Amounts{1500});
  EXPECT_EQ(rated.use("3").use(1, {}, "10").amounts(), Amounts{600});
  EXPECT_EQ(rated.use("3").use(1, {}, "10.5").amounts(), Amounts{300});
  EXPECT_EQ(rated.use("0").use(1, {}, "11").amounts(), Amounts{50});
}

TEST(Tiers, OfAJointCapacity) {
  Rated rated(
      card("  charge room on calls, seats\n    tiers stairstep\n"
           "    up to 10 calls, up to 5 seats at 1.00 USD flat\n"
           "    up to 20 calls, up to 4 seats at 2.00 USD flat\n"
           "    up to 20 calls, up to 50 seats at 3.00 USD flat\n"
           "  limit calls to 20 calls per month then block\n"
           "  limit seats to 50 seats per month then block\n"));
  EXPECT_EQ(rated.amounts(), Amounts{0});
  EXPECT_EQ(rated.use("10").use(1, {}, "5").amounts(), Amounts{100});
  EXPECT_EQ(rated.use(1, {}, "1").amounts(), Amounts{100});
  EXPECT_EQ(rated.use("11").use(1, {}, "4").amounts(), Amounts{200});
  EXPECT_EQ(rated.use("10").use(1, {}, "5.1").amounts(), Amounts{300});
  EXPECT_EQ(rated.use("20.5").use(1, {}, "5").fault(0), FaultKind::AboveLastTier);
}

TEST(RoundEachTier, RoundsEachRowOfAGraduatedTable) {
  const std::string rows =
      "    up to 1 calls at 0.014 USD per call\n    up to 2 calls at 0.013 USD per call\n"
      "    beyond at 0.005 USD per call\n";
  Rated tier(card("  charge calls\n    tiers graduated\n" + rows, "tier half-up"));
  EXPECT_EQ(tier.use("3").amounts(), Amounts{3});  // 1.4, 1.3 and 0.5 cents are 1, 1 and 1
  EXPECT_EQ(tier.use("2.5").amounts(), Amounts{2});
  Rated line(card("  charge calls\n    tiers graduated\n" + rows));
  EXPECT_EQ(line.use("3").amounts(), Amounts{3});
  EXPECT_EQ(line.use("2.5").amounts(), Amounts{3});  // 2.95 cents
}

TEST(RoundEachTier, ThenMoneyLinesAndTheLine) {
  Rated rated(
      card("  charge calls\n    tiers graduated\n"
           "    up to 1 calls at 0.014 USD per call\n    beyond at 0.006 USD per call\n"
           "    discount 50%\n  charge jobs by region\n    any at 0.004 USD per call\n",
           "tier up"));
  EXPECT_EQ(rated.use("2").use(1, {1}, "2").amounts(), (Amounts{2, 1}));  // (2 + 1) / 2 = 1.5
}

TEST(ToDate, AnAllowanceHasLeftWhatWasNotUsed) {
  Rated rated(
      card("  charge jobs by region\n    included 100 calls per year shared\n"
           "    any at 1.00 USD per call\n"));
  EXPECT_EQ(rated.use(0, {0}, "60").use(0, {1}, "50").amounts(), (Amounts{0, 1000}));
  EXPECT_EQ(rated.used_to_date("99.5").use(0, {0}, "1").use(0, {1}, "1").amounts(),
            (Amounts{50, 100}));
  EXPECT_EQ(rated.used_to_date("100").use(0, {0}, "1").amounts(), Amounts{100});
  EXPECT_EQ(rated.used_to_date("1000").use(0, {0}, "1").amounts(), Amounts{100});
}

TEST(ToDate, WhatDoesNotFitFailsAtTheFirstLine) {
  Rated rated(
      card("  charge calls\n    included 0.000000000001 calls per year\n"
           "    at 1.00 USD per call\n"));
  EXPECT_EQ(rated.use("1").amounts(), Amounts{100});
  EXPECT_EQ(rated.used_to_date("99999999999999999.999999999999").use("1").fault(0),
            FaultKind::TooLarge);
}

TEST(Commitments, AreDueAtTheEndOfTheirTime) {
  Rated rated(
      card("  fee base at 5.00 USD per month, not prorated\n"
           "  charge calls\n    at 1.00 USD per call\n"
           "  commit annual 100.00 USD per year\n    counts calls\n"
           "    true up every year\n  bill discount 10%\n"));
  EXPECT_EQ(rated.use("30").commitment(5000, true).amounts(), (Amounts{500, 3000, 2000, -550}));
  EXPECT_EQ(rated.use("30").commitment(5000, false).amounts(), (Amounts{500, 3000, 0, -350}));
  EXPECT_EQ(rated.use("30").commitment(5000, true).amounts(false), (Amounts{500, 3000, 0, -350}));
  EXPECT_EQ(rated.use("50").commitment(5000, true).amounts(), (Amounts{500, 5000, 0, -550}));
  EXPECT_EQ(rated.use("0").commitment(20000, true).amounts(), (Amounts{500, 0, 0, -50}));
}

TEST(Commitments, CountAllLinesAboveUnlessTheySay) {
  Rated rated(
      card("  fee base at 5.00 USD per month, not prorated\n"
           "  charge calls\n    at 1.00 USD per call\n  bill discount 10%\n"
           "  commit annual 100.00 USD per year\n    true up every year\n"));
  EXPECT_EQ(rated.use("15").amounts(), (Amounts{500, 1500, -200, 8200}));
}

TEST(RoundEachBill, SpreadsTheTotalByLargestRemainder) {
  const std::string items =
      "  charge calls\n    at 0.004 USD per call\n  charge jobs by region\n"
      "    us at 0.003 USD per call\n    eu at 0.004 USD per call\n";
  Rated rated(card(items, "bill half-up"));
  // 0.4 + 0.3 + 0.4 cents are 1.1: one cent, to the first of the largest remainders.
  EXPECT_EQ(rated.use("1").use(1, {0}, "1").use(1, {1}, "1").amounts(), (Amounts{1, 0, 0}));
  EXPECT_EQ(rated.total(), 1);
  // 2.8 + 2.1 + 2.8 are 7.7: eight cents, and two lines are raised.
  EXPECT_EQ(rated.use("7").use(1, {0}, "7").use(1, {1}, "7").amounts(), (Amounts{3, 2, 3}));
  EXPECT_EQ(rated.use("0").amounts(), Amounts{0});
  Rated down(card(items, "bill down to 0.05 USD"));
  EXPECT_EQ(down.use("10").use(1, {0}, "10").amounts(), (Amounts{5, 0}));  // 4 + 3 cents are 5
}

TEST(RoundEachBill, ActsOnExactSums) {
  Rated rated(
      card("  fee base at 10.00 USD per month, prorated by day\n"
           "  charge jobs by region\n    any at 0.005 USD per call\n"
           "    maximum 0.01 USD shared\n  bill discount 10%\n"
           "  commit annual 20.00 USD per year\n    true up every year\n",
           "bill half-up"));
  // 0.5 + 1 cents, at most 1, so -0.5; a tenth of 1,001 cents is 100.1; then 1,099.1 are missing.
  EXPECT_EQ(rated.use(0, {0}, "1").use(0, {1}, "2").amounts(),
            (Amounts{1000, 1, 1, -1, -100, 1099}));
  EXPECT_EQ(rated.total(), 2000);
  // 333.33... cents.
  EXPECT_EQ(rated.amounts(false, 1, 3), (Amounts{333, 0, -33, 0}));
}

TEST(Rating, AFeeForATermIsDueWhereOneBegins) {
  const std::string items =
      "  fee setup at 250.00 USD once\n  fee platform at 1,200.00 USD per year, not prorated\n"
      "  fee base at 5.00 USD per month, not prorated\n  charge calls\n    at 1.00 USD per call\n"
      "  charge support\n    at 10% of setup and platform\n";
  Rated rated(card(items));
  EXPECT_EQ(rated.use("1").amounts(), (Amounts{25000, 120000, 500, 100, 14500}));
  EXPECT_EQ(rated.use("1").fee_due(0, false).amounts(), (Amounts{0, 120000, 500, 100, 12000}));
  EXPECT_EQ(rated.use("1").fee_due(0, false).fee_due(1, false).amounts(),
            (Amounts{0, 0, 500, 100, 0}));
  EXPECT_EQ(rated.total(), 600);
  // Of a fee without a term nobody is asked.
  EXPECT_EQ(rated.use("1").fee_due(2, false).amounts(), (Amounts{25000, 120000, 500, 100, 14500}));
}

}  // namespace
}  // namespace toll::compiler
