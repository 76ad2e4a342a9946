// Quotes whose pools hold fractions of credits that no decimal is: as earlier bills left them.
#include <gtest/gtest.h>

#include <iterator>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/pool_usage.h"

namespace toll::runtime::pools {
namespace {

CardSet cards_with(const std::string& rows) {
  return testing::card_set(
      {"toll 1\nunit call, calls\nunit credit, credits\nmeter calls counts call\n"
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
       "  round each line half-up\n  charge calls \"Calls\"\n" +
       rows +
       "  pool flex \"Flex\" in credit, credits\n    spend soonest-expiring first\n"
       "    beyond at 0.10 USD per credit\n"});
}

/// The state of the next document, by what an answer says.
std::vector<Grant> carried(const Answer& answer) {
  std::vector<Grant> grants;
  for (const GrantLeft& left : answer.next_state.grants) {
    grants.push_back(grant(left.quantity.c_str()));
    grants.back().expires = left.expires;
  }
  return grants;
}

TEST(CreditFractions, TakesBackTheFractionsThatItLeaves) {
  const CardSet cards = cards_with("    at 1 credit per 900 calls\n");
  UsageDocument asked = document("2026-01-15");
  asked.grants = {grant("100", "2027-01-01"), grant("1/3")};
  const char* const months[] = {"2026-01-15", "2026-02-15", "2026-03-15"};
  const char* const left[] = {"89939/900", "44939/450", "29939/300"};
  for (size_t month = 0; month < std::size(months); ++month) {
    asked.on = parse_date(months[month]);
    asked.usage = {calls("61")};
    const Answer answer = quote(cards, asked).value();
    EXPECT_EQ(answer.total, "0.00");
    ASSERT_EQ(answer.next_state.grants.size(), 2u);
    EXPECT_EQ(answer.next_state.grants[0].quantity, left[month]);
    EXPECT_EQ(answer.next_state.grants[1].quantity, "1/3");
    asked.grants = carried(answer);
  }
  // Exactly what is there, and then a 900th of a credit more.
  asked.usage = {calls("90117")};
  const Answer all = quote(cards, asked).value();
  EXPECT_EQ(all.lines.size(), 1u);
  EXPECT_EQ(all.remaining[0].second, "0");
  asked.usage = {calls("90118")};
  const Answer beyond = explain(cards, asked).value();
  EXPECT_EQ(beyond.lines.back().exact, "1/9000");
  EXPECT_EQ(beyond.lines.back().steps[1].text,
            "flex, expiring 2027-01-01 pays 29,939/300 of 29,939/300 credits");
}

/// A byte of a tebibyte is a decimal of forty places, one of a gibibyte of thirty.
TEST(CreditFractions, TakesBackDecimalsThatAreLongerThanThoseOfUsage) {
  for (const char* per : {"1,073,741,824", "1,099,511,627,776"}) {
    const CardSet cards = cards_with(fmt::format("    at 1 credit per {} calls\n", per));
    UsageDocument asked = document("2026-01-15");
    asked.grants = {grant("100")};
    asked.usage = {calls("1")};
    for (const int month : {1, 2, 3}) {
      asked.on = parse_date(fmt::format("2026-{:02}-15", month));
      const Answer answer = quote(cards, asked).value();
      EXPECT_EQ(answer.total, "0.00");
      asked.grants = carried(answer);
    }
    const Ratio used = checked_sub(Ratio(100), asked.grants.front().quantity).value();
    std::string whole(per);
    std::erase(whole, ',');
    EXPECT_EQ(used, Ratio::of(3, parse_decimal(whole)->mantissa)) << per;
  }
}

TEST(CreditFractions, PaysFractionsInEachPartOfAPeriodThatGrantsCut) {
  const CardSet cards = cards_with("    at 1 credit per call\n");
  UsageDocument asked = document("2026-03-15");
  asked.grants = {grant("10/7", "2026-03-10"), grant("5/3", nullptr, "2026-03-20")};
  asked.usage = {calls("1", "2026-03-01", "2026-03-10"), calls("1", "2026-03-10", "2026-03-20"),
                 calls("1", "2026-03-20", "2026-04-01")};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(answer.total, "0.10");
  EXPECT_EQ(answer.remaining[0].second, "2/3");
}

TEST(CreditFractions, RefusesFractionsThatCannotBeCountedTogether) {
  const CardSet cards = cards_with("    at 1 credit per call\n");
  UsageDocument asked = document("2026-03-15");
  asked.usage = {calls("1")};
  asked.grants = {grant("1/1000000007"), grant("1/1000000009")};
  EXPECT_EQ(quote(cards, asked).error().faults.front().pointer, "/state/grants/1/quantity");
  asked.grants = {grant("1/1000000007"), grant("2/1000000007")};
  EXPECT_TRUE(quote(cards, asked));
}

}  // namespace
}  // namespace toll::runtime::pools
