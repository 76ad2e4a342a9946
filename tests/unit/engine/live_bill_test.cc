// A live bill is the quote of what the recorded events come to, whatever the card counts.
#include "engine/live_bill.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/audit.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "metering/meter_usage.h"
#include "metering/usage_document.h"
#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/engine/world.h"
#include "wire/answer_json.h"
#include "wire/usage_json.h"

namespace toll::engine {
namespace {

/// Every way of counting that a card knows.
constexpr std::string_view kEverything = R"(toll 1

unit call, calls
unit token, tokens
unit user, users
unit host, hosts
unit seat, seats
unit resolution, resolutions
unit server, servers

dimension model is nano, large, other
dimension kind is input, output

meter api_calls counts call
  from api.call
meter tokens sums token by model, kind
  from llm
  take input as kind input
  take output as kind output
meter users counts distinct user
  from api.call
meter hosts percentile 90 of host every day
  from infra
  take hosts
meter seats latest seat
  from seats
  take n
meter peak peaks GiB
  from store
  take gib
meter stored accrues GiB-day
  from store
  take gib
meter running accrues server-hour
  from started
  until stopped
meter paid lists USD
  from payment
  take amount
meter resolved counts resolution
  when resolved
  within 3 days after opened
  unless reopened within 2 days
  once per ticket

card all "Everything"
  from 2026-01-01
  currency USD
  time zone Europe/Berlin
  period month
  round each line half-up
  fee setup "Setup" at 9.00 USD once
  fee yearly at 12.00 USD per year, not prorated

  fee base "Base" at 10.00 USD per month, prorated by day
  charge api_calls
    included 10 calls
    at 0.10 USD per call
  charge tokens by model, kind
    tiers graduated
    any, any up to 1,000 tokens at 0.010 USD per token
    any, any beyond             at 0.007 USD per token
  charge users
    at 1.00 USD per user
  charge hosts
    at 2.00 USD per host
  charge seats
    at 3.00 USD per seat
  charge peak
    at 0.20 USD per GiB
  charge stored
    at 0.01 USD per GiB-day
  charge running
    at 0.05 USD per server-hour
  charge paid each item
    at 2.9% + 0.30 USD
  charge resolved
    at 0.99 USD per resolution
  bill minimum 25.00 USD "Minimum"
)";

/// Events of a customer from January to May, in no order, some of them about things that end.
class Events {
 public:
  explicit Events(uint32_t seed) : random_(seed) {}

  EventSpec next() {
    EventSpec spec;
    spec.id = std::to_string(++count_);
    const int day = below(150);
    const Date date = *parse_date("2026-01-01") + std::chrono::days(day);
    spec.time = fmt::format("{}T{:02}:{:02}:00Z", toll::to_string(date), below(24), below(60));
    switch (below(9)) {
      case 0:
        spec.type = "api.call";
        spec.data = fmt::format(R"({{"user":"u{}"}})", below(5));
        break;
      case 1:
        spec.type = "llm";
        spec.data =
            fmt::format(R"({{"model":"{}","input":{},"output":{}.25}})",
                        std::array{"nano", "large", "new"}[below(3)], below(900), below(90));
        break;
      case 2:
        spec.type = "infra";
        spec.data = fmt::format(R"({{"hosts":{}}})", below(20));
        break;
      case 3:
        spec.type = "seats";
        spec.data = fmt::format(R"({{"n":{}}})", below(20));
        break;
      case 4:
        spec.type = "store";
        spec.data = fmt::format(R"({{"gib":{}.5}})", below(50));
        break;
      case 5:
        spec.type = "payment";
        spec.data = fmt::format(R"({{"amount":{}.{:02}}})", below(200), below(100));
        break;
      case 6:
        spec.type = "started";
        break;
      case 7:
        spec.type = std::array{"opened", "resolved", "reopened"}[below(3)];
        spec.data = fmt::format(R"({{"ticket":"{}"}})", below(8));
        break;
      case 8:
        spec.type = "unknown";
        break;
    }
    return spec;
  }

  uint32_t below(uint32_t bound) { return std::uniform_int_distribution(0u, bound - 1)(random_); }

