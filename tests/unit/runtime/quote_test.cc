#include "runtime/quote.h"

#include <gtest/gtest.h>

#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

const std::string kHead =
    "toll 1\nunit call, calls\nunit token, tokens\n"
    "dimension model is mini, large\ndimension mode is live, batch\n"
    "meter calls counts call\nmeter tokens sums token by model, mode\n";

std::string card_text(const std::string& from, const std::string& price,
                      const std::string& more = "") {
  return kHead + "card c \"C\"\n  from " + from +
         "\n  currency USD\n  period month\n  round each line half-up\n\n"
         "  fee base \"Base\" at 31.00 USD per month, prorated by day\n\n"
         "  charge calls \"Calls\"\n    included 100 calls\n    at " +
         price +
         " USD per call\n\n"
         "  charge tokens \"Tokens\" by model\n    mini  at 1.00 USD per 1M tokens\n"
         "    large at 3.00 USD per 1M tokens\n    discount 50% when mode is batch\n" +
         more;
}

UsageDocument document(const char* on = "2026-03-15") {
  UsageDocument document;
  document.card = "c";
  document.on = parse_date(on);
  return document;
}

UsageEntry entry(const char* meter, const char* quantity,
                 std::vector<std::pair<std::string, std::string>> at = {}) {
  return {.meter = meter,
          .at = std::move(at),
          .quantity = parse_decimal(quantity).value(),
          .from = {},
          .until = {}};
}

/// "path amount exact" per line.
std::vector<std::string> lines(const Answer& answer) {
  std::vector<std::string> result;
  for (const AnswerLine& line : answer.lines)
    result.push_back(line.path + " " + line.amount + " " + line.exact);
  return result;
}

TEST(Quote, GivesEveryLineExactAndRounded) {
  const CardSet cards = testing::card_set({card_text("2026-01-01", "0.0040")});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "101"),
                 entry("tokens", "1000000", {{"model", "large"}, {"mode", "live"}}),
                 entry("tokens", "1000000", {{"mode", "batch"}, {"model", "large"}})};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(lines(answer), (Texts{"base 31.00 31", "calls 0.00 0.004", "tokens/large 4.50 4.5"}));
  EXPECT_EQ(answer.total, "35.50");
  EXPECT_EQ(answer.version, "2026-01-01");
  EXPECT_EQ(answer.currency, "USD");
  EXPECT_EQ(to_string(answer.period.from), "2026-03-01");
  EXPECT_EQ(to_string(answer.period.until), "2026-04-01");
  EXPECT_EQ(answer.lines[2].label, "Tokens (large)");
  EXPECT_EQ(answer.lines[2].quantity, "2000000");
  EXPECT_EQ(answer.lines[2].unit, "token");
  EXPECT_TRUE(answer.hash.starts_with("sha256:"));
}

TEST(Quote, PicksTheVersionOfTheDay) {
  const CardSet cards =
      testing::card_set({card_text("2026-01-01", "0.0100"), card_text("2026-04-01", "0.0200")});
  UsageDocument asked = document("2026-03-31");
  asked.usage = {entry("calls", "200")};
  EXPECT_EQ(quote(cards, asked)->lines[1].amount, "1.00");
  asked.on = parse_date("2026-04-01");
  EXPECT_EQ(quote(cards, asked)->lines[1].amount, "2.00");
  asked.on = parse_date("2025-12-31");
  EXPECT_EQ(
      faults(cards, asked),
      Texts{"/on: no version of `c` is in force on 2025-12-31; its first begins on 2026-01-01"});
}

TEST(Quote, APinnedRevisionAnswersForItsOwnDays) {
  const CardSet cards =
      testing::card_set({card_text("2026-01-01", "0.0100"), card_text("2026-04-01", "0.0200")});
  UsageDocument asked = document();
  asked.on.reset();
  asked.hash = cards.versions("c")->front()->card().hash;
  asked.usage = {entry("calls", "200")};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(answer.version, "2026-01-01");
  EXPECT_EQ(answer.lines[1].amount, "1.00");
  EXPECT_LE(answer.period.until, *parse_date("2026-04-01"));
  asked.hash = "sha256:0";
  EXPECT_EQ(faults(cards, asked), Texts{"/hash: no revision of `c` has the hash `sha256:0`"});
}

