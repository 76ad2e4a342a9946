// `toll diff`.

#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

/// Two folders, `old` and `new`, that are equal at first; and a git repository of the first.
class DiffCommand : public ::testing::Test {
 protected:
  static constexpr std::string_view kCard = R"(toll 1

unit call, calls
dimension region is eu, us
meter api_calls counts call by region

card api "API platform"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base "Platform fee" at 500.00 USD per month, not prorated

  charge api_calls "API calls" by region
    tiers graduated
    eu up to 1,000 calls at 0.0040 USD per call   # from the contract
    eu beyond            at 0.0020 USD per call
    us                   at 0.0050 USD per call

  guarantee bill at least 500 USD

  example "Europe" in 2026-03
    use api_calls eu: 250,000 calls
    expect total 1,002.00 USD
)";

  void SetUp() override {
    std::filesystem::create_directories(scratch_.path() / "old");
    std::filesystem::create_directories(scratch_.path() / "new");
    for (const std::string side : {"old/", "new/"}) scratch_.save(side + kFile, kCard);
  }

  static std::string changed(std::initializer_list<std::pair<std::string, std::string>> edits) {
    std::string text(kCard);
    for (const auto& [from, to] : edits) text.replace(text.find(from), from.size(), to);
    return text;
  }

  /// In the scratch folder.
  Outcome run(const std::string& line) {
    return shell("cd '" + scratch_.path().string() + "' && " + line);
  }
  Outcome diff(const std::string& arguments) {
    return run(std::string("'") + TOLL_PROGRAM + "' diff " + arguments);
  }

  const std::string kFile = "api@2026-01-01.toll";
  testing::ScratchFolder scratch_;
};

TEST_F(DiffCommand, LayoutAndCommentsAreNoDifference) {
  scratch_.save("new/" + kFile, changed({{"eu beyond            at", "eu beyond at"},
                                         {"   # from the contract", ""}}));
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "0 lines added, 0 changed, 0 removed; guarantees: 1 tested\n"
            "examples and golden invoices: 1 of 1 rated by both sides, 0 differ\n");
}

TEST_F(DiffCommand, WhatFormattingChangesIsNoDifference) {
  const std::string untidy = changed({{"up to 1,000 calls", "up to 1000 call"}});
  scratch_.save("old/" + kFile, untidy);
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_TRUE(outcome.out.starts_with("0 lines added, 0 changed, 0 removed")) << outcome.out;
}

TEST_F(DiffCommand, NamesTheFolderOfACardBelow) {
  std::filesystem::create_directories(scratch_.path() / "old" / "team");
  scratch_.save("old/team/" + kFile, kCard);
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(outcome.out.starts_with("card team/api: version of 2026-01-01: removed\n"))
      << outcome.out;
}

