// Earlier bills are worked out from the events, each by the version of its days.
#include "metering/state_before.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/live.h"

namespace toll::metering {
namespace {

using Texts = std::vector<std::string>;

std::string card_from(const std::string& from, const std::string& price) {
  return R"(toll 1
unit call, calls
meter calls sums call
  from used
  take n

card c "C"
  from )" +
         from + R"(
  currency USD
  period month
  round each line half-up

  fee base "Base" at 10.00 USD per month, not prorated

  charge calls
    included 100 calls per year
    at )" +
         price +
         R"( USD per call

  commit annual 500.00 USD per year
    true up every year
)";
}

UsageEvent used(const char* time, const char* count) {
  return {.source = "/test",
          .id = time,
          .type = "used",
          .subject = "acme",
          .time = parse_instant(time).value(),
          .fields = {{"n", parse_decimal(count).value()}}};
}

runtime::UsageDocument document(const char* month) {
  runtime::UsageDocument asked;
  asked.card = "c";
  asked.customer = "acme";
  asked.period = parse_month(month);
  return asked;
}

Texts before(runtime::UsageDocument asked, const std::vector<UsageEvent>& events) {
  static const runtime::CardSet cards =
      testing::card_set({card_from("2026-01-01", "1.00"), card_from("2026-03-01", "2.00")});
  const auto added = add_state_before(cards, events, asked);
  if (!added) return {added.error().faults.front().message};
  Texts texts;
  for (const auto& used : asked.used_to_date)
    texts.push_back("used " + used.name + " " + used.value.to_string());
  for (const auto& billed : asked.billed_to_date)
    texts.push_back("billed " + billed.name + " " + billed.value.to_string());
  return texts;
}

TEST(StateBefore, AddsUpEarlierPeriodsByTheVersionOfTheirDays) {
  const std::vector events = {used("2026-04-02T00:00:00Z", "5"), used("2026-02-10T00:00:00Z", "90"),
                              used("2026-03-10T00:00:00Z", "30")};
  EXPECT_EQ(before(document("2026-02"), events), Texts{}) << "the first period";
  EXPECT_EQ(before(document("2026-03"), events), (Texts{"used calls 90", "billed annual 10.00"}));
  // In March 20 of the 30 calls are above the allowance, at 2.00; the base fee is due each month.
  EXPECT_EQ(before(document("2026-04"), events), (Texts{"used calls 120", "billed annual 60.00"}));
  EXPECT_EQ(before(document("2026-05"), events), (Texts{"used calls 125", "billed annual 80.00"}));
  EXPECT_EQ(before(document("2027-01"), events), Texts{}) << "a new year";
}

TEST(StateBefore, BeginsWithTheCustomer) {
  runtime::UsageDocument asked = document("2026-04");
  asked.customer_since = parse_date("2026-02-20");
  EXPECT_EQ(before(asked, {}), (Texts{"billed annual 20.00"}));
  EXPECT_EQ(before(document("2026-04"), {}), Texts{}) << "nobody is known to have been billed";
}

TEST(StateBefore, BillsNoDaysBeforeTheCard) {
  EXPECT_EQ(before(document("2026-02"), {used("2025-12-10T00:00:00Z", "500")}),
            (Texts{"billed annual 10.00"}));
}

// Fees that are not prorated, minimums and what is rounded would else be in it twice.
TEST(StateBefore, IsThatOfOneBillWhereVersionsMeet) {
  std::string at_once = card_from("2026-02-15", "2.00");
  at_once.insert(at_once.find("  currency"), "  switch at once\n");
  const runtime::CardSet cards = testing::card_set({card_from("2026-01-01", "1.00"), at_once});
  const std::vector events = {used("2026-02-10T00:00:00Z", "110"),
                              used("2026-02-20T00:00:00Z", "5")};
  runtime::UsageDocument asked = document("2026-03");
  asked.customer_since = parse_date("2026-02-01");
  ASSERT_TRUE(add_state_before(cards, events, asked));
  ASSERT_EQ(asked.billed_to_date.size(), 1u);
  // One base fee, 10 calls at 1.00 and 5 at 2.00.
  EXPECT_EQ(asked.billed_to_date.front().value.to_string(), "30.00");
  ASSERT_EQ(asked.used_to_date.size(), 1u);
  EXPECT_EQ(asked.used_to_date.front().value.to_string(), "115");
}

// Whoever asks for all closed periods of a customer would else make the first one's bill each time.
TEST(StateBefore, MakesEachBilledPeriodOnce) {
  const auto cards = std::make_shared<const runtime::CardSet>(
      testing::card_set({card_from("2026-01-01", "1.00")}));
  int counted = 0;
  const CountDays count = [&](const dsl::RateCard&, const Period&) {
    ++counted;
    return std::expected<MeteredUsage, std::string>();
  };
  LeftByBilled left;
  BilledBefore before{.first_day = *parse_date("2026-01-01"), .left = &left};
  const auto billed_toward = [&](int month, LeftByBilled* known) {
    runtime::UsageDocument asked = document(fmt::format("2026-{:02}", month).c_str());
    before.left = known;
    EXPECT_TRUE(add_state_before(*cards, count, before, asked));
    return asked.billed_to_date.empty() ? "" : asked.billed_to_date.front().value.to_string();
  };
  for (int month = 1; month <= 12; ++month) {
    const std::string with = billed_toward(month, &left);
    const int so_far = counted;
    EXPECT_EQ(with, billed_toward(month, nullptr));
    counted = so_far;
    const Period days = *parse_month(fmt::format("2026-{:02}", month));
    before.billed.push_back(
        {days, [&]() -> std::expected<std::shared_ptr<const runtime::CardSet>, runtime::Refusal> {
           return cards;
         }});
    before.billed_until = days.until;
  }
  EXPECT_EQ(counted, 11);
}

TEST(StateBefore, RefusesWhatNoBillCanSay) {
  const std::vector events = {used("2026-01-10T00:00:00Z", "999999999999999999"),
                              used("2026-01-11T00:00:00Z", "999999999999999999")};
  EXPECT_EQ(before(document("2026-02"), events).size(), 1u);
  EXPECT_NE(before(document("2026-02"), events).front().find("from 2026-01-"), std::string::npos);
}

}  // namespace
}  // namespace toll::metering
