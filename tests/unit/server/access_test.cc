// The auth list: who gets in where, and what everybody else is told.
#include "server/access.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <thread>

#include "engine/store.h"
#include "server/card_service.h"
#include "server/operations.h"
#include "server/usage_service.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Instant now() {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

constexpr std::string_view kQuote =
    R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})";

class AccessTest : public RunningService {
 protected:
  void SetUp() override {
    save("api@2026-01-01.toll", api_card("0.002"));
    quotes_ = create({"checkout", *Scopes::parse("quotes:read")});
    admin_ = create({"operator", *Scopes::parse("admin")});
    auto opened = Access::open(path());
    ASSERT_TRUE(opened) << opened.error().message;
    access_ = std::move(*opened);
    engine_ = *engine::Engine::open(std::make_unique<engine::MemoryStore>());
    start();
  }
  void TearDown() override { server_.reset(); }

  http::ServerOptions options() override { return {.gate = access_->gate()}; }
  void add_quotes() override {
    QuoteService(*folder_, {.charge = [this](std::string_view caller, uint64_t requests) {
      access_->charge(caller, requests);
    }}).add_to(*server_);
  }
  void add_routes() override {
    CardService(*folder_).add_to(*server_);
    UsageService(*folder_, *engine_).add_to(*server_);
    operations_ = std::make_unique<Operations>(*folder_, access_.get());
    operations_->add_to(*server_);
  }

