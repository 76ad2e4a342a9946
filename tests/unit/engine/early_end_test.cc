// A subscription that ends before a commitment is kept owes the rest with its last bill.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/audit.h"
#include "engine/closing.h"
#include "runtime/quote.h"
#include "tests/unit/engine/world.h"
#include "wire/usage_json.h"

namespace toll::engine {
namespace {

constexpr std::string_view kEndLater = "2027-06-01T00:00:00Z";

const std::string kPromised = calls_card(
    "  charge api_calls\n    at 1.00 USD per call\n"
    "  commit annual 500.00 USD per year \"Annual\"\n    true up every year\n");

struct EarlyEnd : World {
  explicit EarlyEnd(std::optional<std::string_view> end) : World({kPromised}) {
    subscribe("s", "api", "2026-01-01", end);
    ingest({calls_event("1", "2026-01-10T12:00:00Z", 60),
            calls_event("2", "2026-03-10T12:00:00Z", 40)});
  }
  std::string true_up(std::string_view day) const {
    const auto answer = bill(day, kEndLater);
    EXPECT_TRUE(answer) << answer.error().message;
    for (const auto& line : answer->lines)
      if (line.path == "annual") return line.amount;
    return "none";
  }
  Bill close(std::string_view day) {
    auto closed = close_period(*cards, *engine,
                               {.tenant = "t",
                                .customer = "acme",
                                .subscription = {},
                                .day = parse_date(day),
                                .as_of = *parse_instant(kEndLater)});
    EXPECT_TRUE(closed) << closed.error().message;
    return closed ? *std::move(closed) : Bill{};
  }
};

TEST(EarlyEnd, OwesTheCommitmentInFull) {
  const EarlyEnd goes("2026-03-20"), stays({});
  EXPECT_EQ(goes.true_up("2026-01-01"), "none");
  EXPECT_EQ(goes.true_up("2026-03-01"), "400.00");
  EXPECT_EQ(stays.true_up("2026-03-01"), "none");
  EXPECT_EQ(stays.true_up("2026-12-01"), "400.00");
  EXPECT_EQ(EarlyEnd("2027-01-01").true_up("2026-12-01"), "400.00") << "once";
  EXPECT_EQ(EarlyEnd("2027-01-02").true_up("2027-01-01"), "500.00") << "a year that has begun";
}

TEST(EarlyEnd, IsTheQuoteOfTheDocumentThatSaysIt) {
  const EarlyEnd world("2026-03-20");
  EXPECT_EQ(world.billed("2026-03-01", kEndLater),
            world.quoted(
                R"({"card":"api","customer":"acme","customer_since":"2026-01-01",
                    "customer_until":"2026-03-20","period":{"from":"2026-03-01","until":"2026-03-20"},
                    "usage":[{"meter":"api_calls","quantity":"40"}],
                    "state":{"billed_to_date":{"annual":"60.00"}}})"));
}

TEST(EarlyEnd, IsBilledByTheLastClosing) {
  EarlyEnd world("2026-03-20");
  Int128 paid = 0;
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"})
    paid += world.close(day).to_pay();
  EXPECT_EQ(paid, 50000);
}

// The period that was billed as one of many turns out to have been the last.
TEST(EarlyEnd, SaidAfterTheLastClosingIsACorrection) {
  EarlyEnd world({});
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"}) world.close(day);
  world.subscribe("s", "api", "2026-01-01", "2026-04-01");
  const auto all =
      closed_and_now(*world.cards, *world.engine, "t", "acme", {}, *parse_instant(kEndLater));
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[1].correction.difference(), 0);
  EXPECT_EQ((*all)[2].correction, (Correction{*parse_month("2026-03"), 4000, 44000}));
}

// What is due at the end is paid, also where it is said when no period follows that could bill it.
TEST(EarlyEnd, IsBilledBehindTheEndWhereAllDaysAreClosed) {
  EarlyEnd world({});
  Int128 paid = 0;
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"})
    paid += world.close(day).to_pay();
  const auto request = [](std::string_view day, std::string_view as_of = kEndLater) {
    return BillRequest{.tenant = "t",
                       .customer = "acme",
                       .subscription = {},
                       .day = parse_date(day),
                       .as_of = *parse_instant(as_of)};
  };
  const auto bill = [&](std::string_view day, std::string_view as_of = kEndLater) {
    return bill_of(*world.cards, *world.engine, request(day, as_of));
  };
  world.subscribe("s", "api", "2026-01-01", "2026-04-01");
  const auto shown = bill("2026-05-01");
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_EQ(shown->total, 0);
  EXPECT_EQ(shown->to_pay(), 40000);
  EXPECT_EQ(shown->corrections, (std::vector<Correction>{{*parse_month("2026-03"), 4000, 44000}}));
  EXPECT_NE(shown->json().find(R"("period":{"from":"2026-05-01","until":"2026-06-01"},"lines":[],)"
                               R"("total":"0.00")"),
            std::string::npos)
      << shown->json();
  EXPECT_EQ(bill("2026-05-01", "2026-04-20T00:00:00Z")->to_pay(), 0) << "it has not begun";
  EXPECT_EQ(close_period(*world.cards, *world.engine, request("2026-04-15", "2026-04-20T00:00:00Z"))
                .error()
                .message,
            "the period goes on until 2026-05-01: it can be closed then");

  const Bill closed = world.close("2026-04-15");
  paid += closed.to_pay();
  EXPECT_EQ(paid, 50000);
  EXPECT_EQ(world.close("2026-04-15").json(), closed.json());
  EXPECT_EQ(bill("2026-04-30")->json(), closed.json());
  EXPECT_EQ(bill("2026-05-01").error().kind, NoBill::Kind::NotFound) << "nothing is left to bill";
  EXPECT_EQ(audit(world.engine->store(), *world.cards)->difference_count, 0u);

  // And so is what becomes known later still: the ten calls were part of the promise.
  world.ingest({calls_event("3", "2026-02-10T12:00:00Z", 10)});
  const Bill later = world.close("2026-07-01");
  EXPECT_EQ(later.to_pay(), 0);
  EXPECT_EQ(later.corrections, (std::vector<Correction>{{*parse_month("2026-02"), 0, 1000},
                                                        {*parse_month("2026-03"), 44000, 43000}}));
  world.ingest({calls_event("4", "2026-01-20T12:00:00Z", 1000)});
  EXPECT_EQ(world.close("2026-09-01").to_pay(), 111000 - 50000);
  EXPECT_EQ(audit(world.engine->store(), *world.cards)->difference_count, 0u);
}

TEST(EarlyEnd, OfOneOfSeveralSubscriptionsIsAskedForByItsName) {
  EarlyEnd world({});
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01"}) world.close(day);
  world.subscribe("s", "api", "2026-01-01", "2026-04-01");
  world.subscribe("t", "api", "2026-04-01");
  const auto bill = [&](std::optional<std::string> subscription) {
    return bill_of(*world.cards, *world.engine,
                   {.tenant = "t",
                    .customer = "acme",
                    .subscription = std::move(subscription),
                    .day = parse_date("2026-04-01"),
                    .as_of = *parse_instant(kEndLater)});
  };
  EXPECT_EQ(bill({})->corrections.size(), 0u) << "that of the one which goes on";
  EXPECT_EQ(bill("s")->to_pay(), 40000);
}

TEST(EarlyEnd, OfADocumentHoldsItsPeriod) {
  const auto cards = testing::card_set({kPromised});
  const auto answer = [&](std::string_view rest) {
    const auto asked = wire::read_usage(
        fmt::format(R"({{"card":"api","customer_since":"2026-01-01","usage":[],{}}})", rest));
    EXPECT_TRUE(asked);
    const auto answer = runtime::quote(cards, *asked);
    return answer ? fmt::format("{} {}", toll::to_string(answer->period.until), answer->total)
                  : answer.error().faults.front().pointer + answer.error().faults.front().message;
  };
  EXPECT_EQ(answer(R"("on":"2026-03-05","customer_until":"2026-03-20")"), "2026-03-20 500.00");
  EXPECT_EQ(answer(R"("on":"2026-03-05","customer_until":"2026-04-20")"), "2026-04-01 0.00");
  EXPECT_EQ(answer(R"("on":"2026-03-05","customer_until":"2026-03-01")"),
            "/customer_untilit was no customer any more from 2026-03-01 on, and the period begins "
            "on 2026-03-01");
  EXPECT_EQ(
      answer(
          R"("period":{"from":"2026-03-01","until":"2026-04-01"},"customer_until":"2026-03-20")"),
      "/customer_untilit is no customer any more from 2026-03-20 on, and the period goes on until "
      "2026-04-01: let it end with the customer");
}

}  // namespace
}  // namespace toll::engine
