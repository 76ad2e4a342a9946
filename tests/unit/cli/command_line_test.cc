// The command line itself: mistakes in it, --help, and `toll serve`.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

TEST(CommandLine, SaysWhatIsWrongWithAWayOut) {
  struct Case {
    std::string arguments, err;
  };
  for (const auto& [arguments, err] : {
           Case{"quotee api", "toll: there is no verb `quotee`\nhelp: did you mean `quote`?\n"},
           Case{"invoice",
                "toll: there is no verb `invoice`\n"
                "help: the verbs are check, fmt, test, cover, prove, diff, quote, explain, "
                "rate, show, meter, explain-error, ingest, audit, rebuild, backup, restore, serve, "
                "keys, replay\n"},
           Case{"quote api --usage -",
                "toll: --cards is required\nhelp: see `TOLL quote --help`\n"},
           Case{"quote --cards x --usage -",
                "toll: CARD is required\nhelp: see `TOLL quote --help`\n"},
           Case{"quote api --crds x --usage -",
                "toll: `--crds` means nothing here\nhelp: did you mean `--cards`?\n"},
           Case{"quote api more --cards x --usage -",
                "toll: `more` means nothing here\nhelp: see `TOLL quote --help`\n"},
           Case{"quote api --cards",
                "toll: --cards takes one value\nhelp: see `TOLL quote --help`\n"},
           Case{"quote api --cards x --usage - --engine fast",
                "toll: --engine is native or interpreter, not `fast`\n"
                "help: see `TOLL quote --help`\n"},
           Case{"check --format xml",
                "toll: --format is text, json, sarif or github, not `xml`\n"
                "help: see `TOLL check --help`\n"},
           Case{"cover --min 101",
                "toll: --min is a whole number from 0 to 100, not `101`\n"
                "help: see `TOLL cover --help`\n"},
           Case{"diff examples/cards",
                "toll: diff wants an OLD and a NEW folder or card file\n"
                "help: `toll diff --against REVISION PATH` takes the old side from git\n"},
           Case{"serve --cards x --connections many",
                "toll: --connections takes a whole number\nhelp: see `TOLL serve --help`\n"},
           Case{"serve --cards x --connections 0", "toll: --connections must be at least 1\n"},
           Case{"serve --cards x --connections 5000",
                "toll: --connections must be at most 4096\nhelp: each has a thread: let a proxy in "
                "front hold more\n"},
           Case{"serve --cards x --listen 0.0.0.0:80",
                "toll: without keys the service listens on loopback only, and `0.0.0.0` is not "
                "that\nhelp: give it --keys FILE (`toll keys create` makes one), or use --listen "
                "127.0.0.1:8080\n"},
           Case{"serve --cards x --listen here",
                "toll: --listen `here` is no address\nhelp: write it like 127.0.0.1:8080\n"},
       }) {
    const Outcome outcome = toll(arguments);
    std::string got = outcome.err;
    if (const size_t at = got.find(TOLL_PROGRAM); at != got.npos)
      got.replace(at, std::string_view(TOLL_PROGRAM).size(), "TOLL");
    EXPECT_EQ(outcome.exit_code, 64) << arguments;
    EXPECT_EQ(got, err) << arguments;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(CommandLine, WithoutAVerbListsThem) {
  const Outcome outcome = toll("");
  EXPECT_EQ(outcome.exit_code, 64);
  EXPECT_NE(outcome.err.find("explain"), std::string::npos);
}

TEST(CommandLine, SaysWhenItsOutputIsLost) {
  const Outcome outcome = toll("check examples/cards >/dev/full");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "toll: the output could not be written\n");
}

TEST(CommandLine, HelpEndsWithAnExampleThatWorks) {
  const testing::ScratchFolder scratch;
  for (const std::string verb : {"check", "test", "cover", "prove", "quote", "explain", "show",
                                 "ingest", "audit", "rebuild", "replay"}) {
    const Outcome help = toll(verb + " --help");
    EXPECT_EQ(help.exit_code, 0);
    const std::string_view title = "Example, from the root of the repository:\n  ";
    size_t at = help.out.find(title);
    ASSERT_NE(at, std::string::npos) << help.out;
    std::string example = help.out.substr(at + title.size());
    // The folder of stored events is this test's: a service may run on the one that is named.
    for (const std::string_view data = "build/data"; (at = example.find(data)) != example.npos;)
      example.replace(at, data.size(), (scratch.path() / "data").string());
    const Outcome outcome = shell(example);
    EXPECT_EQ(outcome.exit_code, 0) << example << outcome.err;
    EXPECT_NE(outcome.out, "") << example;
  }
  EXPECT_NE(toll("serve --help").out.find("serve --cards examples/cards\n"), std::string::npos);
}

class ServeCommand : public SampleFolder {
 protected:
  /// Starts the service, runs `script` with $address and $toll set, and ends the service by SIGNAL.
  Outcome serve(const std::string& signal, const std::string& script) {
    return shell(fmt::format(R"(toll='{0}'; log='{1}/../log'
      "$toll" serve --cards '{1}' --listen 127.0.0.1:0 >"$log" 2>&1 &
      pid=$!
      for i in $(seq 400); do
        address=$(sed -n 's#^listening on \(http://[0-9.:]*\) .*#\1#p' "$log")
        [ -n "$address" ] && break
        sleep 0.05
      done
      {2}
      kill -{3} $pid
      wait $pid
      code=$?
      cat "$log" >&2
      exit $code)",
                             TOLL_PROGRAM, folder(), script, signal));
  }
};

TEST_F(ServeCommand, ServesUntilItIsAskedToEnd) {
  for (const std::string signal : {"TERM", "INT"}) {
    const Outcome outcome = serve(signal, R"(curl -sS "$address/healthz")");
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.out, R"({"status":"ok","cards":1})");
    EXPECT_NE(outcome.err.find("(loopback only: there are no keys)\n"), std::string::npos)
        << outcome.err;
    EXPECT_NE(outcome.err.find(" info card_live card=api version=2026-01-01 hash=sha256:"),
              std::string::npos)
        << outcome.err;
  }
}

TEST_F(ServeCommand, LogsWhatStaysOut) {
  save("api@2026-01-01.toll", "toll 1\n\ncard api\n");
  const Outcome outcome = serve("TERM", "true");
  EXPECT_EQ(outcome.exit_code, 0);
  const std::string log = named(outcome.err);
  EXPECT_NE(log.find(" error card_error file=FOLDER/api@2026-01-01.toll line=3 column=1 code=E110"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("no card of `FOLDER` is live yet: it goes live when its file is saved\n"),
            std::string::npos)
      << log;
}

TEST_F(ServeCommand, SaysWhatKeepsItFromListening) {
  EXPECT_EQ(toll("serve --cards /nowhere").exit_code, 1);
  const Outcome twice =
      serve("TERM", R"("$toll" serve --cards examples/cards --listen "${address#http://}")");
  EXPECT_EQ(twice.exit_code, 0);
  EXPECT_NE(twice.err.find("toll: "), std::string::npos) << twice.err;
}

}  // namespace
}  // namespace toll::cli
