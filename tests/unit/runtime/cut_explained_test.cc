// How minimums of days and the lines below them are derived in a month in which a plan begins.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime::cut_explained {
namespace {

/// The steps of a line of March, of one call on either side of the 16th, that name days or lines
/// below a minimum, or act on all of the period.
Texts derivation(const std::string& one, const std::string& two, const std::string& path) {
  const std::string calls = "    charge calls by kind\n      any at 1.00 USD per call\n";
  const CardSet cards = testing::card_set(
      {"toll 1\nunit call, calls\ndimension kind is x, y\nmeter calls counts call by kind\n"
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
       "  round each line half-up\n  plan one\n" +
       calls + one + "  plan two\n" + calls + two});
  UsageDocument document = march(1, 1);
  for (UsageEntry& entry : document.usage) entry.at = {{"kind", "x"}};
  document.plan = "one";
  document.plan_changes = {{*parse_date("2026-03-16"), "two"}};
  const Answer answer = explain(cards, document).value();
  const auto line = std::ranges::find(answer.lines, path, &AnswerLine::path);
  if (line == answer.lines.end()) return {"no such line"};
  Texts texts;
  for (const Step& step : line->steps)
    if (step.text.contains("31 days") || step.text.contains("below it") ||
        step.text.contains("on all of the period"))
      texts.push_back(step.text + " = " + step.amount.value_or("?"));
  return texts;
}

TEST(CutExplained, AMinimumOfDaysByTheDaysOfEachPlanAndWhatStandsBelowIt) {
  EXPECT_EQ(derivation("      minimum 62.00 USD prorated by day in each row\n      discount 10%\n",
                       "      minimum 310.00 USD prorated by day in each row\n      discount 50%\n",
                       "calls/x"),
            (Texts{"minimum 62.00 USD prorated by day in each row, 15 of 31 days until 2026-03-16: "
                   "30 = 30",
                   "minimum 310.00 USD prorated by day in each row, 16 of 31 days until "
                   "2026-04-01: 190 with the days before = 190",
                   "30 with the lines below it, by version 2026-01-01, plan `one`: 27 = 27",
                   "190 with the lines below it, by version 2026-01-01, plan `two`: 95, less 15 of "
                   "the 30 before = 107",
                   "minimum 310.00 USD prorated by day in each row, on all of the period: 1.4 → "
                   "107 = 107"}));
}

TEST(CutExplained, AMinimumThatIsWholeByWhatStandsBelowIt) {
  const std::string whole = "      minimum 62.00 USD in each row\n";
  EXPECT_EQ(derivation(whole + "      discount 50%\n", whole + "      discount 50%\n", "calls/x"),
            (Texts{"minimum 62.00 USD in each row: 31 with the lines below it = 31",
                   "minimum 62.00 USD in each row, on all of the period: 1 → 31 = 31"}));
  EXPECT_EQ(derivation(whole, whole, "calls/x"),
            (Texts{"minimum 62.00 USD in each row, on all of the period: 2 → 62 = 62"}));
}

TEST(CutExplained, AMinimumOfDaysThatIsTheSameInAllPlansByItself) {
  const std::string line = "      minimum 62.00 USD prorated by day in each row\n";
  EXPECT_EQ(derivation(line, line, "calls/x"),
            (Texts{"minimum 62.00 USD prorated by day in each row, on all of the period: 2 → 62 = "
                   "62"}));
}

TEST(CutExplained, AMinimumThatRowsShareAndOneOfTheBill) {
  EXPECT_EQ(derivation("      minimum 62.00 USD prorated by day shared\n",
                       "      minimum 310.00 USD prorated by day shared\n", "calls/minimum"),
            (Texts{"minimum 62.00 USD prorated by day shared, 15 of 31 days until 2026-03-16: 30 = "
                   "30",
                   "minimum 310.00 USD prorated by day shared, 16 of 31 days until 2026-04-01: 190 "
                   "with the days before = 190",
                   "minimum 310.00 USD prorated by day shared, on all of the period: 2 → 190 = "
                   "188"}));
  EXPECT_EQ(
      derivation("    bill minimum 62.00 USD prorated by day\n",
                 "    bill minimum 310.00 USD prorated by day\n", "bill/minimum"),
      (Texts{"bill minimum 62.00 USD prorated by day, 15 of 31 days until 2026-03-16: 30 = 30",
             "bill minimum 310.00 USD prorated by day, 16 of 31 days until 2026-04-01: 190 "
             "with the days before = 190"}));
}

}  // namespace
}  // namespace toll::runtime::cut_explained
