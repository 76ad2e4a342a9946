// The judge judged: bills that people worked out, in the language document and elsewhere.
#include "tests/differential/oracle.h"

#include <gtest/gtest.h>

#include "tests/support/cards.h"

namespace toll::differential {
namespace {

const std::string kHeader = R"(toll 1

unit call, calls
dimension arch is x86, arm, other
dimension mode is live, batch
meter calls sums call
meter jobs sums call by arch, mode

card test
  from 2026-03-01
  currency USD
  period month
  round each line half-up
)";

/// A card holds the meters that it reads only, so that of a test is meter 0.
/// Lines as "path amount", the amount in minor units; the last is the total or the fault.
std::vector<std::string> bill_of(const std::string& items, const Usage& usage) {
  const Bill bill = rate_exactly(testing::lowered_card(kHeader + items).card, usage);
  std::vector<std::string> lines;
  for (const auto& line : bill.lines) lines.push_back(line.path + " " + line.amount.str());
  if (bill.fault == Fault::None) lines.push_back("total " + bill.total.str());
  if (bill.fault == Fault::TooLarge) lines.push_back("too large at " + bill.fault_path);
  if (bill.fault == Fault::AboveLastTier) lines.push_back("above last tier at " + bill.fault_path);
  if (bill.fault == Fault::TooMuchUsage) lines.push_back("too much usage");
  return lines;
}

using Lines = std::vector<std::string>;

Usage used(const Fraction& calls) { return {.quantities = {{{0}, calls}}}; }

/// The amount of the one line of a charge on `calls`.
std::string amount(const std::string& charge, const Fraction& calls) {
  return bill_of("  charge calls\n" + charge, used(calls)).front();
}

// The conformance vectors that rating engines are compared by: 1.00 each and 5 up to 10, 0.50 each
// and 7 up to 20, 0.25 each and 9 beyond.
const std::string kVectorRows = R"(    up to 10 calls at 1.00 USD per call + 5 USD flat
    up to 20 calls at 0.50 USD per call + 7 USD flat
    beyond at 0.25 USD per call + 9 USD flat
)";

TEST(Oracle, ClimbsGraduatedTiers) {
  const std::string charge = "    tiers graduated\n" + kVectorRows;
  EXPECT_EQ(amount(charge, 0), "calls 0");
  EXPECT_EQ(amount(charge, 10), "calls 1500");
  EXPECT_EQ(amount(charge, Fraction(21, 2)), "calls 2225");
  EXPECT_EQ(amount(charge, 11), "calls 2250");
  EXPECT_EQ(amount(charge, 20), "calls 2700");
  EXPECT_EQ(amount(charge, Fraction(200'001, 10'000)), "calls 3600");
  EXPECT_EQ(amount(charge, 25), "calls 3725");
}

TEST(Oracle, ChoosesOneVolumeTier) {
  const std::string charge = "    tiers volume\n" + kVectorRows;
  EXPECT_EQ(amount(charge, 0), "calls 0");
  EXPECT_EQ(amount(charge, 10), "calls 1500");
  EXPECT_EQ(amount(charge, Fraction(21, 2)), "calls 1225");
  EXPECT_EQ(amount(charge, 11), "calls 1250");
  EXPECT_EQ(amount(charge, 20), "calls 1700");
  EXPECT_EQ(amount(charge, Fraction(200'001, 10'000)), "calls 1400");
  EXPECT_EQ(amount(charge, 25), "calls 1525");
}

TEST(Oracle, CountsStartedBlocks) {
  const std::string charge = "    at 5.00 USD per started 1,000 calls\n";
  EXPECT_EQ(amount(charge, 0), "calls 0");
  EXPECT_EQ(amount(charge, Fraction(1, 1000)), "calls 500");
  EXPECT_EQ(amount(charge, 1000), "calls 500");
  EXPECT_EQ(amount(charge, 1001), "calls 1000");
}

