// Each test is a meter of the language, a few events, and the quantity that a person would expect.
#include "metering/meter_usage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/metering/metered.h"

namespace toll::metering {
namespace {

// ---- What adds up ----

TEST(MeterUsage, CountsTheEventsOfThePeriodInTheZoneOfTheCard) {
  const auto card = card_with("unit call, calls\nmeter used counts call\n  from api\n", "call");
  EXPECT_EQ(metered(card, {event("api", "2026-02-28T22:59:59.999999999Z"),  // still February
                           event("api", "2026-02-28T23:00:00Z"),            // midnight in Berlin
                           event("api", "2026-03-31T21:59:59Z"),            // summer time by now
                           event("api", "2026-03-31T22:00:00Z"),            // April
                           event("other", "2026-03-10T00:00:00Z")}),
            "2");
}

TEST(MeterUsage, NoEventOfThePeriodIsNoCell) {
  const auto card = card_with("unit call, calls\nmeter used counts call\n  from api\n", "call");
  EXPECT_EQ(metered(card, {event("api", "2026-04-10T00:00:00Z")}), "");
}

TEST(MeterUsage, NamesTheEventsThatNoMeterReads) {
  const auto card = card_with("unit call, calls\nmeter used counts call\n  from api\n", "call");
  const std::vector events = {event("api", "2026-03-10T00:00:00Z"),
                              event("ping", "2026-03-10T00:00:00Z")};
  const auto usage = meter_usage(card, events, parse_month("2026-03").value());
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->unmetered, std::vector<size_t>{1});
}

constexpr std::string_view kTokens =
    "unit token, tokens\ndimension kind is input, cached, output\n"
    "meter used sums token by kind\n  from llm\n"
    "  take input_tokens less cached_tokens as kind input\n"
    "  take cached_tokens as kind cached\n  take output_tokens as kind output\n";

TEST(MeterUsage, OneEventFeedsSeveralCells) {
  const auto card = card_with(kTokens, "token", "any");
  EXPECT_EQ(metered(card, {event("llm", "2026-03-01T12:00:00Z",
                                 {{"input_tokens", number("1000")},
                                  {"cached_tokens", number("400")},
                                  {"output_tokens", number("50.5")}}),
                           event("llm", "2026-03-02T12:00:00Z",
                                 {{"input_tokens", number("10")},
                                  {"cached_tokens", number("10")},
                                  {"output_tokens", number("0")}})}),
            "input=600, cached=410, output=50.5");
}

TEST(MeterUsage, AnEventThatCannotBeReadIsNotCountedInPart) {
  const auto card = card_with(kTokens, "token", "any");
  EXPECT_EQ(
      metered(card, {event("llm", "2026-03-01T12:00:00Z",
                           {{"input_tokens", number("1000")}, {"cached_tokens", number("400")}})}),
      "#0 rejected by used: field `output_tokens` is missing; ");
  EXPECT_EQ(metered(card, {event("llm", "2026-03-01T12:00:00Z",
                                 {{"input_tokens", number("1")},
                                  {"cached_tokens", number("2")},
                                  {"output_tokens", number("3")}})}),
            "#0 rejected by used: field `input_tokens` is less than `cached_tokens`; ");
}

TEST(MeterUsage, NegativeAndUnfitNumbersAreRejected) {
  const auto card =
      card_with("unit token, tokens\nmeter used sums token\n  from llm\n  take n\n", "token");
  EXPECT_EQ(metered(card, {event("llm", "2026-03-01T12:00:00Z", {{"n", Decimal{-1, 0}}}),
                           event("llm", "2026-03-01T12:00:00Z",
                                 {{"n", UnfitNumber{DecimalFault::Exponent}}}),
                           event("llm", "2026-03-01T12:00:00Z", {{"n", "12"}}),
                           event("llm", "2026-03-01T12:00:00Z", {{"n", number("7")}})}),
            "#0 rejected by used: field `n` is negative; "
            "#1 rejected by used: field `n` is written with an exponent; "
            "#2 rejected by used: field `n` is a text: send the number without quotes; 7");
}

TEST(MeterUsage, ATextWhereANumberBelongsIsRejectedWithTheReason) {
  const auto card =
      card_with("unit token, tokens\nmeter used sums token\n  from llm\n  take n\n", "token");
  const auto why = [&](const char* text) {
    std::string metered_as = metered(card, {event("llm", "2026-03-01T12:00:00Z", {{"n", text}})});
    return metered_as.substr(0, metered_as.find("; "));
  };
  const std::string begin = "#0 rejected by used: field `n` ";
  EXPECT_EQ(why("12"), begin + "is a text: send the number without quotes");
  EXPECT_EQ(why("-12"), begin + "is a text: send the number without quotes");
  EXPECT_EQ(why("010"), begin +
                            "is the text `010`: a number does not begin with 0, so leave the "
                            "zeros out");
  EXPECT_EQ(why("1e3"), begin + "is the text `1e3`: write the number out, without an exponent");
  EXPECT_EQ(why("many"), begin + "is the text `many`, and no number");
  EXPECT_EQ(why("1234567890123456789012"), begin + "is the text `1234567890123456789012`, which " +
                                               std::string(describe(DecimalFault::TooLarge)));
}

TEST(MeterUsage, CountsEachValueOfAFieldOnce) {
  const auto card =
      card_with("unit user, users\nmeter used counts distinct user_id\n  from login\n", "user");
  EXPECT_EQ(metered(card, {event("login", "2026-03-01T12:00:00Z", {{"user_id", "ann"}}),
                           event("login", "2026-03-02T12:00:00Z", {{"user_id", "bob"}}),
                           event("login", "2026-03-03T12:00:00Z", {{"user_id", "ann"}}),
                           event("login", "2026-04-02T12:00:00Z", {{"user_id", "cem"}})}),
            "2");
}

// 45 s count as 60, 60 as 60, 61 as 61: a quantity in hours that no finite decimal holds.
TEST(MeterUsage, EachEventIsLiftedAndRoundedBeforeItIsAdded) {
  const auto card = card_with(
      "meter used sums second\n  from run\n  take seconds\n  each at least 60 seconds\n"
      "  each rounded up to 1 second\n",
      "second");
  EXPECT_EQ(metered(card, {event("run", "2026-03-01T12:00:00Z", {{"seconds", number("45")}}),
                           event("run", "2026-03-01T13:00:00Z", {{"seconds", number("60")}}),
                           event("run", "2026-03-01T14:00:00Z", {{"seconds", number("60.2")}})}),
            "181");
  const auto hours = card_with(
      "meter used sums hour\n  from run\n  take hours\n  each rounded up to 1 second\n", "hour");
  EXPECT_EQ(metered(hours, {event("run", "2026-03-01T12:00:00Z", {{"hours", number("0.0001")}})}),
            "0.000277777777");
}

// ---- What is multiplied by a field of the event ----

UsageEvent run(std::string_view seconds, std::string_view gpus) {
  return event("run", "2026-03-01T12:00:00Z",
               {{"seconds", number(seconds)}, {"gpus", number(gpus)}});
}

dsl::RateCard gpu_card(std::string_view unit, std::string_view lines) {
  return card_with(fmt::format("meter used sums {}\n  from run\n  take seconds\n{}", unit, lines),
                   unit);
}

TEST(MeterUsage, AnEventIsLiftedAndRoundedBeforeItIsMultiplied) {
  const auto card = gpu_card("GPU-second",
                             "  each at least 1 minute\n  each rounded up to 1 second\n"
                             "  each times gpus\n");
  EXPECT_EQ(metered(card, {run("35", "8")}), "480");       // 60 x 8, not 280
  EXPECT_EQ(metered(card, {run("60.2", "2")}), "122");     // 61 x 2, not 121
  EXPECT_EQ(metered(card, {run("3600", "0.25")}), "900");  // a part of one
  EXPECT_EQ(metered(card, {run("3600", "0")}), "0");
  EXPECT_EQ(metered(card, {run("35", "8"), run("3600", "8"), run("12.2", "2")}), "29400");
}

TEST(MeterUsage, WhatIsMultipliedIsInAPartOfTheMetersUnit) {
  const auto hours = gpu_card("GPU-hour", "  each at least 90 seconds\n  each times gpus\n");
  EXPECT_EQ(metered(hours, {run("0.01", "4")}), "0.1");  // 90 s are 0.025 hours
  const auto gpus = card_with(
      "meter used sums GPU-hour\n  from run\n  take gpus\n  each at least 2 GPUs\n"
      "  each times seconds\n",
      "GPU-hour");
  EXPECT_EQ(metered(gpus, {run("3", "1")}), "6");
  const auto tokens = card_with(
      "unit token, tokens\nmeter used lists token\n  from run\n  take seconds\n"
      "  each at least 5 tokens\n  each times gpus\n",
      "token");
  EXPECT_EQ(metered(tokens, {run("3", "7"), run("6", "2")}), "47");
}

// Against whole numbers of milliseconds, with every line that acts and in every combination.
TEST(MeterUsage, MultiplyingAgreesWithArithmeticByHand) {
  uint64_t state = 1;
  const auto draw = [&state](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int64_t>((state >> 33) % below);
  };
  for (int lines = 0; lines < 4; ++lines) {
    const bool lifts = lines & 1, rounds = lines & 2;
    const auto card =
        gpu_card("GPU-second", std::string(lifts ? "  each at least 60 seconds\n" : "") +
                                   (rounds ? "  each rounded up to 7 seconds\n" : "") +
                                   "  each times gpus\n");
    std::vector<UsageEvent> events;
    int64_t expected = 0;
    for (int i = 0; i < 200; ++i) {
      int64_t milliseconds = draw(120'000);
      const int64_t gpus = draw(17);
      events.push_back(run(Decimal{milliseconds, 3}.to_string(), std::to_string(gpus)));
      if (lifts) milliseconds = std::max<int64_t>(milliseconds, 60'000);
      if (rounds) milliseconds = (milliseconds + 6'999) / 7'000 * 7'000;
      expected += milliseconds * gpus;
    }
    EXPECT_EQ(metered(card, events), (Decimal{expected, 3}.normalized().to_string())) << lines;
  }
}

// An event that was taken and spoils the bill of its period could never be mended.
TEST(MeterUsage, AProductThatDoesNotFitIsRejectedWithItsEvent) {
  const auto card = gpu_card("GPU-second", "  each times gpus\n");
  const auto rejected = [](std::string_view why) {
    return fmt::format("#0 rejected by used: times `gpus`, the quantity {}; ", why);
  };
  const std::string large = "999999999999999999", small = "0.000000000000000001";
  EXPECT_EQ(metered(card, {run(large, large)}), rejected("does not fit"));
  EXPECT_EQ(metered(card, {run("1000000000", "1000000000")}), rejected("does not fit"));
  EXPECT_EQ(metered(card, {run("1000000000", "999999999.999999999")}), "999999999999999999");
  EXPECT_EQ(metered(card, {run(small, small)}), rejected("has more than 18 decimal places"));
  EXPECT_EQ(metered(card, {run("0.5", small)}), rejected("has more than 18 decimal places"));
  EXPECT_EQ(metered(card, {run("3", small), run("7", "1")}), "7.000000000000000003");
  EXPECT_EQ(metered(card, {event("run", "2026-03-01T12:00:00Z", {{"seconds", number("1")}})}),
            "#0 rejected by used: field `gpus` is missing; ");
  EXPECT_EQ(metered(card, {event("run", "2026-03-01T12:00:00Z",
                                 {{"seconds", number("1")}, {"gpus", Decimal{-1, 0}}})}),
            "#0 rejected by used: field `gpus` is negative; ");
}

// ---- Dimensions ----

TEST(MeterUsage, AnUnlistedValueIsOtherOrRejected) {
  const auto open = card_with(
      "unit call, calls\ndimension kind is a, other\nmeter used counts call by kind\n  from api\n",
      "call", "any");
  EXPECT_EQ(metered(open, {event("api", "2026-03-01T12:00:00Z", {{"kind", "z"}})}), "other=1");
  const auto closed = card_with(
      "unit call, calls\ndimension kind is a, b\nmeter used counts call by kind\n  from api\n",
      "call", "any");
  EXPECT_EQ(metered(closed, {event("api", "2026-03-01T12:00:00Z", {{"kind", "z"}}),
                             event("api", "2026-03-01T12:00:00Z")}),
            "#0 rejected by used: `z` is not a value of `kind`; "
            "#1 rejected by used: field `kind` is missing, or is no text; ");
}

TEST(MeterUsage, ARangeTakesItsBoundAndCountsAMissingFieldAsZero) {
  const auto card = card_with(
      "unit call, calls\ndimension kind by fresh + cached\n  short up to 100\n  long beyond\n"
      "meter used counts call by kind\n  from api\n",
      "call", "any");
  EXPECT_EQ(metered(card, {event("api", "2026-03-01T12:00:00Z",
                                 {{"fresh", number("60")}, {"cached", number("40")}}),
                           event("api", "2026-03-01T12:00:00Z",
                                 {{"fresh", number("60")}, {"cached", number("40.01")}}),
                           event("api", "2026-03-01T12:00:00Z", {{"cached", number("101")}}),
                           event("api", "2026-03-01T12:00:00Z")}),
            "#3 rejected by used: field `fresh`, `cached` is missing; short=1, long=2");
}

TEST(MeterUsage, TheTimeOfTheWeekIsThatOfTheDimensionsZone) {
  const auto card = card_with(
      "unit call, calls\ndimension kind by time in America/New_York\n  peak Mon-Fri 08:00-20:00\n"
      "  off_peak otherwise\nmeter used counts call by kind\n  from api\n",
      "call", "any");
  EXPECT_EQ(metered(card, {event("api", "2026-03-02T12:59:59Z"),    // Monday 07:59:59
                           event("api", "2026-03-02T13:00:00Z"),    // Monday 08:00
                           event("api", "2026-03-03T00:59:59Z"),    // Monday 19:59:59
                           event("api", "2026-03-03T01:00:00Z"),    // Monday 20:00
                           event("api", "2026-03-09T12:00:00Z"),    // Monday 08:00, summer time
                           event("api", "2026-03-07T15:00:00Z")}),  // Saturday
            "peak=3, off_peak=3");
}

// ---- Levels ----

std::vector<UsageEvent> gauge(std::initializer_list<std::pair<const char*, const char*>> reports) {
  std::vector<UsageEvent> events;
  for (const auto& [time, level] : reports)
    events.push_back(event("gauge", time, {{"n", number(level)}}));
  return events;
}

std::string level_meter(std::string_view aggregate) {
  return fmt::format("unit seat, seats\nmeter used {}\n  from gauge\n  take n\n", aggregate);
}

TEST(MeterUsage, ALevelIsCarriedIntoThePeriod) {
  const auto february = gauge({{"2026-02-10T00:00:00Z", "9"}, {"2026-02-20T00:00:00Z", "5"}});
  EXPECT_EQ(metered(card_with(level_meter("peaks seat"), "seat"), february), "5");
  EXPECT_EQ(metered(card_with(level_meter("latest seat"), "seat"), february), "5");
  EXPECT_EQ(metered(card_with(level_meter("averages seat"), "seat"), february), "5");
}

TEST(MeterUsage, PeaksTakesTheHighestAndLatestTheLast) {
  const auto events = gauge({{"2026-03-05T00:00:00Z", "3"},
                             {"2026-03-20T00:00:00Z", "8"},
                             {"2026-03-10T00:00:00Z", "4"},  // late, and in its place all the same
                             {"2026-03-25T00:00:00Z", "6"},
                             {"2026-04-01T00:00:00Z", "99"}});
  EXPECT_EQ(metered(card_with(level_meter("peaks seat"), "seat"), events), "8");
  EXPECT_EQ(metered(card_with(level_meter("latest seat"), "seat"), events), "6");
}

// April has no change of clocks: 10 days at 0, 20 days at 30.
TEST(MeterUsage, ALevelIsCarriedBeyondAllInstants) {
  const auto long_ago = gauge({{"2026-02-20T10:00:00Z", "5"}});
  for (const char* month : {"2261-12", "2262-01", "2262-04", "2262-05", "9998-01"})
    for (const char* aggregate : {"peaks seat", "averages seat", "latest seat"})
      EXPECT_EQ(metered(card_with(level_meter(aggregate), "seat"), long_ago, {}, month), "5")
          << month;
}

TEST(MeterUsage, AveragesIsWeightedByTime) {
  const auto card = card_with(level_meter("averages seat"), "seat");
  EXPECT_EQ(metered(card, gauge({{"2026-04-10T22:00:00Z", "30"}}), {}, "2026-04"), "20");
}

// 100 GiB for 15 of April's 30 days, then 40: 70 GiB-months. In hours it is 15 x 24 x 140.
TEST(MeterUsage, AccruesIntegratesOverTheCalendarMonth) {
  const auto events = gauge({{"2026-03-31T22:00:00Z", "100"}, {"2026-04-15T22:00:00Z", "40"}});
  EXPECT_EQ(
      metered(card_with("meter used accrues GiB-month\n  from gauge\n  take n\n", "GiB-month"),
              events, {}, "2026-04"),
      "70");
  EXPECT_EQ(metered(card_with("meter used accrues GiB-hour\n  from gauge\n  take n\n", "GiB-hour"),
                    events, {}, "2026-04"),
            "50400");
}

// March of 2026 loses an hour in Berlin, but is one month and 31 days.
TEST(MeterUsage, AWholeMonthIsOneWhateverTheClockDoes) {
  const auto events = gauge({{"2026-02-01T00:00:00Z", "2"}});
  for (const auto& [unit, expected] :
       {std::pair("GiB-month", "2"), {"GiB-day", "62"}, {"GiB-hour", "1486"}})
    EXPECT_EQ(
        metered(
            card_with(fmt::format("meter used accrues {}\n  from gauge\n  take n\n", unit), unit),
            events),
        expected);
}

// A third of a month has no finite decimal.
TEST(MeterUsage, WhatIsDividedIsRoundedToTwelvePlaces) {
  const auto card =
      card_with("meter used accrues GiB-month\n  from gauge\n  take n\n", "GiB-month");
  EXPECT_EQ(metered(card, gauge({{"2026-03-31T22:00:00Z", "1"}, {"2026-04-10T22:00:00Z", "0"}}), {},
                    "2026-04"),
            "0.333333333333");
}

// Four minutes are 0.0666… hours: no more, or a price per started minute would count a fifth.
TEST(MeterUsage, ASumWithoutADecimalIsCutOff) {
  const auto card = card_with(
      "meter used sums hour\n  from gauge\n  take n\n  each rounded up to 1 minute\n", "hour");
  EXPECT_EQ(
      metered(card, gauge({{"2026-03-10T00:00:00Z", "0.001"}, {"2026-03-11T00:00:00Z", "0.05"}})),
      "0.066666666666");
}

TEST(MeterUsage, ALevelMayArriveAsChanges) {
  const auto card = card_with(
      "unit seat, seats\nmeter used peaks seat\n  from seats.changed\n  step delta\n", "seat");
  const auto change = [](const char* time, int by) {
    return event("seats.changed", time, {{"delta", Decimal{by, 0}}});
  };
  EXPECT_EQ(metered(card, {change("2026-02-01T00:00:00Z", 5), change("2026-03-01T12:00:00Z", -2),
                           change("2026-03-02T12:00:00Z", 4), change("2026-03-03T12:00:00Z", -7)}),
            "7");
  EXPECT_EQ(metered(card, {change("2026-03-01T12:00:00Z", 1), change("2026-03-02T12:00:00Z", -2)}),
            "used: its level was changed to below 0");
}

TEST(MeterUsage, ALevelMayBeWhatHasBegunAndNotEnded) {
  const auto card = card_with(
      "unit server, servers\nmeter used accrues server-hour\n  from started\n  until stopped\n",
      "server-hour");
  EXPECT_EQ(
      metered(card,
              {event("started", "2026-03-01T12:00:00Z"), event("started", "2026-03-01T12:30:00Z"),
               event("stopped", "2026-03-01T13:00:00Z"), event("stopped", "2026-03-01T14:00:00Z")}),
      "2.5");
}

// What a step puts on, an end takes off: 5 slots for a day, and 3 for half of it.
TEST(MeterUsage, AnEndTakesOffWhatItsStepSays) {
  const auto card = card_with(
      "unit slot, slots\nmeter used accrues slot-hour\n  from started\n  step slots\n"
      "  until stopped\n",
      "slot-hour");
  const auto job = [](const char* type, const char* time, int slots) {
    return event(type, time, {{"slots", Decimal{slots, 0}}});
  };
  EXPECT_EQ(metered(card, {job("started", "2026-03-01T12:00:00Z", 5),
                           job("started", "2026-03-02T00:00:00Z", 3),
                           job("stopped", "2026-03-02T12:00:00Z", 5),
                           job("stopped", "2026-03-02T12:00:00Z", 3)}),
            "156");
}

// 30 days of April: the 95th percentile of 30 is the 29th, the second highest.
TEST(MeterUsage, APercentileIsOfTheHighestOfEachDay) {
  const auto card = card_with(level_meter("percentile 95 of seat every day"), "seat");
  std::vector<UsageEvent> events;
  for (int day = 1; day <= 30; ++day) {
    events.push_back(
        event("gauge", fmt::format("2026-04-{:02}T10:00:00Z", day), {{"n", Decimal{day, 0}}}));
    events.push_back(
        event("gauge", fmt::format("2026-04-{:02}T11:00:00Z", day), {{"n", Decimal{day * 10, 0}}}));
  }
  EXPECT_EQ(metered(card, events, {}, "2026-04"), "290");
  events.resize(2);  // 29 days without a report are 0
  EXPECT_EQ(metered(card, events, {}, "2026-04"), "0");
}

TEST(MeterUsage, AnUnfinishedPeriodIsReadUpToNow) {
  const auto card = card_with(level_meter("averages seat"), "seat");
  const auto events = gauge({{"2026-03-31T22:00:00Z", "10"}, {"2026-04-10T22:00:00Z", "40"}});
  EXPECT_EQ(metered(card, events, parse_instant("2026-04-20T22:00:00Z"), "2026-04"), "25");
  EXPECT_EQ(metered(card, events, parse_instant("2026-03-31T22:00:00Z"), "2026-04"), "");
}

// ---- Outcomes ----

constexpr std::string_view kOutcome =
    "unit resolution, resolutions\nmeter used counts resolution\n  when resolved\n"
    "  within 72 hours after started\n  unless reopened within 7 days\n  once per conversation\n";

UsageEvent step(std::string_view type, std::string_view time, std::string_view conversation = "c") {
  return event(type, time, {{"conversation", std::string(conversation)}});
}

TEST(MeterUsage, AnOutcomeCountsWhenItCameInTime) {
  const auto card = card_with(kOutcome, "resolution");
  const auto with_end = [&](const char* time) {
    return metered(card, {step("started", "2026-03-01T12:00:00Z"), step("resolved", time)});
  };
  EXPECT_EQ(with_end("2026-03-04T12:00:00Z"), "1");
  EXPECT_EQ(with_end("2026-03-04T12:00:00.000000001Z"), "");
  EXPECT_EQ(metered(card, {step("resolved", "2026-03-04T12:00:00Z")}), "") << "nothing started";
  EXPECT_EQ(metered(card, {step("started", "2026-03-01T12:00:00Z", "a"),
                           step("resolved", "2026-03-01T13:00:00Z", "b")}),
            "");
}

TEST(MeterUsage, AnOutcomeMayBeTakenBackAndComeAgain) {
  const auto card = card_with(kOutcome, "resolution");
  std::vector events = {step("started", "2026-03-01T12:00:00Z"),
                        step("resolved", "2026-03-01T13:00:00Z"),
                        step("reopened", "2026-03-08T13:00:00Z")};
  EXPECT_EQ(metered(card, events), "");
  events.back() = step("reopened", "2026-03-08T13:00:01Z");
  EXPECT_EQ(metered(card, events), "1") << "too late to take it back";
  events.back() = step("reopened", "2026-03-02T12:00:00Z");
  events.push_back(step("resolved", "2026-03-03T12:00:00Z"));
  EXPECT_EQ(metered(card, events), "1");
}

TEST(MeterUsage, WhatBelongsTogetherCountsOnce) {
  const auto card = card_with(kOutcome, "resolution");
  EXPECT_EQ(metered(card, {step("started", "2026-03-01T12:00:00Z"),
                           step("resolved", "2026-03-01T13:00:00Z"),
                           step("resolved", "2026-03-01T14:00:00Z"),
                           step("started", "2026-03-01T12:00:00Z", "d"),
                           step("resolved", "2026-03-01T14:00:00Z", "d")}),
            "2");
}

TEST(MeterUsage, AnOutcomeIsPendingWhileItMayBeTakenBack) {
  const auto card = card_with(kOutcome, "resolution");
  const std::vector events = {step("started", "2026-03-01T12:00:00Z"),
                              step("resolved", "2026-03-01T13:00:00Z")};
  EXPECT_EQ(metered(card, events, parse_instant("2026-03-08T13:00:00Z")), "1?1");
  EXPECT_EQ(metered(card, events, parse_instant("2026-03-08T13:00:01Z")), "1");
  EXPECT_EQ(metered(card, events), "1");
}

TEST(MeterUsage, AnOutcomeIsNotTakenBackBeforeItIs) {
  const auto card = card_with(kOutcome, "resolution");
  const std::vector events = {step("started", "2026-03-30T10:00:00Z"),
                              step("resolved", "2026-03-30T10:30:00Z"),
                              step("reopened", "2026-04-01T10:00:00Z")};
  EXPECT_EQ(metered(card, events), "");
  EXPECT_EQ(metered(card, events, parse_instant("2026-03-31T00:00:00Z")), "1?1");
  EXPECT_EQ(metered(card, events, parse_instant("2026-04-01T10:00:00Z")), "1?1");
  EXPECT_EQ(metered(card, events, parse_instant("2026-04-01T10:00:01Z")), "");
}

TEST(MeterUsage, AnOutcomeNeedsToSayWhatItBelongsTo) {
  const auto card = card_with(kOutcome, "resolution");
  EXPECT_EQ(metered(card, {event("resolved", "2026-03-01T12:00:00Z")}),
            "#0 rejected by used: field `conversation` is missing, or is no text; ");
}

// ---- Windows and groups ----

/// "value=quantity" of every cell of each window, windows apart by `|`; a group's number is the
/// last value.
std::string windowed(const dsl::RateCard& card, const std::vector<UsageEvent>& events,
                     const std::vector<std::string_view>& bounds,
                     const std::vector<uint32_t>& groups = {}) {
  std::vector<Instant> moments;
  for (const std::string_view bound : bounds) moments.push_back(parse_instant(bound).value());
  const auto usage = meter_windows(card, events, moments, {}, groups);
  if (!usage) return usage.error().meter + ": " + usage.error().reason;
  std::string text;
  for (const auto& meters : usage->windows) {
    for (const MeterReading& meter : meters)
      for (const CellReading& cell : meter.cells)
        text += fmt::format("{}={} ", fmt::join(cell.values, ","), cell.quantity.to_string());
    text += "| ";
  }
  return text;
}

constexpr std::string_view kSumOfTokens =
    "unit token, tokens\nmeter used sums token\n  from llm\n  take n\n";

TEST(MeterWindows, AreWhatEachWouldBeByItself) {
  const auto card = card_with(kSumOfTokens, "token");
  const std::vector events = {event("llm", "2026-03-10T11:59:59Z", {{"n", number("1")}}),
                              event("llm", "2026-03-10T12:00:00Z", {{"n", number("2")}}),
                              event("llm", "2026-03-10T12:30:00Z", {{"n", number("4")}}),
                              event("llm", "2026-03-10T14:00:00Z", {{"n", number("8")}})};
  EXPECT_EQ(windowed(card, events,
                     {"2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z", "2026-03-10T13:30:00Z",
                      "2026-03-10T14:00:00Z", "2026-03-10T14:00:01Z"}),
            "=6 | | | =8 | ");
}

TEST(MeterWindows, ALevelIsCarriedFromOneIntoTheNext) {
  const auto card =
      card_with("unit seat, seats\nmeter used latest seat\n  from seats\n  take n\n", "seat");
  const std::vector events = {event("seats", "2026-03-09T12:00:00Z", {{"n", number("3")}}),
                              event("seats", "2026-03-10T13:30:00Z", {{"n", number("5")}})};
  EXPECT_EQ(windowed(card, events,
                     {"2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z", "2026-03-10T14:00:00Z",
                      "2026-03-10T15:00:00Z"}),
            "=3 | =5 | =5 | ");
}

TEST(MeterWindows, GroupsAreCountedByThemselves) {
  const auto card = card_with(kSumOfTokens, "token");
  const std::vector events = {event("llm", "2026-03-10T12:00:00Z", {{"n", number("2")}}),
                              event("llm", "2026-03-10T12:30:00Z", {{"n", number("4")}}),
                              event("llm", "2026-03-10T12:45:00Z", {{"n", number("8")}})};
  EXPECT_EQ(windowed(card, events, {"2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z"}, {1, 0, 1}),
            "0=4 1=10 | ");
}

TEST(MeterWindows, AnOutcomeIsOfTheGroupOfTheEventThatCounts) {
  const auto card = card_with(kOutcome, "resolution");
  const std::vector events = {
      step("started", "2026-03-01T12:00:00Z"), step("resolved", "2026-03-01T13:00:00Z"),
      step("started", "2026-03-01T12:00:00Z", "d"), step("resolved", "2026-03-01T13:00:00Z", "d"),
      step("reopened", "2026-03-02T13:00:00Z", "d")};
  EXPECT_EQ(
      windowed(card, events, {"2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"}, {0, 7, 0, 7, 3}),
      "7=1 | ");
}

// ---- What does not fit ----

TEST(MeterUsage, TooMuchIsSaidAndNotWrapped) {
  const auto card =
      card_with("unit token, tokens\nmeter used sums token\n  from llm\n  take n\n", "token");
  const auto most = number("999999999999999999");
  const std::vector events = {event("llm", "2026-03-01T12:00:00Z", {{"n", most}}),
                              event("llm", "2026-03-01T12:00:00Z", {{"n", number("1")}})};
  EXPECT_EQ(metered(card, events), "used: the quantity does not fit");
}

}  // namespace
}  // namespace toll::metering
