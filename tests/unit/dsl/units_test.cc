#include "dsl/checker/units.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"

namespace toll::dsl::checker {
namespace {

Ratio ratio(Int128 n, Int128 d = 1) { return Ratio::of(n, d); }

/// The unit of a word that is known to be one.
Unit unit(UnitSystem& units, std::string_view word) {
  const auto& resolved = units.resolve(word);
  EXPECT_TRUE(resolved.has_value()) << word;
  return resolved.value_or(Unit{});
}

TEST(Units, ConvertExactly) {
  UnitSystem units;
  struct Case {
    std::string_view from, to;
    Ratio factor;
  };
  for (const auto& [from, to, factor] : {
           Case{"KB", "byte", ratio(1000)},
           Case{"KiB", "bytes", ratio(1024)},
           Case{"PB", "byte", ratio(power_of_ten(15))},
           Case{"PiB", "byte", ratio(Int128{1} << 50)},
           Case{"GiB", "GB", ratio(1'073'741'824, 1'000'000'000)},
           Case{"GB", "GiB", ratio(1'000'000'000, 1'073'741'824)},
           Case{"hour", "seconds", ratio(3600)},
           Case{"minute", "hours", ratio(1, 60)},
           Case{"week", "days", ratio(7)},
           Case{"year", "months", ratio(12)},
           Case{"year", "quarters", ratio(4)},
           Case{"TiB-months", "GiB-month", ratio(1024)},
           Case{"GPU-hours", "GPU-second", ratio(3600)},
           Case{"GiB-hour", "MiB-second", ratio(1024 * 3600)},
           Case{"month-GiB", "GiB-months", ratio(1)},
       }) {
    const Unit a = unit(units, from), b = unit(units, to);
    ASSERT_TRUE(convertible(a, b)) << from << " to " << to;
    EXPECT_EQ(convert(Ratio(1), a, b), factor) << from << " to " << to;
  }
}

TEST(Units, KeepApartWhatNothingConverts) {
  UnitSystem units;
  units.declare("call", "calls", 0);
  units.declare("seat", "seats", 1);
  for (const auto& [a, b] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"call", "seat"},
           {"call", "byte"},
           {"GiB", "GiB-month"},
           {"GPU-hour", "hour"},
           {"USD", "EUR"},
           {"GPU", "percent"},
           {"byte-byte", "byte"},
       }) {
    EXPECT_FALSE(convertible(unit(units, a), unit(units, b))) << a << " and " << b;
    EXPECT_FALSE(differ_in_calendar_only(unit(units, a), unit(units, b))) << a << " and " << b;
  }
}

TEST(Units, NeverConvertCalendarTimesIntoHoursOrIntoOneAnother) {
  UnitSystem units;
  for (const auto& [a, b] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"month", "hour"},
           {"day", "hour"},
           {"week", "second"},
           {"month", "day"},
           {"year", "week"},
           {"GPU-month", "GPU-hour"},
           {"GiB-day", "TiB-months"},
       }) {
    EXPECT_FALSE(convertible(unit(units, a), unit(units, b))) << a << " and " << b;
    EXPECT_TRUE(differ_in_calendar_only(unit(units, a), unit(units, b))) << a << " and " << b;
  }
}

TEST(Units, AreDeclaredWithAndWithoutASize) {
  UnitSystem units;
  units.declare("token", "tokens", 4);
  ASSERT_TRUE(units.declare("kilotoken", "kilotokens", 5, ratio(1000), unit(units, "token")));
  ASSERT_TRUE(
      units.declare("contract_month", "contract_months", 6, ratio(730), unit(units, "hour")));
  EXPECT_EQ(convert(ratio(5), unit(units, "kilotokens"), unit(units, "token")), ratio(5000));
  EXPECT_EQ(convert(ratio(1), unit(units, "GPU-contract_month"), unit(units, "GPU-hours")),
            ratio(730));
  EXPECT_EQ(unit(units, "kilotoken").declared, std::vector<uint32_t>{5});
  EXPECT_EQ(unit(units, "token-kilotoken").declared, (std::vector<uint32_t>{4, 5}));
  EXPECT_FALSE(units.declare("vast", "vast", 7, Ratio(kInt128Max), unit(units, "kilotoken")));
}