TEST(Oracle, ChargesTheRowUpToZeroAtZeroOnlyUnlessGraduated) {
  const std::string rows =
      "    up to 0 calls at 100.00 USD flat\n    up to 5 calls at 10.00 USD flat\n    beyond at "
      "20.00 USD flat\n";
  for (const std::string kind : {"volume", "stairstep"}) {
    const std::string charge = "    tiers " + kind + "\n" + rows;
    EXPECT_EQ(amount(charge, 0), "calls 10000");
    EXPECT_EQ(amount(charge, 1), "calls 1000");
    EXPECT_EQ(amount(charge, 6), "calls 2000");
  }
  const std::string graduated = "    tiers graduated\n" + rows;
  EXPECT_EQ(amount(graduated, 0), "calls 10000");
  EXPECT_EQ(amount(graduated, 1), "calls 11000");
  EXPECT_EQ(amount(graduated, 6), "calls 13000");
}

TEST(Oracle, TakesTheAllowanceBeforeTheTiers) {
  const std::string charge = R"(    included 100 calls
    tiers graduated
    up to 10,240 calls at 0.090 USD per call
    up to 51,200 calls at 0.085 USD per call
    beyond at 0.070 USD per call
)";
  EXPECT_EQ(amount(charge, 11'264), "calls 100014");  // the founding card for object storage
  EXPECT_EQ(amount(charge, 100), "calls 0");
}

TEST(Oracle, AppliesMoneyLinesFromTopToBottom) {
  const std::string price = "    included 500 calls\n    at 0.01 USD per call\n    discount 10%\n";
  EXPECT_EQ(amount(price + "    maximum 8.00 USD\n", 1500), "calls 800");
  EXPECT_EQ(amount(price + "    minimum 5.00 USD\n", 600), "calls 500");
  EXPECT_EQ(amount(price + "    discount 1.00 USD\n    surcharge 0.50 USD\n", 600), "calls 50");
  EXPECT_EQ(amount("    at 0.01 USD per call\n    minimum 5.00 USD\n    discount 50%\n", 0),
            "calls 250");
}

TEST(Oracle, LeavesMinimumsOutOfAnUnfinishedPeriod) {
  Usage usage = used(1);
  usage.final = false;
  EXPECT_EQ(bill_of("  charge calls\n    at 1 USD per call\n    minimum 5.00 USD\n"
                    "  bill minimum 49.00 USD\n",
                    usage),
            (Lines{"calls 100", "bill/minimum 0", "total 100"}));
}

TEST(Oracle, SharesAllowancesAndAmountsInRowOrder) {
  Usage usage{.quantities = {{{0, 0, 0}, 30}, {{0, 1, 0}, 30}, {{0, 1, 1}, 10}}};
  EXPECT_EQ(bill_of(R"(  charge jobs by arch
    included 50 calls shared
    arm at 1.00 USD per call
    any at 2.00 USD per call
    minimum 45.00 USD shared
    discount 100.00 USD shared
  bill minimum 1.00 USD
)",
                    usage),
            (Lines{"jobs/arm 0", "jobs/x86 4000", "jobs/minimum 500", "jobs/discount -4500",
                   "bill/minimum 100", "total 100"}));
}

TEST(Oracle, DiscountsThePartThatAConditionNames) {
  Usage usage{.quantities = {{{0, 0, 0}, 30}, {{0, 0, 1}, 10}, {{0, 2, 1}, 0}}};
  EXPECT_EQ(bill_of(R"(  charge jobs by arch
    any at 1.00 USD per call
    discount 50% when mode is batch
    discount 10% when arch is x86 or arm
)",
                    usage),
            (Lines{"jobs/x86 3150", "jobs/other 0", "total 3150"}));
}

TEST(Oracle, AddsBillLinesInOrderOnRoundedLines) {
  Usage usage = used(1);
  usage.covered_days = 10;
  usage.period_days = 31;
  EXPECT_EQ(bill_of(R"(  bill discount 12.5%
  fee base at 10.00 USD per month, prorated by day
  fee seat at 1.01 USD per month, not prorated
  charge calls
    at 0.005 USD per call
  bill surcharge 0.10 USD
  bill maximum 2.00 USD
  bill discount 5.00 USD
)",
                    usage),
            (Lines{"base 323", "seat 101", "calls 1", "bill/discount -53", "bill/surcharge 10",
                   "bill/maximum -182", "bill/discount -200", "total 0"}));
}

