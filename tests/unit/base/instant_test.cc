#include "base/instant.h"

#include <gtest/gtest.h>

namespace toll {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant at(std::string_view text) { return parse_instant(text).value(); }
Date day(std::string_view text) { return parse_date(text).value(); }

TEST(Instant, ReadsAndWritesRfc3339) {
  EXPECT_EQ(to_string(at("2026-03-01T12:00:00Z")), "2026-03-01T12:00:00Z");
  EXPECT_EQ(to_string(at("2026-03-01t13:30:00.250+01:30")), "2026-03-01T12:00:00.25Z");
  EXPECT_EQ(to_string(at("1970-01-01T00:00:00.000000001-00:01")), "1970-01-01T00:01:00.000000001Z");
}

TEST(Instant, ALeapSecondIsOfTheDayThatItEnds) {
  const Instant last = at("2016-12-31T23:59:59.999999999Z");
  EXPECT_EQ(at("2016-12-31T23:59:60Z"), last);
  EXPECT_EQ(at("2016-12-31T23:59:60.5Z"), last);
  EXPECT_EQ(at("2017-01-01T01:29:60+01:30"), last);
  EXPECT_EQ(at("1990-12-31T15:59:60-08:00"), at("1990-12-31T23:59:59.999999999Z"));
  EXPECT_EQ(at("2016-06-30T23:59:60Z"), at("2016-06-30T23:59:59.999999999Z"));
}

TEST(Instant, ALeapSecondIsAtTheEndOfAMonthAlone) {
  for (const char* text : {"2026-03-01T12:00:60Z", "2026-03-01T23:59:60Z", "2016-12-31T22:59:60Z",
                           "2016-12-31T23:59:60+01:00", "2016-12-31T23:58:60Z"})
    EXPECT_FALSE(parse_instant(text)) << text;
}

TEST(Instant, RefusesWhatIsNoMoment) {
  for (const char* text : {"", "2026-03-01", "2026-03-01T12:00Z", "2026-03-01T12:00:00",
                           "2026-03-01 12:00:00Z", "2026-02-29T12:00:00Z", "2026-03-01T24:00:00Z",
                           "2026-03-01T12:60:00Z", "2026-03-01T12:00:61Z", "2026-03-01T12:00:00.Z",
                           "2026-03-01T12:00:00.1234567891Z", "2026-03-01T12:00:00+1:00",
                           "2026-03-01T12:00:00Z ", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z"})
    EXPECT_FALSE(parse_instant(text)) << text;
}

TEST(Instant, ADayBeginsAtMidnightOfTheZone) {
  EXPECT_EQ(start_of(day("2026-03-01"), "UTC"), at("2026-03-01T00:00:00Z"));
  EXPECT_EQ(start_of(day("2026-03-01"), "Europe/Berlin"), at("2026-02-28T23:00:00Z"));
  EXPECT_EQ(start_of(day("2026-07-01"), "Europe/Berlin"), at("2026-06-30T22:00:00Z"));
}

// Cards are in force until 9999, events end with 2199, and an Instant with 2262.
TEST(Instant, DaysBeyondAllInstantsBeginAtTheirEnds) {
  for (const char* zone : {"UTC", "America/New_York"}) {
    EXPECT_EQ(to_string(start_of(day("9999-12-31"), zone)), "2262-01-01T00:00:00Z") << zone;
    EXPECT_EQ(first_second_of(day("9999-12-31"), zone) - first_second_of(day("9999-12-30"), zone),
              hours(24))
        << zone;
  }
}

TEST(Instant, DaysOnWhichTheClockChangesHave23And25Hours) {
  const auto length = [](const char* of, const char* next) {
    return start_of(day(next), "Europe/Berlin") - start_of(day(of), "Europe/Berlin");
  };
  EXPECT_EQ(length("2026-03-29", "2026-03-30"), hours(23));
  EXPECT_EQ(length("2026-10-25", "2026-10-26"), hours(25));
}

// In Beirut the clock jumps from midnight to one.
TEST(Instant, ADayWithoutMidnightBeginsBehindTheGap) {
  const Instant begin = start_of(day("2026-03-29"), "Asia/Beirut");
  EXPECT_EQ(begin, at("2026-03-28T22:00:00Z"));
  EXPECT_EQ(local_time(begin, "Asia/Beirut").since_midnight, hours(1));
}

TEST(Instant, LocalTimeIsWhatTheClockShows) {
  const LocalTime local = local_time(at("2026-07-01T22:30:00Z"), "Asia/Kolkata");
  EXPECT_EQ(local.day, day("2026-07-02"));
  EXPECT_EQ(local.since_midnight, hours(4));
}

}  // namespace
}  // namespace toll
