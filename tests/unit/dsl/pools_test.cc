// Credits, pools, and what examples say of grants.
#include <gtest/gtest.h>

#include "dsl/format.h"
#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

const std::string kUnits = "\nunit credit, credits\n";

std::string pooled(const std::string& items) {
  return std::string(kDeclarations) + kUnits + card_with(items);
}

const std::string kCharges =
    "  charge storage\n    at 0.10 USD per GiB-month\n"
    "  charge api_calls by region\n    eu at 2.5 credits per call\n    us at 1 credit per call\n";
const std::string kPool = "  pool flex in credit, credits\n    beyond at 0.05 USD per credit\n";

TEST(Credits, AreACurrencyOfTheirOwn) {
  const RateCard card = card_of(pooled(kPool + kCharges));
  ASSERT_EQ(card.credits.size(), 1u);
  EXPECT_EQ(card.credits[0], (CreditUnit{"credit", "credits"}));
  EXPECT_EQ(card.charges[0].credit, std::nullopt);
  EXPECT_EQ(card.charges[1].credit, 0u);
  EXPECT_EQ(card.charges[1].tables[0].tiers[0].terms[0].price_minor, ratio(5, 2));
  EXPECT_EQ(card.pools[0].charges, std::vector<uint32_t>{1});
  EXPECT_EQ(card.pools[0].price[0].price_minor, ratio(5));
}

TEST(Credits, ArePricedFlatWithAllTheirPlaces) {
  const RateCard card = card_of(pooled(
      "  charge storage\n    at 0.000000000001 credits flat\n    minimum 3 credits\n" + kPool));
  EXPECT_EQ(card.charges[0].tables[0].tiers[0].terms[0].price_minor, ratio(1, 1'000'000'000'000));
  EXPECT_EQ(card.charges[0].money_steps[0].amount_minor, 3);
}

TEST(Pools, SayWhatTheyHold) {
  const RateCard card = card_of(pooled(
      kCharges +
      "  pool special \"Special\" in credit for api_calls\n"
      "    grant 500 credits every quarter, expires after 90 days\n"
      "    grant 20 credits every month\n    rollover up to 30 credits\n"
      "    sell 1,000 credits for 20.00 USD, expires after 2 years\n    spend oldest first\n" +
      "  pool last in credits\n    beyond blocked\n  pool promo in USD\n"
      "    grant 5.00 USD every month\n"));
  ASSERT_EQ(card.pools.size(), 3u);
  const Pool& pool = card.pools[0];
  EXPECT_EQ(pool.label, "Special");
  EXPECT_TRUE(pool.oldest_first);
  ASSERT_EQ(pool.grants.size(), 2u);
  EXPECT_EQ(pool.grants[0].quantity, ratio(500));
  EXPECT_EQ(pool.grants[0].every, PeriodUnit::Quarter);
  EXPECT_EQ(pool.grants[0].expires->count, 90u);
  EXPECT_EQ(pool.grants[0].expires->unit, PeriodUnit::Day);
  EXPECT_EQ(pool.grants[1].expires, std::nullopt);
  EXPECT_EQ(pool.rollover, ratio(30));
  ASSERT_EQ(pool.sales.size(), 1u);
  EXPECT_EQ(pool.sales[0].price_minor, 2000);
  EXPECT_EQ(pool.sales[0].expires->unit, PeriodUnit::Year);
  EXPECT_EQ(pool.beyond, Pool::Beyond::Unsaid);
  EXPECT_EQ(card.pools[1].beyond, Pool::Beyond::Blocked);
  EXPECT_EQ(card.pools[2].credit, std::nullopt);
  EXPECT_EQ(card.pools[2].grants[0].quantity, ratio(500));
}

TEST(Pools, InMoneyAreThoseOfTheOffersCurrency) {
  const std::string text =
      std::string(kDeclarations) +
      "\ncard api \"API\"\n  from 2026-01-01\n  currency USD, EUR\n  period month\n"
      "  round each line half-up\n  charge storage\n    at 1.00 USD or 0.90 EUR per GiB-month\n"
      "  pool promo in EUR\n";
  const Checked checked = check_text(text);
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_TRUE(checked.cards[0].pools.empty());
  EXPECT_EQ(checked.cards[1].pools.size(), 1u);
}

TEST(Pools, OfPlansPayForWhatIsCommon) {
  const std::string plans =
      "  plan small\n    pool flex in credit\n      beyond at 0.05 USD per credit\n"
      "  plan large\n    pool flex in credit\n      beyond blocked\n";
  const Checked checked = check_text(pooled(kCharges + plans));
  EXPECT_TRUE(codes(checked).empty());
  // Outside of the plans no pool holds what the common charge is priced in: that is no offer.
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_EQ(checked.cards[0].plan, "small");
  EXPECT_EQ(checked.cards[1].pools[0].charges, std::vector<uint32_t>{1});
  EXPECT_EQ(codes(check_text(pooled(kCharges + plans + "  plan bare\n    feature sso\n"))),
            (std::vector<std::string>{"E401", "E401"}));
}

