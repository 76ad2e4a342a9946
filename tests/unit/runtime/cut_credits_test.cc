// Bills of a period in which a version or a plan begins, with credits, pools and rounding that is
// not line by line alike, worked out by hand.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "runtime/usage_cuts.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

const std::string kUnits =
    "toll 1\nunit call, calls\nunit credit, credits\nunit token, tokens\nunit coin, coins\n"
    "dimension method is card, bank\nmeter calls counts call\nmeter tokens sums token\n"
    "meter payments sums USD by method\n";

/// A version from `from` on. The second one begins inside March.
std::string version(const std::string& from, const std::string& items,
                    const std::string& round = "line half-up") {
  const std::string at_once =
      from == "2026-01-01" ? "" : "  switch at once\n  applies to everyone\n";
  return "\ncard c \"C\"\n  from " + from +
         "\n  currency USD\n  period month\n"
         "  round each " +
         round + "\n" + at_once + items;
}

CardSet two_versions(const std::string& old, const std::string& next,
                     const std::string& round = "line half-up", const std::string& later = "") {
  return testing::card_set(
      {kUnits + version("2026-01-01", old, round),
       "toll 1\n" + version("2026-03-16", next, later.empty() ? round : later)});
}

CardSet two_plans(const std::string& first, const std::string& second) {
  return testing::card_set(
      {kUnits + version("2026-01-01", "  plan first\n" + first + "  plan second\n" + second)});
}

UsageDocument upgraded(int64_t before, int64_t after) {
  UsageDocument document = march(before, after);
  document.plan = "first";
  document.plan_changes = {{*parse_date("2026-03-16"), "second"}};
  return document;
}

/// A charge in credits and a pool that pays for it.
std::string in_credits(const std::string& price, const std::string& pool,
                       const std::string& beyond = "at 0.10 USD per credit") {
  return "  charge calls\n    at " + price + " per call\n  pool flex in credit, credits\n" + pool +
         "    beyond " + beyond + "\n";
}
const std::string kGrant = "    grant 100 credits every month\n";

TEST(CutCredits, WhatAGrantPaidBeforeTheCutStaysPaid) {
  const CardSet set = two_versions(in_credits("1 credit", kGrant), in_credits("2 credits", kGrant));
  // 80 credits, and 2 x 40. The grant of March pays 80 and then 20; 60 are beyond.
  EXPECT_EQ(bill(set, march(80, 40)),
            (Texts{"calls 160", "flex/beyond 6.00", "total 6.00", "flex left 0"}));
  EXPECT_EQ(bill(set, march(10, 20)), (Texts{"calls 50", "total 0.00", "flex left 50"}));
  const Answer answer = quote(set, march(80, 40)).value();
  EXPECT_EQ(answer.lines[1].quantity, "60");
  EXPECT_EQ(answer.lines[1].unit, "credit");
}

TEST(CutCredits, WhatIsBeyondHasThePriceOfItsDays) {
  const CardSet set =
      two_versions(in_credits("1 credit", "", "at 0.10 USD per credit"),
                   in_credits("1 credit", "", "at 0.03 USD per started 50 credits"));
  // 80 x 0.10; of 130 credits three blocks have begun, of 80 two.
  EXPECT_EQ(bill(set, march(80, 50)),
            (Texts{"calls 130", "flex/beyond 8.03", "total 8.03", "flex left 0"}));
  const Answer answer = explain(set, march(80, 50)).value();
  ASSERT_EQ(answer.lines[1].steps.size(), 2u);
  EXPECT_EQ(answer.lines[1].steps[1].text,
            "2026-03-16 until 2026-04-01, by version 2026-03-16: 0.09 for 130 credits that no "
            "grant pays, less 0.06 for what was beyond before");
  EXPECT_EQ(answer.lines[0].steps.back().text,
            "2026-03-16 until 2026-04-01, by version 2026-03-16: 130 credits for all usage up to "
            "then, less 80 credits for what was used before");
}

