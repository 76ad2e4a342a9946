// Events become the entries that the card's charges price: a quantity, items, or days.
#include "metering/usage_document.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/cards.h"

namespace toll::metering {
namespace {

UsageEvent event(const char* type, const char* time, const char* amount) {
  return {.source = "/test",
          .id = time,
          .type = type,
          .subject = "acme",
          .time = parse_instant(time).value(),
          .fields = {{"amount", parse_decimal(amount).value()}}};
}

TEST(UsageDocument, GivesItemsAndDaysWhereTheCardPricesThem) {
  const dsl::RateCard card = testing::lowered_card(R"(toll 1
meter payments lists USD
  from paid
  take amount
meter hours sums GPU-hour
  from ran
  take amount
meter stored sums GiB
  from stored
  take amount

card c "C"
  from 2026-01-01
  currency USD
  time zone Europe/Berlin
  period month
  round each item half-up

  charge payments each item
    at 2.9% + 0.30 USD
  charge hours each day
    at 1.00 USD per GPU-hour
  charge stored
    at 0.10 USD per GiB
)")
                                 .card;
  const std::vector events = {event("paid", "2026-05-02T10:00:00Z", "9.99"),
                              event("paid", "2026-05-01T10:00:00Z", "100.00"),
                              event("ran", "2026-05-02T10:00:00Z", "1"),
                              event("ran", "2026-05-02T22:00:00Z", "0.5"),  // the third in Berlin
                              event("ran", "2026-05-02T11:00:00Z", "2"),
                              event("stored", "2026-05-02T11:00:00Z", "2")};
  const Period may = *parse_month("2026-05");
  const auto usage = meter_usage(card, events, may);
  ASSERT_TRUE(usage.has_value());
  const runtime::UsageDocument document = to_document(card, *usage, "acme", may, true);
  ASSERT_EQ(document.usage.size(), 3u);
  using Given = runtime::UsageEntry::Given;
  EXPECT_EQ(document.usage[0].given, Given::Items);
  EXPECT_EQ(document.usage[0].items, (std::vector<Decimal>{{10000, 2}, {999, 2}}));
  EXPECT_EQ(document.usage[1].given, Given::Days);
  ASSERT_EQ(document.usage[1].days.size(), 2u);
  EXPECT_EQ(document.usage[1].days[0].first, *parse_date("2026-05-02"));
  EXPECT_EQ(document.usage[1].days[0].second, (Decimal{3, 0}));
  EXPECT_EQ(document.usage[1].days[1].first, *parse_date("2026-05-03"));
  EXPECT_EQ(document.usage[1].days[1].second, (Decimal{5, 1}));
  EXPECT_EQ(document.usage[1].quantity, (Decimal{35, 1}));
  EXPECT_EQ(document.usage[2].given, Given::Quantity);
}

TEST(UsageDocument, CarriesALevelFromDayToDay) {
  const dsl::RateCard card = testing::lowered_card(R"(toll 1
meter hours accrues GPU-hour
  from resized
  take amount

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge hours each day
    at 1.00 USD per GPU-hour
)")
                                 .card;
  const std::vector events = {event("resized", "2026-04-30T00:00:00Z", "1"),
                              event("resized", "2026-05-02T18:00:00Z", "3"),
                              event("resized", "2026-05-03T12:00:00Z", "0")};
  const Period may = *parse_month("2026-05");
  const auto usage = meter_usage(card, events, may);
  ASSERT_TRUE(usage.has_value());
  const runtime::UsageDocument document = to_document(card, *usage, "acme", may, true);
  ASSERT_EQ(document.usage.size(), 1u);
  const std::vector<std::pair<Date, Decimal>> days = {{*parse_date("2026-05-01"), {24, 0}},
                                                      {*parse_date("2026-05-02"), {36, 0}},
                                                      {*parse_date("2026-05-03"), {36, 0}}};
  EXPECT_EQ(document.usage[0].days, days);
  EXPECT_EQ(document.usage[0].quantity, (Decimal{96, 0}));
}

/// The allowance of two payments takes the first ones, of whatever method they were.
TEST(UsageDocument, KeepsTheOrderOfItemsThatShareAnAllowance) {
  const std::string text = R"(toll 1
dimension method is card, debit
meter payments lists USD by method
  from paid
  take amount

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge payments{} each item
    included 2 payments shared
    {}at 1%
)";
  const auto paid = [](const char* time, const char* amount, const char* method) {
    UsageEvent one = event("paid", time, amount);
    one.fields.emplace_back("method", std::string(method));
    return one;
  };
  const std::vector events = {
      paid("2026-05-04T10:00:00Z", "40.00", "card"), paid("2026-05-01T10:00:00Z", "10.00", "debit"),
      paid("2026-05-02T10:00:00Z", "20.00", "debit"), paid("2026-05-03T10:00:00Z", "30.00", "card"),
      paid("2026-05-05T10:00:00Z", "50.00", "debit")};
  const Period may = *parse_month("2026-05");
  const auto items_of = [&](const char* by, const char* row) {
    const dsl::RateCard card = testing::lowered_card(fmt::format(fmt::runtime(text), by, row)).card;
    const auto usage = meter_usage(card, events, may);
    std::string items;
    for (const auto& entry : to_document(card, usage.value(), "acme", may, true).usage) {
      items += entry.at.front().second + ":";
      for (const Decimal& item : entry.items) items += " " + item.to_string();
      items += "; ";
    }
    return items;
  };
  EXPECT_EQ(items_of("", ""), "debit: 10 20; card: 30 40; debit: 50; ");
  EXPECT_EQ(items_of(" by method", "any "), "card: 30 40; debit: 10 20 50; ")
      << "where each row has a method, rows stand in their own order";
}

}  // namespace
}  // namespace toll::metering
