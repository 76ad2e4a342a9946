// Texts that nobody would write: each is refused or read in time linear in its size, with few
// diagnostics that can be shown, and nothing else happens.

#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <string>

#include "dsl/parse.h"

namespace toll::dsl {
namespace {

constexpr size_t kMebibyte = 1 << 20;

std::string repeated(std::string_view piece, size_t bytes = kMebibyte) {
  std::string text;
  text.reserve(bytes);
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

std::string random_bytes(unsigned char lowest) {
  std::mt19937 random(20260101);
  std::uniform_int_distribution<int> byte(lowest, 255);
  std::string text(kMebibyte, ' ');
  for (char& c : text) c = static_cast<char>(byte(random));
  return text;
}

/// Processor time, since other tests run beside this one. An optimised build needs tenths of a
/// second; the sanitizers, which are slow at exceptions, some seconds; what is not linear, minutes.
constexpr double kSeconds = 10;

double seconds_used() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Parsed survive(const std::string& text) {
  SourceFile file{"hostile.toll", text};
  double begin = seconds_used();
  Parsed parsed = parse(file, 0);
  EXPECT_LE(parsed.diagnostics.size(), ParseLimits{}.diagnostics_max + 1);
  size_t shown = 0;
  for (const Diagnostic& d : parsed.diagnostics) shown += render(d, {&file, 1}).size();
  EXPECT_LT(shown, 200'000u);
  EXPECT_LT(seconds_used() - begin, kSeconds);
  return parsed;
}

void expect_refused(const std::string& text, size_t diagnostics_max = 51) {
  Parsed parsed = survive(text);
  EXPECT_FALSE(parsed.diagnostics.empty());
  EXPECT_LE(parsed.diagnostics.size(), diagnostics_max);
}

TEST(HostileText, OfRandomBytes) {
  expect_refused(random_bytes(0), 1);
  expect_refused(random_bytes(1), 51);
  expect_refused(random_bytes(' '), 51);
}

TEST(HostileText, ThatIsTooLarge) {
  Parsed parsed = survive(repeated("# x\n", 2 * kMebibyte));
  ASSERT_EQ(parsed.diagnostics.size(), 1u);
  EXPECT_EQ(parsed.diagnostics[0].code, "E024");
}

TEST(HostileText, OfOneLine) {
  for (auto piece : {"a", "1", "1,", "a,", "\"", "(", "-", ".", "a ", "at ", "9", "a.",
                     "\xE2\x82\xAC", "#", "\t", " ", "1.", "2026-01-01", "+ 1 USD flat "}) {
    SCOPED_TRACE(piece);
    expect_refused(repeated(piece), 2);
  }
}

TEST(HostileText, OfManyLinesOfOneKind) {
  for (auto piece : {"\n", "\r\n", "\r", "\"\n", "(\n", "x\n", "#\n", "\t\n", "\tx\n", "\xFF\n",
                     "\u202E\n", "-1\n", "1e9\n", "toll 1\n", "        x\n"}) {
    SCOPED_TRACE(piece);
    expect_refused(repeated(piece));
  }
}

TEST(HostileText, OfManyStatementsThatCannotBeRead) {
  for (auto piece : {"at\n", "card\n", "unit\n", "card c\n  charge\n    at 1 USD\n",
                     "meter m counts\n", "example\n", "dimension d by x\n  a up to\n"}) {
    SCOPED_TRACE(piece);
    expect_refused("toll 1\n" + repeated(piece, kMebibyte / 8));
  }
}

TEST(HostileText, OfUnendingIndentation) {
  std::string text = "toll 1\n";
  for (size_t depth = 0; text.size() < kMebibyte / 2; ++depth) {
    text += std::string(depth % 4000, ' ') + "card c\n";
  }
  expect_refused(text);
}

TEST(HostileText, OfAHundredThousandRowsIsRead) {
  std::string text = "toll 1\ncard c\n  charge m\n";
  size_t rows = 0;
  while (text.size() + 16 < kMebibyte) {
    text += "  a free\n";
    ++rows;
  }
  ASSERT_GT(rows, 100'000u);
  Parsed parsed = survive(text);
  ASSERT_EQ(parsed.diagnostics.size(), 1u);  // the indentation, once
  const auto& card = std::get<syntax::Card>(parsed.tree.declarations.at(0));
  EXPECT_EQ(std::get<syntax::Charge>(card.items.at(0)).lines.size(), rows);
}

TEST(HostileText, OfManyKeysInOneRow) {
  std::string row = "    a";
  while (row.size() < 4000) row += ", a";
  expect_refused("toll 1\ncard c\n  charge m\n" + repeated(row + " at\n", kMebibyte / 2));
}

TEST(HostileText, OfTwentyThousandParentheses) {
  expect_refused("toll 1\n" + std::string(20'000, '('), 1);
  expect_refused("toll 1\n" + repeated("((((((((\n", 20'000));
}

TEST(HostileText, OfLongNumbersAndWords) {
  expect_refused("toll 1\nunit " + std::string(4000, 'a') + "\n", 1);
  expect_refused("toll 1\nunit a = " + std::string(4000, '9') + " b\n", 1);
  expect_refused("toll 1\nunit a = 0." + std::string(4000, '0') + "1 b\n", 1);
}

TEST(HostileText, CutAnywhereIsNoTrap) {
  const std::string text =
      "toll 1\nunit a, b\nmeter m counts a\n  from x\ncard c \"\xE6\x97\xA5\"\n  from 2026-01-01\n"
      "  charge m\n    up to 5 a at 1.50 USD per a\n  example \"e\"\n    use m 5 a\n";
  for (size_t size = 0; size <= text.size(); ++size) {
    SourceFile file{"cut.toll", text.substr(0, size)};
    for (const Diagnostic& d : parse(file, 0).diagnostics) {
      EXPECT_FALSE(render(d, {&file, 1}).empty());
    }
  }
}

}  // namespace
}  // namespace toll::dsl