TEST(Oracle, RefusesUsageAboveATableThatALimitCloses) {
  const std::string items = R"(  charge calls
    tiers volume
    up to 10 calls at 1.00 USD per call
  limit calls to 10 calls per month then block
)";
  EXPECT_EQ(bill_of(items, used(10)), (Lines{"calls 1000", "total 1000"}));
  EXPECT_EQ(bill_of(items, used(10 + Fraction(1, 1000))), (Lines{"above last tier at calls"}));
}

// 1.000000000001 USD is 1,000,000,000,001 x 10^-10 cents, so D is 10^10. At 18 decimal places an
// amount is n x 1,000,000,000,001 whole parts, where n is the quantity in 10^-18.
TEST(Oracle, FaultsJustWhereTheAmountLeaves128Bits) {
  const std::string items = "  charge calls\n    at 1.000000000001 USD per call\n";
  const Integer ten_to_18 = boost::multiprecision::pow(Integer(10), 18);
  const Integer last = ((Integer(1) << 127) - 1) / Integer(1'000'000'000'001);
  ASSERT_NE(last % 10, 0);  // both need all 18 places
  ASSERT_NE((last + 1) % 10, 0);
  EXPECT_EQ(bill_of(items, used(Fraction(last, ten_to_18))).back(), "total 17014118346");
  EXPECT_EQ(bill_of(items, used(Fraction(last + 1, ten_to_18))), (Lines{"too large at calls"}));
}

TEST(Oracle, FaultsWhereARoundedAmountLeaves64Bits) {
  const std::string items = "  charge calls\n    at 1 USD per call\n";
  EXPECT_EQ(bill_of(items, used(Integer("92233720368547758"))).back(), "total 9223372036854775800");
  EXPECT_EQ(bill_of(items, used(Integer("92233720368547759"))), (Lines{"too large at calls"}));
}

TEST(Oracle, RefusesQuantitiesThatAddUpToTenToThe18) {
  const Integer half = boost::multiprecision::pow(Integer(10), 18) / 2;
  const Usage usage{.quantities = {{{0, 0, 0}, half}, {{0, 1, 1}, half}}};
  EXPECT_EQ(bill_of("  charge jobs by arch\n    any free\n", usage).back(), "total 0");
  EXPECT_EQ(bill_of("  charge jobs\n    free\n", usage), (Lines{"too much usage"}));
}

TEST(Oracle, RoundsByModeAndStep) {
  EXPECT_EQ(round_exactly(Fraction(5, 2), 1, RoundingMode::HalfUp), 3);
  EXPECT_EQ(round_exactly(Fraction(5, 2), 1, RoundingMode::HalfEven), 2);
  EXPECT_EQ(round_exactly(Fraction(7, 2), 1, RoundingMode::HalfEven), 4);
  EXPECT_EQ(round_exactly(Fraction(21, 10), 1, RoundingMode::Up), 3);
  EXPECT_EQ(round_exactly(Fraction(29, 10), 1, RoundingMode::Down), 2);
  EXPECT_EQ(round_exactly(Fraction(-5, 2), 1, RoundingMode::HalfUp), -3);
  EXPECT_EQ(round_exactly(Fraction(-21, 10), 1, RoundingMode::Up), -3);
  EXPECT_EQ(round_exactly(Fraction(15, 2), 5, RoundingMode::HalfUp), 10);
  EXPECT_EQ(round_exactly(Fraction(15, 2), 5, RoundingMode::HalfEven), 10);
  EXPECT_EQ(round_exactly(Fraction(25, 2), 5, RoundingMode::HalfEven), 10);
  EXPECT_EQ(round_exactly(20, 5, RoundingMode::Up), 20);
  EXPECT_EQ(round_exactly(1, 10, RoundingMode::Down), 0);
}

}  // namespace
}  // namespace toll::differential
