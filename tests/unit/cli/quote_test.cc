#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class QuoteCommand : public SampleFolder {
 protected:
  /// The sample's card, of a meter that adds up, so that there are parts of a call.
  void SetUp() override {
    SampleFolder::SetUp();
    const std::string counts = "counts call by region\n  from api.call\n";
    std::string card = text_of("api@2026-01-01.toll");
    card.replace(card.find(counts), counts.size(), "sums call by region\n  # by documents alone\n");
    save("api@2026-01-01.toll", card);
  }
  Outcome quote(const std::string& options, std::string_view document) {
    return toll("quote api --cards " + folder() + " --usage - " + options, document);
  }
};

constexpr std::string_view kDocument =
    R"({"on":"2026-03-15","usage":[)"
    R"({"meter":"api_calls","at":{"region":"us"},"quantity":"1250000.5"},)"
    R"({"meter":"api_calls","at":{"region":"eu"},"quantity":1}]})";

TEST_F(QuoteCommand, PrintsAnInvoice) {
  const Outcome outcome = quote("", kDocument);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(without_hash(outcome.out),
            R"(API platform, from 2026-03-01 until 2026-04-01, in USD

Platform fee               1 month     500.00
API calls (eu)             1 call        0.00
API calls (us)   1,250,000.5 calls   4,025.00
---------------------------------------------
Total                                4,525.00

above a limit: api_calls

card api, version 2026-01-01, sha256:HASH
)");
}

TEST_F(QuoteCommand, PrintsWhatTheEndOfThePeriodWouldAdd) {
  const Outcome outcome = quote("", R"({"on":"2026-03-15","state":{"final":false}})");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(without_hash(outcome.out),
            R"(API platform, from 2026-03-01 until 2026-04-01, in USD

Platform fee      1 month   500.00
----------------------------------
Total                       500.00

due at the end of the period, not in the total
Monthly minimum              10.00

card api, version 2026-01-01, sha256:HASH
)");
}

TEST_F(QuoteCommand, SaysWhereACustomerIsTakenAsNewAndItMatters) {
  save("setup@2026-01-01.toll",
       "toll 1\n\ncard setup \"Setup\"\n  from 2026-01-01\n  currency USD\n  period month\n  round "
       "each "
       "line half-up\n\n  fee setup at 250.00 USD once\n");
  const auto asked = [&](const std::string& options, std::string_view document) {
    return toll("quote setup --cards " + folder() + " --usage - " + options, document);
  };
  const Outcome outcome = asked("", R"({"on":"2026-03-15","usage":[]})");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err,
            "toll: note: nothing says since when the customer is one, so it is taken as new: fee "
            "`setup` is due once\n"
            "help: say it with --customer-since DATE, or `customer_since` in the usage document\n");
  EXPECT_EQ(asked("--customer-since 2026-03-01", R"({"on":"2026-03-15","usage":[]})").err, "");
  EXPECT_EQ(asked("", R"({"on":"2026-03-15","customer_since":"2025-03-01","usage":[]})").err, "");
  EXPECT_EQ(quote("", kDocument).err, "");  // nothing of that card depends on it
}

