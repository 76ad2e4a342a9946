// Which shapes are numbers, what they are worth, and what wrong ones are said to have been meant
// as.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <string>

#include "dsl/scan/number.h"

namespace toll::dsl::scan {
namespace {

std::string written(std::string_view number) {
  auto value = number_value(number);
  return value ? value->to_string() : "too many digits";
}

/// What stands behind "write" in a help, if anything.
std::optional<std::string> offered(const std::string& help) {
  size_t begin = help.find("write `");
  if (begin == help.npos) return std::nullopt;
  begin += 7;
  return help.substr(begin, help.find('`', begin) - begin);
}

TEST(Number, HasTheShapesOfTheLanguage) {
  for (auto right : {"0", "7", "1000", "1,000", "12,345,678", "12.50", "0.0000166667", "1,000.25",
                     "1M", "2.5M", "6B", "0.5B"}) {
    EXPECT_EQ(number_kind(right), TokenKind::Number) << right;
  }
  for (auto wrong : {"",   "00", "007", "0,123", "1,00",  "1,0000", "1234,567", ",5",
                     "1,", "1.", ".5",  "1e5",   "1K",    "1k",     "1,000M",   "1MM",
                     "1m", "-1", "+1",  "1_000", "1.2.3", "0x10",   "1M%",      "%"}) {
    EXPECT_EQ(number_kind(wrong), TokenKind::NearNumber) << wrong;
  }
}

TEST(Number, KeepsTheDigitsAsWritten) {
  EXPECT_EQ(written("0.0230"), "0.0230");
  EXPECT_EQ(written("12,345,678.90"), "12345678.90");
  EXPECT_EQ(written("0.0000166667"), "0.0000166667");
}

TEST(Number, MultipliesMillionsAndBillions) {
  EXPECT_EQ(written("1M"), "1000000");
  EXPECT_EQ(written("2.5M"), "2500000");
  EXPECT_EQ(written("6B"), "6000000000");
  EXPECT_EQ(written("0.5B"), "500000000");
  EXPECT_EQ(written("0.0000001M"), "0.1");
  EXPECT_EQ(written("0.00000012B"), "120");
  EXPECT_EQ(written("0M"), "0");
}

TEST(Number, HasThirtyEightDigitsAtMost) {
  EXPECT_EQ(written(std::string(38, '9')), std::string(38, '9'));
  EXPECT_FALSE(number_value(std::string(39, '9')));
  EXPECT_FALSE(number_value("0." + std::string(38, '1')));
  EXPECT_TRUE(number_value(std::string(32, '9') + "M"));
  EXPECT_FALSE(number_value(std::string(33, '9') + "M"));
}

RC_GTEST_PROP(Number, IsTheSameWithAndWithoutGroups, ()) {
  std::string plain = std::to_string(*rc::gen::arbitrary<uint64_t>());
  std::string grouped = plain;
  for (size_t i = grouped.size(); i > 3; i -= 3) grouped.insert(i - 3, 1, ',');
  RC_ASSERT(number_kind(plain) == TokenKind::Number);
  RC_ASSERT(number_kind(grouped) == TokenKind::Number);
  RC_ASSERT(written(plain) == plain);
  RC_ASSERT(written(grouped) == plain);
}

/// Whoever follows the help is not told off again.
RC_GTEST_PROP(NearNumber, IsOfferedARightNumber, ()) {
  auto text = *rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("0123456789012345678901234567890.,.,.,%MBKmbk"))));
  RC_PRE(text[0] >= '0' && text[0] <= '9');
  RC_PRE(number_kind(text) == TokenKind::NearNumber);
  NumberFault fault = explain_near_number(text);
  RC_ASSERT(!fault.message.empty());
  RC_ASSERT(!fault.help.empty());
  auto meant = offered(fault.help);
  if (!meant) return;
  RC_ASSERT(number_kind(meant->substr(0, meant->find(' '))) != TokenKind::NearNumber);
}

TEST(NearNumber, SaysWhatWasMeant) {
  auto meant = [](std::string_view text) { return offered(explain_near_number(text).help); };
  EXPECT_EQ(meant("1,00"), "1.00");
  EXPECT_EQ(meant("1.200,50"), "1,200.50");
  EXPECT_EQ(meant("0,123"), "0.123");
  EXPECT_EQ(meant("1,5M"), "1.5M");
  EXPECT_EQ(meant("12,5%"), "12.5%");
  EXPECT_EQ(meant("1,500M"), "1500M");
  EXPECT_EQ(meant("0,0040"), "0.0040");
  EXPECT_EQ(meant("1,00,000"), "100,000");
  EXPECT_EQ(meant("1234,567"), "1,234,567");
  EXPECT_EQ(meant("1.000.000"), "1,000,000");
  EXPECT_EQ(meant(".0040"), "0.0040");
  EXPECT_EQ(meant("5."), "5");
  EXPECT_EQ(meant("007"), "7");
  EXPECT_EQ(meant("00"), "0");
  EXPECT_EQ(meant("00.50"), "0.50");
  EXPECT_EQ(meant("0.40USD"), "0.40 USD");
  EXPECT_EQ(meant("1.2.3"), std::nullopt);
}

TEST(NearNumber, HasACodeForEachFamily) {
  auto code = [](std::string_view text) { return explain_near_number(text).code; };
  EXPECT_EQ(code("100K"), "E016");
  EXPECT_EQ(code("1,00"), "E014");
  EXPECT_EQ(code("31.12.2026"), "E018");
  EXPECT_EQ(code("2026-1-1"), "E018");
  EXPECT_EQ(code("8:00"), "E018");
  EXPECT_EQ(code("-5"), "E017");
  EXPECT_EQ(code("1000-2000"), "E017");
  EXPECT_TRUE(explain_near_number("100K").help.contains("`100,000`"));
}

TEST(Hours, LieInOneDay) {
  EXPECT_TRUE(are_hours("08:00-20:00"));
  EXPECT_TRUE(are_hours("00:00-24:00"));
  EXPECT_FALSE(are_hours("20:00-08:00"));
  EXPECT_FALSE(are_hours("08:00-08:00"));
  EXPECT_FALSE(are_hours("08:00-24:01"));
  EXPECT_FALSE(are_hours("08:60-09:00"));
}

}  // namespace
}  // namespace toll::dsl::scan
