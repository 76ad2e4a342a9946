// `toll serve --decisions` and `toll replay`.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class ReplayCommand : public SampleFolder {
 protected:
  std::string log() const { return folder() + "/../log/decisions.ndjson"; }

  /// A log of quotes by the sample card: one of a day, one of today, one of a batch.
  void record() {
    const Outcome outcome = shell(fmt::format(R"sh(toll='{0}'; out='{1}/../out'
      "$toll" serve --cards '{1}' --decisions '{1}/../log' --listen 127.0.0.1:0 --drain-delay 0 >"$out" 2>&1 &
      pid=$!
      for i in $(seq 400); do
        address=$(sed -n 's#^listening on \(http://[0-9.:]*\) .*#\1#p' "$out")
        [ -n "$address" ] && break
        sleep 0.05
      done
      usage='{{"card":"api",ON"usage":[{{"meter":"api_calls","at":{{"region":"eu"}},"quantity":"250000"}}]}}'
      json='Content-Type: application/json'
      curl -sS -H "$json" -d "$(echo "$usage" | sed 's/ON/"on":"2026-03-15",/')" "$address/v1/quotes"
      curl -sS -H "$json" -d "$(echo "$usage" | sed 's/ON//')" "$address/v1/quotes"
      echo "$usage" | sed 's/ON/"on":"2026-04-15",/' |
        curl -sS -H 'Content-Type: application/x-ndjson' --data-binary @- "$address/v1/quotes/batch"
      kill $pid; wait $pid)sh",
                                              TOLL_PROGRAM, folder()));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(outcome.out.contains("\"total\":")) << outcome.out;
  }
  Outcome replay(const std::string& more = "") {
    return toll(fmt::format("replay '{}' --cards '{}' {}", log(), folder(), more));
  }
  std::string text() const {
    std::ifstream file(log());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) const { std::ofstream(log()) << text; }
};

TEST_F(ReplayCommand, GivesEachQuoteAgainToTheByte) {
  record();
  for (const std::string engine : {"", "--engine interpreter"}) {
    const Outcome outcome = replay(engine);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "3 quotes: 3 as they were given, 0 not\n");
    EXPECT_EQ(outcome.err, "");
  }
}

TEST_F(ReplayCommand, SaysWhichLineDiffers) {
  record();
  std::string changed = text();
  const size_t line = changed.find('\n') + 1;
  const size_t at = changed.find("\"amount\":\"600.00\"", line);
  ASSERT_NE(at, std::string::npos) << changed;
  changed.replace(at, 17, "\"amount\":\"601.00\"");
  write(changed + changed.substr(0, 100));
  const Outcome outcome = replay();
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(outcome.out, "4 quotes: 2 as they were given, 2 not\n");
  EXPECT_TRUE(outcome.err.contains("decisions.ndjson:2: byte ")) << outcome.err;
  EXPECT_TRUE(outcome.err.contains("`\"amount\":\"601.00\"")) << outcome.err;
  EXPECT_TRUE(outcome.err.contains("was given, and it is `\"amount\":\"600.00\"")) << outcome.err;
  EXPECT_TRUE(outcome.err.contains("decisions.ndjson:4: the line is no decision\n")) << outcome.err;
}

TEST_F(ReplayCommand, SaysThatARevisionIsGone) {
  record();
  std::string changed = text();
  for (size_t at; (at = changed.find("\"hash\":\"sha256:")) != changed.npos;)
    changed.replace(at, 16, "\"hash\":\"sha265:0");
  write(changed);
  const Outcome outcome = replay();
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(outcome.out, "3 quotes: 0 as they were given, 3 not\n");
  EXPECT_TRUE(outcome.err.contains("no revision of `api` has the hash `sha265:")) << outcome.err;
  // Once for each revision, however many quotes name it.
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 2) << outcome.err;
  EXPECT_TRUE(outcome.err.contains("2 more quotes: no revision of `api`")) << outcome.err;
}

TEST_F(ReplayCommand, FindsRevisionsThatAServiceKept) {
  const Outcome outcome = shell(fmt::format(R"sh(toll='{0}'; cards='{1}'; out='{1}/../out'
    "$toll" serve --cards "$cards" --data "$cards/../data" --decisions "$cards/../log" \
      --listen 127.0.0.1:0 --drain-delay 0 >"$out" 2>&1 &
    pid=$!
    for i in $(seq 400); do
      address=$(sed -n 's#^listening on \(http://[0-9.:]*\) .*#\1#p' "$out")
      [ -n "$address" ] && break
      sleep 0.05
    done
    quote() {{
      curl -sS -H 'Content-Type: application/json' "$address/v1/quotes" \
        -d '{{"card":"api","on":"2026-03-15","usage":[{{"meter":"api_calls","at":{{"region":"eu"}},"quantity":"250000"}}]}}'
    }}
    before=$(quote)
    file=$(ls "$cards"/api@*.toll | head -n 1)
    sed 's/0\.0040/0.0050/; s/600\.00/750.00/; s/1,100\.00/1,250.00/' "$file" >"$cards/../new"
    cmp -s "$file" "$cards/../new" && exit 3
    mv "$cards/../new" "$file"
    for i in $(seq 400); do
      [ "$(quote)" != "$before" ] && break
      sleep 0.05
    done
    kill $pid; wait $pid)sh",
                                            TOLL_PROGRAM, folder()));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Outcome without = replay();
  EXPECT_EQ(without.exit_code, 7) << without.out;
  EXPECT_TRUE(without.err.contains("; --data finds those that a service kept")) << without.err;
  // As a running service may leave it for a moment.
  const std::string history = folder() + "/../data/cards/history";
  std::ofstream(history, std::ios::app) << "0123";
  for (const std::string engine : {"", " --engine interpreter"}) {
    const Outcome with = replay(fmt::format("--data '{}/../data'{}", folder(), engine));
    EXPECT_EQ(with.exit_code, 0) << with.err;
    EXPECT_TRUE(with.out.contains(" as they were given, 0 not")) << with.out;
    EXPECT_EQ(with.err, "");
  }
  std::ifstream file(history);
  EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(file), {}).ends_with("0123"))
      << "what belongs to the service was changed";
  EXPECT_EQ(replay(fmt::format("--data '{}/../nothing'", folder())).exit_code, 1);
}

TEST_F(ReplayCommand, RefusesWhatIsNotThere) {
  EXPECT_EQ(replay().exit_code, 1);
  EXPECT_EQ(toll("replay x --cards /nowhere").exit_code, 1);
}

}  // namespace
}  // namespace toll::cli
