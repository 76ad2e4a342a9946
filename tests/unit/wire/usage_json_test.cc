#include "wire/usage_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "wire/text.h"

namespace toll::wire {
namespace {

using runtime::UsageDocument;
using runtime::UsageFault;

Date day(std::string_view text) { return *parse_date(text); }

UsageDocument read_well(std::string_view text) {
  auto document = read_usage(text);
  if (document) return *std::move(document);
  ADD_FAILURE() << text << "\n"
                << document.error()[0].pointer << ": " << document.error()[0].message;
  return {};
}

std::vector<UsageFault> faults_in(std::string_view text, std::string_view card = {}) {
  auto document = read_usage(text, card);
  return document ? std::vector<UsageFault>() : document.error();
}

/// "pointer: sentence" per fault, one a line.
std::string listed(std::string_view text, std::string_view card = {}) {
  std::string list;
  for (const UsageFault& fault : faults_in(text, card))
    list += fmt::format("{}: {}\n", fault.pointer, fault.message);
  if (!list.empty()) list.pop_back();
  return list;
}

TEST(ReadUsage, KeepsEveryFieldOfTheContract) {
  const UsageDocument document = read_well(R"({
    "card": "api_platform", "on": "2026-03-15", "hash": "sha256:ab", "plan": "team",
    "currency": "USD", "customer": "acme", "customer_since": "2025-11-01", "customer_until": "2026-12-01",
    "period": { "from": "2026-03-01", "until": "2026-04-01" },
    "usage": [
      { "meter": "api_calls", "quantity": "60000", "from": "2026-03-01", "until": "2026-03-15" },
      { "meter": "tokens", "at": { "model": "large", "kind": "input" }, "quantity": 120.50 } ],
    "state": { "final": false, "used_to_date": { "api_calls": "700000" },
               "billed_to_date": { "annual": "51000.00", "second": 0.5 } } })");
  EXPECT_EQ(document.card, "api_platform");
  ASSERT_EQ(document.used_to_date.size(), 1u);
  EXPECT_EQ(document.used_to_date[0].name, "api_calls");
  EXPECT_EQ(document.used_to_date[0].value.to_string(), "700000");
  ASSERT_EQ(document.billed_to_date.size(), 2u);
  EXPECT_EQ(document.billed_to_date[0].name, "annual");
  EXPECT_EQ(document.billed_to_date[0].value.to_string(), "51000.00");
  EXPECT_EQ(document.on, day("2026-03-15"));
  EXPECT_EQ(document.hash, "sha256:ab");
  EXPECT_EQ(document.plan, "team");
  EXPECT_EQ(document.currency, "USD");
  EXPECT_EQ(document.customer, "acme");
  EXPECT_EQ(document.customer_since, day("2025-11-01"));
  EXPECT_EQ(document.customer_until, day("2026-12-01"));
  EXPECT_EQ(document.period, (Period{day("2026-03-01"), day("2026-04-01")}));
  EXPECT_FALSE(document.final);
  ASSERT_EQ(document.usage.size(), 2u);
  EXPECT_EQ(document.usage[0].meter, "api_calls");
  EXPECT_EQ(document.usage[0].quantity.to_string(), "60000");
  EXPECT_EQ(document.usage[0].from, day("2026-03-01"));
  EXPECT_EQ(document.usage[0].until, day("2026-03-15"));
  EXPECT_TRUE(document.usage[0].at.empty());
  EXPECT_EQ(document.usage[1].at, (std::vector<std::pair<std::string, std::string>>{
                                      {"model", "large"}, {"kind", "input"}}));
  EXPECT_EQ(document.usage[1].quantity.to_string(), "120.50");
}

TEST(ReadUsage, NeedsACardOnly) {
  const UsageDocument document = read_well(R"({"card":"c"})");
  EXPECT_EQ(document.card, "c");
  EXPECT_FALSE(document.on || document.hash || document.plan || document.currency ||
               document.customer || document.customer_since || document.period);
  EXPECT_TRUE(document.usage.empty());
  EXPECT_TRUE(document.final);
}

TEST(ReadUsage, TakesNullForHashAndPlanAsLeftOut) {
  const UsageDocument document = read_well(R"({"card":"c","hash":null,"plan":null})");
  EXPECT_FALSE(document.hash);
  EXPECT_FALSE(document.plan);
}

TEST(ReadUsage, TakesTheCardThatIsAskedForElsewhere) {
  EXPECT_EQ(read_usage("{}", "storage")->card, "storage");
  EXPECT_EQ(read_usage(R"({"card":"storage"})", "storage")->card, "storage");
  EXPECT_EQ(listed(R"({"card":"tokens"})", "storage"),
            "/card: the document is for card `tokens`, and `storage` is asked for");
}

// A quantity keeps its digits: nothing goes by way of a binary fraction.
TEST(ReadUsage, ReadsQuantitiesFromTheirDigits) {
  for (const std::string_view digits : {
           "0",
           "0.0",
           "7",
           "1250",
           "0.5",
           "1.10",
           "0.000000000000000001",
           "9007199254740993",  // 2^53 + 1
           "9223372036854775.807",
           "184467440737095516.16",
           "999999999999999999",
           "999999999999999999.999999999999999999",
           "123456789012345678.123456789",
       }) {
    for (const char* form : {R"({{"card":"c","usage":[{{"meter":"m","quantity":{}}}]}})",
                             R"({{"card":"c","usage":[{{"meter":"m","quantity":"{}"}}]}})",
                             R"({{"card":"c","usage":[{{"quantity": {} ,"meter":"m"}}]}})"}) {
      const std::string text = fmt::format(fmt::runtime(form), digits);
      const UsageDocument document = read_well(text);
      ASSERT_EQ(document.usage.size(), 1u) << text;
      EXPECT_EQ(document.usage[0].quantity.to_string(), digits) << text;
    }
  }
}

struct Refused {
  std::string text;
  std::string faults;
};

void expect_refused(std::initializer_list<Refused> cases) {
  for (const auto& [text, faults] : cases) EXPECT_EQ(listed(text), faults) << text.substr(0, 200);
}

/// A document with this where the quantity belongs.
std::string with_quantity(std::string_view quantity) {
  return fmt::format(R"({{"card":"c","usage":[{{"meter":"m","quantity":{}}}]}})", quantity);
}

TEST(ReadUsage, RefusesQuantitiesEachForItsOwnReason) {
  struct Case {
    std::string_view digits, why;
  };
  const Case kAlike[] = {
      {"1e400", "`1e400` is written with an exponent: write all of its digits"},
      {"1E2", "`1E2` is written with an exponent: write all of its digits"},
      {"1e+2", "`1e+2` is written with an exponent: write all of its digits"},
      {"-1e999", "`-1e999` is written with an exponent: write all of its digits"},
      {"-1", "`-1` is negative: a quantity is 0 or more"},
      {"-0", "`-0` is negative: a quantity is 0 or more"},
      {"-0.0", "`-0.0` is negative: a quantity is 0 or more"},
      {"-99999999999999999999", "`-99999999999999999999` is negative: a quantity is 0 or more"},
      {"007", "`007` has leading zeros"},
      {"00", "`00` has leading zeros"},
      {"0.1234567890123456789",
       "`0.1234567890123456789` has too many decimal places: a quantity has at most 18"},
      {"1000000000000000000", "`1000000000000000000` is too large: a quantity is below 10^18"},
      {"9223372036854775808", "`9223372036854775808` is too large: a quantity is below 10^18"},
      {"18446744073709551616", "`18446744073709551616` is too large: a quantity is below 10^18"},
      {"100000000000000000000000000000000000001",
       "`100000000000000000000000000000000000001` is too large: a quantity is below 10^18"},
      {"NaN", "`NaN` is not a number: write it in digits, like 1250 or 0.5"},
      {"Infinity", "`Infinity` is not a number: write it in digits, like 1250 or 0.5"},
      {"-Infinity", "`-Infinity` is not a number: write it in digits, like 1250 or 0.5"},
      {"1.", "`1.` is not a number: write it in digits, like 1250 or 0.5"},
      {".1", "`.1` is not a number: write it in digits, like 1250 or 0.5"},
      {"+1", "`+1` is not a number: write it in digits, like 1250 or 0.5"},
      {"0x10", "`0x10` is not a number: write it in digits, like 1250 or 0.5"},
      {"1_000", "`1_000` is not a number: write it in digits, like 1250 or 0.5"},
      {"-", "`-` is not a number: write it in digits, like 1250 or 0.5"},
  };
  for (const auto& [digits, why] : kAlike) {
    const std::string expected = fmt::format("/usage/0/quantity: {}", why);
    EXPECT_EQ(listed(with_quantity(digits)), expected);
    EXPECT_EQ(listed(with_quantity(fmt::format("\"{}\"", digits))), expected);
  }
  expect_refused({
      {with_quantity(R"("")"), "/usage/0/quantity: the quantity is empty"},
      {with_quantity(R"(" 1")"),
       "/usage/0/quantity: ` 1` is not a number: write it in digits, like 1250 or 0.5"},
      {with_quantity(R"("1,000")"),
       "/usage/0/quantity: `1,000` is not a number: write it in digits, like 1250 or 0.5"},
      {with_quantity(R"("1\u0000")"),
       "/usage/0/quantity: `1\uFFFD` is not a number: write it in digits, like 1250 or 0.5"},
      {R"({"card":"c","state":{"grants":[{"pool":"p","quantity":"1/0"}]}})",
       "/state/grants/0/quantity: `1/0` is not a number: write it in digits, like 1250, 0.5 or "
       "89939/900"},
      {with_quantity("true"),
       "/usage/0/quantity: `quantity` takes a number, plain or in quotes, not true"},
      {with_quantity("null"),
       "/usage/0/quantity: `quantity` takes a number, plain or in quotes, "
       "not null"},
      {with_quantity("[1]"),
       "/usage/0/quantity: `quantity` takes a number, plain or in quotes, not a list"},
      {with_quantity("{}"),
       "/usage/0/quantity: `quantity` takes a number, plain or in quotes, not an object"},
  });
}

TEST(ReadUsage, CutsALongNumberWhereItIsShown) {
  const std::string digits(10'000, '1');
  const std::string expected = fmt::format(
      "/usage/0/quantity: `{}…` is too large: a quantity is below 10^18", digits.substr(0, 64));
  EXPECT_EQ(listed(with_quantity(digits)), expected);
}

TEST(ReadUsage, RefusesWrongKinds) {
  expect_refused({
      {"[]", ": a usage document is an object in braces, not a list"},
      {"\"c\"", ": a usage document is an object in braces, not a text"},
      {"7", ": a usage document is an object in braces, not a number"},
      {"1e400", ": a usage document is an object in braces, not a number"},
      {"null", ": a usage document is an object in braces, not null"},
      {"true", ": a usage document is an object in braces, not true"},
      {R"({"card":7})", "/card: `card` takes a text in quotes, not a number"},
      {R"({"card":1e400})", "/card: `card` takes a text in quotes, not a number"},
      {R"({"card":null})", "/card: `card` takes a text in quotes, not null: leave it out instead"},
      {R"({"card":["c"]})", "/card: `card` takes a text in quotes, not a list"},
      {R"({"card":"c","customer":null})",
       "/customer: `customer` takes a text in quotes, not null: leave it out instead"},
      {R"({"card":"c","hash":false})", "/hash: `hash` takes a text in quotes, not false"},
      {R"({"card":"c","on":20260301})",
       "/on: `on` takes a date in quotes, like \"2026-03-31\", not a number"},
      {R"({"card":"c","usage":{}})", "/usage: `usage` takes a list in brackets, not an object"},
      {R"({"card":"c","usage":"m"})", "/usage: `usage` takes a list in brackets, not a text"},
      {R"({"card":"c","usage":[7]})",
       "/usage/0: an entry of `usage` is an object in braces, not a number"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1},[]]})",
       "/usage/1: an entry of `usage` is an object in braces, not a list"},
      {R"({"card":"c","usage":[null,"x"]})",
       "/usage/0: an entry of `usage` is an object in braces, not null\n"
       "/usage/1: an entry of `usage` is an object in braces, not a text"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"at":"large"}]})",
       "/usage/0/at: `at` takes an object in braces, not a text"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"at":{"model":7}}]})",
       "/usage/0/at/model: `model` takes a text in quotes, not a number"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"at":{"model":{"a":"b"}}}]})",
       "/usage/0/at/model: `model` takes a text in quotes, not an object"},
      {R"({"card":"c","state":{"final":"no"}})",
       "/state/final: `final` takes true or false, not a text"},
      {R"({"card":"c","state":{"final":0}})",
       "/state/final: `final` takes true or false, not a number"},
      {R"({"card":"c","period":"2026-03"})",
       "/period: `period` takes an object in braces, not a text"},
  });
}

