// Fees that are due once, or for a time longer than the period: when a term begins.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "runtime/quote.h"
#include "runtime/quoting/bound.h"
#include "tests/support/live.h"

namespace toll::runtime {
namespace {

using Texts = std::vector<std::string>;

CardSet cards(const std::string& fees, const std::string& period = "month") {
  return testing::card_set(
      {"toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n"
       "  from 2020-01-01\n  currency USD\n  period " +
       period + "\n  round each line half-up\n" + fees +
       "  charge calls\n    at 1.00 USD per call\n"});
}

UsageDocument on(const char* day, const char* since = nullptr) {
  UsageDocument document;
  document.card = "c";
  document.on = parse_date(day);
  if (since) document.customer_since = parse_date(since);
  return document;
}

/// "path amount quantity unit" of each line but that of `calls`.
Texts fees(const CardSet& cards, const UsageDocument& document) {
  Texts texts;
  const auto answer = quote(cards, document);
  EXPECT_TRUE(answer.has_value());
  if (!answer) return texts;
  for (const AnswerLine& line : answer->lines)
    if (line.path != "calls")
      texts.push_back(line.path + " " + line.amount + " " + line.quantity.value_or("-") + " " +
                      line.unit.value_or("-"));
  return texts;
}

const std::string kSetup = "  fee setup \"Setup\" at 500.00 USD once\n";
const std::string kYearly = "  fee platform at 1,200.00 USD per year, not prorated\n";
const std::string kQuarterly = "  fee support at 90.00 USD per quarter, not prorated\n";

TEST(FeeTerm, OnceIsThePeriodInWhichTheSubscriptionBegins) {
  const CardSet set = cards(kSetup);
  const Texts due = {"setup 500.00 1 once"};
  EXPECT_EQ(fees(set, on("2026-03-01")), due);  // without a day it is a new customer
  EXPECT_EQ(fees(set, on("2026-03-01", "2026-03-01")), due);
  EXPECT_EQ(fees(set, on("2026-03-01", "2026-03-31")), due);
  EXPECT_EQ(fees(set, on("2026-04-01", "2026-03-31")), Texts{});
  EXPECT_EQ(fees(set, on("2026-03-01", "2026-02-28")), Texts{});
  EXPECT_EQ(fees(set, on("2027-03-01", "2026-03-31")), Texts{});
}

TEST(FeeTerm, AYearIsThatOfTheSubscription) {
  const CardSet set = cards(kYearly);
  const Texts due = {"platform 1200.00 1 year"};
  EXPECT_EQ(fees(set, on("2026-03-01", "2025-03-15")), due);
  EXPECT_EQ(fees(set, on("2026-03-01", "2026-03-15")), due);
  EXPECT_EQ(fees(set, on("2026-03-01", "2021-03-01")), due);
  EXPECT_EQ(fees(set, on("2026-03-01", "2025-03-31")), due);
  EXPECT_EQ(fees(set, on("2026-03-01", "2025-02-28")), Texts{});
  EXPECT_EQ(fees(set, on("2026-03-01", "2025-04-01")), Texts{});
  EXPECT_EQ(fees(set, on("2026-09-01", "2025-03-15")), Texts{});
  EXPECT_EQ(fees(set, on("2026-02-01", "2024-02-29")), due);  // its last day, the 28th
  EXPECT_EQ(fees(set, on("2026-03-01", "2024-02-29")), Texts{});
}

TEST(FeeTerm, WithoutADayItIsTheCalendars) {
  const CardSet set = cards(kYearly + kQuarterly);
  EXPECT_EQ(fees(set, on("2026-01-20")),
            (Texts{"platform 1200.00 1 year", "support 90.00 1 quarter"}));
  EXPECT_EQ(fees(set, on("2026-04-20")), Texts{"support 90.00 1 quarter"});
  EXPECT_EQ(fees(set, on("2026-03-20")), Texts{});
}

TEST(FeeTerm, AQuarterBeginsEveryThreeMonths) {
  const CardSet set = cards(kQuarterly);
  const auto months = [&](const char* since) {
    std::string due;
    for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"})
      due += fees(set, on(day, since)).empty() ? '-' : 'x';
    return due;
  };
  EXPECT_EQ(months("2025-11-30"), "-x--x");  // the last of February, and the 30th of May
  EXPECT_EQ(months("2025-10-31"), "x--x-");
  EXPECT_EQ(months("2024-12-01"), "--x--");
}

TEST(FeeTerm, OtherPeriodsAndTerms) {
  EXPECT_EQ(fees(cards(kYearly, "quarter"), on("2026-05-01", "2025-06-30")),
            Texts{"platform 1200.00 1 year"});
  EXPECT_EQ(fees(cards(kYearly, "quarter"), on("2026-05-01", "2025-07-01")), Texts{});
  EXPECT_EQ(fees(cards(kSetup, "year"), on("2026-05-01", "2026-12-31")),
            Texts{"setup 500.00 1 once"});
  const CardSet days = cards("  fee weekly at 7.00 USD per week, not prorated\n", "day");
  EXPECT_EQ(fees(days, on("2026-03-16")), Texts{"weekly 7.00 1 week"});  // a Monday
  EXPECT_EQ(fees(days, on("2026-03-17")), Texts{});
  EXPECT_EQ(fees(days, on("2026-03-17", "2026-03-03")), Texts{"weekly 7.00 1 week"});
  EXPECT_EQ(fees(days, on("2026-03-18", "2026-03-03")), Texts{});
  // The week from the 30th of March on holds the first of April, a month of which the term begins.
  EXPECT_EQ(fees(cards("  fee monthly at 5.00 USD per month, not prorated\n", "week"),
                 on("2026-03-30", "2025-12-01")),
            Texts{"monthly 5.00 1 month"});
}

UsageDocument between(const char* from, const char* until, const char* since) {
  UsageDocument document;
  document.card = "c";
  document.period = Period{*parse_date(from), *parse_date(until)};
  document.customer_since = parse_date(since);
  return document;
}

TEST(FeeTerm, APartOfThePeriodBillsTheTermsThatBeginInIt) {
  const CardSet set = cards(kSetup + kYearly + kQuarterly);
  const char* const since = "2026-03-15";
  const Texts quarter = {"support 90.00 1 quarter"};
  EXPECT_EQ(fees(set, between("2026-06-01", "2026-06-10", since)), Texts{});
  EXPECT_EQ(fees(set, between("2026-06-01", "2026-06-15", since)), Texts{});  // `until` is outside
  EXPECT_EQ(fees(set, between("2026-06-10", "2026-06-16", since)), quarter);
  EXPECT_EQ(fees(set, between("2026-06-15", "2026-06-16", since)), quarter);
  EXPECT_EQ(fees(set, between("2026-06-16", "2026-07-01", since)), Texts{});
  const Texts all = {"setup 500.00 1 once", "platform 1200.00 1 year", quarter[0]};
  EXPECT_EQ(fees(set, between("2026-03-15", "2026-03-20", since)), all);
  EXPECT_EQ(fees(set, between("2026-03-20", "2026-04-01", since)), Texts{});
  EXPECT_EQ(fees(set, between("2027-03-01", "2027-03-15", since)), Texts{});
  EXPECT_EQ(fees(set, between("2027-03-15", "2027-04-01", since)), (Texts{all[1], all[2]}));
}

/// The first days of terms, worked out forwards from the day that the customer came.
std::vector<Date> begins_of_terms(Date since, int months) {
  std::vector<Date> days;
  const std::chrono::year_month_day first(since);
  for (int term = 0; term < 40; ++term) {
    const std::chrono::year_month month =
        first.year() / first.month() + std::chrono::months(term * months);
    const std::chrono::year_month_day_last last(month.year(),
                                                std::chrono::month_day_last(month.month()));
    days.push_back(month / std::min(first.day(), last.day()));
  }
  return days;
}

TEST(FeeTerm, EachTermIsBilledByTheOnePartThatHasItsFirstDay) {
  const CardSet set = cards(kSetup + kYearly + kQuarterly);
  for (const char* came : {"2025-11-30", "2024-02-29", "2026-01-01", "2026-02-14"}) {
    const Date since = *parse_date(came);
    const std::vector<Date> years = begins_of_terms(since, 12),
                            quarters = begins_of_terms(since, 3);
    int days = 1;
    for (Date from = std::max(since, *parse_date("2026-01-01"));
         from < *parse_date("2027-04-01");) {
      days = days * 7 % 23;  // parts of all lengths, which end with their month
      const Period part{from, std::min(from + std::chrono::days(days),
                                       period_containing(PeriodUnit::Month, from).until)};
      const auto begins = [&](Date day) { return part.contains(day); };
      Texts due;
      if (begins(since)) due.push_back("setup 500.00 1 once");
      if (std::ranges::any_of(years, begins)) due.push_back("platform 1200.00 1 year");
      if (std::ranges::any_of(quarters, begins)) due.push_back("support 90.00 1 quarter");
      EXPECT_EQ(
          fees(set, between(to_string(part.from).c_str(), to_string(part.until).c_str(), came)),
          due)
          << came << ": " << to_string(part.from) << " to " << to_string(part.until);
      from = part.until;
    }
  }
}

TEST(FeeTerm, EachPlanHasItsOwn) {
  const CardSet set = testing::card_set(
      {"toll 1\ncard c \"C\"\n  from 2020-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n  fee setup at 100.00 USD once\n  plan starter\n    fee yearly at 120.00 USD per "
       "year, not prorated\n  plan pro\n    fee onboarding at 900.00 USD once\n    fee yearly at "
       "600.00 USD per quarter, not prorated\n"});
  UsageDocument asked = on("2026-03-01", "2025-03-15");
  asked.plan = "starter";
  EXPECT_EQ(fees(set, asked), Texts{"yearly 120.00 1 year"});
  asked.plan = "pro";
  EXPECT_EQ(fees(set, asked), Texts{"yearly 600.00 1 quarter"});
  asked.customer_since = parse_date("2026-03-15");
  EXPECT_EQ(fees(set, asked),
            (Texts{"setup 100.00 1 once", "onboarding 900.00 1 once", "yearly 600.00 1 quarter"}));
  asked.plan.reset();
  EXPECT_EQ(fees(set, asked), Texts{"setup 100.00 1 once"});
}

TEST(FeeTerm, EachCurrencyHasItsPrice) {
  const CardSet set = testing::card_set(
      {"toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n  from 2020-01-01\n"
       "  currency USD, EUR\n  period month\n  round each line half-up\n"
       "  fee setup at 250.00 USD or 230.00 EUR once\n"
       "  fee platform at 1,200.00 USD or 1,100.00 EUR per year, not prorated\n"
       "  charge calls\n    at 1.00 USD or 0.90 EUR per call\n"});
  UsageDocument asked = on("2026-03-01", "2026-03-15");
  EXPECT_EQ(fees(set, asked), (Texts{"setup 250.00 1 once", "platform 1200.00 1 year"}));
  asked.currency = "EUR";
  EXPECT_EQ(fees(set, asked), (Texts{"setup 230.00 1 once", "platform 1100.00 1 year"}));
  asked.customer_since = parse_date("2025-03-15");
  EXPECT_EQ(fees(set, asked), Texts{"platform 1100.00 1 year"});
  asked.customer_since = parse_date("2025-04-15");
  EXPECT_EQ(fees(set, asked), Texts{});
}

TEST(FeeTerm, IsExplained) {
  const CardSet set = cards(kSetup + kYearly);
  const auto steps = [&](const UsageDocument& document) {
    Texts texts;
    const Answer answer = explain(set, document).value();
    for (const AnswerLine& line : answer.lines)
      if (line.path != "calls") texts.push_back(line.steps.at(0).text);
    return texts;
  };
  EXPECT_EQ(steps(on("2026-03-01", "2026-03-15")),
            (Texts{"fee setup \"Setup\" at 500.00 USD once: the subscription begins on 2026-03-15",
                   "fee platform at 1,200.00 USD per year, not prorated: term of a year begins on "
                   "2026-03-15"}));
  EXPECT_EQ(steps(on("2027-03-01", "2026-03-15")),
            (Texts{"fee platform at 1,200.00 USD per year, not prorated: term of a year begins on "
                   "2027-03-15"}));
  EXPECT_EQ(steps(on("2026-02-01")),
            Texts{"fee setup \"Setup\" at 500.00 USD once: the customer is new"});
}

TEST(FeeTerm, TermsBeginAsOftenAsTheyEnd) {
  for (Date since = *parse_date("2024-01-28"); since < *parse_date("2024-03-02");
       since += std::chrono::days(1)) {
    for (const PeriodUnit per : {PeriodUnit::Quarter, PeriodUnit::Year}) {
      int begun = 0;
      for (Date day = *parse_date("2024-01-01"); day < *parse_date("2027-01-01");) {
        const Period month = period_containing(PeriodUnit::Month, day);
        const auto begins = begins_term(month, per, since);
        EXPECT_TRUE(!begins || month.contains(*begins));
        begun += begins.has_value();
        day = month.until;
      }
      EXPECT_EQ(begun, per == PeriodUnit::Year ? 3 : 12) << to_string(since);
    }
  }
}

}  // namespace
}  // namespace toll::runtime
