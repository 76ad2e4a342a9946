#include "base/date.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"
#include "tests/unit/base/generators.h"

namespace toll {
namespace {

constexpr PeriodUnit kUnits[] = {PeriodUnit::Day, PeriodUnit::Week, PeriodUnit::Month,
                                 PeriodUnit::Quarter, PeriodUnit::Year};

Date date(std::string_view text) { return parse_date(text).value(); }

TEST(ParseDate, ReadsDaysThatExist) {
  for (const std::string_view text : {"1900-01-01", "1970-01-01", "2024-02-29", "2000-02-29",
                                      "2026-12-31", "2026-04-30", "9999-12-31"}) {
    const auto parsed = parse_date(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(to_string(*parsed), text);
  }
  EXPECT_EQ(date("1970-01-01").time_since_epoch().count(), 0);
  EXPECT_EQ(date("2000-01-01").time_since_epoch().count(), 10957);
}

TEST(ParseDate, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-03",
                                      "2026-3-15",
                                      "2026-03-5",
                                      "26-03-15",
                                      "2026/03/15",
                                      "2026-03/15",
                                      "2026-03-15 ",
                                      " 2026-03-15",
                                      "2026-03-15T00:00:00Z",
                                      "20260315",
                                      "2026-13-01",
                                      "2026-00-10",
                                      "2026-01-00",
                                      "2026-01-32",
                                      "2026-04-31",
                                      "2025-02-29",
                                      "1900-02-29",
                                      "2100-02-29",
                                      "1899-12-31",
                                      "0000-01-01",
                                      "10000-01-01",
                                      "-026-01-01",
                                      "2026-0a-01",
                                      "2026-01-1x",
                                      "+026-01-01",
                                      "2026--1-01",
                                      "2026-01--1"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(ParseMonth, ReadsAMonthAsItsPeriod) {
  EXPECT_EQ(parse_month("2026-03"), (Period{date("2026-03-01"), date("2026-04-01")}));
  EXPECT_EQ(parse_month("2026-12"), (Period{date("2026-12-01"), date("2027-01-01")}));
  EXPECT_EQ(parse_month("2024-02")->days(), 29);
  EXPECT_EQ(parse_month("2100-02")->days(), 28);
  EXPECT_EQ(parse_month("9999-12")->days(), 31);
  for (const std::string_view text : {"", "2026", "2026-3", "2026-13", "2026-00", "2026-03-01",
                                      "2026/03", "1899-12", " 2026-03"}) {
    EXPECT_FALSE(parse_month(text)) << text;
  }
}

TEST(Period, IsHalfOpen) {
  const Period march = *parse_month("2026-03");
  EXPECT_EQ(march.days(), 31);
  EXPECT_TRUE(march.contains(date("2026-03-01")));
  EXPECT_TRUE(march.contains(date("2026-03-31")));
  EXPECT_FALSE(march.contains(date("2026-04-01")));
  EXPECT_FALSE(march.contains(date("2026-02-28")));
}

TEST(PeriodContaining, FollowsTheCalendar) {
  struct Case {
    PeriodUnit unit;
    std::string_view day, from, until;
  };
  for (const auto& [unit, day, from, until] : {
           Case{PeriodUnit::Day, "2024-02-29", "2024-02-29", "2024-03-01"},
           Case{PeriodUnit::Day, "2026-12-31", "2026-12-31", "2027-01-01"},
           // ISO weeks: 2026 has 53, and 2025-12-29 begins the first of them.
           Case{PeriodUnit::Week, "2026-01-01", "2025-12-29", "2026-01-05"},
           Case{PeriodUnit::Week, "2025-12-28", "2025-12-22", "2025-12-29"},
           Case{PeriodUnit::Week, "2026-12-31", "2026-12-28", "2027-01-04"},
           Case{PeriodUnit::Week, "2026-03-16", "2026-03-16", "2026-03-23"},
           Case{PeriodUnit::Week, "2026-03-22", "2026-03-16", "2026-03-23"},
           Case{PeriodUnit::Week, "2024-03-01", "2024-02-26", "2024-03-04"},
           Case{PeriodUnit::Week, "1969-12-31", "1969-12-29", "1970-01-05"},
           Case{PeriodUnit::Week, "1900-01-01", "1900-01-01", "1900-01-08"},
           Case{PeriodUnit::Month, "2024-02-29", "2024-02-01", "2024-03-01"},
           Case{PeriodUnit::Month, "2026-12-31", "2026-12-01", "2027-01-01"},
           Case{PeriodUnit::Quarter, "2026-01-01", "2026-01-01", "2026-04-01"},
           Case{PeriodUnit::Quarter, "2026-03-31", "2026-01-01", "2026-04-01"},
           Case{PeriodUnit::Quarter, "2026-04-01", "2026-04-01", "2026-07-01"},
           Case{PeriodUnit::Quarter, "2026-08-15", "2026-07-01", "2026-10-01"},
           Case{PeriodUnit::Quarter, "2026-12-31", "2026-10-01", "2027-01-01"},
           Case{PeriodUnit::Year, "2024-02-29", "2024-01-01", "2025-01-01"},
           Case{PeriodUnit::Year, "1900-01-01", "1900-01-01", "1901-01-01"},
       }) {
    EXPECT_EQ(period_containing(unit, date(day)), (Period{date(from), date(until)}))
        << to_string(unit) << " of " << day;
  }
  EXPECT_EQ(period_containing(PeriodUnit::Year, date("9999-12-31")).days(), 365);
}

TEST(PeriodUnit, IsNamedAsTheLanguageWritesIt) {
  for (const PeriodUnit unit : kUnits) EXPECT_EQ(parse_period_unit(to_string(unit)), unit);
  EXPECT_EQ(to_string(PeriodUnit::Quarter), "quarter");
  for (const std::string_view word : {"", "days", "Day", "hour", "months", "fortnight"}) {
    EXPECT_FALSE(parse_period_unit(word)) << word;
  }
}

TEST(TimeZone, KnowsIanaNamesAsTheyAreSpelled) {
  for (const std::string_view name :
       {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Etc/GMT+12"}) {
    EXPECT_TRUE(is_time_zone(name)) << name;
  }
  for (const std::string_view name :
       {"", "europe/berlin", "Europe", "Europe/Atlantis", "CEST", "+01:00", "GMT+1", "localtime",
        "posixrules", "zone.tab", "../zoneinfo/UTC", "/etc/localtime", " UTC", "UTC "}) {
    EXPECT_FALSE(is_time_zone(name)) << name;
  }
  EXPECT_FALSE(is_time_zone(std::string_view("UTC\0", 4)));
}

// Kiritimati is 26 hours ahead of Etc/GMT+12 the whole year: at every moment its date is one or two
// days later, and UTC's is in between.
TEST(TimeZone, TodayDependsOnTheZone) {
  const Date behind = today_in("Etc/GMT+12");
  const Date utc = today_in("UTC");
  const Date ahead = today_in("Pacific/Kiritimati");
  EXPECT_LE(behind, utc);
  EXPECT_LE(utc, ahead);
  EXPECT_GE((ahead - behind).count(), 1);
  EXPECT_LE((ahead - behind).count(), 3);  // three where midnight passes between the calls
}

TEST(TimeZone, TodayInUtcIsTheClocksDay) {
  const auto before = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const Date today = today_in("UTC");
  const auto after = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  EXPECT_TRUE(before <= today && today <= after);
  EXPECT_LE(before, today_in("Etc/UTC"));
}

rc::Gen<Date> any_date() {
  const int first = date("1900-01-01").time_since_epoch().count();
  const int past_last = date("9999-12-31").time_since_epoch().count() + 1;
  return rc::gen::map(rc::gen::inRange(first, past_last),
                      [](int day) { return Date(std::chrono::days(day)); });
}

RC_GTEST_PROP(DateProperty, TextRoundTrips, ()) {
  const Date day = *any_date();
  RC_ASSERT(parse_date(to_string(day)) == day);
}

RC_GTEST_PROP(DateProperty, PeriodsTileTheCalendar, ()) {
  const Date day = *any_date();
  for (const PeriodUnit unit : kUnits) {
    const Period period = period_containing(unit, day);
    RC_ASSERT(period.contains(day));
    RC_ASSERT(period_containing(unit, period.from) == period);
    RC_ASSERT(period_containing(unit, period.until - std::chrono::days(1)) == period);
    RC_ASSERT(period_containing(unit, period.until).from == period.until);
  }
}

RC_GTEST_PROP(DateProperty, LongerPeriodsHoldShorterOnes, ()) {
  const Date day = *any_date();
  const Period month = period_containing(PeriodUnit::Month, day);
  const Period quarter = period_containing(PeriodUnit::Quarter, day);
  const Period year = period_containing(PeriodUnit::Year, day);
  RC_ASSERT(quarter.from <= month.from && month.until <= quarter.until);
  RC_ASSERT(year.from <= quarter.from && quarter.until <= year.until);
  RC_ASSERT(year.days() == 365 || year.days() == 366);
}

}  // namespace
}  // namespace toll