TEST(ReadUsage, RefusesDatesThatDoNotExist) {
  for (const std::string_view date : {"2026-02-29", "2026-13-01", "2026-3-1", "01.03.2026", "",
                                      "2026-03-01T00:00:00Z", "0000-01-01"}) {
    EXPECT_EQ(listed(fmt::format(R"({{"card":"c","on":"{}"}})", date)),
              fmt::format("/on: `{}` is not a date: write it like 2026-03-31", date));
  }
  expect_refused({
      {R"({"card":"c","period":{"from":"2026-03-32","until":"x"}})",
       "/period/from: `2026-03-32` is not a date: write it like 2026-03-31\n"
       "/period/until: `x` is not a date: write it like 2026-03-31"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"until":"soon"}]})",
       "/usage/0/until: `soon` is not a date: write it like 2026-03-31"},
  });
}

TEST(ReadUsage, NamesWhatIsMissing) {
  expect_refused({
      {"{}", ": `card` is missing"},
      {R"({"card":"c","period":{}})", "/period: `from` is missing\n/period: `until` is missing"},
      {R"({"card":"c","period":{"from":"2026-03-01"}})", "/period: `until` is missing"},
      {R"({"card":"c","usage":[{}]})",
       "/usage/0: `meter` is missing\n/usage/0: `quantity` is missing"},
      {R"({"card":"c","usage":[{"meter":"m"}]})", "/usage/0: `quantity` is missing"},
  });
}