TEST(Quote, ADayOutsideThePinnedRevisionIsRefused) {
  const CardSet cards =
      testing::card_set({card_text("2026-01-01", "0.0100"), card_text("2026-04-01", "0.0200")});
  UsageDocument asked = document("2026-04-01");
  asked.hash = cards.versions("c")->front()->card().hash;
  EXPECT_EQ(faults(cards, asked),
            Texts{"/on: 2026-04-01 lies outside the days of the card: version 2026-01-01 of `c` is "
                  "in force from 2026-01-01 until 2026-04-01"});
  asked.on = parse_date("2025-12-31");
  EXPECT_EQ(faults(cards, asked).size(), 1u);
  asked.on = parse_date("2026-01-31");
  EXPECT_EQ(to_string(quote(cards, asked)->period.from), "2026-01-01");
  asked.on = parse_date("2026-03-31");
  EXPECT_EQ(to_string(quote(cards, asked)->period.from), "2026-03-01");
}

TEST(Quote, APeriodThatDoesNotFitIsTheOnlyFault) {
  const CardSet cards = testing::card_set({card_text("2026-01-01", "0.0100")});
  UsageDocument asked = document();
  asked.on.reset();
  asked.period = Period{*parse_date("2026-02-15"), *parse_date("2026-02-15")};
  asked.usage = {entry("calls", "200")};
  EXPECT_EQ(faults(cards, asked).size(), 1u);
}

TEST(Quote, ProratesTheFeeByTheCoveredDays) {
  const CardSet cards = testing::card_set({card_text("2026-01-01", "0.0040")});
  UsageDocument asked = document();
  asked.on.reset();
  asked.period = Period{*parse_date("2026-03-15"), *parse_date("2026-04-01")};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(answer.lines[0].amount, "17.00");
  EXPECT_EQ(answer.lines[0].quantity, "17/31");
}

TEST(Quote, RefusesPeriodsThatDoNotFit) {
  const CardSet cards =
      testing::card_set({card_text("2026-01-01", "0.01"), card_text("2026-04-01", "0.02")});
  const auto with = [&](const char* from, const char* until) {
    UsageDocument asked = document();
    asked.on.reset();
    asked.period = Period{*parse_date(from), *parse_date(until)};
    return faults(cards, asked);
  };
  EXPECT_EQ(with("2026-02-15", "2026-03-15"),
            Texts{"/period: the period goes beyond the card's billing period, a month: "
                  "2026-02-01 to 2026-03-01"});
  EXPECT_EQ(with("2026-02-01", "2026-03-15"),
            Texts{"/period: the period is longer than the card's billing period, a month: "
                  "2026-02-01 to 2026-03-01"});
  EXPECT_EQ(
      with("2026-02-15", "2026-02-15"),
      Texts{"/period: the period has no days: its `until`, 2026-02-15, is not after its `from`"});
  EXPECT_EQ(
      with("2026-02-16", "2026-02-15"),
      Texts{"/period: the period has no days: its `until`, 2026-02-15, is not after its `from`"});
  UsageDocument asked = document();
  asked.period = Period{*parse_date("2026-03-01"), *parse_date("2026-03-10")};
  EXPECT_EQ(faults(cards, asked), Texts{"/on: 2026-03-15 lies outside the period"});
}

