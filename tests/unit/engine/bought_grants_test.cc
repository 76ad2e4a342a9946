// Credits that were bought are in live bills as they are in the state of a usage document.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/audit.h"
#include "engine/closing.h"
#include "engine/granting.h"
#include "engine/storage/billing_rows.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

/// Each call takes a credit; what is beyond those that were bought costs 2.00.
const std::string kSold = calls_card(R"(  charge api_calls
    at 1 credit per call

  pool prepaid "Prepaid" in credit, credits
    sell 100 credits for 150.00 USD
    spend soonest-expiring first
    beyond at 2.00 USD per credit
)");

struct Granted : World {
  explicit Granted(std::string card = kSold) : World({std::move(card)}) {
    subscribe("s", "api", "2026-01-01");
  }
  std::expected<BoughtGrant, NotGranted> buy(std::string id, int64_t quantity,
                                             std::string_view from,
                                             std::optional<std::string_view> expires = {},
                                             std::string pool = "prepaid") {
    return grant(*cards, *engine,
                 {.tenant = "t",
                  .customer = "acme",
                  .grant = {.id = std::move(id),
                            .subscription = "",
                            .pool = std::move(pool),
                            .quantity = Ratio(quantity),
                            .from = *parse_date(from),
                            .expires = expires ? parse_date(*expires) : std::optional<Date>(),
                            .price = "150.00",
                            .source = "order 7"}});
  }
  void use(std::string_view id, std::string_view time, int n) {
    ingest({event_text({.id = std::string(id),
                        .time = std::string(time),
                        .data = fmt::format("{{\"n\":{}}}", n)})});
  }
  std::string json(std::string_view day) const { return billed(day, kYearLater); }
  std::string quoted(std::string_view rest) const {
    return World::quoted(fmt::format(
        R"({{"card":"api","customer":"acme","customer_since":"2026-01-01",{}}})", rest));
  }
};

TEST(BoughtGrants, AreTheStateOfTheDocument) {
  Granted world;
  ASSERT_TRUE(world.buy("order-1", 100, "2026-02-10"));
  ASSERT_TRUE(world.buy("order-2", 40, "2026-03-20", "2026-04-10"));
  world.use("1", "2026-02-05T12:00:00Z", 10);  // before the first of them
  world.use("2", "2026-02-20T12:00:00Z", 30);
  world.use("3", "2026-03-05T12:00:00Z", 80);
  world.use("4", "2026-03-25T12:00:00Z", 25);
  world.use("5", "2026-04-09T12:00:00Z", 5);
  world.use("6", "2026-04-12T12:00:00Z", 7);
  EXPECT_EQ(world.json("2026-01-01"),
            world.quoted(R"("period":{"from":"2026-01-01","until":"2026-02-01"})"));
  EXPECT_EQ(world.json("2026-02-01"),
            world.quoted(R"("period":{"from":"2026-02-01","until":"2026-03-01"},"usage":[
      {"meter":"api_calls","quantity":"10","from":"2026-02-01","until":"2026-02-10"},
      {"meter":"api_calls","quantity":"30","from":"2026-02-10","until":"2026-03-01"}],
      "state":{"grants":[{"pool":"prepaid","quantity":"100","from":"2026-02-10"}]})"));
  EXPECT_EQ(world.bill("2026-02-01", kYearLater)->total, "20.00")
      << "a grant pays only for usage from its start on";
  EXPECT_EQ(world.json("2026-03-01"),
            world.quoted(R"("period":{"from":"2026-03-01","until":"2026-04-01"},"usage":[
      {"meter":"api_calls","quantity":"80","from":"2026-03-01","until":"2026-03-20"},
      {"meter":"api_calls","quantity":"25","from":"2026-03-20","until":"2026-04-01"}],
      "state":{"grants":[{"pool":"prepaid","quantity":"70"},
        {"pool":"prepaid","quantity":"40","from":"2026-03-20","expires":"2026-04-10"}]})"));
  EXPECT_EQ(world.json("2026-04-01"),
            world.quoted(R"("period":{"from":"2026-04-01","until":"2026-05-01"},"usage":[
      {"meter":"api_calls","quantity":"5","from":"2026-04-01","until":"2026-04-10"},
      {"meter":"api_calls","quantity":"7","from":"2026-04-10","until":"2026-05-01"}],
      "state":{"grants":[{"pool":"prepaid","quantity":"15","expires":"2026-04-10"}]})"));
  const auto left =
      pools_left(*world.cards, *world.engine, "t", "acme", *parse_instant("2026-03-22T00:00:00Z"));
  ASSERT_TRUE(left);
  ASSERT_EQ(left->size(), 1u);
  EXPECT_EQ((*left)[0].reason, "");
  EXPECT_EQ((*left)[0].remaining,
            (std::vector<std::pair<std::string, std::string>>{{"prepaid", "40"}}));
}