TEST(ReadUsage, NamesUnknownFieldsAndTheOnesThatMayBeMeant) {
  expect_refused({
      {R"({"card":"c","usge":[]})",
       "/usge: a usage document has no field `usge`; did you mean `usage`?"},
      {R"({"card":"c","Plan":"p"})",
       "/Plan: a usage document has no field `Plan`; did you mean `plan`?"},
      {R"({"card":"c","usage":[{"meter":"m","quantty":1}]})",
       "/usage/0/quantty: an entry of `usage` has no field `quantty`; did you mean `quantity`?"},
      {R"({"card":"c","period":{"from":"2026-03-01","until":"2026-04-01","to":{"a":[1,{}]}}})",
       "/period/to: `period` has no field `to`; its fields are from, until"},
      {R"({"card":"c","state":{"finished":true}})",
       "/state/finished: `state` has no field `finished`; its fields are final, used_to_date, "
       "billed_to_date, grants"},
      {R"({"card":"c","":1})",
       "/: a usage document has no field ``; its fields are card, on, hash, plan, "
       "plan_changes, currency, customer, customer_since, customer_until, period, usage, state"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"a/b~c":1}]})",
       "/usage/0/a~1b~0c: an entry of `usage` has no field `a/b~c`; its fields are meter, at, "
       "quantity, pending, from, until, items, days"},
      {"{\"card\":\"c\",\"\\u202eegasu\":1}",
       "/\uFFFDegasu: a usage document has no field `\uFFFDegasu`; its fields are card, on, hash, "
       "plan, plan_changes, currency, customer, customer_since, customer_until, period, usage, "
       "state"},
  });
}

