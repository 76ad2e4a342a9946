// What is read in a hurry is what is read with care.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>
#include <random>

#include "tests/support/plain_row.h"
#include "tests/unit/runtime/rated_table.h"

namespace toll::runtime {
namespace {

std::mt19937_64 draw(11);

template <typename Choices>
std::string any_of(const Choices& choices) {
  return choices[draw() % std::size(choices)];
}

std::string quantity() {
  constexpr const char* kOdd[] = {"",
                                  "0",
                                  "00",
                                  "0.",
                                  ".5",
                                  "1.5.2",
                                  "1e3",
                                  "-1",
                                  "+1",
                                  " 1",
                                  "1 ",
                                  "\"12\"",
                                  "0x1",
                                  "12345678",
                                  "123456789.123456789",
                                  "999999999999999999",
                                  "1000000000000000000",
                                  "18446744073709551617",
                                  "0.0000000001",
                                  "1,2",
                                  "7\"",
                                  "null",
                                  "1\xC2\xB2"};
  if (draw() % 6 == 0) return any_of(kOdd);
  std::string digits = std::to_string(draw() % 1'000'000'000'000 >> draw() % 40);
  if (draw() % 3 == 0) digits += "." + std::to_string(draw() % 1'000'000);
  return digits;
}

std::string text() {
  constexpr const char* kTexts[] = {"a",        "customer_123456",
                                    "",         "\"",
                                    "\"b, c\"", "\xC3\xA9t\xC3\xA9",
                                    "\\",       "a\\n",
                                    "\t",       "\x01",
                                    "12345678", "longer, than a word",
                                    "\\u0041",  "}"};
  return draw() % 4 == 0 ? any_of(kTexts) : "customer_" + std::to_string(draw() % 100'000);
}

std::string csv_line() {
  std::string line = text() + "," + quantity() + "," + text() + "," + quantity();
  if (draw() % 20 == 0) line += "," + quantity();
  return line;
}

std::string json_line() {
  const auto space = [] {
    return draw() % 15 == 0 ? std::string(1 + draw() % 2, ' ') : std::string();
  };
  const auto name = [&](std::string text) {
    return space() + "\"" + (draw() % 30 == 0 ? text + "x" : text) + "\"" + space() + ":" + space();
  };
  const auto number = [&] {
    const std::string quote = draw() % 2 == 0 ? "\"" : "";
    return quote + quantity() + quote;
  };
  const std::string last = draw() % 10 == 0 ? "tokens[mini,  input]" : "tokens[mini, input]";
  return "{" + name("customer") + "\"" + text() + "\"" + space() + "," + name("calls") + number() +
         "," + name("note") + "\"" + text() + "\"," + name(last) + number() + space() +
         (draw() % 20 == 0 ? "" : "}") + space();
}

TEST(PlainRows, AreReadAsWithCare) {
  for (const TableFormat format : {TableFormat::Csv, TableFormat::Ndjson}) {
    int plain = 0;
    for (int i = 0; i < 200'000; ++i) {
      const std::string line = format == TableFormat::Csv ? csv_line() : json_line();
      bool is_plain = false;
      ASSERT_EQ(testing::disagreement(format, line, is_plain), "") << line;
      plain += is_plain;
    }
    EXPECT_GT(plain, 5'000);
    EXPECT_LT(plain, 190'000);
  }
}

/// A row with a minimum of its own costs that where the usage names it; a `0` of a wide table names
/// none, in tables of few rows and of many.
TEST(PlainRows, TakesNothingUsedOfARowForNoRow) {
  const std::string head =
      "toll 1\nunit call, calls\ndimension kind is a, b\nmeter calls counts call by kind\n"
      "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
      "  round each line half-up\n  charge calls by kind\n";
  const std::array<std::string, 3> rows = {
      "    any at 0.10 USD per call\n    minimum 20.00 USD in each row\n",
      "    any at 19.90 USD per call\n    surcharge 0.10 USD in each row\n",
      "    tiers volume\n    any up to 0 calls at 7.00 USD flat\n    any beyond at 20.00 USD per "
      "call\n"};
  for (const std::string& charge : rows) {
    const CardSet set = testing::card_set({head + charge});
    const std::array<const char*, 3> amounts = {"20.00", "0.00", "40.00"};
    for (const int count : {3, 9'000}) {
      std::string wide = "customer,\"calls[a]\",\"calls[b]\"\n", expected;
      for (int i = 0; i < count; ++i) {
        const std::string line = fmt::format("c{},{}", i,
                                             i % 3 == 0   ? "1,0"
                                             : i % 3 == 1 ? "0,0.00"
                                                          : "1,1");
        wide += line + "\n";
        expected += line + "," + amounts[static_cast<size_t>(i % 3)] + "\n";
      }
      const std::string table = rated(set, wide, of_c()).amounts;
      EXPECT_EQ(table.substr(table.find('\n') + 1), expected) << charge;
    }
    EXPECT_EQ(rated(set, "customer,kind,quantity\nx,a,1\ny,a,1\ny,b,1\n", of_c()).amounts,
              "customer,amount\nx,20.00\ny,40.00\n")
        << charge;
  }
}

}  // namespace
}  // namespace toll::runtime