TEST(BoughtGrants, AreKeptOnceEach) {
  Granted world;
  const auto watch = world.engine->watch("t", "acme");
  const auto first = world.buy("order-1", 100, "2026-02-10");
  ASSERT_TRUE(first);
  EXPECT_TRUE(watch->wait(std::chrono::milliseconds(0)));
  EXPECT_EQ(first->subscription, "s");
  EXPECT_EQ(first->number, 1u);
  EXPECT_EQ(*world.buy("order-1", 100, "2026-02-10"), *first);
  const auto other = world.buy("order-1", 200, "2026-02-10");
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().taken);
  EXPECT_EQ(world.buy("order-2", 1, "2026-02-10")->number, 2u);
  EXPECT_EQ(world.engine->grants("t", "acme")->size(), 2u);
  EXPECT_EQ(world.engine->grants("u", "acme")->size(), 0u);
  EXPECT_EQ(world.engine->grants("t", "acm")->size(), 0u);
  EXPECT_EQ(audit(world.engine->store(), *world.cards)->difference_count, 0u);
}

TEST(BoughtGrants, MustFitTheCard) {
  Granted world;
  EXPECT_EQ(world.buy("1", 1, "2026-02-10", {}, "other").error().why.message,
            "no card that bills the customer on 2026-02-10 has a pool `other`");
  EXPECT_EQ(world.buy("1", 1, "2025-02-10").error().why.faults.at(0).pointer, "/pool");
  std::string expiring = kSold;
  const std::string_view sale = "for 150.00 USD\n";
  expiring.replace(expiring.find(sale), sale.size(), "for 150.00 USD, expires after 12 months\n");
  Granted short_lived(expiring);
  EXPECT_EQ(short_lived.buy("1", 1, "2026-02-10").error().why.faults.at(0).pointer, "/expires");
  EXPECT_TRUE(short_lived.buy("1", 1, "2026-02-10", "2027-02-10"));
}

// Bills of many closed periods are each made from what the one before left, and none twice.
TEST(BoughtGrants, AreSpentOnceOverClosedPeriods) {
  Granted world;
  ASSERT_TRUE(world.buy("order-1", 100, "2026-01-10"));
  const auto request = [](int month) {
    return BillRequest{.tenant = "t",
                       .customer = "acme",
                       .subscription = {},
                       .day = parse_date(fmt::format("2026-{:02}-01", month)),
                       .as_of = *parse_instant(kYearLater)};
  };
  for (int month = 1; month <= 5; ++month) {
    world.use(std::to_string(month), fmt::format("2026-{:02}-20T12:00:00Z", month), 30);
    const auto closed = close_period(*world.cards, *world.engine, request(month));
    ASSERT_TRUE(closed) << closed.error().message;
    EXPECT_EQ(closed->to_pay(), month < 4 ? 0 : month == 4 ? 4000 : 6000) << month;
  }
  EXPECT_EQ(bill_of(*world.cards, *world.engine, request(6))->corrections.size(), 0u);
  world.use("late", "2026-01-25T12:00:00Z", 5);
  const auto june = bill_of(*world.cards, *world.engine, request(6));
  EXPECT_EQ(june->corrections, (std::vector<Correction>{{*parse_month("2026-04"), 4000, 5000}}));
}

