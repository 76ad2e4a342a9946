// What was put is taken back where nothing was billed with it, and is not lost by the way.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/audit.h"
#include "engine/closing.h"
#include "engine/customers.h"
#include "engine/granting.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

std::string pool_card(std::string_view beyond) {
  return calls_card(
      fmt::format("  charge api_calls\n    at 1 credit per call\n  pool prepaid \"Prepaid\" in "
                  "credit, credits\n"
                  "    sell 100 credits for 150.00 USD\n    beyond {}\n",
                  beyond));
}

struct TakingBack : World {
  explicit TakingBack(std::string card = pool_card("at 2.00 USD per credit"))
      : World({std::move(card)}) {
    subscribe("s", "api", "2026-01-01");
  }
  std::optional<BoughtGrant> buy(std::string id, std::string_view from) {
    const auto bought = grant(*cards, *engine,
                              {.tenant = "t",
                               .customer = "acme",
                               .grant = {.id = std::move(id),
                                         .subscription = "",
                                         .pool = "prepaid",
                                         .quantity = Ratio(10),
                                         .from = *parse_date(from)}});
    return bought ? std::optional(*bought) : std::nullopt;
  }
  Subscription ending(std::optional<std::string_view> end) const {
    return {.id = "s",
            .card = "api",
            .plan = {},
            .currency = {},
            .start = *parse_date("2026-01-01"),
            .end = end ? parse_date(*end) : std::optional<Date>()};
  }
  std::optional<NotSubscribed> end(std::optional<std::string_view> day) {
    return *engine->put_subscription("t", "acme", ending(day));
  }
  Withdrawal withdraw(std::string id) {
    return *engine->withdraw_grant("t", "acme", std::move(id), *parse_instant(kYearLater));
  }
  BillRequest request(std::string_view day) const { return World::request(day, kYearLater); }
  size_t customers_listed() const {
    size_t listed = 0;
    EXPECT_TRUE(engine::customers(*engine, {.tenant = "t", .after = ""}, [&](const auto&) {
      ++listed;
      return true;
    }));
    return listed;
  }
};

TEST(TakingBack, AnEndLeavesNoGrantBehindIt) {
  TakingBack world;
  ASSERT_TRUE(world.buy("order-1", "2026-03-10"));
  const auto refused = world.end("2026-03-10");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->grant, "order-1");
  EXPECT_EQ(refused->grant_from, parse_date("2026-03-10"));
  EXPECT_EQ((*world.engine->subscriptions("t", "acme"))[0].end, std::nullopt);
  EXPECT_FALSE(world.end("2026-03-11"));
  EXPECT_FALSE(world.end({}));
  EXPECT_EQ(world.withdraw("order-1").closed_until, std::nullopt);
  EXPECT_FALSE(world.end("2026-03-10"));
  EXPECT_FALSE(world.buy("order-2", "2026-03-10")) << "nobody is billed then";
  const BoughtGrant raced{.id = "order-2",
                          .subscription = "s",
                          .pool = "prepaid",
                          .quantity = Ratio(1),
                          .from = *parse_date("2026-03-10")};
  EXPECT_FALSE((*world.engine->add_grant("t", "acme", raced)).has_value())
      << "also where it was covered a moment ago";
}

TEST(TakingBack, AWithdrawnGrantPaysForNothing) {
  TakingBack world;
  world.ingest({calls_event("1", "2026-03-12T12:00:00Z", 4)});
  ASSERT_TRUE(world.buy("order-1", "2026-03-10"));
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->total, "0.00");
  const auto watch = world.engine->watch("t", "acme");
  EXPECT_EQ(world.withdraw("order-1").grant->withdrawn, parse_instant(kYearLater));
  EXPECT_TRUE(watch->wait(std::chrono::milliseconds(0)));
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->total, "8.00");
  EXPECT_EQ(world.withdraw("order-1").grant->withdrawn, parse_instant(kYearLater)) << "once more";
  EXPECT_EQ(world.withdraw("order-2").grant, std::nullopt);
  ASSERT_EQ(world.engine->grants("t", "acme")->size(), 1u) << "it stays in the list";
  EXPECT_EQ(audit(world.engine->store(), *world.cards)->difference_count, 0u);
}