TEST(CutCredits, AGrantIsThatOfTheVersionInForceWhenItsIntervalBegins) {
  const std::string weekly = "    grant 10 credits every week\n";
  const CardSet set = two_versions(in_credits("1 credit", weekly),
                                   in_credits("1 credit", "    grant 25 credits every week\n"));
  UsageDocument asked = march(0, 0);
  asked.usage = {used("calls", 30, "2026-03-09", "2026-03-16"),   // 10 of the old version
                 used("calls", 30, "2026-03-16", "2026-03-23")};  // 25 of the new one, on a Monday
  EXPECT_EQ(bill(set, asked),
            (Texts{"calls 60", "flex/beyond 2.50", "total 2.50", "flex left 25"}));
  const CardSet monthly =
      two_versions(in_credits("1 credit", kGrant),
                   in_credits("1 credit", "    grant 999 credits every month\n"));
  EXPECT_EQ(bill(monthly, march(50, 60)),
            (Texts{"calls 110", "flex/beyond 1.00", "total 1.00", "flex left 0"}));
}

TEST(CutCredits, APoolThatBeginsGivesThatOfItsInterval) {
  const std::string in_money = "    charge calls\n      at 1.00 USD per call\n";
  const std::string pooled =
      "    charge tokens\n      at 1 credit per token\n    pool flex in credit, credits\n"
      "      grant 100 credits every month\n      beyond at 0.10 USD per credit\n";
  UsageDocument asked = upgraded(3, 0);
  asked.usage.back() = used("tokens", 130, "2026-03-16", "2026-04-01");
  EXPECT_EQ(bill(two_plans(in_money, pooled), asked),
            (Texts{"tokens 130", "flex/beyond 3.00", "calls 3.00", "total 6.00", "flex left 0"}));
  // The other way round the pool ends, and what it had left is nobody's.
  asked = upgraded(0, 3);
  asked.usage.front() = used("tokens", 130, "2026-03-01", "2026-03-16");
  EXPECT_EQ(bill(two_plans(pooled, in_money), asked),
            (Texts{"calls 3.00", "tokens 130", "flex/beyond 3.00", "total 6.00"}));
}

TEST(CutCredits, GrantsCutThePartsToo) {
  const CardSet set = two_versions(in_credits("1 credit", ""), in_credits("2 credits", ""));
  UsageDocument asked = march(80, 40);
  asked.grants = {{.pool = "flex",
                   .quantity = Ratio(50),
                   .from = parse_date("2026-03-10"),
                   .expires = parse_date("2026-03-20")}};
  Texts stretches;
  const auto found = usage_stretches(set, asked).value();
  for (const UsageStretch& stretch : found)
    stretches.push_back(toll::to_string(stretch.days.from) + " by " + stretch.offer->version());
  EXPECT_EQ(stretches, (Texts{"2026-03-01 by 2026-01-01", "2026-03-10 by 2026-01-01",
                              "2026-03-16 by 2026-03-16", "2026-03-20 by 2026-03-16"}));
  EXPECT_EQ(bill(set, asked),
            (Texts{"/usage/0: a grant of credits begins or ends on 2026-03-10, so it matters when "
                   "`calls` was used: split the entry there, with `from` and `until`",
                   "/usage/1: a grant of credits begins or ends on 2026-03-20, so it matters when "
                   "`calls` was used: split the entry there, with `from` and `until`"}));
  asked.usage = {
      used("calls", 60, "2026-03-01", "2026-03-10"), used("calls", 20, "2026-03-10", "2026-03-16"),
      used("calls", 10, "2026-03-16", "2026-03-20"), used("calls", 30, "2026-03-20", "2026-04-01")};
  // It pays 20 of the 80 credits, and the 20 after the cut; 10 of it are lost.
  EXPECT_EQ(bill(set, asked),
            (Texts{"calls 160", "flex/beyond 12.00", "total 12.00", "flex left 0"}));
}

