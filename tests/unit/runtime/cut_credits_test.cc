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

/// Plan `first` has a pool and `second` has none; so many tokens are used on each day of `used`.
class CutLeftPlan : public ::testing::Test {
 protected:
  static CardSet plans(const std::string& grant, const std::string& pool = "flex") {
    const bool money = pool == "promo";
    return two_plans("    charge tokens\n      at 1 " + std::string(money ? "USD" : "credit") +
                         " per token\n    pool " + pool +
                         (money ? " in USD\n" : " in credit, credits\n      spend oldest first\n") +
                         "      grant " + grant + "\n" +
                         (money ? "" : "      beyond at 1.00 USD per credit\n"),
                     "    fee rest at 31.00 USD per month, prorated by day\n");
  }
  /// In plan `first` but for the days from one of each pair to the other.
  static UsageDocument without(const std::vector<std::pair<const char*, const char*>>& gone,
                               const std::vector<std::pair<std::string, int64_t>>& used_on) {
    UsageDocument document = march(0, 0);
    document.customer_since = parse_date("2026-01-01");
    document.plan = "first";
    for (const auto& [from, until] : gone) {
      if (std::string(from) == "2026-03-01")
        document.plan = "second";
      else
        document.plan_changes.emplace_back(*parse_date(from), "second");
      document.plan_changes.emplace_back(*parse_date(until), "first");
    }
    document.usage.clear();
    for (const auto& [day, quantity] : used_on) {
      document.usage.push_back(used("tokens", quantity, day.c_str(), day.c_str()));
      document.usage.back().until = *parse_date(day) + std::chrono::days(1);
    }
    return document;
  }
};

TEST_F(CutLeftPlan, APlanHasTheGrantOfAnIntervalOnce) {
  const CardSet set = plans("100 credits every month");
  const std::vector<std::pair<const char*, const char*>> once = {{"2026-03-11", "2026-03-12"}},
                                                         twice = {{"2026-03-11", "2026-03-12"},
                                                                  {"2026-03-13", "2026-03-14"}};
  EXPECT_EQ(
      bill(set, without(once, {{"2026-03-05", 100}, {"2026-03-20", 100}})),
      (Texts{"tokens 200", "flex/beyond 100.00", "rest 1.00", "total 101.00", "flex left 0"}));
  EXPECT_EQ(
      bill(set, without(twice, {{"2026-03-05", 100}, {"2026-03-12", 100}, {"2026-03-20", 100}})),
      (Texts{"tokens 300", "flex/beyond 200.00", "rest 2.00", "total 202.00", "flex left 0"}));
  // What is left of it is there again.
  EXPECT_EQ(bill(set, without(once, {{"2026-03-05", 40}, {"2026-03-20", 100}})),
            (Texts{"tokens 140", "flex/beyond 40.00", "rest 1.00", "total 41.00", "flex left 0"}));
  // Where the month begins in the other plan, its grant comes with this one.
  EXPECT_EQ(bill(set, without({{"2026-03-01", "2026-03-12"}, {"2026-03-13", "2026-03-14"}},
                              {{"2026-03-12", 40}, {"2026-03-20", 100}})),
            (Texts{"tokens 140", "flex/beyond 40.00", "rest 12.00", "total 52.00", "flex left 0"}));
}

TEST_F(CutLeftPlan, APlanHasMoneyOnceToo) {
  const CardSet set = plans("10.00 USD every month", "promo");
  EXPECT_EQ(bill(set, without({{"2026-03-11", "2026-03-12"}, {"2026-03-13", "2026-03-14"}},
                              {{"2026-03-05", 4}, {"2026-03-20", 4}})),
            (Texts{"tokens 8.00", "rest 2.00", "promo -10.00", "total 0.00", "promo left 0.00"}));
}

