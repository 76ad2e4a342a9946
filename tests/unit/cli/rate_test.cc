// `toll rate`: files in, files out.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class RateVerb : public SampleFolder {
 protected:
  std::string path(const std::string& name) const { return folder() + "/" + name; }
  Outcome rate(const std::string& options, std::string_view input = {}) const {
    return toll("rate api --cards " + folder() + " --on 2026-03-01 " + options, input);
  }
  static constexpr std::string_view kTable =
      "customer,api_calls[eu],api_calls[us]\nacme,250000,0\nglobex,0,111000\n";
};

TEST_F(RateVerb, WritesTheTableWithAmounts) {
  save("march.csv", kTable);
  const Outcome outcome = rate("--input " + path("march.csv") + " --output " + path("out.csv"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out.substr(0, outcome.out.rfind('\n', outcome.out.size() - 2) + 1),
            "2 rows: 2 rated, 0 rejected\n2 bills, total 1,638.50 USD\n");
  EXPECT_EQ(text_of("out.csv"),
            "customer,api_calls[eu],api_calls[us],amount\nacme,250000,0,1100.00\n"
            "globex,0,111000,538.50\n");
  EXPECT_FALSE(std::filesystem::exists(path("march.rejects.csv")));
  EXPECT_FALSE(std::filesystem::exists(path("out.csv.part")));
}

TEST_F(RateVerb, WritesRejectedRowsWithTheirReason) {
  save("march.csv", std::string(kTable) + "initech,many,0\n");
  const Outcome outcome = rate("--input " + path("march.csv"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.out.find("3 rows: 2 rated, 1 rejected (see " + path("march.rejects.csv") + ")"),
            std::string::npos)
      << outcome.out;
  EXPECT_EQ(text_of("march.rejects.csv"),
            "line,reason,text\n4,`api_calls[eu]` is not a number,\"initech,many,0\"\n");
}

TEST_F(RateVerb, TakesObjectsByTheNameOfTheFileOrAsTold) {
  const std::string table = "{\"customer\":\"acme\",\"api_calls[eu]\":\"250000\"}\n";
  const std::string priced =
      "{\"customer\":\"acme\",\"api_calls[eu]\":\"250000\",\"amount\":\"1100.00\"}\n";
  save("march.ndjson", table + "{\"customer\":\"b\"}\n");
  const Outcome outcome =
      rate("--input " + path("march.ndjson") + " --output " + path("out.ndjson"));
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.out.find("2 rows: 1 rated, 1 rejected"), std::string::npos) << outcome.out;
  EXPECT_EQ(text_of("out.ndjson"), priced);
  EXPECT_EQ(text_of("march.rejects.csv"),
            "line,reason,text\n2,`api_calls[eu]` is missing: write 0 where nothing was used,"
            "\"{\"\"customer\"\":\"\"b\"\"}\"\n");
  EXPECT_EQ(rate("--input - --output - --format ndjson", table).out, priced);
  EXPECT_EQ(rate("--input - --format xml", table).exit_code, 64);
}

TEST_F(RateVerb, WritesOverNoFileOfTheSameCommand) {
  save("march.csv", std::string(kTable) + "initech,many,0\n");
  std::filesystem::create_symlink(path("march.csv"), path("link.csv"));
  for (const char* output : {"march.csv", "link.csv"}) {
    const Outcome outcome = rate("--input " + path("march.csv") + " --output " + path(output));
    EXPECT_EQ(outcome.exit_code, 64);
    EXPECT_EQ(named(outcome.err), "toll: --output `FOLDER/" + std::string(output) +
                                      "` is the input, which would be gone\n"
                                      "help: write the table to another file\n");
  }
  EXPECT_EQ(text_of("march.csv"), std::string(kTable) + "initech,many,0\n");
  const Outcome rejects =
      rate("--input " + path("march.csv") + " --output " + path("march.rejects.csv"));
  EXPECT_EQ(rejects.exit_code, 64);
  EXPECT_NE(rejects.err.find("is where rejected rows go"), std::string::npos) << rejects.err;
}

TEST_F(RateVerb, WithoutAnOutputItWritesTotalsOnly) {
  const Outcome outcome = rate("--input -", "api_calls[eu]\n250000\n");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.find("amount"), std::string::npos);
  EXPECT_NE(outcome.out.find("1 bill, total 1,100.00 USD"), std::string::npos) << outcome.out;
}

TEST_F(RateVerb, IsAFilter) {
  const Outcome outcome = rate("--input - --output - --threads 2", "api_calls[eu]\n250000\n");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "api_calls[eu],amount\n250000,1100.00\n");
  EXPECT_NE(outcome.err.find("1 row: 1 rated"), std::string::npos) << outcome.err;
}

TEST_F(RateVerb, LeavesNoFileOfATableThatItDoesNotUnderstand) {
  save("march.csv", "api_calls[mars]\n1\n");
  const Outcome outcome = rate("--input " + path("march.csv") + " --output " + path("out.csv"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(named(outcome.err),
            "toll: FOLDER/march.csv:1: column 1: `mars` is not a value of `region`\n"
            "help: its values are eu, us\n");
  EXPECT_FALSE(std::filesystem::exists(path("out.csv")));
  EXPECT_FALSE(std::filesystem::exists(path("out.csv.part")));
}

TEST_F(RateVerb, RefusesACommandThatMakesNoSense) {
  EXPECT_EQ(rate("--input " + path("none.csv")).exit_code, 1);
  EXPECT_EQ(toll("rate api --cards " + folder() + " --on March --input -").exit_code, 64);
  EXPECT_EQ(toll("rate api --cards " + folder() + " --on 2025-03-01 --input -").exit_code, 2);
  EXPECT_EQ(rate("--input - --output /nowhere/out.csv", "api_calls[eu]\n1\n").exit_code, 2);
}

TEST(RateExample, TheDocumentedCommandWorks) {
  const Outcome outcome = toll(
      "rate api_platform --cards ratecards/founding --on 2026-03-01 --input examples/usage.csv");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("4 rows: 4 rated, 0 rejected"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("total 2,600.00 USD"), std::string::npos) << outcome.out;
}

TEST_F(RateVerb, IsToldWhereNothingWasBefore) {
  save("yearly@2026-01-01.toll",
       "toll 1\n\nunit ping, pings\nmeter pings counts ping\n\ncard yearly\n  from 2026-01-01\n"
       "  currency USD\n  period month\n  round each line half-up\n\n  charge pings\n"
       "    included 10 pings per year\n    at 1.00 USD per ping\n");
  save("pings.csv", "pings\n12\n");
  const std::string command =
      "rate yearly --cards " + folder() + " --on 2026-03-01 --input " + path("pings.csv");
  const Outcome refused = toll(command);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("what was used of `pings` before 2026-03-01"), std::string::npos)
      << refused.err;
  EXPECT_NE(refused.err.find("`--without-state`"), std::string::npos) << refused.err;
  const Outcome outcome = toll(command + " --without-state");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("1 bill, total 2.00 USD"), std::string::npos) << outcome.out;
}

TEST_F(RateVerb, WarnsWhereNoPlanIsNamed) {
  save("api@2026-01-01.toll", text_of("api@2026-01-01.toll") +
                                  "\n  plan pro\n    fee more at 9.00 USD per month, not "
                                  "prorated\n");
  const Outcome outcome = rate("--input -", kTable);
  EXPECT_EQ(outcome.err,
            "toll: warning: no `plan` is named, so only what is common to all plans of `api` is "
            "billed; its plans are `pro`\n");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(rate("--input - --plan pro", kTable).err, "");
}

}  // namespace
}  // namespace toll::cli
