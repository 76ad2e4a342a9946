// `toll meter`: events of a file by the meters of a card.
#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class MeterVerb : public SampleFolder {
 protected:
  static std::string event(std::string_view id, std::string_view subject, std::string_view region,
                           std::string_view time = "2026-03-10T12:00:00Z") {
    return R"({"specversion":"1.0","source":"/s","type":"api.call","id":")" + std::string(id) +
           R"(","subject":")" + std::string(subject) + R"(","time":")" + std::string(time) +
           R"(","data":{"region":")" + std::string(region) + "\"}}\n";
  }
  Outcome meter(std::string_view events, const std::string& options = "--period 2026-03") const {
    return toll("meter api --cards " + folder() + " --events - " + options, events);
  }
};

TEST_F(MeterVerb, CountsTheEventsOfEachCustomerOnce) {
  const Outcome outcome =
      meter(event("1", "acme", "eu") + event("2", "acme", "us") + event("3", "acme", "eu") +
            event("3", "acme", "eu") + event("4", "globex", "us") +
            event("5", "acme", "eu", "2026-04-01T00:00:00Z"));
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out,
            "acme\n"
            "  api_calls/eu                                                    2\n"
            "  api_calls/us                                                    1\n"
            "globex\n"
            "  api_calls/us                                                    1\n"
            "6 events: 1 duplicate, 0 refused, 0 read by no meter, 1 outside the period\n");
}

// Events that only a plan's meter reads are no mistake of theirs.
TEST_F(MeterVerb, NamesThePlansWhereTheyMayReadMore) {
  save("seats@2026-01-01.toll", R"(toll 1

meter seats counts call
  from seat.added

card seats
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base at 1.00 USD per month, not prorated

  plan pro
    charge seats
      at 2.00 USD per call
)");
  std::string added = event("1", "acme", "eu");
  added.replace(added.find("api.call"), 8, "seat.added");
  const std::string line = "meter seats --cards " + folder() + " --events - --period 2026-03";
  const Outcome common = toll(line, added);
  EXPECT_NE(common.err.find("1 event read by no meter of what all plans have in common\n"
                            "help: a plan may read them: choose one of `pro` with `--plan`\n"),
            std::string::npos)
      << common.err << common.out;
  EXPECT_EQ(toll(line + " --plan pro", added).err, "");
}

TEST_F(MeterVerb, WritesUsageDocumentsThatAQuoteTakes) {
  const Outcome metered = meter(event("1", "acme", "eu"), "--period 2026-03-31 --json");
  EXPECT_EQ(
      metered.out,
      R"({"card":"api","customer":"acme","period":{"from":"2026-03-01","until":"2026-04-01"},)"
      R"("usage":[{"meter":"api_calls","at":{"region":"eu"},"quantity":"1"}]})"
      "\n");
  const Outcome quoted = toll("quote api --cards " + folder() + " --usage -", metered.out);
  EXPECT_EQ(quoted.exit_code, 0) << quoted.err;
  EXPECT_NE(quoted.out.find("510.00"), std::string::npos) << quoted.out;
}

TEST_F(MeterVerb, AnUnfinishedPeriodMakesAnUnfinishedDocument) {
  const Outcome metered =
      meter(event("1", "acme", "eu"), "--period 2026-03 --as-of 2026-03-20T00:00:00Z --json");
  EXPECT_NE(metered.out.find(R"("state":{"final":false})"), std::string::npos) << metered.out;
  const Outcome over =
      meter(event("1", "acme", "eu"), "--period 2026-03 --as-of 2026-04-01T00:00:00Z --json");
  EXPECT_EQ(over.out.find("state"), std::string::npos) << over.out;
}

TEST_F(MeterVerb, SaysWhichLinesItRefuses) {
  const Outcome outcome = meter(event("1", "acme", "eu") + event("1", "acme", "us") +
                                event("2", "acme", "mars") + "{}\n");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err,
            "toll: standard input:2: source and id are those of line 1, but the event is another\n"
            "toll: standard input:3: `mars` is not a value of `region` (meter `api_calls`, "
            "api@2026-01-01.toll:5)\n"
            "toll: standard input:4: attribute `specversion` is missing\n");
  EXPECT_EQ(outcome.out,
            "acme\n"
            "  api_calls/eu                                                    1\n"
            "4 events: 0 duplicate, 3 refused, 0 read by no meter, 0 outside the period\n");
}

