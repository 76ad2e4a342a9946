// What events cost, added up, is what the lines of the live bill differ by.
#include "engine/event_cost.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "engine/closing.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

constexpr std::string_view kDuringMarch = "2026-03-31T20:00:00Z";

std::string priced(std::string_view charges) {
  return fmt::format(R"(toll 1

unit token, tokens
unit call, calls
unit credit, credits
dimension model is nano, large

meter tokens sums token by model
  from llm
  take n
meter requests counts call
  from llm

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

{})",
                     charges);
}

/// In 10^-12 of the currency's major unit.
Int128 number(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto read = parse_decimal(text.substr(negative ? 1 : 0));
  EXPECT_TRUE(read) << text;
  const Int128 mantissa = mantissa_at(*read, 12).value_or(0);
  return negative ? -mantissa : mantissa;
}

struct Sum {
  Int128 amount = 0, exact = 0;
  friend bool operator==(const Sum&, const Sum&) = default;
};
using Lines = std::map<std::string, Sum>;  // those that are not 0

class Costing : public World {
 public:
  explicit Costing(std::string text, runtime::CellRaters* by = nullptr, uint32_t seed = 1)
      : World({std::move(text)}), raters(by), random_(seed) {
    subscribe("s", "api", "2026-01-01");
  }

  runtime::CellRaters* const raters;  ///< null: the interpreter

  Lines lines() const {
    Lines all;
    const auto answer = bill("2026-03-01", kDuringMarch);
    EXPECT_TRUE(answer) << answer.error().message;
    for (const runtime::AnswerLine& line : answer->lines)
      all[line.path] = {number(line.amount), number(line.exact)};
    return all;
  }

  std::string event(std::string_view time = "") {
    const auto below = [this](uint32_t bound) { return random_() % bound; };
    return event_text(
        {.id = std::to_string(++id_),
         .type = "llm",
         .time = time.empty() ? fmt::format("2026-03-{:02}T{:02}:00:00Z", 1 + below(31), below(20))
                              : std::string(time),
         .data =
             fmt::format(R"({{"n":{},"model":"{}"}})", below(400), below(2) ? "nano" : "large")});
  }

  /// One cost for each event that is accepted.
  std::vector<std::vector<EventCost>> costs(const std::vector<std::string>& texts) {
    EventCosts all(cards, *engine, "t", *parse_instant(kDuringMarch), raters);
    std::vector<metering::UsageEvent> events;
    metering::EventReader reader;
    for (const std::string& text : texts) {
      events.push_back(*reader.read(text));
      all.expect(events.back());
    }
    const auto judged = ingest(texts);
    std::vector<std::vector<EventCost>> result;
    for (size_t i = 0; i < events.size(); ++i)
      if (judged[i].verdict == Verdict::Accepted) result.push_back(all.of(events[i]));
    return result;
  }

  /// The one cost of one event.
  EventCost cost(const std::string& text) {
    const auto all = costs({text});
    EXPECT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].size(), 1u);
    return all[0][0];
  }

 private:
  std::mt19937 random_;
  int id_ = 0;
};

Lines difference(const Lines& after, const Lines& before) {
  Lines all = after;
  for (const auto& [path, line] : before) {
    all[path].amount -= line.amount;
    all[path].exact -= line.exact;
  }
  std::erase_if(all, [](const auto& line) { return line.second == Sum(); });
  return all;
}

constexpr std::string_view kRows =
    "  charge tokens by model\n    included 5,000 tokens in each row\n    tiers graduated\n"
    "    nano up to 9,000 tokens at 0.0123 USD per token\n    nano beyond at 0.0101 USD per token\n"
    "    large up to 6,000 tokens at 0.1 USD per token\n    large beyond at 0.07 USD per token\n";

/// Whether the costs of events are what the lines of the bill differ by.
void expect_to_add_up(std::string_view charges, runtime::CellRaters* raters) {
  Costing world{priced(charges), raters};
  world.ingest({world.event("2026-02-10T12:00:00Z"), world.event("2026-02-11T12:00:00Z")});
  size_t moved = 0;
  for (int batch = 0; batch < 5; ++batch) {
    std::vector<std::string> texts;
    for (int i = 0; i < 25; ++i) texts.push_back(world.event());
    texts.push_back(texts.front());  // once is enough
    const Lines before = world.lines();
    Lines sum;
    for (const auto& costs : world.costs(texts)) {
      ASSERT_EQ(costs.size(), 1u);
      EXPECT_EQ(costs[0].reason, "");
      EXPECT_TRUE(costs[0].cost.unknown.empty());
      for (const runtime::LineCost& line : costs[0].cost.lines) {
        sum[line.path].amount += number(line.amount);
        sum[line.path].exact += number(line.exact);
      }
    }
    std::erase_if(sum, [](const auto& line) { return line.second == Sum(); });
    Lines expected = difference(world.lines(), before);
    expected.erase("bill/minimum");
    EXPECT_EQ(sum, expected);
    moved += sum.size();
  }
  EXPECT_GT(moved, 1u);
}

TEST(EventCosts, AddUpToWhatTheLinesDifferBy) {
  runtime::CellRaters native(testing::native_compiler());
  for (const std::string_view charges :
       {kRows,
        std::string_view("  charge tokens by model\n    any at 0.013 USD per token\n\n"
                         "  charge requests\n    at 0.015 USD per call\n"
                         "  bill minimum 50.00 USD \"Minimum\"\n"),
        std::string_view("  charge requests\n    tiers volume\n"
                         "    up to 60 calls at 0.5 USD per call\n"
                         "    beyond at 0.25 USD per call\n"),
        std::string_view("  charge requests\n    tiers stairstep\n"
                         "    up to 60 calls at 20.00 USD flat\n"
                         "    beyond at 50.00 USD flat\n"),
        std::string_view("  charge requests\n    included 90 calls per year\n"
                         "    at 1.005 USD per call\n")}) {
    SCOPED_TRACE(charges);
    for (runtime::CellRaters* const raters :
         {static_cast<runtime::CellRaters*>(nullptr), &native}) {
      SCOPED_TRACE(raters ? "native" : "interpreter");
      expect_to_add_up(charges, raters);
      const auto cards = testing::card_set({priced(charges)});
      EXPECT_TRUE(native.of(*cards.revisions().front())->is_native());
    }
  }
}

