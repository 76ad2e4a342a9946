// Golden invoices of a period in which a charge changes its shape: the lines of either side can be
// stated, and have to be.
#include <gtest/gtest.h>

#include <string>

#include "runtime/examples.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime::invoice_lines {
namespace {

std::string card_of(const std::string& before, const std::string& after) {
  return "toll 1\nunit call, calls\ndimension region is eu, us\nmeter calls counts call by region\n"
         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
         "  round each line half-up\n  plan a\n" +
         before + "  plan b\n" + after;
}

ExampleResult run(const std::string& before, const std::string& after, const std::string& expects) {
  const CardSet cards = testing::card_set(
      {card_of(before, after),
       "toll 1\ninvoice \"i\" for c in 2026-03\n  on plan a\n  on plan b from 2026-03-16\n"
       "  use calls eu: 10 calls until 2026-03-16\n  use calls us: 10 calls from 2026-03-16\n" +
           expects});
  for (const auto& revision : cards.revisions())
    for (const dsl::Example& example : revision->card().examples)
      return run_example(revision, example, cards.revisions());
  ADD_FAILURE() << "no invoice";
  return {};
}

const std::string kByRegion =
    "    charge calls by region\n      eu at 1.00 USD per call\n      us at 2.00 USD per call\n";
const std::string kAsOne = "    charge calls\n      at 3.00 USD per call\n";

TEST(InvoiceLines, StateWhatTheEarlierPlanShared) {
  const std::string rows = "  expect calls/eu 10.00 USD\n  expect calls/us 20.00 USD\n",
                    shared = "  expect calls/discount 1.00 USD\n",
                    total = "  expect total 29.00 USD\n",
                    before = kByRegion + "      discount 1.00 USD shared\n";
  const ExampleResult all = run(before, kByRegion, rows + shared + total);
  EXPECT_TRUE(all.passed()) << all.fault;
  const ExampleResult without = run(before, kByRegion, rows + total);
  ASSERT_EQ(without.mismatches.size(), 1u);
  EXPECT_EQ(without.mismatches.front().path, "calls/discount");
  EXPECT_TRUE(run(kByRegion, before, rows + "  expect total 30.00 USD\n").passed());
}

TEST(InvoiceLines, StateTheRowsOfEitherPlan) {
  EXPECT_TRUE(run(kByRegion, kAsOne,
                  "  expect calls/eu 10.00 USD\n  expect calls 30.00 USD\n"
                  "  expect total 40.00 USD\n")
                  .passed());
  EXPECT_TRUE(run(kAsOne, kByRegion,
                  "  expect calls 30.00 USD\n  expect calls/us 20.00 USD\n"
                  "  expect calls/eu 0.00 USD\n  expect total 50.00 USD\n")
                  .passed());
}

TEST(InvoiceLines, StateTheRowsOfAChargeThatIsAFeeLater) {
  const ExampleResult result =
      run(kByRegion, "    fee calls at 31.00 USD per month, prorated by day\n",
          "  expect calls/eu 10.00 USD\n  expect calls 16.00 USD\n  expect total 26.00 USD\n");
  EXPECT_TRUE(result.passed()) << result.fault;
}

TEST(InvoiceLines, StateTheTrueSignOfALineThatOnlyTheEarlierPlanHas) {
  // What takes off is stated without a sign, whichever plan has it.
  const ExampleResult wrong = run(kByRegion + "      discount 1.00 USD shared\n", kAsOne,
                                  "  expect calls/eu 10.00 USD\n  expect calls 30.00 USD\n"
                                  "  expect calls/discount 2.00 USD\n  expect total 39.00 USD\n");
  ASSERT_EQ(wrong.mismatches.size(), 1u) << wrong.fault;
  EXPECT_EQ(wrong.mismatches.front().expected, Ratio(-200));
  EXPECT_EQ(wrong.mismatches.front().got, Ratio(-100));
}

}  // namespace
}  // namespace toll::runtime::invoice_lines
