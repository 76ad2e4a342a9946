// `toll check` and `toll test`.

#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class CheckCommand : public SampleFolder {};
class TestCommand : public SampleFolder {};

TEST_F(CheckCommand, CountsWhatIsThere) {
  const Outcome outcome = toll("check " + folder());
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.substr(0, outcome.out.find("tested on")),
            "2 files, 1 card, 1 charge, 2 price lines: no errors, 1 warning\nguarantees: 1 ");
  // The unit `seat` is declared and not used.
  EXPECT_TRUE(named(outcome.err).starts_with("FOLDER/units.toll:5:6: warning[W127]: "))
      << outcome.err;
  EXPECT_EQ(toll("check --strict " + folder()).exit_code, 3);
}

TEST_F(CheckCommand, ShowsEveryMistakeAndFails) {
  save("api@2026-07-01.toll", R"(toll 1

card api "API platform"
  from 2026-07-01
  currency USD
  period month

  charge api_calls "API calls"
    at 0.0040 USD per byte
)");
  const Outcome outcome = toll("check " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(named(outcome.err).find("FOLDER/api@2026-07-01.toll:3:1: error[E110]: "),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(named(outcome.err).find("FOLDER/api@2026-07-01.toll:9:23: error[E101]: "),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find(": 2 errors\n"), std::string::npos) << outcome.out;
}

TEST_F(CheckCommand, ReportsASingleFileWithTheDeclarationsOfItsFolder) {
  save("broken@2026-01-01.toll", "toll 1\n\ncard broken\n");
  const Outcome api = toll("check " + folder() + "/api@2026-01-01.toll");
  EXPECT_EQ(api.exit_code, 0) << api.err;
  EXPECT_TRUE(api.out.starts_with("1 file, 1 card, 1 charge, 2 price lines: no errors\n"))
      << api.out;
  EXPECT_EQ(api.err.find("broken@"), std::string::npos);
  EXPECT_NE(api.err.find("toll: other files of the same folders have "), std::string::npos);
  EXPECT_EQ(toll("check " + folder() + "/broken@2026-01-01.toll").exit_code, 1);
}

TEST_F(CheckCommand, FailsWhereAnotherFilesErrorHoldsTheCardBack) {
  save("units.toll", "toll 1\n\nunit call, calls\nunit kilocall, kilocalls = 1,00 calls\n");
  const Outcome outcome = toll("check " + folder() + "/api@2026-01-01.toll");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(named(outcome.err),
            "toll: `FOLDER/api@2026-01-01.toll` is held back by errors in `FOLDER/units.toll`\n"
            "help: check the whole folder to see them\n");
}

TEST_F(CheckCommand, SaysWhichFolderCannotBeRead) {
  // A path that is too long for the system is one that nobody can read, whoever runs the test.
  const std::filesystem::path here = std::filesystem::current_path();
  const std::string name(250, 'd');
  std::filesystem::current_path(scratch_.path());
  for (int i = 0; i < 17; ++i) {
    std::filesystem::create_directory(name);
    std::filesystem::current_path(name);
  }
  std::filesystem::current_path(here);
  const Outcome outcome = toll("check " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(named(outcome.err).starts_with("toll: cannot read folder `FOLDER/ddd"))
      << outcome.err.substr(0, 200);
}

TEST_F(CheckCommand, PassesOverWhatEditorsLeave) {
  std::filesystem::create_symlink("user@host.1234", scratch_.path() / ".#api.toll");
  EXPECT_EQ(toll("check " + folder()).exit_code, 0);
}

TEST_F(CheckCommand, FailsWhereALinkLeadsToNoFile) {
  std::filesystem::create_symlink("nowhere", scratch_.path() / "link@2026-01-01.toll");
  const Outcome outcome = toll("check " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(named(outcome.err), "toll: `FOLDER/link@2026-01-01.toll` is a link to nothing\n");
  EXPECT_EQ(named(toll("show api --cards " + folder()).err),
            "toll: `FOLDER/link@2026-01-01.toll` is a link to nothing, and passed over\n");
}

TEST_F(CheckCommand, TakesEachFolderByItself) {
  std::filesystem::create_directories(scratch_.path() / "tenant");
  save("tenant/other@2026-01-01.toll", R"(toll 1

unit call, requests
meter api_calls counts call

card tokens
  from 2026-01-01
  currency EUR
  period month
  round each line half-up

  charge api_calls
    at 1.00 EUR per call
)");
  const Outcome outcome = toll("check " + folder());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("3 files, 2 cards, 2 charges, 3 price lines: no errors"))
      << outcome.out;
}

TEST_F(CheckCommand, TakesTheFolderItStandsInWhereNoneIsNamed) {
  const Outcome here = shell("cd '" + folder() + "' && '" + TOLL_PROGRAM + "' check");
  EXPECT_EQ(here.exit_code, 0);
  EXPECT_TRUE(here.err.starts_with("units.toll:5:6: warning[W127]")) << here.err;
  const Outcome twice =
      shell("cd '" + folder() + "' && '" + TOLL_PROGRAM + "' check . ./units.toll");
  EXPECT_EQ(twice.out, here.out);
}

TEST_F(CheckCommand, SaysWhatAPathIsNot) {
  const Outcome missing = toll("check " + folder() + "/nothing");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(named(missing.err), "toll: there is no file or folder `FOLDER/nothing`\n");
  save("usage.json", "{}");
  EXPECT_EQ(named(toll("check " + folder() + "/usage.json").err),
            "toll: `FOLDER/usage.json` is no card file: their names end in .toll\n");
  std::filesystem::create_directory(scratch_.path() / "empty");
  EXPECT_EQ(named(toll("check " + folder() + "/empty/").err),
            "toll: there are no .toll files in `FOLDER/empty/` or below it\n");
}

TEST_F(TestCommand, RunsExamplesAndGuarantees) {
  save("api.invoices.toll", R"(toll 1

invoice "Two regions" for api in 2026-03
  use api_calls us: 101,000 calls
  use api_calls eu: 1 call
  expect base 500.00 USD
  expect api_calls/eu 0.00 USD
  expect api_calls/us 3.50 USD
  expect bill/minimum 6.50 USD
  expect total 510.00 USD
)");
  const Outcome outcome = toll("test " + folder());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  std::string out = named(outcome.out);
  // The number of usages depends on the card's price points.
  const size_t figure = out.find("bill never decreases") + 20;
  out.replace(figure, out.find('\n', figure) - figure, " N");
  EXPECT_EQ(out, R"(FOLDER/api.invoices.toll
  ok      Two regions   510.00 USD
FOLDER/api@2026-01-01.toll
  tested  guarantee bill never decreases N
  ok      Europe only                      1,100.00 USD
2 examples: 2 passed, 0 failed
guarantees: 1 tested
)");
}

TEST_F(TestCommand, ShowsTheDifferenceInMoneyAndWhereItComesFrom) {
  save("api.invoices.toll", R"(toll 1

invoice "Wrong" for api in 2026-03
  use api_calls us: 101,000 calls
  expect base 450.00 USD
  expect api_calls/us 4.00 USD
  expect total 510.00 USD
)");
  const Outcome outcome = toll("test " + folder() + "/api.invoices.toll");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(named(outcome.out), R"(FOLDER/api.invoices.toll
  FAIL    Wrong   510.00 USD
          expect base   450.00 USD   api.invoices.toll:5
          got    base   500.00 USD   50.00 more
                 fee base "Platform fee" at 500.00 USD per month, not prorated   api@2026-01-01.toll:14
          expect api_calls/us   4.00 USD   api.invoices.toll:6
          got    api_calls/us   3.50 USD   0.50 less
                 included 100 kilocalls in each row: 101,000 → 1,000   api@2026-01-01.toll:17
                 1,000 calls, us at 3.50 USD per kilocall = 3.5   api@2026-01-01.toll:19
          expect bill/minimum   not stated   api.invoices.toll:3
          got    bill/minimum     6.50 USD
                 bill minimum 510.00 USD "Monthly minimum", on 503.50   api@2026-01-01.toll:21
1 example: 0 passed, 1 failed
)");
}

TEST_F(TestCommand, FailsWhereAnotherFilesErrorHoldsTheCardBack) {
  save("api.invoices.toll",
       "toll 1\n\ninvoice \"None\" for api in 2026-03\n  expect total 510.00 USD\n");
  save("units.toll", "toll 1\n\nunit call, calls\nunit kilocall, kilocalls = 1,00 calls\n");
  for (const std::string file : {"api@2026-01-01.toll", "api.invoices.toll"}) {
    const Outcome outcome = toll("test " + folder() + "/" + file);
    EXPECT_EQ(outcome.exit_code, 1) << file;
    EXPECT_TRUE(outcome.out.ends_with("1 example: 0 passed, 0 failed, 1 not run\n")) << outcome.out;
    EXPECT_NE(named(outcome.err).find("`FOLDER/units.toll`"), std::string::npos) << outcome.err;
  }
}

TEST_F(TestCommand, FailsWhereACardIsInError) {
  save("api@2026-07-01.toll", "toll 1\n\ncard api\n");
  const Outcome outcome = toll("test " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("error[E110]"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.out.find("1 example: 1 passed, 0 failed\n"), std::string::npos) << outcome.out;
}

/// 80 pings, and 40 more from the 16th on, when their price doubles: 80.00 and 80.00 USD.
class CutInvoice : public SampleFolder {
 protected:
  static constexpr std::string_view kCard = R"(toll 1

meter pings counts call

card cut "Cut"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge pings "Pings"
    at 1.00 USD per call
)";
  static constexpr std::string_view kLater = R"(toll 1

card cut extends previous
  from 2026-03-16
  switch at once
  applies to everyone

  change charge pings
    at 2.00 USD per call, was 1.00 USD per call
)";

  void SetUp() override {
    SampleFolder::SetUp();
    save("cut@2026-01-01.toll", kCard);
    save("cut@2026-03-16.toll", kLater);
    expect("160.00");
  }

  void expect(const std::string& total) {
    save("cut.invoices.toll", R"(toll 1

invoice "The month of the change" for cut in 2026-03
  use pings 80 calls until 2026-03-16
  use pings 40 calls from 2026-03-16
  expect pings )" + total + " USD\n  expect total " +
                                  total + " USD\n");
  }
};

TEST_F(CutInvoice, IsRunWithAllVersionsOfItsDays) {
  const Outcome outcome = toll("test " + folder() + "/cut.invoices.toll");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.contains("The month of the change")) << outcome.out;
  EXPECT_TRUE(outcome.out.contains("160.00 USD")) << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with("1 example: 1 passed, 0 failed\n")) << outcome.out;
  // Of one of its cards: the invoice is another file's.
  EXPECT_EQ(toll("test " + folder() + "/cut@2026-03-16.toll").out,
            "0 examples: 0 passed, 0 failed\n");
}