TEST_F(DiffCommand, RatesUsageDocumentsByBothSides) {
  scratch_.save("new/" + kFile, changed({{"us                   at 0.0050", "us at 0.0060"}}));
  const auto line = [](const std::string& customer, const std::string& quantity) {
    return R"({"card":"api","on":"2026-03-15","customer":")" + customer +
           R"(","usage":[{"meter":"api_calls","at":{"region":"us"},"quantity":")" + quantity +
           "\"}]}\n";
  };
  scratch_.save("usage.ndjson", line("acme", "1000") + "\n" + line("globex", "0"));
  const Outcome outcome = diff("old new --usage usage.ndjson");
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.out.find("usage documents: 2 of 2 rated by both sides, 1 differ\n"
                             "  line 1 of usage.ndjson, customer acme (api, 2026-03-15)     505.00 "
                             "→   506.00 USD   +1.00   +0.20 %\n"
                             "  total of what both rate                                   1,005.00 "
                             "→ 1,006.00 USD   +1.00   +0.10 %\n"),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(diff("old new --format markdown --usage usage.ndjson").out.find("| 505.00 |"),
            std::string::npos);
  // A document alone, over several lines.
  scratch_.save("usage.json", "{ \"card\": \"api\", \"on\": \"2026-03-15\",\n  \"usage\": [] }\n");
  EXPECT_NE(diff("old new --usage usage.json").out.find("usage documents: 1 of 1 rated"),
            std::string::npos);
  scratch_.save("usage.ndjson", line("acme", "1") + "{\"card\":\"apii\",\"usage\":[]}\n");
  const Outcome unknown = diff("old new --usage usage.ndjson");
  EXPECT_EQ(unknown.err, "toll: line 2 of usage.ndjson: neither side has a card `apii`\n");
  EXPECT_EQ(unknown.exit_code, 1) << "which is not that of a difference";
  scratch_.save("usage.ndjson", line("acme", "1") + line("acme", "x"));
  EXPECT_NE(diff("old new --usage usage.ndjson").err.find("usage.ndjson:2: /usage/0/quantity"),
            std::string::npos);
  EXPECT_NE(diff("old new --usage none.ndjson").err.find("cannot read `none.ndjson`"),
            std::string::npos);
}

TEST_F(DiffCommand, SaysWhyOneSideRatesNotWhatTheOtherDoes) {
  scratch_.save(
      "new/" + kFile,
      changed({{"is eu, us", "is eu"}, {"    us                   at 0.0050 USD per call\n", ""}}));
  scratch_.save("usage.json", R"({"card":"api","on":"2026-03-15","customer":"acme","usage":[)"
                              R"({"meter":"api_calls","at":{"region":"us"},"quantity":"1000"}]})");
  const Outcome outcome = diff("old new --usage usage.json");
  EXPECT_NE(
      outcome.out.find("  line 1 of usage.json, customer acme (api, 2026-03-15)   505.00 → none\n"
                       "  not rated after: line 1 of usage.json, customer acme (api, 2026-03-15): "
                       "`us` is not a value of "),
      std::string::npos)
      << outcome.out << outcome.err;
  EXPECT_NE(diff("new old --usage usage.json").out.find("  not rated before: line 1 of usage.json"),
            std::string::npos);
  EXPECT_NE(diff("old new --usage usage.json --format markdown")
                .out.find("| 505.00 | none |  |  |\n\n- not rated after: line 1 of usage.json, "),
            std::string::npos);
}

TEST_F(DiffCommand, SaysWhatChangedByHowMuchAndWhatItCosts) {
  scratch_.save("new/" + kFile,
                changed({{"eu up to 1,000 calls at 0.0040", "eu up to 2,000 calls at 0.0040"},
                         {"0.0020 USD", "0.0015 USD"},
                         {"at 500.00 USD per month, not prorated",
                          "at 450.00 USD per month, prorated by day"},
                         {"    us                   at 0.0050 USD per call\n",
                          "    us at 0.0050 USD per call\n    discount 10% when region is us\n"},
                         {"at least 500 USD", "at least 450 USD"}}));
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  for (const std::string line : {
           "card api: version of 2026-01-01\n",
           "  ~ fee base                               \"Platform fee\" 500.00 USD per month, not "
           "prorated → \"Platform fee\" 450.00 USD per month, prorated by day\n",
           "  ~ api_calls                              eu up to 1,000 → 2,000 calls at 0.0040 USD "
           "per "
           "call",
           "  ~ api_calls/eu beyond                    0.0020 → 0.0015 USD per call",
           "   −25.00 %\n",
           "  + api_calls/discount when region is us   10%\n",
           "  ~ card                                   guarantee bill at least 500 → 450 USD",
           "1 line added, 4 changed, 0 removed; guarantees: 1 tested\n",
           "  Europe (api, 2026-03-01)   1,002.00 → 830.00 USD   −172.00   −17.17 %\n",
       })
    EXPECT_NE(outcome.out.find(line), std::string::npos) << line << outcome.out;
}

TEST_F(DiffCommand, ComparesANewVersionWithTheOneBeforeIt) {
  scratch_.save("new/api@2026-07-01.toll", changed({{"from 2026-01-01", "from 2026-07-01"},
                                                    {"0.0050 USD", "0.0045 USD"},
                                                    {"in 2026-03", "in 2026-07"},
                                                    {"\"Europe\"", "\"Europe, later\""}}));
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_EQ(outcome.out, R"(card api: new version from 2026-07-01, against that of 2026-01-01
  ~ api_calls/us   0.0050 → 0.0045 USD per call   −10.00 %
0 lines added, 1 changed, 0 removed; guarantees: 2 tested
examples and golden invoices: 2 of 2 rated by both sides, 0 differ
)");
}

/// The version from July and a deal, which extend kCard.
constexpr std::string_view kLater = R"(toll 1

card api extends previous
  from 2026-07-01
  applies to everyone
  change charge api_calls
    us at 0.0045 USD per call, was 0.0050 USD per call
)";
constexpr std::string_view kDeal = R"(toll 1

