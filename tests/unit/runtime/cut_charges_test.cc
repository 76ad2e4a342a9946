// Charges that only some of the plans or versions of a period have, worked out by hand.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

const std::string kMeteredByKind =
    "toll 1\nunit call, calls\nunit seat, seats\ndimension kind is a, b, c\n"
    "meter calls counts call\nmeter kinds counts call by kind\nmeter seats peaks seat\n";
const std::string kCardOfPlans =
    "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n";
const std::string kConnected =
    "    charge calls\n      at 1.00 USD per call\n      surcharge 50.00 USD\n";
const std::string kPack =
    "    charge seats\n      tiers graduated\n      up to 0 seats at 70.00 USD flat\n"
    "      beyond at 1.00 USD per seat\n";

/// Two plans with these items.
CardSet one_and_two(const std::string& one, const std::string& two) {
  return testing::card_set(
      {kMeteredByKind + kCardOfPlans + "  plan one\n" + one + "  plan two\n" + two});
}

/// March, from the 16th on in plan two, and if `again` from the 26th on in plan one.
UsageDocument switched(std::vector<UsageEntry> usage, bool again = false) {
  UsageDocument document = march(0, 0);
  document.usage = std::move(usage);
  document.plan = "one";
  document.plan_changes = {{*parse_date("2026-03-16"), "two"}};
  if (again) document.plan_changes.emplace_back(*parse_date("2026-03-26"), "one");
  return document;
}

UsageEntry kinds(const char* name, int64_t quantity, const char* from, const char* until) {
  UsageEntry entry = used("kinds", quantity, from, until);
  entry.at = {{"kind", name}};
  return entry;
}

TEST(CutCharges, UsesUpAYearlyAllowanceOnItsDaysOnly) {
  const CardSet set = one_and_two("    charge each_call on calls\n      at 0.50 USD per call\n",
                                  "    charge calls\n      included 10 calls per year\n"
                                  "      at 1.00 USD per call\n");
  const Answer answer = quote(set, switched({used("calls", 8, "2026-03-01", "2026-03-16"),
                                             used("calls", 7, "2026-03-16", "2026-04-01")}))
                            .value();
  EXPECT_EQ(answer.total, "4.00");
  ASSERT_EQ(answer.next_state.used_to_date.size(), 1u);
  EXPECT_EQ(answer.next_state.used_to_date[0].value, (Decimal{7, 0}));
}

TEST(CutCharges, HasItsFixedPartsWhole) {
  const std::string base = "    fee base at 10.00 USD per month, not prorated\n";
  const CardSet set = one_and_two(base, base + kConnected + kPack);
  const UsageDocument asked = switched(
      {used("calls", 5, "2026-03-16", "2026-04-01"), used("seats", 2, "2026-03-16", "2026-04-01")});
  EXPECT_EQ(bill(set, asked),  // 5 x 1.00 + 50.00, and 70.00 + 2 x 1.00
            (Texts{"base 10.00", "calls 55.00", "seats 72.00", "total 137.00"}));
  EXPECT_EQ(bill(set, switched({})),
            (Texts{"base 10.00", "calls 50.00", "seats 70.00", "total 130.00"}));
  const Answer answer = explain(set, asked).value();
  Texts texts;
  for (const Step& step : answer.lines.at(1).steps)
    texts.push_back(step.text + " | " + step.amount.value_or("-"));
  EXPECT_EQ(texts, (Texts{"all usage before 2026-04-01: 5 calls, at 1.00 USD per call = 5 | 5",
                          "all usage before 2026-04-01: surcharge 50.00 USD: 5 → 55 | 55",
                          "2026-03-16 until 2026-04-01, by version 2026-01-01, plan `two`: 55 | "
                          "55"}));
}

TEST(CutCharges, OfAVersionHasItsFixedPartsWhole) {
  const CardSet set = testing::card_set(
      {kMeteredByKind + kCardOfPlans + "  charge seats\n    at 1.00 USD per seat\n",
       "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n"
       "  applies to everyone\n  charge calls\n    at 1.00 USD per call\n"
       "    surcharge 50.00 USD\n"});
  EXPECT_EQ(bill(set, march(80, 40)), (Texts{"seats 0.00", "calls 90.00", "total 90.00"}));
}

