// Outcomes that are not settled stand beside the quantity of their line.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/live_bill.h"
#include "runtime/quote.h"
#include "tests/unit/engine/world.h"
#include "wire/answer_json.h"
#include "wire/usage_json.h"

namespace toll::engine {
namespace {

constexpr std::string_view kOutcomes = R"(toll 1

unit resolution, resolutions
dimension channel is chat, mail
meter resolved counts resolution by channel
  when resolved
  within 3 days after opened
  unless reopened within 2 days
  once per ticket

card support "Support"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  charge resolved by channel
    any at 0.99 USD per resolution
)";

std::string about_ticket(int ticket, std::string_view type, std::string_view time,
                         std::string_view channel = "chat") {
  return event_text({.id = fmt::format("{}-{}", type, ticket),
                     .type = std::string(type),
                     .time = std::string(time),
                     .data = fmt::format(R"({{"ticket":"t{}","channel":"{}"}})", ticket, channel)});
}

TEST(Pending, StandsBesideTheQuantityUntilItIsSettled) {
  World world({std::string(kOutcomes)});
  world.subscribe("s", "support", "2026-01-01");
  world.ingest({about_ticket(1, "opened", "2026-03-01T10:00:00Z"),
                about_ticket(1, "resolved", "2026-03-01T12:00:00Z"),
                about_ticket(2, "opened", "2026-03-09T10:00:00Z"),
                about_ticket(2, "resolved", "2026-03-10T12:00:00Z"),
                about_ticket(3, "opened", "2026-03-02T10:00:00Z", "mail"),
                about_ticket(3, "resolved", "2026-03-02T12:00:00Z", "mail")});
  const BillRequest request{.tenant = "t",
                            .customer = "acme",
                            .subscription = {},
                            .day = parse_date("2026-03-01"),
                            .as_of = *parse_instant("2026-03-11T00:00:00Z")};
  const auto bill = live_bill(*world.cards, *world.engine, request);
  ASSERT_TRUE(bill) << bill.error().message;
  ASSERT_EQ(bill->lines.size(), 2u);
  EXPECT_EQ(bill->lines[0].quantity, "2");
  EXPECT_EQ(bill->lines[0].pending, "1");
  EXPECT_EQ(bill->lines[0].amount, "1.98");
  EXPECT_EQ(bill->lines[1].pending, std::nullopt);
  // A quote of the same document says the same, to the byte.
  const auto usage = live_usage(*world.cards, *world.engine, request);
  ASSERT_TRUE(usage);
  const auto read = wire::read_usage(wire::to_json(*usage));
  ASSERT_TRUE(read) << read.error().front().message;
  const auto quoted = runtime::quote(*world.cards, *read);
  ASSERT_TRUE(quoted);
  std::string by_events, by_document;
  wire::write_answer(*bill, by_events);
  wire::write_answer(*quoted, by_document);
  EXPECT_EQ(by_events, by_document);
  EXPECT_TRUE(by_events.contains(R"("quantity":"2","pending":"1","unit":"resolution")"))
      << by_events;
  const auto settled = world.bill("2026-03-01", "2026-03-13T00:00:00Z");
  EXPECT_EQ(settled->lines[0].pending, std::nullopt);
}

TEST(Pending, IsPartOfAQuantity) {
  const auto fault = [](std::string_view entry) {
    const auto read = wire::read_usage(fmt::format(
        R"({{"card":"support","on":"2026-03-01","usage":[{{"meter":"resolved","at":{{"channel":"chat"}},{}}}]}})",
        entry));
    if (!read) return read.error().front().pointer;
    const auto quoted = runtime::quote(testing::card_set({std::string(kOutcomes)}), *read);
    return quoted ? std::string() : quoted.error().faults.front().pointer;
  };
  EXPECT_EQ(fault(R"("quantity":2,"pending":2)"), "");
  EXPECT_EQ(fault(R"("quantity":2,"pending":"0")"), "");
  EXPECT_EQ(fault(R"("quantity":2,"pending":"2.5")"), "/usage/0/pending");
  EXPECT_EQ(fault(R"("quantity":2,"pending":"x")"), "/usage/0/pending");
}

TEST(Pending, IsRefusedWhereNothingCanBeTakenBack) {
  std::string counted(kOutcomes);
  const std::string_view unless = "  unless reopened within 2 days\n";
  counted.erase(counted.find(unless), unless.size());
  const auto fault = [&](std::string_view pending) {
    const auto read = wire::read_usage(fmt::format(
        R"({{"card":"support","on":"2026-03-01","usage":[{{"meter":"resolved","at":{{"channel":"chat"}},"quantity":2,"pending":"{}"}}]}})",
        pending));
    EXPECT_TRUE(read);
    const auto quoted = runtime::quote(testing::card_set({counted}), *read);
    return quoted ? std::string() : quoted.error().faults.front().message;
  };
  EXPECT_EQ(fault("0"), "");
  EXPECT_EQ(fault("1"),
            "nothing that `resolved` counts can be taken back, since it has no `unless`: leave "
            "`pending` out");
}

}  // namespace
}  // namespace toll::engine
