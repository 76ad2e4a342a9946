// Every verb copes with cards that read rows from a file.

#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class TableCommand : public SampleFolder {
 protected:
  void SetUp() override {
    save("sms@2026-01-01.toll", R"(toll 1

unit segment, segments
dimension country is US, DE, other
meter sms counts segment by country

card sms "SMS"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  # As exported.
  charge sms "SMS" by country
    tiers graduated
    rows from "sms.csv"

  guarantee bill never decreases

  example "On the bound" in 2026-01
    use sms US: 1,000 segments
    expect sms/US 8.30 USD

  example "Above it" in 2026-01
    use sms US: 2,000 segments
    expect sms/US 16.30 USD
)");
    save("sms.csv", kList);
  }

  static constexpr std::string_view kList =
      "country,up to segments,at USD per segment\n"
      "US,\"1,000\",0.0083\n"
      "US,beyond,0.0080\n"
      "DE,,0.1120\n"
      "other,,0.1500\n";
};

TEST_F(TableCommand, CheckCountsItsRowsAndShowsItsMistakes) {
  EXPECT_TRUE(toll("check " + folder())
                  .out.starts_with("2 files, 1 card, 1 charge, 4 price lines: no err"));
  save("sms.csv", "country,at USD per segment\nany,0.0083 USD\n");
  for (const char* path : {"", "/sms@2026-01-01.toll"}) {
    const Outcome outcome = toll("check " + folder() + path);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_TRUE(named(outcome.err).starts_with("FOLDER/sms.csv:2:")) << outcome.err;
    EXPECT_EQ(outcome.err.find("other files"), std::string::npos) << outcome.err;
  }
  std::filesystem::remove(scratch_.path() / "sms.csv");
  EXPECT_NE(toll("check " + folder()).err.find("error[E240]: there is no file `sms.csv` beside"),
            std::string::npos);
}

TEST_F(TableCommand, FmtKnowsTheLineAndLeavesTheFileAlone) {
  const Outcome outcome = toll("fmt --check " + folder());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("1 file")) << outcome.out;
}

TEST_F(TableCommand, TestAndProveRunTheCard) {
  EXPECT_EQ(toll("test " + folder()).exit_code, 0);
  EXPECT_EQ(toll("prove " + folder()).exit_code, 0);
}

TEST_F(TableCommand, CoverCountsEachRowOfTheFile) {
  const Outcome outcome = toll("cover --min 51 --min-bounds 100 " + folder());
  EXPECT_EQ(outcome.exit_code, 4) << "two of four prices are shown";
  EXPECT_EQ(named(outcome.out),
            "FOLDER/sms.csv   2 of 4 price lines, 1 of 1 bound\n"
            "    4  DE at 0.1120 USD per segment      never used\n"
            "    5  other at 0.1500 USD per segment   never used\n"
            "2 of 4 price lines (50.0 %), required 51 %; 1 of 1 bound tested (100.0 %), required "
            "100 %\n");
  EXPECT_EQ(toll("cover --min 50 --min-bounds 100 " + folder()).exit_code, 0);
}

TEST_F(TableCommand, CoverNamesTheFirstRowsOfALongFile) {
  std::string card = "toll 1\n\nunit segment, segments\ndimension country is c0";
  std::string list = "country,at USD per segment\nc0,0.0083\n";
  for (int i = 1; i <= 12; ++i) {
    card += ", c" + std::to_string(i);
    list += "c" + std::to_string(i) + ",0.0083\n";
  }
  save("sms@2026-01-01.toll", card + R"(
meter sms counts segment by country

card sms "SMS"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge sms "SMS" by country
    rows from "sms.csv"

  example "One" in 2026-01
    use sms c0: 1,000 segments
    expect total 8.30 USD
)");
  save("sms.csv", list);
  const Outcome outcome = toll("cover --min 100 " + folder());
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_NE(outcome.out.find("   12  c10 at 0.0083 USD per segment   never used\n       and 2 more "
                             "rows of the file\n"),
            std::string::npos)
      << outcome.out;
}

TEST_F(TableCommand, CoverTakesTheFileAsOneLineWhereItIsTold) {
  const Outcome outcome = toll("cover --files whole --min 100 --min-bounds 100 " + folder());
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(named(outcome.out),
            "FOLDER/sms.csv   1 of 1 price line, 1 of 1 bound\n"
            "1 of 1 price line (100.0 %), required 100 %; 1 of 1 bound tested (100.0 %), required "
            "100 %\n");
}

TEST_F(TableCommand, ExplainNamesTheLineOfTheFile) {
  const Outcome outcome = toll("explain sms --cards " + folder() + " --example 'Above it'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("sms.csv:2"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("sms.csv:3"), std::string::npos) << outcome.out;
}

TEST_F(TableCommand, ShowPrintsACardByItself) {
  const Outcome shown = toll("show sms --cards " + folder());
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_NE(shown.out.find("    US up to 1,000 segments at 0.0083 USD per segment\n"
                           "    US beyond at 0.0080 USD per segment\n"
                           "    DE at 0.1120 USD per segment\n"),
            std::string::npos)
      << shown.out;
  EXPECT_NE(shown.out.find("# As exported."), std::string::npos);
  std::filesystem::remove(scratch_.path() / "sms.csv");
  save("sms@2026-01-01.toll", shown.out);
  const Outcome tested = toll("test " + folder());
  EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
}

TEST_F(TableCommand, DiffNamesTheRowThatChanged) {
  const std::string git = "cd '" + folder() + "' && git init -q . && git add . && " +
                          "git -c user.name=t -c user.email=t@t commit -qm one";
  ASSERT_EQ(shell(git).exit_code, 0);
  std::string list(kList);
  save("sms.csv", list.replace(list.find("0.1120"), 6, "0.1300"));
  const Outcome outcome =
      shell("cd '" + folder() + "' && '" + std::string(TOLL_PROGRAM) + "' diff --against HEAD .");
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.out.find("  ~ sms/DE   0.1120 → 0.1300 USD per segment   +16.07 %\n"
                             "0 lines added, 1 changed, 0 removed"),
            std::string::npos)
      << outcome.out;
}

}  // namespace
}  // namespace toll::cli