TEST(CutCharges, HasThemOnceWhereItWasThereBefore) {
  const std::string other = "    charge rest on calls\n      at 2.00 USD per call\n";
  const std::string tiers =
      "    charge calls\n      tiers graduated\n      up to 6 calls at 1.00 USD per call\n"
      "      beyond at 0.50 USD per call\n      surcharge 50.00 USD\n";
  const std::vector<UsageEntry> entries = {used("calls", 5, "2026-03-01", "2026-03-16"),
                                           used("calls", 4, "2026-03-16", "2026-03-26"),
                                           used("calls", 3, "2026-03-26", "2026-04-01")};
  // 50.00 + 5 x 1.00, and of 8 calls the last three: 1.00 + 2 x 0.50; 4 x 2.00 between.
  EXPECT_EQ(bill(one_and_two(tiers, other), switched(entries, true)),
            (Texts{"calls 57.00", "rest 8.00", "total 65.00"}));
  // 50.00 + 4 x 1.00, and 8 x 2.00.
  EXPECT_EQ(bill(one_and_two(other, tiers), switched(entries, true)),
            (Texts{"rest 16.00", "calls 54.00", "total 70.00"}));
}

TEST(CutCharges, CountsTheDaysOfItsPlan) {
  const std::string other = "    charge rest on calls\n      at 1.00 USD per call\n";
  const std::string calls =
      "    charge calls\n      included 10 calls\n      at 2.00 USD per call\n";
  EXPECT_EQ(
      bill(one_and_two(other, calls), switched({used("calls", 8, "2026-03-01", "2026-03-16"),
                                                used("calls", 12, "2026-03-16", "2026-04-01")})),
      (Texts{"calls 4.00", "rest 8.00", "total 12.00"}));  // 8 x 1.00, and 2 x 2.00
  // A peak that stays is billed by a charge that was not there.
  const std::string seats = "    charge seats\n      at 10.00 USD per seat\n";
  const std::string more = "    charge more on seats\n      at 5.00 USD per seat\n";
  EXPECT_EQ(bill(one_and_two(seats, seats + more),
                 switched({used("seats", 60, "2026-03-01", "2026-03-16"),
                           used("seats", 60, "2026-03-16", "2026-04-01")})),
            (Texts{"seats 600.00", "more 300.00", "total 900.00"}));
}

TEST(CutCharges, HasTheRowsOfItsDays) {
  const std::string other = "    charge rest on kinds\n      at 1.00 USD per call\n";
  const std::string rows =
      "    charge kinds by kind\n      any at 1.00 USD per call\n"
      "      surcharge 2.00 USD in each row\n      surcharge 7.00 USD shared\n";
  EXPECT_EQ(
      bill(one_and_two(other, rows), switched({kinds("a", 9, "2026-03-01", "2026-03-16"),
                                               kinds("c", 4, "2026-03-01", "2026-03-16"),
                                               kinds("a", 3, "2026-03-16", "2026-04-01"),
                                               kinds("b", 1, "2026-03-16", "2026-04-01")})),
      (Texts{"kinds/a 5.00", "kinds/b 3.00", "kinds/surcharge 7.00", "rest 13.00", "total 28.00"}));
}

TEST(CutCharges, HasItsMinimumOnce) {
  const std::string least =
      "    charge calls\n      at 1.00 USD per call\n      surcharge 3.00 USD\n"
      "      minimum 20.00 USD\n";
  EXPECT_EQ(bill(one_and_two("", least), switched({used("calls", 5, "2026-03-16", "2026-04-01")})),
            (Texts{"calls 20.00", "total 20.00"}));
  EXPECT_EQ(bill(one_and_two("", least), switched({used("calls", 30, "2026-03-16", "2026-04-01")})),
            (Texts{"calls 33.00", "total 33.00"}));
}