 private:
  std::mt19937 random_;
  int count_ = 0;
};

std::string json(const std::expected<runtime::Answer, NoBill>& answer) {
  std::string text;
  if (answer)
    wire::write_answer(*answer, text);
  else
    text = "no bill: " + answer.error().message;
  return text;
}

/// The quote of what the events come to: without the engine.
std::string quoted(const World& world, const std::vector<metering::UsageEvent>& events,
                   const Period& covered, std::string_view as_of) {
  const auto& card = world.cards->versions("all")->front()->card();
  const Instant moment = *parse_instant(as_of);
  const bool over = moment >= start_of(covered.until, card.time_zone);
  const auto usage =
      metering::meter_usage(card, events, covered, over ? std::nullopt : std::optional(moment));
  EXPECT_TRUE(usage);
  runtime::UsageDocument document = metering::to_document(card, *usage, "acme", covered, over);
  document.customer_since = *parse_date("2026-02-10");
  return world.quoted(wire::to_json(document));
}

TEST(LiveBill, EqualsTheQuoteOfWhatTheEventsComeTo) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    World world({std::string(kEverything)});
    world.subscribe("s", "all", "2026-02-10");
    Events events(seed);
    std::vector<metering::UsageEvent> live;
    for (int batch = 0; batch < 10; ++batch) {
      std::vector<std::string> texts;
      std::vector<EventSpec> specs;
      for (int i = 0; i < 30; ++i) specs.push_back(events.next());
      if (batch > 0) specs.push_back(specs.front());  // sent twice
      for (const EventSpec& spec : specs) texts.push_back(event_text(spec));
      const auto judged = world.ingest(texts);
      for (size_t i = 0; i < specs.size(); ++i) {
        if (judged[i].verdict == Verdict::Accepted) live.push_back(candidate(specs[i]).event);
        ASSERT_EQ(judged[i].unmetered,
                  judged[i].verdict == Verdict::Accepted && specs[i].type == "unknown");
      }
      const metering::UsageEvent& taken_back =
          live[events.below(static_cast<uint32_t>(live.size()))];
      ASSERT_EQ(*world.engine->retract("t", taken_back.source, taken_back.id, "x", Instant{}),
                Retraction::Retracted);
      live.erase(live.begin() + (&taken_back - live.data()));
    }
    const auto covered = [](std::string_view from, std::string_view until) {
      return Period{*parse_date(from), *parse_date(until)};
    };
    for (const std::string_view as_of : {"2026-03-15T10:00:00Z", "2026-03-31T21:59:59Z",
                                         "2026-03-31T22:00:00Z", "2027-01-01T00:00:00Z"}) {
      EXPECT_EQ(json(world.bill("2026-03-09", as_of)),
                quoted(world, live, covered("2026-03-01", "2026-04-01"), as_of))
          << "seed " << seed << " as of " << as_of;
      EXPECT_EQ(json(world.bill("2026-02-01", as_of)),
                quoted(world, live, covered("2026-02-10", "2026-03-01"), as_of))
          << "seed " << seed << " as of " << as_of;
    }
  }
}

/// Only what adds up, with a dimension by time and fractions that no decimal holds.
std::string adding_card(std::string_view models) {
  return fmt::format(R"(toll 1

unit call, calls
unit token, tokens
dimension model is {}
dimension window by time
  peak     Mon-Fri 08:00-20:00
  off_peak otherwise

meter calls counts call by window
  from llm
meter tokens sums token by model
  from llm
  take input
meter hours sums hour
  from llm
  take output
  each rounded up to 7 seconds

card all "Sums"
  from 2026-01-01
  currency USD
  time zone Asia/Kolkata
  period month
  round each line half-up

  charge calls by window
    peak     at 0.20 USD per call
    off_peak at 0.10 USD per call
  charge tokens by model
    any at 0.01 USD per token
  charge hours
    at 0.33 USD per hour
)",
                     models);
}

