// Charges in credits, pools that pay for them, and pools in money: amounts worked by hand, by
// interpreter and native code.
#include <gtest/gtest.h>

#include "compiler/credit_draws.h"
#include "tests/unit/compiler/rated.h"

namespace toll::compiler {
namespace {

/// Meters: 0 calls, 1 jobs by region.
std::string card(const std::string& items, const std::string& round = "line half-up") {
  return "toll 1\nunit call, calls\nunit credit, credits\ndimension region is us, eu\n"
         "meter calls counts call\nmeter jobs counts call by region\n"
         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each " +
         round + "\n\n  charge calls\n    at 1 credit per call\n" + items;
}

const std::string kPool = "  pool flex in credit\n    beyond at 0.05 USD per credit\n";

TEST(Pools, BillWhatTheyDoNotHold) {
  Rated rated(card(kPool + "  fee base at 1.00 USD per month, not prorated\n"));
  // Lines: calls in credits, the fee, flex/beyond.
  EXPECT_EQ(rated.use("30").amounts(), (Amounts{0, 100, 150}));
  EXPECT_EQ(rated.total(), 250);
  EXPECT_EQ(rated.use("30").available(0, "29.5").amounts(), (Amounts{0, 100, 3}));  // 2.5 cents
  EXPECT_EQ(rated.use("30").available(0, "30").amounts(), (Amounts{0, 100, 0}));
  EXPECT_EQ(rated.use("30").available(0, "999999999999999999").amounts(), (Amounts{0, 100, 0}));
}

TEST(Pools, PayInTheOrderOfTheText) {
  const std::string charges = "  charge jobs by region\n    any at 2 credits per call\n";
  Rated rated(card(charges + "  pool of_jobs in credit for jobs\n" + kPool));
  // calls 10, jobs 2 x 3 + 2 x 1 = 8: the first pool pays 8 of its 20, the second 5 of the calls.
  EXPECT_EQ(rated.use("10")
                .use(1, {0}, "3")
                .use(1, {1}, "1")
                .available(0, "20")
                .available(1, "5")
                .amounts(),
            (Amounts{0, 0, 0, 25}));
  EXPECT_EQ(rated.use("10").use(1, {0}, "3").available(0, "2").available(1, "12").amounts(),
            (Amounts{0, 0, 10}));
}

TEST(Pools, BlockWhatTheyDoNotHold) {
  Rated rated(card("  pool flex in credit\n    beyond blocked\n"));
  EXPECT_EQ(rated.use("5").available(0, "5").amounts(), (Amounts{0, 0}));
  EXPECT_EQ(rated.use("5.000000000000000001").available(0, "5").fault(1), FaultKind::PoolIsEmpty);
}

TEST(Pools, PriceWhatIsBeyondByTheBlockAndFlat) {
  Rated rated(
      card("  pool flex in credit\n    beyond at 0.10 USD flat + 1.00 USD per started 10 "
           "credits\n"));
  EXPECT_EQ(rated.use("25").available(0, "5").amounts(), (Amounts{0, 210}));
  EXPECT_EQ(rated.use("26").available(0, "5").amounts(), (Amounts{0, 310}));
  EXPECT_EQ(rated.use("5").available(0, "5").amounts(), (Amounts{0, 0}));
}

TEST(Pools, AreAddedUpInOneFraction) {
  Rated rated(
      card("  charge jobs by region\n    us at 1 credit per 3 calls\n    eu at 1 credit per 7 "
           "calls\n" +
           kPool));
  // 1/3 + 2/7 = 13/21 of a credit at 5 cents: 3.095... cents.
  EXPECT_EQ(rated.use(1, {0}, "1").use(1, {1}, "2").amounts(), (Amounts{0, 0, 0, 3}));
  EXPECT_EQ(rated.use(1, {0}, "1").use(1, {1}, "2").available(0, "0.6").amounts(),
            (Amounts{0, 0, 0, 0}));  // 2/105 of a credit
}

TEST(Pools, InMoneyPayTheBillLast) {
  Rated rated(card(kPool + "  pool promo in USD\n  bill minimum 1.00 USD\n"));
  EXPECT_EQ(rated.use("10").available(1, "30").amounts(), (Amounts{0, 50, 50, -30}));
  EXPECT_EQ(rated.total(), 70);
  EXPECT_EQ(rated.use("10").available(1, "500").amounts(), (Amounts{0, 50, 50, -100}));
  EXPECT_EQ(rated.total(), 0);
  Rated steps(card(kPool + "  pool promo in USD\n", "line half-up to 0.05 USD"));
  EXPECT_EQ(steps.use("3").available(1, "13").amounts(), (Amounts{0, 15, -10}));
}

TEST(Pools, AreRoundedWithTheWholeBill) {
  Rated rated(card(
      "  charge jobs by region\n    any at 0.004 USD per call\n" + kPool + "  pool promo in USD\n",
      "bill half-up"));
  // 2.5 and 0.4 cents are 2.9: three cents, of which the promotion pays one.
  EXPECT_EQ(rated.use("0.5").use(1, {0}, "1").available(1, "1").amounts(), (Amounts{0, 0, 3, -1}));
  EXPECT_EQ(rated.total(), 2);
}

TEST(Pools, RefuseWhatDoesNotFit) {
  Rated rated(
      card("  charge jobs by region\n    any at 0.000000000001 credits per call\n" + kPool));
  // In 1/10^30 of a credit, which the second charge needs, those of the first do not fit.
  EXPECT_EQ(rated.use("999999999").use(1, {0}, "0.000000000000000001").fault(2),
            FaultKind::TooLarge);
}

TEST(Pools, HoldFractionsThatTheirPricesDoNotKnow) {
  Rated rated(card(kPool));
  // 1 - 899/900 of a credit is left over, at 5 cents: 0.0056 cents. 90 of them are half a cent.
  EXPECT_EQ(rated.use("1").available(0, "899/900").amounts(), (Amounts{0, 0}));
  EXPECT_EQ(rated.use("1").available(0, "810/900").amounts(), (Amounts{0, 1}));
  EXPECT_EQ(rated.use("1").available(0, "811/900").amounts(), (Amounts{0, 0}));
  EXPECT_EQ(rated.use("30.5").available(0, "89939/900").amounts(), (Amounts{0, 0}));
}

TEST(Pools, OfABillThatIsRoundedAsAWholeHoldFractions) {
  Rated rated(card(kPool, "bill half-up"));
  EXPECT_EQ(rated.use("1").available(0, "6/7").amounts(), (Amounts{0, 1}));
  EXPECT_EQ(rated.use("1").available(0, "9/10").amounts(), (Amounts{0, 1}));
  EXPECT_EQ(rated.use("1").available(0, "10/11").amounts(), (Amounts{0, 0}));
}

TEST(CreditParts, TakePlacesBeforeTheySplit) {
  CreditStep step;
  step.quantity_denominator = 9;
  CreditParts parts;
  EXPECT_TRUE(parts.refine(step, Ratio::of(1, 900)));
  EXPECT_EQ(parts.scale, 2u);
  EXPECT_EQ(parts.split, 1);
  EXPECT_TRUE(parts.refine(step, Ratio::of(5, 27)));
  EXPECT_EQ(parts.split, 3);
  EXPECT_TRUE(parts.refine(step, Ratio::of(1, 7)));
  EXPECT_EQ(parts.split, 21);
  EXPECT_EQ(parts.of_credit(step), 9 * 100 * 21);
  EXPECT_FALSE(parts.refine(step, Ratio::of(1, Int128{1'000'000'007} * 1'000'000'009)))
      << "together with 21 they are above the limit";
  EXPECT_EQ(parts.split, 21) << "and nothing is changed";
}

TEST(CreditDraws, TakeEachSegmentFromTheGrantsThatAreThere) {
  const auto lowered = testing::lowered_card(card(kPool));
  const CreditStep& step = lowered.program.credit_steps[0];
  const std::vector<Grant> grants = {{.pool = 0, .quantity = Ratio(10), .first = 0, .end = 1},
                                     {.pool = 0, .quantity = Ratio(10), .first = 1, .end = 3},
                                     {.pool = 0, .quantity = Ratio(10), .first = 0, .end = 3}};
  const auto paid = [&](std::vector<std::vector<Int128>> used) {
    return paid_by_grants(step, grants, used, 1);
  };
  EXPECT_EQ(paid({{4}, {4}, {4}}), (std::vector<Int128>{4, 0, 0}));
  EXPECT_EQ(paid({{15}, {30}, {32}}), (std::vector<Int128>{10, 10, 10}));
  EXPECT_EQ(paid({{0}, {12}, {12}}), (std::vector<Int128>{0, 10, 2}));
  // What falls draws nothing, and what was drawn stays drawn.
  EXPECT_EQ(paid({{10}, {6}, {8}}), (std::vector<Int128>{10, 2, 0}));
}

}  // namespace
}  // namespace toll::compiler
