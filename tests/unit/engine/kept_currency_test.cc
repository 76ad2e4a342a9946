// A subscription that names no currency is billed in that in which it began, also over a version
// that names another one first.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

std::string in_currencies(std::string_view currencies, std::string_view price,
                          std::string_view from, std::string_view header = "") {
  std::string text =
      calls_card(fmt::format("  charge api_calls\n    at {} per call\n", price), from);
  const std::string_view line = "  currency USD\n";
  return text.replace(text.find(line), line.size(),
                      fmt::format("{}  currency {}\n", header, currencies));
}

TEST(KeptCurrency, OfASubscriptionIsThatInWhichItBegan) {
  World world(
      {in_currencies("USD, EUR", "1.00 USD or 2.00 EUR", "2026-01-01"),
       in_currencies("EUR, USD", "4.00 EUR or 3.00 USD", "2026-03-16", "  switch at once\n")});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest(
      {calls_event("1", "2026-02-10T12:00:00Z", 10), calls_event("2", "2026-03-10T12:00:00Z", 10),
       calls_event("3", "2026-03-20T12:00:00Z", 10), calls_event("4", "2026-04-10T12:00:00Z", 10)});
  for (const auto& [day, total] :
       {std::pair("2026-02-01", "10.00"), {"2026-03-01", "40.00"}, {"2026-04-01", "30.00"}}) {
    const auto bill = world.bill(day, kYearLater);
    ASSERT_TRUE(bill) << bill.error().message;
    EXPECT_EQ(bill->currency, "USD") << day;
    EXPECT_EQ(bill->total, total) << day;
  }
}

}  // namespace
}  // namespace toll::engine