TEST(CutCharges, InCreditsIsPaidByThePoolOfItsDays) {
  const std::string pool =
      "    pool fuel in credit, credits\n      beyond at 0.10 USD per credit\n"
      "      grant 60 credits every month\n";
  const std::string drawn =
      "    charge calls\n      at 2 credits per call\n      surcharge 50 credits\n";
  UsageDocument asked = switched(
      {used("seats", 2, "2026-03-16", "2026-04-01"), used("calls", 5, "2026-03-16", "2026-04-01")});
  const std::string seats = "    charge seats\n      at 1.00 USD per seat\n";
  const auto with_credits = [&](const std::string& one, const std::string& two) {
    return testing::card_set({kMeteredByKind + "unit credit, credits\n" + kCardOfPlans +
                              "  plan one\n" + one + "  plan two\n" + two});
  };
  // 50 + 5 x 2 credits of 60
  EXPECT_EQ(bill(with_credits(seats + pool, drawn + seats + pool), asked),
            (Texts{"calls 60", "seats 2.00", "total 2.00", "fuel left 0"}));
  // A pool that nothing draws on keeps what it has.
  asked.usage.pop_back();
  EXPECT_EQ(bill(with_credits(seats + pool, seats + pool), asked),
            (Texts{"seats 2.00", "total 2.00", "fuel left 60"}));
}

TEST(CutCharges, OfAShareIsOneOfWhatComesAfter) {
  const auto calls = [](const std::string& price) {
    return "    charge calls\n      at " + price + " USD per call\n";
  };
  const std::string support =
      "    charge support\n      at 10% of calls\n      surcharge 50.00 USD\n";
  // 80 x 1.00 + 40 x 2.00; 10% of 160.00 less 80.00, and 50.00.
  EXPECT_EQ(bill(one_and_two(calls("1.00"), calls("2.00") + support),
                 switched({used("calls", 80, "2026-03-01", "2026-03-16"),
                           used("calls", 40, "2026-03-16", "2026-04-01")})),
            (Texts{"calls 160.00", "support 58.00", "total 218.00"}));
}

TEST(CutCharges, OfWhichAShareWasThereBefore) {
  const std::string calls = "    charge calls\n      at 1.00 USD per call\n";
  const auto support = [](const std::string& of) {
    return "    charge support\n      at 10% of " + of + "\n";
  };
  // 10% of 80.00; of 120.00 and 72.00 less that of 80.00.
  EXPECT_EQ(bill(one_and_two(calls + support("calls"), calls + kPack + support("calls and seats")),
                 switched({used("calls", 80, "2026-03-01", "2026-03-16"),
                           used("calls", 40, "2026-03-16", "2026-04-01"),
                           used("seats", 2, "2026-03-16", "2026-04-01")})),
            (Texts{"calls 120.00", "seats 72.00", "support 19.20", "total 211.20"}));
}

TEST(CutCharges, OfWhichAPartIsIncludedIsNothingBefore) {
  const CardSet set = testing::card_set(
      {kMeteredByKind + "meter services sums USD\n" + kCardOfPlans +
       "  plan one\n    charge services\n      at 100%\n  plan two\n" + kConnected +
       "    charge services\n      included 10% of calls\n      at 100%\n"});
  // 20.00, and of 40.00 less 10% of 150.00 all but what is 20.00 without calls.
  EXPECT_EQ(bill(set, switched({used("services", 20, "2026-03-01", "2026-03-16"),
                                used("services", 20, "2026-03-16", "2026-04-01"),
                                used("calls", 100, "2026-03-16", "2026-04-01")})),
            (Texts{"calls 150.00", "services 25.00", "total 175.00"}));
}

TEST(CutCharges, OfWhichAPartIsIncludedHasItsMinimum) {
  for (const std::string least : {"", "      minimum 1.00 USD\n"}) {
    const std::string both =
        "    charge calls\n      at 1.00 USD per call\n      minimum 100.00 USD\n"
        "    charge services\n      included 10% of calls\n      at 100%\n" +
        least;
    const CardSet set =
        testing::card_set({kMeteredByKind + "meter services sums USD\n" + kCardOfPlans +
                           "  plan one\n" + both + "  plan two\n" + both});
    // 40.00 less 10% of 100.00, as without a cut.
    EXPECT_EQ(bill(set, switched({used("services", 20, "2026-03-01", "2026-03-16"),
                                  used("services", 20, "2026-03-16", "2026-04-01"),
                                  used("calls", 10, "2026-03-01", "2026-03-16"),
                                  used("calls", 10, "2026-03-16", "2026-04-01")})),
              (Texts{"calls 100.00", "services 30.00", "total 130.00"}));
  }
}

}  // namespace
}  // namespace toll::runtime