TEST_F(CutInvoice, ThatIsWrongSaysWhatEachVersionBrought) {
  expect("120.00");
  const Outcome outcome = toll("test " + folder() + "/cut.invoices.toll");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.out.contains("expect pings   120.00 USD")) << outcome.out;
  EXPECT_TRUE(outcome.out.contains("got    pings   160.00 USD   40.00 more")) << outcome.out;
  EXPECT_TRUE(outcome.out.contains("cut@2026-03-16.toll:9")) << outcome.out;
  EXPECT_EQ(toll("test --update " + folder() + "/cut.invoices.toll").exit_code, 10) << outcome.out;
  EXPECT_TRUE(text_of("cut.invoices.toll").contains("expect total 160.00 USD"));
}

TEST_F(CutInvoice, IsExplainedAsTheQuoteOfItsUsage) {
  const Outcome explained =
      toll("explain cut --cards " + folder() + " --example 'The month of the change'");
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_TRUE(explained.out.contains("160.00")) << explained.out;
}

TEST_F(CutInvoice, ReachesNoPriceLine) {
  const Outcome outcome = toll("cover " + folder() + "/cut@2026-01-01.toll");
  EXPECT_TRUE(outcome.out.contains("0 of 1 price line")) << outcome.out;
}

TEST_F(CutInvoice, IsNotRunWhileAVersionIsInError) {
  std::string wrong(kLater);
  wrong.replace(wrong.find("was 1.00"), 8, "was 3.00");
  save("cut@2026-03-16.toll", wrong);
  const Outcome outcome = toll("test " + folder() + "/cut.invoices.toll");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.out.contains("1 not run")) << outcome.out;
  EXPECT_TRUE(outcome.err.contains("is held back by errors in")) << outcome.err;
}

TEST_F(CutInvoice, OfADealIsFoundByTheCardThatItAsksFor) {
  save("cut_acme.toll", R"(toll 1

card cut_acme "Acme" extends cut
  for customer acme
  from 2026-01-01 until 2026-02-16

  change charge pings
    discount 50%
)");
  save("acme.invoices.toll", R"(toll 1

invoice "Acme leaves its deal" for cut in 2026-02
  for customer acme
  use pings 10 calls until 2026-02-16
  use pings 10 calls from 2026-02-16
  expect pings 15.00 USD
  expect total 15.00 USD
)");
  EXPECT_EQ(toll("test " + folder() + "/acme.invoices.toll").exit_code, 0);
  const Outcome explained =
      toll("explain cut --cards " + folder() + " --example 'Acme leaves its deal'");
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_TRUE(explained.out.contains("15.00")) << explained.out;
}

}  // namespace
}  // namespace toll::cli