TEST(ReadUsage, TakesChangesOfPlanByTheirFirstDay) {
  const auto document =
      read_usage(R"({"card":"c","plan":"a","plan_changes":{"2026-03-16":"b","2026-03-05":"c"}})");
  ASSERT_TRUE(document.has_value());
  const std::vector<std::pair<Date, std::string>> changes = {{day("2026-03-16"), "b"},
                                                             {day("2026-03-05"), "c"}};
  EXPECT_EQ(document->plan_changes, changes);
}

TEST(ReadUsage, RefusesWhatIsNoChangeOfPlan) {
  expect_refused({
      {R"({"card":"c","plan_changes":["pro"]})",
       "/plan_changes: `plan_changes` takes an object in braces, not a list"},
      {R"({"card":"c","plan_changes":{"03-16":"pro"}})",
       "/plan_changes/03-16: `03-16` is not a date: write it like 2026-03-31"},
      {R"({"card":"c","plan_changes":{"2026-03-16":null}})",
       "/plan_changes/2026-03-16: this takes a text in quotes, not null: leave it out instead"},
      {R"({"card":"c","plan_changes":{"2026-03-16":"pro","2026-03-16":"max"}})",
       "/plan_changes/2026-03-16: `2026-03-16` is given twice"},
  });
}

TEST(ReadUsage, RefusesWhatIsNoStateToDate) {
  expect_refused({
      {R"({"card":"c","state":{"used_to_date":[1]}})",
       "/state/used_to_date: `used_to_date` takes an object in braces, not a list"},
      {R"({"card":"c","state":{"used_to_date":{"m":true}}})",
       "/state/used_to_date/m: this takes a number, plain or in quotes, not true"},
      {R"({"card":"c","state":{"used_to_date":{"m":"-1"}}})",
       "/state/used_to_date/m: `-1` is negative: a quantity is 0 or more"},
      {R"({"card":"c","state":{"billed_to_date":{"a":1,"a":2}}})",
       "/state/billed_to_date/a: `a` is given twice"},
  });
}

