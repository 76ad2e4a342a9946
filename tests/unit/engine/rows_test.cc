// Keys and values as they are on disks. A test here that fails after a change means that folders
// which exist can no longer be read: the change needs a new form, beside the old one.
#include <gtest/gtest.h>

#include <string>

#include "engine/storage/account_rows.h"
#include "engine/storage/billing_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"

namespace toll::engine {
namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

const Instant kTime = *parse_instant("2026-03-01T12:00:00.25Z");

TEST(Keys, AreWhatTheyWere) {
  EXPECT_EQ(hex(position_key()), "0070");
  EXPECT_EQ(hex(counts_key("t")), "017463");
  EXPECT_EQ(hex(subscription_key("t", "acme", "s1")), "0174730461636d65027331");
  EXPECT_EQ(hex(conflict_key("t", "/s", "1", "d")), "017478022f73013164");
  EXPECT_EQ(hex(identity_key("t", "/s", "1")), "0174022f730131");
  EXPECT_EQ(hex(event_key("t", "acme", kTime, 7)),
            "01740461636d651898b5d9c2bd3280"
            "0000000000000007");
  EXPECT_EQ(hex(identity_key(std::string(256, 'a'), "/s", "1").substr(0, 4)), "81006161");
}

TEST(Values, OfASubscriptionWhosePlanChangesAreReadBack) {
  const Subscription subscription{
      .id = "s",
      .card = "api",
      .plan = "a",
      .currency = {},
      .start = *parse_date("2026-03-01"),
      .end = {},
      .plan_changes = {{*parse_date("2026-04-01"), "b"}, {*parse_date("2026-05-01"), "a"}}};
  const std::string value = write_subscription(subscription);
  EXPECT_EQ(hex(value),
            "02000000000000502100036170690161000000000000005040016200000000000050"
            "5e0161");
  EXPECT_EQ(read_subscription("s", value), subscription);
  EXPECT_FALSE(read_subscription("s", value.substr(0, value.size() - 1)));
}

TEST(Values, OfASubscriptionThatSaysSinceWhenAreReadBack) {
  Subscription subscription{.id = "s",
                            .card = "api",
                            .plan = "a",
                            .currency = {},
                            .start = *parse_date("2026-03-01"),
                            .end = {},
                            .plan_changes = {{*parse_date("2026-04-01"), "b"}},
                            .customer_since = *parse_date("1969-12-31")};
  const std::string value = write_subscription(subscription);
  EXPECT_EQ(hex(value),
            "03000000000000502100036170690161"
            "00ffffffffffffffff"
            "00000000000050400162");
  EXPECT_EQ(read_subscription("s", value), subscription);
  EXPECT_FALSE(read_subscription("s", value.substr(0, value.size() - 1)));
  subscription.plan_changes.clear();
  const std::string shorter = write_subscription(subscription);
  EXPECT_EQ(read_subscription("s", shorter), subscription);
  EXPECT_FALSE(read_subscription("s", shorter.substr(0, shorter.size() - 1)));
}

TEST(Values, OfASubscriptionWithAStateAreReadBack) {
  Subscription subscription{.id = "s",
                            .card = "api",
                            .plan = {},
                            .currency = {},
                            .start = *parse_date("2026-03-01"),
                            .end = {},
                            .plan_changes = {{*parse_date("2026-04-01"), "b"}},
                            .customer_since = *parse_date("2025-12-31"),
                            .state = {.used_to_date = {{"calls", {7, 0}}},
                                      .billed_to_date = {{"annual", {1250, 2}}, {"other", {1, 0}}},
                                      .grants = {{.pool = "p",
                                                  .quantity = Ratio::of(1, 2),
                                                  .from = parse_date("2026-03-02"),
                                                  .expires = parse_date("2026-05-01"),
                                                  .recurring = true}}}};
  for (const Ratio& left : {Ratio::of(89'939, 900), Ratio::of(1, kInt128Max), Ratio(7)}) {
    subscription.state.grants[0].quantity = left;
    const std::string of_fraction = write_subscription(subscription);
    EXPECT_EQ(read_subscription("s", of_fraction), subscription) << left.to_string();
    EXPECT_FALSE(read_subscription("s", of_fraction.substr(0, of_fraction.size() - 1)));
  }
  subscription.state.grants[0].quantity = Ratio::of(1, 2);
  const std::string value = write_subscription(subscription);
  EXPECT_EQ(value.front(), 4);
  EXPECT_EQ(read_subscription("s", value), subscription);
  EXPECT_FALSE(read_subscription("s", value.substr(0, value.size() - 1)));
  subscription.customer_since.reset();
  subscription.plan_changes.clear();
  const std::string shorter = write_subscription(subscription);
  EXPECT_EQ(read_subscription("s", shorter), subscription);
  for (size_t size = 0; size < shorter.size(); ++size)
    EXPECT_FALSE(read_subscription("s", shorter.substr(0, size))) << size;
}

TEST(Values, OfWhatWasRemovedAreNoSubscription) {
  EXPECT_TRUE(is_removed(write_removed()));
  EXPECT_FALSE(read_subscription("s", write_removed()));
  EXPECT_FALSE(is_removed(""));
}

TEST(Keys, OfClosedPeriodsLieBesideOneAnother) {
  const Date from = *parse_date("2026-03-01");
  const std::string key = closed_period_key("t", "acme", "s1", from);
  EXPECT_EQ(hex(key), "0174620461636d650273310000000000005021");
  const auto place = read_closed_period_key("t", key);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->customer, "acme");
  EXPECT_EQ(place->subscription, "s1");
  EXPECT_EQ(place->from, from);
  EXPECT_FALSE(read_closed_period_key("u", key));
  EXPECT_FALSE(read_closed_period_key("t", key + "x"));
  for (const KeyRange& range : {closed_periods_of("t"), closed_periods_of("t", "acme", "s1")})
    EXPECT_TRUE(range.from <= key && key < range.until);
  EXPECT_GE(key, closed_periods_of("t", "acme", "s").until);
}

TEST(Values, OfAClosedPeriodAreReadBack) {
  const Period march = *parse_month("2026-03"), february = *parse_month("2026-02");
  ClosedPeriod period{.period = march,
                      .closed = kTime,
                      .card = "api",
                      .version = "2026-01-01",
                      .hashes = {"sha256:a", "sha256:b"},
                      .currency = "USD",
                      .total = Int128{1} << 70,
                      .corrections = {{february, -5, Int128{-1} << 70}},
                      .bill = std::string(100'000, 'x')};
  const std::string value = write_closed_period(period);
  EXPECT_EQ(read_closed_period(value), period);
  EXPECT_EQ(read_closed_period(value)->hash(), "sha256:b");
  ClosedPeriod of_deal = period;
  of_deal.part_cards = {"api_acme", "api"};
  EXPECT_EQ(read_closed_period(write_closed_period(of_deal)), of_deal);
  EXPECT_NE(write_closed_period(of_deal).front(), value.front());
  for (ClosedPeriod with_usage : {period, of_deal}) {
    with_usage.usage = R"({"card":"api"})";
    EXPECT_EQ(read_closed_period(write_closed_period(with_usage)), with_usage);
  }
  period.corrections.clear();
  period.total = 7;
  period.hashes = {"h"};
  period.bill = "{}";
  EXPECT_EQ(hex(write_closed_period(period)),
            "0100000000000050210000000000005040"
            "1898b5d9c2bd3280"
            "036170690a323032362d30312d3031"
            "00000000000000010168"
            "03555344"
            "00000000000000000000000000000007"
            "0000000000000000"
            "7b7d");
  for (size_t size = 0; size + 2 < write_closed_period(period).size(); ++size)
    EXPECT_FALSE(read_closed_period(write_closed_period(period).substr(0, size))) << size;
}

TEST(Keys, OfEventsAreReadBack) {
  const EventPlace place{std::string(200, 'c'), kTime, 1 << 20};
  const std::string key = event_key("t", place.customer, place.time, place.position);
  EXPECT_EQ(read_event_key("t", key), place);
  EXPECT_EQ(read_event_key("u", key), std::nullopt);
  EXPECT_EQ(read_event_key("t", key.substr(0, key.size() - 1)), std::nullopt);
  EXPECT_EQ(read_event_key("t", key + "x"), std::nullopt);
}

TEST(Keys, LieInTheOrderOfTimeAndOfTheLog) {
  const Instant later = kTime + std::chrono::nanoseconds(1);
  EXPECT_LT(event_key("t", "a", kTime, 9), event_key("t", "a", later, 1));
  EXPECT_LT(event_key("t", "a", kTime, 255), event_key("t", "a", kTime, 256));
}

TEST(Keys, OfOneNameAreNotInTheRangeOfAnother) {
  for (const std::string_view other : {"tt", "", "s", "u", "t\x01"}) {
    if (other.empty()) continue;
    const std::string key = event_key(other, "a", kTime, 1);
    const KeyRange range = events_of("t");
    EXPECT_FALSE(range.from <= key && key < range.until) << other;
  }
  const KeyRange range = events_of("t", "a", Instant{}, kTime);
  for (const std::string_view customer : {"aa", "b", "A"})
    EXPECT_FALSE(range.from <= event_key("t", customer, Instant{}, 1) &&
                 event_key("t", customer, Instant{}, 1) < range.until);
  EXPECT_TRUE(range.from <= event_key("t", "a", Instant{}, 1));
  EXPECT_FALSE(event_key("t", "a", kTime, 1) < range.until);
}

TEST(Values, AreWhatTheyWere) {
  EXPECT_EQ(hex(write_event({.unmetered = false, .retracted = {}, .reason = {}, .text = "{}"})),
            "01007b7d");
  EXPECT_EQ(hex(write_event({.unmetered = true, .retracted = kTime, .reason = "x", .text = "{}"})),
            "01031898b5d9c2bd3280"
            "01787b7d");
  EXPECT_EQ(hex(write_place({"acme", kTime, 7})),
            "011898b5d9c2bd3280"
            "0000000000000007"
            "61636d65");
  EXPECT_EQ(hex(write_counts({1, 2, 3, 4})),
            "010000000000000001000000000000000200000000000000030000000000000004");
  EXPECT_EQ(hex(write_position(258)), "010000000000000102");
  EXPECT_EQ(hex(write_subscription({.id = "s1",
                                    .card = "api",
                                    .plan = "pro",
                                    .currency = {},
                                    .start = *parse_date("2026-03-01"),
                                    .end = *parse_date("2026-04-01")})),
            "010000000000005021"
            "01"
            "0000000000005040"
            "03617069"
            "0370726f"
            "00");
}

TEST(Values, OfADayAreWhatTheyWere) {
  DayRow row{.events = 2, .readings = {}};
  const metering::CellSum cell{1, {3}, Ratio::of(1, 3)};
  ASSERT_TRUE(row.readings["r"].add({&cell, 1}));
  const std::string value = write_day_row(row);
  EXPECT_EQ(hex(value),
            "02"
            "02"
            "0172"
            "01"
            "01"
            "01"
            "03"
            "02"
            "03");
  EXPECT_EQ(read_day_row(value), row);
  EXPECT_EQ(read_day_events(value), 2u);
  EXPECT_FALSE(read_day_events(value.substr(0, 1)));
  for (size_t size = 0; size < value.size(); ++size)
    EXPECT_FALSE(read_day_row(value.substr(0, size)) && size != 2) << size;
  EXPECT_EQ(hex(day_key("t", "acme", *parse_date("2026-03-01"))), "01740461636d650000000000005021");
  EXPECT_EQ(read_day_key("t", day_key("t", "acme", *parse_date("2026-03-01")))->day,
            *parse_date("2026-03-01"));
}

std::string bytes(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return bytes;
}

TEST(Values, OfADayAreReadInTheirFirstForm) {
  DayRow row{.events = 2, .readings = {}};
  const metering::CellSum cell{1, {3}, Ratio::of(1, 3)};
  ASSERT_TRUE(row.readings["r"].add({&cell, 1}));
  const std::string value = bytes(
      "01"
      "0000000000000002"
      "0172"
      "0000000000000001"
      "0000000000000001"
      "0000000000000001"
      "0000000000000003"
      "00000000000000000000000000000001"
      "00000000000000000000000000000003");
  EXPECT_EQ(read_day_row(value), row);
  for (size_t size = 0; size < value.size(); ++size)
    EXPECT_FALSE(read_day_row(value.substr(0, size)) && size != 9) << size;
}

TEST(Values, OfADayAreReadBackWhateverTheirSums) {
  for (const Int128 number :
       {Int128{0}, Int128{-1}, Int128{127}, Int128{-128}, kInt128Max, -kInt128Max}) {
    DayRow row{.events = ~uint64_t{0}, .readings = {}};
    const metering::CellSum cell{300, {0, 1u << 31}, Ratio(number)};
    const metering::CellSum part{300, {1}, Ratio::of(1, kInt128Max)};
    ASSERT_TRUE(row.readings["r"].add({&cell, 1}) && row.readings["r"].add({&part, 1}));
    EXPECT_EQ(read_day_row(write_day_row(row)), row);
  }
}

TEST(Values, OfCustomersAreWhatTheyWere) {
  const Customer customer{
      .id = "acme", .name = "Acme", .currency = "USD", .tax = {}, .time_zone = "UTC"};
  const std::string value = write_customer(customer);
  EXPECT_EQ(hex(value),
            "010441636d6503555344"
            "00"
            "03555443");
  EXPECT_EQ(read_customer("acme", value), customer);
  for (size_t size = 0; size < value.size(); ++size)
    EXPECT_FALSE(read_customer("acme", value.substr(0, size))) << size;
  EXPECT_EQ(hex(customer_key("t", "acme")), "01746b0461636d65");
  EXPECT_EQ(read_customer_key("t", customer_key("t", "acme")), "acme");
  EXPECT_EQ(read_customer_key("u", customer_key("t", "acme")), std::nullopt);
}

TEST(Values, OfTheDayOfASourceAreWhatTheyWere) {
  SourceDay row{
      .events = 4, .unmetered = 3, .rejected = 2, .conflicts = 1, .minutes = {}, .sequence = {}};
  row.mark(kTime);
  row.sequence.add(7, 9);
  const std::string value = write_source_day(row);
  std::string minutes(23 * 16, '0');  // a bit for each: noon is the 720th, in the 12th word
  minutes.replace(11 * 16, 16, "0000000000010000");
  EXPECT_EQ(hex(value),
            "01"
            "0000000000000004"
            "0000000000000003"
            "0000000000000002"
            "0000000000000001" +
                minutes +
                "00"
                "0000000000000007"
                "0000000000000009");
  EXPECT_EQ(read_source_day(value), row);
  EXPECT_FALSE(read_source_day(value.substr(0, value.size() - 1)));
  EXPECT_FALSE(read_source_day(value.substr(0, 40)));
  const Date day = *parse_date("2026-03-01");
  EXPECT_EQ(hex(source_day_key("t", "/s", day)), "017464022f730000000000005021");
  EXPECT_EQ(read_source_day_key("t", source_day_key("t", "/s", day))->day, day);
  EXPECT_LT(source_day_key("t", "/s", day), source_days_behind("t", "/s"));
  EXPECT_LT(source_days_behind("t", "/s"), source_day_key("t", "/t", Date{}));
}

TEST(Values, AreReadBack) {
  const std::string event =
      write_event({.unmetered = true, .retracted = kTime, .reason = "why", .text = "{\"a\":1}"});
  const auto row = read_event_row(event);
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->unmetered);
  EXPECT_EQ(row->retracted, kTime);
  EXPECT_EQ(row->reason, "why");
  EXPECT_EQ(row->text, "{\"a\":1}");
  const EventPlace place{"acme", kTime, 7};
  EXPECT_EQ(read_place(write_place(place)), place);
  const Counts counts{1, 2, 3, 4};
  EXPECT_EQ(read_counts(write_counts(counts)), counts);
  EXPECT_EQ(read_position(write_position(~uint64_t{0})), ~uint64_t{0});
  for (const auto& end : {std::optional<Date>(), std::optional(*parse_date("2027-01-01"))}) {
    const Subscription subscription{.id = "s",
                                    .card = "api",
                                    .plan = {},
                                    .currency = "EUR",
                                    .start = *parse_date("2026-03-01"),
                                    .end = end};
    EXPECT_EQ(read_subscription("s", write_subscription(subscription)), subscription);
  }
}

TEST(Values, ThatAreCutOffOrOfAnotherFormAreNotRead) {
  const std::string values[] = {write_place({"a", kTime, 7}), write_counts({1, 2, 3, 4}),
                                write_position(1)};
  EXPECT_FALSE(read_place(values[0].substr(0, 17)));
  EXPECT_FALSE(read_counts(values[1].substr(0, 32)));
  EXPECT_FALSE(read_counts(values[1] + "x"));
  EXPECT_FALSE(read_position(values[2].substr(0, 8)));
  EXPECT_FALSE(read_event_row(""));
  EXPECT_FALSE(read_event_row(std::string("\1\0", 2)));
  for (std::string value : values) {
    value[0] = 2;
    EXPECT_FALSE(read_place(value) || read_counts(value) || read_position(value));
  }
}

}  // namespace
}  // namespace toll::engine