TEST(CutCredits, WhatAVersionBlocksIsRefused) {
  const CardSet set =
      two_versions(in_credits("1 credit", kGrant), in_credits("1 credit", kGrant, "blocked"));
  EXPECT_EQ(bill(set, march(130, 0)),
            (Texts{"calls 130", "flex/beyond 3.00", "total 3.00", "flex left 0"}));
  EXPECT_EQ(bill(set, march(130, 1)),
            Texts{"/usage: the grants of `flex` do not pay for all usage, and `beyond blocked` "
                  "(card1.toll:14) stops what is beyond them"});
}

TEST(CutCredits, APoolInMoneyPaysTheBillOfAll) {
  const std::string charge = "  charge calls\n    at 1.00 USD per call\n  pool promo in USD\n";
  const CardSet set = two_versions(charge, charge + "  bill discount 10%\n");
  UsageDocument asked = march(5, 5);
  asked.grants = {{.pool = "promo", .quantity = Ratio(4), .from = {}, .expires = {}}};
  EXPECT_EQ(bill(set, asked), (Texts{"calls 10.00", "bill/discount -1.00", "promo -4.00",
                                     "total 5.00", "promo left 0.00"}));
  const Answer answer = quote(set, march(5, 5)).value();
  EXPECT_TRUE(answer.next_state.grants.empty());
}

TEST(CutCredits, WhatIsLeftGoesOnWithThePoolOfTheLastVersion) {
  const CardSet set = two_versions(in_credits("1 credit", ""), in_credits("1 credit", ""));
  UsageDocument asked = march(10, 20);
  asked.grants = {{.pool = "flex", .quantity = Ratio(100), .from = {}, .expires = {}}};
  const Answer answer = quote(set, asked).value();
  ASSERT_EQ(answer.next_state.grants.size(), 1u);
  EXPECT_EQ(answer.next_state.grants[0].quantity, "70");
  asked.final = false;
  EXPECT_EQ(quote(set, asked)->lines[0].amount, "30");
  EXPECT_TRUE(quote(set, asked)->next_state.grants.empty());
  asked.grants[0].pool = "flx";
  EXPECT_EQ(bill(set, asked), Texts{"/state/grants/0/pool: card `c` has no pool `flx`"});
}

TEST(CutCredits, ABillThatIsRoundedAsAWholeIsRoundedOnce) {
  const std::string a = "  charge calls\n    at 0.333 USD per call\n",
                    b = "  charge calls\n    at 0.336 USD per call\n";
  // 0.333 + 0.336 = 0.669: by each line it would be 0.33 and 0.34.
  EXPECT_EQ(bill(two_versions(a, b, "bill half-up"), march(1, 1)),
            (Texts{"calls 0.67", "total 0.67"}));
  const std::string fee = "  fee base at 1.00 USD per month, prorated by day\n";
  // 15/31 + 16/31 of 1.00, and a tenth off 1.669: -0.1669.
  EXPECT_EQ(
      bill(two_versions(fee + a, fee + b + "  bill discount 10%\n", "bill half-up"), march(1, 1)),
      (Texts{"base 1.00", "calls 0.67", "bill/discount -0.17", "total 1.50"}));
}

TEST(CutCredits, ALineIsRoundedOnceAndByTheLastVersion) {
  const std::string a = "  charge calls\n    at 0.333 USD per call\n",
                    b = "  charge calls\n    at 0.336 USD per call\n";
  // 0.333 + 0.336 = 0.669: the parts by themselves would be 0.33, and 0.67 less 0.34.
  EXPECT_EQ(bill(two_versions(a, b), march(1, 1)), (Texts{"calls 0.67", "total 0.67"}));
  EXPECT_EQ(bill(two_versions(a, b, "line half-up", "line up to 0.05 USD"), march(1, 1)),
            (Texts{"calls 0.70", "total 0.70"}));
  EXPECT_EQ(bill(two_versions(a, b, "bill half-up", "line down"), march(1, 1)),
            (Texts{"calls 0.66", "total 0.66"}));
}

