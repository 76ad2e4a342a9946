// `toll keys`, and what a service with keys says and does not say.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class KeysCommand : public SampleFolder {
 protected:
  std::string file() const { return folder() + "/../keys"; }
  Outcome keys(const std::string& arguments) {
    return toll(fmt::format("keys {} --keys '{}'", arguments, file()));
  }
};

TEST_F(KeysCommand, MakesListsAndRevokes) {
  const Outcome made = keys("create --name checkout --scopes quotes:read,cards:read --rate 100");
  EXPECT_EQ(made.exit_code, 0) << made.err;
  ASSERT_EQ(made.out.size(), 58u) << "the key alone stands on standard output";
  const std::string id = made.out.substr(5, 8);
  EXPECT_TRUE(made.err.starts_with("key " + id + " of checkout: shown this once")) << made.err;
  keys("create --name \"acme's page\" --scopes usage:read --customer acme --expires 2199-01-01");

  const Outcome list = keys("list");
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_TRUE(list.out.starts_with("id        name         scopes")) << list.out;
  EXPECT_TRUE(
      list.out.contains(id + "  checkout     quotes:read cards:read  100/s, 100 at once  good"))
      << list.out;
  EXPECT_TRUE(list.out.contains("expires 2199-01-01T00:00:00Z, customer acme\n")) << list.out;
  EXPECT_FALSE(list.out.contains(made.out.substr(14, 43)));

  const Outcome revoked = keys("revoke " + id);
  EXPECT_EQ(revoked.exit_code, 0);
  EXPECT_TRUE(revoked.out.starts_with("key " + id + " of checkout is revoked since 20"));
  EXPECT_TRUE(keys("list").out.contains("revoked 20"));
}

TEST_F(KeysCommand, MakesKeysOfTenants) {
  EXPECT_EQ(keys("create --name a --scopes admin --tenant shop").exit_code, 0);
  EXPECT_EQ(keys("create --name b --scopes admin --tenant default").exit_code, 0);
  const Outcome list = keys("list");
  EXPECT_TRUE(list.out.contains("good, tenant shop\n")) << list.out;
  EXPECT_FALSE(list.out.contains("tenant default")) << list.out;
}

