#include "base/ratio.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"
#include "tests/unit/base/generators.h"

namespace toll {
namespace {

Ratio ratio(Int128 n, Int128 d = 1) { return Ratio::of(n, d); }

TEST(Ratio, IsReducedWithAPositiveDenominator) {
  struct Case {
    Int128 n, d, numerator, denominator;
  };
  for (const auto& [n, d, numerator, denominator] : {
           Case{6, 4, 3, 2},
           Case{-6, 4, -3, 2},
           Case{0, 7, 0, 1},
           Case{kInt128Max, kInt128Max, 1, 1},
           Case{-kInt128Max, kInt128Max, -1, 1},
           Case{kInt128Max, 2, kInt128Max, 2},
       }) {
    const Ratio r = ratio(n, d);
    EXPECT_EQ(r.numerator(), numerator);
    EXPECT_EQ(r.denominator(), denominator);
  }
  EXPECT_EQ(Ratio(), ratio(0));
  EXPECT_EQ(Ratio(-3), ratio(-3));
  EXPECT_TRUE(Ratio().is_zero());
  EXPECT_FALSE(ratio(-1, 5).is_zero());
}

TEST(Ratio, IsMadeOfEveryDecimalThatFits) {
  EXPECT_EQ(Ratio::of(Decimal{230, 4}), ratio(23, 1000));
  EXPECT_EQ(Ratio::of(Decimal{-5, 1}), ratio(-1, 2));
  EXPECT_EQ(Ratio::of(Decimal{0, 38}), ratio(0));
  EXPECT_EQ(Ratio::of(Decimal{1, 38}), ratio(1, power_of_ten(38)));
  EXPECT_EQ(Ratio::of(Decimal{kInt128Min, 1}), ratio(kInt128Min / 2, 5));
  EXPECT_EQ(Ratio::of(Decimal{kInt128Min, 0}), std::nullopt);
  EXPECT_EQ(Ratio::of(Decimal{1, 39}), std::nullopt);
}

TEST(Ratio, ComputesWithFractions) {
  EXPECT_EQ(checked_add(ratio(1, 6), ratio(1, 10)), ratio(4, 15));
  EXPECT_EQ(checked_add(ratio(1, 2), ratio(-1, 2)), ratio(0));
  EXPECT_EQ(checked_sub(ratio(1, 6), ratio(1, 10)), ratio(1, 15));
  EXPECT_EQ(checked_sub(ratio(1, 3), ratio(1, 3)), ratio(0));
  EXPECT_EQ(checked_mul(ratio(2, 3), ratio(-9, 4)), ratio(-3, 2));
  EXPECT_EQ(checked_mul(ratio(0), ratio(5, 7)), ratio(0));
  EXPECT_EQ(checked_div(ratio(2, 3), ratio(-4, 9)), ratio(-3, 2));
  EXPECT_EQ(checked_div(ratio(0), ratio(-4, 9)), ratio(0));
}

TEST(Ratio, FailsOnlyWhereTheReducedResultDoesNotFit) {
  constexpr Int128 max = kInt128Max;
  EXPECT_EQ(checked_mul(ratio(max, 3), ratio(3, max)), ratio(1));
  EXPECT_EQ(checked_mul(ratio(max), ratio(2)), std::nullopt);
  EXPECT_EQ(checked_mul(ratio(1, max), ratio(1, 2)), std::nullopt);
  EXPECT_EQ(checked_div(ratio(max, 5), ratio(max, 7)), ratio(7, 5));
  EXPECT_EQ(checked_div(ratio(1, max), ratio(-max)), std::nullopt);
  EXPECT_EQ(checked_div(ratio(1), ratio(-max)), ratio(-1, max));
  EXPECT_EQ(checked_add(ratio(max), ratio(1)), std::nullopt);
  EXPECT_EQ(checked_add(ratio(max), ratio(-max)), ratio(0));
  EXPECT_EQ(checked_add(ratio(1, max), ratio(1, max - 1)), std::nullopt);
  EXPECT_EQ(checked_sub(ratio(-max), ratio(1)), std::nullopt);
  EXPECT_EQ(checked_sub(ratio(-max), ratio(-max)), ratio(0));
}

// (2^127 - 2)/3 + 1/3 = (2^127 - 1)/3, and 2^126/3 + 2^126/3 leaves 128 bits by one.
TEST(Ratio, AddsUpToTheLastNumeratorThatFits) {
  EXPECT_EQ(checked_add(ratio(kInt128Max - 1, 3), ratio(1, 3)), ratio(kInt128Max, 3));
  const Ratio half = ratio(Int128{1} << 126, 3);
  EXPECT_EQ(checked_add(half, half), std::nullopt);
  EXPECT_EQ(checked_sub(Ratio(), half), ratio(-(Int128{1} << 126), 3));
  EXPECT_EQ(checked_mul(ratio(-(Int128{1} << 126)), ratio(2)), std::nullopt);  // -2^127
}

// 3 x n + 2 x n, over 6: the sum needs 129 bits, until its factor 5 meets the denominator.
TEST(Ratio, AddsThroughNumeratorsThatNeedMoreThan128Bits) {
  const Int128 n = (Int128{1} << 126) + 3;  // odd, and no multiple of 3 or 5
  ASSERT_TRUE(n % 2 != 0 && n % 3 != 0 && n % 5 != 0);
  const auto sum = checked_add(ratio(n, 10), ratio(n, 15));
  EXPECT_EQ(sum, ratio(n, 6));
  const auto difference = checked_sub(*sum, ratio(n, 15));
  EXPECT_EQ(difference, ratio(n, 10));
}

TEST(Ratio, ComparesWhereCrossProductsDoNotFit) {
  constexpr Int128 max = kInt128Max;
  EXPECT_LT(ratio(max - 1, max), ratio(1));
  EXPECT_LT(ratio(max - 2, max - 1), ratio(max - 1, max));
  EXPECT_LT(ratio(-(max - 1), max), ratio(-(max - 2), max - 1));
  EXPECT_LT(ratio(-max), ratio(max));
  EXPECT_LT(ratio(-1, max), ratio(0));
  EXPECT_GT(ratio(1, max - 1), ratio(1, max));
  EXPECT_EQ(ratio(2, 4) <=> ratio(1, 2), std::strong_ordering::equal);
}

TEST(Ratio, WritesADecimalWhereThereIsOne) {
  struct Case {
    Int128 n, d;
    std::string_view text;
  };
  for (const auto& [n, d, text] : {
           Case{600, 1, "600"},
           Case{0, 1, "0"},
           Case{-600, 1, "-600"},
           Case{1, 2, "0.5"},
           Case{-1, 2, "-0.5"},
           Case{-7, 2, "-3.5"},
           Case{1, 1024, "0.0009765625"},
           Case{23, 1000, "0.023"},
           Case{100, 1, "100"},
           Case{1, 3, "1/3"},
           Case{-22, 7, "-22/7"},
           Case{1, 6, "1/6"},
           Case{kInt128Max, 1, "170141183460469231731687303715884105727"},
           Case{kInt128Max, 1024, "166153499473114484112975882535043071.9990234375"},
           Case{-kInt128Max, 2, "-85070591730234615865843651857942052863.5"},
       }) {
    EXPECT_EQ(ratio(n, d).to_string(), text);
  }
  EXPECT_EQ(ratio(1, Int128{1} << 38).to_string(), "0.00000000000363797880709171295166015625");
  EXPECT_EQ(ratio(1, Int128{1} << 39).to_string(), "1/549755813888");  // 39 places
}

TEST(Ratio, BecomesADecimalWithinThePlacesAllowed) {
  EXPECT_EQ(ratio(1, 8).to_decimal(), (Decimal{125, 3}));
  EXPECT_EQ(ratio(1, 8).to_decimal(3)->scale, 3);
  EXPECT_EQ(ratio(1, 8).to_decimal(2), std::nullopt);
  EXPECT_EQ(ratio(5).to_decimal(0), (Decimal{5, 0}));
  EXPECT_EQ(ratio(1, 3).to_decimal(), std::nullopt);
  EXPECT_EQ(ratio(1, power_of_ten(38)).to_decimal()->scale, 38);
  EXPECT_EQ(ratio(1, Int128{1} << 39).to_decimal(100), std::nullopt);
  EXPECT_EQ(ratio(kInt128Max, 2).to_decimal(), std::nullopt);  // ten times more than fits
}

TEST(Ratio, FloorsToPlaces) {
  EXPECT_EQ(ratio(5, 3).floor_to(3), (Decimal{1666, 3}));
  EXPECT_EQ(ratio(5, 2).floor_to(18), (Decimal{25, 1}));
  EXPECT_EQ(ratio(2, 3).floor_to(0), (Decimal{0, 0}));
  EXPECT_EQ(ratio(kInt128Max, kInt128Max - 1).floor_to(18), (Decimal{1, 0}));
  EXPECT_EQ(ratio(kInt128Max).floor_to(1), std::nullopt);
}

// ---- against fractions without bounds ----

void expect_exact(const std::optional<Ratio>& got, const cpp_rational& expected) {
  const bool representable = abs(numerator(expected)) <= cpp_int(kInt128Max) &&
                             denominator(expected) <= cpp_int(kInt128Max);
  RC_ASSERT(got.has_value() == representable);
  if (!got) return;
  RC_ASSERT(cpp_int(got->numerator()) == numerator(expected));
  RC_ASSERT(cpp_int(got->denominator()) == denominator(expected));
}

RC_GTEST_PROP(RatioProperty, ArithmeticIsExactOrEmpty, (Ratio a, Ratio b)) {
  expect_exact(checked_add(a, b), exact(a) + exact(b));
  expect_exact(checked_sub(a, b), exact(a) - exact(b));
  expect_exact(checked_mul(a, b), exact(a) * exact(b));
  if (!b.is_zero()) expect_exact(checked_div(a, b), exact(a) / exact(b));
}

/// A ratio of numbers of about `bits` bits.
rc::Gen<Ratio> sized_ratio(int bits) {
  return rc::gen::apply(
      [bits](AnyInt128 n, PositiveInt128 d) {
        const Int128 modulus = Int128{1} << bits;
        return Ratio::of(n.value % modulus, d.value % modulus + 1);
      },
      rc::gen::arbitrary<AnyInt128>(), rc::gen::arbitrary<PositiveInt128>());
}

// Operands of which a third of the 128 bits is used mostly give results that fit.
RC_GTEST_PROP(RatioProperty, ArithmeticOfModestNumbersIsExact, ()) {
  const Ratio a = *sized_ratio(42);
  const Ratio b = *sized_ratio(42);
  expect_exact(checked_add(a, b), exact(a) + exact(b));
  expect_exact(checked_sub(a, b), exact(a) - exact(b));
  expect_exact(checked_mul(a, b), exact(a) * exact(b));
  if (!b.is_zero()) expect_exact(checked_div(a, b), exact(a) / exact(b));
  RC_ASSERT(checked_add(*checked_sub(a, b), b) == a);
}

// a + (s - a) = s, where s is close to a: numerators on the way are far larger than the result's.
RC_GTEST_PROP(RatioProperty, SumsThatCancelComeBackFromBeyond128Bits, ()) {
  const Int128 d = (*sized_ratio(50)).denominator();
  const Int128 y = *rc::gen::inRange<int64_t>(1, int64_t{1} << 50);
  const Ratio a = Ratio::of((*rc::gen::arbitrary<PositiveInt128>()).value, d);
  const cpp_int x = numerator(exact(a)) * y / denominator(exact(a));
  RC_PRE(fits(x));
  const Ratio s = Ratio::of(static_cast<Int128>(x), y);
  const cpp_rational rest = exact(s) - exact(a);
  RC_PRE(abs(numerator(rest)) <= cpp_int(kInt128Max));
  const Ratio b =
      Ratio::of(static_cast<Int128>(numerator(rest)), static_cast<Int128>(denominator(rest)));
  RC_ASSERT(checked_add(a, b) == s);
  RC_ASSERT(checked_sub(s, b) == a);
}

RC_GTEST_PROP(RatioProperty, OrderIsThatOfTheFractions, (Ratio a, Ratio b)) {
  RC_ASSERT((a < b) == (exact(a) < exact(b)));
  RC_ASSERT((a > b) == (exact(a) > exact(b)));
  RC_ASSERT((a == b) == (exact(a) == exact(b)));
}

RC_GTEST_PROP(RatioProperty, NeighboursAreToldApart, (PositiveInt128 p)) {
  const Int128 n = std::min(p.value, kInt128Max - 1);
  RC_ASSERT(Ratio::of(n, n + 1) < Ratio(1));
  RC_ASSERT(Ratio::of(n + 1, n) > Ratio(1));
  if (n > 1) RC_ASSERT(Ratio::of(n - 1, n) < Ratio::of(n, n + 1));
}

RC_GTEST_PROP(RatioProperty, EveryDecimalIsARatioAndBack, (Decimal d)) {
  RC_PRE(d.mantissa != kInt128Min);
  const auto r = Ratio::of(d);
  RC_ASSERT(r.has_value());
  RC_ASSERT(exact(*r) == exact(d));
  const auto back = r->to_decimal();
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->scale == d.normalized().scale);
  RC_ASSERT(back->mantissa == d.normalized().mantissa);
  RC_ASSERT(r->to_string() == d.normalized().to_string());
}

// Reads the text with Boost alone, so that a decimal that is too long for 128 bits counts as well.
RC_GTEST_PROP(RatioProperty, TheTextIsTheNumber, (Ratio a)) {
  std::string text = a.to_string();
  cpp_rational read;
  if (const size_t point = text.find('.'); point != text.npos) {
    const auto places = static_cast<unsigned>(text.size() - point - 1);
    const bool negative = text.starts_with('-');
    const std::string digits = text.substr(negative, point - negative) + text.substr(point + 1);
    const size_t leading = std::min(digits.find_first_not_of('0'), digits.size() - 1);
    read = cpp_rational(cpp_int(digits.substr(leading)),
                        boost::multiprecision::pow(cpp_int(10), places));
    if (negative) read = -read;
    RC_ASSERT(!text.ends_with('0'));
  } else {
    read = cpp_rational(text);
  }
  RC_ASSERT(read == exact(a));
}

}  // namespace
}  // namespace toll