card api_acme extends api
  for customer acme
  from 2026-03-01
  change fee base at 400.00 USD per month, was 500.00 USD per month
)";

TEST_F(DiffCommand, AVersionThatExtendsTheOneBeforeIsComparedAsItIsByItself) {
  scratch_.save("new/api@2026-07-01.toll", kLater);
  const Outcome added = diff("old new");
  EXPECT_EQ(added.exit_code, 2) << added.err;
  EXPECT_EQ(added.out, R"(card api: new version from 2026-07-01, against that of 2026-01-01
  + applies to                        everyone
  ~ api_calls/us                      0.0050 → 0.0045 USD per call   −10.00 %
  - guarantee bill at least 500 USD
1 line added, 1 changed, 1 removed; guarantees: 1 tested
examples and golden invoices: 1 of 1 rated by both sides, 0 differ
)");
}

TEST_F(DiffCommand, TellsWhatMovesBecauseItsBaseDoes) {
  for (const std::string side : {"old/", "new/"}) {
    scratch_.save(side + "api@2026-07-01.toll", kLater);
    scratch_.save(side + "api_acme@2026-03-01.toll", kDeal);
  }
  EXPECT_EQ(diff("old new").exit_code, 0);
  scratch_.save("new/" + kFile, changed({{"0.0020 USD", "0.0015 USD"}}));
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  const std::string moved = "  ~ api_calls/eu beyond   0.0020 → 0.0015 USD per call   −25.00 %\n";
  EXPECT_TRUE(outcome.out.starts_with(
      "card api: version of 2026-01-01\n" + moved +
      "card api: version of 2026-07-01, through api of 2026-01-01\n" + moved +
      "card api_acme: version of 2026-03-01, through api of 2026-01-01\n" + moved +
      "card api_acme: version of 2026-07-01, through api of 2026-07-01\n" + moved))
      << outcome.out;
}

TEST_F(DiffCommand, ADealIsToldAboutANewVersionOfItsCard) {
  for (const std::string side : {"old/", "new/"})
    scratch_.save(side + "api_acme@2026-03-01.toll", kDeal);
  scratch_.save("new/api@2026-07-01.toll", kLater);
  const Outcome outcome = diff("old new");
  EXPECT_NE(outcome.out.find("card api_acme: new version from 2026-07-01, against that of "
                             "2026-03-01, through api of 2026-07-01\n"
                             "  ~ api_calls/us   0.0050 → 0.0045 USD per call   −10.00 %\n"),
            std::string::npos)
      << outcome.out;
}

