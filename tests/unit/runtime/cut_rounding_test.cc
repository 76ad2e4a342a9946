// How lines of a period are rounded in which another plan begins, worked out by hand.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

/// Two plans with these charges, the second from March 16 on.
CardSet plans(const std::string& round, const std::string& first, const std::string& second) {
  return testing::card_set(
      {"toll 1\nunit call, calls\nmeter calls counts call\nmeter pay lists USD\n"
       "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each " +
       round + "\n  plan one\n" + first + "  plan two\n" + second});
}

UsageDocument changed(std::vector<UsageEntry> usage) {
  UsageDocument document = march(0, 0);
  document.usage = std::move(usage);
  document.plan = "one";
  document.plan_changes = {{*parse_date("2026-03-16"), "two"}};
  return document;
}

UsageDocument calls(int64_t before, int64_t after) { return changed(march(before, after).usage); }

/// A charge by call at so many thousandths of a dollar.
std::string at(const std::string& price) {
  return "    charge calls\n      at " + price + " USD per call\n";
}

TEST(CutRounding, RoundsALineOfAPlainChargeOnceWhateverTheCardRounds) {
  for (const char* round : {"line down", "item down", "tier down"}) {
    const CardSet set = plans(round, at("0.001"), at("0.002"));
    // 5 x 0.001 + 4 x 0.002 = 0.013
    EXPECT_EQ(bill(set, calls(5, 4)), (Texts{"calls 0.01", "total 0.01"})) << round;
    // 7 x 0.001 + 1 x 0.002 = 0.009
    EXPECT_EQ(bill(set, calls(7, 1)), (Texts{"calls 0.00", "total 0.00"})) << round;
    // 8 x 0.001 + 5 x 0.002 = 0.018
    EXPECT_EQ(bill(set, calls(8, 5)), (Texts{"calls 0.01", "total 0.01"})) << round;
  }
}

TEST(CutRounding, ExplainsTheRoundingOfTheLineAndNoneOfItsParts) {
  const CardSet set = plans("item down", at("0.001"), at("0.002"));
  Texts texts;
  const Answer answer = explain(set, calls(5, 4)).value();
  for (const Step& step : answer.lines.at(0).steps)
    if (step.text.contains("rounded"))
      texts.push_back(step.text + " | " + step.source + " | " + step.amount.value_or("-"));
  EXPECT_EQ(texts, Texts{"0.013 rounded down to 0.01 | card0.toll:5 | 0.01"});
}

TEST(CutRounding, ItemsKeepTheirOwn) {
  const auto item = [](int64_t cents, const char* from, const char* until) {
    UsageEntry entry = used("pay", 0, from, until);
    entry.given = UsageEntry::Given::Items;
    entry.items = {{cents, 2}};
    return entry;
  };
  const UsageDocument document =
      changed({item(150, "2026-03-01", "2026-03-16"), item(90, "2026-03-16", "2026-04-01")});
  const auto of = [](const std::string& percent) {
    return "    charge pay each item\n      at " + percent + "\n";
  };
  // 0.015 and 0.018 are 0.01 each by themselves, and 0.033 together.
  EXPECT_EQ(bill(plans("item down", of("1%"), of("2%")), document),
            (Texts{"pay 0.02", "total 0.02"}));
  EXPECT_EQ(bill(plans("line down", of("1%"), of("2%")), document),
            (Texts{"pay 0.03", "total 0.03"}));
}

TEST(CutRounding, DaysAreNoItems) {
  UsageEntry days{.meter = "calls", .at = {}, .quantity = {}, .from = {}, .until = {}};
  days.given = UsageEntry::Given::Days;
  days.days = {{*parse_date("2026-03-02"), {5, 0}}, {*parse_date("2026-03-20"), {4, 0}}};
  const auto each_day = [](const std::string& price) {
    return "    charge calls each day\n      at " + price + " USD per call\n";
  };
  // 5 x 0.001 + 4 x 0.002 = 0.013
  EXPECT_EQ(bill(plans("item down", each_day("0.001"), each_day("0.002")), changed({days})),
            (Texts{"calls 0.01", "total 0.01"}));
}

TEST(CutRounding, TiersAreRoundedWhereTheyArise) {
  const auto tiers = [](const std::string& first, const std::string& beyond) {
    return "    charge calls\n      tiers graduated\n      up to 10 calls at " + first +
           " USD per call\n      beyond at " + beyond + " USD per call\n";
  };
  const std::string one = tiers("0.0015", "0.001"), two = tiers("0.0038", "0.002");
  // 5 x 0.0015 is 0.00; 10 x 0.0038 + 2 x 0.002 are 0.03 and 0.00, less 0.01 for 5 x 0.0038.
  EXPECT_EQ(bill(plans("tier down", one, two), calls(5, 7)), (Texts{"calls 0.02", "total 0.02"}));
  // 0.0075 + 0.042 - 0.019 = 0.0305
  EXPECT_EQ(bill(plans("line down", one, two), calls(5, 7)), (Texts{"calls 0.03", "total 0.03"}));
  // Those of one plan alone: 0.00, and 7 x 0.0038 = 0.0266, which with 0.0075 would be 0.0341.
  EXPECT_EQ(bill(plans("tier down", one, at("0.0038")), calls(5, 7)),
            (Texts{"calls 0.02", "total 0.02"}));
}

}  // namespace
}  // namespace toll::runtime
