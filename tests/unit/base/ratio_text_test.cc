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

TEST(RatioText, IsReadBack) {
  EXPECT_EQ(parse_ratio("89939/900"), Ratio::of(89'939, 900));
  EXPECT_EQ(parse_ratio("10/4"), Ratio::of(5, 2)) << "also where it is not in lowest terms";
  EXPECT_EQ(parse_ratio("12.50"), Ratio::of(25, 2));
  EXPECT_EQ(parse_ratio("0/7"), Ratio());
  EXPECT_EQ(parse_ratio("92844.000000000003637978807091712951660156250"),
            Ratio::of((Int128{92'844} << 38) + 1, Int128{1} << 38))
      << "decimals may be longer than those of usage";
  EXPECT_EQ(parse_ratio("0." + std::string(38, '0') + "1"),
            std::unexpected(DecimalFault::TooManyPlaces));
  EXPECT_EQ(parse_ratio("999999999999999999." + std::string(37, '0') + "1"),
            std::unexpected(DecimalFault::TooManyPlaces))
      << "no Ratio holds it";
  EXPECT_EQ(parse_ratio("1/170141183460469231731687303715884105727"), Ratio::of(1, kInt128Max));
  EXPECT_EQ(parse_ratio("1/170141183460469231731687303715884105728"),
            std::unexpected(DecimalFault::TooLarge));
  for (const auto* text : {"1/0", "/2", "1/", "1/2/3", "1.5/2", "1/2.5", "x/2", "/"})
    EXPECT_EQ(parse_ratio(text), std::unexpected(DecimalFault::NotANumber)) << text;
  EXPECT_EQ(parse_ratio("-1/2"), std::unexpected(DecimalFault::Negative));
  EXPECT_EQ(parse_ratio("1/-2"), std::unexpected(DecimalFault::Negative));
  EXPECT_EQ(parse_ratio("01/2"), std::unexpected(DecimalFault::LeadingZero));
  EXPECT_EQ(parse_ratio("1000000000000000000/1"), std::unexpected(DecimalFault::TooLarge));
  EXPECT_TRUE(parse_ratio("1000000000000000000/3"));
  EXPECT_EQ(parse_ratio(""), std::unexpected(DecimalFault::Empty));
}

RC_GTEST_PROP(RatioText, SaysWhatTheRatioSays, (int64_t n, int32_t any)) {
  const Int128 d = Int128{any < 0 ? -int64_t{any} : int64_t{any}} + 1;
  for (const int shift : {0, 2, 3})
    RC_ASSERT(n < 0 ||
              parse_ratio(ratio_text(n, d, shift)) == Ratio::of(n, d * power_of_ten(shift)));
  for (const int shift : {0, 2, 3})
    RC_ASSERT(ratio_text(n, d, shift) == Ratio::of(n, d * power_of_ten(shift)).to_string());
}

}  // namespace
}  // namespace toll
