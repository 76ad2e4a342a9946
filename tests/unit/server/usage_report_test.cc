// What was used, and what is missing of it, over HTTP.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/server/usage_routes.h"

namespace toll::server {
namespace {

class UsageReport : public UsageRoutes {
 protected:
  void SetUp() override {
    UsageRoutes::SetUp();
    subscribe();
  }

  void store(std::string_view id, std::string_view time, std::string_view more,
             std::string_view kind = "hot") {
    const auto response = send(
        kOne,
        fmt::format(
            R"({{"specversion":"1.0","id":"{}","source":"/s","type":"stored","subject":"acme",)"
            R"("time":"{}","data":{{"class":"{}",{}}}}})",
            id, time, kind, more));
    EXPECT_EQ(response.status, 200) << response.body;
  }
  json usage(std::string_view query) {
    return get_json(fmt::format("/v1/usage?customer=acme&{}", query))["usage"];
  }
};

TEST_F(UsageReport, IsByAnyFieldOfTheEvents) {
  store("1", "2026-03-10T12:00:00Z", R"("gib":1.5,"team":"search","region":"eu")");
  store("2", "2026-03-10T13:00:00Z", R"("gib":2,"team":"search","region":"us")");
  store("3", "2026-03-11T12:00:00Z", R"("gib":4,"team":7,"region":"eu")");
  store("4", "2026-03-11T12:00:00Z", R"("gib":8)", "cold");
  const std::string march = "from=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z";
  EXPECT_EQ(
      usage(march),
      json::parse(R"([{"subscription":"main","meter":"storage","from":"2026-03-01T00:00:00Z",)"
                  R"("until":"2026-04-01T00:00:00Z","at":{"class":"hot"},"quantity":"7.5",)"
                  R"("unit":"GiB"},{"subscription":"main","meter":"storage",)"
                  R"("from":"2026-03-01T00:00:00Z","until":"2026-04-01T00:00:00Z",)"
                  R"("at":{"class":"cold"},"quantity":"8","unit":"GiB"}])"));
  std::map<json, json> by_team;
  for (const json& row : usage(march + "&group_by=team")) by_team[row["group"]] = row["quantity"];
  EXPECT_EQ(by_team, (std::map<json, json>{{{{"team", "search"}}, "3.5"},
                                           {{{"team", "7"}}, "4"},
                                           {{{"team", nullptr}}, "8"}}));
  EXPECT_EQ(usage(march + "&group_by=team,region").size(), 4u);
  EXPECT_EQ(usage(march + "&group_by=source")[0]["group"], (json{{"source", "/s"}}));
  EXPECT_EQ(usage(march + "&meter=storage").size(), 2u);
}

TEST_F(UsageReport, IsByWindowsOfTime) {
  store("1", "2026-03-10T12:00:00Z", R"("gib":1)");
  store("2", "2026-03-10T12:59:59Z", R"("gib":2)");
  store("3", "2026-03-10T13:00:00Z", R"("gib":4)");
  store("4", "2026-03-12T00:00:00Z", R"("gib":8)");
  const auto rows = [&](std::string_view query) {
    std::string text;
    for (const json& row : usage(query))
      text += fmt::format("{} {} {}\n", row["from"].get<std::string>(),
                          row["until"].get<std::string>(), row["quantity"].get<std::string>());
    return text;
  };
  EXPECT_EQ(rows("from=2026-03-10T12:30:00Z&until=2026-03-11T00:00:00Z&window=hour"),
            "2026-03-10T12:30:00Z 2026-03-10T13:00:00Z 2\n"
            "2026-03-10T13:00:00Z 2026-03-10T14:00:00Z 4\n");
  EXPECT_EQ(rows("from=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z&window=day"),
            "2026-03-10T00:00:00Z 2026-03-11T00:00:00Z 7\n"
            "2026-03-12T00:00:00Z 2026-03-13T00:00:00Z 8\n");
  EXPECT_EQ(rows("from=2026-03-11T00:00:00Z&until=2026-04-01T00:00:00Z&window=month"),
            "2026-03-11T00:00:00Z 2026-04-01T00:00:00Z 8\n");
  EXPECT_EQ(rows("from=2025-12-01T00:00:00Z&until=2026-01-01T00:00:00Z"), "")
      << "before its subscription";
}

TEST_F(UsageReport, LeavesOutWhatWasTakenBack) {
  store("1", "2026-03-10T12:00:00Z", R"("gib":1)");
  request("POST", "/v1/events/retract", R"({"source":"/s","id":"1","reason":"test"})");
  EXPECT_EQ(usage("from=2026-03-01T00:00:00Z"), json::array());
}

TEST_F(UsageReport, SaysWhatIsWrong) {
  const auto status = [&](std::string_view query) {
    return get(fmt::format("/v1/usage?{}", query)).status;
  };
  const std::string from = "&from=2026-03-01T00:00:00Z";
  EXPECT_EQ(status("customer=acme"), 400);
  EXPECT_EQ(status("from=2026-03-01T00:00:00Z"), 400);
  EXPECT_EQ(status("customer=acme&from=yesterday"), 400);
  EXPECT_EQ(status("customer=acme" + from + "&until=2026-03-01T00:00:00Z"), 400);
  EXPECT_EQ(status("customer=acme" + from + "&window=week"), 400);
  EXPECT_EQ(status("customer=acme" + from + "&group_by="), 400);
  EXPECT_EQ(status("customer=acme" + from + "&group_by=a,a"), 400);
  EXPECT_EQ(status("customer=acme" + from + "&group_by=a,b,c,d,e,f,g,h,i"), 400);
  EXPECT_EQ(status("customer=acme" + from + "&colour=red"), 400);
  EXPECT_EQ(status("customer=nobody" + from), 404);
  EXPECT_EQ(status("customer=acme&subscription=x" + from), 404);
  EXPECT_EQ(status("customer=acme&meter=tokens" + from), 404);
  EXPECT_EQ(
      status("customer=acme&from=2026-01-01T00:00:00Z&until=2028-01-01T00:00:00Z&window=hour"),
      422);
}

// The same events by sums and by another way of counting give the same usage.
TEST_F(UsageReport, IsTheUsageThatTheBillIsMadeOf) {
  for (int i = 0; i < 40; ++i)
    store(std::to_string(i), fmt::format("2026-03-{:02}T{:02}:30:00Z", 1 + i % 28, i % 24),
          fmt::format(R"("gib":{},"team":"t{}")", i, i % 3), i % 2 ? "hot" : "cold");
  std::map<std::string, int> by_class;
  for (const char* query :
       {"", "&window=hour", "&window=day", "&group_by=team", "&window=hour&group_by=team"}) {
    by_class.clear();
    for (const json& row :
         usage(std::string("from=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z") + query))
      by_class[row["at"]["class"]] += std::stoi(row["quantity"].get<std::string>());
    EXPECT_EQ(by_class, (std::map<std::string, int>{{"hot", 400}, {"cold", 380}})) << query;
  }
  EXPECT_EQ(total(), "238.00");
}

TEST_F(UsageReport, CompletenessSaysWhatIsMissing) {
  const auto numbered = [&](int id, std::string_view time) {
    std::string text = event(std::to_string(id));
    text.replace(text.find("2026-03-10T12:00:00Z"), 20, time);
    return text.insert(1, fmt::format(R"("sequence":"{}",)", id));
  };
  send(kNdjson, numbered(1, "2026-03-10T12:00:00Z") + "\n" + numbered(4, "2026-03-10T12:30:00Z") +
                    "\n" + event("x", "1", "warm") + "\n" + event("p", "1", "hot", "ping"));
  const json all = get_json("/v1/completeness?from=2026-03-10&until=2026-03-11");
  ASSERT_EQ(all["sources"].size(), 1u) << all;
  EXPECT_EQ(all["sources"][0],
            json::parse(R"({"source":"/s","events":3,"unmetered":1,"rejected":1,"conflicts":0,)"
                        R"("last_day":"2026-03-10","sequence":{"first":"1","last":"4",)"
                        R"("missing":"2","gaps":[{"first":"2","last":"3"}]},"silent":1,"silences":)"
                        R"([{"from":"2026-03-10T12:31:00Z","until":"2026-03-11T00:00:00Z"}]})"));
  EXPECT_EQ(
      get_json(
          "/v1/completeness?from=2026-03-10&until=2026-03-11&silence=29")["sources"][0]["silent"],
      2);
  EXPECT_EQ(get_json("/v1/completeness?cursor=/s")["sources"], json::array());
  // What is left out is said: gaps behind the first hundred, and numbers that are not kept.
  std::string scattered;
  for (int i = 0; i < 103; ++i) scattered += numbered(2 * i, "2026-03-11T12:00:00Z") + "\n";
  send(kNdjson, scattered);
  const auto source = [&](std::string_view from, std::string_view until) {
    return get_json(fmt::format("/v1/completeness?from={}&until={}", from, until))["sources"][0];
  };
  EXPECT_EQ(source("2026-03-11", "2026-03-12")["sequence"]["gaps_left_out"], 2);
  scattered.clear();
  for (int i = 0; i <= 1'000; ++i) scattered += numbered(3 * i, "2026-03-12T12:00:00Z") + "\n";
  send(kNdjson, scattered);
  const json left_out = source("2026-03-10", "2026-03-13");
  EXPECT_FALSE(left_out.contains("sequence"));
  EXPECT_EQ(left_out["sequence_left_out"],
            "on 1 of the days its numbers make more than 1,000 runs and are not kept, so what is "
            "missing is not known");
  EXPECT_EQ(get("/v1/completeness?from=2026-03-10T00:00:00Z").status, 400);
  EXPECT_EQ(get("/v1/completeness?from=2026-03-10&until=2026-03-10").status, 400);
  EXPECT_EQ(get("/v1/completeness?silence=527040").status, 200);
  for (const char* minutes : {"0", "527041", "-5", "99999999999999999999"}) {
    const http::Response refused = get("/v1/completeness?silence=" + std::string(minutes));
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(refused.body.contains("`silence` is 1 to 527040 minutes, which is 366 days"))
        << refused.body;
  }
  EXPECT_TRUE(get("/v1/completeness?silence=1h").body.contains("`1h` is not understood"));
}

}  // namespace
}  // namespace toll::server