TEST_F(CutLeftPlan, WhatALineGaveIsGoneWhenTheNextGrantWouldCome) {
  const std::string lasting = ", expires after 3 months";
  UsageDocument asked = without({{"2026-03-12", "2026-03-14"}}, {});
  asked.grants = {{.pool = "flex",
                   .quantity = Ratio(70),
                   .from = {},
                   .expires = parse_date("2026-05-01"),
                   .recurring = true}};
  EXPECT_EQ(bill(plans("100 credits every month" + lasting), asked),
            (Texts{"tokens 0", "rest 2.00", "total 2.00", "flex left 170"}));
  // Of weeks the 16th is a Monday: what Mondays before it gave is gone, and those after it come.
  // What that before March gave is used up.
  asked = without({{"2026-03-12", "2026-03-17"}}, {});
  asked.grants = {
      {.pool = "flex", .quantity = Ratio(), .from = {}, .expires = {}, .recurring = true}};
  EXPECT_EQ(bill(plans("10 credits every week" + lasting), asked),
            (Texts{"tokens 0", "rest 5.00", "total 5.00", "flex left 30"}));
  asked.plan_changes[1].first = *parse_date("2026-03-14");
  EXPECT_EQ(bill(plans("10 credits every week" + lasting), asked),
            (Texts{"tokens 0", "rest 2.00", "total 2.00", "flex left 50"}));
  // And of a month that begins without the plan, what earlier ones gave.
  asked = without({{"2026-03-01", "2026-03-02"}}, {});
  asked.grants = {{.pool = "flex",
                   .quantity = Ratio(70),
                   .from = {},
                   .expires = parse_date("2026-05-01"),
                   .recurring = true},
                  {.pool = "flex", .quantity = Ratio(5), .from = {}, .expires = {}}};
  EXPECT_EQ(bill(plans("100 credits every month" + lasting), asked),
            (Texts{"tokens 0", "rest 1.00", "total 1.00", "flex left 105"}));
  const Answer answer = quote(plans("100 credits every month" + lasting), asked).value();
  ASSERT_EQ(answer.next_state.grants.size(), 2u);
  EXPECT_EQ(answer.next_state.grants[0].quantity, "5");
  EXPECT_EQ(answer.next_state.grants[1].quantity, "100");
}

/// A charge with a minimum of 50 credits, and its pool.
std::string with_minimum(const char* granted) {
  return "    charge tokens\n      at 1 credit per token\n      minimum 50 credits\n"
         "    pool flex in credit, credits\n      grant " +
         std::string(granted) + " credits every month\n      beyond at 1.00 USD per credit\n";
}

TEST(CutCredits, AMinimumIsSettledWithThePoolOfThePlanThatIsLeft) {
  const std::string rest = "    fee rest at 31.00 USD per month, prorated by day\n";
  UsageDocument asked = upgraded(0, 0);
  asked.usage = {used("tokens", 30, "2026-03-01", "2026-03-16")};
  // Of 100 credits 30 pay for tokens and 20 for what is missing of the minimum.
  EXPECT_EQ(bill(two_plans(with_minimum("100"), rest), asked),
            (Texts{"rest 16.00", "tokens 50", "total 16.00"}));
  // Of 40 there are 10 for the 20 that are missing.
  EXPECT_EQ(bill(two_plans(with_minimum("40"), rest), asked),
            (Texts{"rest 16.00", "tokens 50", "flex/beyond 10.00", "total 26.00"}));
  asked.final = false;
  EXPECT_EQ(bill(two_plans(with_minimum("40"), rest), asked),
            (Texts{"rest 16.00", "tokens 30", "total 16.00"}));
}

TEST(CutCredits, AMinimumIsNotSettledWithThePoolOfALaterPlan) {
  const std::string other =
      "    charge calls\n      at 1 credit per call\n    pool spare in credit, credits\n"
      "      grant 1000 credits every month\n      beyond at 0.01 USD per credit\n";
  UsageDocument asked = upgraded(0, 5);
  asked.usage[0] = used("tokens", 30, "2026-03-01", "2026-03-16");
  EXPECT_EQ(bill(two_plans(with_minimum("40"), other), asked),
            (Texts{"calls 5", "tokens 50", "flex/beyond 10.00", "total 10.00", "spare left 995"}));
}

TEST(CutCredits, AMinimumOfAPlanThatIsEnteredAgainIsSettledAtItsEnd) {
  const std::string rest = "    fee rest at 31.00 USD per month, prorated by day\n";
  UsageDocument asked = upgraded(0, 0);
  asked.plan_changes = {{*parse_date("2026-03-11"), "second"},
                        {*parse_date("2026-03-12"), "first"}};
  asked.usage = {used("tokens", 20, "2026-03-01", "2026-03-11"),
                 used("tokens", 25, "2026-03-12", "2026-04-01")};
  // 5 are missing, once.
  EXPECT_EQ(bill(two_plans(with_minimum("100"), rest), asked),
            (Texts{"tokens 50", "rest 1.00", "total 1.00", "flex left 50"}));
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
