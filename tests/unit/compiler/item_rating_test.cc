// Charges by item and by day on amounts worked by hand, by the interpreter; that native code gives
// the same is tests/differential's business.
#include <gtest/gtest.h>

#include "compiler/interpreter.h"
#include "compiler/native.h"
#include "compiler/usage_vector.h"
#include "tests/support/cards.h"

namespace toll::compiler {
namespace {

std::string card(const std::string& items, const std::string& rounding = "item half-up") {
  return "toll 1\ndimension kind is debit, credit\n"
         "meter pays lists USD\nmeter flows lists USD by kind\nmeter hours sums GPU-hour\n"
         "meter services sums USD\n"
         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each " +
         rounding + "\n\n" + items;
}

class Rated {
 public:
  explicit Rated(std::string text)
      : card_(testing::lowered_card(std::move(text))), usage_(card_.card, card_.program) {}

  /// Items of the first meter, or of one of its values.
  Rated& items(const std::vector<const char*>& quantities, std::vector<uint32_t> values = {}) {
    usage_.name_cells(0, values);
    for (const char* quantity : quantities) usage_.add(0, values, parse_decimal(quantity).value());
    return *this;
  }
  Rated& day(uint32_t meter, uint32_t day, const char* quantity) {
    usage_.add(meter, {}, parse_decimal(quantity).value(), day);
    return *this;
  }

  std::vector<int64_t> amounts(bool final = true) {
    RateInput* input = usage_.bind();
    EXPECT_NE(input, nullptr);
    input->final = final;
    RateOutput output{.lines = usage_.lines().data()};
    interpret(card_.program, *input, output);
    EXPECT_EQ(output.fault, FaultKind::None);
    std::vector<int64_t> amounts;
    for (const LineAmount& line : usage_.lines()) amounts.push_back(line.amount);
    usage_.clear();
    return amounts;
  }