// What is bought for days that are closed is a correction.
TEST(BoughtGrants, OfClosedDaysCorrectTheBill) {
  Granted world;
  world.use("1", "2026-02-20T12:00:00Z", 30);
  const auto request = [](std::string_view day) {
    return BillRequest{.tenant = "t",
                       .customer = "acme",
                       .subscription = {},
                       .day = parse_date(day),
                       .as_of = *parse_instant(kYearLater)};
  };
  for (const char* day : {"2026-01-01", "2026-02-01"})
    ASSERT_TRUE(close_period(*world.cards, *world.engine, request(day)));
  ASSERT_TRUE(world.buy("order-1", 20, "2026-02-01"));
  const auto march = bill_of(*world.cards, *world.engine, request("2026-03-01"));
  ASSERT_TRUE(march) << march.error().message;
  EXPECT_EQ(march->to_pay(), -4000);
}

/// Calls take credits in one plan and cost 3.00 in the other, which has no pools.
const std::string kInOnePlan = calls_card(R"(  plan pooled
    charge api_calls
      at 1 credit per call
    pool prepaid "Prepaid" in credit, credits
      grant 7 credits every month
      spend soonest-expiring first
      beyond at 2.00 USD per credit
    pool purse "Purse" in USD

  plan plain
    charge paid "Calls" on api_calls
      at 3.00 USD per call
)");

struct LeftPlan : Granted {
  using Remaining = std::vector<std::pair<std::string, std::string>>;

  LeftPlan(std::string plan, std::vector<std::pair<Date, std::string>> changes)
      : Granted(kInOnePlan) {
    const auto put = engine->put_subscription("t", "acme",
                                              {.id = "s",
                                               .card = "api",
                                               .plan = std::move(plan),
                                               .currency = {},
                                               .start = *parse_date("2026-01-01"),
                                               .end = {},
                                               .plan_changes = std::move(changes)});
    EXPECT_TRUE(put && !*put);
  }
  /// The total, and what waits or goes on: "9.00, 40 in prepaid".
  std::string bill_of_month(std::string_view day) const {
    const auto answer = bill(day, kYearLater);
    if (!answer) return answer.error().message;
    std::string text = answer->total;
    for (const auto& grant : answer->next_state.grants)
      text += fmt::format(", {} in {}{}", grant.quantity, grant.pool,
                          grant.recurring ? " by itself" : "");
    return text;
  }
};

// What a plan gave goes with it; what was bought waits until the customer has the plan again.
TEST(BoughtGrants, WaitWhileThePlanHasNoPoolForThem) {
  LeftPlan world("pooled",
                 {{*parse_date("2026-02-16"), "plain"}, {*parse_date("2026-05-10"), "pooled"}});
  ASSERT_TRUE(world.buy("order-1", 100, "2026-01-10"));
  ASSERT_TRUE(world.buy("order-2", 50, "2026-01-10", {}, "purse"));
  ASSERT_TRUE(world.buy("order-3", 9, "2026-01-10", "2026-04-01"));
  world.use("1", "2026-01-20T12:00:00Z", 46);
  world.use("2", "2026-02-10T12:00:00Z", 27);
  world.use("3", "2026-02-20T12:00:00Z", 5);
  world.use("4", "2026-03-05T12:00:00Z", 2);
  world.use("5", "2026-05-05T12:00:00Z", 1);
  world.use("6", "2026-05-15T12:00:00Z", 20);
  // 7 are granted with the month, then come the 9 that expire; then the hundred.
  EXPECT_EQ(world.bill_of_month("2026-01-01"), "0.00, 70 in prepaid, 50.00 in purse");
  EXPECT_EQ(world.bill_of_month("2026-02-01"), "15.00, 50 in prepaid, 50.00 in purse");
  EXPECT_EQ(world.bill_of_month("2026-03-01"), "6.00, 50 in prepaid, 50 in purse");
  EXPECT_EQ(world.bill_of_month("2026-04-01"), "0.00, 50 in prepaid, 50 in purse");
  // The pool is there again, with its monthly grant, and the purse pays the bill of May.
  EXPECT_EQ(world.bill_of_month("2026-05-01"), "0.00, 37 in prepaid, 47.00 in purse");
  // As the same quotes say, each with what the one before it left.
  EXPECT_EQ(world.json("2026-03-01"),
            world.quoted(R"("plan":"plain","period":{"from":"2026-03-01","until":"2026-04-01"},
      "usage":[{"meter":"api_calls","quantity":"2"}],"state":{"grants":[
      {"pool":"prepaid","quantity":"50"},{"pool":"purse","quantity":"50.00"}]})"));
}

// Closed periods are billed again by their own texts, which know nothing of other pools.
TEST(BoughtGrants, WaitOverClosedPeriodsToo) {
  LeftPlan world("pooled",
                 {{*parse_date("2026-02-01"), "plain"}, {*parse_date("2026-04-01"), "pooled"}});
  ASSERT_TRUE(world.buy("order-1", 100, "2026-01-10"));
  const std::string before = world.bill_of_month("2026-04-01");
  EXPECT_EQ(before, "0.00, 100 in prepaid");
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"})
    ASSERT_TRUE(close_period(*world.cards, *world.engine,
                             {.tenant = "t",
                              .customer = "acme",
                              .subscription = {},
                              .day = parse_date(day),
                              .as_of = *parse_instant(kYearLater)}));
  EXPECT_EQ(world.bill_of_month("2026-04-01"), before);
}

TEST(BoughtGrants, WaitWhileAVersionHasNoPoolForThem) {
  const auto from = [](std::string text, std::string_view day) {
    text.replace(text.find("from 2026-01-01"), 15, fmt::format("from {}", day));
    return text;
  };
  World world({kSold,
               from(calls_card("  charge api_calls\n    at 3.00 USD per call\n"), "2026-02-01"),
               from(kSold, "2026-03-01")});
  world.subscribe("s", "api", "2026-01-01");
  ASSERT_TRUE(grant(*world.cards, *world.engine,
                    {.tenant = "t",
                     .customer = "acme",
                     .grant = {.id = "order-1",
                               .subscription = "",
                               .pool = "prepaid",
                               .quantity = Ratio(100),
                               .from = *parse_date("2026-01-10"),
                               .expires = {}}}));
  world.ingest({calls_event("1", "2026-01-20T12:00:00Z", 30),
                calls_event("2", "2026-02-20T12:00:00Z", 2),
                calls_event("3", "2026-03-20T12:00:00Z", 20)});
  EXPECT_EQ(world.bill("2026-02-01", kYearLater)->total, "6.00");
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->remaining.at(0).second, "50");
}

