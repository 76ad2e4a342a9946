// Grants over HTTP.
#include <gtest/gtest.h>

#include "tests/unit/server/usage_routes.h"

namespace toll::server {
namespace {

class GrantRoutes : public UsageRoutes {
 protected:
  void SetUp() override {
    save("storage@2026-01-01.toll", card() + "\n  pool promo \"Welcome\" in USD\n");
    engine_ = *engine::Engine::open(std::make_unique<engine::MemoryStore>());
    start();
    subscribe();
  }
  http::Response buy(const std::string& key, std::string_view body) {
    std::vector<std::pair<std::string, std::string>> headers = {
        {"Content-Type", "application/json"}};
    if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
    auto response = client_->request("POST", "/v1/customers/acme/grants", headers, body);
    EXPECT_TRUE(response);
    return *std::move(response);
  }
};

TEST_F(GrantRoutes, KeepWhatWasBoughtAndBillWithIt) {
  send(kOne, event("1", "20"));
  EXPECT_EQ(total(), "10.00");
  const std::string_view welcome =
      R"({"pool":"promo","quantity":"4.00","from":"2026-03-01","source":"welcome"})";
  const auto kept = buy("order-1", welcome);
  EXPECT_EQ(kept.status, 200) << kept.body;
  EXPECT_EQ(total(), "6.00");
  EXPECT_EQ(buy("order-1", welcome).body, kept.body);
  EXPECT_EQ(buy("order-1", R"({"pool":"promo","quantity":5,"from":"2026-03-01"})").status, 409);
  EXPECT_EQ(total(), "6.00");
  const json all = json::parse(get("/v1/customers/acme/grants").body);
  EXPECT_EQ(all["grants"].size(), 1u);
  EXPECT_EQ(all["grants"][0]["quantity"], "4");
  EXPECT_EQ(all["pools"][0]["subscription"], "main");
}

TEST_F(GrantRoutes, AreWithdrawnBeforeASubscriptionEnds) {
  const std::string order = "/v1/customers/acme/grants/order-1";
  const std::string end = R"({"card":"storage","start":"2026-01-01","end":"2026-03-01"})";
  EXPECT_EQ(request("DELETE", order).status, 404);
  buy("order-1", R"({"pool":"promo","quantity":"4.00","from":"2026-03-01"})");
  const auto refused = subscribe("main", end);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(
      json::parse(refused.body)["detail"],
      "the grant `order-1` pays from 2026-03-01 on, which would be behind the `end`: withdraw "
      "it first, or let the subscription end later");
  EXPECT_EQ(request("DELETE", "/v1/customers/acme/subscriptions/main").status, 409);
  const auto withdrawn = request("DELETE", order);
  EXPECT_EQ(withdrawn.status, 200) << withdrawn.body;
  EXPECT_TRUE(json::parse(withdrawn.body).contains("withdrawn"));
  EXPECT_EQ(request("DELETE", order).body, withdrawn.body);
  EXPECT_EQ(json::parse(get("/v1/customers/acme/grants").body)["grants"][0],
            json::parse(withdrawn.body));
  EXPECT_EQ(subscribe("main", end).status, 200);
}

TEST_F(GrantRoutes, SayWhatIsWrong) {
  const std::string_view good = R"({"pool":"promo","quantity":"4.00","from":"2026-03-01"})";
  EXPECT_EQ(buy("", good).status, 400);
  const auto pointer = [&](std::string_view body, int status) {
    const auto answer = buy("x", body);
    EXPECT_EQ(answer.status, status) << answer.body;
    return json::parse(answer.body)["errors"][0]["pointer"].get<std::string>();
  };
  EXPECT_EQ(pointer(R"({"pool":"promo","quantity":"x"})", 400), "/quantity");
  EXPECT_EQ(pointer(R"({"pool":"promo","quantity":"0"})", 400), "/quantity");
  EXPECT_EQ(pointer(R"({"pool":"promo","quantity":-1})", 400), "/quantity");
  EXPECT_EQ(pointer(R"({"pool":"promo","quantity":1e3})", 400), "/quantity");
  EXPECT_EQ(pointer(R"({"pool":"promo","quantity":"1","from":"soon"})", 400), "/from");
  EXPECT_EQ(
      pointer(R"({"pool":"promo","quantity":"1","from":"2026-03-01","expires":"2026-03-01"})", 400),
      "/expires");
  EXPECT_EQ(pointer(R"({"pool":"promo","quantity":"1.005","from":"2026-03-01"})", 422),
            "/quantity");
  EXPECT_EQ(pointer(R"({"pool":"other","quantity":"1","from":"2026-03-01"})", 422), "/pool");
}

}  // namespace
}  // namespace toll::server
