// Tables of cards whose bills depend on earlier ones. A row is a customer's period, which begins
// with what the card grants for it; where it can begin with anything else the table is refused, or
// is rated as a usage document without `state`, if that is asked for.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/money.h"
#include "runtime/quote.h"
#include "runtime/rate_table.h"
#include "tests/unit/runtime/rated_table.h"

namespace toll::runtime {
namespace {

/// A card `c` of calls, with the lines of its charge and its items.
CardSet card_of(const std::string& charge, const std::string& items = "") {
  return testing::card_set({calls_text("  charge calls\n" + charge + items)});
}

CardSet pool_of(const std::string& lines, const std::string& price = "1 credit") {
  return card_of("    at " + price + " per call\n", "\n  pool flex \"Flex\" in credit, credits\n" +
                                                        lines +
                                                        "    beyond at 0.50 USD per credit\n");
}

TableOptions on(const char* day, const char* since = nullptr) {
  TableOptions options = of_c();
  options.asked.on = parse_date(day);
  if (since) options.asked.customer_since = parse_date(since);
  return options;
}

std::string quoted(const CardSet& set, const TableOptions& options, const std::string& calls) {
  UsageDocument document = options.asked;
  document.usage = {
      {.meter = "calls", .at = {}, .quantity = *parse_decimal(calls), .from = {}, .until = {}}};
  const auto total = quote_total(set, document);
  return total ? format_minor(*total, *find_currency("USD")) : total.error().faults.front().message;
}

/// Each quantity's amount in a table of both forms, which quotes of them give, too.
std::string amounts(const CardSet& set, const TableOptions& options,
                    const std::vector<std::string>& calls) {
  std::string wide = "customer,calls\n", of_wide = "customer,calls,amount\n";
  std::string tall = "customer,quantity\n", of_tall = "customer,amount\n";
  std::string result;
  for (size_t i = 0; i < calls.size(); ++i) {
    const std::string customer = "customer_" + std::to_string(i);
    const std::string amount = quoted(set, options, calls[i]);
    wide += customer + "," + calls[i] + "\n";
    of_wide += customer + "," + calls[i] + "," + amount + "\n";
    tall += customer + "," + calls[i] + "\n";
    of_tall += customer + "," + amount + "\n";
    result += (i > 0 ? " " : "") + amount;
  }
  for (const auto& [table, expected] : {std::pair{wide, of_wide}, {tall, of_tall}}) {
    const Rated given = rated(set, table, options);
    if (!given.fault.empty()) return given.fault;
    EXPECT_EQ(given.amounts, expected) << given.rejections;
  }
  return result;
}

std::string refused(const std::string& why) {
  return "0:0 a bill of `c` depends on " + why +
         ", and no row says it; quote its customers one by one with their `state`; or say "
         "`--without-state`, and each row is rated as if nothing had been before";
}

TEST(TableState, EachRowBeginsWithTheGrantOfItsPeriod) {
  const CardSet set = pool_of("    grant 500 credits every month\n");
  EXPECT_EQ(amounts(set, on("2026-03-01"), {"0", "400", "500", "502", "700.5"}),
            "0.00 0.00 0.00 1.00 100.25");
}

TEST(TableState, ManyRowsBeginWithTheirGrantToo) {
  const CardSet set = pool_of("    grant 500 credits every month\n");
  std::string table = "calls\n", expected = "calls,amount\n";
  for (int row = 0; row < 10'000; ++row) {  // as many as would be rated by columns
    const std::string calls = std::to_string(row);
    table += calls + "\n";
    expected += calls + "," + format_minor(std::max(0, row - 500) * 50, *find_currency("USD"));
    expected += "\n";
  }
  EXPECT_EQ(rated(set, table, on("2026-03-01")).amounts, expected);
}

TEST(TableState, APoolThatBlocksRejectsTheRowThatIsBeyondIt) {
  const CardSet set = card_of("    at 1 credit per call\n",
                              "\n  pool flex \"Flex\" in credit, credits\n"
                              "    grant 5 credits every month\n    beyond blocked\n");
  const Rated given = rated(set, "calls\n5\n6\n", on("2026-03-01"));
  EXPECT_EQ(given.amounts, "calls,amount\n5,0.00\n");
  EXPECT_EQ(given.rejections,
            "line,reason,text\n3,\"" + quoted(set, on("2026-03-01"), "6") + "\",6\n");
}

TEST(TableState, APoolThatMayHoldMoreIsAskedFor) {
  const std::string more = refused("what pool `flex` holds beside the grants of the period");
  for (const char* lines :
       {"    grant 500 credits every month, expires after 3 months\n    spend oldest first\n",
        "    grant 500 credits every month\n    rollover up to 200 credits\n"
        "    spend oldest first\n",
        "    grant 500 credits every month\n    sell 10 credits for 5.00 USD\n"
        "    spend oldest first\n",
        "    grant 500 credits every year\n", ""}) {
    const CardSet set = pool_of(lines);
    EXPECT_EQ(amounts(set, on("2026-03-01"), {"1"}), more) << lines;
    TableOptions options = on("2026-03-01");
    options.without_state = true;
    EXPECT_EQ(amounts(set, options, {"0", "1", "499", "600"}).substr(0, 4), "0.00") << lines;
  }
}

TEST(TableState, ANewCustomersPoolHoldsOnlyWhatItWasGranted) {
  const CardSet lasting = pool_of(
      "    grant 500 credits every month, expires after 3 months\n    spend oldest first\n");
  EXPECT_EQ(amounts(lasting, on("2026-03-01", "2026-03-01"), {"502"}), "1.00");
  const CardSet yearly = pool_of("    grant 500 credits every year\n");
  EXPECT_EQ(amounts(yearly, on("2026-01-01"), {"502"}), "1.00") << "it begins with the period";
}

TEST(TableState, AGrantInsideThePeriodIsNoMatterOfRows) {
  const CardSet set = pool_of("    grant 100 credits every week\n");
  TableOptions options = on("2026-03-01");
  for (const bool without_state : {false, true}) {
    options.without_state = without_state;
    EXPECT_EQ(
        amounts(set, options, {"1"}),
        "0:0 a grant of credits begins or ends on 2026-03-02, and a row does not say what was "
        "used before; quote its customers one by one: usage documents say `from` and "
        "`until`");
  }
}

TEST(TableState, AnAllowanceOfTheYearIsKnownInItsFirstPeriod) {
  const CardSet set = card_of("    included 10 calls per year\n    at 1.00 USD per call\n");
  EXPECT_EQ(amounts(set, on("2026-01-01"), {"9", "12"}), "0.00 2.00");
  EXPECT_EQ(amounts(set, on("2026-03-01"), {"12"}),
            refused("what was used of `calls` before 2026-03-01"));
  EXPECT_EQ(amounts(set, on("2026-03-01", "2026-03-01"), {"12"}), "2.00") << "a new customer";
  TableOptions options = on("2026-03-01");
  options.without_state = true;
  EXPECT_EQ(amounts(set, options, {"9", "12"}), "0.00 2.00");
}

TEST(TableState, ACommitmentMattersWhereItIsTruedUp) {
  const std::string price = "    at 1.00 USD per call\n";
  const CardSet yearly = card_of(
      price, "\n  commit annual 1,000.00 USD per year \"Annual\"\n    true up every year\n");
  EXPECT_EQ(amounts(yearly, on("2026-03-01"), {"1"}),
            "0:0 which commitments of `c` a customer has depends on since when it is one; rate the "
            "customers of one time together, and say it with `--customer-since DATE`");
  EXPECT_EQ(amounts(yearly, on("2026-03-01", "2026-01-01"), {"1", "2"}), "1.00 2.00");
  EXPECT_EQ(amounts(yearly, on("2026-12-01", "2026-01-01"), {"1"}),
            refused("what was billed toward `annual` before 2026-12-01"));
  TableOptions options = on("2026-12-01", "2026-01-01");
  options.without_state = true;
  EXPECT_EQ(amounts(yearly, options, {"1", "1200"}), "1000.00 1200.00");

  const CardSet monthly =
      card_of(price, "\n  commit floor 50.00 USD per month \"Monthly\"\n    true up every month\n");
  EXPECT_EQ(amounts(monthly, on("2026-03-01"), {"1", "70"}), "50.00 70.00");
  EXPECT_EQ(amounts(monthly, on("2026-03-01", "2026-02-15"), {"1"}),
            refused("what was billed toward `floor` before 2026-03-01"));
}

TEST(TableState, AsksOfAPlanWhatThatPlanHas) {
  const CardSet plans = testing::card_set({R"(toll 1
unit call, calls
unit credit, credits
meter calls counts call
card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  plan payg
    charge calls
      at 1.00 USD per call
  plan pro
    charge calls
      at 1 credit per call
    pool flex "Flex" in credit, credits
      grant 500 credits every month
      beyond at 0.50 USD per credit
  plan prepaid
    charge calls
      at 1 credit per call
    pool flex "Flex" in credit, credits
      beyond at 0.50 USD per credit
)"});
  TableOptions options = on("2026-03-01");
  options.asked.plan = "payg";
  EXPECT_EQ(amounts(plans, options, {"2"}), "2.00");
  options.asked.plan = "pro";
  EXPECT_EQ(amounts(plans, options, {"2", "504"}), "0.00 2.00");
  options.asked.plan = "prepaid";
  EXPECT_EQ(amounts(plans, options, {"2"}),
            refused("what pool `flex` holds beside the grants of the period"));
}

}  // namespace
}  // namespace toll::runtime