 private:
  testing::LoweredCard card_;
  UsageVector usage_;
};

using Amounts = std::vector<int64_t>;

TEST(ItemRating, APercentageAndAnAmountOfEachItem) {
  Rated rated(card("  charge pays each item\n    at 2.9% + 0.30 USD\n"));
  EXPECT_EQ(rated.items({}).amounts(), Amounts{0});
  EXPECT_EQ(rated.items({"0"}).amounts(), Amounts{0});
  EXPECT_EQ(rated.items({"10.00"}).amounts(), Amounts{59});
  EXPECT_EQ(rated.items({"99.99"}).amounts(), Amounts{320});
  EXPECT_EQ(rated.items({"10.00", "99.99", "10.00"}).amounts(), Amounts{438});
}

TEST(ItemRating, RoundsEachItemOrTheLine) {
  const std::string charge = "  charge pays each item\n    at 2.9%\n";  // 1.45 cents of 0.50
  EXPECT_EQ(Rated(card(charge)).items({"0.50", "0.50"}).amounts(), Amounts{2});
  EXPECT_EQ(Rated(card(charge, "line half-up")).items({"0.50", "0.50"}).amounts(), Amounts{3});
}

TEST(ItemRating, APercentageOfASum) {
  Rated rated(card("  charge pays\n    at 150%\n"));
  EXPECT_EQ(rated.items({"0.50", "0.50"}).amounts(), Amounts{150});
}

TEST(ItemRating, TiersAndQuantityLinesOfEachItem) {
  Rated rated(
      card("  charge pays each item\n    included 1.00 USD each\n    rounded up to 10 USD\n"
           "    tiers graduated\n    up to 20 USD at 10%\n    beyond at 1%\n"));
  EXPECT_EQ(rated.items({"1.00"}).amounts(), Amounts{0});
  EXPECT_EQ(rated.items({"1.01"}).amounts(), Amounts{100});
  EXPECT_EQ(rated.items({"21.00", "21.01"}).amounts(), Amounts{200 + 210});
}

TEST(ItemRating, FloorsAndCapsOfEachItemAreDueAtOnce) {
  Rated rated(
      card("  charge pays each item\n    at 1%\n    minimum 0.50 USD each\n"
           "    maximum 5.00 USD each\n    minimum 20.00 USD shared\n"));
  EXPECT_EQ(rated.items({"1.00", "1000.00", "0"}).amounts(), (Amounts{600, 1400}));
  EXPECT_EQ(rated.items({"1.00", "1000.00", "0"}).amounts(false), (Amounts{600, 0}));
  EXPECT_EQ(rated.items({}).amounts(), (Amounts{0, 2000}));
}

/// A price is for what is paid; a minimum is for the item, of whatever amount.
TEST(ItemRating, AnItemOfNothingCostsItsMinimumAndNotItsFixedAmount) {
  const std::string price = "  charge pays each item\n    at 2.9% + 0.30 USD\n";
  EXPECT_EQ(Rated(card(price)).items({"0"}).amounts(), Amounts{0});
  EXPECT_EQ(Rated(card(price + "    minimum 0.50 USD each\n")).items({"0", "0"}).amounts(),
            Amounts{100});
}

TEST(ItemRating, ConditionsNameAnyDimensionOfAnItem) {
  Rated rated(
      card("  charge flows each item\n    at 1%\n    maximum 5.00 USD each when kind is debit\n"
           "    surcharge 0.10 USD each when kind is credit\n"));
  EXPECT_EQ(rated.items({"1000.00"}, {0}).items({"1000.00"}, {1}).amounts(), Amounts{500 + 1010});
}

TEST(ItemRating, ANumberOfItemsIsFree) {
  Rated rated(
      card("  charge pays each item\n    included 2 pays shared\n    at 1% + 0.30 USD\n"
           "    minimum 1.00 USD each\n"));
  EXPECT_EQ(rated.items({"100.00"}).amounts(), Amounts{0});
  EXPECT_EQ(rated.items({"100.00", "200.00", "300.00"}).amounts(), Amounts{330});
}

TEST(ItemRating, TheItemThatCrossesASumPaysForTheExcess) {
  Rated rated(
      card("  charge pays each item\n    included 250.00 USD shared\n    at 1% + 0.30 USD\n"));
  EXPECT_EQ(rated.items({"100.00", "150.00", "0"}).amounts(), Amounts{0});
  // 50.00 above the allowance; the 1.00 behind it finds nothing left.
  EXPECT_EQ(rated.items({"100.00", "200.00", "1.00"}).amounts(), Amounts{80 + 31});
}

TEST(ItemRating, TheFirstAllowanceToEndEndsAll) {
  Rated rated(
      card("  charge pays each item\n    included 2 pays shared\n"
           "    included 250.00 USD shared\n    at 1%\n"));
  EXPECT_EQ(rated.items({"10.00", "10.00", "10.00"}).amounts(), Amounts{10});
  EXPECT_EQ(rated.items({"300.00", "10.00"}).amounts(), Amounts{50 + 10});
}

TEST(ItemRating, SharedAllowancesGoByRowThenByItem) {
  Rated rated(
      card("  charge flows by kind each item\n    included 3 flows shared\n"
           "    credit at 1%\n    debit at 2%\n"));
  EXPECT_EQ(rated.items({"100.00", "200.00"}, {0}).items({"10.00", "20.00"}, {1}).amounts(),
            (Amounts{0, 400}));
}

TEST(ItemRating, DaysByThemselves) {
  Rated rated(
      card("  charge hours each day\n    included 1 GPU-hour each\n"
           "    at 1.00 USD per started GPU-hour\n    minimum 0.50 USD each\n",
           "line half-up"));
  EXPECT_EQ(rated.day(0, 4, "2.5").day(0, 2, "1").day(0, 4, "0.6").amounts(), Amounts{300 + 50});
}

TEST(ItemRating, AShareOfAnotherChargeOnTheSameDay) {
  Rated rated(
      card("  charge hours each day\n    at 4.00 USD per GPU-hour\n"
           "  charge services each day\n    included 10% of hours\n    at 100%\n",
           "line half-up"));
  rated.day(0, 0, "25").day(0, 1, "0.125");
  rated.day(1, 1, "1.00").day(1, 0, "12.00").day(1, 7, "0.01");
  EXPECT_EQ(rated.amounts(), (Amounts{10050, 200 + 95 + 1}));
}

TEST(ItemRating, AShareOfAnotherChargeInThePeriod) {
  Rated rated(
      card("  charge hours\n    at 4.00 USD per GPU-hour\n    discount 50%\n"
           "  charge services\n    included 10% of hours\n    at 100%\n"));
  EXPECT_EQ(rated.day(0, 0, "25").day(1, 0, "12.00").amounts(), (Amounts{5000, 700}));
  EXPECT_EQ(rated.day(0, 0, "25").day(1, 0, "4.00").amounts(), (Amounts{5000, 0}));
}

TEST(ItemRating, ManyItemsFitWhereTheirSumDoes) {
  Rated rated(card("  charge pays each item\n    at 100%\n", "line half-up"));
  std::vector<const char*> many(1000, "90000000000000.000000000001");
  EXPECT_EQ(rated.items(many).amounts(), Amounts{9'000'000'000'000'000'000});
}

}  // namespace
}  // namespace toll::compiler