TEST(Quote, ListsEveryFaultAtItsPlace) {
  const CardSet cards = testing::card_set({card_text("2026-01-01", "0.0040")});
  UsageDocument asked = document();
  asked.plan = "pro";
  asked.currency = "EUR";
  asked.usage = {entry("cals", "1"), entry("tokens", "1", {{"model", "huge"}}),
                 entry("calls", "1", {{"a/b", "x"}})};
  asked.usage[2].from = parse_date("2026-02-01");
  EXPECT_EQ(
      faults(cards, asked),
      (Texts{"/plan: card `c` has no plans, so there is no plan `pro`",
             "/currency: card `c` bills in USD, not in `EUR`",
             "/usage/0/meter: card `c` has no meter `cals`; its meters are `calls`, `tokens`",
             "/usage/1/at/model: `huge` is not a value of `model`; its values are `mini`, `large`",
             "/usage/1/at: meter `tokens` counts by `mode`, and no value is given for it",
             "/usage/2/from: 2026-02-01 to 2026-04-01 is no part of the period 2026-03-01 to "
             "2026-04-01",
             "/usage/2/at/a~1b: meter `calls` does not count by `a/b`"}));
}

TEST(Quote, AnUnknownCardIsNotFound) {
  const auto answer = quote(CardSet(), document());
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Refusal::Kind::NotFound);
  EXPECT_EQ(answer.error().faults[0].pointer, "/card");
}

TEST(Quote, AnOpenDimensionTakesWhatIsNotListed) {
  const CardSet cards = testing::card_set(
      {"toll 1\nunit m, ms\ndimension country is US, other\nmeter sms counts m by country\n"
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n\n"
       "  charge sms by country\n    US at 1.00 USD per m\n    other at 2.00 USD per m\n"});
  UsageDocument asked = document();
  asked.usage = {entry("sms", "1", {{"country", "FR"}}), entry("sms", "1", {{"country", "IT"}})};
  EXPECT_EQ(lines(quote(cards, asked).value()), Texts{"sms/other 4.00 4"});
}

TEST(Quote, MinimumsOfAnUnfinishedPeriodAreDueAtItsClose) {
  const CardSet cards = testing::card_set(
      {kHead +
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n\n"
       "  charge calls\n    at 0.0040 USD per call\n    minimum 2.00 USD\n\n"
       "  charge tokens by model\n    any free\n\n  bill minimum 10.00 USD \"Monthly minimum\"\n"});
  UsageDocument asked = document();
  asked.final = false;
  asked.usage = {entry("calls", "100")};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(lines(answer), Texts{"calls 0.40 0.4"});
  EXPECT_EQ(answer.total, "0.40");
  ASSERT_EQ(answer.due_at_close.size(), 2u);
  EXPECT_EQ(answer.due_at_close[0].path, "calls");
  EXPECT_EQ(answer.due_at_close[0].amount, "1.60");
  EXPECT_EQ(answer.due_at_close[1].path, "bill/minimum");
  EXPECT_EQ(answer.due_at_close[1].label, "Monthly minimum");
  EXPECT_EQ(answer.due_at_close[1].amount, "8.00");
  asked.final = true;
  EXPECT_EQ(quote(cards, asked)->total, "10.00");
  EXPECT_TRUE(quote(cards, asked)->due_at_close.empty());
}

TEST(Quote, NamesWhatIsOverItsLimit) {
  const CardSet cards =
      testing::card_set({card_text("2026-01-01", "1.00",
                                   "  limit calls to 150 calls per month then throttle\n"
                                   "  limit bill to 100 USD per month then block\n")});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "150")};
  EXPECT_TRUE(quote(cards, asked)->over_limit.empty());
  asked.usage = {entry("calls", "151")};
  EXPECT_EQ(quote(cards, asked)->over_limit, Texts{"calls"});
  asked.usage = {entry("calls", "300")};
  EXPECT_EQ(quote(cards, asked)->over_limit, (Texts{"calls", "bill"}));
}

TEST(Quote, NamesALimitWithoutATimeAsOneOfThePeriod) {
  const CardSet cards = testing::card_set(
      {card_text("2026-01-01", "1.00", "  limit calls to 150 calls then throttle\n")});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "151")};
  EXPECT_EQ(quote(cards, asked)->over_limit, Texts{"calls"});
}

