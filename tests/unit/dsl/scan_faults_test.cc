// Bytes and characters: UTF-8, what deceives the eye, and how wide characters are.

#include <gtest/gtest.h>

#include <string>

#include "dsl/scan/faults.h"
#include "dsl/scan/unicode.h"

namespace toll::dsl::scan {
namespace {

std::string fault_of(std::string_view text) {
  LineScanner scanner(text, ParseLimits{}.line_bytes_max);
  Line line;
  EXPECT_TRUE(scanner.next(line));
  auto fault = line_fault(text, line, 0, ParseLimits{});
  return fault ? fault->code : "none";
}

TEST(LineFault, FindsCharactersThatDeceive) {
  EXPECT_EQ(fault_of("card a \"\u202Eb\""), "E013");
  EXPECT_EQ(fault_of("# \u2066comment"), "E013");
  EXPECT_EQ(fault_of("card\u200B a"), "E013");
  EXPECT_EQ(fault_of("card\u00A0a"), "E013");
  EXPECT_EQ(fault_of("card a\x01"), "E013");
  EXPECT_EQ(fault_of("card a\rb"), "E026");
  EXPECT_EQ(fault_of("card a \"\xC0\xAF\""), "E011");
  EXPECT_EQ(fault_of("card a \"\xED\xA0\x80\""), "E011");
}

TEST(LineFault, FindsWordsOfTwoAlphabets) {
  EXPECT_EQ(fault_of("unit c\u0430ll"), "E015");
  EXPECT_EQ(fault_of("unit \u0430\u0431"), "E021");
  EXPECT_EQ(fault_of("card a \"Pl\u0430n\""), "E015");
  EXPECT_EQ(fault_of("card a \"Pr\u03BFfit\""), "E015");
}

TEST(LineFault, LeavesLabelsOfAllLanguagesAlone) {
  for (auto label : {"\u041F\u043B\u0430\u043D API", "API-\u043A\u043B\u044E\u0447",
                     "\u65E5\u672C\u8A9EAPI", "na\u00EFve \u2014 caf\u00E9", "\u0915\u093C",
                     "\u2026 50 \u20AC", "\u03B1 and b", "no\u00A0break"}) {
    EXPECT_EQ(fault_of("card a \"" + std::string(label) + "\""), "none") << label;
  }
  EXPECT_EQ(fault_of("# Pl\u0430n: comments are for people"), "none");
}

TEST(LineFault, FindsLettersThatAreNotComposed) {
  EXPECT_EQ(fault_of("card a \"caf\u00E9\""), "none");
  EXPECT_EQ(fault_of("card a \"cafe\u0301\""), "E027");
  EXPECT_EQ(fault_of("card a \"\u212B\""), "E027");
  EXPECT_EQ(fault_of("card a \"\u1100\u1161\""), "E027");
  EXPECT_EQ(fault_of("card a \"\uAC00\u11A8\""), "E027");
  EXPECT_EQ(fault_of("card a \"\uAC01\u11A8\""), "none");
  EXPECT_EQ(fault_of("card a \"q\u0301\""), "none");
  EXPECT_EQ(fault_of("# cafe\u0301"), "none");
}

TEST(LineFault, KeepsWordsAndLinesShort) {
  ParseLimits limits;
  EXPECT_EQ(fault_of("unit " + std::string(limits.word_bytes_max, 'a')), "none");
  EXPECT_EQ(fault_of("unit " + std::string(limits.word_bytes_max + 1, 'a')), "E023");
  EXPECT_EQ(fault_of("# " + std::string(limits.line_bytes_max - 2, 'a')), "none");
  EXPECT_EQ(fault_of("# " + std::string(limits.line_bytes_max - 1, 'a')), "E022");
}

TEST(FileFault, RefusesWhatIsNoText) {
  ParseLimits limits;
  limits.bytes_max = 10;
  auto code = [&](std::string text) {
    auto fault = file_fault({"f", std::move(text)}, 0, limits);
    return fault ? fault->code : "none";
  };
  EXPECT_EQ(code("0123456789"), "none");
  EXPECT_EQ(code("0123456789a"), "E024");
  EXPECT_EQ(code(std::string("a\0b", 3)), "E009");
  EXPECT_EQ(code("\xFF\xFEt"), "E009");
}

std::string encoded(char32_t c) {
  auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 63)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

TEST(Decode, TakesEveryCodePoint) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    std::string text = encoded(c);
    CodePoint decoded = decode(text, 0);
    bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    ASSERT_EQ(decoded.valid, !surrogate) << static_cast<uint32_t>(c);
    if (surrogate) continue;
    ASSERT_EQ(decoded.value, c);
    ASSERT_EQ(decoded.length, text.size());
  }
}

TEST(Decode, RefusesTheRestByteByByte) {
  for (std::string text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3(", "\xFF"}) {
    CodePoint decoded = decode(text, 0);
    EXPECT_FALSE(decoded.valid);
    EXPECT_EQ(decoded.length, 1u);
  }
}

TEST(DisplayWidth, KnowsWideAndCombiningCharacters) {
  EXPECT_EQ(display_width('a'), 1);
  EXPECT_EQ(display_width(0xE9), 1);
  EXPECT_EQ(display_width(0x20AC), 1);
  EXPECT_EQ(display_width(0x65E5), 2);
  EXPECT_EQ(display_width(0xFF21), 2);
  EXPECT_EQ(display_width(0x1F600), 2);
  EXPECT_EQ(display_width(0x0301), 0);
  EXPECT_EQ(display_width(0x200D), 0);
}

}  // namespace
}  // namespace toll::dsl::scan
