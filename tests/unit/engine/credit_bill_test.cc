// Live bills of cards whose pools hold what the card itself grants.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/live_bill.h"
#include "runtime/quote.h"
#include "tests/unit/engine/world.h"
#include "wire/answer_json.h"

namespace toll::engine {
namespace {

/// Each call takes a credit. Ten are granted every `every`; what is beyond them costs.
std::string credit_card(std::string_view every, std::string_view more = {}) {
  return calls_card(fmt::format(R"(  charge api_calls
    at 1 credit per call

  pool plan "Plan" in credit, credits
    grant 10 credits every {}
    beyond at 1.00 USD per credit
{})",
                                every, more));
}

TEST(LiveBill, KnowsTheCreditsThatTheCardGrants) {
  World world({credit_card("month")});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest({calls_event("1", "2026-03-10T12:00:00Z", 8)});
  const auto first = world.bill("2026-03-01", kYearLater);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->total, "0.00");
  EXPECT_EQ(first->remaining, (std::vector<std::pair<std::string, std::string>>{{"plan", "2"}}));
  world.ingest({calls_event("2", "2026-03-11T12:00:00Z", 5)});
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->total, "3.00");
  EXPECT_EQ(world.bill("2026-04-01", kYearLater)->total, "0.00");
}

// What a version granted for longer than it was in force pays by the next one, in all its periods.
TEST(LiveBill, HasTheCreditsThatAnEarlierVersionGranted) {
  const auto granting = [](std::string_view line, std::string_view from) {
    return calls_card(fmt::format("  charge api_calls\n    at 1 credit per call\n"
                                  "  pool plan \"Plan\" in credit, credits\n    grant {}\n"
                                  "    spend oldest first\n    beyond at 1.00 USD per credit\n",
                                  line),
                      from);
  };
  World world({granting("100 credits every month, expires after 6 months", "2026-01-01"),
               granting("1 credit every month", "2026-02-01")});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest(
      {calls_event("1", "2026-01-10T12:00:00Z", 8), calls_event("2", "2026-03-10T12:00:00Z", 50)});
  for (const auto& [day, left] : {std::pair("2026-01-01", "92"),
                                  {"2026-02-01", "93"},
                                  {"2026-03-01", "43"},
                                  {"2026-04-01", "43"}}) {
    const auto bill = world.bill(day, kYearLater);
    ASSERT_TRUE(bill) << day << ": " << bill.error().message;
    EXPECT_EQ(bill->total, "0.00") << day;
    EXPECT_EQ(bill->remaining.at(0).second, left) << day;
  }
}

/// Seconds, priced by the hour: what is left of credits is no decimal.
std::string hours_card(std::string_view price, std::string_view from) {
  return fmt::format(R"(toll 1

unit credit, credits
meter compute sums second
  from compute.run
  take seconds

card api "API"
  from {1}
  currency USD
  period month
  round each line half-up

  charge compute
    at {0}

  pool plan "Plan" in credit, credits
    spend oldest first
    beyond at 1.00 USD per credit
)",
                     price, from);
}

std::string run_event(std::string_view id, std::string_view time, int seconds) {
  return fmt::format(R"({{"specversion":"1.0","id":"{}","source":"s","type":"compute.run",)"
                     R"("subject":"acme","time":"{}","data":{{"seconds":{}}}}})",
                     id, time, seconds);
}

// The prices of June know nothing of the ninths of a hundredth that those of May left.
TEST(LiveBill, CarriesFractionsOfCreditsOverMonthsAndVersions) {
  World world({hours_card("4 credits per hour", "2026-01-01"),
               hours_card("1 credit per 7 seconds", "2026-05-01")});
  Subscription subscription{.id = "s",
                            .card = "api",
                            .plan = {},
                            .currency = {},
                            .start = *parse_date("2026-01-01"),
                            .end = {}};
  subscription.state.grants = {{.pool = "plan", .quantity = Ratio(100), .from = {}, .expires = {}}};
  ASSERT_FALSE((*world.engine->put_subscription("t", "acme", subscription)).has_value());
  world.ingest({run_event("1", "2026-02-10T12:00:00Z", 61),
                run_event("2", "2026-03-10T12:00:00Z", 61),
                run_event("3", "2026-05-10T12:00:00Z", 1)});
  for (const auto& [day, left] : {std::pair("2026-01-01", "100"),
                                  {"2026-02-01", "89939/900"},
                                  {"2026-03-01", "44939/450"},
                                  {"2026-04-01", "44939/450"},
                                  {"2026-05-01", "314123/3150"},
                                  {"2026-06-01", "314123/3150"}}) {
    const auto bill = world.bill(day, kYearLater);
    ASSERT_TRUE(bill) << day << ": " << bill.error().message;
    EXPECT_EQ(bill->remaining.at(0).second, left) << day;
    EXPECT_EQ(bill->total, "0.00") << day;
  }
}

// A grant pays for what is used while it is there: what was used in a week is not paid from the
// next one's credits.
TEST(LiveBill, CreditsPayForWhatIsUsedWhileTheyAreThere) {
  World world({credit_card("week")});
  world.subscribe("s", "api", "2026-01-01");
  // Monday 2nd to Sunday 8th of March, and the week behind it.
  world.ingest(
      {calls_event("1", "2026-03-03T12:00:00Z", 14), calls_event("2", "2026-03-10T12:00:00Z", 6)});
  const auto bill = world.bill("2026-03-01", kYearLater);
  ASSERT_TRUE(bill) << bill.error().message;
  EXPECT_EQ(bill->total, "4.00");
  // The same by hand, with the usage on each side.
  runtime::UsageDocument document;
  document.card = "api";
  document.period = parse_month("2026-03");
  document.customer = "acme";
  document.customer_since = parse_date("2026-01-01");
  for (const auto& [from, until, n] :
       {std::tuple("2026-03-02", "2026-03-09", 14), {"2026-03-09", "2026-03-16", 6}})
    document.usage.push_back({.meter = "api_calls",
                              .at = {},
                              .quantity = {n, 0},
                              .from = parse_date(from),
                              .until = parse_date(until)});
  const auto quoted = runtime::quote(*world.cards, document);
  ASSERT_TRUE(quoted) << quoted.error().faults.front().message;
  std::string by_events, by_hand;
  wire::write_answer(*bill, by_events);
  wire::write_answer(*quoted, by_hand);
  EXPECT_EQ(by_events, by_hand);
}

}  // namespace
}  // namespace toll::engine