TEST(Quote, IsExactWhereTheMajorUnitNeedsMoreThan128Bits) {
  std::string head = kHead;
  head.replace(head.find("calls counts"), 12, "calls sums");
  const CardSet cards = testing::card_set(
      {head + "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
              "half-up\n\n"
              "  charge calls\n    at 1.00 USD per 99,700 calls\n    discount 0.000001%\n"
              "    discount 0.000001%\n\n  charge tokens by model\n    any free\n"});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "0.000000000000000001")};
  // 10^-18 / 99,700 x (1 - 10^-8)^2; the denominator of the minor units is 997 x 10^34.
  EXPECT_EQ(lines(quote(cards, asked).value()),
            Texts{"calls 0.00 9999999800000001/997000000000000000000000000000000000000"});
}

TEST(Quote, RefusesUsageAboveAClosedTable) {
  const CardSet cards = testing::card_set(
      {kHead + "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
               "half-up\n\n"
               "  charge calls\n    tiers graduated\n    up to 10 calls at 1.00 USD per call\n\n"
               "  charge tokens by model\n    any free\n\n  limit calls to 10 calls per month then "
               "block\n"});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "11")};
  const Texts found = faults(cards, asked);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].find("`limit calls to 10 calls per month then block`"), std::string::npos)
      << found[0];
  EXPECT_NE(found[0].find("above the last tier"), std::string::npos) << found[0];
}

TEST(Quote, QuantitiesTooLargeAreRefused) {
  const CardSet cards = testing::card_set({card_text("2026-01-01", "0.0040")});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "999999999999999999"), entry("calls", "1")};
  EXPECT_EQ(faults(cards, asked),
            Texts{"/usage: the quantities of a meter add up to 10^18 or more"});
}

TEST(Explain, DerivesEveryLine) {
  const CardSet cards = testing::card_set(
      {"toll 1\nunit lead, leads\ndimension tier is a, b\nmeter leads counts lead by tier\n"
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n\n"
       "  charge leads\n    included 5 leads\n    tiers graduated\n    up to 50 leads at 0.333 USD "
       "per lead\n"
       "    beyond         at 0.200 USD per lead\n    discount 10%\n\n  bill minimum 99.00 USD\n"});
  UsageDocument asked = document();
  asked.usage = {entry("leads", "66", {{"tier", "a"}})};
  const Answer answer = explain(cards, asked).value();
  Texts steps;
  for (const Step& step : answer.lines[0].steps) steps.push_back(step.text);
  EXPECT_EQ(steps, (Texts{"included 5 leads: 66 → 61",
                          "50 leads, up to 50 leads at 0.333 USD per lead = 16.65",
                          "11 leads, beyond at 0.200 USD per lead = 2.2",
                          "discount 10%: 18.85 → 16.965", "16.965 rounded half-up to 0.01"}));
  EXPECT_EQ(answer.lines[0].steps[1].source, "card0.toll:14");
  EXPECT_EQ(answer.lines[0].steps[1].amount, "16.65");
  ASSERT_EQ(answer.lines.size(), 2u);
  EXPECT_EQ(answer.lines[1].steps.at(0).text, "bill minimum 99.00 USD, on 16.97");
}

TEST(Explain, NamesThePartOfAStepOnPartsOnly) {
  const CardSet cards = testing::card_set(
      {kHead +
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n\n"
       "  charge calls\n    free\n\n  charge tokens by model\n"
       "    any at 1.00 USD per 1M tokens\n    surcharge 1%\n    discount 50% when mode is batch\n"
       "    discount 10% when model is large\n"});
  UsageDocument asked = document();
  asked.usage = {entry("tokens", "1000000", {{"model", "large"}, {"mode", "batch"}})};
  Texts steps;
  const Answer answer = explain(cards, asked).value();
  for (const AnswerLine& line : answer.lines)
    for (const Step& step : line.steps) steps.push_back(step.text);
  EXPECT_EQ(steps, (Texts{"mode batch: 1,000,000 tokens, any at 1.00 USD per 1M tokens = 1",
                          "mode batch, surcharge 1%: 1 → 1.01",
                          "mode batch, discount 50% when mode is batch: 1.01 → 0.505",
                          "discount 10% when model is large: 0.505 → 0.4545",
                          "0.4545 rounded half-up to 0.01"}));
}