TEST(Pools, AreWhatAnAlertFallsIn) {
  const RateCard card = card_of(pooled(kCharges + kPool + "  alert when flex falls to 20%\n"));
  ASSERT_EQ(card.alerts.size(), 1u);
  EXPECT_EQ(card.alerts[0].pool, 0u);
  EXPECT_EQ(card.alerts[0].at, ratio(1, 5));
  EXPECT_EQ(codes(check_text(pooled(kCharges + kPool + "  alert when flex reaches 20 credits\n"))),
            std::vector<std::string>{"E315"});
}

TEST(Examples, SayWhatWasGrantedAndIsLeft) {
  const RateCard card = card_of(pooled(
      kCharges + kPool + "  pool promo in USD\n" +
      "  example \"E\" in 2026-03\n    granted 50 credits from 2026-03-05, expiring 2026-04-01\n"
      "    granted 2.50 USD\n    use api_calls eu, live: 10 calls from 2026-03-05\n"
      "    expect api_calls/eu 25 credits\n    expect flex 25 credits left\n"
      "    expect promo 0.00 USD\n    expect promo 2.50 USD left\n"));
  ASSERT_EQ(card.examples.size(), 1u);
  const Example& example = card.examples[0];
  ASSERT_EQ(example.granted.size(), 2u);
  EXPECT_EQ(example.granted[0].pool, 0u);
  EXPECT_EQ(example.granted[0].from, parse_date("2026-03-05"));
  EXPECT_EQ(example.granted[1].quantity, ratio(5, 2));
  EXPECT_EQ(example.uses[0].from, parse_date("2026-03-05"));
  ASSERT_EQ(example.expects.size(), 4u);
  EXPECT_EQ(example.expects[0].credits, ratio(25));
  EXPECT_TRUE(example.expects[1].left);
  EXPECT_EQ(example.expects[2].credits, std::nullopt);
  EXPECT_EQ(example.expects[3].credits, ratio(5, 2));
}

// As answers write what no decimal is.
TEST(Examples, SayCreditsAsFractions) {
  const std::string text = pooled(
      kCharges + kPool + "  example \"E\" in 2026-03\n    granted 89,939/900 credits\n"
                         "    expect api_calls/eu 61/900 credits\n"
                         "    expect flex 89878/900 credits left\n");
  const RateCard card = card_of(text);
  ASSERT_EQ(card.examples.size(), 1u);
  EXPECT_EQ(card.examples[0].granted[0].quantity, ratio(89'939, 900));
  EXPECT_EQ(card.examples[0].expects[0].credits, ratio(61, 900));
  EXPECT_EQ(card.examples[0].expects[1].credits, ratio(89'878, 900));
  const std::string formatted = format({"c.toll", text}).value();
  EXPECT_NE(formatted.find("expect api_calls/eu 61/900 credits\n"), std::string::npos) << formatted;
  for (const std::string wrong : {"expect flex 1/0 credits left", "expect flex 1.5/2 credits left",
                                  "granted 1/0.5 credits", "expect total 1/3 USD"})
    EXPECT_EQ(codes(check_text(pooled(kCharges + kPool + "  example \"E\" in 2026-03\n    " + wrong +
                                      "\n    expect flex 0 credits left\n"))),
              std::vector<std::string>{"E017"})
        << wrong;
}

TEST(Allowances, OfADailyShareMakeTheOtherChargeDaily) {
  const std::string meters =
      "unit token, tokens\nmeter compute sums token\nmeter services sums credit\n";
  const std::string daily =
      "  charge services each day\n    included 10% of compute\n    at 1 credit per credit\n" +
      kPool;
  const auto grain = [&](const std::string& rows) {
    const Checked checked =
        check_text("toll 1" + kUnits + meters + card_with("  charge compute\n" + rows + daily));
    return checked.cards.empty() ? Grain::Item : checked.cards[0].charges[0].grain;
  };
  EXPECT_EQ(grain("    at 1 credit per token\n    discount 10%\n"), Grain::Day);
  // Of what is no sum over units a day has no part: refused.
  EXPECT_EQ(grain("    included 5 tokens\n    at 1 credit per token\n"), Grain::Item);
  EXPECT_EQ(grain("    at 1 credit per started 10 tokens\n"), Grain::Item);
}

}  // namespace
}  // namespace toll::dsl
