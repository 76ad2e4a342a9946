// Shares of other charges and fees in a period in which a version or a plan begins, worked out by
// hand: they are of the lines that stand on the bill.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

const std::string kMeters = "toll 1\nunit call, calls\nmeter calls counts call\n";
const std::string kSupport = "  charge support\n    at 10% of base and calls\n";
const std::string kSupportOfCalls = "  charge support\n    at 10% of calls\n";

std::string card(const std::string& from, const std::string& items,
                 const std::string& rounding = "line half-up") {
  const bool first = from == "2026-01-01";
  return (first ? kMeters : std::string("toll 1\n")) + "card c \"C\"\n  from " + from +
         "\n  currency USD\n  period month\n" +
         (first ? "" : "  switch at once\n  applies to everyone\n") + "  round each " + rounding +
         "\n" + items;
}

/// A card and its second version.
CardSet versions(const std::string& from, const std::string& old, const std::string& next,
                 const std::string& rounding = "line half-up") {
  return testing::card_set({card("2026-01-01", old, rounding), card(from, next, rounding)});
}

std::string calls(const std::string& lines = "") {
  return "  charge calls\n    at 1.00 USD per call\n" + lines;
}

/// Two plans, of which the second one has these charges, too.
CardSet plans(const std::string& both, const std::string& added) {
  return testing::card_set({card("2026-01-01", both) + "  plan one\n  plan two\n" + added});
}

/// March, from the 16th on in plan two.
UsageDocument switched(int64_t before, int64_t after) {
  UsageDocument document = march(before, after);
  document.plan = "one";
  document.plan_changes = {{*parse_date("2026-03-16"), "two"}};
  return document;
}

/// No calls, so that entries have no cut to fall into.
UsageDocument nothing_used(const char* since = nullptr) {
  UsageDocument document = march(0, 0);
  document.usage.clear();
  if (since) document.customer_since = parse_date(since);
  return document;
}

Texts steps_of(const CardSet& set, const UsageDocument& document, const std::string& path) {
  const Answer answer = explain(set, document).value();
  Texts texts;
  for (const AnswerLine& line : answer.lines)
    if (line.path == path)
      for (const Step& step : line.steps)
        texts.push_back(step.text + " | " + step.amount.value_or("-"));
  return texts;
}

TEST(CutShares, AreOfAProratedFeeOfBothVersions) {
  const std::string fee = "  fee base at 10.00 USD per month, prorated by day\n";
  const std::string dear = "  fee base at 1,000.00 USD per month, prorated by day\n";
  // 10.00 x 1/31 + 1,000.00 x 30/31 = 968.06, of which 10%.
  const CardSet set = versions("2026-03-02", fee + calls() + kSupport, dear + calls() + kSupport);
  EXPECT_EQ(bill(set, nothing_used()),
            (Texts{"base 968.06", "calls 0.00", "support 96.81", "total 1064.87"}));
  // 1,000.00 x 1/31 + 10.00 x 30/31 = 41.94.
  EXPECT_EQ(bill(versions("2026-03-02", dear + calls() + kSupport, fee + calls() + kSupport),
                 nothing_used()),
            (Texts{"base 41.94", "calls 0.00", "support 4.19", "total 46.13"}));
  const Answer answer = quote(set, nothing_used()).value();
  EXPECT_EQ(answer.lines.at(2).quantity, "968.06");
}

TEST(CutShares, SayWhatTheyAreOf) {
  const std::string fee = "  fee base at 310.00 USD per month, prorated by day\n";
  const CardSet set = versions("2026-03-16", fee + calls() + kSupport,
                               fee + calls() + "  charge support\n    at 20% of base and calls\n");
  // 150.00 of the fee by the 16th and 80 calls: 10% of 230.00. Of 310.00 and 120.00 20% are 86.00,
  // less that of 230.00, 46.00.
  EXPECT_EQ(
      steps_of(set, march(80, 40), "support"),
      (Texts{
          "all of it before 2026-03-16: base: 150 USD | 150",
          "all of it before 2026-03-16: calls: 80 USD | 80",
          "all of it before 2026-03-16: 230 USD, at 10% of base and calls = 23 | 23",
          "2026-03-01 until 2026-03-16, by version 2026-01-01: 23 | 23",
          "all of it before 2026-04-01: base: 310 USD | 310",
          "all of it before 2026-04-01: calls: 120 USD | 120",
          "all of it before 2026-04-01: 430 USD, at 20% of base and calls = 86 | 86",
          "less, what came before 2026-03-16: base: 150 USD | 150",
          "less, what came before 2026-03-16: calls: 80 USD | 80",
          "less, what came before 2026-03-16: 230 USD, at 20% of base and calls = 46 | 46",
          "2026-03-16 until 2026-04-01, by version 2026-03-16: 86 for all of it up to then, less "
          "46 for what came before | 63"}));
}