TEST(ReadUsage, TakesItems) {
  const auto document = read_usage(
      R"({"card":"c","usage":[{"meter":"m","items":["100.00",9.99,"100.00"]},{"meter":"n","items":[]}]})");
  ASSERT_TRUE(document.has_value());
  ASSERT_EQ(document->usage.size(), 2u);
  EXPECT_EQ(document->usage[0].given, runtime::UsageEntry::Given::Items);
  EXPECT_EQ(document->usage[0].items, (std::vector<Decimal>{{10000, 2}, {999, 2}, {10000, 2}}));
  EXPECT_EQ(document->usage[1].given, runtime::UsageEntry::Given::Items);
  EXPECT_TRUE(document->usage[1].items.empty());
}

TEST(ReadUsage, TakesDays) {
  const auto document = read_usage(
      R"({"card":"c","usage":[{"meter":"m","days":{"2026-05-02":"3.5","2026-05-01":2}}]})");
  ASSERT_TRUE(document.has_value());
  const runtime::UsageEntry& entry = document->usage[0];
  EXPECT_EQ(entry.given, runtime::UsageEntry::Given::Days);
  ASSERT_EQ(entry.days.size(), 2u);
  EXPECT_EQ(entry.days[0], std::pair(*parse_date("2026-05-02"), Decimal{35, 1}));
  EXPECT_EQ(entry.days[1], std::pair(*parse_date("2026-05-01"), Decimal{2, 0}));
}

TEST(ReadUsage, RefusesWhatIsNoItemAndNoDay) {
  std::string days;
  for (int day = 0; day < 367; ++day) {
    const Date date = *parse_date("2026-01-01") + std::chrono::days(day);
    days += (day ? ",\"" : "\"") + to_string(date) + "\":1";
  }
  expect_refused({
      {R"({"card":"c","usage":[{"meter":"m","items":["1.00",{"a":1}]}]})",
       "/usage/0/items/1: an item of `items` is a number, plain or in quotes, not an object"},
      {R"({"card":"c","usage":[{"meter":"m","items":["1.00","-1"]}]})",
       "/usage/0/items/1: `-1` is negative: a quantity is 0 or more"},
      {R"({"card":"c","usage":[{"meter":"m","items":"1.00"}]})",
       "/usage/0/items: `items` takes a list in brackets, not a text"},
      {R"({"card":"c","usage":[{"meter":"m","days":{"2026-05-32":"3.5"}}]})",
       "/usage/0/days/2026-05-32: `2026-05-32` is not a date: write it like 2026-03-31"},
      {R"({"card":"c","usage":[{"meter":"m","days":{"2026-05-01":1,"2026-05-01":2}}]})",
       "/usage/0/days/2026-05-01: `2026-05-01` is given twice"},
      {R"({"card":"c","usage":[{"meter":"m","days":{"2026-05-01":true}}]})",
       "/usage/0/days/2026-05-01: a day of `days` is a number, plain or in quotes, not true"},
      {R"({"card":"c","usage":[{"meter":"m","days":[1]}]})",
       "/usage/0/days: `days` takes an object in braces, not a list"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"items":[1]}]})",
       "/usage/0: an entry gives one of `quantity`, `items` and `days`, and this one several"},
      {R"({"card":"c","usage":[{"meter":"m","days":{)" + days + "}}]}",
       "/usage/0/days: an object has more than 366 fields"},
  });
}