// Sums that are kept of days, days that are read because the card was changed or an event taken
// back, the edges of a month that begins at half past six in the evening, and a moment inside of
// it: all come to what the events come to one by one.
TEST(LiveBill, OfSumsThatAreKeptEqualsThatOfTheEvents) {
  const auto cards_of = [](std::string_view models) {
    return std::make_shared<const runtime::CardSet>(testing::card_set({adding_card(models)}));
  };
  const auto narrow = cards_of("nano, large, other"), wide = cards_of("nano, large, new, other");
  for (uint32_t seed = 100; seed < 110; ++seed) {
    World world({adding_card("nano, large, other")});
    world.subscribe("s", "all", "2026-02-10");
    Events events(seed);
    std::vector<metering::UsageEvent> live;
    for (int batch = 0; batch < 12; ++batch) {
      world.cards = batch % 4 == 3 ? wide : narrow;
      std::vector<EventSpec> specs;
      while (specs.size() < 20)
        if (EventSpec spec = events.next(); spec.type == "llm" || spec.type == "unknown")
          specs.push_back(spec);
      std::vector<std::string> texts;
      for (const EventSpec& spec : specs) texts.push_back(event_text(spec));
      world.ingest(texts);
      for (const EventSpec& spec : specs) live.push_back(candidate(spec).event);
      if (batch % 3 != 0) continue;
      const auto taken = live.begin() + events.below(static_cast<uint32_t>(live.size()));
      ASSERT_EQ(*world.engine->retract("t", taken->source, taken->id, "x", Instant{}),
                Retraction::Retracted);
      live.erase(taken);
    }
    for (const auto& cards : {narrow, wide}) {
      world.cards = cards;
      for (const std::string_view as_of : {"2026-03-15T10:00:00Z", "2026-02-28T18:30:00Z",
                                           "2026-03-31T18:29:59Z", "2027-01-01T00:00:00Z"}) {
        EXPECT_EQ(
            json(world.bill("2026-03-09", as_of)),
            quoted(world, live, {*parse_date("2026-03-01"), *parse_date("2026-04-01")}, as_of))
            << "seed " << seed << " as of " << as_of;
      }
    }
    const auto audited = audit(world.engine->store(), *narrow);
    ASSERT_TRUE(audited);
    EXPECT_EQ(audited->difference_count, 0u);
    EXPECT_GT(audited->sums, 20u);  // or nothing of this was tested
  }
}

TEST(LiveBill, AuditFindsSumsThatAreNotThoseOfTheEvents) {
  auto owned = std::make_unique<MemoryStore>();
  MemoryStore* const store = owned.get();
  World world({adding_card("nano, other")});
  world.engine = *Engine::open(std::move(owned));
  world.subscribe("s", "all", "2026-01-01");
  world.ingest({event_text({.type = "llm", .data = R"({"model":"nano","input":5,"output":1})"})});
  EXPECT_EQ(audit(*store, *world.cards)->difference_count, 0u);
  const std::string key = day_key("t", "acme", *parse_date("2026-03-10"));
  auto row = *read_day_row(**store->get(Table::Days, key));
  ASSERT_EQ(row.readings.size(), 1u);
  metering::Sums& sums = row.readings.begin()->second;
  const metering::CellSum one_more = sums.cells().front();
  ASSERT_TRUE(sums.add({&one_more, 1}));
  Batch batch;
  batch.put(Table::Days, key, write_day_row(row));
  ASSERT_TRUE(store->write(batch));
  const auto audited = audit(*store, *world.cards);
  ASSERT_EQ(audited->difference_count, 1u);
  EXPECT_EQ(audited->differences[0], "the sums of a customer's day are not those of its events");
  EXPECT_EQ(audit(*store)->difference_count, 0u);  // without cards nobody can know
}

constexpr std::string_view kUnits = R"(toll 1
unit call, calls
dimension region is eu, us
meter api_calls counts call by region
  from api.call
)";

std::string api_card(std::string_view more = {}, std::string_view name = "api") {
  return std::string(kUnits) +
         fmt::format(
             "card {} \"API\"\n  from 2026-01-01\n  currency USD\n  period month\n"
             "  round each line half-up\n  charge api_calls by region\n{}"
             "    any at 1.00 USD per call\n",
             name, more);
}

EventSpec call(std::string id, std::string_view region = "eu",
               std::string time = "2026-03-10T12:00:00Z") {
  return {.id = std::move(id),
          .time = std::move(time),
          .data = fmt::format(R"({{"region":"{}"}})", region)};
}

std::vector<std::string> texts(const std::vector<EventSpec>& specs) {
  std::vector<std::string> result;
  for (const EventSpec& spec : specs) result.push_back(event_text(spec));
  return result;
}

TEST(LiveBill, IsOfTheDaysOfTheSubscription) {
  World world({api_card()});
  world.subscribe("s", "api", "2026-03-10", "2026-03-20");
  world.ingest(
      texts({call("1", "eu", "2026-03-09T23:59:59Z"), call("2", "eu"),
             call("3", "us", "2026-03-19T23:59:59Z"), call("4", "us", "2026-03-20T00:00:00Z")}));
  const auto bill = world.bill("2026-03-01", kYearLater);
  ASSERT_TRUE(bill) << bill.error().message;
  EXPECT_EQ(bill->total, "2.00");
  EXPECT_EQ(toll::to_string(bill->period.from), "2026-03-10");
  EXPECT_EQ(world.bill("2026-04-01", kYearLater).error().kind, NoBill::Kind::NotFound);
}