TEST(Explain, GivesTheAnswerOfTheQuote) {
  const CardSet cards = testing::card_set({card_text("2026-01-01", "0.0040")});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "101"),
                 entry("tokens", "5", {{"model", "mini"}, {"mode", "batch"}})};
  const Answer quoted = quote(cards, asked).value(), explained = explain(cards, asked).value();
  EXPECT_EQ(lines(quoted), lines(explained));
  EXPECT_EQ(quoted.total, explained.total);
  ASSERT_FALSE(explained.lines[2].steps.empty());
  EXPECT_TRUE(explained.lines[2].steps[0].text.starts_with("mode batch: 5 tokens"))
      << explained.lines[2].steps[0].text;
}

TEST(Explain, ShowsWhatAShareIsAShareOf) {
  const CardSet cards = testing::card_set(
      {kHead +
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n\n"
       "  fee base at 500.00 USD per month, not prorated\n\n"
       "  charge calls\n    included 100 calls prorated\n    at 1.00 USD per call\n\n"
       "  charge tokens by model\n    tiers volume by calls\n    any up to 10 calls at 2.00 USD "
       "per "
       "1M tokens\n    any beyond at 1.00 USD per 1M tokens\n\n"
       "  charge support \"Support\"\n    tiers graduated\n    up to 400.00 USD at 10% of base and "
       "calls\n    beyond at 7% of base and calls\n    minimum 60.00 USD prorated by day\n"});
  UsageDocument asked = document();
  asked.period = Period{*parse_date("2026-03-15"), *parse_date("2026-04-01")};
  asked.usage = {entry("calls", "65"),
                 entry("tokens", "1000000", {{"model", "large"}, {"mode", "live"}})};
  const Answer answer = explain(cards, asked).value();
  EXPECT_EQ(lines(answer), (Texts{"base 500.00 500", "calls 10.00 10", "tokens/large 1.00 1",
                                  "support 47.70 47.7"}));
  EXPECT_EQ(answer.lines[3].quantity, "510");
  EXPECT_EQ(answer.lines[3].unit, "USD");
  Texts steps;
  for (size_t line : {1, 2, 3})
    for (const Step& step : answer.lines[line].steps) steps.push_back(step.text);
  EXPECT_EQ(steps, (Texts{"included 100 calls prorated, 17 of 31 days: 65 → 10",
                          "10 calls, at 1.00 USD per call = 10",
                          "1,000,000 tokens at 65 calls, any beyond at 1.00 USD per 1M tokens = 1",
                          "base: 500 USD", "calls: 10 USD",
                          "400 USD, up to 400.00 USD at 10% of base and calls = 40",
                          "110 USD, beyond at 7% of base and calls = 7.7"}));
}

TEST(Quote, OfAJointCapacityHasNoQuantity) {
  const CardSet cards = testing::card_set(
      {kHead +
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n\n"
       "  charge room on calls, tokens\n    tiers stairstep\n    up to 10 calls, up to 5 tokens at "
       "9.00 USD flat\n    beyond at 19.00 USD flat\n"});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "10"),
                 entry("tokens", "6", {{"model", "large"}, {"mode", "live"}})};
  const Answer answer = explain(cards, asked).value();
  EXPECT_EQ(lines(answer), Texts{"room 19.00 19"});
  EXPECT_FALSE(answer.lines[0].quantity.has_value());
  EXPECT_EQ(answer.lines[0].steps.at(0).text, "10 calls, 6 tokens, beyond at 19.00 USD flat = 19");
}

const std::string kCommitted =
    kHead +
    "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
    "  charge calls\n    included 1,000 calls per year\n    at 1.00 USD per call\n\n"
    "  charge tokens by model\n    any free\n\n"
    "  commit annual 500.00 USD per year \"Annual commitment\"\n    counts calls\n"
    "    true up every year\n";

