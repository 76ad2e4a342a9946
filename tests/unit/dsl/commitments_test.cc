// Commitments, allowances for a longer time, and what examples say of earlier periods.
#include <gtest/gtest.h>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

const std::string kCharges =
    "  charge storage\n    at 0.10 USD per GiB-month\n"
    "  charge api_calls\n    included 1,000 calls per year\n    at 0.01 USD per call\n";

TEST(Commitments, StandAmongBillLinesInTheOrderOfTheText) {
  const RateCard card = card_of(
      text_with("  bill minimum 1.00 USD\n  commit annual 600.00 USD per year \"Promised\"\n"
                "    counts api_calls, storage\n    true up every year\n  bill discount 10%\n" +
                kCharges));
  ASSERT_EQ(card.bill_steps.size(), 3u);
  const BillStep& step = card.bill_steps[1];
  ASSERT_TRUE(step.commitment.has_value());
  EXPECT_EQ(step.commitment->name, "annual");
  EXPECT_EQ(step.label, "Promised");
  EXPECT_EQ(step.amount_minor, 60000);
  EXPECT_EQ(step.commitment->per, PeriodUnit::Year);
  ASSERT_EQ(step.commitment->counts.size(), 2u);
  EXPECT_EQ(step.commitment->counts[0].index, 1u);
  EXPECT_EQ(step.commitment->counts[1].index, 0u);
}

TEST(Allowances, CanBeForALongerTime) {
  const RateCard card = card_of(text_with(
      kCharges + "  charge monthly on storage\n    included 5 GiB-months per month\n    free\n"));
  EXPECT_EQ(card.charges[1].quantity_steps[0].per, PeriodUnit::Year);
  EXPECT_EQ(card.charges[2].quantity_steps[0].per, std::nullopt);  // that is the period itself
}

TEST(Examples, SayWhatWasUsedAndBilledBefore) {
  const RateCard card =
      card_of(text_with(kCharges + "  commit annual 600.00 USD per year\n    true up every year\n"
                                   "  example \"December\" in 2026-12\n    used 700 calls to date\n"
                                   "    billed 51.00 USD to date\n    expect annual 549.00 USD\n"));
  ASSERT_EQ(card.examples.size(), 1u);
  const Example& example = card.examples[0];
  ASSERT_EQ(example.used_to_date.size(), 1u);
  EXPECT_EQ(card.meters[example.used_to_date[0].meter].name, "api_calls");
  EXPECT_EQ(example.used_to_date[0].quantity.to_string(), "700");
  ASSERT_EQ(example.billed_to_date.size(), 1u);
  EXPECT_EQ(example.billed_to_date[0].amount_minor, 5100);
}

}  // namespace
}  // namespace toll::dsl