TEST(CutCredits, WhatTakesOffAChargeTakesAtMostWhatIsThere) {
  const auto reduced = [](const std::string& price) {
    return "  charge payments by method\n    any at " + price + "\n    discount 50.00 USD shared\n";
  };
  const auto capped = [](const std::string& price) {
    return "  charge payments by method\n    any at " + price + "\n    maximum 50.00 USD shared\n";
  };
  const CardSet set = two_versions(capped("1%"), capped("2%"));
  UsageDocument asked = march(0, 0);
  asked.usage = {used("payments", 4'000, "2026-03-01", "2026-03-16"),
                 used("payments", 2'000, "2026-03-16", "2026-04-01")};
  for (UsageEntry& entry : asked.usage) entry.at = {{"method", "card"}};
  // 40.00 and 40.00 more, of all of which the cap leaves 50.00.
  EXPECT_EQ(bill(set, asked),
            (Texts{"payments/card 80.00", "payments/maximum -30.00", "total 50.00"}));
  // 40.00 is taken off 40.00, then 50.00 off 120.00 as off 80.00.
  EXPECT_EQ(bill(two_versions(reduced("1%"), reduced("2%")), asked),
            (Texts{"payments/card 80.00", "payments/discount -40.00", "total 40.00"}));
  // 40.00 was taken off 40.00; with the new price for all there are 6.00, and no discount.
  const std::string cheaper =
      "  charge payments by method\n    tiers volume\n    any up to 5,000 USD at 1%\n"
      "    any beyond at 0.1%\n";
  for (const char* round : {"line half-up", "bill half-up"})
    EXPECT_EQ(bill(two_versions(reduced("1%"), cheaper, round), asked),
              (Texts{"payments/card 6.00", "payments/discount -6.00", "total 0.00"}));
}

TEST(CutCredits, WhatIsInOtherUnitsCannotShareABill) {
  const std::string money = "  charge calls\n    at 1.00 USD per call\n";
  const std::string end = ": quote the days up to there and those from there by themselves";
  const std::string begin =
      "/period: version 2026-03-16 of `c` begins inside the period, on 2026-03-16, and cannot "
      "share "
      "a bill with what was before it, since the two ";
  EXPECT_EQ(bill(two_versions(money, in_credits("1 credit", "")), march(1, 1)),
            Texts{begin + "price `calls` in different units" + end});
  EXPECT_EQ(bill(two_versions(money + "  pool p in USD\n",
                              money + "  charge tokens\n    at 1 coin per token\n"
                                      "  pool p in coin, coins\n    beyond blocked\n"),
                 march(1, 1)),
            Texts{begin + "hold something else in `p`" + end});
}

TEST(CutCredits, GrantsThatNoLineCanHaveLeftAreRefusedAsInAnyPeriod) {
  const CardSet set = two_versions(in_credits("1 credit", kGrant), in_credits("2 credits", kGrant));
  UsageDocument asked = march(80, 40);
  asked.grants = {
      {.pool = "flex", .quantity = Ratio(100), .from = {}, .expires = {}, .recurring = true}};
  EXPECT_EQ(faults(set, asked), Texts{});
  asked.grants.insert(asked.grants.begin(),
                      {.pool = "flex", .quantity = Ratio(1000), .from = {}, .expires = {}});
  EXPECT_EQ(faults(set, asked), Texts{}) << "whoever sells credits may sell more";
  asked.grants[1].quantity = Ratio(101);
  EXPECT_EQ(faults(set, asked), Texts{"/state/grants/1/quantity: a `grant` line of `flex` leaves "
                                      "at most what it grants, 100 credits"});
  asked.customer_since = parse_date("2026-03-01");
  EXPECT_EQ(faults(set, asked), Texts{"/state/grants/1/recurring: it was no customer before "
                                      "2026-03-01, so no `grant` line has left anything"});
  asked.customer_since = parse_date("2026-01-15");
  asked.grants.resize(1);
  asked.grants[0].expires = parse_date("2026-03-01");
  EXPECT_EQ(faults(set, asked).size(), 1u);
}

}  // namespace
}  // namespace toll::runtime