TEST(LiveBill, CountsALateEventWhereItBelongs) {
  World world({api_card()});
  world.subscribe("s", "api", "2026-01-01");
  EXPECT_EQ(world.bill("2026-03-01", "2026-04-15T00:00:00Z")->total, "0.00");
  world.ingest(texts({call("1", "eu", "2026-03-31T23:59:59Z")}));
  EXPECT_EQ(world.bill("2026-03-01", "2026-04-15T00:00:00Z")->total, "1.00");
  EXPECT_EQ(world.bill("2026-04-01", "2026-04-15T00:00:00Z")->total, "0.00");
}

TEST(LiveBill, LeavesOutWhatHasNotHappenedYet) {
  World world({api_card()});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest(texts({call("1"), call("2", "eu", "2026-03-20T00:00:00Z")}));
  EXPECT_EQ(world.bill("2026-03-01", "2026-03-15T00:00:00Z")->total, "1.00");
}

TEST(LiveBill, AsksWhichSubscriptionWhereSeveralCoverThePeriod) {
  World world({api_card(), api_card({}, "support")});
  world.subscribe("a", "api", "2026-01-01");
  world.subscribe("b", "support", "2026-02-01");
  const auto bill = world.bill("2026-03-01", kYearLater);
  ASSERT_FALSE(bill);
  EXPECT_EQ(bill.error().kind, NoBill::Kind::Ambiguous);
  EXPECT_EQ(bill.error().message,
            "several subscriptions cover that period: ask for one of `a`, `b`");
  EXPECT_EQ(world.bill("2026-03-01", kYearLater, "b")->card, "support");
  EXPECT_EQ(world.bill("2026-01-01", kYearLater)->card, "api");
  EXPECT_EQ(world.bill("2026-01-01", kYearLater, "c").error().kind, NoBill::Kind::NotFound);
}

TEST(LiveBill, IsNotAskedForADealAndItsCardBoth) {
  const runtime::CardSet cards =
      testing::card_set({api_card(),
                         "toll 1\ncard api_acme extends api\n  for customer acme\n"
                         "  from 2026-01-01\n  bill discount 10%\n"});
  Subscription subscription;
  subscription.card = "api";
  subscription.start = *parse_date("2026-01-01");
  EXPECT_TRUE(check_subscription(cards, "acme", subscription));
  subscription.card = "api_acme";
  EXPECT_EQ(check_subscription(cards, "acme", subscription).error().message,
            "`api_acme` is a deal on `api`: subscribe to `api`, and it answers");
  EXPECT_EQ(check_subscription(cards, "globex", subscription).error().kind, NoBill::Kind::NotFound);
}

TEST(LiveBill, KnowsWhatWasBilledTowardACommitment) {
  World world({api_card() + "  commit annual 100.00 USD per year \"Annual\"\n"
                            "    true up every year\n"});
  world.subscribe("s", "api", "2026-01-10");
  world.ingest(
      texts({call("before", "eu", "2026-01-09T12:00:00Z"), call("1", "eu", "2026-01-10T00:00:00Z"),
             call("2", "us", "2026-02-28T23:59:59Z"), call("3", "us"),
             call("4", "eu", "2027-01-05T00:00:00Z")}));
  const auto march = world.bill("2026-03-01", "2027-12-01T00:00:00Z");
  EXPECT_EQ(march->total, "1.00");
  EXPECT_EQ(march->next_state.billed_to_date.at(0).value.to_string(), "3.00");
  // The year of the subscription ends in January: three calls were billed, one is on this bill.
  EXPECT_EQ(world.bill("2027-01-01", "2027-12-01T00:00:00Z")->total, "97.00");
}

TEST(LiveBill, OfAnAllowanceForTheYearKnowsWhatWasUsedOfIt) {
  World world({api_card("    included 3 calls per year shared\n")});
  world.subscribe("s", "api", "2026-01-10");
  world.ingest(
      texts({call("before", "eu", "2026-01-09T12:00:00Z"), call("1", "eu", "2026-01-10T00:00:00Z"),
             call("2", "us", "2026-02-28T23:59:59Z"), call("3", "us"), call("4"),
             call("5", "eu", "2026-04-01T00:00:00Z"), call("6", "eu", "2027-01-01T00:00:00Z")}));
  EXPECT_EQ(world.bill("2026-01-15", kYearLater)->total, "0.00");
  EXPECT_EQ(world.bill("2026-02-01", kYearLater)->total, "0.00");
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->total, "1.00");
  EXPECT_EQ(world.bill("2026-04-01", kYearLater)->total, "1.00");
  EXPECT_EQ(world.bill("2027-01-01", "2027-02-01T00:00:00Z")->total, "0.00");
}

