#include "base/rounding.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"
#include "tests/unit/base/generators.h"

namespace toll {
namespace {

constexpr RoundingMode kModes[] = {RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up,
                                   RoundingMode::Down};

TEST(Rounding, DecidesEachQuarterOfAStepByMode) {
  struct Case {
    Int128 n, d;
    Int128 half_up, half_even, up, down;
  };
  for (const auto& [n, d, half_up, half_even, up, down] : {
           Case{0, 4, 0, 0, 0, 0},
           Case{1, 4, 0, 0, 1, 0},
           Case{2, 4, 1, 0, 1, 0},
           Case{3, 4, 1, 1, 1, 0},
           Case{4, 4, 1, 1, 1, 1},
           Case{5, 4, 1, 1, 2, 1},
           Case{6, 4, 2, 2, 2, 1},
           Case{7, 4, 2, 2, 2, 1},
           Case{10, 4, 3, 2, 3, 2},
           Case{1, 3, 0, 0, 1, 0},
           Case{2, 3, 1, 1, 1, 0},
           Case{4734075, 1000, 4734, 4734, 4735, 4734},
           Case{5, 1, 5, 5, 5, 5},
       }) {
    SCOPED_TRACE(to_string(n) + "/" + to_string(d));
    EXPECT_EQ(div_round(n, d, RoundingMode::HalfUp), half_up);
    EXPECT_EQ(div_round(n, d, RoundingMode::HalfEven), half_even);
    EXPECT_EQ(div_round(n, d, RoundingMode::Up), up);
    EXPECT_EQ(div_round(n, d, RoundingMode::Down), down);
    EXPECT_EQ(div_round(-n, d, RoundingMode::HalfUp), -half_up);
    EXPECT_EQ(div_round(-n, d, RoundingMode::HalfEven), -half_even);
    EXPECT_EQ(div_round(-n, d, RoundingMode::Up), -up);
    EXPECT_EQ(div_round(-n, d, RoundingMode::Down), -down);
  }
}

TEST(Rounding, HoldsAtTheEndsOf128Bits) {
  constexpr Int128 half_of_max = kInt128Max / 2;  // max is odd: half of it rounds down
  for (const RoundingMode mode : kModes) {
    SCOPED_TRACE(to_string(mode));
    EXPECT_EQ(div_round(kInt128Min, 1, mode), kInt128Min);
    EXPECT_EQ(div_round(kInt128Max, 1, mode), kInt128Max);
    EXPECT_EQ(div_round(kInt128Max, kInt128Max, mode), 1);
    EXPECT_EQ(div_round(kInt128Min, 2, mode), kInt128Min / 2);
  }
  EXPECT_EQ(div_round(kInt128Max, 2, RoundingMode::HalfUp), half_of_max + 1);
  EXPECT_EQ(div_round(kInt128Max, 2, RoundingMode::HalfEven), half_of_max + 1);
  EXPECT_EQ(div_round(half_of_max, kInt128Max, RoundingMode::HalfUp), 0);
  EXPECT_EQ(div_round(half_of_max + 1, kInt128Max, RoundingMode::HalfUp), 1);
  EXPECT_EQ(div_round(half_of_max + 1, kInt128Max - 1, RoundingMode::HalfEven), 1);
  EXPECT_EQ(div_round(half_of_max, kInt128Max - 1, RoundingMode::HalfEven), 0);
  EXPECT_EQ(div_round(half_of_max, kInt128Max - 1, RoundingMode::HalfUp), 1);
  EXPECT_EQ(div_round(kInt128Min, kInt128Max, RoundingMode::Up), -2);
  EXPECT_EQ(div_round(kInt128Min, kInt128Max, RoundingMode::HalfUp), -1);
  EXPECT_EQ(div_round(kInt128Max - 1, kInt128Max, RoundingMode::Down), 0);
}

TEST(Rounding, ModesAreNamedAsTheLanguageWritesThem) {
  EXPECT_EQ(to_string(RoundingMode::HalfUp), "half-up");
  EXPECT_EQ(to_string(RoundingMode::HalfEven), "half-even");
  EXPECT_EQ(to_string(RoundingMode::Up), "up");
  EXPECT_EQ(to_string(RoundingMode::Down), "down");
}

TEST(Rounding, ModesKeepTheNumbersThatNativeCodeIsGiven) {
  EXPECT_EQ(static_cast<int>(RoundingMode::HalfUp), 0);
  EXPECT_EQ(static_cast<int>(RoundingMode::HalfEven), 1);
  EXPECT_EQ(static_cast<int>(RoundingMode::Up), 2);
  EXPECT_EQ(static_cast<int>(RoundingMode::Down), 3);
}

/// The textbook formula on the magnitude, with room for every intermediate value.
cpp_int rounded(const cpp_int& n, const cpp_int& d, RoundingMode mode) {
  const cpp_int size = abs(n);
  cpp_int result;
  switch (mode) {
    case RoundingMode::Down:
      result = size / d;
      break;
    case RoundingMode::Up:
      result = (size + d - 1) / d;
      break;
    case RoundingMode::HalfUp:
      result = (2 * size + d) / (2 * d);
      break;
    case RoundingMode::HalfEven:
      result = (2 * size + d) / (2 * d);
      if ((2 * size + d) % (2 * d) == 0 && result % 2 != 0) --result;
      break;
  }
  return n < 0 ? -result : result;
}

RC_GTEST_PROP(RoundingProperty, IsTheTextbookFormula, (AnyInt128 n, PositiveInt128 d)) {
  for (const RoundingMode mode : kModes) {
    const Int128 got = div_round(n.value, d.value, mode);
    RC_ASSERT(cpp_int(got) == rounded(cpp_int(n.value), cpp_int(d.value), mode));
  }
}

RC_GTEST_PROP(RoundingProperty, TiesAreDecidedExactly, (AnyInt128 whole, PositiveInt128 half)) {
  // (2 w + 1) / 2 scaled by `half`, kept small enough for 128 bits.
  const Int128 w = whole.value % (Int128{1} << 60);
  const Int128 h = half.value % (Int128{1} << 60) + 1;
  const Int128 n = (2 * w + 1) * h;
  const Int128 away = n > 0 ? w + 1 : w;
  RC_ASSERT(div_round(n, 2 * h, RoundingMode::HalfUp) == away);
  RC_ASSERT(div_round(n, 2 * h, RoundingMode::HalfEven) % 2 == 0);
}

RC_GTEST_PROP(RoundingProperty, MirrorsAroundZero, (PositiveInt128 n, PositiveInt128 d)) {
  for (const RoundingMode mode : kModes) {
    RC_ASSERT(div_round(-n.value, d.value, mode) == -div_round(n.value, d.value, mode));
  }
}

RC_GTEST_PROP(RoundingProperty, NeverFallsWhenTheAmountRises,
              (AnyInt128 a, AnyInt128 b, PositiveInt128 d)) {
  const auto [less, more] = std::minmax(a.value, b.value);
  for (const RoundingMode mode : kModes) {
    RC_ASSERT(div_round(less, d.value, mode) <= div_round(more, d.value, mode));
  }
}

}  // namespace
}  // namespace toll