TEST_F(MeterVerb, RefusesAValueThatIsNoText) {
  const std::string number =
      R"({"specversion":"1.0","source":"/s","type":"api.call","id":"1","subject":"acme",)"
      R"("time":"2026-03-10T12:00:00Z","data":{"region":5}})"
      "\n";
  const Outcome outcome = meter(number + event("2", "acme", ""));
  EXPECT_EQ(outcome.err,
            "toll: standard input:1: field `region` is missing, or is no text (meter `api_calls`, "
            "api@2026-01-01.toll:5)\n"
            "toll: standard input:2: field `region` is empty (meter `api_calls`, "
            "api@2026-01-01.toll:5)\n");
}

TEST_F(MeterVerb, TellsAQuoteWhatCameBefore) {
  save("yearly.toll", R"(toll 1
meter calls counts call
  from yearly.call
card yearly "Yearly"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  charge calls
    included 2 calls per year
    at 1.00 USD per call
  commit annual 9.00 USD per year
    true up every year
)");
  std::string events;
  for (const char* id : {"1", "2", "3", "4"})
    events += R"({"specversion":"1.0","source":"/s","type":"yearly.call","subject":"acme","id":")" +
              std::string(id) + R"(","time":"2026-0)" + id + "-10T12:00:00Z\"}\n";
  const std::string command = "meter yearly --cards " + folder() + " --events - --period 2026-04";
  const Outcome text = toll(command, events);
  EXPECT_EQ(text.out,
            "acme\n"
            "  calls                                                           1\n"
            "  calls                                                           3 used to date\n"
            "  annual                                                       1.00 billed to date\n"
            "4 events: 0 duplicate, 0 refused, 0 read by no meter, 3 outside the period\n");
  const Outcome documents = toll(command + " --json", events);
  const Outcome quoted = toll("quote yearly --cards " + folder() + " --usage -", documents.out);
  EXPECT_NE(quoted.out.find("used to date: calls 4\nbilled to date: annual 2.00\n"),
            std::string::npos)
      << quoted.out << quoted.err;
}

/// One customer's calls of the card below.
std::string calls_at(std::initializer_list<const char*> times) {
  std::string events;
  for (const char* time : times)
    events += R"({"specversion":"1.0","source":"/s","type":"api.cut","subject":"acme","id":")" +
              std::string(time) + R"(","time":")" + time + "\"}\n";
  return events;
}

const std::string kCutCard = R"(toll 1
meter cut_calls counts call
  from api.cut
card cut "Cut"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  charge cut_calls
    at 1.00 USD per call
)";

// As a quote wants it: what each version prices, by itself.
TEST_F(MeterVerb, WritesEachPartOfAMonthInWhichAVersionBegins) {
  save("cut.toll", kCutCard);
  save("cut_next.toll", R"(toll 1
card cut extends previous
  from 2026-03-16
  switch at once
  applies to everyone
  change charge cut_calls
    at 2.00 USD per call, was 1.00 USD per call
)");
  const std::string events =
      calls_at({"2026-03-02T12:00:00Z", "2026-03-20T12:00:00Z", "2026-03-21T12:00:00Z"});
  const std::string command = "meter cut --cards " + folder() + " --events - --period 2026-03";
  EXPECT_EQ(toll(command, events).out,
            "acme\n"
            "  cut_calls until 2026-03-16                                      1\n"
            "  cut_calls from 2026-03-16                                       2\n"
            "3 events: 0 duplicate, 0 refused, 0 read by no meter, 0 outside the period\n");
  const Outcome documents = toll(command + " --json", events);
  EXPECT_EQ(
      documents.out,
      R"({"card":"cut","customer":"acme","period":{"from":"2026-03-01","until":"2026-04-01"},)"
      R"("usage":[{"meter":"cut_calls","quantity":"1","from":"2026-03-01","until":"2026-03-16"},)"
      R"({"meter":"cut_calls","quantity":"2","from":"2026-03-16","until":"2026-04-01"}]})"
      "\n");
  const Outcome quoted = toll("quote cut --cards " + folder() + " --usage -", documents.out);
  EXPECT_EQ(quoted.exit_code, 0) << quoted.err;
  EXPECT_NE(quoted.out.find("5.00"), std::string::npos) << quoted.out;  // 1.00, and 2 x 2.00
}

