// `toll check --format`: what other programs read.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

using Json = nlohmann::json;

class CheckFormats : public SampleFolder {
 protected:
  void SetUp() override {
    SampleFolder::SetUp();
    save("units.toll", R"(toll 1

unit call, calls
unit kilocall, kilocalls = 1,000 calls
)");
    save("sms, 100%.toll", R"(toll 1

meter sms counts call

card sms
  from 2026-01-01
  currency EUR
  period month
  round each line half-up

  fee setup "Gebühr" at 5.00 USD per month, not prorated

  charge sms
    at 0.10 EUR per call
)");
  }
};

TEST_F(CheckFormats, JsonIsOneDocument) {
  const Outcome outcome = toll("check --format json " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "");
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["files"], 3);
  EXPECT_EQ(json["cards"], 1);
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["guarantees"]["tested"], 1);
  const Json& error = json["diagnostics"].at(0);
  EXPECT_EQ(error["code"], "E105");
  EXPECT_EQ(error["line"], 11);
  EXPECT_EQ(error["column"], 30);  // in characters: `Gebühr` has six
  EXPECT_EQ(error["end_column"], 33);
  EXPECT_EQ(error["related"].at(0)["line"], 7);
}

TEST_F(CheckFormats, SayAlsoThatNothingCouldBeRead) {
  std::filesystem::create_directory(scratch_.path() / "empty");
  for (const std::string& path : {folder() + "/empty", folder() + "/nowhere"}) {
    const Outcome json = toll("check --format json " + path);
    EXPECT_EQ(json.exit_code, 1);
    const std::string failure = Json::parse(json.out)["failure"];
    EXPECT_EQ(json.err, "toll: " + failure + "\n");
    const Outcome sarif = toll("check --format sarif " + path);
    EXPECT_EQ(sarif.exit_code, 1);
    const Json invocation = Json::parse(sarif.out)["runs"][0]["invocations"][0];
    EXPECT_EQ(invocation["executionSuccessful"], false);
    EXPECT_EQ(invocation["toolExecutionNotifications"][0]["message"]["text"], failure);
  }
}

TEST_F(CheckFormats, SarifPathsLeadToTheFilesFromAnywhere) {
  std::filesystem::create_directory(scratch_.path() / "empty");
  const auto uri = [&](const std::string& from, const std::string& path) {
    const Outcome outcome = shell("cd '" + folder() + from + "' && '" + TOLL_PROGRAM +
                                  "' check --format sarif " + path);
    const Json run = Json::parse(outcome.out)["runs"][0];
    EXPECT_EQ(run["invocations"][0]["executionSuccessful"], true);
    return run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
  };
  const Json absolute = {{"uri", "file://" + folder() + "/sms,%20100%25.toll"}};
  EXPECT_EQ(uri("/empty", ".."), absolute);
  EXPECT_EQ(uri("/empty", "../empty/.."), absolute);
  EXPECT_EQ(uri("", "./empty/..")["uri"], "sms,%20100%25.toll");
}

TEST_F(CheckFormats, GithubCommandsEscapeWhatWouldEndThem) {
  const Outcome outcome = toll("check --format github " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(
      named(outcome.out)
          .starts_with("::error file=FOLDER/sms%2C 100%25.toll,line=11,col=30,"
                       "endColumn=33,title=E105%3A amount is in another currency than the "
                       "card::this amount is in USD, but the card bills in EUR only%0Awhy: "))
      << outcome.out;
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 3) << outcome.out;  // and the summary
}

TEST_F(CheckFormats, GithubCommandsRepeatNothingThatCannotBeSeen) {
  save("odd.toll",
       "toll 1\n\nmeter odd counts call\n\ncard odd \"Odd\"\n  from 2026-01-01\n  currency "
       "\x1b[2JUSD\n"
       "  period m\x07onth\n  round each line half-up\x7f\n\n  charge odd\n    at 0.10 E\u202EUR "
       "per call\n");
  const Outcome outcome = toll("check --format github " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.out.contains("odd.toll")) << outcome.out;
  for (const char* hidden : {"\x1b", "\x07", "\x7f", "\u202E"})
    EXPECT_FALSE(outcome.out.contains(hidden)) << outcome.out;
}

TEST_F(CheckFormats, SarifHasRulesRegionsAndFingerprints) {
  const auto results = [&](const std::string& arguments) {
    const Outcome outcome = shell("cd '" + folder() + "' && '" + TOLL_PROGRAM + "' " + arguments);
    EXPECT_EQ(outcome.exit_code, 1);
    const Json log = Json::parse(outcome.out);
    EXPECT_EQ(log["version"], "2.1.0");
    return log["runs"].at(0);
  };
  const Json run = results("check --format sarif");
  const Json& result = run["results"].at(0);
  EXPECT_EQ(run["columnKind"], "unicodeCodePoints");
  EXPECT_EQ(run["tool"]["driver"]["rules"].at(result["ruleIndex"].get<size_t>())["id"], "E105");
  EXPECT_EQ(result["ruleId"], "E105");
  EXPECT_EQ(result["level"], "error");
  const Json& place = result["locations"].at(0)["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"],
            Json({{"uri", "sms,%20100%25.toll"}, {"uriBaseId", "%SRCROOT%"}}));
  EXPECT_EQ(place["region"],
            Json({{"startLine", 11}, {"startColumn", 30}, {"endLine", 11}, {"endColumn", 33}}));
  EXPECT_EQ(result["relatedLocations"].at(0)["physicalLocation"]["region"]["startLine"], 7);

  // The same mistake, two lines further down and set otherwise.
  const std::string moved = "sed -i -e '3i# A comment.' -e '3i#' -e 's/ at 5.00/   at 5.00/' *100*";
  ASSERT_EQ(shell("cd '" + folder() + "' && " + moved).exit_code, 0);
  const Json later = results("check --format sarif")["results"].at(0);
  EXPECT_EQ(later["locations"].at(0)["physicalLocation"]["region"]["startLine"], 13);
  EXPECT_EQ(later["partialFingerprints"], result["partialFingerprints"]);
}

}  // namespace
}  // namespace toll::cli