TEST_F(DiffCommand, OfTwoFilesOnlyTheirOwnCardsAreCompared) {
  for (const std::string side : {"old/", "new/"})
    scratch_.save(side + "api_acme@2026-03-01.toll", kDeal);
  scratch_.save("new/" + kFile, changed({{"0.0020 USD", "0.0015 USD"}}));
  scratch_.save("new/api@2026-07-01.toll", kLater);
  const Outcome base = diff("old/" + kFile + " new/" + kFile);
  EXPECT_EQ(base.exit_code, 2) << base.err;
  EXPECT_TRUE(base.out.starts_with("card api: version of 2026-01-01\n  ~ ")) << base.out;
  EXPECT_NE(base.out.find("0 lines added, 1 changed, 0 removed"), std::string::npos) << base.out;
  const Outcome deal = diff("old/api_acme@2026-03-01.toll new/api_acme@2026-03-01.toll");
  EXPECT_TRUE(deal.out.starts_with("card api_acme: version of 2026-03-01, through api of "))
      << deal.out;
  EXPECT_NE(deal.out.find("0 of 0 rated"), std::string::npos) << deal.out;
}

TEST_F(DiffCommand, TellsWhenADealEndsOrBegins) {
  const auto with_days = [&](const std::string& days) {
    std::string text(kDeal);
    return text.replace(text.find("from 2026-03-01"), sizeof("from 2026-03-01") - 1, days);
  };
  scratch_.save("old/deal.toll", with_days("from 2026-03-01 until 2026-04-01"));
  scratch_.save("new/deal.toll", with_days("from 2026-03-01 until 2029-04-01"));
  const Outcome longer = diff("old new");
  EXPECT_EQ(longer.exit_code, 2) << longer.err;
  EXPECT_TRUE(
      longer.out.starts_with("card api_acme: version of 2026-03-01\n"
                             "  ~ until   2026-04-01 → 2029-04-01\n0 lines added, 1 changed"))
      << longer.out;
  scratch_.save("new/deal.toll", kDeal);
  EXPECT_NE(diff("old new").out.find("  - until   2026-04-01\n"), std::string::npos);
  scratch_.save("new/deal.toll", with_days("from 2026-02-01 until 2026-04-01"));
  const Outcome earlier = diff("old new");
  EXPECT_EQ(earlier.exit_code, 2);
  EXPECT_TRUE(
      earlier.out.starts_with("card api_acme: version of 2026-02-01\n"
                              "  ~ from   2026-03-01 → 2026-02-01\n0 lines added, 1 changed, "
                              "0 removed"))
      << earlier.out;
  std::filesystem::remove(scratch_.path() / "new/deal.toll");
  const Outcome gone = diff("old new");
  EXPECT_NE(gone.out.find("card api_acme: version of 2026-03-01: removed\n"), std::string::npos);
  EXPECT_EQ(gone.out.find("unit call"), std::string::npos) << "others have it still: " << gone.out;
  EXPECT_EQ(gone.out.find("meter api_calls"), std::string::npos) << gone.out;
}

TEST_F(DiffCommand, TellsTheOrderOfLinesThatActOneAfterAnother) {
  const std::string us = "    us                   at 0.0050 USD per call\n";
  const auto lines = [&](const std::string& first, const std::string& second) {
    return changed({{us, us + first + second}});
  };
  const auto said = [&](const std::string& first, const std::string& second) {
    scratch_.save("old/" + kFile, lines(first, second));
    scratch_.save("new/" + kFile, lines(second, first));
    const Outcome outcome = diff("old new");
    EXPECT_EQ(outcome.exit_code, 2) << outcome.out << outcome.err;
    return outcome.out.substr(0, outcome.out.find("0 lines added, 1 changed, 0 removed"));
  };
  const std::string head = "card api: version of 2026-01-01\n  ~ ";
  EXPECT_EQ(said("    discount 10%\n", "    minimum 20.00 USD in each row\n"),
            head + "api_calls/discount   above → below minimum\n");
  EXPECT_EQ(said("  bill minimum 100.00 USD\n", "  bill discount 10%\n"),
            head + "bill minimum   above → below bill discount\n");
  EXPECT_EQ(said("  commit annual 60.00 USD per year \"A\"\n    true up every year\n",
                 "  bill surcharge 10%\n"),
            head + "commit annual   above → below bill surcharge\n");
}

