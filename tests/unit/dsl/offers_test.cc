// A version is sold in plans and in currencies: each makes an offer, a card of its own.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kPlans = R"(
  fee base "Base" at 10.00 USD or 9.00 EUR per month, not prorated

  plan free "Free"
    limit storage to 5 GiB-months then block
    feature dashboard

  plan pro
    fee seat "Seat" at 12.00 USD or 11.00 EUR per month, not prorated
    charge storage "Storage"
      at 0.0230 USD or 0.0210 EUR per GiB-month
    bill minimum 15.00 USD or 14.00 EUR
    feature dashboard, sso

  guarantee no cliff above 100 USD for storage
)";

std::string saas(std::string_view items, std::string_view currencies = "USD, EUR") {
  std::string text = text_with(items);
  text.replace(text.find("currency USD"), 12, "currency " + std::string(currencies));
  return text;
}

/// "plan currency" of each offer.
Texts offers(const Checked& checked) {
  Texts texts;
  for (const RateCard& card : checked.cards)
    texts.push_back(card.plan + " " + std::string(card.currency.name()));
  return texts;
}

TEST(Offers, AreWhatIsCommonAndEachPlanInEachCurrency) {
  const Checked checked = check_text(saas(kPlans));
  EXPECT_EQ(codes(checked), Texts{"W127"});  // a meter that this card does not use
  EXPECT_EQ(offers(checked), (Texts{" USD", " EUR", "free USD", "free EUR", "pro USD", "pro EUR"}));
  for (uint32_t i = 0; i < checked.cards.size(); ++i) {
    EXPECT_EQ(checked.cards[i].offer, i);
    EXPECT_EQ(checked.cards[i].hash, checked.cards[0].hash);
    EXPECT_EQ(checked.cards[i].plans, (Texts{"free", "pro"}));
    EXPECT_EQ(checked.cards[i].currencies.size(), 2u);
  }
}

TEST(Offers, HaveTheirOwnItemsAfterTheCommonOnes) {
  const Checked checked = check_text(saas(kPlans));
  ASSERT_EQ(checked.cards.size(), 6u);
  const RateCard &common = checked.cards[0], &free = checked.cards[2], &pro = checked.cards[5];
  EXPECT_EQ(common.fees.size(), 1u);
  EXPECT_TRUE(common.charges.empty() && common.limits.empty() && common.features.empty());
  EXPECT_EQ(free.plan_label, "Free");
  EXPECT_EQ(free.fees[0].amount_minor, 1000);
  EXPECT_EQ(free.limits.size(), 1u);
  EXPECT_TRUE(free.charges.empty());
  EXPECT_EQ(pro.plan_label, "pro");
  ASSERT_EQ(pro.fees.size(), 2u);
  EXPECT_EQ(pro.fees[0].amount_minor, 900);
  EXPECT_EQ(pro.fees[1].name, "seat");
  EXPECT_EQ(pro.charges.at(0).tables[0].tiers[0].terms[0].price_minor, ratio(21, 10));
  EXPECT_EQ(pro.bill_steps.at(0).amount_minor, 1400);
  EXPECT_EQ(pro.features.size(), 2u);
}

TEST(Offers, GuaranteesStandWhereTheyCanBeTested) {
  const Checked checked = check_text(saas(kPlans));
  ASSERT_EQ(checked.cards.size(), 6u);
  std::vector<size_t> guarantees;
  for (const RateCard& card : checked.cards) guarantees.push_back(card.guarantees.size());
  // Only `pro` charges storage, and the amount is in dollars.
  EXPECT_EQ(guarantees, (std::vector<size_t>{0, 0, 0, 0, 1, 0}));
}

TEST(Offers, ACardWithNothingInCommonIsSoldInPlansOnly) {
  const Checked checked = check_text(saas(R"(
  limit storage unlimited
  plan a
    fee base at 1.00 USD per month, not prorated
  plan b
    fee base at 2.00 USD per month, not prorated
)",
                                          "USD"));
  EXPECT_EQ(offers(checked), (Texts{"a USD", "b USD"}));
}