TEST(ReadUsage, RefusesWhatIsGivenTwice) {
  expect_refused({
      {R"({"card":"c","card":"d"})", "/card: `card` is given twice"},
      {R"({"card":"c","usage":[],"usage":[]})", "/usage: `usage` is given twice"},
      {R"({"card":"c","c\u0061rd":"d"})", "/card: `card` is given twice"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"quantity":2}]})",
       "/usage/0/quantity: `quantity` is given twice"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"at":{"k":"a","k":"b"}}]})",
       "/usage/0/at/k: `k` is given twice"},
      {R"({"card":"c","state":{"final":true,"final":true}})",
       "/state/final: `final` is given twice"},
  });
}

TEST(ReadUsage, RefusesIdsThatCannotBeSeenOrLogged) {
  const std::string longest(kIdBytesMax, 'x'), longer(kIdBytesMax + 1, 'x');
  EXPECT_EQ(read_well(fmt::format(R"({{"card":"{}"}})", longest)).card, longest);
  EXPECT_EQ(read_well(R"({"card":"größe 東京 \ud83d\ude00"})").card, "größe 東京 😀");
  expect_refused({
      {R"({"card":""})", "/card: the text is empty"},
      {fmt::format(R"({{"card":"{}"}})", longer),
       fmt::format("/card: `{}…` is longer than 256 bytes", longer.substr(0, 64))},
      {R"({"card":"a\u0000b"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+0000)"},
      {R"({"card":"a\nb"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+000A)"},
      {R"({"card":"a\u007fb"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+007F)"},
      {R"({"card":"a\u0085b"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+0085)"},
      {R"({"card":"a\u200bb"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+200B)"},
      {R"({"card":"a\u202eb"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+202E)"},
      {R"({"card":"a\u2066b"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+2066)"},
      {R"({"card":"a\ufeffb"})", "/card: `a\uFFFDb` has a character that cannot be seen (U+FEFF)"},
      {R"({"card":"a\udb40\udc41b"})",
       "/card: `a\uFFFDb` has a character that cannot be seen (U+E0041)"},
      {R"({"card":"c","customer":"\u200fx"})",
       "/customer: `\uFFFDx` has a character that cannot be seen (U+200F)"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"at":{"k\u0000":"v"}}]})",
       "/usage/0/at/k\uFFFD: the dimension `k\uFFFD` has a character that cannot be seen (U+0000)"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"at":{"k":"v\u200d"}}]})",
       "/usage/0/at/k: `v\uFFFD` has a character that cannot be seen (U+200D)"},
      {R"({"card":"c","usage":[{"meter":"m","quantity":1,"at":{"":"v"}}]})",
       "/usage/0/at/: the dimension `` is empty"},
  });
}