TEST(CutShares, AreOfAMinimumOfTheLastVersion) {
  const CardSet set = versions("2026-03-16", calls("    minimum 62.00 USD\n") + kSupportOfCalls,
                               calls("    minimum 310.00 USD\n") + kSupportOfCalls);
  // 10% of 310.00
  EXPECT_EQ(bill(set, march(10, 10)), (Texts{"calls 310.00", "support 31.00", "total 341.00"}));
  // At the cut the calls are without a minimum: 10% of 10.00, and 20% of 310.00 less that of 10.00.
  const std::string dearer = "  charge support\n    at 20% of calls\n";
  EXPECT_EQ(bill(versions("2026-03-16", calls("    minimum 62.00 USD\n") + kSupportOfCalls,
                          calls("    minimum 310.00 USD\n") + dearer),
                 march(10, 10)),
            (Texts{"calls 310.00", "support 61.00", "total 371.00"}));
}

TEST(CutShares, AreOfAMaximumOfTheLastVersion) {
  const auto at_most = [](const std::string& most) {
    return calls("    maximum " + most + " USD\n") + kSupportOfCalls;
  };
  // 10% of 300.00, and of 50.00
  EXPECT_EQ(bill(versions("2026-03-16", at_most("100.00"), at_most("300.00")), march(150, 250)),
            (Texts{"calls 300.00", "support 30.00", "total 330.00"}));
  EXPECT_EQ(bill(versions("2026-03-16", at_most("300.00"), at_most("50.00")), march(250, 250)),
            (Texts{"calls 50.00", "support 5.00", "total 55.00"}));
}

TEST(CutShares, AreOfTheTermThatTheNewVersionBills) {
  const auto yearly = [](const std::string& price) {
    return "  fee base at " + price + " USD per year, not prorated\n" + calls() + kSupport;
  };
  const CardSet set = versions("2026-03-16", yearly("1,200.00"), yearly("2,400.00"));
  // The term begins on the 20th, so 10% of 2,400.00; or on the 10th, so of 1,200.00.
  EXPECT_EQ(bill(set, nothing_used("2025-03-20")),
            (Texts{"base 2400.00", "calls 0.00", "support 240.00", "total 2640.00"}));
  EXPECT_EQ(bill(set, nothing_used("2025-03-10")),
            (Texts{"base 1200.00", "calls 0.00", "support 120.00", "total 1320.00"}));
}

TEST(CutShares, ThatAreNewAreOfWhatComesFromThenOn) {
  const std::string both = calls("    minimum 62.00 USD prorated by day\n");
  const std::string support = "    charge support\n      at 10% of calls\n";
  // 100 before, and 10% of the 50 after.
  EXPECT_EQ(bill(plans(both, support), switched(100, 50)),
            (Texts{"calls 150.00", "support 5.00", "total 155.00"}));
  // The minimum comes at the end: of 62.00 all but the 10.00 before.
  EXPECT_EQ(bill(plans(both, support), switched(10, 20)),
            (Texts{"calls 62.00", "support 5.20", "total 67.20"}));
  // More is taken off by a maximum than comes after: 10% of nothing.
  EXPECT_EQ(bill(plans(calls("    maximum 50.00 USD\n"), support), switched(100, 50)),
            (Texts{"calls 50.00", "support 0.00", "total 50.00"}));
  // Its tiers begin with it: 10% of the first 40.00 after the cut, 5% of 10.00, and 3.00.
  EXPECT_EQ(bill(plans(calls(),
                       "    charge support\n      tiers graduated\n"
                       "      up to 40.00 USD at 10% of calls\n      beyond at 5% of calls\n"
                       "      surcharge 3.00 USD\n"),
                 switched(100, 50)),
            (Texts{"calls 150.00", "support 7.50", "total 157.50"}));
}

