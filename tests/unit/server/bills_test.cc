// Bills, their explanation and the closing of periods, over HTTP.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace toll::server
