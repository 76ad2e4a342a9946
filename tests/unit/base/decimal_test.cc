#include "base/decimal.h"

#include <gtest/gtest.h>

#include <set>

#include "rapidcheck/gtest.h"
#include "tests/unit/base/generators.h"

namespace toll {
namespace {

constexpr DecimalFault kFaults[] = {DecimalFault::Empty,       DecimalFault::NotANumber,
                                    DecimalFault::Exponent,    DecimalFault::Negative,
                                    DecimalFault::LeadingZero, DecimalFault::TooManyPlaces,
                                    DecimalFault::TooLarge};

bool same_digits(const Decimal& a, const Decimal& b) {
  return a.mantissa == b.mantissa && a.scale == b.scale;
}

TEST(ParseDecimal, KeepsWhatWasWritten) {
  struct Case {
    std::string_view text;
    Decimal expected;
  };
  const Int128 all_nines = power_of_ten(36) - 1;
  for (const auto& [text, expected] : {
           Case{"0", {0, 0}},
           Case{"0.0", {0, 1}},
           Case{"0.00", {0, 2}},
           Case{"7", {7, 0}},
           Case{"10", {10, 0}},
           Case{"0.0230", {230, 4}},
           Case{"1402.88", {140288, 2}},
           Case{"0.000000000000000001", {1, 18}},
           Case{"999999999999999999", {power_of_ten(18) - 1, 0}},
           Case{"999999999999999999.999999999999999999", {all_nines, 18}},
       }) {
    const auto parsed = parse_decimal(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_TRUE(same_digits(*parsed, expected)) << text << " gave " << *parsed;
    EXPECT_EQ(parsed->to_string(), text);
  }
}

TEST(ParseDecimal, DropsZerosBeyondThePlacesAllowed) {
  const std::string long_zeros(10'000, '0');
  struct Case {
    std::string text;
    int places_max;
    Decimal expected;
  };
  for (const auto& [text, places_max, expected] : {
           Case{"1.500", 2, {150, 2}},
           Case{"1.5" + long_zeros, 3, {1500, 3}},
           Case{"2." + long_zeros, 0, {2, 0}},
           Case{"0.000", 0, {0, 0}},
       }) {
    const auto parsed = parse_decimal(text, {.places_max = places_max});
    ASSERT_TRUE(parsed) << text.substr(0, 10);
    EXPECT_TRUE(same_digits(*parsed, expected)) << *parsed;
  }
}

TEST(ParseDecimal, NamesWhatIsWrong) {
  struct Case {
    std::string_view text;
    DecimalFault fault;
  };
  for (const auto& [text, fault] : {
           Case{"", DecimalFault::Empty},
           Case{" ", DecimalFault::NotANumber},
           Case{"-", DecimalFault::NotANumber},
           Case{".", DecimalFault::NotANumber},
           Case{"-.", DecimalFault::NotANumber},
           Case{"1.", DecimalFault::NotANumber},
           Case{".5", DecimalFault::NotANumber},
           Case{"-.5", DecimalFault::NotANumber},
           Case{"+1", DecimalFault::NotANumber},
           Case{"--1", DecimalFault::NotANumber},
           Case{"1-", DecimalFault::NotANumber},
           Case{" 1", DecimalFault::NotANumber},
           Case{"1 ", DecimalFault::NotANumber},
           Case{"1\n", DecimalFault::NotANumber},
           Case{"1,000", DecimalFault::NotANumber},
           Case{"1_000", DecimalFault::NotANumber},
           Case{"1.2.3", DecimalFault::NotANumber},
           Case{"1M", DecimalFault::NotANumber},
           Case{"0x10", DecimalFault::NotANumber},
           Case{"NaN", DecimalFault::NotANumber},
           Case{"Infinity", DecimalFault::NotANumber},
           Case{"-inf", DecimalFault::NotANumber},
           Case{"null", DecimalFault::NotANumber},
           Case{"\xd9\xa3", DecimalFault::NotANumber},  // an Arabic digit
           Case{"1e", DecimalFault::NotANumber},
           Case{"1e+", DecimalFault::NotANumber},
           Case{"1e3x", DecimalFault::NotANumber},
           Case{"1e3.5", DecimalFault::NotANumber},
           Case{"e3", DecimalFault::NotANumber},
           Case{"1e3", DecimalFault::Exponent},
           Case{"1E+2", DecimalFault::Exponent},
           Case{"1.5e-2", DecimalFault::Exponent},
           Case{"1e400", DecimalFault::Exponent},
           Case{"-1", DecimalFault::Negative},
           Case{"-0", DecimalFault::Negative},
           Case{"-0.00", DecimalFault::Negative},
           Case{"00", DecimalFault::LeadingZero},
           Case{"007", DecimalFault::LeadingZero},
           Case{"00.5", DecimalFault::LeadingZero},
           Case{"0.0000000000000000001", DecimalFault::TooManyPlaces},
           Case{"1000000000000000000", DecimalFault::TooLarge},
           Case{"340282366920938463463374607431768211456", DecimalFault::TooLarge},
       }) {
    const auto parsed = parse_decimal(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), fault) << text << " " << describe(parsed.error());
  }
  EXPECT_EQ(parse_decimal(std::string_view("1\0", 2)).error(), DecimalFault::NotANumber);
}

TEST(ParseDecimal, ReportsTheFirstOfSeveralFaults) {
  EXPECT_EQ(parse_decimal("-1x").error(), DecimalFault::NotANumber);
  EXPECT_EQ(parse_decimal("-01e3").error(), DecimalFault::Exponent);
  EXPECT_EQ(parse_decimal("-007").error(), DecimalFault::Negative);
  EXPECT_EQ(parse_decimal("00.0000000000000000001").error(), DecimalFault::LeadingZero);
  EXPECT_EQ(parse_decimal("1000000000000000000.0000000000000000001").error(),
            DecimalFault::TooManyPlaces);
}

TEST(ParseDecimal, HoldsToTheLimitsOfThePlace) {
  const DecimalLimits price{.places_max = 12, .whole_digits_max = 3};
  EXPECT_TRUE(parse_decimal("999.000000000001", price));
  EXPECT_EQ(parse_decimal("999.0000000000001", price).error(), DecimalFault::TooManyPlaces);
  EXPECT_EQ(parse_decimal("1000", price).error(), DecimalFault::TooLarge);

  const DecimalLimits fraction{.places_max = 2, .whole_digits_max = 0};
  EXPECT_TRUE(parse_decimal("0.25", fraction));
  EXPECT_EQ(parse_decimal("1", fraction).error(), DecimalFault::TooLarge);

  const DecimalLimits widest{.places_max = 0, .whole_digits_max = 38};
  EXPECT_EQ(parse_decimal(std::string(38, '9'), widest)->mantissa, power_of_ten(38) - 1);
  EXPECT_EQ(parse_decimal(std::string(39, '9'), widest).error(), DecimalFault::TooLarge);
}

TEST(ParseDecimal, DescribesEveryFaultInItsOwnWords) {
  std::set<std::string_view> sentences;
  for (const DecimalFault fault : kFaults) {
    const std::string_view sentence = describe(fault);
    EXPECT_FALSE(sentence.empty() || sentence.ends_with('.')) << sentence;
    EXPECT_TRUE(sentences.insert(sentence).second) << sentence;
  }
}

TEST(Decimal, WritesPlainDigits) {
  EXPECT_EQ((Decimal{230, 4}.to_string()), "0.0230");
  EXPECT_EQ((Decimal{-230, 4}.to_string()), "-0.0230");
  EXPECT_EQ((Decimal{-5, 1}.to_string()), "-0.5");
  EXPECT_EQ((Decimal{1234, 2}.to_string()), "12.34");
  EXPECT_EQ((Decimal{0, 2}.to_string()), "0.00");
  EXPECT_EQ((Decimal{-12, 0}.to_string()), "-12");
  EXPECT_EQ((Decimal{1, 38}.to_string()), "0." + std::string(37, '0') + "1");
  EXPECT_EQ((Decimal{kInt128Min, 38}.to_string()), "-1.70141183460469231731687303715884105728");
}

TEST(Decimal, NormalizesAwayZerosAfterThePoint) {
  EXPECT_TRUE(same_digits(Decimal{230, 4}.normalized(), {23, 3}));
  EXPECT_TRUE(same_digits(Decimal{-2300, 2}.normalized(), {-23, 0}));
  EXPECT_TRUE(same_digits(Decimal{2300, 0}.normalized(), {2300, 0}));
  EXPECT_TRUE(same_digits(Decimal{0, 5}.normalized(), {0, 0}));
  EXPECT_TRUE(same_digits(Decimal{power_of_ten(38), 38}.normalized(), {1, 0}));
}

TEST(Decimal, ComparesNumbersNotSpellings) {
  EXPECT_EQ((Decimal{10, 1}), (Decimal{100, 2}));
  EXPECT_EQ((Decimal{0, 0}), (Decimal{0, 38}));
  EXPECT_LT((Decimal{99, 2}), (Decimal{1, 0}));
  EXPECT_LT((Decimal{-1, 0}), (Decimal{-99, 2}));
  EXPECT_LT((Decimal{-1, 38}), (Decimal{0, 0}));
  EXPECT_GT((Decimal{kInt128Max, 0}), (Decimal{kInt128Max, 38}));
  EXPECT_LT((Decimal{kInt128Min, 0}), (Decimal{kInt128Min, 38}));
  EXPECT_LT((Decimal{kInt128Max - 1, 38}), (Decimal{kInt128Max, 38}));
}

TEST(Decimal, AddsAtTheLargerScale) {
  EXPECT_TRUE(same_digits(*checked_add(Decimal{15, 1}, Decimal{250, 2}), {400, 2}));
  EXPECT_TRUE(same_digits(*checked_add(Decimal{-15, 1}, Decimal{15, 1}), {0, 1}));
  EXPECT_FALSE(checked_add(Decimal{kInt128Max, 0}, Decimal{1, 0}));
  EXPECT_FALSE(checked_add(Decimal{kInt128Max, 0}, Decimal{0, 1}));
  EXPECT_TRUE(same_digits(*checked_add(Decimal{kInt128Max, 5}, Decimal{kInt128Min, 5}), {-1, 5}));
}

TEST(Decimal, GivesTheMantissaAtAScaleOnlyWithoutLoss) {
  EXPECT_EQ(mantissa_at(Decimal{150, 2}, 2), Int128{150});
  EXPECT_EQ(mantissa_at(Decimal{150, 2}, 1), Int128{15});
  EXPECT_EQ(mantissa_at(Decimal{150, 2}, 4), Int128{15000});
  EXPECT_EQ(mantissa_at(Decimal{-150, 2}, 1), Int128{-15});
  EXPECT_EQ(mantissa_at(Decimal{150, 2}, 0), std::nullopt);
  EXPECT_EQ(mantissa_at(Decimal{0, 38}, 0), Int128{0});
  EXPECT_EQ(mantissa_at(Decimal{1, 0}, 38), power_of_ten(38));
  EXPECT_EQ(mantissa_at(Decimal{2, 0}, 38), std::nullopt);
}

RC_GTEST_PROP(DecimalProperty, OrderIsThatOfTheFractions, (Decimal a, Decimal b)) {
  RC_ASSERT((a < b) == (exact(a) < exact(b)));
  RC_ASSERT((a == b) == (exact(a) == exact(b)));
}

RC_GTEST_PROP(DecimalProperty, NormalizingChangesTheSpellingOnly, (Decimal a)) {
  const Decimal b = a.normalized();
  RC_ASSERT(exact(a) == exact(b));
  RC_ASSERT(b.scale == 0 || b.mantissa % 10 != 0);
}

RC_GTEST_PROP(DecimalProperty, SumsAreExact, (Decimal a, Decimal b)) {
  const int scale = std::max(a.scale, b.scale);
  const auto sum = checked_add(a, b);
  if (sum) {
    RC_ASSERT(exact(*sum) == exact(a) + exact(b));
    RC_ASSERT(sum->scale == scale);
  } else {
    RC_ASSERT(!mantissa_at(a, scale) || !mantissa_at(b, scale) ||
              !fits(numerator((exact(a) + exact(b)) * cpp_int(power_of_ten(scale)))));
  }
}

RC_GTEST_PROP(DecimalProperty, TextRoundTrips, (PositiveInt128 m)) {
  const int scale = *rc::gen::inRange(0, 19);
  const Decimal written{m.value % power_of_ten(18 + scale), scale};
  const auto read = parse_decimal(written.to_string());
  RC_ASSERT(read.has_value());
  RC_ASSERT(same_digits(*read, written));
}

RC_GTEST_PROP(DecimalProperty, EveryTextOfNumberLettersHasOneOutcome, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0019.-+eE")));
  const auto parsed = parse_decimal(text);
  if (!parsed) return;
  // What was read is what was written, up to zeros that were dropped at the end.
  RC_ASSERT(text.starts_with(parsed->to_string()));
  RC_ASSERT(text.find_first_not_of("0.", parsed->to_string().size()) == text.npos);
}

}  // namespace
}  // namespace toll
