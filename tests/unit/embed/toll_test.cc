#include "embed/toll.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch_folder.h"

namespace toll {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kCard =
    "toll 1\nunit call, calls\nmeter calls sums call\n\n"
    "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
    "  round each line half-up\n\n"
    "  charge calls \"Calls\"\n    at 0.01 USD per call\n";

constexpr std::string_view kUsage =
    R"({"card": "c", "on": "2026-03-15", "usage": [{"meter": "calls", "quantity": "250"}]})";

std::string only_problem(const std::vector<Problem>& problems) {
  EXPECT_EQ(problems.size(), 1u);
  return problems.front().where + " " + problems.front().message;
}

class EmbedTest : public ::testing::Test {
 protected:
  RateCards load() {
    folder_.save("c@2026-01-01.toll", kCard);
    return RateCards::load(folder_.path()).value();
  }
  testing::ScratchFolder folder_;
};

TEST_F(EmbedTest, AnswersInTheJsonOfTheService) {
  const RateCards cards = load();
  EXPECT_TRUE(cards.warnings().empty());
  EXPECT_THAT(cards.quote(kUsage).value(), HasSubstr(R"("total":"2.50")"));
  EXPECT_THAT(cards.explain(kUsage).value(), HasSubstr(R"("steps":)"));
}

TEST_F(EmbedTest, PointsAtWhatIsWrongWithUsage) {
  const RateCards cards = load();
  EXPECT_THAT(only_problem(cards.quote("{").error()), HasSubstr("line 1"));
  const auto unknown = cards.quote(R"({"card": "c", "usage": [{"meter": "cals", "quantity": 1}]})");
  EXPECT_THAT(only_problem(unknown.error()), HasSubstr("/usage/0/meter card `c` has no meter"));
  EXPECT_THAT(only_problem(cards.prepare(R"({"card": "d", "usage": []})").error()),
              HasSubstr("/card there is no card `d`"));
}

TEST_F(EmbedTest, RefusesAFolderWithOneBadCardWhole) {
  folder_.save("good@2026-01-01.toll", kCard);
  folder_.save("d@2026-01-01.toll", "toll 1\ncard d \"D\"\n  form 2026-01-01\n");
  const auto cards = RateCards::load(folder_.path());
  ASSERT_FALSE(cards);
  EXPECT_THAT(cards.error().front().where, HasSubstr("d@2026-01-01.toll:"));
  EXPECT_THAT(cards.error().front().message, ::testing::StartsWith("error["));
  EXPECT_THAT(cards.error().front().message, HasSubstr("^"));
  EXPECT_FALSE(RateCards::load(folder_.path() / "missing"));
}

TEST_F(EmbedTest, PreparedUsageTakesOtherQuantities) {
  const RateCards cards = load();
  Prepared prepared = cards.prepare(kUsage).value();
  EXPECT_EQ(prepared.total().value(), 250);
  ASSERT_TRUE(prepared.set(0, 1'000'000));
  EXPECT_EQ(prepared.total().value(), 1'000'000);
  ASSERT_TRUE(prepared.set(0, "0.5"));
  EXPECT_EQ(prepared.total().value(), 1);
  EXPECT_THAT(prepared.quote().value(), HasSubstr(R"("total":"0.01")"));
}

TEST_F(EmbedTest, PreparedUsageRefusesWhatIsNoQuantityAndStaysAsItWas) {
  const RateCards cards = load();
  Prepared prepared = cards.prepare(kUsage).value();
  EXPECT_THAT(only_problem(prepared.set(0, "1e3").error()), HasSubstr("/usage/0/quantity"));
  EXPECT_FALSE(prepared.set(0, uint64_t{1'000'000'000'000'000'000}));
  EXPECT_THAT(only_problem(prepared.set(1, 5).error()), HasSubstr("has 1"));
  EXPECT_EQ(prepared.total().value(), 250);
}

TEST_F(EmbedTest, OutlivesTheCardsAndTheFolder) {
  auto prepared = load().prepare(kUsage).value();
  folder_.save("c@2026-01-01.toll", "no card");
  EXPECT_EQ(prepared.total().value(), 250);
}

}  // namespace
}  // namespace toll
