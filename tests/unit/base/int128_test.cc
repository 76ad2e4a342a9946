#include "base/int128.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"
#include "tests/unit/base/generators.h"

namespace toll {
namespace {

constexpr std::string_view kMaxText = "170141183460469231731687303715884105727";
constexpr std::string_view kMinText = "-170141183460469231731687303715884105728";

TEST(Int128Text, WritesAndReadsBothEnds) {
  EXPECT_EQ(to_string(kInt128Max), kMaxText);
  EXPECT_EQ(to_string(kInt128Min), kMinText);
  EXPECT_EQ(to_string(Int128{0}), "0");
  EXPECT_EQ(parse_int128(kMaxText), kInt128Max);
  EXPECT_EQ(parse_int128(kMinText), kInt128Min);
}

TEST(Int128Text, ReadsDigitsInAnyNumber) {
  EXPECT_EQ(parse_int128("007"), Int128{7});
  EXPECT_EQ(parse_int128("-0"), Int128{0});
  EXPECT_EQ(parse_int128(std::string(1000, '0') + "12"), Int128{12});
}

TEST(Int128Text, RefusesWhatIsNotDigitsOrDoesNotFit) {
  for (const std::string_view text :
       {"", "-", "+1", "--1", "- 1", " 1", "1 ", "1.0", "1e3", "0x1f", "1,000", "12a", "\xd9\xa3",
        "170141183460469231731687303715884105728", "-170141183460469231731687303715884105729",
        "1000000000000000000000000000000000000000"}) {
    EXPECT_EQ(parse_int128(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_int128(std::string_view("1\0", 2)), std::nullopt);
}

TEST(Int128Arithmetic, SaysWhenItLeavesTheRange) {
  EXPECT_EQ(checked_add(kInt128Max, 0), kInt128Max);
  EXPECT_EQ(checked_add(kInt128Max, 1), std::nullopt);
  EXPECT_EQ(checked_add(kInt128Min, -1), std::nullopt);
  EXPECT_EQ(checked_add(kInt128Min, kInt128Max), Int128{-1});
  EXPECT_EQ(checked_sub(-1, kInt128Min), kInt128Max);
  EXPECT_EQ(checked_sub(0, kInt128Min), std::nullopt);
  EXPECT_EQ(checked_sub(kInt128Min, 1), std::nullopt);
  EXPECT_EQ(checked_mul(kInt128Min, 1), kInt128Min);
  EXPECT_EQ(checked_mul(kInt128Min, -1), std::nullopt);
  EXPECT_EQ(checked_mul(Int128{1} << 64, Int128{1} << 62), Int128{1} << 126);
  EXPECT_EQ(checked_mul(Int128{1} << 64, Int128{1} << 63), std::nullopt);
  EXPECT_EQ(checked_mul(-(Int128{1} << 64), Int128{1} << 63), kInt128Min);
}

TEST(Int128Arithmetic, HasEveryPowerOfTenThatFits) {
  for (int i = 0; i <= kMaxPowerOfTen; ++i) {
    EXPECT_EQ(to_string(power_of_ten(i)), "1" + std::string(i, '0'));
  }
  EXPECT_EQ(checked_mul(power_of_ten(kMaxPowerOfTen), 10), std::nullopt);
}

TEST(Int128Arithmetic, FindsCommonDivisors) {
  struct Case {
    Int128 a, b, expected;
  };
  for (const auto& [a, b, expected] : {Case{0, 0, 0},
                                       {0, 5, 5},
                                       {-5, 0, 5},
                                       {12, 18, 6},
                                       {-12, 18, 6},
                                       {-12, -18, 6},
                                       {7, 13, 1},
                                       {kInt128Max, kInt128Max, kInt128Max},
                                       {-kInt128Max, kInt128Max, kInt128Max},
                                       {kInt128Max, kInt128Max - 1, 1},
                                       {power_of_ten(38), power_of_ten(20), power_of_ten(20)}}) {
    EXPECT_EQ(gcd(a, b), expected) << to_string(a) << ", " << to_string(b);
  }
}

TEST(Int128Arithmetic, FindsCommonMultiplesThatFit) {
  EXPECT_EQ(checked_lcm(4, 6), Int128{12});
  EXPECT_EQ(checked_lcm(1, 1), Int128{1});
  EXPECT_EQ(checked_lcm(3600, 1024), Int128{230400});
  EXPECT_EQ(checked_lcm(kInt128Max, kInt128Max), kInt128Max);
  EXPECT_EQ(checked_lcm(kInt128Max, 2), std::nullopt);
  EXPECT_EQ(checked_lcm(power_of_ten(38), power_of_ten(37)), power_of_ten(38));
}

TEST(Int128Arithmetic, KnowsWhatFits64Bits) {
  constexpr Int128 most = std::numeric_limits<int64_t>::max();
  constexpr Int128 least = std::numeric_limits<int64_t>::min();
  EXPECT_TRUE(fits_int64(0) && fits_int64(most) && fits_int64(least));
  EXPECT_FALSE(fits_int64(most + 1));
  EXPECT_FALSE(fits_int64(least - 1));
  EXPECT_FALSE(fits_int64(kInt128Min));
  EXPECT_FALSE(fits_int64(Int128{1} << 64));
}

void expect_exact(std::optional<Int128> got, const cpp_int& expected) {
  RC_ASSERT(got.has_value() == fits(expected));
  if (got) RC_ASSERT(cpp_int(*got) == expected);
}

RC_GTEST_PROP(Int128Property, ArithmeticIsExactOrEmpty, (AnyInt128 a, AnyInt128 b)) {
  const cpp_int x(a.value), y(b.value);
  expect_exact(checked_add(a.value, b.value), x + y);
  expect_exact(checked_sub(a.value, b.value), x - y);
  expect_exact(checked_mul(a.value, b.value), x * y);
}

RC_GTEST_PROP(Int128Property, DivisorsAndMultiplesAreThoseOfBoost,
              (PositiveInt128 a, PositiveInt128 b)) {
  const cpp_int x(a.value), y(b.value);
  RC_ASSERT(cpp_int(gcd(a.value, -b.value)) == boost::multiprecision::gcd(x, y));
  expect_exact(checked_lcm(a.value, b.value), boost::multiprecision::lcm(x, y));
}

RC_GTEST_PROP(Int128Property, TextRoundTrips, (AnyInt128 a)) {
  RC_ASSERT(to_string(a.value) == cpp_int(a.value).str());
  RC_ASSERT(parse_int128(to_string(a.value)) == a.value);
}

}  // namespace
}  // namespace toll
