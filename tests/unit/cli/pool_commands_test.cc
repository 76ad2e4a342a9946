// What commands print of cards with pools.

#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class PoolCommands : public SampleFolder {
 protected:
  void SetUp() override {
    save("flex@2026-01-01.toll", R"(toll 1

unit credit, credits
unit query, queries
meter queries counts query

card flex "Flexible"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge queries "Queries"
    at 2.5 credits per query

  pool flex "Flex" in credit, credits
    grant 1,000 credits every month
    beyond at 0.10 USD per credit

  pool promo "Promotion" in USD

  example "Beyond" in 2026-03
    granted 3.00 USD
    use queries 500 queries
    expect queries 1,000 credits
    expect flex/beyond 25.00 USD
    expect promo 3.00 USD
    expect flex 5 credits left
)");
  }

  std::string file() { return shell("cat '" + folder() + "/flex@2026-01-01.toll'").out; }
};

constexpr std::string_view kUsage =
    R"({"card":"flex","on":"2026-03-01","usage":[{"meter":"queries","quantity":"500"}],)"
    R"("state":{"grants":[{"pool":"promo","quantity":"30.00"}]}})";

TEST_F(PoolCommands, QuoteShowsCreditsAndWhatIsLeft) {
  const Outcome outcome = toll("quote flex --cards '" + folder() + "' --usage -", kUsage);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(without_hash(outcome.out),
            "Flexible, from 2026-03-01 until 2026-04-01, in USD\n\n"
            "Queries        500 queries   1,250 credits\n"
            "Flex, beyond   250 credits           25.00\n"
            "Promotion                           -25.00\n"
            "------------------------------------------\n"
            "Total                                 0.00\n\n"
            "left in flex: 0 credits\n\nleft in promo: 5.00 USD\n\n"
            "card flex, version 2026-01-01, sha256:HASH\n");
}

TEST_F(PoolCommands, ExplainSaysWhichGrantPaid) {
  const Outcome outcome = toll("explain flex --cards '" + folder() + "' --usage -", kUsage);
  EXPECT_NE(outcome.out.find("flex, expiring 2026-04-01 pays 1,000 of 1,000 credits"),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("250 credits, beyond at 0.10 USD per credit = 25"), std::string::npos)
      << outcome.out;
}

TEST_F(PoolCommands, TestTellsAndWritesWhatDiffers) {
  const Outcome told = toll("test '" + folder() + "'");
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_NE(told.out.find("expect queries   1,000 credits"), std::string::npos) << told.out;
  EXPECT_NE(told.out.find("250 more"), std::string::npos) << told.out;
  EXPECT_NE(told.out.find("5 credits left"), std::string::npos) << told.out;
  EXPECT_EQ(toll("test --update '" + folder() + "'").exit_code, 10);
  EXPECT_NE(file().find("    expect queries 1,250 credits\n"), std::string::npos) << file();
  EXPECT_NE(file().find("    expect flex 0 credits left\n"), std::string::npos) << file();
  EXPECT_EQ(toll("test '" + folder() + "'").exit_code, 0);
}

TEST_F(PoolCommands, TestWritesFractionsOfCredits) {
  save("thirds@2026-01-01.toll", R"(toll 1

unit call, calls
unit credit, credits

meter calls counts call

card thirds "Thirds"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge calls "Calls"
    at 1 credit per 3 calls

  pool flex "Flex" in credit, credits
    beyond at 0.10 USD per credit

  example "A third" in 2026-03
    granted 1,000 credits
    use calls 1 call
    expect calls 1/7 credits
    expect flex 100 credits left

  example "A whole one" in 2026-03
    granted 1,000 credits
    use calls 3 calls
    expect calls 1/7 credits
    expect flex 2,999/3 credits left
)");
  const std::string name = "'" + folder() + "/thirds@2026-01-01.toll'";
  EXPECT_EQ(toll("test --update " + name).exit_code, 10);
  const std::string text = shell("cat " + name).out;
  EXPECT_NE(text.find("    expect calls 1/3 credits\n    expect flex 2,999/3 credits left\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    expect calls 1 credits\n    expect flex 999 credits left\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(toll("test " + name).exit_code, 0);
}

TEST_F(PoolCommands, CoverAndShowKnowThePricesOfPools) {
  const Outcome cover = toll("cover '" + folder() + "'");
  EXPECT_NE(cover.out.find("2 of 2 price lines"), std::string::npos) << cover.out;
  const Outcome show = toll("show flex --cards '" + folder() + "' --inputs --ir");
  EXPECT_NE(show.out.find("\npools\n  flex, in credits\n    pays for queries\n"
                          "    grant 1,000 credits every month\n"
                          "    beyond at 0.10 USD per credit\n  promo, in USD\n"),
            std::string::npos)
      << show.out;
  EXPECT_NE(show.out.find("  pool promo: line = -min(total, what it holds)\n"), std::string::npos)
      << show.out;
}

}  // namespace
}  // namespace toll::cli