TEST(Offers, NamesAreUniqueWithinAPlanAndWhatIsCommon) {
  const auto of = [](std::string_view common, std::string_view plan) {
    return codes(check_text(saas(std::string(common) +
                                     "\n  plan a\n    fee x at 1.00 USD per month, "
                                     "not prorated\n  plan b\n" +
                                     std::string(plan),
                                 "USD")));
  };
  const std::string fee = "fee x at 1.00 USD per month, not prorated\n";
  EXPECT_EQ(of("", "    " + fee), (Texts{"W127", "W127"}));  // meters
  EXPECT_EQ(of("", "    " + fee + "    " + fee), Texts{"E120"});
  EXPECT_EQ(of("  " + fee, ""), Texts{"E120"});
  EXPECT_EQ(of("", "  plan a\n"), Texts{"E120"});
}

TEST(Offers, AnErrorInOneFailsAllAndIsSaidOnce) {
  const Checked checked = check_text(saas(R"(
  fee base at 1.00 USD or 1.00 EUR per month, not prorated
  charge storage
    at 0.01 USD or 0.01 EUR per call
  plan a
  plan b
)"));
  EXPECT_EQ(codes(checked), Texts{"E101"});
  EXPECT_TRUE(checked.cards.empty());
}

TEST(Offers, AnExampleIsOfItsPlanInTheCurrencyOfWhatItExpects) {
  const Checked checked = check_text(saas(std::string(kPlans) + R"(
  example "Dollars" in 2026-01
    expect total 10.00 USD
  example "Euros" in 2026-01
    on plan pro
    use storage 1,000 GiB-months
    expect storage 21.00 EUR
)"));
  ASSERT_EQ(checked.cards.size(), 6u);
  EXPECT_EQ(checked.cards[0].examples.size(), 1u);
  EXPECT_EQ(checked.cards[5].examples.size(), 1u);
  EXPECT_EQ(checked.cards[4].examples.size(), 0u);
}

TEST(Offers, AnExampleIsInOneCurrency) {
  EXPECT_EQ(codes(check_text(saas(R"(
  fee base at 1.00 USD or 1.00 EUR per month, not prorated
  example "Mixed" in 2026-01
    expect base 1.00 USD
    expect total 1.00 EUR
)"))),
            Texts{"E105"});
}

TEST(Offers, AHeaderMayNameEachCurrencyOnce) {
  EXPECT_EQ(codes(check_text(saas("", "USD, USD"))), Texts{"E120"});
  EXPECT_EQ(codes(check_text(saas("", "USD, EURO"))), Texts{"E113"});
  EXPECT_EQ(codes(check_text(saas("  fee a at 1 USD or 2 USD or 1 EUR per month, not prorated\n"))),
            Texts{"E120"});
}

TEST(Offers, ARoundingStepIsForItsCurrency) {
  std::string text = saas("", "USD, CHF");
  text.replace(text.find("half-up"), 7, "half-up to 0.05 CHF");
  const Checked checked = check_text(text);
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_EQ(checked.cards[0].rounding_step_minor, 1);
  EXPECT_EQ(checked.cards[1].rounding_step_minor, 5);
}

TEST(Offers, TooManyForTheirLengthAreRefused) {
  std::string plans = "  charge storage\n    tiers graduated\n";
  for (int i = 1; i < 5000; ++i)
    plans += "    up to " + std::to_string(i) + " GiB-months at 1 USD per GiB-month\n";
  plans += "    beyond at 1 USD per GiB-month\n";
  for (int i = 0; i < 200; ++i) plans += "  plan p" + std::to_string(i) + "\n";
  const auto found = codes(check_text(saas(plans, "USD")));
  EXPECT_TRUE(std::ranges::find(found, "E214") != found.end());
}

}  // namespace
}  // namespace toll::dsl
