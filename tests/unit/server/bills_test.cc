// Bills, their explanation and the closing of periods, over HTTP.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "tests/unit/server/usage_routes.h"

namespace toll::server {
namespace {

class BillRoutes : public UsageRoutes {
 protected:
  void SetUp() override {
    UsageRoutes::SetUp();
    subscribe();
    send(kNdjson, event("1", "10.5") + "\n" + event("2", "20", "cold"));
  }
  std::string explained(std::string_view usage) {
    const auto response = request("POST", "/v1/explain", usage);
    EXPECT_EQ(response.status, 200) << response.body;
    return response.body;
  }
  static constexpr std::string_view kMarch = "/v1/customers/acme/bill?period=2026-03";
};

TEST_F(BillRoutes, ExplainAsTheExplanationOfTheSameUsageDoes) {
  const std::string same = explained(
      R"({"card":"storage","customer":"acme","period":{"from":"2026-03-01","until":"2026-04-01"},)"
      R"("usage":[{"meter":"storage","at":{"class":"hot"},"quantity":"10.5"},)"
      R"({"meter":"storage","at":{"class":"cold"},"quantity":"20"}]})");
  const std::string march(kMarch);
  EXPECT_EQ(get(march + "&explain=true").body, same);
  EXPECT_TRUE(same.contains(R"("steps":[)"));
  EXPECT_EQ(get(march + "&explain=false").body, get(march).body);
  EXPECT_EQ(get(march + "&explain=yes").status, 400);
  for (const char* month : {"2026-01", "2026-02", "2026-03"})
    ASSERT_EQ(request("POST", "/v1/periods/close",
                      fmt::format(R"({{"customer":"acme","period":"{}"}})", month))
                  .status,
              200);
  send(kOne, event("late"));
  const std::string closed = get(march + "&explain=true").body;
  EXPECT_TRUE(closed.starts_with(same.substr(0, same.size() - 1) + R"(,"closed":")")) << closed;
}

TEST_F(BillRoutes, PeriodsSayWhatTheirBillsAskedFor) {
  const std::string close = "/v1/periods/close";
  for (const char* month : {"2026-01", "2026-02", "2026-03"})
    request("POST", close, fmt::format(R"({{"customer":"acme","period":"{}"}})", month));
  send(kOne, event("late", "4"));
  const json april =
      json::parse(request("POST", close, R"({"customer":"acme","period":"2026-04"})").body);
  EXPECT_EQ(april["to_pay"], "7.00") << "the minimum, and 2.00 of March";
  const json periods = get_json("/v1/customers/acme/periods")["periods"];
  ASSERT_EQ(periods.size(), 4u);
  EXPECT_EQ(periods[2]["total"], "7.25");
  EXPECT_EQ(periods[2]["to_pay"], "7.25");
  EXPECT_EQ(periods[3]["total"], "5.00");
  EXPECT_EQ(periods[3]["to_pay"], "7.00");
  EXPECT_EQ(periods[3]["corrections"][0]["difference"], "2.00");
}

TEST_F(BillRoutes, AreClosedForAllCustomers) {
  subscribe("main", R"({"card":"storage","start":"2026-02-01"})", "bo");
  const auto close = [this](std::string_view period) {
    const auto answer = request("POST", "/v1/periods/close/all", period);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.content_type, kNdjson);
    std::vector<json> lines;
    std::istringstream text(answer.body);
    for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
    return lines;
  };
  const auto january = close(R"({"period":"2026-01"})");
  ASSERT_EQ(january.size(), 2u);
  EXPECT_EQ(january[0]["verdict"], "closed");
  EXPECT_EQ(january[1], json::parse(R"({"closed":1,"already_closed":0,"goes_on":0,"refused":0})"));
  const auto march = close(R"({"period":"2026-03"})");
  ASSERT_EQ(march.size(), 3u);
  EXPECT_EQ(march[0]["verdict"], "refused");
  EXPECT_EQ(march[0]["error"]["status"], 422);
  EXPECT_EQ(march[1]["customer"], "bo");
  EXPECT_EQ(march[2]["refused"], 2);
  EXPECT_EQ(close(R"({"period":"2026-02"})")[2]["closed"], 2);
  const auto both = close(R"({"period":"2026-03"})");
  EXPECT_EQ(both[0]["to_pay"], "7.25");
  EXPECT_EQ(both[0]["period"], json::parse(R"({"from":"2026-03-01","until":"2026-04-01"})"));
  EXPECT_EQ(both[1]["total"], "5.00");
  const auto again = close(R"({"period":"2026-03"})");
  EXPECT_EQ(again[0]["verdict"], "already_closed");
  EXPECT_EQ(again[0]["to_pay"], "7.25");
  EXPECT_EQ(again[2], json::parse(R"({"closed":0,"already_closed":2,"goes_on":0,"refused":0})"));
  EXPECT_EQ(close(R"({"period":"2200-01"})")[0]["verdict"], "goes_on");
}

TEST_F(BillRoutes, AreNotClosedForAllByAGuess) {
  const std::string all = "/v1/periods/close/all";
  EXPECT_EQ(request("POST", all, "{}").status, 400);
  EXPECT_EQ(request("POST", all, R"({"period":"March"})").status, 400);
  EXPECT_EQ(request("POST", all, R"({"period":"2026-01","customer":"acme"})").status, 400);
  EXPECT_EQ(request("POST", all + "?period=2026-01", R"({"period":"2026-01"})").status, 400);
  EXPECT_EQ(get_json("/v1/customers/acme/periods")["periods"], json::array());
}

}  // namespace
}  // namespace toll::server
