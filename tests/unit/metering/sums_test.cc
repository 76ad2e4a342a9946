// Sums of parts, put together, are what the whole comes to.
#include "metering/sums.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <tuple>

#include "tests/support/cards.h"

namespace toll::metering {
namespace {

dsl::RateCard card(std::string_view meter, std::string_view more = {}) {
  return testing::lowered_card(fmt::format("toll 1\n\nunit call, calls\nunit user, "
                                           "users\ndimension kind is a, b{}\n{}\ncard c \"C\"\n"
                                           "  from 2026-01-01\n  currency USD\n  period month\n"
                                           "  round each line half-up\n\n  charge used{}\n",
                                           more.starts_with(",") ? more : "", meter,
                                           more.starts_with(",")
                                               ? std::string_view("\n    at 1.00 USD per call")
                                               : more))
      .card;
}

constexpr std::string_view kCounts = "meter used counts call by kind\n  from api\n";
constexpr std::string_view kPrice = "\n    at 1.00 USD per call";
constexpr std::string_view kUserPrice = "\n    at 1.00 USD per user";

UsageEvent event(const char* kind) {
  return {.source = "/s",
          .id = "1",
          .type = "api",
          .subject = "acme",
          .time = *parse_instant("2026-03-10T12:00:00Z"),
          .fields = {{"kind", kind}}};
}

TEST(Sums, AreOfCardsThatOnlyCountAndAddUp) {
  EXPECT_TRUE(adds_up(card(kCounts, kPrice)));
  EXPECT_TRUE(adds_up(card("meter used sums call\n  from api\n  take n\n", kPrice)));
  EXPECT_FALSE(adds_up(card("meter used peaks call\n  from api\n  take n\n", kPrice)));
  EXPECT_FALSE(adds_up(card("meter used counts distinct user\n  from api\n", kUserPrice)));
  EXPECT_FALSE(adds_up(card(kCounts, " each day\n    at 1.00 USD per call")));
}

TEST(Sums, OfAnEventAreWhatItGives) {
  const dsl::RateCard counts = card(kCounts, kPrice);
  EXPECT_EQ(*sums_of(counts, event("b")), (std::vector<CellSum>{{0, {1}, Ratio(1)}}));
  EXPECT_EQ(sums_of(counts, event("c")).error().reason, "`c` is not a value of `kind`");
  UsageEvent other = event("a");
  other.type = "ping";
  EXPECT_TRUE(sums_of(counts, other)->empty());
}

TEST(Sums, AddUpByCellAndAreRead) {
  const dsl::RateCard counts = card(kCounts, kPrice);
  Sums sums;
  for (const char* kind : {"b", "a", "b"}) ASSERT_TRUE(sums.add(*sums_of(counts, event(kind))));
  EXPECT_EQ(sums.cells(), (std::vector<CellSum>{{0, {0}, Ratio(1)}, {0, {1}, Ratio(2)}}));
  const auto usage = read_sums(counts, sums);
  ASSERT_TRUE(usage);
  ASSERT_EQ(usage->meters.size(), 1u);
  EXPECT_EQ(usage->meters[0].cells[1].quantity, (Decimal{2, 0}));
}

TEST(Sums, OfManyCellsAtOnceAreThoseOfOneAfterTheOther) {
  std::mt19937 random(1);
  const auto below = [&](uint32_t bound) { return static_cast<uint32_t>(random() % bound); };
  const auto before = [](const CellSum& a, const CellSum& b) {
    return std::tie(a.meter, a.values) < std::tie(b.meter, b.values);
  };
  for (int round = 0; round < 200; ++round) {
    Sums together, single;
    for (uint32_t list = below(6); list > 0; --list) {
      std::vector<CellSum> cells;
      for (uint32_t i = below(12); i > 0; --i)
        cells.push_back({below(2), {below(4), below(4)}, Ratio(below(100))});
      if (below(2) == 0) std::ranges::sort(cells, before);
      ASSERT_TRUE(together.add(cells));
      for (const CellSum& cell : cells) ASSERT_TRUE(single.add(cell.meter, cell.values, cell.sum));
    }
    EXPECT_EQ(together, single);
    EXPECT_EQ(std::ranges::adjacent_find(together.cells(), std::not_fn(before)),
              together.cells().end());
  }
}

TEST(Sums, ThatDoNotFitSaySo) {
  const dsl::RateCard counts = card(kCounts, kPrice);
  Sums sums;
  const CellSum large{0, {0}, Ratio(kInt128Max)};
  ASSERT_TRUE(sums.add({&large, 1}));
  EXPECT_EQ(read_sums(counts, sums).error().reason, "the quantity does not fit");
  EXPECT_FALSE(sums.add({&large, 1}));
}

TEST(Sums, AreKnownByHowACardReadsNotByWhatItAsks) {
  const std::string reading = reading_of(card(kCounts, kPrice));
  EXPECT_EQ(reading.size(), 16u);
  EXPECT_EQ(reading_of(card(kCounts, "\n    at 2.00 USD per call")), reading);
  EXPECT_NE(reading_of(card(kCounts, ", c")), reading);
  EXPECT_NE(reading_of(card("meter used counts call by kind\n  from api.v2\n", kPrice)), reading);
  EXPECT_NE(reading_of(card("meter used sums call by kind\n  from api\n  take n\n", kPrice)),
            reading);
  const auto taking = [](std::string_view lines) {
    return reading_of(card(fmt::format("meter used sums call\n  from api\n{}", lines), kPrice));
  };
  const std::string plain = taking("  take n\n");
  for (const std::string_view other :
       {"  take m\n", "  take n less m\n", "  take n\n  each at least 2 calls\n",
        "  take n\n  each rounded up to 2 calls\n", "  take n\n  each rounded up to 3 calls\n",
        "  take n\n  each times m\n", "  take n\n  each times o\n"})
    EXPECT_NE(taking(other), plain) << other;
}

}  // namespace
}  // namespace toll::metering