TEST_F(QuoteCommand, GivesTheSameAnswerByBothEngines) {
  const Outcome native = quote("--json --engine native", kDocument);
  const Outcome interpreter = quote("--json --engine interpreter", kDocument);
  EXPECT_EQ(native.exit_code, 0) << native.err;
  EXPECT_EQ(interpreter.exit_code, 0) << interpreter.err;
  EXPECT_EQ(native.out, interpreter.out);
  EXPECT_TRUE(native.out.starts_with(R"({"card":"api","version":"2026-01-01","hash":"sha256:)"))
      << native.out;
  EXPECT_TRUE(native.out.ends_with("}\n"));
}

TEST_F(QuoteCommand, PutsItsOwnWordsOverTheDocuments) {
  EXPECT_NE(quote("--on 2026-05-02", kDocument).out.find("from 2026-05-01 until 2026-06-01"),
            std::string::npos);
  const Outcome plan = quote("--plan team", kDocument);
  EXPECT_EQ(plan.exit_code, 2);
  EXPECT_EQ(plan.err,
            "toll: standard input: /plan: card `api` has no plans, so there is no plan `team`\n");
  EXPECT_EQ(quote("--customer acme", kDocument).exit_code, 0);
}

TEST_F(QuoteCommand, SaysWhereItsWordsContradictTheDocument) {
  const std::string document =
      R"({"on": "2026-03-15", "customer": "acme", "currency": "USD", "usage": []})";
  const Outcome same = quote("--on 2026-03-15 --customer acme --currency USD", document);
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_EQ(same.err, "");
  const Outcome other = quote("--on 2026-05-02 --customer initech", document);
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_EQ(other.err,
            "toll: --on 2026-05-02 holds, and not `2026-03-15` of the usage document\n"
            "toll: --customer initech holds, and not `acme` of the usage document\n");
}

TEST_F(QuoteCommand, AsksForACustomerSinceADay) {
  save("api@2026-07-01.toll",
       "toll 1\ncard api extends previous\n  from 2026-07-01\n  applies to new customers\n"
       "  fee extra at 1.00 USD per month, not prorated\n");
  const std::string document = R"({"on": "2026-08-10", "usage": []})";
  const auto version = [&](const std::string& options) {
    const Outcome outcome = quote(options, document);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.out.substr(outcome.out.find("version"), 18);
  };
  EXPECT_EQ(version(""), "version 2026-07-01");
  EXPECT_EQ(version("--customer-since 2026-07-15"), "version 2026-07-01");
  EXPECT_EQ(version("--customer acme --customer-since 2026-03-01"), "version 2026-01-01");
  const Outcome other =
      quote("--customer-since 2026-03-01",
            R"({"on": "2026-08-10", "customer_since": "2026-08-01", "usage": []})");
  EXPECT_EQ(
      other.err,
      "toll: --customer-since 2026-03-01 holds, and not `2026-08-01` of the usage document\n");
  const Outcome wrong = quote("--customer-since March", document);
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_EQ(wrong.err, "toll: --customer-since `March` is not a date: write it like 2026-03-31\n");
}

TEST_F(QuoteCommand, PointsAtWhatIsWrongInTheDocument) {
  const Outcome malformed = quote("", "{\"usage\":[\n  {\"meter\":\"api_calls\",\"quantity\":}]}");
  EXPECT_EQ(malformed.exit_code, 2);
  EXPECT_EQ(malformed.out, "");
  EXPECT_EQ(malformed.err,
            "toll: standard input: /usage/0/quantity: line 2, column 35: expected a value, found "
            "`}`\n");
  const Outcome unfit = quote(
      "",
      R"({"on":"2026-03-15","usage":[{"meter":"calls","quantity":1},{"meter":"api_calls","quantity":1}]})");
  EXPECT_EQ(unfit.exit_code, 2);
  EXPECT_EQ(unfit.err,
            "toll: standard input: /usage/0/meter: card `api` has no meter `calls`; its meters are "
            "`api_calls`\n"
            "toll: standard input: /usage/1/at: meter `api_calls` counts by `region`, and no value "
            "is given for it\n");
}

TEST_F(QuoteCommand, PointsAlsoAtWhatDoesNotFitTheCardInADocumentWithFaults) {
  const Outcome outcome = quote("", R"({"on": "2026-3-15", "usage": [
    {"meter": "api_cals", "quantity": "many"},
    {"meter": "api_calls", "at": {"region": 3}, "quantity": "1"},
    {"meter": "api_calls", "at": {"region": "mars"}, "quantity": "1"}]})");
  EXPECT_EQ(outcome.exit_code, 2);
  for (const char* place : {"/on: ", "/usage/0/quantity: ", "/usage/0/meter: ",
                            "/usage/1/at/region: ", "/usage/2/at/region: "})
    EXPECT_NE(outcome.err.find(place), std::string::npos) << place << "\n" << outcome.err;
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 5) << outcome.err;
}

