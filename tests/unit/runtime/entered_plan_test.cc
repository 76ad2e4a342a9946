// Quotes of a plan with a pool that is entered inside an interval of its grants, on the first day
// of a bill or behind it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/pool_usage.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime::entered_plan {
namespace {

/// In the plans `a`, with a pool, and `n`; or the same without plans.
std::string card_text(const std::string& grants, const std::string& from = "2026-01-01") {
  const std::string items =
      "    charge calls\n      at 1 credit per call\n    pool flex in credit, credits\n" + grants +
      "      beyond at 0.10 USD per credit\n";
  return "toll 1\nunit call, calls\nunit credit, credits\nmeter calls sums call\n"
         "card c \"C\"\n  from " +
         from + "\n  currency USD\n  period month\n  round each line half-up\n  plan a\n" + items +
         "  plan n\n    fee base at 1.00 USD per month, not prorated\n";
}
const std::string kQuarterly = "      grant 100 credits every quarter\n";

/// A bill from `from` until `until` that begins in `plan`, of somebody who came with 2026.
UsageDocument days(const char* from, const char* until, const char* plan = "a") {
  UsageDocument document;
  document.card = "c";
  document.plan = plan;
  document.customer_since = parse_date("2026-01-01");
  document.period = Period{*parse_date(from), *parse_date(until)};
  return document;
}

Grant left(const char* quantity, const char* expires = nullptr) {
  Grant grant = pools::grant(quantity, expires);
  grant.recurring = true;
  return grant;
}

/// "pool quantity expires" per grant that goes on.
Texts going_on(const CardSet& cards, const UsageDocument& document) {
  const auto answer = quote(cards, document);
  if (!answer) return faults(cards, document);
  Texts texts;
  for (const GrantLeft& grant : answer->next_state.grants)
    texts.push_back(grant.pool + " " + grant.quantity + " " +
                    (grant.expires ? to_string(*grant.expires) : "never") +
                    (grant.recurring ? " recurring" : ""));
  return texts;
}

TEST(EnteredPlan, HasTheGrantOfItsIntervalOnWhicheverDay) {
  const CardSet cards = testing::card_set({card_text(kQuarterly)});
  UsageDocument february = days("2026-02-01", "2026-03-01");
  february.usage = {pools::calls("30", "2026-02-10", "2026-02-11")};
  EXPECT_EQ(going_on(cards, february), Texts{"flex 70 2026-04-01 recurring"});
  february.plan = "n";
  february.plan_changes = {{*parse_date("2026-02-02"), "a"}};
  EXPECT_EQ(going_on(cards, february), Texts{"flex 70 2026-04-01 recurring"});
  // A part of a month, and one that the plan begins and is left in.
  UsageDocument part = days("2026-02-12", "2026-03-01");
  EXPECT_EQ(going_on(cards, part), Texts{"flex 100 2026-04-01 recurring"});
  part.plan_changes = {{*parse_date("2026-02-20"), "n"}};
  EXPECT_EQ(going_on(cards, part), Texts{"flex 100 2026-04-01 recurring"});
}

TEST(EnteredPlan, HasItOnce) {
  const CardSet cards = testing::card_set({card_text(kQuarterly)});
  UsageDocument march = days("2026-03-01", "2026-04-01");
  march.usage = {pools::calls("50", "2026-03-10", "2026-03-11")};
  march.grants = {left("70", "2026-04-01")};
  EXPECT_EQ(bill(cards, march), (Texts{"calls 50", "total 0.00", "flex left 20"}));
  march.grants = {left("0")};
  EXPECT_EQ(bill(cards, march),
            (Texts{"calls 50", "flex/beyond 5.00", "total 5.00", "flex left 0"}));
  // Who came with a day of the bill has it whatever was the plan before; of whom nothing is known,
  // nothing is known of another plan.
  march.grants.clear();
  march.customer_since = parse_date("2026-03-01");
  EXPECT_EQ(bill(cards, march), (Texts{"calls 50", "total 0.00", "flex left 50"}));
  march.customer_since.reset();
  EXPECT_EQ(bill(cards, march),
            (Texts{"calls 50", "flex/beyond 5.00", "total 5.00", "flex left 0"}));
}

TEST(EnteredPlan, SaysNothingOfAPoolThatAllPlansHave) {
  std::string text = card_text(kQuarterly);
  text += "    charge calls\n      at 1 credit per call\n    pool flex in credit, credits\n" +
          kQuarterly + "      beyond at 0.10 USD per credit\n";
  EXPECT_EQ(going_on(testing::card_set({text}), days("2026-02-01", "2026-03-01")), Texts{});
}

TEST(EnteredPlan, APoolThatBeginsWithTheBillGivesThatOfItsInterval) {
  const UsageDocument february = days("2026-02-01", "2026-03-01");
  EXPECT_EQ(going_on(testing::card_set({card_text(kQuarterly, "2026-02-01")}), february),
            Texts{"flex 100 2026-04-01 recurring"});
}

/// Of a pool with a grant for each month and one for each quarter the plan is left over the
/// beginning of a month.
TEST(EnteredPlan, LosesTheGrantsOfTheLineThatComesAgainMeanwhile) {
  const CardSet cards = testing::card_set({card_text("      grant 10 credits every month\n" +
                                                     kQuarterly + "      spend oldest first\n")});
  UsageDocument february = days("2026-02-01", "2026-03-01");
  february.usage = {pools::calls("30", "2026-02-10", "2026-02-11")};
  february.plan_changes = {{*parse_date("2026-02-20"), "n"}};
  // 10 of that of the month, which stands first, and 20 of that of the quarter.
  EXPECT_EQ(going_on(cards, february), Texts{"flex 80 2026-04-01 recurring"});
  UsageDocument march = days("2026-03-01", "2026-04-01", "n");
  march.plan_changes = {{*parse_date("2026-03-05"), "a"}};
  march.usage = {pools::calls("85", "2026-03-20", "2026-03-21")};
  march.grants = {left("80", "2026-04-01")};
  EXPECT_EQ(bill(cards, march), (Texts{"calls 85", "base 1.00", "total 1.00", "flex left 5"}));
  // A month without it, after which only the month begins anew.
  UsageDocument without = days("2026-02-01", "2026-03-01", "n");
  without.grants = {left("80", "2026-04-01")};
  EXPECT_EQ(going_on(cards, without), Texts{"flex 80 2026-04-01 recurring"});
}

TEST(EnteredPlan, LosesWhatTheLineOfAMonthGaveForLonger) {
  const CardSet cards =
      testing::card_set({card_text("      grant 10 credits every month, expires after 6 months\n" +
                                   kQuarterly + "      spend oldest first\n")});
  UsageDocument march = days("2026-03-01", "2026-04-01", "n");
  march.plan_changes = {{*parse_date("2026-03-05"), "a"}};
  march.grants = {left("7", "2026-08-01"), left("80", "2026-04-01")};
  // The 7 are of February, and go; 80 of the quarter and 10 of March are there.
  EXPECT_EQ(bill(cards, march), (Texts{"calls 0", "base 1.00", "total 1.00", "flex left 90"}));
  march.plan = "a";
  march.plan_changes = {{*parse_date("2026-03-02"), "n"}, {*parse_date("2026-03-05"), "a"}};
  EXPECT_EQ(bill(cards, march), (Texts{"calls 0", "total 0.00", "flex left 97"}));
}

/// In the plans `m`, with a grant for each month, `q`, with one for each quarter, `s`, which has
/// the pool and gives nothing, and `n`, which has none.
CardSet other_lines() {
  const std::string grants = "      grant 10 credits every month\n";
  std::string text = card_text(kQuarterly + "      spend soonest-expiring first\n");
  text.replace(text.find("  plan a\n"), 9, "  plan q\n");
  const auto begin = text.find("    charge calls"), end = text.find("  plan n");
  const std::string q = text.substr(begin, end - begin);
  std::string m = q, s = q;
  m.replace(m.find(kQuarterly), kQuarterly.size(), grants);
  s.replace(s.find(kQuarterly), kQuarterly.size(), "");
  text.insert(text.find("  plan q\n"), "  plan m\n" + m + "  plan s\n" + s);
  return testing::card_set({text});
}

TEST(EnteredPlan, HasNoGrantAgainByWayOfAPlanThatGivesOthersOrNone) {
  const CardSet cards = other_lines();
  for (const char* const plan : {"m", "s"}) {
    UsageDocument february = days("2026-02-01", "2026-03-01", plan);
    february.grants = {left("0")};
    EXPECT_EQ(going_on(cards, february), Texts{"flex 0 never recurring"}) << plan;
    february.plan_changes = {{*parse_date("2026-02-16"), "n"}};
    EXPECT_EQ(going_on(cards, february), Texts{"flex 0 never recurring"}) << plan;
    february.plan = "q";
    february.plan_changes = {{*parse_date("2026-02-16"), plan}};
    EXPECT_EQ(going_on(cards, february), Texts{"flex 0 never recurring"}) << plan;
  }
  UsageDocument without = days("2026-02-01", "2026-03-01", "n");
  without.grants = {left("0")};
  EXPECT_EQ(going_on(cards, without), Texts{"flex 0 never recurring"});
  // Behind the quarter it says nothing.
  UsageDocument march = days("2026-03-01", "2026-04-01", "s");
  march.grants = {left("0")};
  EXPECT_EQ(going_on(cards, march), Texts{});
}

TEST(EnteredPlan, HasWhatIsLeftWhereOthersAreGivenMoreOften) {
  const CardSet cards = other_lines();
  UsageDocument february = days("2026-02-01", "2026-03-01", "n");
  february.grants = {left("60", "2026-04-01")};
  EXPECT_EQ(going_on(cards, february), Texts{"flex 60 2026-04-01 recurring"});
  february.plan = "s";
  february.plan_changes = {{*parse_date("2026-02-16"), "n"}};
  EXPECT_EQ(going_on(cards, february), Texts{"flex 60 2026-04-01 recurring"});
  UsageDocument march = days("2026-03-01", "2026-04-01", "n");
  march.grants = {left("60", "2026-04-01")};
  march.plan_changes = {{*parse_date("2026-03-16"), "q"}};
  EXPECT_EQ(bill(cards, march), (Texts{"calls 0", "base 1.00", "total 1.00", "flex left 60"}));
}

TEST(EnteredPlan, KeepsWhatRolloverLetsGoOnAlsoInAPlanThatGivesNothing) {
  const CardSet cards = testing::card_set(
      {card_text(kQuarterly + "      rollover up to 40 credits\n") +
       "  plan s\n    charge calls\n      at 1 credit per call\n"
       "    pool flex in credit, credits\n      beyond at 0.10 USD per credit\n"});
  UsageDocument february = days("2026-02-01", "2026-03-01", "s");
  february.grants = {left("90")};
  EXPECT_EQ(going_on(cards, february), Texts{"flex 90 never recurring"});
  UsageDocument march = days("2026-03-01", "2026-04-01", "s");
  march.grants = {left("90")};
  EXPECT_EQ(going_on(cards, march), Texts{"flex 40 never recurring"});
}

/// An interval gives its grant with the first of its days on which the pool is there, by the plan
/// of that day, whether the plan with another grant is entered with a bill or inside it.
TEST(EnteredPlan, HasNoGrantOfAnIntervalInWhichAnotherPlanHadThePool) {
  const CardSet cards = other_lines();
  for (const char* const plan : {"m", "s"}) {
    UsageDocument january = days("2026-01-01", "2026-02-01", plan);
    EXPECT_EQ(going_on(cards, january), Texts{"flex 0 never recurring"}) << plan;
    january.plan_changes = {{*parse_date("2026-01-16"), "n"}};
    EXPECT_EQ(going_on(cards, january), Texts{"flex 0 never recurring"}) << plan;
    january.customer_since = parse_date("2026-01-16");  // when nobody had the pool
    EXPECT_EQ(going_on(cards, january), Texts{}) << plan;
    UsageDocument february = days("2026-02-01", "2026-03-01", plan);
    february.plan_changes = {{*parse_date("2026-02-02"), "q"}};
    EXPECT_EQ(going_on(cards, february), Texts{"flex 0 never recurring"}) << plan;
  }
}

}  // namespace
}  // namespace toll::runtime::entered_plan
