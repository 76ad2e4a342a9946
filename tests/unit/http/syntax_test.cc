#include "http/text/syntax.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace toll::http {
namespace {

std::string decode(std::string_view text, Plus plus) {
  std::string out;
  append_decoded(text, plus, out);
  return out;
}

TEST(Syntax, TokensAreWhatMethodsAndNamesAreMadeOf) {
  for (const std::string_view good : {"GET", "x-a_b.c~1", "!#$%&'*+-.^_`|~"}) {
    EXPECT_TRUE(is_token(good)) << good;
  }
  for (const std::string_view bad : {"", "a b", "a:", "a\t", "a/b", "a\r", "\xc3\xa4", "a(b)"}) {
    EXPECT_FALSE(is_token(bad)) << bad;
  }
}

TEST(Syntax, FieldValuesHoldNoControlCharactersButTheTab) {
  EXPECT_TRUE(is_field_value(""));
  EXPECT_TRUE(is_field_value("a\tb \xff"));
  EXPECT_FALSE(is_field_value("a\rb"));
  EXPECT_FALSE(is_field_value("a\nb"));
  EXPECT_FALSE(is_field_value(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_field_value("a\x7f"));
}

TEST(Syntax, SpacesAtTheEndsAreTrimmed) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
}

TEST(Syntax, NamesAreComparedWithoutCase) {
  EXPECT_TRUE(equal_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equal_ignoring_case("content-length", "content-lengths"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));  // letters only
}

TEST(PercentEncoding, WantsTwoDigitsBehindEachPercent) {
  for (const std::string_view good : {"", "abc", "%41", "a%2Fb%2f"}) {
    EXPECT_TRUE(is_percent_encoded(good)) << good;
  }
  for (const std::string_view bad : {"%", "%4", "a%4", "%4g", "%%41", "%-1", "%41%"}) {
    EXPECT_FALSE(is_percent_encoded(bad)) << bad;
  }
}

TEST(PercentEncoding, IsDecodedOnce) {
  EXPECT_EQ(decode("a%2Fb", Plus::Literal), "a/b");
  EXPECT_EQ(decode("%252e", Plus::Literal), "%2e");
  EXPECT_EQ(decode("a+b", Plus::Literal), "a+b");
  EXPECT_EQ(decode("a+b%2B", Plus::Space), "a b+");
  EXPECT_EQ(decode("%00", Plus::Literal), std::string(1, '\0'));
}

RC_GTEST_PROP(PercentEncoding, EveryByteSurvivesIt, (const std::string& bytes)) {
  std::string encoded;
  for (const char c : bytes) {
    constexpr char kDigits[] = "0123456789aBcDeF";
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  RC_ASSERT(is_percent_encoded(encoded));
  RC_ASSERT(decode(encoded, Plus::Space) == bytes);
}

TEST(Utf8, TakesOneFormOfEachCharacter) {
  for (const std::string_view good :
       {"", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "Z\xc3\xbcrich \xe2\x82\xac"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\xae", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3("}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace toll::http