TEST(Units, AreWrittenInSingularAndPlural) {
  UnitSystem units;
  units.declare("call", "calls", 0);
  units.declare("fish", "fish", 1);
  EXPECT_EQ(unit(units, "calls").singular, "call");
  EXPECT_EQ(unit(units, "GiB-months").singular, "GiB-month");
  EXPECT_EQ(unit(units, "GiB-month").plural, "GiB-months");
  EXPECT_EQ(unit(units, "fish").plural, "fish");
  EXPECT_EQ(kind_of(unit(units, "TB-months")), "bytes × month");
  EXPECT_EQ(kind_of(unit(units, "GPU-hour")), "GPUs × hour");
  EXPECT_EQ(kind_of(unit(units, "call")), "calls");
}

TEST(Units, SayWhichPartOfAWordIsNone) {
  UnitSystem units;
  units.declare_unsound("credit", "credits");
  const auto fault = [&](std::string_view word) {
    const auto& resolved = units.resolve(word);
    EXPECT_FALSE(resolved.has_value()) << word;
    return resolved ? UnitFault{} : resolved.error();
  };
  EXPECT_EQ(fault("mnth").part, "mnth");
  EXPECT_EQ(fault("GiB-mnth").part, "mnth");
  EXPECT_EQ(fault("GiB-mnth").offset, 4u);
  EXPECT_EQ(fault("GiB-mnth").kind, UnitFault::Kind::Unknown);
  EXPECT_EQ(fault("gib").kind, UnitFault::Kind::Unknown);  // GiB and gib are two words
  EXPECT_EQ(fault("credits").kind, UnitFault::Kind::Unsound);
  EXPECT_EQ(fault("PB-PB-PB").kind, UnitFault::Kind::TooLarge);
}

/// Words that convert into each other, in two kinds.
constexpr std::string_view kSizes[] = {"byte", "KB",  "MB",  "GB",  "TB", "PB",
                                       "KiB",  "MiB", "GiB", "TiB", "PiB"};
constexpr std::string_view kTimes[] = {"second", "minute", "hour"};

RC_GTEST_PROP(Units, ComeBackFromEveryConversionUnchanged, ()) {
  UnitSystem units;
  const auto any_of = [](const auto& words) {
    return words[*rc::gen::inRange<size_t>(0, std::size(words))];
  };
  const auto compound = [&] {
    return std::string(any_of(kSizes)) + "-" + std::string(any_of(kTimes));
  };
  const Unit a = unit(units, compound()), b = unit(units, compound());
  const auto quantity = ratio(*rc::gen::inRange<int64_t>(0, int64_t{1} << 40),
                              *rc::gen::inRange<int64_t>(1, int64_t{1} << 20));
  const auto there = convert(quantity, a, b);
  RC_ASSERT(there.has_value());
  RC_ASSERT(convert(*there, b, a) == quantity);
}

RC_GTEST_PROP(Units, ConvertTheSameByWayOfAThird, ()) {
  UnitSystem units;
  const auto size = [&] {
    return unit(units, kSizes[*rc::gen::inRange<size_t>(0, std::size(kSizes))]);
  };
  const Unit a = size(), b = size(), c = size();
  const auto quantity = ratio(*rc::gen::inRange<int64_t>(0, int64_t{1} << 40));
  const auto by_way = convert(*convert(quantity, a, b), b, c);
  RC_ASSERT(by_way.has_value());
  RC_ASSERT(by_way == convert(quantity, a, c));
}

}  // namespace
}  // namespace toll::dsl::checker