TEST(TakingBack, AGrantOfClosedDaysStays) {
  TakingBack world;
  ASSERT_TRUE(world.buy("order-1", "2026-01-31"));
  ASSERT_TRUE(world.buy("order-2", "2026-02-01"));
  ASSERT_TRUE(close_period(*world.cards, *world.engine, world.request("2026-01-01")));
  const auto stays = world.withdraw("order-1");
  EXPECT_EQ(stays.closed_until, parse_date("2026-02-01"));
  EXPECT_EQ(stays.grant->withdrawn, std::nullopt);
  EXPECT_EQ(world.withdraw("order-2").closed_until, std::nullopt);
}

TEST(TakingBack, ACardKeepsThePoolOfAGrant) {
  TakingBack world;
  ASSERT_TRUE(world.buy("order-1", "2026-03-10"));
  const auto fits = [&] {
    return check_grants(*world.cards, *world.engine, "t", "acme", world.ending({}));
  };
  EXPECT_TRUE(fits());
  world.exchange({calls_card("  charge api_calls\n    at 1.00 USD per call\n")});
  ASSERT_FALSE(fits());
  EXPECT_EQ(fits().error().message,
            "the grant `order-1` is of the pool `prepaid`, which version 2026-01-01 of `api` does "
            "not have, so that it would pay for nothing: withdraw it first");
  world.withdraw("order-1");
  EXPECT_TRUE(fits());
}

TEST(TakingBack, ARefusedBillIsNamedByThoseThatFollowFromIt) {
  TakingBack world(pool_card("blocked"));
  world.ingest({calls_event("1", "2026-02-12T12:00:00Z", 4)});
  const auto why = [&](std::string_view day) {
    const auto bill = bill_of(*world.cards, *world.engine, world.request(day));
    return bill ? "none" : bill.error().message;
  };
  const std::string february = why("2026-02-01");
  EXPECT_NE(february, "none");
  EXPECT_EQ(why("2026-03-01"),
            "the bill from 2026-02-01 until 2026-03-01, which this one follows from, is refused: " +
                february);
  ASSERT_TRUE(world.buy("order-1", "2026-02-01"));
  EXPECT_EQ(why("2026-03-01"), "none");
  for (const char* day : {"2026-01-01", "2026-02-01"})
    ASSERT_TRUE(close_period(*world.cards, *world.engine, world.request(day)));
  world.ingest({calls_event("late", "2026-02-13T12:00:00Z", 7)});
  EXPECT_TRUE(why("2026-03-01").contains("from 2026-02-01 until 2026-03-01")) << why("2026-03-01");
}

TEST(TakingBack, ASubscriptionThatBilledNothingIsGone) {
  TakingBack world;
  const auto remove = [&](std::string id = "s") {
    return *world.engine->remove_subscription("t", "acme", std::move(id));
  };
  EXPECT_EQ(remove("other"), Removal::Absent);
  ASSERT_TRUE(world.buy("order-1", "2026-03-10"));
  EXPECT_EQ(remove(), Removal::Granted);
  world.withdraw("order-1");
  EXPECT_EQ(world.customers_listed(), 1u);
  const auto watch = world.engine->watch("t", "acme");
  EXPECT_EQ(remove(), Removal::Done);
  EXPECT_TRUE(watch->wait(std::chrono::milliseconds(0)));
  EXPECT_EQ(remove(), Removal::Absent);
  EXPECT_TRUE(world.engine->subscriptions("t", "acme")->empty());
  EXPECT_EQ(world.customers_listed(), 0u);
  EXPECT_FALSE(world.buy("order-2", "2026-03-10"));
  EXPECT_EQ(audit(world.engine->store(), *world.cards)->difference_count, 0u);
  world.subscribe("s", "api", "2026-02-01");
  EXPECT_EQ((*world.engine->subscriptions("t", "acme"))[0].start, parse_date("2026-02-01"));
  ASSERT_TRUE(close_period(*world.cards, *world.engine, world.request("2026-02-01")));
  EXPECT_EQ(remove(), Removal::Billed);
}

}  // namespace
}  // namespace toll::engine
