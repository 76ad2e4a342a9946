// Tables of a period in which a version or a deal begins or ends: a row says what was used in all
// of it, and not when.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/runtime/rated_table.h"

namespace toll::runtime::table_cuts {
namespace {

const std::string kItems =
    "  fee base at 31.00 USD per month, prorated by day\n  charge calls\n"
    "    at 1.00 USD per call\n";
const std::string kSecond =
    "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n"
    "  applies to everyone\n  change charge calls\n"
    "    at 2.00 USD per call, was 1.00 USD per call\n";

TableOptions on(const char* day, const char* customer = nullptr, const char* since = nullptr) {
  TableOptions options = of_c();
  options.asked.on = parse_date(day);
  if (customer) options.asked.customer = customer;
  if (since) options.asked.customer_since = parse_date(since);
  return options;
}

std::string deal(const std::string& days) {
  return "toll 1\ncard c_acme \"Deal\" extends c\n  for customer acme\n  " + days +
         "\n  change charge calls\n    at 0.50 USD per call, was 1.00 USD per call\n";
}

std::string amounts(const CardSet& cards, const TableOptions& options) {
  const Rated result = rated(cards, "calls\n10\n", options);
  return result.fault.empty() ? result.amounts : result.fault;
}

TEST(TableCuts, AMonthInWhichAVersionBeginsIsRefusedOnEitherSide) {
  const CardSet cards = testing::card_set({calls_text(kItems), kSecond});
  EXPECT_EQ(amounts(cards, on("2026-02-10")), "calls,amount\n10,41.00\n");
  EXPECT_EQ(amounts(cards, on("2026-04-10")), "calls,amount\n10,51.00\n");
  const std::string way_out =
      ": a row does not say what was used on which; quote its customers one by one, or by `toll "
      "quote --batch`: usage documents say `from` and `until`; `--on 2026-04-01` is billed whole";
  EXPECT_EQ(amounts(cards, on("2026-03-10")),
            "0:0 version 2026-01-01 of `c` bills 2026-03-01 until 2026-03-16 only, and version "
            "2026-03-16 of `c` other days of that month, from 2026-03-16 on" +
                way_out);
  EXPECT_EQ(amounts(cards, on("2026-03-20")),
            "0:0 version 2026-03-16 of `c` bills 2026-03-16 until 2026-04-01 only, and version "
            "2026-01-01 of `c` other days of that month, from 2026-03-01 on" +
                way_out);
  // Nobody who came with the new version was billed by the old one.
  EXPECT_EQ(amounts(cards, on("2026-03-20", nullptr, "2026-03-16")), "calls,amount\n10,36.00\n");
  EXPECT_TRUE(amounts(cards, on("2026-03-20", nullptr, "2026-03-15")).starts_with("0:0 version"));
}

TEST(TableCuts, AMonthInWhichACardBeginsOrEndsHasTheDaysOfTheCard) {
  const CardSet cards = testing::card_set({calls_text(kItems, "2026-03-16 until 2026-05-16")});
  EXPECT_EQ(amounts(cards, on("2026-03-20")), "calls,amount\n10,26.00\n");
  EXPECT_EQ(amounts(cards, on("2026-05-02")), "calls,amount\n10,25.00\n");
}

TEST(TableCuts, AMonthInWhichADealBeginsOrEndsIsRefusedForItsCustomer) {
  const CardSet cards =
      testing::card_set({calls_text(kItems), deal("from 2026-03-16 until 2026-05-16")});
  EXPECT_EQ(amounts(cards, on("2026-04-10", "acme")), "calls,amount\n10,36.00\n");
  for (const char* day : {"2026-03-10", "2026-03-20", "2026-05-10", "2026-05-20"})
    EXPECT_TRUE(amounts(cards, on(day, "acme")).contains("a row does not say")) << day;
  EXPECT_TRUE(amounts(cards, on("2026-03-10", "acme")).contains("version 2026-03-16 of `c_acme`"));
  EXPECT_TRUE(amounts(cards, on("2026-05-20", "acme")).contains("`--on 2026-06-01`"));
  EXPECT_EQ(amounts(cards, on("2026-03-20", "globex")), "calls,amount\n10,41.00\n");
}

TEST(TableCuts, ARowOfACustomerWhoseDealBeginsInTheMonthIsRejected) {
  const CardSet cards =
      testing::card_set({calls_text(kItems), deal("from 2026-03-16 until 2026-05-16")});
  const std::string table = "customer,calls\nacme,10\nglobex,10\n";
  const Rated before = rated(cards, table, on("2026-03-10"));
  EXPECT_EQ(before.amounts, "customer,calls,amount\nglobex,10,41.00\n") << before.fault;
  EXPECT_EQ(before.rejections,
            "line,reason,text\n2,\"customer `acme` has `c_acme` from 2026-03-16 on, which bills "
            "only a part of the month: quote it by itself\",\"acme,10\"\n");
  const Rated after = rated(cards, table, on("2026-05-20"));
  EXPECT_EQ(after.amounts, "customer,calls,amount\nglobex,10,41.00\n");
  EXPECT_EQ(rated(cards, table, on("2026-06-20")).totals.rejected, 0u);
}

TEST(TableCuts, AMonthWithDaysOfAVersionInErrorIsRefused) {
  const CardSet whole = testing::card_set({calls_text(kItems, "2026-01-01")});
  const CardSet cards(whole.revisions(), {{.card = "c",
                                           .file = "c.toll",
                                           .from = *parse_date("2026-03-16"),
                                           .until = {},
                                           .stated_until = {},
                                           .customer = {},
                                           .deal_on = {}}});
  EXPECT_TRUE(amounts(cards, on("2026-03-10")).contains("and a version in error other days"));
  EXPECT_EQ(amounts(cards, on("2026-02-10")), "calls,amount\n10,41.00\n");
}

}  // namespace
}  // namespace toll::runtime::table_cuts