TEST(Quote, CarriesAllowancesAndCommitmentsFromPeriodToPeriod) {
  const CardSet cards = testing::card_set({kCommitted});
  UsageDocument asked = document("2026-12-01");
  asked.usage = {entry("calls", "150")};
  asked.used_to_date = {{"calls", parse_decimal("900").value()}};
  asked.billed_to_date = {{"annual", parse_decimal("400.00").value()}};
  const Answer answer = explain(cards, asked).value();
  EXPECT_EQ(lines(answer), (Texts{"calls 50.00 50", "annual 50.00 50"}));
  EXPECT_EQ(answer.lines[1].label, "Annual commitment");
  EXPECT_EQ(answer.lines[0].steps.at(0).text,
            "included 1,000 calls per year, 900 used to date: 150 → 50");
  EXPECT_EQ(answer.lines[1].steps.at(0).text,
            "commit annual 500.00 USD per year \"Annual commitment\", 400.00 billed to date, 50.00 "
            "now");
  asked.on = parse_date("2026-11-01");
  EXPECT_EQ(lines(quote(cards, asked).value()), Texts{"calls 50.00 50"});
}

TEST(Quote, TruesUpAtTheEndOfAYearOfTheSubscription) {
  const CardSet cards = testing::card_set({kCommitted});
  const auto due = [&](const char* since, const char* on) {
    UsageDocument asked = document(on);
    asked.customer_since = parse_date(since);
    return quote(cards, asked).value().lines.size() == 2;
  };
  EXPECT_TRUE(due("2025-03-16", "2026-03-01"));  // the year ends with the fifteenth of March
  EXPECT_FALSE(due("2025-03-16", "2026-02-01"));
  EXPECT_FALSE(due("2025-03-16", "2026-12-01"));
  EXPECT_TRUE(due("2024-04-01", "2026-03-01"));  // the last of March ends it
  EXPECT_FALSE(due("2024-04-01", "2026-04-01"));
  EXPECT_FALSE(due("2026-03-16", "2026-03-01"));  // it has only begun
  EXPECT_TRUE(due("2024-02-29", "2026-02-01"));
}

TEST(Quote, HoldsACommitmentBackUntilThePeriodEnds) {
  const CardSet cards = testing::card_set({kCommitted});
  UsageDocument asked = document("2026-12-01");
  asked.final = false;
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(answer.total, "0.00");
  ASSERT_EQ(answer.due_at_close.size(), 1u);
  EXPECT_EQ(answer.due_at_close[0].path, "annual");
  EXPECT_EQ(answer.due_at_close[0].amount, "500.00");
}

TEST(Quote, RefusesAStateThatTheCardDoesNotHave) {
  const CardSet cards = testing::card_set({kCommitted});
  UsageDocument asked = document();
  asked.used_to_date = {{"tokens", parse_decimal("1").value()}};
  asked.billed_to_date = {{"monthly", parse_decimal("1").value()},
                          {"annual", parse_decimal("0.001").value()}};
  EXPECT_EQ(faults(cards, asked),
            (Texts{"/state/used_to_date/tokens: card `c` has no allowance of `tokens` that is for "
                   "more than a period",
                   "/state/billed_to_date/monthly: card `c` has no commitment `monthly`",
                   "/state/billed_to_date/annual: `0.001` is no amount of USD"}));
}

TEST(Quote, WarnsOfValuesThatCountAsOtherAndMayBeMisspelled) {
  std::string text = card_text("2026-01-01", "0.0040");
  text.replace(text.find("mini, large"), 11, "mini, large, other");
  text.insert(text.find("    discount"), "    other free\n");
  const CardSet cards = testing::card_set({text});
  UsageDocument asked = document();
  asked.usage = {entry("tokens", "1", {{"model", "Mini"}, {"mode", "live"}}),
                 entry("tokens", "1", {{"model", "large "}, {"mode", "live"}}),
                 entry("tokens", "1", {{"model", "Mini"}, {"mode", "batch"}}),
                 entry("tokens", "1", {{"model", "huge"}, {"mode", "live"}}),
                 entry("tokens", "1", {{"model", "mini"}, {"mode", "live"}})};
  const Texts warned = {"`Mini` is not a value of `model` and counts as `other`, but `mini` is",
                        "`large ` is not a value of `model` and counts as `other`, but `large` is"};
  EXPECT_EQ(quote(cards, asked)->warnings, warned);
  EXPECT_EQ(explain(cards, asked)->warnings, warned);
  asked.usage.clear();
  for (int i = 1; i < 30; ++i)
    asked.usage.push_back(
        entry("tokens", "1", {{"model", std::string(i, ' ') + "mini"}, {"mode", "live"}}));
  EXPECT_EQ(quote(cards, asked)->warnings.size(), 20u);
}

