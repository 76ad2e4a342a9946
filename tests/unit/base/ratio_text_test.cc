#include "base/ratio_text.h"

#include <gtest/gtest.h>

#include "base/ratio.h"
#include "rapidcheck/gtest.h"

namespace toll {
namespace {

TEST(RatioText, WritesDecimalsWhereThereAreSome) {
  EXPECT_EQ(ratio_text(0, 7, 2), "0");
  EXPECT_EQ(ratio_text(1234, 1, 2), "12.34");
  EXPECT_EQ(ratio_text(1200, 1, 2), "12");
  EXPECT_EQ(ratio_text(1230, 1, 2), "12.3");
  EXPECT_EQ(ratio_text(-5, 2, 0), "-2.5");
  EXPECT_EQ(ratio_text(-1, 4, 2), "-0.0025");
  EXPECT_EQ(ratio_text(200, 3, 2), "2/3");
  EXPECT_EQ(ratio_text(-1, 3, 2), "-1/300");
}

// Each of these has a denominator or a mantissa beyond 128 bits.
TEST(RatioText, IsExactBeyondTheRangeOfARatio) {
  EXPECT_EQ(ratio_text(1, kInt128Max, 2), "1/17014118346046923173168730371588410572700");
  EXPECT_EQ(ratio_text(kInt128Max, power_of_ten(38), 0),
            "1.70141183460469231731687303715884105727");
  EXPECT_EQ(ratio_text(kInt128Max, 2, 2), "850705917302346158658436518579420528.635");
  EXPECT_EQ(ratio_text(kInt128Max, Int128{1} << 38, 0),
            "618970019642690137449562111.99999999999636202119290828704833984375");
  EXPECT_EQ(ratio_text(-kInt128Max, 3, 38),
            "-170141183460469231731687303715884105727/300000000000000000000000000000000000000");
}

RC_GTEST_PROP(RatioText, SaysWhatTheRatioSays, (int64_t n, int32_t any)) {
  const Int128 d = Int128{any < 0 ? -int64_t{any} : int64_t{any}} + 1;
  for (const int shift : {0, 2, 3})
    RC_ASSERT(ratio_text(n, d, shift) == Ratio::of(n, d * power_of_ten(shift)).to_string());
}

}  // namespace
}  // namespace toll