TEST(BoughtGrants, PayFromTheirDayOnInAPlanThatBeginsInsideThePeriod) {
  LeftPlan world("plain", {{*parse_date("2026-02-16"), "pooled"}});
  ASSERT_TRUE(world.buy("order-1", 100, "2026-02-16"));
  world.use("1", "2026-02-10T12:00:00Z", 2);
  world.use("2", "2026-02-20T12:00:00Z", 27);
  EXPECT_EQ(world.bill_of_month("2026-02-01"), "6.00, 80 in prepaid");
}

TEST(BoughtGrants, AreRowsOfTheirCustomer) {
  BoughtGrant grant{.id = "order-1",
                    .subscription = "s",
                    .pool = "prepaid",
                    .quantity = Ratio::of(25, 2),
                    .from = *parse_date("2026-03-01"),
                    .expires = parse_date("2026-04-01"),
                    .price = "150.00",
                    .source = {},
                    .created = *parse_instant("2026-03-01T12:00:00.25Z"),
                    .number = 3};
  const std::string key = grant_key("t", "acme", "order-1");
  EXPECT_EQ(key, std::string("\x01tg\x04"
                             "acme\x07order-1"));
  EXPECT_EQ(read_grant("t", key, write_grant(grant)), grant);
  grant.quantity = Ratio::of(89'939, 900);
  EXPECT_EQ(read_grant("t", key, write_grant(grant)), grant);
  grant.quantity = Ratio::of(25, 2);
  grant.expires.reset();
  grant.price.reset();
  grant.source = "promotion";
  const std::string value = write_grant(grant);
  EXPECT_EQ(read_grant("t", key, value), grant);
  BoughtGrant withdrawn = grant;
  withdrawn.withdrawn = *parse_instant("2026-03-02T12:00:00Z");
  EXPECT_EQ(read_grant("t", key, write_grant(withdrawn)), withdrawn);
  EXPECT_FALSE(read_grant("u", key, value));
  EXPECT_FALSE(read_grant("t", key, value.substr(1)));
  EXPECT_FALSE(read_grant("t", key, value + "x"));
}

}  // namespace
}  // namespace toll::engine