  std::string path() const { return (scratch_.path() / "keys").string(); }
  std::string create(const KeyWish& wish) {
    const auto made = create_key(path(), wish, now());
    EXPECT_TRUE(made) << made.error().message;
    return made->token;
  }
  /// Made while the service runs.
  std::string add(const KeyWish& wish) {
    std::string token = create(wish);
    access_->reread();
    return token;
  }
  static Headers with(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

  http::Response send(std::string_view method, std::string_view target, Headers headers,
                      std::string_view body = {}, const std::string& type = "application/json") {
    if (!body.empty()) headers.emplace_back("Content-Type", type);
    auto response = client_->request(method, target, headers, body);
    EXPECT_TRUE(response) << response.error().message;
    return response ? *std::move(response) : http::Response{.status = 0};
  }
  int quote_status(const Headers& headers) {
    return send("POST", "/v1/quotes", headers, kQuote).status;
  }

  std::string quotes_, admin_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Operations> operations_;
};

TEST_F(AccessTest, NoRouteIsOpenWithoutAKeyButThoseThatSaySo) {
  std::set<std::string> open;
  size_t closed = 0;
  for (const http::RouteInfo& route : server_->routes()) {
    const http::Response answer = send(route.method, route.pattern, {});
    if (route.options->scope == kPublic) {
      open.emplace(route.pattern);
      EXPECT_NE(answer.status, 401) << route.pattern;
      continue;
    }
    ++closed;
    EXPECT_EQ(answer.status, 401) << route.method << " " << route.pattern;
    EXPECT_EQ(header(answer, "WWW-Authenticate"), R"(Bearer realm="toll")");
    EXPECT_EQ(answer.content_type, "application/problem+json");
  }
  EXPECT_EQ(open, (std::set<std::string>{"/healthz", "/readyz", "/openapi.json"}));
  EXPECT_GE(closed, 16u);
}

TEST_F(AccessTest, NoRouteIsOpenToAKeyWithoutItsScope) {
  for (const http::RouteInfo& route : server_->routes()) {
    const std::string& scope = route.options->scope;
    if (scope == kPublic) continue;
    EXPECT_NE(std::ranges::find(kScopes, scope), std::end(kScopes)) << scope;
    // A key with every scope but this one and `admin`, and one with this one alone.
    std::string others;
    for (const std::string_view other : kScopes)
      if (other != scope && other != "admin") others += std::string(other) + " ";
    const std::string lacking = add({"lacking", *Scopes::parse(others)});
    const std::string having = add({"having", *Scopes::parse(scope)});
    const http::Response refused = send(route.method, route.pattern, with(lacking));
    EXPECT_EQ(refused.status, 403) << route.method << " " << route.pattern;
    EXPECT_EQ(json::parse(refused.body)["detail"],
              fmt::format("the key lacks the scope `{}`", scope));
    EXPECT_EQ(header(refused, "WWW-Authenticate"),
              fmt::format(R"(Bearer realm="toll", error="insufficient_scope", scope="{}")", scope));
    const int status = send(route.method, route.pattern, with(having)).status;
    EXPECT_TRUE(status != 401 && status != 403 && status != 0) << route.pattern << status;
  }
}

TEST_F(AccessTest, ToldApartIsOnlyWhatTheOwnerOfAKeyMayKnow) {
  std::string wrong = quotes_;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  std::string unknown = quotes_;
  unknown[5] = unknown[5] == '0' ? '1' : '0';
  const auto body = [&](const std::string& token) {
    const http::Response answer = send("POST", "/v1/quotes", with(token), kQuote);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(header(answer, "WWW-Authenticate"), R"(Bearer realm="toll", error="invalid_token")");
    return answer.body;
  };
  EXPECT_EQ(body(wrong), body(unknown));
  EXPECT_EQ(body(wrong), body("toll_x"));
  EXPECT_EQ(body(wrong), body(std::string(4000, 'x')));
  EXPECT_EQ(quote_status(with(quotes_)), 200);
  EXPECT_EQ(quote_status({{"Authorization", "bEARER " + quotes_}}), 200);
}

TEST_F(AccessTest, KeysComeInOneWay) {
  EXPECT_EQ(quote_status({{"Authorization", quotes_}}), 401);
  EXPECT_EQ(quote_status({{"Authorization", "Basic " + quotes_}}), 401);
  EXPECT_EQ(quote_status({{"Authorization", "Bearer"}}), 401);
  EXPECT_EQ(quote_status({{"Authorization", "Bearer  " + quotes_}}), 401);
  EXPECT_EQ(quote_status({{"X-Api-Key", quotes_}}), 401);
  EXPECT_EQ(quote_status({{"Authorization", "Bearer " + quotes_}, {"Authorization", "Bearer x"}}),
            401);
  EXPECT_EQ(send("POST", "/v1/quotes?key=" + quotes_, {}, kQuote).status, 401);
  EXPECT_EQ(quote_status({{"Cookie", "key=" + quotes_}}), 401);
}

TEST_F(AccessTest, AKeyIsRevokedWithinASecond) {
  EXPECT_EQ(quote_status(with(quotes_)), 200);
  const std::string next = create({"checkout", *Scopes::parse("quotes:read")});
  // Both are good for a while: whoever uses the old one has time to change.
  EXPECT_LT(wait_until([&] { return quote_status(with(next)) == 200; }), 1000);
  EXPECT_EQ(quote_status(with(quotes_)), 200);
  ASSERT_TRUE(revoke_key(path(), quotes_.substr(5, 8), now()));
  EXPECT_LT(wait_until([&] { return quote_status(with(quotes_)) == 401; }), 1000);
  EXPECT_EQ(quote_status(with(next)), 200);
}

TEST_F(AccessTest, AKeyExpiresByItself) {
  const std::string brief =
      add({"brief", *Scopes::parse("quotes:read"), {}, {}, now() + std::chrono::milliseconds{300}});
  EXPECT_EQ(quote_status(with(brief)), 200);
  EXPECT_LT(wait_until([&] { return quote_status(with(brief)) == 401; }), 1000);
  const http::Response answer = send("POST", "/v1/quotes", with(brief), kQuote);
  EXPECT_TRUE(answer.body.contains("the key expired at ")) << answer.body;
}

TEST_F(AccessTest, AFileInErrorChangesNothing) {
  save("keys", "nonsense\n");
  access_->reread();
  EXPECT_EQ(quote_status(with(quotes_)), 200);
  remove("keys");
  access_->reread();
  EXPECT_EQ(quote_status(with(quotes_)), 200);
  EXPECT_FALSE(Access::open(path()));
}

TEST_F(AccessTest, AKeyOfOneCustomerReadsWhatIsThisCustomersAndNothingElse) {
  for (const std::string customer : {"acme", "beta"})
    EXPECT_EQ(send("PUT", "/v1/customers/" + customer + "/subscriptions/main", with(admin_),
                   R"({"card":"api","start":"2026-01-01"})")
                  .status,
              200);
  const Headers acme = with(add({"acme's page", *Scopes::parse("usage:read"), "acme"}));
  for (const char* own :
       {"/v1/customers/acme/bill?period=2026-03", "/v1/customers/acme/subscriptions",
        "/v1/events?customer=acme", "/v1/usage?customer=acme&from=2026-03-01T00:00:00Z"})
    EXPECT_EQ(send("GET", own, acme).status, 200) << own;
  for (const char* other :
       {"/v1/customers/beta/bill?period=2026-03", "/v1/customers/nobody/bill?period=2026-03",
        "/v1/customers/beta/subscriptions", "/v1/events?customer=beta", "/v1/events",
        "/v1/events?customer=beta&customer=acme", "/v1/customers", "/v1/completeness",
        "/v1/customers/beta", "/v1/customers/beta/stream", "/v1/events/conflicts",
        "/v1/usage?customer=beta&from=2026-03-01T00:00:00Z"}) {
    const http::Response answer = send("GET", other, acme);
    EXPECT_EQ(answer.status, 403) << other;
    EXPECT_EQ(json::parse(answer.body)["detail"],
              "the key reads what is of customer `acme`, and nothing else");
  }
  EXPECT_NE(send("GET", "/v1/events?customer=acme&customer=beta", acme).status, 200);
  EXPECT_EQ(send("PUT", "/v1/customers/acme/subscriptions/more", acme,
                 R"({"card":"api","start":"2026-01-01"})")
                .status,
            403);
  EXPECT_EQ(send("POST", "/v1/quotes", acme, kQuote).status, 403);
  EXPECT_EQ(send("GET", "/v1/cards", acme).status, 403);
  EXPECT_EQ(send("GET", "/metrics", acme).status, 403);
}

// The path is cut at its slashes, then decoded, once: who may ask follows from what is asked for.
TEST_F(AccessTest, ACustomerWithASlashIsAnotherThanThoseThatOnlyReadLikeIt) {
  for (const std::string customer : {"a%2Fb", "a", "a%252Fb"})
    EXPECT_EQ(send("PUT", "/v1/customers/" + customer + "/subscriptions/x%2Fy", with(admin_),
                   R"({"card":"api","start":"2026-01-01"})")
                  .status,
              200)
        << customer;
  const json all = json::parse(send("GET", "/v1/customers", with(admin_), {}).body)["customers"];
  std::vector<std::string> ids;
  for (const json& customer : all) ids.push_back(customer["id"]);
  EXPECT_EQ(ids, (std::vector<std::string>{"a", "a%2Fb", "a/b"}));
  const Headers own = with(add({"a/b's page", *Scopes::parse("usage:read"), "a/b"}));
  for (const char* target :
       {"/v1/customers/a%2Fb/bill?period=2026-03", "/v1/customers/a%2fb/bill?period=2026-03",
        "/v1/customers/%61%2F%62/subscriptions", "/v1/customers/a%2Fb/subscriptions/x%2Fy",
        "/v1/customers/a%2Fb/periods", "/v1/customers/a%2Fb/grants", "/v1/events?customer=a%2Fb",
        "/v1/events?customer=a/b"})
    EXPECT_EQ(send("GET", target, own).status, 200) << target;
  for (const char* target :
       {"/v1/customers/a%252Fb/bill?period=2026-03", "/v1/customers/a/subscriptions",
        "/v1/customers/a%2Fb%2F/subscriptions", "/v1/customers/%2Fa%2Fb/subscriptions",
        "/v1/events?customer=a%252Fb", "/v1/customers/a/bill?period=2026-03&customer=a%2Fb"})
    EXPECT_EQ(send("GET", target, own).status, 403) << target;
  EXPECT_EQ(send("GET", "/v1/customers/a/b/bill?period=2026-03", own).status, 404);
  const Headers other = with(add({"a's page", *Scopes::parse("usage:read"), "a"}));
  for (const char* target : {"/v1/customers/a%2Fb/subscriptions", "/v1/customers/a%2F..",
                             "/v1/customers/a%2F/subscriptions", "/v1/customers/.%2Fa"})
    EXPECT_EQ(send("GET", target, other).status, 403) << target;
}

TEST_F(AccessTest, AKeyMayAskAsOftenAsItsLimitSays) {
  const std::string token = add({"limited", *Scopes::parse("quotes:read"), {}, RateLimit{2, 3}});
  for (const char* left : {"2", "1", "0"}) {
    const http::Response answer = send("POST", "/v1/quotes", with(token), kQuote);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(header(answer, "RateLimit-Policy"), R"("requests";q=3;w=2)");
    EXPECT_TRUE(header(answer, "RateLimit").starts_with(fmt::format(R"("requests";r={};t=)", left)))
        << header(answer, "RateLimit");
  }
  const http::Response refused = send("POST", "/v1/quotes", with(token), kQuote);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "1");
  EXPECT_EQ(header(refused, "RateLimit"), R"("requests";r=0;t=2)");
  EXPECT_EQ(refused.content_type, "application/problem+json");
  EXPECT_EQ(quote_status(with(quotes_)), 200) << "another key has its own";
  access_->reread();
  EXPECT_EQ(quote_status(with(token)), 429) << "reading the file again gives nothing back";
  EXPECT_LT(wait_until([&] { return quote_status(with(token)) == 200; }), 1500);
}