TEST(LiveBill, LeavesNoSubscriptionOutInSilence) {
  World world({api_card(), api_card({}, "support")});
  world.subscribe("a", "api", "2026-01-01");
  world.subscribe("b", "support", "2026-01-01", "2026-06-01");
  world.cards = std::make_shared<const runtime::CardSet>(testing::card_set({api_card()}));
  EXPECT_EQ(world.bill("2026-03-01", kYearLater).error().message,
            "card `support` of subscription `b` is not live");
  EXPECT_EQ(world.bill("2026-03-01", kYearLater, "a")->total, "0.00");
  EXPECT_EQ(world.bill("2026-07-01", kYearLater)->total, "0.00");
}

TEST(LiveBill, RefusesWhereTheCardCannotReadWhatWasAccepted) {
  World world({api_card()});
  world.subscribe("s", "api", "2026-01-01");
  world.ingest(texts({call("1", "us"), call("2")}));
  std::string narrower = api_card();
  narrower.replace(narrower.find("is eu, us"), 9, "is eu, ap");
  world.cards = std::make_shared<const runtime::CardSet>(testing::card_set({narrower}));
  const auto bill = world.bill("2026-03-01", kYearLater);
  ASSERT_FALSE(bill);
  EXPECT_EQ(bill.error().kind, NoBill::Kind::Unfit);
  ASSERT_EQ(bill.error().faults.size(), 1u);
  EXPECT_EQ(bill.error().faults[0].message,
            "event `1` of `/s`: `us` is not a value of `region` (meter `api_calls`, "
            "card0.toll:4)");
  ASSERT_EQ(*world.engine->retract("t", "/s", "1", "wrong region", Instant{}),
            Retraction::Retracted);
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->total, "1.00");
}

TEST(LiveBill, SeesNothingOfAnotherTenantOrCustomer) {
  World world({api_card()});
  world.subscribe("s", "api", "2026-01-01");
  ASSERT_TRUE(world.engine->ingest("u", {candidate(call("1"))}));
  EventSpec other = call("1");
  other.customer = "acme2";
  world.ingest(texts({other}));
  EXPECT_EQ(world.bill("2026-03-01", kYearLater)->total, "0.00");
}

// ---- the door ----

TEST(Admission, RejectsWhatTheCustomersCardCannotRead) {
  World world({api_card()});
  world.subscribe("s", "api", "2026-03-01");
  const auto judged = world.ingest(texts({call("1", "mars"), call("2")}));
  EXPECT_EQ(judged[0].verdict, Verdict::Rejected);
  EXPECT_EQ(judged[0].reason,
            "`mars` is not a value of `region` (meter `api_calls`, card0.toll:4)");
  EXPECT_EQ(judged[1].verdict, Verdict::Accepted);
}

/// A card whose meter reads the same events and cannot do without another field.
std::string seat_card() {
  return "toll 1\nunit seat, seats\nmeter seats sums seat\n  from api.call\n  take seats\n"
         "card seats \"Seats\"\n  from 2026-01-01\n  currency USD\n  period month\n"
         "  round each line half-up\n  charge seats\n    at 1.00 USD per seat\n";
}

TEST(Admission, AsksOnlyTheCardsThatTheCustomerHas) {
  World world({api_card(), seat_card()});
  EXPECT_EQ(world.ingest(texts({call("1")}))[0].verdict, Verdict::Accepted);  // some card reads it
  EXPECT_EQ(world.ingest(texts({call("2", "mars")}))[0].verdict, Verdict::Rejected);
  world.subscribe("s", "api", "2026-03-01");
  EXPECT_EQ(world.ingest(texts({call("3")}))[0].verdict, Verdict::Accepted);
  world.subscribe("t", "seats", "2026-03-01");
  EXPECT_EQ(world.ingest(texts({call("4")}))[0].reason,
            "field `seats` is missing (meter `seats`, card1.toll:5)");
  // Before their first day nobody has them.
  EXPECT_EQ(world.ingest(texts({call("5", "eu", "2026-02-10T00:00:00Z")}))[0].verdict,
            Verdict::Accepted);
}

TEST(Admission, MarksWhatTheCustomersCardDoesNotMeter) {
  World world({api_card(), seat_card()});
  EventSpec ping = call("1");
  ping.type = "ping";
  EXPECT_TRUE(world.ingest(texts({ping}))[0].unmetered);
  EXPECT_FALSE(world.ingest(texts({call("2")}))[0].unmetered);
}

}  // namespace
}  // namespace toll::engine