// What stands before the place where a text stops being JSON is known.
TEST_F(QuoteCommand, PointsAlsoAtWhatDoesNotFitTheCardBeforeASyntaxError) {
  const std::string entries = R"("usage": [
    {"meter": "api_cals", "quantity": 1},
    {"meter": "api_calls", "quantty": 1},
    {"meter": "api_calls", "at": {"region": "mars"}, "quantity": 1},
    {"meter": "ap_calls", "quantity": 1 "x"}])";
  const Outcome outcome = quote("", R"({"on": "2026-03-15", )" + entries + "}");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err,
            "toll: standard input: /usage/1/quantty: an entry of `usage` has no field `quantty`; "
            "did you mean `quantity`?\n"
            "toll: standard input: /usage/3/quantity: line 5, column 41: expected a comma or `}`, "
            "found `\"`\n"
            "toll: standard input: /usage/0/meter: card `api` has no meter `api_cals`; its meters "
            "are `api_calls`\n"
            "toll: standard input: /usage/1/at: meter `api_calls` counts by `region`, and no value "
            "is given for it\n"
            "toll: standard input: /usage/2/at/region: `mars` is not a value of `region`; its "
            "values are `eu`, `us`\n");
  // Which version it is about may stand behind the mistake.
  EXPECT_EQ(std::ranges::count(quote("", "{" + entries + R"(, "on": "2026-03-15"})").err, '\n'), 2);
  const Outcome behind =
      quote("", R"({"on": "2026-03-15", )" +
                    entries.substr(0, entries.find(R"(    {"meter": "ap_)") - 2) + "]");
  EXPECT_NE(behind.err.find("/usage/0/meter: "), std::string::npos) << behind.err;
  EXPECT_NE(behind.err.find("/usage/2/at/region: "), std::string::npos) << behind.err;
}

TEST_F(QuoteCommand, ReadsADocumentFromAFile) {
  save("usage.json", kDocument);
  const std::string file = folder() + "/usage.json";
  EXPECT_EQ(toll("quote api --cards " + folder() + " --usage " + file).exit_code, 0);
  const Outcome missing = toll("quote api --cards " + folder() + " --usage " + file + "x");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(named(missing.err),
            "toll: cannot read `FOLDER/usage.jsonx`: No such file or directory\n");
  save("usage.json", R"({"card":"storage"})");
  const Outcome other = toll("quote api --cards " + folder() + " --usage " + file);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_EQ(named(other.err),
            "toll: FOLDER/usage.json: /card: the document is for card `storage`, and `api` is "
            "asked for\n");
}

TEST_F(QuoteCommand, RefusesAFileThatIsTooLarge) {
  std::filesystem::create_directory(scratch_.path() / "large");
  const std::string file = folder() + "/large/usage.json";
  std::ofstream(file) << "{";
  std::filesystem::resize_file(file, (size_t{64} << 20) + 1);
  const Outcome outcome = toll("quote api --cards " + folder() + " --usage " + file);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(named(outcome.err), "toll: `FOLDER/large/usage.json` is larger than 64 MiB\n");
}

TEST_F(QuoteCommand, SuggestsTheCardThatIsMeant) {
  const Outcome near = toll("quote apii --cards " + folder() + " --usage -", "{}");
  EXPECT_EQ(near.exit_code, 2);
  EXPECT_EQ(
      named(near.err),
      "toll: there is no card `apii` without errors in `FOLDER`\nhelp: did you mean `api`?\n");
  const Outcome far = toll("quote storage --cards " + folder() + " --usage -", "{}");
  EXPECT_EQ(
      named(far.err),
      "toll: there is no card `storage` without errors in `FOLDER`\nhelp: its cards are api\n");
  const Outcome nowhere = toll("quote api --cards /nowhere --usage -", "{}");
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_EQ(nowhere.err, "toll: cannot read folder `/nowhere`: No such file or directory\n");
}