TEST_F(MeterVerb, WritesEachPartOfAMonthInWhichGrantsBegin) {
  save("cut.toll", "toll 1\nunit credit, credits\n" +
                       kCutCard.substr(7, kCutCard.find("    at") - 7) +
                       "    at 1 credit per call\n"
                       "  pool flex in credit, credits\n    grant 1 credit every week\n"
                       "    beyond at 1.00 USD per credit\n");
  const std::string command = "meter cut --cards " + folder() + " --events - --period 2026-03";
  // Weeks begin on the 2nd and the 9th; the second call of the first one is beyond its grant.
  const Outcome documents =
      toll(command + " --json",
           calls_at({"2026-03-03T12:00:00Z", "2026-03-04T12:00:00Z", "2026-03-10T12:00:00Z"}));
  const Outcome quoted = toll("quote cut --cards " + folder() + " --usage -", documents.out);
  EXPECT_EQ(quoted.exit_code, 0) << quoted.err << documents.out << documents.err;
  EXPECT_NE(quoted.out.find("Total"), std::string::npos) << quoted.out;
  EXPECT_NE(quoted.out.find("1.00"), std::string::npos) << quoted.out;
}

// Days before the card was sold are no days of a bill.
TEST_F(MeterVerb, WritesTheDaysOfTheVersionWhereTheCardBeginsInTheMonth) {
  std::string card = kCutCard;
  save("cut.toll", card.replace(card.find("2026-01-01"), 10, "2026-03-10"));
  const std::string command = "meter cut --cards " + folder() + " --events - --period 2026-03-20";
  const Outcome documents =
      toll(command + " --json", calls_at({"2026-03-02T12:00:00Z", "2026-03-20T12:00:00Z"}));
  EXPECT_NE(documents.out.find(R"("period":{"from":"2026-03-10","until":"2026-04-01"})"),
            std::string::npos)
      << documents.out;
  const Outcome quoted = toll("quote cut --cards " + folder() + " --usage -", documents.out);
  EXPECT_EQ(quoted.exit_code, 0) << quoted.err;
}

TEST_F(MeterVerb, RefusesACommandThatMakesNoSense) {
  EXPECT_EQ(meter("", "--period March").exit_code, 64);
  EXPECT_EQ(meter("", "--period 2026-03 --as-of noon").exit_code, 64);
  EXPECT_EQ(meter("", "--period 2025-03").exit_code, 2) << "no version is in force";
}

TEST(MeterExample, TheDocumentedCommandWorks) {
  const Outcome outcome = toll(
      "meter ai_tokens --cards ratecards/founding --events examples/events/llm_requests.ndjson "
      "--period 2026-03");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("8 events: 1 duplicate, 0 refused, 0 read by no meter"),
            std::string::npos)
      << outcome.out;
}

TEST(MeterExample, AStartIsAMinuteAtLeastOnEachOfItsGpus) {
  const std::string of_card = " gpu_runs --cards ratecards/founding ";
  const Outcome documents =
      toll("meter" + of_card + "--events examples/events/gpu_runs.ndjson --period 2026-03 --json");
  EXPECT_EQ(documents.exit_code, 0) << documents.err;
  const Outcome quoted = toll("quote" + of_card + "--usage - --json", documents.out);
  for (const char* amount : {"0.07", "0.15", "29.40", "29.62"})
    EXPECT_NE(quoted.out.find(amount), std::string::npos) << amount << quoted.out << quoted.err;
}

TEST_F(MeterVerb, WarnsOfAValueThatCountsAsOtherAndMayBeMisspelled) {
  std::string card = text_of("api@2026-01-01.toll");
  card.replace(card.find("eu, us"), 6, "eu, us, other");
  card.insert(card.find("  bill minimum"), "    other free\n");
  save("api@2026-01-01.toll", card);
  const Outcome outcome = meter(event("1", "b", "EU") + event("2", "a", "EU") +
                                event("3", "a", "") + event("4", "a", "mars"));
  EXPECT_EQ(outcome.err,
            "toll: standard input:1: warning: `EU` is not a value of `region` and counts as "
            "`other`, but `eu` is (meter `api_calls`, api@2026-01-01.toll:5)\n"
            "toll: standard input:3: field `region` is empty (meter `api_calls`, "
            "api@2026-01-01.toll:5)\n");
  EXPECT_EQ(outcome.exit_code, 2);
}

}  // namespace
}  // namespace toll::cli
