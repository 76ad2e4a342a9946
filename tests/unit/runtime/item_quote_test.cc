// Items and days from the document to the answer.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

const CardSet& item_cards() {
  static const CardSet cards = testing::card_set({R"(toll 1
unit call, calls
dimension kind is card, debit
meter payments lists USD by kind
meter hours sums GPU-hour
meter calls counts call

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each item half-up

  charge payments "Payments" by kind each item
    included 1 payments shared
    card  at 2.9% + 0.30 USD
    debit at 0.8%
    maximum 5.00 USD each when kind is debit

  charge hours "Hours" each day
    included 2 GPU-hours each
    at 1.00 USD per GPU-hour

  charge calls "Calls"
    at 0.01 USD per call
)"});
  return cards;
}

std::vector<Decimal> decimals(const std::vector<const char*>& texts) {
  std::vector<Decimal> result;
  for (const char* text : texts) result.push_back(parse_decimal(text).value());
  return result;
}

UsageEntry payments(const char* kind, const std::vector<const char*>& items) {
  return {.meter = "payments",
          .at = {{"kind", kind}},
          .given = UsageEntry::Given::Items,
          .quantity = {},
          .items = decimals(items),
          .days = {},
          .from = {},
          .until = {}};
}

UsageEntry hours(const std::vector<std::pair<const char*, const char*>>& days) {
  UsageEntry entry{.meter = "hours",
                   .at = {},
                   .given = UsageEntry::Given::Days,
                   .quantity = {},
                   .items = {},
                   .days = {},
                   .from = {},
                   .until = {}};
  for (const auto& [day, quantity] : days)
    entry.days.emplace_back(*parse_date(day), parse_decimal(quantity).value());
  return entry;
}

UsageEntry plain(const char* meter, const char* quantity) {
  return {.meter = meter,
          .at = {},
          .given = UsageEntry::Given::Quantity,
          .quantity = parse_decimal(quantity).value(),
          .items = {},
          .days = {},
          .from = {},
          .until = {}};
}

UsageDocument document(std::vector<UsageEntry> usage) {
  UsageDocument document;
  document.card = "c";
  document.on = parse_date("2026-05-15");
  document.usage = std::move(usage);
  return document;
}

Texts faults(std::vector<UsageEntry> usage) {
  return runtime::faults(item_cards(), document(std::move(usage)));
}

TEST(ItemQuote, HasALineForEachRowWithTheSumOfItsItems) {
  const auto answer =
      quote(item_cards(), document({payments("card", {"100.00", "10.00", "99.99"}),
                                    payments("debit", {"12345.67"}), payments("debit", {})}));
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ(answer->lines.size(), 4u);
  EXPECT_EQ(answer->lines[0].path, "payments/card");
  EXPECT_EQ(answer->lines[0].quantity, "209.99");
  EXPECT_EQ(answer->lines[0].amount, "3.79");  // the first is free
  EXPECT_EQ(answer->lines[0].exact, "3.79");
  EXPECT_EQ(answer->lines[1].amount, "5.00");
}

TEST(ItemQuote, PricesTheDaysThatAreNamed) {
  const auto answer =
      quote(item_cards(), document({hours({{"2026-05-31", "3.5"}, {"2026-05-01", "1"}}),
                                    hours({{"2026-05-01", "2.25"}})}));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->lines[0].path, "hours");
  EXPECT_EQ(answer->lines[0].quantity, "6.75");
  EXPECT_EQ(answer->lines[0].amount, "2.75");
}

TEST(ItemQuote, RefusesWhatIsNotGivenAsItIsPriced) {
  UsageEntry sum = payments("card", {});
  sum.given = UsageEntry::Given::Quantity;
  UsageEntry listed = plain("calls", "0");
  listed.given = UsageEntry::Given::Items;
  EXPECT_EQ(faults({sum, plain("hours", "3"), listed}),
            (std::vector<std::string>{
                "/usage/0/quantity: card `c` prices each item of `payments`: give them one by one, "
                "as in \"items\": [\"100.00\", \"9.99\"]",
                "/usage/1/quantity: card `c` prices each day of `hours`: give a quantity for each, "
                "as in \"days\": {\"2026-05-01\": \"3.5\"}",
                "/usage/2/items: card `c` prices the sum of `calls`: give it as `quantity`"}));
  EXPECT_EQ(
      faults({hours({{"2026-06-01", "1"}})}),
      std::vector<std::string>{"/usage/0/days/2026-06-01: 2026-06-01 lies outside the period, "
                               "2026-05-01 to 2026-06-01"});
}

TEST(ItemQuote, ExplainsTheDearestItemsAndAddsUpTheRest) {
  std::vector<const char*> many = {"7.00", "100.00", "100.00"};
  for (const char* small : {"1", "2", "3", "4", "5", "6"}) many.push_back(small);
  const auto answer = explain(item_cards(), document({payments("card", many)}));
  ASSERT_TRUE(answer.has_value());
  std::vector<std::string> texts;
  for (const Step& step : answer->lines[0].steps) texts.push_back(step.text);
  EXPECT_EQ(texts, (std::vector<std::string>{
                       "9 items, each by itself",
                       "2 × 100 USD: 3.2 each = 6.4",
                       "100 USD, card at 2.9% + 0.30 USD = 3.2",
                       "1 × 6 USD: 0.47",
                       "6 USD, card at 2.9% + 0.30 USD = 0.474",
                       "1 × 5 USD: 0.45",
                       "5 USD, card at 2.9% + 0.30 USD = 0.445",
                       "1 × 4 USD: 0.42",
                       "4 USD, card at 2.9% + 0.30 USD = 0.416",
                       "1 × 3 USD: 0.39",
                       "3 USD, card at 2.9% + 0.30 USD = 0.387",
                       "3 items more = 0.69",
                   }));
}

TEST(ItemQuote, ExplainsWhatAnItemHasFreeAndWhatCapsIt) {
  const auto answer =
      explain(item_cards(), document({payments("card", {"7.00"}), payments("debit", {"1000.00"})}));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->lines[0].steps.at(1).text, "1 × 7 USD: free");
  EXPECT_EQ(answer->lines[1].steps.at(3).text, "maximum 5.00 USD each when kind is debit: 8 → 5");
}

}  // namespace
}  // namespace toll::runtime