TEST_F(DiffCommand, TellsTheOrderOfRowsThatShareAnAllowance) {
  const std::string eu =
      "    eu up to 1,000 calls at 0.0040 USD per call   # from the contract\n"
      "    eu beyond            at 0.0020 USD per call\n";
  const std::string us = "    us                   at 0.0050 USD per call\n";
  const std::string tiers = "    tiers graduated\n";
  scratch_.save("new/" + kFile, changed({{eu + us, us + eu}}));
  const Outcome alone = diff("old new");
  EXPECT_EQ(alone.exit_code, 0) << "rows that share nothing: " << alone.out;
  const std::string shared = "    included 100 calls shared\n" + tiers;
  scratch_.save("old/" + kFile, changed({{tiers, shared}}));
  scratch_.save("new/" + kFile, changed({{tiers, shared}, {eu + us, us + eu}}));
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(
      outcome.out.starts_with("card api: version of 2026-01-01\n"
                              "  ~ api_calls/us   below → above eu up to 1,000 calls\n"
                              "0 lines added, 1 changed"))
      << outcome.out;
}

TEST_F(DiffCommand, ALabelIsOneWord) {
  scratch_.save("new/" + kFile, changed({{"\"Platform fee\"", "\"Platform charge\""}}));
  const Outcome outcome = diff("old new");
  EXPECT_NE(outcome.out.find("  ~ fee base   \"Platform fee\" → \"Platform charge\" 500.00 USD per "
                             "month, not prorated\n"),
            std::string::npos)
      << outcome.out;
}

TEST_F(DiffCommand, TellsWhatAFeeIsForFromNowOn) {
  scratch_.save("new/" + kFile,
                changed({{"500.00 USD per month, not prorated", "500.00 USD once"}}));
  const Outcome outcome = diff("old new");
  EXPECT_NE(outcome.out.find("  ~ fee base"), std::string::npos) << outcome.out;
  EXPECT_NE(
      outcome.out.find("500.00 USD per month, not prorated → \"Platform fee\" 500.00 USD once\n"),
      std::string::npos)
      << outcome.out;
}

TEST_F(DiffCommand, RatesInvoicesOfSeveralVersionsByAllOfThem) {
  const auto later = [](const std::string& price) {
    return "toll 1\n\ncard api extends previous\n  from 2026-03-16\n  switch at once\n"
           "  applies to everyone\n\n  change charge api_calls\n    us at " +
           price + " USD per call, was 0.0050 USD per call\n";
  };
  const std::string invoice =
      "toll 1\n\ninvoice \"March\" for api in 2026-03\n"
      "  use api_calls us: 1,000 calls until 2026-03-16\n"
      "  use api_calls us: 1,000 calls from 2026-03-16\n  expect base 500.00 USD\n"
      "  expect api_calls/us 15.00 USD\n  expect total 515.00 USD\n";
  for (const std::string side : {"old/", "new/"}) {
    scratch_.save(side + "api@2026-03-16.toll", later(side == "old/" ? "0.0100" : "0.0200"));
    scratch_.save(side + "api.invoices.toll", invoice);
  }
  const Outcome outcome = diff("old new");
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_TRUE(outcome.out.contains("515.00")) << outcome.out;
  EXPECT_TRUE(outcome.out.contains("525.00")) << outcome.out;
  // Without the later version its usage is all at the price of the first.
  std::filesystem::remove(scratch_.path() / "old/api@2026-03-16.toll");
  EXPECT_TRUE(diff("old new").out.contains("510.00")) << diff("old new").out;
}