TEST(ReadUsage, TellsWhereATextIsNoJson) {
  const auto at = [](size_t column, std::string_view why) {
    return fmt::format("line 1, column {}: {}", column, why);
  };
  expect_refused({
      {"", ": " + at(1, "the text is empty")},
      {" \n\t ", ": line 2, column 3: the text is empty"},
      {"\xEF\xBB\xBF{}", ": the text begins with a byte order mark: save it as UTF-8 without one"},
      {R"({"card":"c"}x)", ": " + at(13, "something stands after the end of the document")},
      {R"({"card":"c"}{})", ": " + at(13, "something stands after the end of the document")},
      {std::string("{\"card\":\"c\"}\0x", 14), ": " + at(13, "there is a NUL character")},
      {R"({"card":"c")", "/card: " + at(12, "the text ends in the middle of the document")},
      {"{", ": " + at(2, "the text ends in the middle of the document")},
      {R"({"card")", "/card: " + at(8, "the text ends in the middle of the document")},
      {R"({"card":)", "/card: " + at(9, "the text ends in the middle of the document")},
      {R"({"card":"c",})", "/card: " + at(13, "there is a comma before `}`")},
      {R"({"card":"c","usage":[{},]})",
       "/usage/0: `meter` is missing\n/usage/0: `quantity` is missing\n/usage/0: " +
           at(25, "there is a comma before `]`")},
      {R"({,"card":"c"})", ": " + at(2, "expected a field's name in double quotes, found `,`")},
      {R"({card:"c"})", ": " + at(2, "expected a field's name in double quotes, found `card`")},
      {R"({'card':'c'})", ": " + at(2, "expected a field's name in double quotes, found `'`")},
      {R"({"card":'c'})", "/card: " + at(9, "expected a value, found `'`")},
      {R"({"card" "c"})", "/card: " + at(9, "expected a colon after the field's name, found `\"`")},
      {R"({"card":"c" "on":"2026-03-01"})",
       "/card: " + at(13, "expected a comma or `}`, found `\"`")},
      {R"({"card":"c","usage":[1 2]})",
       "/usage/0: an entry of `usage` is an object in braces, not a number\n/usage/0: " +
           at(24, "expected a comma or `]`, found `2`")},
      {R"({"card":"c"])", "/card: " + at(12, "expected a comma or `}`, found `]`")},
      {R"({"card":card})",
       "/card: " + at(9, "`card` is neither a number, true, false or null, nor in double quotes")},
      {R"({"card":nul})",
       "/card: " + at(9, "`nul` is neither a number, true, false or null, nor in double quotes")},
      {R"({"card":True})",
       "/card: " + at(9, "`True` is neither a number, true, false or null, nor in double quotes")},
      {R"({"card":007})",
       "/card: " + at(9, "`007` is neither a number, true, false or null, nor in double quotes")},
      {R"({"card":"c)", "/card: " + at(9, "the quotes that open here are never closed")},
      {"{\"card\":\"a\nb\"}",
       "/card: " + at(11, "a line break, tab or other control character stands inside quotes")},
      {"{\"card\":\"\xC3\xB6\tb\"}",
       "/card: " + at(11, "a line break, tab or other control character stands inside quotes")},
      {R"({"card":"\x"})", "/card: " + at(10, "`\\x` means nothing inside quotes")},
      {R"({"card":"\u12g4"})",
       "/card: " + at(10, "after `\\u` there must be four hexadecimal digits")},
      {R"({"card":"\ud800"})", "/card: " + at(10, "`\\ud800` is one half of a character")},
      {R"({"card":"\udc00"})", "/card: " + at(10, "`\\udc00` is one half of a character")},
      {R"({"card":"\ud800\ud800"})", "/card: " + at(10, "`\\ud800` is one half of a character")},
      {R"({"card":"\ud83d\ude0"})", "/card: " + at(10, "`\\ud83d` is one half of a character")},
      {"{\"card\":\"a\xFFz\"}", "/card: " + at(11, "this is not UTF-8")},
      {"{\"card\":\"\xC0\x80\"}", "/card: " + at(10, "this is not UTF-8")},          // overlong
      {"{\"card\":\"\xED\xA0\x80\"}", "/card: " + at(10, "this is not UTF-8")},      // surrogate
      {"{\"card\":\"\xF4\x90\x80\x80\"}", "/card: " + at(10, "this is not UTF-8")},  // too high
      {"{\"card\":\"c\",\xFF}",
       "/card: " + at(13, "expected a field's name in double quotes, found `\uFFFD`")},
      {R"({"card":"c" // ours)", "/card: " + at(13, "expected a comma or `}`, found `/`")},
      {"{\n  \"card\": \"c\",\n  \"usage\": [ { \"meter\": } ]\n}",
       "/usage/0/meter: line 3, column 25: expected a value, found `}`"},
  });
}

constexpr std::string_view kFullDocument =
    R"({"card":"c","on":"2026-03-15","plan":null,"period":{"from":"2026-03-01","until":"2026-04-01"},)"
    R"("usage":[{"meter":"m","at":{"k":"v"},"quantity":"12.50"},{"meter":"\u00f6","quantity":7}],)"
    R"("state":{"final":false}})";

TEST(ReadUsage, RefusesEveryDocumentThatIsCutOff) {
  ASSERT_TRUE(read_usage(kFullDocument));
  for (size_t bytes = 0; bytes < kFullDocument.size(); ++bytes) {
    const std::string_view cut = kFullDocument.substr(0, bytes);
    const auto faults = faults_in(cut);
    ASSERT_FALSE(faults.empty()) << cut;
    EXPECT_NE(faults.back().message.find("line 1, column "), std::string::npos) << cut;
  }
}