TEST(CutShares, ThatAreNewAreOfFeesFromThenOn) {
  const std::string both =
      "  fee base at 310.00 USD per month, prorated by day\n"
      "  fee flat at 100.00 USD per month, not prorated\n"
      "  fee yearly at 1,200.00 USD per year, not prorated\n" +
      calls();
  const auto of = [](const std::string& fee) {
    return "    charge of_" + fee + "\n      at 10% of " + fee + "\n";
  };
  const CardSet set = plans(both, of("base") + of("flat") + of("yearly"));
  // 16 of 31 days, 160.00; the whole fee was due before, and so was that of the year, or not.
  UsageDocument document = switched(0, 0);
  document.customer_since = parse_date("2025-03-10");
  EXPECT_EQ(bill(set, document),
            (Texts{"base 310.00", "flat 100.00", "yearly 1200.00", "calls 0.00", "of_base 16.00",
                   "of_flat 0.00", "of_yearly 0.00", "total 1626.00"}));
  document.customer_since = parse_date("2025-03-20");
  EXPECT_EQ(bill(set, document),
            (Texts{"base 310.00", "flat 100.00", "yearly 1200.00", "calls 0.00", "of_base 16.00",
                   "of_flat 0.00", "of_yearly 120.00", "total 1746.00"}));
}

TEST(CutShares, AreOfSharesAbove) {
  const std::string base = "  fee base at 10.00 USD per month, prorated by day\n";
  const std::string dear = "  fee base at 1,000.00 USD per month, prorated by day\n";
  const std::string more = calls() + kSupport +
                           "    minimum 200.00 USD\n"
                           "  charge more\n    at 50% of support\n";
  // 10% of 968.06 is less than the minimum, of which 50%.
  EXPECT_EQ(bill(versions("2026-03-02", base + more, dear + more), nothing_used()),
            (Texts{"base 968.06", "calls 0.00", "support 200.00", "more 100.00", "total 1268.06"}));
}

TEST(CutShares, GoOnWhereTheyWereGone) {
  const std::string tiers =
      "    charge support\n      tiers graduated\n      up to 60.00 USD at 10% of calls\n"
      "      beyond at 5% of calls\n      surcharge 3.00 USD\n";
  const CardSet set =
      testing::card_set({card("2026-01-01", calls()) + "  plan one\n" + tiers + "  plan two\n"});
  UsageDocument document = march(0, 0);
  document.usage = {used("calls", 50, "2026-03-01", "2026-03-16"),
                    used("calls", 100, "2026-03-16", "2026-03-26"),
                    used("calls", 30, "2026-03-26", "2026-04-01")};
  document.plan = "one";
  document.plan_changes = {{*parse_date("2026-03-16"), "two"}, {*parse_date("2026-03-26"), "one"}};
  // Of 50.00 and then 30.00: 60.00 at 10%, 20.00 at 5%, and 3.00 once.
  EXPECT_EQ(bill(set, document), (Texts{"calls 180.00", "support 10.00", "total 190.00"}));
}

TEST(CutShares, AreOfRoundedLines) {
  const auto priced = [](const std::string& price) {
    return "  charge calls\n    at " + price +
           " USD per call\n  charge support\n"
           "    at 100% of calls\n";
  };
  // 3 x 0.015 + 1 x 0.03 = 0.075, on the bill 0.08.
  EXPECT_EQ(bill(versions("2026-03-16", priced("0.015"), priced("0.03")), march(3, 1)),
            (Texts{"calls 0.08", "support 0.08", "total 0.16"}));
  // At the cut 0.045 are 0.05 as the bill rounds: 0.05, and twice 0.08 less 0.05.
  EXPECT_EQ(bill(versions("2026-03-16", priced("0.015"),
                          "  charge calls\n    at 0.03 USD per call\n  charge support\n"
                          "    at 200% of calls\n"),
                 march(3, 1)),
            (Texts{"calls 0.08", "support 0.11", "total 0.19"}));
}

// Each was worked out with the bill of all before it: 1,000 took more than four seconds.
TEST(CutShares, OfOneAnotherCostNoMoreThanThereAreOfThem) {
  constexpr int kShares = 1000;
  std::string items = "  fee base at 31.00 USD per month, prorated by day\n";
  for (int i = 0; i < kShares; ++i)
    items += fmt::format("  charge s{}\n    at 100% of {}\n", i,
                         i == 0 ? std::string("base") : fmt::format("s{}", i - 1));
  const CardSet cards =
      testing::card_set({card("2026-01-01", items),
                         "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n"
                         "  applies to everyone\n"
                         "  change fee base at 62.00 USD per month, was 31.00 USD per month\n"},
                        testing::interpreted_revision);
  const std::clock_t begin = std::clock();
  EXPECT_EQ(quote(cards, nothing_used())->total,
            format_minor((kShares + 1) * 4700, find_currency("USD").value()));
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC);
}

}  // namespace
}  // namespace toll::runtime