TEST_F(AccessTest, ABatchCountsForWhatItBrings) {
  const std::string token =
      add({"batches", *Scopes::parse("quotes:read"), {}, RateLimit{100, 100}});
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += std::string(kQuote) + "\n";
  EXPECT_EQ(send("POST", "/v1/quotes/batch", with(token), lines, "application/x-ndjson").status,
            200);
  const http::Response answer = send("POST", "/v1/quotes", with(token), kQuote);
  const std::string left = header(answer, "RateLimit");
  // One for the batch, 19 for what it brought beyond the first thousand, one for this; the bucket
  // fills meanwhile.
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(left.starts_with(R"("requests";r=)")) << left;
  const int remaining = std::stoi(left.substr(13));
  EXPECT_GE(remaining, 79);
  EXPECT_LT(remaining, 99) << "the batch counted as one request";
}

TEST_F(AccessTest, MetricsSayWhichKeyCameWhen) {
  EXPECT_EQ(quote_status(with(quotes_)), 200);
  const std::string id = quotes_.substr(5, 8);
  const http::Response answer = send("GET", "/metrics", with(admin_));
  EXPECT_TRUE(answer.body.contains(fmt::format("toll_key_requests_total{{key=\"{}\"}} 1\n", id)));
  EXPECT_TRUE(answer.body.contains("toll_keys_good 2\n")) << answer.body;
  EXPECT_FALSE(answer.body.contains(quotes_.substr(14)));
}

}  // namespace
}  // namespace toll::server
