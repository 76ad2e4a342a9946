// Versions of one card follow one another, and each ends where the next one begins.
#include <gtest/gtest.h>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using Codes = std::vector<std::string>;

std::string version(std::string_view from, std::string_view price = "1 USD",
                    std::string_view period = "month") {
  return "\ncard storage\n  from " + std::string(from) + "\n  currency USD\n  period " +
         std::string(period) + "\n  round each line half-up\n  charge storage\n    at " +
         std::string(price) + " per GiB-month\n";
}

Checked check_versions_of(std::string_view versions) {
  return check_text("toll 1\nmeter storage sums GiB-month\n" + std::string(versions));
}

TEST(Versions, AreOrderedByDateAndEndWhereTheNextBegins) {
  const Checked checked = check_versions_of(version("2026-07-01") + version("2026-01-01") +
                                            version("2026-03-01 until 2026-05-01"));
  EXPECT_EQ(codes(checked), Codes{});
  ASSERT_EQ(checked.cards.size(), 3u);
  EXPECT_EQ(to_string(checked.cards[0].from), "2026-01-01");
  EXPECT_EQ(to_string(checked.cards[0].until.value()), "2026-03-01");
  EXPECT_EQ(to_string(checked.cards[1].until.value()), "2026-05-01");
  EXPECT_EQ(checked.cards[2].until, std::nullopt);
}

TEST(Versions, OfOneDateAreBothHeldBack) {
  const Checked checked = check_versions_of(version("2026-01-01") + version("2026-01-01", "2 USD"));
  EXPECT_EQ(codes(checked), Codes{"E505"});
  EXPECT_TRUE(checked.cards.empty());
}

TEST(Versions, ThatOverlapAreBothHeldBack) {
  const Checked checked =
      check_versions_of(version("2026-01-01 until 2026-12-01") + version("2026-07-01"));
  EXPECT_EQ(codes(checked), Codes{"E507"});
  EXPECT_TRUE(checked.cards.empty());
  EXPECT_EQ(
      codes(check_versions_of(version("2026-01-01 until 2026-07-01") + version("2026-07-01"))),
      Codes{});
}

TEST(Versions, BeginWithAPeriodOfTheOneBeforeAndOfTheirOwn) {
  const auto codes_of = [](std::string_view earlier, std::string_view later,
                           std::string_view from) {
    return codes(
        check_versions_of(version("2026-01-15", "1 USD", earlier) + version(from, "2 USD", later)));
  };
  EXPECT_EQ(codes_of("month", "month", "2026-02-01"), Codes{});
  EXPECT_EQ(codes_of("month", "month", "2026-02-02"), Codes{"E506"});
  EXPECT_EQ(codes_of("month", "quarter", "2026-02-01"), Codes{"E506"});
  EXPECT_EQ(codes_of("month", "quarter", "2026-04-01"), Codes{});
  EXPECT_EQ(codes_of("year", "month", "2026-02-01"), Codes{"E506"});
  EXPECT_EQ(codes_of("week", "week", "2026-02-02"), Codes{});  // a Monday
  EXPECT_EQ(codes_of("day", "day", "2026-02-03"), Codes{});
}

// A deal cuts the period wherever it begins, and goes along with a version that says it does.
TEST(Versions, OfADealBeginWithItAndWithThoseOfItsCard) {
  const auto codes_with = [](std::string_view later) {
    return codes(check_versions_of(
        version("2026-01-01") + "\ncard storage extends previous\n  from " + std::string(later) +
        "\n  applies to everyone\n"
        "  change charge storage\n    at 3 USD per GiB-month, was 1 USD per GiB-month\n"
        "\ncard storage_acme extends storage\n  for customer acme\n"
        "  from 2026-02-10\n  change charge storage\n    discount 5%\n"));
  };
  EXPECT_EQ(codes_with("2026-03-16\n  switch at once"), Codes{});
  EXPECT_EQ(codes_with("2026-04-01"), Codes{});
  EXPECT_EQ(codes_with("2026-03-16").front(), "E506") << "of the card";
}

TEST(Versions, ThatBeginInsideAPeriodLeaveTheEarlierOneInForceUntilThen) {
  const Checked checked = check_versions_of(version("2026-01-01") + version("2026-02-02"));
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(to_string(checked.cards[0].until.value()), "2026-02-02");
}

TEST(Versions, WithErrorsStillEndTheOneBefore) {
  const Checked checked = check_versions_of(version("2026-01-01") + version("2026-07-01", "1 EUR"));
  EXPECT_EQ(codes(checked), Codes{"E105"});
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(to_string(checked.cards[0].until.value()), "2026-07-01");
}

TEST(Versions, OfOtherCardsAreTheirOwn) {
  const Checked checked = check_text(text_with("  charge storage\n    at 1 USD per GiB-month\n") +
                                     version("2026-01-15"));
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_EQ(checked.cards[0].name, "api");
  EXPECT_EQ(checked.cards[0].until, std::nullopt);
}

}  // namespace
}  // namespace toll::dsl
