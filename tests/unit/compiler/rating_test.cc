// The interpreter on amounts worked by hand, and native code on the same. Every other equality of
// the two is tests/differential's business.
#include <gtest/gtest.h>

#include "tests/unit/compiler/rated.h"

namespace toll::compiler {
namespace {

std::string card(const std::string& items, const std::string& rounding = "half-up") {
  return "toll 1\nunit call, calls\ndimension region is us, eu\ndimension mode is live, batch\n"
         "meter calls counts call\nmeter jobs counts call by region, mode\n"
         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line " +
         rounding + "\n\n" + items;
}

TEST(Rating, AllowanceThenPrice) {
  Rated rated(card("  charge calls\n    included 100,000 calls\n    at 0.0040 USD per call\n"));
  EXPECT_EQ(rated.use("100000").amounts(), Amounts{0});
  EXPECT_EQ(rated.use("100001").amounts(), Amounts{0});
  EXPECT_EQ(rated.use("100002").amounts(), Amounts{1});
  EXPECT_EQ(rated.use("250000").amounts(), Amounts{60000});
  EXPECT_EQ(rated.use("100001.25").amounts(), Amounts{1});  // 0.5 cents
  EXPECT_EQ(rated.use("100001.2499").amounts(), Amounts{0});
}

TEST(Rating, BoundsAreInclusive) {
  const std::string rows =
      "    up to 10 calls at 1.00 USD per call\n    beyond at 0.50 USD per call\n";
  Rated graduated(card("  charge calls\n    tiers graduated\n" + rows));
  EXPECT_EQ(graduated.use("10").amounts(), Amounts{1000});
  EXPECT_EQ(graduated.use("11").amounts(), Amounts{1050});
  EXPECT_EQ(graduated.use("10.5").amounts(), Amounts{1025});
  Rated volume(card("  charge calls\n    tiers volume\n" + rows));
  EXPECT_EQ(volume.use("10").amounts(), Amounts{1000});
  EXPECT_EQ(volume.use("11").amounts(), Amounts{550});
}

TEST(Rating, ABlockThatHasNotStartedNeedNotFit) {
  Rated rated(
      card("  charge calls\n    included 2 calls\n"
           "    at 900000M USD per started 2 calls + 0.000000000001 USD per call\n"));
  EXPECT_EQ(rated.use("1.00000000000000001").amounts(), Amounts{0});
  EXPECT_EQ(rated.use("2.00000000000000001").fault(0), FaultKind::TooLarge);
}

TEST(Rating, StartedBlocksAndFlats) {
  Rated rated(card("  charge calls\n    at 5.00 USD per started 1,000 calls + 2.00 USD flat\n"));
  EXPECT_EQ(rated.use("0").amounts(), Amounts{0});
  EXPECT_EQ(rated.use("1").amounts(), Amounts{700});
  EXPECT_EQ(rated.use("1000").amounts(), Amounts{700});
  EXPECT_EQ(rated.use("1000.000001").amounts(), Amounts{1200});
}

TEST(Rating, ARowUpToZero) {
  const std::string rows =
      "    up to 0 calls at 100.00 USD flat\n    beyond at 1.00 USD per call\n";
  Rated graduated(card("  charge calls\n    tiers graduated\n" + rows));
  EXPECT_EQ(graduated.use("0").amounts(), Amounts{10000});
  EXPECT_EQ(graduated.use("3").amounts(), Amounts{10300});
  Rated volume(card("  charge calls\n    tiers volume\n" + rows));
  EXPECT_EQ(volume.use("0").amounts(), Amounts{10000});
  EXPECT_EQ(volume.use("3").amounts(), Amounts{300});
}

TEST(Rating, SharedAllowanceIsUsedUpInRowOrder) {
  Rated rated(
      card("  charge jobs by region\n    included 100 calls shared\n    eu at 2.00 USD per call\n  "
           "  us at 1.00 USD per call\n"));
  rated.use(0, {0, 0}, "80").use(0, {1, 0}, "50");  // us 80, eu 50; eu comes first
  EXPECT_EQ(rated.amounts(), (Amounts{0, 3000}));   // eu 50 free, us 30 above the rest
}

TEST(Rating, APercentageOfAPart) {
  Rated rated(
      card("  charge jobs by region\n    any at 0.01 USD per call\n    discount 50% when mode is "
           "batch\n"));
  rated.use(0, {0, 0}, "100").use(0, {0, 1}, "100");
  EXPECT_EQ(rated.amounts(), Amounts{150});
}

TEST(Rating, MoneyLinesInOrder) {
  Rated rated(
      card("  charge calls\n    at 1.00 USD per call\n    discount 10%\n    minimum 5.00 USD\n    "
           "maximum 20.00 USD\n    surcharge 1.00 USD\n"));
  EXPECT_EQ(rated.use("0").amounts(), Amounts{600});
  EXPECT_EQ(rated.use("10").amounts(), Amounts{1000});
  EXPECT_EQ(rated.use("100").amounts(), Amounts{2100});
  EXPECT_EQ(rated.use("0").amounts(false), Amounts{100});  // the minimum is due at the end only
}

TEST(Rating, SharedLinesAndBillLines) {
  Rated rated(
      card("  charge jobs by region\n    any at 1.00 USD per call\n    maximum 50.00 USD shared\n\n"
           "  bill discount 10%\n  bill minimum 40.00 USD\n"));
  rated.use(0, {0, 0}, "40").use(0, {1, 0}, "40");
  EXPECT_EQ(rated.amounts(), (Amounts{4000, 4000, -3000, -500, 0}));
  EXPECT_EQ(rated.total(), 4500);
  EXPECT_EQ(rated.use(0, {0, 0}, "1").amounts(), (Amounts{100, 0, -10, 3910}));
}

TEST(Rating, AFixedDiscountTakesWhatIsThere) {
  Rated rated(
      card("  charge calls\n    at 1.00 USD per call\n    discount 5.00 USD\n\n  bill discount "
           "7.00 USD\n"));
  EXPECT_EQ(rated.use("3").amounts(), (Amounts{0, 0}));
  EXPECT_EQ(rated.use("9").amounts(), (Amounts{400, -400}));
}

TEST(Rating, FeesByTheDay) {
  Rated rated(
      card("  fee base at 500.00 USD per month, prorated by day\n  fee seat at 10.00 USD per "
           "month, not prorated\n"
           "  charge calls\n    free\n"));
  EXPECT_EQ(rated.amounts(true, 17, 31), (Amounts{27419, 1000, 0}));
  EXPECT_EQ(rated.amounts(true, 31, 31), (Amounts{50000, 1000, 0}));
}

TEST(Rating, RoundingModesAndSteps) {
  const std::string items = "  charge calls\n    at 0.001 USD per call\n";
  EXPECT_EQ(Rated(card(items, "half-up")).use("25").amounts(), Amounts{3});
  EXPECT_EQ(Rated(card(items, "half-even")).use("25").amounts(), Amounts{2});
  EXPECT_EQ(Rated(card(items, "half-even")).use("35").amounts(), Amounts{4});
  EXPECT_EQ(Rated(card(items, "up")).use("21").amounts(), Amounts{3});
  EXPECT_EQ(Rated(card(items, "down")).use("29").amounts(), Amounts{2});
  EXPECT_EQ(Rated(card(items, "half-up to 0.05 USD")).use("74").amounts(), Amounts{5});
  EXPECT_EQ(Rated(card(items, "half-up to 0.05 USD")).use("75").amounts(), Amounts{10});
}

TEST(Rating, AmountsOnASumAreRoundedToTheStepToo) {
  const std::string half = "half-up to 0.05 USD";
  const std::string calls = "  charge calls\n    at 1.00 USD per call\n";
  EXPECT_EQ(Rated(card(calls + "  bill minimum 10.03 USD\n", half)).use("3").amounts(),
            (Amounts{300, 705}));
  EXPECT_EQ(Rated(card(calls + "  bill maximum 2.98 USD\n", half)).use("3").amounts(),
            (Amounts{300, 0}));
  EXPECT_EQ(Rated(card(calls + "  bill discount 0.03 USD\n", half)).use("3").amounts(),
            (Amounts{300, -5}));
  EXPECT_EQ(Rated(card(calls + "  bill surcharge 0.02 USD\n", half)).use("3").amounts(),
            (Amounts{300, 0}));
}

// Were the change rounded instead of the cap, 98.00 would come to 97.00 and 98.10 to 97.10.
TEST(Rating, ACapBetweenTwoStepsIsOneCap) {
  const std::string half = "half-even to 0.10 USD";
  const std::string calls = "  charge calls\n    at 0.10 USD per call\n";
  Rated rated(card(calls + "  bill maximum 97.05 USD\n", half));
  EXPECT_EQ(rated.use("980").amounts(), (Amounts{9800, -100}));
  EXPECT_EQ(rated.use("981").amounts(), (Amounts{9810, -110}));
  EXPECT_EQ(rated.use("982").amounts(), (Amounts{9820, -120}));
}

TEST(Rating, ATableThatIsClosedAtZeroBesideOpenOnes) {
  Rated rated(card(
      "  charge jobs by region\n    tiers graduated\n    eu up to 0 calls free\n"
      "    any beyond at 1.00 USD per call\n\n  limit jobs to 0 calls per month then block\n"));
  EXPECT_EQ(rated.use(0, {1, 0}, "1").fault(0), FaultKind::AboveLastTier);
}

TEST(Rating, ATableThatALimitClosesHasNothingAbove) {
  Rated rated(
      card("  charge calls\n    tiers graduated\n    up to 10 calls at 1.00 USD per call\n\n"
           "  limit calls to 10 calls per month then block\n"));
  EXPECT_EQ(rated.use("10").amounts(), Amounts{1000});
  EXPECT_EQ(rated.use("10.5").fault(0), FaultKind::AboveLastTier);
}

TEST(Rating, WhatDoesNotFitIsAFaultOfItsLine) {
  Rated rated(
      card("  fee base at 1.00 USD per month, not prorated\n  charge calls\n    at 99,999,999.99 "
           "USD per call\n"));
  EXPECT_EQ(rated.use("900000").amounts(), (Amounts{100, 8'999'999'999'100'000}));
  EXPECT_EQ(rated.use("999999999999999999").fault(1), FaultKind::TooLarge);
  EXPECT_EQ(rated.use("999999999999999999.999999999999999999").fault(1), FaultKind::TooLarge);
}

TEST(Rating, QuantitiesOfOneCellAddUpInAnyOrder) {
  Rated rated(card("  charge calls\n    at 0.01 USD per call\n"));
  EXPECT_EQ(rated.use("0.5").use("1.25").use("0.25").amounts(), Amounts{2});
}

}  // namespace
}  // namespace toll::compiler
