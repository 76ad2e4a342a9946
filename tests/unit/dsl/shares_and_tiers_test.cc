// What shares, prorated constants and tiers that something else chooses become in a RateCard.
#include <gtest/gtest.h>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

const std::string kBase =
    "  fee base at 10.00 USD per month, not prorated\n"
    "  charge storage\n    at 0.10 USD per GiB-month\n";

TEST(Shares, AreOfItemsAboveInMinorUnits) {
  const RateCard card = card_of(text_with(
      kBase +
      "  charge api_calls\n    free\n  charge support\n    tiers graduated\n"
      "    up to 10.00 USD at 10% of storage and base\n    beyond at 5% of base and storage\n"));
  const Charge& share = card.charges[2];
  ASSERT_TRUE(share.is_share());
  ASSERT_EQ(share.share_of.size(), 2u);
  EXPECT_EQ(share.share_of[0].kind, ItemRef::Kind::Charge);
  EXPECT_EQ(share.share_of[1].kind, ItemRef::Kind::Fee);
  ASSERT_EQ(share.tables.size(), 1u);
  EXPECT_EQ(*share.tables[0].tiers[0].up_to, ratio(1000));
  EXPECT_EQ(share.tables[0].tiers[1].terms[0].price_minor, ratio(1, 20));
  EXPECT_EQ(share.cells_in_row_order, std::vector<uint32_t>{0});
  EXPECT_FALSE(card.charges[0].is_share());
}

TEST(Shares, DoNotReadTheMeterThatTheyAreNamedAfter) {
  const auto checked = check_text(text_with(
      "  charge api_calls\n    at 0.01 USD per call\n  charge storage\n    at 10% of api_calls\n"));
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_TRUE(checked.cards[0].charges[1].is_share());
  EXPECT_EQ(checked.cards[0].meters.size(), 1u);
}

TEST(Shares, AreNotHeldAgainstNamesThatCouldNotBeRead) {
  const auto checked = check_text(text_with(
      "  charge api_calls\n    at 0.01 USD per cal\n  charge support\n    at 10% of api_calls\n"));
  EXPECT_EQ(codes(checked), std::vector<std::string>({"E122"}));
}

TEST(Tiers, ByAnotherMeterHaveItsUnit) {
  const RateCard card =
      card_of(text_with("  charge api_calls\n    tiers volume by storage\n    up to 1 TiB-month at "
                        "0.02 USD per call\n"
                        "    beyond at 0.01 USD per call\n"));
  const Charge& charge = card.charges[0];
  EXPECT_EQ(charge.tier_by, TierBy::Meter);
  ASSERT_EQ(charge.tier_meters.size(), 1u);
  EXPECT_EQ(card.meters[charge.tier_meters[0]].name, "storage");
  EXPECT_EQ(*charge.tables[0].tiers[0].up_to, ratio(1024));
}

TEST(Tiers, OfAJointCapacityAreClosedByALimitForEachMeter) {
  const std::string rows =
      "  charge room on storage, api_calls\n    tiers stairstep\n"
      "    up to 1 TiB-month, up to 100 calls at 9.00 USD flat\n"
      "  limit storage to 1 TiB-month per month then block\n";
  EXPECT_EQ(codes(check_text(text_with(rows))), std::vector<std::string>({"E201"}));
  const RateCard card =
      card_of(text_with(rows + "  limit api_calls to 100 calls per month then block\n"));
  const Charge& charge = card.charges[0];
  EXPECT_EQ(charge.tier_by, TierBy::Joint);
  EXPECT_EQ(charge.tables[0].tiers[0].also_up_to, std::vector<Ratio>{ratio(100)});
  EXPECT_TRUE(charge.tables[0].closed_by.has_value());
}

TEST(Tiers, AcrossRowsAreNotClosedWhereEachRowMayBeLifted) {
  const auto card = [](const std::string& round) {
    return text_with("  charge api_calls by region\n    rounded " + round +
                     " to 10 calls\n    tiers volume across rows\n"
                     "    any up to 100 calls at 0.01 USD per call\n"
                     "  limit api_calls to 100 calls per month then block\n");
  };
  EXPECT_EQ(codes(check_text(card("down"))), std::vector<std::string>({"W127"}));
  EXPECT_EQ(codes(check_text(card("up"))), std::vector<std::string>({"E201"}));
}

TEST(Prorated, IsSaidOfAllowancesAndBounds) {
  const RateCard card = card_of(text_with(
      "  charge api_calls by region\n    included 100 calls prorated shared\n"
      "    any at 0.01 USD per call\n    minimum 1.00 USD prorated by day in each row\n"
      "    maximum 5.00 USD shared\n  bill minimum 9.00 USD prorated by day \"Least\"\n"));
  EXPECT_TRUE(card.charges[0].quantity_steps[0].prorated);
  EXPECT_TRUE(card.charges[0].money_steps[0].prorated_by_day);
  EXPECT_FALSE(card.charges[0].money_steps[1].prorated_by_day);
  EXPECT_TRUE(card.bill_steps[0].prorated_by_day);
}

}  // namespace
}  // namespace toll::dsl
