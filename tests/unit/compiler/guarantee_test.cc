#include "compiler/guarantee.h"

#include <gtest/gtest.h>

#include "compiler/price_points.h"
#include "tests/support/cards.h"

namespace toll::compiler {
namespace {

std::vector<GuaranteeVerdict> verdicts(const std::string& items) {
  const testing::LoweredCard card = testing::lowered_card(
      "toll 1\nunit call, calls\nunit seat, seats\nmeter calls counts call\nmeter seats peaks "
      "seat\n"
      "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
      "half-up\n\n" +
      items);
  return test_guarantees(card.card, card.program);
}

/// The code of the only guarantee's refutation; empty: it holds.
std::string refuted(const std::string& items) {
  const std::vector<GuaranteeVerdict> all = verdicts(items);
  EXPECT_EQ(all.size(), 1u);
  EXPECT_GT(all[0].usages, 0u);
  return all[0].refutation ? all[0].refutation->code : "";
}

const std::string kSeats = "  charge seats\n    free\n";
const std::string kVolume =
    "  charge calls\n    tiers volume\n    up to 100 calls at 0.12 USD per call\n    beyond at "
    "0.10 USD per call\n";
const std::string kGraduated =
    "  charge calls\n    tiers graduated\n    up to 100 calls at 0.12 USD per call\n    beyond at "
    "0.10 USD per call\n";

TEST(Guarantee, ABillDropsAtAVolumeBound) {
  EXPECT_EQ(refuted(kVolume + kSeats + "  guarantee bill never decreases\n"), "E601");
  EXPECT_EQ(refuted(kGraduated + kSeats + "  guarantee bill never decreases\n"), "");
}

TEST(Guarantee, TheCounterexampleIsTheBound) {
  const auto all = verdicts(kVolume + kSeats + "  guarantee bill never decreases\n");
  ASSERT_TRUE(all[0].refutation.has_value());
  const std::string& bills = all[0].refutation->notes.at(0).text;
  EXPECT_NE(bills.find("12.00 USD"), std::string::npos) << bills;  // 100 calls
  EXPECT_NE(bills.find("10.10 USD"), std::string::npos) << bills;  // 101 calls
  ASSERT_EQ(all[0].refutation->related.size(), 1u);
}

TEST(Guarantee, CliffsAreJumpsNotSlopes) {
  EXPECT_EQ(refuted(kVolume + kSeats + "  guarantee no cliff above 1.99 USD\n"),
            "E604");  // 2.00 at 100
  EXPECT_EQ(refuted(kVolume + kSeats + "  guarantee no cliff above 2.01 USD\n"), "");
  EXPECT_EQ(refuted("  charge calls\n    at 50.00 USD per call\n" + kSeats +
                    "  guarantee no cliff above 1.00 USD\n"),
            "");
}

TEST(Guarantee, BoundsOfTheBill) {
  const std::string items =
      "  fee base at 5.00 USD per month, not prorated\n  charge calls\n    at 1.00 USD per call\n" +
      kSeats;
  EXPECT_EQ(refuted(items + "  guarantee bill at least 5 USD\n"), "");
  EXPECT_EQ(refuted(items + "  guarantee bill at least 5.01 USD\n"), "E606");
  EXPECT_EQ(refuted(items + "  guarantee bill at most 15 USD while calls up to 10 calls\n"), "");
  EXPECT_EQ(refuted(items + "  guarantee bill at most 14.99 USD while calls up to 10 calls\n"),
            "E605");
  EXPECT_EQ(refuted(items + "  guarantee bill at most 1,000,000 USD\n"), "E605");
}

TEST(Guarantee, AnotherMeterCanRaiseTheBill) {
  const std::string items =
      "  charge calls\n    at 1.00 USD per call\n  charge seats\n    at 10.00 USD per seat\n";
  EXPECT_EQ(refuted(items + "  guarantee bill at most 10 USD while calls up to 10 calls\n"),
            "E605");
  EXPECT_EQ(
      refuted(
          items +
          "  guarantee bill at most 10 USD while calls up to 10 calls while seats up to 1 seat\n"),
      "E605");
  EXPECT_EQ(
      refuted(
          items +
          "  guarantee bill at most 20 USD while calls up to 10 calls while seats up to 1 seat\n"),
      "");
}

TEST(Guarantee, ABillDropsBetweenWholeUnits) {
  // 5 seats cost 50.00, 6 cost 54.00, but a little more than 5 costs 45.00.
  EXPECT_EQ(
      refuted("  charge calls\n    free\n  charge seats\n    tiers volume\n    up to 5 seats at "
              "10.00 USD per seat\n    beyond at 9.00 USD per seat\n"
              "  guarantee bill never decreases\n"),
      "E601");
}

TEST(Guarantee, NothingIsCountedInParts) {
  // A little more than 5 would cost 45.00, but 6 is the next number of calls.
  const std::string tiers =
      "    tiers volume\n    up to 5 calls at 10.00 USD per call\n    beyond at 9.00 USD per "
      "call\n";
  EXPECT_EQ(refuted("  charge calls\n" + tiers + kSeats + "  guarantee bill never decreases\n"),
            "");
  EXPECT_EQ(refuted("  charge calls\n    included 0.5 calls\n    at 1.00 USD per call\n" + kSeats +
                    "  guarantee bill at most 4.50 USD while calls up to 5 calls\n"),
            "");
}

TEST(Guarantee, BoundsThatNoDecimalHoldsAreTestedJustBelowAndAbove) {
  const std::string text =
      "toll 1\nmeter time sums hour\ncard c \"C\"\n  from 2026-01-01\n  currency USD\n"
      "  period month\n  round each line half-up\n  charge time\n    tiers volume\n"
      "    up to 100 minutes at 60.00 USD per hour\n    beyond at 30.00 USD per hour\n";
  const auto verdict = [&](const std::string& guarantee) {
    const testing::LoweredCard card = testing::lowered_card(text + guarantee);
    return test_guarantees(card.card, card.program).at(0).refutation;
  };
  EXPECT_TRUE(verdict("  guarantee bill never decreases\n"));
  EXPECT_FALSE(verdict("  guarantee bill at most 100 USD while time up to 100 minutes\n"));
  EXPECT_TRUE(verdict("  guarantee bill at most 99.99 USD while time up to 100 minutes\n"));
}

TEST(Guarantee, ManyCombinationsAreSampledInEveryDimension) {
  std::string text = "toll 1\nunit call, calls\n";
  for (const std::string dimension : {"a", "b", "c"}) {
    text += "dimension " + dimension + " is " + dimension + "0";
    for (int i = 1; i < 50; ++i) text += ", " + dimension + std::to_string(i);
    text += "\n";
  }
  text +=
      "meter calls counts call by a, b, c\ncard c \"C\"\n  from 2026-01-01\n  currency USD\n"
      "  period month\n  round each line half-up\n  charge calls by c\n    tiers volume\n"
      "    c1 up to 10 calls at 2.00 USD per call\n    c1 beyond at 1.00 USD per call\n"
      "    any beyond at 0.01 USD per call\n  guarantee bill never decreases\n";
  const testing::LoweredCard card = testing::lowered_card(text);
  const auto all = test_guarantees(card.card, card.program);
  EXPECT_TRUE(all.at(0).sampled);
  EXPECT_TRUE(all.at(0).refutation);
}

TEST(Guarantee, AverageUnitPrice) {
  EXPECT_EQ(refuted(kGraduated + kSeats + "  guarantee unit price never increases for calls\n"),
            "");
  EXPECT_EQ(refuted("  charge calls\n    tiers graduated\n    up to 100 calls at 0.10 USD per "
                    "call\n    beyond at 0.12 USD per call\n" +
                    kSeats + "  guarantee unit price never increases for calls\n"),
            "E607");
}

TEST(PricePoints, BoundsAreShiftedByTheAllowance) {
  const testing::LoweredCard card = testing::ratecard("founding", "object_storage");
  std::vector<std::string> found;
  for (const PricePoint& point : price_points(card.card, 2))
    found.push_back(point.quantity.to_string());
  EXPECT_EQ(found, (std::vector<std::string>{"0", "100", "10340", "51300"}));
}

TEST(Guarantee, AShareDropsWhereItsBasePassesABound) {
  const std::string share =
      "  charge calls\n    at 0.07 USD per call\n" + kSeats +
      "  charge support\n    tiers volume\n    up to 1,000.00 USD at 10% of calls\n"
      "    beyond at 7% of calls\n";
  const auto all = verdicts(share + "  guarantee bill never decreases\n");
  ASSERT_TRUE(all[0].refutation.has_value());
  const std::string& bills = all[0].refutation->notes.at(0).text;
  EXPECT_NE(bills.find("14,285 "), std::string::npos) << bills;  // 999.95 USD
  EXPECT_NE(bills.find("14,286 "), std::string::npos) << bills;  // 1,000.02 USD
}

TEST(Guarantee, TiersByAnotherMeterAreTestedAtItsBounds) {
  const std::string volume =
      "  charge calls\n    tiers volume by seats\n    up to 10 seats at 0.12 USD per call\n"
      "    beyond at 0.10 USD per call\n" +
      kSeats;
  EXPECT_EQ(refuted(volume + "  guarantee bill never decreases while calls up to 100 calls\n"),
            "E601");
  const std::string joint =
      "  charge room on calls, seats\n    tiers stairstep\n"
      "    up to 10 calls, up to 7 seats at 5.00 USD flat\n    beyond at 4.00 USD flat\n" +
      kSeats;
  EXPECT_EQ(refuted(joint + "  guarantee bill never decreases for seats\n"), "E601");
}

TEST(Guarantee, IsTestedWhereACommitmentIsDueAndWhereNot) {
  const std::string items =
      kVolume + kSeats + "  commit annual 50.00 USD per year\n    true up every year\n";
  EXPECT_EQ(refuted(items + "  guarantee bill at most 49.00 USD while calls up to 100 calls\n"),
            "E605");
  EXPECT_EQ(refuted(items + "  guarantee bill at least 50.00 USD\n"), "E606");
}

TEST(Guarantee, IsTestedWhereALongerAllowanceIsUsedUp) {
  const std::string items =
      "  charge calls\n    included 100 calls per year\n"
      "    at 1.00 USD per call\n" +
      kSeats;
  EXPECT_EQ(refuted(items + "  guarantee bill at most 10.00 USD while calls up to 50 calls\n"),
            "E605");
}

TEST(Guarantee, IsTestedWhereATermOfAFeeBeginsAndWhereNot) {
  const std::string once = "  fee setup at 50.00 USD once\n" + kGraduated + kSeats;
  EXPECT_EQ(refuted(once + "  guarantee bill at most 61.99 USD while calls up to 100 calls\n"),
            "E605");
  EXPECT_EQ(refuted(once + "  guarantee bill at most 62.00 USD while calls up to 100 calls\n"), "");
  EXPECT_EQ(refuted(once + "  guarantee bill at least 0.01 USD\n"), "E606");
  // A quarter begins in which no year does.
  const std::string both =
      "  fee a at 30.00 USD per quarter, not prorated\n  fee b at 20.00 USD per year, not "
      "prorated\n" +
      kGraduated + kSeats;
  EXPECT_EQ(refuted(both + "  guarantee bill at most 61.99 USD while calls up to 100 calls\n"),
            "E605");
  EXPECT_EQ(refuted(both + "  guarantee bill at most 62.00 USD while calls up to 100 calls\n"), "");
}

TEST(Guarantee, IsTestedWhereNeitherACommitmentNorAFeeForATermIsDue) {
  const std::string items =
      "  fee yearly at 50.00 USD per year, not prorated\n" + kGraduated + kSeats +
      "  commit annual 50.00 USD per year\n    counts calls\n    true up every year\n";
  const auto all = verdicts(items + "  guarantee bill at least 50.00 USD\n");
  ASSERT_TRUE(all[0].refutation.has_value());
  EXPECT_EQ(all[0].refutation->code, "E606");
  const std::string& bills = all[0].refutation->notes.at(0).text;
  EXPECT_TRUE(bills.ends_with("\nin a month in which no term of a fee begins")) << bills;
  EXPECT_TRUE(all[0].counterexample.empty());  // no usage document of one period says it
  // Where a year ends and the next one begins, both may be due: 50.00 and 50.00 missing.
  EXPECT_EQ(refuted(items + "  guarantee bill at most 99.99 USD while calls up to 10 calls\n"),
            "E605");
  EXPECT_EQ(refuted(items + "  guarantee bill at most 100.00 USD while calls up to 10 calls\n"),
            "");
}

}  // namespace
}  // namespace toll::compiler