TEST(EventCosts, SayWhyTheyAreNotKnown) {
  const auto unknown = [](std::string_view charges) {
    Costing world{priced(charges)};
    const EventCost cost = world.cost(world.event());
    EXPECT_EQ(cost.reason, "");
    std::string all;
    for (const runtime::UnknownCost& charge : cost.cost.unknown)
      all += charge.path + ": " + charge.reason + "\n";
    return all;
  };
  EXPECT_EQ(unknown("  charge tokens by model\n    included 5 tokens shared\n"
                    "    any at 0.01 USD per token\n"),
            "tokens: its rows share an allowance\n");
  EXPECT_EQ(unknown("  charge requests\n    at 0.50 USD per call\n\n"
                    "  charge support\n    at 10% of requests\n"),
            "support: it is a share of other lines\n");
  EXPECT_EQ(
      unknown("  charge requests\n    at 1 credit per call\n\n"
              "  pool plan \"Plan\" in credit, credits\n    grant 1 credit every month\n"
              "    beyond at 1.00 USD per credit\n"),
      "requests: it is priced in credits, and what pays for them is known for the period as a "
      "whole\n");
  std::string rounded = priced("  charge requests\n    at 0.50 USD per call\n");
  rounded.replace(rounded.find("each line"), 9, "each bill");
  Costing whole{rounded};
  EXPECT_EQ(whole.cost(whole.event()).cost.unknown.at(0).reason,
            "the bill is rounded as a whole, and its lines by what that leaves");
}

// The cost of a late event is what its correction says, not what it would cost by today's text.
TEST(EventCosts, OfAClosedPeriodAreByTheTextThatBilled) {
  const auto text = [](std::string_view price) {
    return priced(fmt::format("  charge requests\n    at {} USD per call\n", price));
  };
  Costing world{text("1.00")};
  world.ingest({world.event("2026-01-10T12:00:00Z")});
  const BillRequest january{
      "t", "acme", {}, parse_date("2026-01-01"), *parse_instant(kDuringMarch)};
  ASSERT_TRUE(close_period(*world.cards, *world.engine, january));
  world.exchange({text("5.00")});

  const EventCost late = world.cost(world.event("2026-01-11T12:00:00Z"));
  EXPECT_EQ(late.reason, "");
  EXPECT_TRUE(late.correction);
  EXPECT_EQ(late.period, *parse_month("2026-01"));
  EXPECT_EQ(late.cost.lines.at(0).amount, "1.00");
  BillRequest february = january;
  february.day = parse_date("2026-02-01");
  const auto bill = bill_of(*world.cards, *world.engine, february);
  ASSERT_TRUE(bill) << bill.error().message;
  EXPECT_EQ(bill->corrections.at(0).difference(), 100);

  const EventCost open = world.cost(world.event("2026-02-11T12:00:00Z"));
  EXPECT_FALSE(open.correction);
  EXPECT_EQ(open.cost.lines.at(0).amount, "5.00");
  // Where that text is gone there is no amount, rather than today's.
  world.cards = std::make_shared<const runtime::CardSet>(testing::card_set({text("5.00")}));
  const EventCost gone = world.cost(world.event("2026-01-12T12:00:00Z"));
  EXPECT_TRUE(gone.correction);
  EXPECT_NE(gone.reason, "");
  EXPECT_TRUE(gone.cost.lines.empty());
}

TEST(EventCosts, SayWhyNothingIsKnown) {
  Costing levels{
      "toll 1\nunit seat, seats\nmeter seats latest seat\n  from seats\n  take n\n"
      "card api \"API\"\n  from 2026-01-01\n  currency USD\n  period month\n"
      "  round each line half-up\n  charge seats\n    at 3.00 USD per seat\n"};
  EXPECT_EQ(
      levels
          .cost(event_text(
              {.id = "1", .type = "seats", .time = "2026-03-10T12:00:00Z", .data = R"({"n":4})"}))
          .reason,
      "a meter of the card does more than count and add up, so that what one event changes is "
      "known for the period as a whole");
  Costing days{
      "toll 1\nunit call, calls\nmeter api_calls sums call\n  from api.call\n  take n\n"
      "card api \"API\"\n  from 2026-01-01\n  currency USD\n  period month\n"
      "  round each line half-up\n  charge api_calls each day\n    at 3.00 USD per call\n"};
  EXPECT_EQ(days.cost(calls_event("1", "2026-03-10T12:00:00Z", 1)).reason,
            "a charge of the card prices items or days one by one, so that what one event changes "
            "is known for the period as a whole");
  Costing world{priced(kRows)};
  EXPECT_EQ(world.cost(world.event("2026-03-31T21:00:00Z")).reason,
            "its time is still to come, and so is its cost");
  // An earlier period is over: all of it counts.
  EXPECT_EQ(world.cost(world.event("2026-02-10T12:00:00Z")).reason, "");
  EXPECT_TRUE(world.costs({world.event("2025-12-10T12:00:00Z")})[0].empty()) << "nobody is billed";
}

}  // namespace
}  // namespace toll::engine