TEST(ReadUsage, HasOneOutcomeForEveryWrongByte) {
  for (size_t at = 0; at < kFullDocument.size(); ++at) {
    for (const char byte :
         {'\0', '\n', '"', ',', ':', '{', '}', '[', ']', '-', '0', 'e', '\\', '\xC3'}) {
      std::string text(kFullDocument);
      text[at] = byte;
      const auto document = read_usage(text);
      const auto again = read_usage(text);
      ASSERT_EQ(document.has_value(), again.has_value()) << text;
      if (document) continue;
      ASSERT_FALSE(document.error().empty()) << text;
      for (const UsageFault& fault : document.error()) {
        EXPECT_TRUE(fault.pointer.empty() || fault.pointer.starts_with('/')) << text;
        EXPECT_FALSE(fault.message.empty()) << text;
      }
    }
  }
}

TEST(ReadUsage, ListsFaultsInTheOrderOfTheText) {
  EXPECT_EQ(listed(R"({"crd":"c","usage":[{"meter":7,"quantity":-1},{"meter":"m"}],"on":"x"})"),
            "/crd: a usage document has no field `crd`; did you mean `card`?\n"
            "/usage/0/meter: `meter` takes a text in quotes, not a number\n"
            "/usage/0/quantity: `-1` is negative: a quantity is 0 or more\n"
            "/usage/1: `quantity` is missing\n"
            "/on: `x` is not a date: write it like 2026-03-31");
}

TEST(ReadUsage, StopsWhereFaultsAreTooMany) {
  std::string text = R"({"card":"c","usage":[0)";
  for (size_t i = 0; i < 2 * kUsageFaultsMax; ++i) text += ",0";
  EXPECT_EQ(faults_in(text + "]}").size(), kUsageFaultsMax);
}

std::string repeated(std::string_view text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(ReadUsage, BoundsDepth) {
  // The document is the first level.
  const auto nested = [](size_t depth) {
    return R"({"card":"c","x":)" + repeated("[", depth - 1) + repeated("]", depth - 1) + "}";
  };
  EXPECT_EQ(faults_in(nested(kDepthMax)).size(), 1u);  // the unknown field only
  const auto faults = faults_in(nested(kDepthMax + 1));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[1].message, "objects and lists stand more than 32 deep inside one another");

  const auto deep = faults_in(repeated("[", 1'000'000));
  EXPECT_EQ(deep.back().message, "objects and lists stand more than 32 deep inside one another");
  const auto objects = faults_in(repeated("{\"a\":", 1'000'000));
  EXPECT_EQ(objects.back().message, "objects and lists stand more than 32 deep inside one another");
}

TEST(ReadUsage, BoundsFieldsOfAnObject) {
  const auto with_dimensions = [](size_t count) {
    std::string at;
    for (size_t i = 0; i < count; ++i) at += fmt::format(R"({}"d{}":"v")", i ? "," : "", i);
    return fmt::format(R"({{"card":"c","usage":[{{"meter":"m","quantity":1,"at":{{{}}}}}]}})", at);
  };
  EXPECT_EQ(read_well(with_dimensions(kNamesMax)).usage[0].at.size(), kNamesMax);
  EXPECT_EQ(listed(with_dimensions(kNamesMax + 1)),
            "/usage/0/at: an object has more than 256 fields");

  std::string ignored = R"({"card":"c","x":{)";
  for (int i = 0; i < 1'000'000; ++i) ignored += R"("k":0,)";
  const auto faults = faults_in(ignored);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[1].message, "an object has more than 256 fields");
}

TEST(ReadUsage, BoundsEntriesOfUsage) {
  const auto with_entries = [](size_t count) {
    const std::string_view entry = R"({"meter":"m","quantity":1})";
    return fmt::format(R"({{"card":"c","usage":[{}{}]}})", entry,
                       repeated(fmt::format(",{}", entry), count - 1));
  };
  EXPECT_EQ(read_well(with_entries(kUsageMax)).usage.size(), kUsageMax);
  EXPECT_EQ(listed(with_entries(kUsageMax + 1)), "/usage: `usage` has more than 100000 entries");
}

TEST(ReadUsage, HoldsLongTextsNoLongerThanTheyAre) {
  const std::string text(10'000'000, 'x');
  EXPECT_EQ(listed(fmt::format(R"({{"card":"{}"}})", text)),
            fmt::format("/card: `{}…` is longer than 256 bytes", text.substr(0, 64)));
  const auto faults = faults_in(fmt::format(R"({{"card":"c","{}":1}})", text));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_LT(faults[0].pointer.size() + faults[0].message.size(), 1000u);
}

}  // namespace
}  // namespace toll::wire
