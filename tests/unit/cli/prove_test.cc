// `toll prove`.

#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class ProveCommand : public SampleFolder {};

TEST_F(ProveCommand, SaysHowFarATestWent) {
  const Outcome outcome = toll("prove " + folder());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string out = named(outcome.out);
  EXPECT_TRUE(
      out.starts_with("tested   guarantee bill never decreases   FOLDER/api@2026-01-01.toll:25\n"
                      "         api_calls from 0 to 1,000,000,000,000 calls; "))
      << out;
  EXPECT_TRUE(out.ends_with("\n1 guarantee: 1 tested, 0 refuted\n")) << out;
}

TEST_F(ProveCommand, ShowsTheInvoicesThatRefute) {
  save("volume@2026-01-01.toll", R"(toll 1

unit call, calls
meter jobs counts call

card volume
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base "Fee" at 5.00 USD per month, not prorated

  charge jobs "Jobs"
    tiers volume
    up to 1,000 calls at 0.10 USD per call
    beyond            at 0.05 USD per call

  guarantee bill never decreases
  guarantee bill at least 5 USD
)");
  const Outcome outcome = toll("prove " + folder() + "/volume@2026-01-01.toll");
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  const std::string out = named(outcome.out);
  EXPECT_NE(
      out.find("refuted  guarantee bill never decreases   FOLDER/volume@2026-01-01.toll:19\n"),
      std::string::npos)
      << out;
  EXPECT_NE(out.find(R"(         the bill drops when usage grows

         use jobs 1,000 calls
           Fee         1 month     5.00
           Jobs    1,000 calls   100.00
           ----------------------------
           Total                 105.00

         use jobs 1,001 calls
           Fee         1 month    5.00
           Jobs    1,001 calls   50.05
           ---------------------------
           Total                 55.05

         help: )"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("tested   guarantee bill at least 5 USD"), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with("2 guarantees: 1 tested, 1 refuted\n")) << out;
  EXPECT_EQ(outcome.err, "");
  // The card is not live, but its examples are still run, and the guarantee is a failure of theirs.
  const Outcome test = toll("test " + folder());
  EXPECT_EQ(test.exit_code, 1);
  EXPECT_NE(test.out.find("  REFUTED guarantee bill never decreases"), std::string::npos)
      << test.out;
  EXPECT_TRUE(test.out.ends_with("guarantees: 2 tested, 1 refuted\n")) << test.out;
}

TEST_F(ProveCommand, FailsWhereACardIsInError) {
  save("api@2026-01-01.toll", "toll 1\n\ncard api\n");
  EXPECT_EQ(toll("prove " + folder()).exit_code, 1);
}

}  // namespace
}  // namespace toll::cli
