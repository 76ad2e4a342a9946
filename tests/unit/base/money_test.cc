#include "base/money.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"
#include "tests/unit/base/generators.h"

namespace toll {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

Currency currency(std::string_view code) { return find_currency(code).value(); }

TEST(Currency, HasTheMinorUnitOfIso4217) {
  struct Case {
    std::string_view codes;
    int exponent;
  };
  for (const auto& [codes, exponent] : {
           Case{"BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0},
           Case{"AED CHE CHF EUR GBP HUF MGA MRU SLE TWD USD USN VED VES XAD XCD XCG ZAR ZWG", 2},
           Case{"BHD IQD JOD KWD LYD OMR TND", 3},
           Case{"CLF UYW", 4},
       }) {
    for (size_t at = 0; at < codes.size(); at += 4) {
      const std::string_view code = codes.substr(at, 3);
      const auto found = find_currency(code);
      ASSERT_TRUE(found) << code;
      EXPECT_EQ(found->exponent, exponent) << code;
      EXPECT_EQ(found->name(), code);
    }
  }
}

// List one of 2026-01-01 has 178 codes, 13 of them without a minor unit.
TEST(Currency, KnowsAllOfListOne) {
  int count = 0;
  int other_than_two = 0;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        const auto found = find_currency(std::string{a, b, c});
        if (found) ++count;
        if (found && found->exponent != 2) ++other_than_two;
      }
    }
  }
  EXPECT_EQ(count, 178 - 13);
  EXPECT_EQ(other_than_two, 17 + 7 + 2);
}

TEST(Currency, RefusesWhatIsNoCirculatingCode) {
  for (const std::string_view code :
       {"",    "U",   "US",  "USDX", "usd", "Usd", " USD", "USD ",
        "US$", "AAA", "ZZZ", "XAU",  "XXX", "XTS", "XDR",  // no minor unit
        "DEM", "HRK", "ANG", "ZWL",  "BGN"})               // withdrawn
  {
    EXPECT_FALSE(find_currency(code)) << code;
  }
  EXPECT_FALSE(find_currency(std::string_view("USD\0", 4)));
}

TEST(Currency, IsEqualByCode) {
  EXPECT_EQ(currency("USD"), currency("USD"));
  EXPECT_NE(currency("USD"), currency("CAD"));
  EXPECT_EQ((Money{5, currency("USD")}), (Money{5, currency("USD")}));
  EXPECT_NE((Money{5, currency("USD")}), (Money{5, currency("EUR")}));
}

TEST(FormatMinor, PlacesThePointByCurrency) {
  struct Case {
    Int128 minor;
    std::string_view code, plain, grouped;
  };
  for (const auto& [minor, code, plain, grouped] : {
           Case{150, "USD", "1.50", "1.50"},
           Case{150, "JPY", "150", "150"},
           Case{150, "KWD", "0.150", "0.150"},
           Case{150, "CLF", "0.0150", "0.0150"},
           Case{0, "USD", "0.00", "0.00"},
           Case{-5, "USD", "-0.05", "-0.05"},
           Case{140288, "USD", "1402.88", "1,402.88"},
           Case{-14028800, "USD", "-140288.00", "-140,288.00"},
           Case{1000, "JPY", "1000", "1,000"},
           Case{-1000, "JPY", "-1000", "-1,000"},
           Case{kMost, "USD", "92233720368547758.07", "92,233,720,368,547,758.07"},
           Case{kInt128Min, "JPY", "-170141183460469231731687303715884105728",
                "-170,141,183,460,469,231,731,687,303,715,884,105,728"},
       }) {
    EXPECT_EQ(format_minor(minor, currency(code)), plain);
    EXPECT_EQ(format_minor_grouped(minor, currency(code)), grouped);
  }
}

TEST(GroupThousands, LeavesPlacesAlone) {
  EXPECT_EQ(group_thousands("61440.5"), "61,440.5");
  EXPECT_EQ(group_thousands("0.123456789"), "0.123456789");
  EXPECT_EQ(group_thousands("1234.56789"), "1,234.56789");
  EXPECT_EQ(group_thousands("-123"), "-123");
  EXPECT_EQ(group_thousands("-123456"), "-123,456");
  EXPECT_EQ(group_thousands("999"), "999");
  EXPECT_EQ(group_thousands("1000000"), "1,000,000");
  EXPECT_EQ(group_thousands(""), "");
}

TEST(ToMinor, TakesAmountsThatFitTheMinorUnit) {
  EXPECT_EQ(to_minor({150, 2}, currency("USD")), 150);
  EXPECT_EQ(to_minor({15, 1}, currency("USD")), 150);
  EXPECT_EQ(to_minor({150000, 5}, currency("USD")), 150);
  EXPECT_EQ(to_minor({-1, 0}, currency("KWD")), -1000);
  EXPECT_EQ(to_minor({5, 0}, currency("JPY")), 5);
  EXPECT_EQ(to_minor({50, 1}, currency("JPY")), 5);
  EXPECT_EQ(to_minor({1, 4}, currency("CLF")), 1);
}

TEST(ToMinor, RefusesSmallerPartsAndWhatIsTooLarge) {
  EXPECT_EQ(to_minor({5, 3}, currency("USD")), std::nullopt);
  EXPECT_EQ(to_minor({5, 1}, currency("JPY")), std::nullopt);
  EXPECT_EQ(to_minor({kMost, 2}, currency("USD")), kMost);
  EXPECT_EQ(to_minor({Int128{kMost} + 1, 2}, currency("USD")), std::nullopt);
  EXPECT_EQ(to_minor({kLeast, 2}, currency("USD")), kLeast);
  EXPECT_EQ(to_minor({Int128{kLeast} - 1, 2}, currency("USD")), std::nullopt);
  EXPECT_EQ(to_minor({kMost, 0}, currency("USD")), std::nullopt);
  EXPECT_EQ(to_minor({kInt128Max, 0}, currency("USD")), std::nullopt);
}

RC_GTEST_PROP(MoneyProperty, WhatIsFormattedIsReadBack, (int64_t minor)) {
  for (const std::string_view code : {"JPY", "USD", "KWD", "CLF"}) {
    const std::string text = format_minor(minor, currency(code));
    const bool negative = text.starts_with('-');
    auto read = parse_decimal(std::string_view(text).substr(negative), {.whole_digits_max = 20});
    RC_ASSERT(read.has_value());
    if (negative) read->mantissa = -read->mantissa;
    RC_ASSERT(to_minor(*read, currency(code)) == minor);
  }
}

RC_GTEST_PROP(MoneyProperty, GroupingOnlyAddsCommas, (AnyInt128 minor)) {
  for (const std::string_view code : {"JPY", "USD", "KWD"}) {
    std::string grouped = format_minor_grouped(minor.value, currency(code));
    size_t since_comma = 0;
    for (const char c : grouped.substr(0, grouped.find('.'))) {
      since_comma = c == ',' ? 0 : since_comma + (c != '-');
      RC_ASSERT(since_comma <= 3U);
    }
    RC_ASSERT(since_comma == 3U || grouped.find(',') == grouped.npos);
    std::erase(grouped, ',');
    RC_ASSERT(grouped == format_minor(minor.value, currency(code)));
  }
}

}  // namespace
}  // namespace toll
