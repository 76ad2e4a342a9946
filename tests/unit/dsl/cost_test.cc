// Cost tables, and prices and margins that stand on them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dsl/check.h"

namespace toll::dsl {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kMeters =
    "toll 1\nunit token, tokens\ndimension model is mini, large\ndimension region is eu, us\n"
    "meter tokens sums token by model, region\n";

constexpr std::string_view kCosts =
    "cost token_cost on tokens by model\n  from 2026-01-01\n  currency USD\n"
    "  mini at 0.47 USD per 1M tokens\n  large at 3.00 USD per 1M tokens\n";

std::string card(std::string_view rows, std::string_view from = "2026-01-01",
                 std::string_view by = " by model, region") {
  return "card c \"C\"\n  from " + std::string(from) +
         "\n  currency USD\n  period month\n  round each line half-up\n\n  charge tokens" +
         std::string(by) + "\n" + std::string(rows);
}

RateCard checked(const std::string& text) {
  const std::vector<SourceFile> files = {{"c.toll", text}};
  Checked result = check(files);
  for (const Diagnostic& diagnostic : result.diagnostics)
    ADD_FAILURE() << render(diagnostic, files);
  return result.cards.at(0);
}

RateCard priced(std::string_view rows, std::string_view costs = kCosts) {
  return checked(std::string(kMeters) + std::string(costs) + card(rows));
}

std::vector<std::string> derived(const RateCard& card) {
  std::vector<std::string> texts;
  for (const PriceTable& table : card.charges.at(0).tables)
    for (const Tier& tier : table.tiers) texts.push_back(tier.derived);
  return texts;
}

/// Minor units for a million.
Ratio per_million(const RateCard& card, uint32_t cell) {
  const Charge& charge = card.charges.at(0);
  return *checked_mul(charge.tables[charge.table_of_cell[cell]].tiers[0].terms[0].price_minor,
                      Ratio(1'000'000));
}

TEST(CostPlus, IsRoundedAsTheCostIsListed) {
  const RateCard margin = priced("    any, any at cost with 40% margin rounded up to 0.01 USD\n");
  EXPECT_THAT(derived(margin), ElementsAre("0.79 USD per 1M tokens", "5.00 USD per 1M tokens"));
  EXPECT_EQ(per_million(margin, 0), Ratio(79));
  EXPECT_EQ(per_million(margin, 3), Ratio(500));
  EXPECT_THAT(derived(priced("    any, any at cost with 40% margin rounded down to 0.001 USD\n")),
              ElementsAre("0.783 USD per 1M tokens", "5.00 USD per 1M tokens"));
  EXPECT_THAT(
      derived(priced("    any, any at cost with 40% markup rounded half-even to 0.1 USD\n")),
      ElementsAre("0.70 USD per 1M tokens", "4.20 USD per 1M tokens"));
  EXPECT_THAT(derived(priced("    any, any at cost with 0% margin rounded up to 0.25 USD\n")),
              ElementsAre("0.50 USD per 1M tokens", "3.00 USD per 1M tokens"));
}

TEST(CostPlus, TakesTheTableThatHoldsOnTheFirstDay) {
  const std::string later =
      "cost later_cost on tokens\n  from 2026-02-01\n  currency USD\n"
      "  at 9.00 USD per 1M tokens\n";
  const std::string rows = "    any, any at cost with 50% margin rounded up to 0.01 USD\n";
  const std::string before = std::string(kMeters) + std::string(kCosts);
  const RateCard alone = checked(before + card(rows));
  const RateCard beside = checked(before + later + card(rows));
  EXPECT_EQ(derived(alone), derived(beside));
  EXPECT_EQ(alone.hash, beside.hash);
  EXPECT_THAT(derived(checked(before + later + card(rows, "2026-02-01"))),
              ElementsAre("18.00 USD per 1M tokens"));
}

TEST(CostPlus, IsPartOfTheHash) {
  const std::string rows = "    any, any at cost with 50% margin rounded up to 0.01 USD\n";
  std::string other(kCosts);
  other.replace(other.find("0.47"), 4, "0.48");
  EXPECT_NE(priced(rows).hash, priced(rows, other).hash);
  const std::string fixed = "    any, any at 1.00 USD per 1M tokens\n";
  EXPECT_EQ(priced(fixed).hash, priced(fixed, other).hash);
}

TEST(CostPlus, KeepsTheTablesInTheOrderOfRows) {
  const RateCard card = priced(
      "    large, us at 7.00 USD per 1M tokens\n"
      "    any, any at cost with 40% margin rounded up to 0.01 USD\n"
      "    mini, eu at 0.90 USD per 1M tokens\n");
  EXPECT_THAT(derived(card),
              ElementsAre("", "0.79 USD per 1M tokens", "5.00 USD per 1M tokens", ""));
  EXPECT_EQ(per_million(card, 3), Ratio(700));
}

TEST(CostPlus, GoesWithTiersAndOtherPrices) {
  const RateCard card = checked(
      std::string(kMeters) + std::string(kCosts) +
      ::toll::dsl::card("    tiers volume\n"
                        "    any up to 1M tokens at cost with 50% margin rounded up to 0.01 USD\n"
                        "    any up to 9M tokens at cost with 40% margin rounded up to 0.01 USD + "
                        "0.02 USD per 1M tokens\n"
                        "  limit tokens to 9M tokens per month then block\n",
                        "2026-01-01", " by model"));
  EXPECT_THAT(derived(card), ElementsAre("0.94 USD per 1M tokens", "0.79 USD per 1M tokens",
                                         "6.00 USD per 1M tokens", "5.00 USD per 1M tokens"));
  for (const PriceTable& table : card.charges[0].tables) EXPECT_TRUE(table.closed_by);
}

TEST(Cost, TablesOfTheDaysOfTheCardAreWhatItsMarginIsHeldAgainst) {
  const std::string tables =
      "cost old_cost on tokens\n  from 2025-01-01\n  currency USD\n  at 1.00 USD per 1M tokens\n" +
      std::string(kCosts) +
      "cost next_cost on tokens\n  from 2027-01-01\n  currency USD\n  at 2.00 USD per 1M tokens\n";
  std::string text =
      std::string(kMeters) + tables +
      card("    any, any at 9.00 USD per 1M tokens\n\n  guarantee margin at least 5%\n");
  const auto begins = [](const RateCard& card) {
    std::vector<std::string> days;
    for (const Cost& cost : card.costs) days.push_back(to_string(cost.from));
    return days;
  };
  EXPECT_THAT(begins(checked(text)), ElementsAre("2026-01-01", "2027-01-01"));
  text.insert(text.find("from 2026-01-01\n  currency USD\n  period") + 15, " until 2026-12-01");
  const RateCard card = checked(text);
  EXPECT_THAT(begins(card), ElementsAre("2026-01-01"));
  EXPECT_THAT(card.costs[0].by, ElementsAre(0u));
  EXPECT_EQ(*checked_mul(card.costs[0].minor_of_cell[1], Ratio(1'000'000)), Ratio(300));
}

}  // namespace
}  // namespace toll::dsl