TEST_F(QuoteCommand, ShowsWhatKeepsACardFromBeingThere) {
  save("units.toll", "toll 1\n\nunit call, calls\nunit kilocall, kilocalls = 1,00 calls\n");
  const Outcome outcome = quote("", kDocument);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(named(outcome.err).find("FOLDER/units.toll:4:28: error[E014]"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("toll: there is no card `api` without errors"), std::string::npos);
}

TEST_F(QuoteCommand, ExplainDerivesEveryLine) {
  const Outcome outcome = toll("explain api --cards " + folder() + " --example 'Europe only'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(without_hash(outcome.out),
            R"(base                                                 500.00 USD
  fee base "Platform fee" at 500.00 USD per month, not prorated   line 14
api_calls/eu                                         600.00 USD
  included 100 kilocalls in each row: 250,000 → 150,000           line 17
  150,000 calls, eu at 0.0040 USD per call = 600                  line 18
total                                              1,100.00 USD

card api, version 2026-01-01, sha256:HASH
)");
  const Outcome json = toll("explain api --cards " + folder() + " --usage - --json", kDocument);
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_NE(json.out.find("\"steps\":["), std::string::npos);
}

TEST_F(QuoteCommand, ExplainWantsOneKindOfUsage) {
  const std::string explain = "explain api --cards " + folder();
  EXPECT_EQ(toll(explain).exit_code, 64);
  for (const std::string option : {"--on 2026-03-01", "--plan team", "--customer acme"}) {
    const Outcome outcome = toll(explain + " --example 'Europe only' " + option);
    EXPECT_EQ(outcome.exit_code, 64) << option;
    EXPECT_EQ(outcome.err,
              "toll: an example says itself what it is for\n"
              "help: leave out --on, --plan, --currency, --customer and --customer-since\n");
  }
  EXPECT_EQ(toll(explain + " --usage - --example x").err,
            "toll: explain wants either --usage or --example\n");
  const Outcome unknown = toll(explain + " --example 'Europe onyl'");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.err,
            "toll: card `api` has no example `Europe onyl`\nhelp: did you mean `Europe only`?\n");
  EXPECT_EQ(toll(explain + " --example x").err,
            "toll: card `api` has no example `x`\nhelp: its examples are \"Europe only\"\n");
}

TEST_F(QuoteCommand, AnswersABatchLineByLine) {
  const std::string usage(kDocument);
  for (const std::string engine : {"native", "interpreter"}) {
    const Outcome batch =
        quote("--batch --engine " + engine,
              usage + "\r\n{\"on\":\"2025-01-01\"}\nno json\n\n" +
                  R"({"usage":[{"meter":"cals","quantity":1}],"on":"2026-03-15"})" + "\n" + usage);
    EXPECT_EQ(batch.exit_code, 2);
    EXPECT_EQ(batch.err, "");
    std::vector<std::string> lines;
    for (size_t at = 0; at < batch.out.size();) {
      const size_t end = batch.out.find('\n', at);
      lines.push_back(batch.out.substr(at, end - at));
      at = end + 1;
    }
    ASSERT_EQ(lines.size(), 6u) << batch.out;
    const std::string one = quote("--json", usage).out;
    EXPECT_EQ(lines[0] + "\n", one);
    EXPECT_EQ(lines[5] + "\n", one);
    EXPECT_TRUE(
        lines[1].starts_with(R"({"line":2,"error":{"type":"about:blank","title":"Not Found")"))
        << lines[1];
    EXPECT_TRUE(
        lines[2].starts_with(R"({"line":3,"error":{"type":"about:blank","title":"Bad Request")"));
    EXPECT_NE(lines[3].find("the text is empty"), std::string::npos) << lines[3];
    EXPECT_NE(lines[4].find(R"("pointer":"/usage/0/meter")"), std::string::npos) << lines[4];
  }
  EXPECT_EQ(quote("--batch", usage + "\n").exit_code, 0);
  EXPECT_EQ(quote("--batch", "").out, "");
  EXPECT_EQ(quote("--batch --on 2026-03-01", usage).exit_code, 64);
}

TEST_F(QuoteCommand, ExplainsAnExampleOfAMonthThatAnotherVersionHasNow) {
  save("api@2026-02-01.toll", R"(toll 1

card api extends previous
  from 2026-02-01
  applies to everyone
  change fee base at 900.00 USD per month, was 500.00 USD per month
)");
  const Outcome tested = toll("test " + folder());
  EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
  const Outcome outcome = toll("explain api --cards " + folder() + " --example 'Europe only'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("1,100.00"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("version 2026-01-01"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace toll::cli