TEST_F(DiffCommand, WritesMarkdown) {
  scratch_.save("new/" + kFile, changed({{"0.0020 USD", "0.0015 USD"}}));
  const Outcome outcome = diff("old new --format markdown");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, R"(### What this change does to prices

**api**, version of 2026-01-01

| | line | before | after | |
|---|---|---|---|---:|
| changed | api\_calls/eu beyond | 0.0020 USD per call | 0.0015 USD per call | −25.00 % |

0 lines added, 1 changed, 0 removed; guarantees: 1 tested.

examples and golden invoices: 1 of 1 rated by both sides, 1 differ.

| usage | before | after | difference | |
|---|---:|---:|---:|---:|
| Europe (api, 2026-03-01) | 1,002.00 | 877.50 USD | −124.50 | −12.43 % |
| total of what both rate | 1,002.00 | 877.50 USD | −124.50 | −12.43 % |
)");
}

TEST_F(DiffCommand, TakesTheOldSideFromGit) {
  ASSERT_EQ(run("git init -q . && git add . && git -c user.name=t -c user.email=t@t commit -qm x")
                .exit_code,
            0);
  EXPECT_EQ(diff("--against HEAD new").exit_code, 0);
  scratch_.save("new/" + kFile, changed({{"0.0020 USD", "0.0015 USD"}}));
  for (const std::string path : {"new", "new/api@2026-01-01.toll", "."}) {
    const Outcome outcome = diff("--against HEAD " + path);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_NE(outcome.out.find("  ~ api_calls/eu beyond   0.0020 → 0.0015 USD per call   −25.00 %"),
              std::string::npos)
        << outcome.out;
  }
  // A folder that the revision does not have yet.
  run("mkdir later && cp old/* later/");
  const Outcome added = diff("--against HEAD later");
  EXPECT_EQ(added.exit_code, 2);
  EXPECT_TRUE(added.out.starts_with("card api: new card, from 2026-01-01\n")) << added.out;
  EXPECT_NE(added.out.find("Europe (api, 2026-03-01)   none → 1,002.00 USD"), std::string::npos)
      << added.out;
  const Outcome unknown = diff("--against nowhere new");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.err.find("nowhere"), std::string::npos);
}

TEST_F(DiffCommand, HelpEndsWithAnExampleThatWorks) {
  const std::string help = toll("diff --help").out;
  const std::string_view title = "Example, from the root of the repository:\n  ";
  const size_t at = help.find(title);
  ASSERT_NE(at, std::string::npos) << help;
  run("mkdir ratecards && cp -r '" TOLL_SOURCE_DIR
      "/ratecards/founding' ratecards/ && git init -q . && git add . && "
      "git -c user.name=t -c user.email=t@t commit -qm x");
  const Outcome outcome = run(help.substr(at + title.size()));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("0 lines added, 0 changed, 0 removed; guarantees: "))
      << outcome.out;
}

TEST(ContinuousIntegration, RunsAsItIsWritten) {
  const Outcome outcome = shell(std::string("examples/ci/run_locally.sh '") + TOLL_PROGRAM + "'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("::error file=cards/api@2026-01-01.toll,line="), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("| changed | api\\_calls/price | 0.0040 USD per call | 0.0045 USD per "
                             "call | +12.50 % |\n"),
            std::string::npos)
      << outcome.out;
}

TEST_F(DiffCommand, ASideInErrorIsNamed) {
  scratch_.save("old/" + kFile, "toll 1\n\ncard api\n");
  const Outcome mended = diff("old new");
  EXPECT_EQ(mended.exit_code, 2);
  EXPECT_TRUE(mended.err.starts_with("toll: the old side has 1 error\n")) << mended.err;
  const Outcome broken = diff("new old");
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_EQ(broken.out, "");
  EXPECT_TRUE(broken.err.starts_with("old/api@2026-01-01.toll:3:1: error[E110]")) << broken.err;
}

}  // namespace
}  // namespace toll::cli