TEST_F(KeysCommand, SaysWhatIsWrong) {
  struct Case {
    std::string arguments, err;
    int code = 64;
  };
  for (const auto& [arguments, err, code] : {
           Case{"create --name a --scopes quotes:raed",
                "toll: there is no scope `quotes:raed`\nhelp: the scopes are quotes:read, "},
           Case{"create --name a --scopes quotes:read --customer acme",
                "toll: a key for one customer reads what is this customer's, and nothing else\n"
                "help: use --scopes usage:read\n"},
           Case{"create --name a --scopes admin --expires soon",
                "toll: --expires `soon` is neither a day nor a moment\nhelp: write it like "},
           Case{"create --name a --scopes admin --expires 2020-01-01",
                "toll: --expires `2020-01-01` is over\n"},
           Case{"create --name a --scopes admin --tenant ../b",
                "toll: --tenant `../b` does not begin with a small letter or a digit\n"},
           Case{"create --name a --scopes metrics:read --tenant b",
                "toll: metrics are those of the whole service: no key of a tenant reads them\n"},
           Case{"create --name a --scopes admin --burst 5",
                "toll: --burst says nothing without --rate\n"},
           Case{"create --name a --scopes admin --rate many",
                "toll: --rate takes a whole number\nhelp: see `"},
           Case{"create --name a --scopes admin --rate 2000000",
                "toll: --rate must be at most 1000000\n"},
           Case{"create --name a --scopes admin --rate 0",
                "toll: --rate must be at least 1\nhelp: leave --rate out for any number; "},
           Case{
               "create --name a --scopes admin --rate 5 --burst 0",
               "toll: --burst must be at least 1\nhelp: leave --burst out for as many as --rate; "},
           Case{"create --name '' --scopes admin", "toll: --name `` is empty\n"},
           Case{"create --nam a --scopes admin",
                "toll: `--nam` means nothing here\nhelp: did you "
                "mean `--name`?\n"},
           Case{"list", "toll: cannot read `", 1},
           Case{"revoke 00000000", "toll: cannot read `", 1},
       }) {
    const Outcome outcome = keys(arguments);
    EXPECT_EQ(outcome.exit_code, code) << arguments;
    EXPECT_TRUE(outcome.err.starts_with(err)) << arguments << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(KeysCommand, HelpEndsWithAnExampleThatWorks) {
  for (const std::string verb : {"create", "list", "revoke"}) {
    const Outcome help = toll("keys " + verb + " --help");
    EXPECT_EQ(help.exit_code, 0);
    const std::string_view title = "Example, from the root of the repository:\n  ";
    const size_t start = help.out.find(title);
    ASSERT_NE(start, std::string::npos) << help.out;
    std::string example = help.out.substr(start + title.size());
    for (size_t at; (at = example.find("build/keys")) != example.npos;)
      example.replace(at, 10, "'" + file() + "'");
    const Outcome outcome = shell(example);
    EXPECT_EQ(outcome.exit_code, 0) << example << outcome.err;
    EXPECT_NE(outcome.out, "");
  }
}

TEST_F(KeysCommand, OnlyWithKeysDoesTheServiceLeaveLoopback) {
  const Outcome refused = toll("serve --cards examples/cards --listen 0.0.0.0:0");
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_EQ(refused.err,
            "toll: without keys the service listens on loopback only, and `0.0.0.0` is not that\n"
            "help: give it --keys FILE (`toll keys create` makes one), or use --listen "
            "127.0.0.1:8080\n");
  const Outcome missing =
      toll("serve --cards examples/cards --listen 0.0.0.0:0 --keys '" + file() + "'");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_TRUE(missing.err.contains("keys create --keys ")) << missing.err;
}

TEST_F(KeysCommand, NoSecretIsInTheLog) {
  // A service is asked with good and bad keys in every place where one may come, and the keys
  // change while it runs; the log has the ids and nothing of the secrets.
  const Outcome outcome = shell(fmt::format(R"sh(toll='{0}'; keys='{2}'; log='{1}/../log'
    key=$("$toll" keys create --keys "$keys" --name a --scopes quotes:read --rate 2 2>/dev/null)
    ops=$("$toll" keys create --keys "$keys" --name b --scopes admin 2>/dev/null)
    "$toll" serve --cards '{1}' --keys "$keys" --listen 0.0.0.0:0 --drain-delay 0 >"$log" 2>&1 &
    pid=$!
    for i in $(seq 400); do
      port=$(sed -n 's#^listening on http://[0-9.]*:\([0-9]*\) .*#\1#p' "$log")
      [ -n "$port" ] && break
      sleep 0.05
    done
    address=http://127.0.0.1:$port
    wrong=$(echo "$key" | tr 'A-Za-z' 'B-ZAb-za')
    echo "$key" "$ops" "$wrong"
    ask() {{ curl -s -o /dev/null -w '%{{http_code}} ' "$@"; }}
    for try in 1 2 3 4; do
      ask -H "Authorization: Bearer $key" -H 'Content-Type: application/json' -d '{{' "$address/v1/quotes"
    done
    ask -H "Authorization: Bearer $key" "$address/v1/cards"
    ask -H "Authorization: Bearer $wrong" "$address/v1/cards"
    ask -H "Authorization: Basic $key" "$address/v1/cards"
    ask -H "Authorization: Bearer $ops" "$address/v1/cards?key=$ops"
    ask -H "Authorization: Bearer $ops" "$address/v1/cards/$ops"
    ask -H "X-Key: $ops" "$address/$ops"
    ask -H "Authorization: Bearer $ops" "$address/metrics"
    "$toll" keys revoke "$(echo "$ops" | cut -c6-13)" --keys "$keys" >/dev/null
    sleep 0.6
    ask -H "Authorization: Bearer $ops" "$address/metrics"
    kill -HUP $pid; sleep 0.2
    echo "toll_nonsense $key" >"$keys"; kill -HUP $pid; sleep 0.2
    kill $pid; wait $pid
    cat "$log" >&2)sh",
                                            TOLL_PROGRAM, folder(), file()));
  EXPECT_EQ(outcome.exit_code, 0);
  const size_t line = outcome.out.find('\n');
  ASSERT_NE(line, std::string::npos);
  EXPECT_EQ(outcome.out.substr(line + 1), "400 400 429 429 429 401 401 400 404 404 200 401 ")
      << outcome.err;
  const std::string& log = outcome.err;
  for (size_t at = 0; at < line; at += 58) {
    const std::string token = outcome.out.substr(at, 57);
    EXPECT_FALSE(log.contains(token.substr(14))) << log;
  }
  EXPECT_TRUE(
      log.contains(" warning refused status=429 route=\"POST /v1/quotes\" from=127.0.0.1 key=" +
                   outcome.out.substr(5, 8)))
      << log;
  EXPECT_TRUE(log.contains(" info keys_read keys=2\n")) << log;
  EXPECT_TRUE(log.contains(" error keys_unread why=")) << log;
  EXPECT_TRUE(log.contains(" info draining signal=SIGTERM ")) << log;
  EXPECT_TRUE(log.contains(" info stopped\n")) << log;
}

}  // namespace
}  // namespace toll::cli
