// What is read in a hurry is what is read with care.
#include <gtest/gtest.h>

#include <random>

#include "tests/support/plain_row.h"

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

}  // namespace
}  // namespace toll::runtime
