#include "base/internal/uint256.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"
#include "tests/unit/base/generators.h"

namespace toll::internal {
namespace {

constexpr UInt128 kMost = ~UInt128{0};

cpp_int exact(const UInt256& value) { return (cpp_int(value.high) << 128) + cpp_int(value.low); }

TEST(UInt256, MultipliesTheLargestNumbers) {
  EXPECT_EQ(multiply(kMost, kMost), (UInt256{kMost - 1, 1}));
  EXPECT_EQ(multiply(kMost, 1), (UInt256{0, kMost}));
  EXPECT_EQ(multiply(kMost, 0), UInt256{});
  EXPECT_EQ(multiply(UInt128{1} << 64, UInt128{1} << 64), (UInt256{1, 0}));
}

TEST(UInt256, CarriesAndBorrowsBetweenTheHalves) {
  EXPECT_EQ(add({0, kMost}, {0, 1}), (UInt256{1, 0}));
  EXPECT_EQ(add({3, kMost}, {4, kMost}), (UInt256{8, kMost - 1}));
  EXPECT_EQ(subtract({1, 0}, {0, 1}), (UInt256{0, kMost}));
  EXPECT_EQ(subtract({8, kMost - 1}, {4, kMost}), (UInt256{3, kMost}));
}

TEST(UInt256, OrdersByTheUpperHalfFirst) {
  EXPECT_LT((UInt256{0, kMost}), (UInt256{1, 0}));
  EXPECT_LT((UInt256{1, 0}), (UInt256{1, 1}));
}

TEST(UInt256, ComparesProductsBySignBeforeSize) {
  EXPECT_EQ(compare_products(0, 5, 0, 7), std::strong_ordering::equal);
  EXPECT_EQ(compare_products(-1, 1, 0, 1), std::strong_ordering::less);
  EXPECT_EQ(compare_products(-3, 1, -2, 1), std::strong_ordering::less);
  EXPECT_EQ(compare_products(kInt128Min, kMost, kInt128Max, kMost), std::strong_ordering::less);
  EXPECT_EQ(compare_products(kInt128Max, kMost, 1, kMost), std::strong_ordering::greater);
}

RC_GTEST_PROP(UInt256Property, AgreesWithUnboundedIntegers,
              (AnyInt128 a, AnyInt128 b, AnyInt128 c, AnyInt128 d)) {
  const UInt256 ab = multiply(magnitude(a.value), magnitude(b.value));
  const UInt256 cd = multiply(magnitude(c.value), magnitude(d.value));
  RC_ASSERT(exact(ab) == abs(cpp_int(a.value) * cpp_int(b.value)));
  RC_ASSERT(exact(add(ab, cd)) == exact(ab) + exact(cd));
  const auto& [less, more] = std::minmax(ab, cd);
  RC_ASSERT(exact(subtract(more, less)) == exact(more) - exact(less));
  RC_ASSERT((ab < cd) == (exact(ab) < exact(cd)));
}

RC_GTEST_PROP(UInt256Property, DivisionLeavesTheRemainder,
              (AnyInt128 a, AnyInt128 b, PositiveInt128 divisor)) {
  const UInt256 dividend = multiply(magnitude(a.value), magnitude(b.value));
  const auto [quotient, remainder] = divide(dividend, divisor.value);
  RC_ASSERT(exact(quotient) == exact(dividend) / cpp_int(divisor.value));
  RC_ASSERT(cpp_int(remainder) == exact(dividend) % cpp_int(divisor.value));
}

RC_GTEST_PROP(UInt256Property, ComparesProductsExactly,
              (AnyInt128 a, PositiveInt128 b, AnyInt128 c, PositiveInt128 d)) {
  const cpp_int left = cpp_int(a.value) * cpp_int(b.value);
  const cpp_int right = cpp_int(c.value) * cpp_int(d.value);
  const auto order = compare_products(a.value, b.value, c.value, d.value);
  RC_ASSERT((order < 0) == (left < right));
  RC_ASSERT((order > 0) == (left > right));
}

}  // namespace
}  // namespace toll::internal