TEST(Quote, SuggestsTheListedValueOfOneThatIsRefused) {
  const CardSet cards = testing::card_set({card_text("2026-01-01", "0.0040")});
  UsageDocument asked = document();
  asked.usage = {entry("tokens", "1", {{"model", "MINI"}, {"mode", "life"}})};
  EXPECT_EQ(faults(cards, asked),
            (Texts{"/usage/0/at/model: `MINI` is not a value of `model`, but `mini` is; its values "
                   "are `mini`, `large`",
                   "/usage/0/at/mode: `life` is not a value of `mode`, but `live` is; its values "
                   "are `live`, `batch`"}));
}

// No events come to it, so it is a mistake of whoever counts, and would be billed.
TEST(Quote, RefusesAPartOfWhatIsCounted) {
  const std::string text =
      "toll 1\nunit call, calls\nunit user, users\nunit case, cases\nunit job, jobs\n"
      "meter calls counts call\nmeter people counts distinct user_id\nmeter work sums job\n"
      "meter daily counts job\n"
      "meter cases counts case\n  when resolved\n  unless reopened within 7 days\n"
      "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
      "  round each line half-up\n\n"
      "  charge calls\n    included 100 calls per year\n    at 1.00 USD per call\n"
      "  charge people\n    at 1.00 USD per user\n  charge work\n    at 1.00 USD per job\n"
      "  charge daily each day\n    at 1.00 USD per job\n  charge cases\n    at 1.00 USD per "
      "case\n";
  const CardSet cards = testing::card_set({text});
  UsageDocument asked = document();
  asked.usage = {entry("calls", "2.00"), entry("people", "3"), entry("work", "1.5"),
                 entry("cases", "4.0")};
  EXPECT_EQ(faults(cards, asked), Texts{});
  asked.usage = {entry("calls", "1.50"), entry("people", "0.5"), entry("cases", "4.5"),
                 entry("daily", "0"), entry("cases", "2")};
  asked.usage[3].given = UsageEntry::Given::Days;
  asked.usage[3].days = {{*parse_date("2026-03-01"), {2, 0}}, {*parse_date("2026-03-02"), {25, 1}}};
  asked.usage[4].pending = Decimal{5, 1};
  asked.used_to_date = {{"calls", {5, 1}}};
  const std::string sums = "give what was counted, or where there are parts of a ";
  EXPECT_EQ(faults(cards, asked),
            (Texts{"/usage/0/quantity: `calls` counts events, so it comes to a whole number, and "
                   "not to 1.5: " +
                       sums + "call declare the meter with `sums`",
                   "/usage/1/quantity: `people` counts distinct values, so it comes to a whole "
                   "number, and not to 0.5: give what was counted",
                   "/usage/2/quantity: `cases` counts outcomes, so it comes to a whole number, and "
                   "not to 4.5: give what was counted",
                   "/usage/3/days/2026-03-02: `daily` counts events, so it comes to a whole "
                   "number, and not to 2.5: " +
                       sums + "job declare the meter with `sums`",
                   "/usage/4/pending: `cases` counts outcomes, so it comes to a whole number, and "
                   "not to 0.5: give what was counted",
                   "/state/used_to_date/calls: `calls` counts events, so it comes to a whole "
                   "number, and not to 0.5: " +
                       sums + "call declare the meter with `sums`"}));
}

}  // namespace
}  // namespace toll::runtime
