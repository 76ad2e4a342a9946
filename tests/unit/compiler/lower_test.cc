#include "compiler/lower.h"

#include <gtest/gtest.h>

#include "tests/support/cards.h"

namespace toll::compiler {
namespace {

using testing::lowered_card;

/// A card around one charge. `declarations` come before it, `charge` is indented by four.
std::string card_with(const std::string& declarations, const std::string& charge,
                      const std::string& currency = "USD",
                      const std::string& rounding = "half-up") {
  return "toll 1\n" + declarations + "card c \"C\"\n  from 2026-01-01\n  currency " + currency +
         "\n  period month\n  round each line " + rounding + "\n\n" + charge;
}

const std::string kCalls = "unit call, calls\nmeter calls counts call\n";

Charge only_charge(const std::string& text) { return lowered_card(text).program.charges.at(0); }

TEST(Lower, FoldsAPriceIntoWholeNumbers) {
  // 0.0040 USD is 2/5 of a cent.
  const Charge charge =
      only_charge(card_with(kCalls, "  charge calls\n    at 0.0040 USD per call\n"));
  EXPECT_EQ(charge.quantity_denominator, 1);
  EXPECT_EQ(charge.price_denominator, 5);
  EXPECT_EQ(charge.tables[0].pieces[0].price, 2);
  EXPECT_EQ(charge.denominator, 5);
}

TEST(Lower, ConvertsBoundsOfOtherUnitsExactly) {
  const Charge charge =
      only_charge(card_with("meter egress sums GiB\n",
                            "  charge egress\n    included 100 GB\n    at 0.01 USD per GiB\n"));
  EXPECT_EQ(charge.quantity_denominator, Int128{1} << 19);  // 10^11 / 2^30 = 5^11 / 2^19
  EXPECT_EQ(charge.quantity_steps[0].amount, 48'828'125);   // 5^11
}

TEST(Lower, GraduatedPiecesStartAtTheCostOfTheTiersBelow) {
  const Charge charge =
      only_charge(card_with(kCalls,
                            "  charge calls\n    tiers graduated\n"
                            "    up to 10 calls at 0.03 USD per call + 1.00 USD flat\n"
                            "    up to 30 calls at 0.50 USD per started 15 calls\n"
                            "    beyond         at 0.01 USD per call\n"));
  const std::vector<Piece>& pieces = charge.tables[0].pieces;
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].start, 100);
  EXPECT_EQ(pieces[1].lower, 10);
  EXPECT_EQ(pieces[1].start, 130);  // 100 + 10 x 3
  EXPECT_EQ(pieces[2].lower, 30);
  EXPECT_EQ(pieces[2].start, 230);  // + two started blocks
  EXPECT_EQ(pieces[2].up_to, kInt128Max);
}

TEST(Lower, VolumePiecesPriceTheWholeQuantity) {
  const Charge charge = only_charge(card_with(kCalls,
                                              "  charge calls\n    tiers volume\n"
                                              "    up to 10 calls at 0.03 USD per call\n"
                                              "    beyond         at 0.02 USD per call\n"));
  for (const Piece& piece : charge.tables[0].pieces) {
    EXPECT_EQ(piece.lower, 0);
    EXPECT_EQ(piece.start, 0);
  }
}

TEST(Lower, ARowUpToZeroIsDueAtZeroAndInGraduatedTablesAbove) {
  const std::string rows = "    up to 0 calls at 5.00 USD flat\n    beyond at 0.01 USD per call\n";
  const Charge graduated =
      only_charge(card_with(kCalls, "  charge calls\n    tiers graduated\n" + rows));
  EXPECT_EQ(graduated.tables[0].at_zero, 500);
  EXPECT_EQ(graduated.tables[0].pieces[0].start, 500);
  const Charge volume = only_charge(card_with(kCalls, "  charge calls\n    tiers volume\n" + rows));
  EXPECT_EQ(volume.tables[0].at_zero, 500);
  EXPECT_EQ(volume.tables[0].pieces[0].start, 0);
}

TEST(Lower, EveryPercentageMultipliesTheDenominator) {
  const Charge charge =
      only_charge(card_with(kCalls,
                            "  charge calls\n    at 0.0040 USD per call\n"
                            "    discount 12.5%\n    minimum 1.00 USD\n    surcharge 10%\n"));
  ASSERT_EQ(charge.money_steps.size(), 3u);
  EXPECT_EQ(charge.money_steps[0].numerator, 7);
  EXPECT_EQ(charge.money_steps[0].denominator, 8);
  EXPECT_EQ(charge.money_steps[1].amount, 100 * 40);  // in 1/(5 x 8)
  EXPECT_EQ(charge.money_steps[2].numerator, 11);
  EXPECT_EQ(charge.denominator, 5 * 8 * 10);
}

TEST(Lower, ValuesThatConditionsTreatAlikeShareAPart) {
  const Charge charge =
      only_charge(card_with("unit token, tokens\ndimension mode is live, batch, flex, night\n"
                            "meter tokens sums token by mode\n",
                            "  charge tokens\n    at 1.00 USD per 1M tokens\n    discount 50% when "
                            "mode is batch or night\n"
                            "    discount 5%\n"));
  ASSERT_EQ(charge.splits.size(), 1u);
  EXPECT_EQ(charge.splits[0].class_of_value, (std::vector<uint32_t>{0, 1, 0, 1}));
  EXPECT_EQ(charge.parts, 2u);
  EXPECT_EQ(charge.steps_on_parts, 1u);
}

TEST(Lower, NarrowRangeEndsWhereAValueWouldLeave64Bits) {
  const testing::LoweredCard card =
      lowered_card(card_with(kCalls, "  charge calls\n    at 0.0040 USD per call\n"));
  // The largest value on the way is the amount, 2 n, to which rounding adds up to 5.
  EXPECT_EQ(card.program.charges[0].narrow_max, (INT64_MAX - 5) / 2);
}

TEST(Lower, NoQuantityIsNarrowWhereTheConstantsAreNot) {
  const Charge charge = only_charge(card_with(
      kCalls,
      "  charge calls\n    at 0.000000000001 USD per call\n    surcharge 9,000,000,000.00 USD\n"));
  EXPECT_EQ(charge.narrow_max, -1);
}

TEST(Lower, RefusesWhatCannotBeExactIn128Bits) {
  const std::vector<dsl::SourceFile> files = {
      {"card.toll",
       card_with(kCalls,
                 "  charge calls\n    at 0.000000000001 USD per call\n    discount 0.000001%\n"
                 "    discount 0.000003%\n")}};
  dsl::Checked checked = dsl::check(files);
  ASSERT_EQ(checked.cards.size(), 1u);
  const auto program = lower(checked.cards[0]);
  ASSERT_FALSE(program.has_value());
  EXPECT_EQ(program.error().code, "E130");
}

TEST(Lower, TextNamesEveryStep) {
  const testing::LoweredCard card =
      lowered_card(card_with(kCalls,
                             "  charge calls\n    included 10 calls\n    at 0.0040 USD per call\n  "
                             "  discount 10%\n    maximum 9.00 USD\n\n"
                             "  bill minimum 5.00 USD\n"));
  const std::string text = to_text(card.program, card.card);
  for (const char* part : {"n = max(0, n - 10)", "a = a x 9 / 10", "a = min(a, 45000)",
                           "round half-up", "bill: line = minimum 500"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

}  // namespace
}  // namespace toll::compiler
