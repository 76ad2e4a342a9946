// Two tenants of one service see nothing of each other: no route, no id, no error text.
#include "server/tenants.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>

#include "server/access.h"
#include "server/card_service.h"
#include "server/operations.h"
#include "server/usage_service.h"
#include "tests/unit/server/usage_routes.h"

namespace toll::server {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Instant moment() {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

/// All that the first tenant has is named with this word, and nothing else is.
constexpr std::string_view kSecret = "zebra";

std::string with_word(std::string text, std::string_view word) {
  for (size_t at = 0; (at = text.find("WORD", at)) != text.npos;) text.replace(at, 4, word);
  return text;
}

/// A card with its meter, dimension and values named with a word.
std::string card_of(std::string_view word) {
  return with_word(
      "toll 1\n\ndimension WORD_class is WORD_hot, WORD_cold\nmeter WORD_meter sums GiB by "
      "WORD_class\n  from WORD.stored\n  take gib\n\ncard WORD_card \"WORD\"\n  from 2026-01-01\n"
      "  currency USD\n  period month\n  round each line half-up\n\n"
      "  charge WORD_meter by WORD_class\n    WORD_hot  at 0.50 USD per GiB\n"
      "    WORD_cold at 0.10 USD per GiB\n\n  pool WORD_pool \"WORD\" in USD\n",
      word);
}

std::string event_of(std::string_view word, std::string_view id, std::string_view gib = "3") {
  return with_word(
      fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/WORD-source","type":"WORD.stored",)"
                  R"("subject":"WORD-customer","time":"2026-03-10T12:00:00Z",)"
                  R"("data":{{"WORD_class":"WORD_hot","gib":{},"team":"WORD-team"}}}})",
                  id, gib),
      word);
}

class TwoTenants : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.save("main@2026-01-01.toll", card_of("main"));
    for (const auto& [tenant, word] : {std::pair("one", kSecret), {"two", "yak"}}) {
      std::filesystem::create_directory(folder_.path() / tenant);
      folder_.save(fmt::format("{}/{}_card@2026-01-01.toll", tenant, word), card_of(word));
    }
    for (const char* tenant : {"one", "two"}) tokens_[tenant] = key(tenant, "admin");
    tokens_["main"] = key({}, "admin");
    access_ = *Access::open(keys());
    tenants_ = *Tenants::open(folder_.path(), data_.path());
    engine_ = *engine::Engine::open(std::make_unique<engine::MemoryStore>());
    operations_ = std::make_unique<Operations>(tenants_->main(), access_.get());
    server_ = std::make_unique<http::Server>(http::ServerOptions{.gate = access_->gate()});
    QuoteService(*tenants_).add_to(*server_);
    CardService(*tenants_).add_to(*server_);
    UsageService(*tenants_, *engine_).add_to(*server_);
    operations_->add_to(*server_);
    port_ = server_->start().value();
    client_ = std::make_unique<http::Client>("127.0.0.1", port_);
  }
  void TearDown() override { server_.reset(); }

  std::string keys() const { return (data_.path() / "keys").string(); }
  std::string key(std::optional<std::string> tenant, std::string_view scopes) {
    const auto made = create_key(keys(),
                                 {.name = "k",
                                  .scopes = *Scopes::parse(scopes),
                                  .customer = {},
                                  .limit = {},
                                  .expires = {},
                                  .tenant = std::move(tenant)},
                                 moment());
    EXPECT_TRUE(made) << made.error().message;
    return made->token;
  }

  http::Response send(const std::string& tenant, std::string_view method, std::string_view target,
                      std::string_view body = {}, const std::string& type = "application/json",
                      Headers more = {}) {
    more.emplace_back("Authorization", "Bearer " + tokens_[tenant]);
    if (!body.empty()) more.emplace_back("Content-Type", type);
    auto response = client_->request(method, target, more, body);
    EXPECT_TRUE(response) << target << response.error().message;
    return response ? *std::move(response) : http::Response{.status = 0};
  }

  /// What a tenant puts into the service, named with its word.
  void fill(const std::string& tenant, std::string_view word) {
    EXPECT_EQ(send(tenant, "PUT", with_word("/v1/customers/WORD-customer", word),
                   with_word(R"({"name":"WORD"})", word))
                  .status,
              200);
    EXPECT_EQ(
        send(tenant, "PUT", with_word("/v1/customers/WORD-customer/subscriptions/WORD-sub", word),
             with_word(R"({"card":"WORD_card","start":"2026-01-01"})", word))
            .status,
        200);
    const std::string lines = event_of(word, with_word("WORD-1", word)) + "\n" +
                              event_of(word, with_word("WORD-2", word)) + "\n" +
                              event_of(word, with_word("WORD-1", word), "4") + "\n";
    const auto stored = send(tenant, "POST", "/v1/events", lines, "application/x-ndjson");
    EXPECT_EQ(json::parse(stored.body)["accepted"], 2) << stored.body;
    EXPECT_EQ(json::parse(stored.body)["conflict"], 1) << stored.body;
    const auto bought =
        send(tenant, "POST", with_word("/v1/customers/WORD-customer/grants", word),
             with_word(R"({"pool":"WORD_pool","quantity":"5","from":"2030-01-01"})", word),
             "application/json", {{"Idempotency-Key", with_word("WORD-order", word)}});
    EXPECT_EQ(bought.status, 200) << bought.body;
    const auto closed = send(tenant, "POST", "/v1/periods/close",
                             with_word(R"({"customer":"WORD-customer","period":"2026-01"})", word));
    EXPECT_EQ(closed.status, 200) << closed.body;
  }

  testing::ScratchFolder folder_, data_;
  std::map<std::string, std::string> tokens_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<Tenants> tenants_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Operations> operations_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Client> client_;
  uint16_t port_ = 0;
};

std::string bill_of(std::string_view word) {
  return with_word("/v1/customers/WORD-customer/bill?period=2026-03", word);
}

TEST_F(TwoTenants, EachHasItsOwn) {
  fill("one", kSecret);
  fill("two", "yak");
  EXPECT_EQ(json::parse(send("one", "GET", bill_of(kSecret)).body)["total"], "3.00");
  EXPECT_EQ(json::parse(send("two", "GET", bill_of("yak")).body)["total"], "3.00");
  EXPECT_EQ(send("two", "GET", bill_of(kSecret)).status, 404);
  EXPECT_EQ(send("main", "GET", bill_of(kSecret)).status, 404);
  EXPECT_EQ(json::parse(send("two", "GET", "/v1/cards").body)["cards"][0]["card"], "yak_card");
  EXPECT_EQ(json::parse(send("main", "GET", "/v1/cards").body)["cards"][0]["card"], "main_card");
}

// The same source and id, and the same customer, are another event and another customer there.
TEST_F(TwoTenants, NamesOfOneAreFreeForTheOther) {
  fill("one", kSecret);
  const auto same = send("main", "POST", "/v1/events", event_of(kSecret, "zebra-1", "99"),
                         "application/cloudevents+json");
  EXPECT_EQ(json::parse(same.body)["accepted"], 1) << "no conflict with another tenant's";
  EXPECT_EQ(json::parse(same.body)["unmetered"], 1) << "nor is it read by another tenant's card";
  const std::string take = R"({"source":"/zebra-source","id":"zebra-2","reason":"x"})";
  EXPECT_EQ(send("main", "POST", "/v1/events/retract", take).status, 404);
  EXPECT_EQ(json::parse(send("one", "GET", bill_of(kSecret)).body)["total"], "3.00");
}

TEST_F(TwoTenants, EachListsTheCustomersThatItsOwnEventsName) {
  fill("one", kSecret);
  fill("two", "yak");
  std::string misspelled = event_of("yak", "more");
  misspelled.replace(misspelled.find("yak-customer"), 12, "yak-custommer");
  send("two", "POST", "/v1/events", misspelled, "application/cloudevents+json");
  EXPECT_EQ(send("two", "GET", "/v1/customers").body,
            R"({"customers":[{"id":"yak-customer","name":"yak","subscriptions":1,"events":2},)"
            R"({"id":"yak-custommer","subscriptions":0,"events":1}]})");
  EXPECT_EQ(send("one", "GET", "/v1/customers?subscribed=false").body, R"({"customers":[]})");
  EXPECT_EQ(send("main", "GET", "/v1/customers").body, R"({"customers":[]})");
}

TEST_F(TwoTenants, NoneSeesHowMuchTheOtherSends) {
  fill("one", kSecret);
  fill("two", "yak");
  std::string more;
  for (int i = 0; i < 1'100; ++i) more += event_of("yak", fmt::format("more-{}", i)) + "\n";
  EXPECT_EQ(
      json::parse(send("two", "POST", "/v1/events", more, "application/x-ndjson").body)["accepted"],
      1'100);
  const std::string route = "/v1/events?customer=yak-customer";
  const json first = json::parse(send("two", "GET", route).body);
  ASSERT_EQ(first["events"].size(), 1'000u);
  EXPECT_FALSE(first["events"][0].contains("position"));
  // Of the time of all its events it is the thousandth, whatever others have stored.
  const std::string cursor = first["cursor"];
  EXPECT_TRUE(cursor.ends_with(".1000")) << cursor;
  const json second = json::parse(send("two", "GET", route + "&cursor=" + cursor).body);
  ASSERT_EQ(second["events"].size(), 102u);
  std::set<std::string> ids;
  for (const json& page : {first, second})
    for (const json& event : page["events"]) ids.insert(event["event"]["id"]);
  EXPECT_EQ(ids.size(), 1'102u);
}

/// Every way to ask for what the first tenant has, by the names that it has there.
struct Question {
  std::string method, route, target;
  std::string body = {};
  std::string type = "application/json";
  Headers headers = {};
};

std::vector<Question> questions(std::string_view word) {
  const std::string since = "&from=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z";
  std::vector<Question> all = {
      {"POST", "/v1/quotes", "/v1/quotes",
       R"({"card":"WORD_card","on":"2026-03-10","usage":[{"meter":"WORD_meter","quantity":1}]})"},
      {"POST", "/v1/quotes", "/v1/quotes", R"({"card":"WORD_car","on":"2026-03-10"})"},
      {"POST", "/v1/explain", "/v1/explain", R"({"card":"WORD_card","on":"2026-03-10"})"},
      {"POST", "/v1/quotes/batch", "/v1/quotes/batch", R"({"card":"WORD_card"})",
       "application/x-ndjson"},
      {"GET", "/v1/cards", "/v1/cards"},
      {"GET", "/v1/cards/{card}", "/v1/cards/WORD_card"},
      {"PUT",
       "/v1/cards/{card}/{from}",
       "/v1/cards/WORD_card/2026-01-01",
       "toll 1\n",
       "text/plain",
       {{"If-Match", "\"x\""}}},
      {"POST",
       "/v1/cards/{card}/{from}/rollback",
       "/v1/cards/WORD_card/2026-01-01/rollback",
       "",
       "",
       {{"If-Match", "\"x\""}}},
      {"POST", "/v1/cards/check", "/v1/cards/check?file=WORD_card@2026-01-01.toll", "toll 1\n",
       "text/plain"},
      {"PATCH",
       "/v1/cards",
       "/v1/cards",
       R"({"WORD_card@2026-01-01.toll":null})",
       "application/merge-patch+json",
       {{"If-Match", "\"x\""}}},
      {"GET", "/healthz", "/healthz"},
      {"GET", "/readyz", "/readyz"},
      {"GET", "/metrics", "/metrics"},
      {"GET", "/openapi.json", "/openapi.json"},
      {"GET", "/v1/events", "/v1/events?customer=WORD-customer"},
      {"GET", "/v1/events/conflicts", "/v1/events/conflicts"},
      {"POST", "/v1/events/retract", "/v1/events/retract",
       R"({"source":"/WORD-source","id":"WORD-1","reason":"x"})"},
      {"GET", "/v1/usage", "/v1/usage?customer=WORD-customer" + since},
      {"GET", "/v1/usage", "/v1/usage?customer=WORD-customer&meter=WORD_meter" + since},
      {"GET", "/v1/completeness", "/v1/completeness?from=2026-03-10&until=2026-03-11"},
      {"GET", "/v1/customers", "/v1/customers"},
      {"GET", "/v1/customers", "/v1/customers?subscribed=false"},
      {"GET", "/v1/customers", "/v1/customers?cursor=a-WORD"},
      {"GET", "/v1/customers/{customer}", "/v1/customers/WORD-customer"},
      {"GET", "/v1/customers/{customer}/subscriptions",
       "/v1/customers/WORD-customer/subscriptions"},
      {"GET", "/v1/customers/{customer}/subscriptions/{subscription}",
       "/v1/customers/WORD-customer/subscriptions/WORD-sub"},
      {"PUT", "/v1/customers/{customer}/subscriptions/{subscription}",
       "/v1/customers/WORD-customer/subscriptions/WORD-sub",
       R"({"card":"WORD_card","start":"2026-01-01"})"},
      {"GET", "/v1/customers/{customer}/bill", "/v1/customers/WORD-customer/bill?period=2026-03"},
      {"GET", "/v1/customers/{customer}/stream",
       "/v1/customers/WORD-customer/stream?period=2026-03"},
      {"GET", "/v1/customers/{customer}/periods", "/v1/customers/WORD-customer/periods"},
      {"POST", "/v1/periods/close", "/v1/periods/close",
       R"({"customer":"WORD-customer","period":"2026-01"})"},
      {"POST", "/v1/periods/close/all", "/v1/periods/close/all", R"({"period":"2200-01"})"},
      {"GET", "/v1/customers/{customer}/grants", "/v1/customers/WORD-customer/grants"},
      {"POST",
       "/v1/customers/{customer}/grants",
       "/v1/customers/WORD-customer/grants",
       R"({"pool":"WORD_pool","quantity":"5","from":"2030-01-01"})",
       "application/json",
       {{"Idempotency-Key", "WORD-order"}}},
      // Last: these leave something behind.
      {"DELETE", "/v1/customers/{customer}/grants/{grant}",
       "/v1/customers/WORD-customer/grants/WORD-order"},
      {"DELETE", "/v1/customers/{customer}/subscriptions/{subscription}",
       "/v1/customers/WORD-customer/subscriptions/WORD-sub"},
      {"PUT", "/v1/customers/{customer}", "/v1/customers/WORD-customer", R"({"tax":"none"})"},
      {"POST", "/v1/events", "/v1/events", event_of(word, "mine"), "application/cloudevents+json"},
      {"POST", "/v1/events", "/v1/events", event_of(word, with_word("WORD-1", word), "99"),
       "application/cloudevents+json"},
  };
  for (Question& question : all) {
    question.target = with_word(question.target, word);
    question.body = with_word(question.body, word);
  }
  return all;
}

// Whoever asks for what another tenant has gets, to the byte, what is said where nobody has it.
TEST_F(TwoTenants, WhatIsAnothersIsAsIfItWereNot) {
  fill("one", kSecret);
  fill("two", "yak");
  std::set<std::string> asked;
  const auto theirs = questions(kSecret), nobodys = questions("okapi");
  for (size_t i = 0; i < theirs.size(); ++i) {
    const Question& question = theirs[i];
    asked.insert(question.method + " " + question.route);
    const auto answer = send("two", question.method, question.target, question.body, question.type,
                             question.headers);
    auto expected = send("two", nobodys[i].method, nobodys[i].target, nobodys[i].body,
                         nobodys[i].type, nobodys[i].headers);
    if (question.route == "/metrics") {
      EXPECT_EQ(answer.status, 403);
      continue;
    }
    EXPECT_EQ(answer.status, expected.status) << question.method << " " << question.target;
    // The words that were asked for may be said again.
    const auto without = [](std::string text, std::string_view word) {
      for (size_t at = 0; (at = text.find(word, at)) != text.npos;)
        text.replace(at, word.size(), "?");
      return text;
    };
    const bool changes = question.method == "PUT" || question.target == "/v1/events";
    if (!changes || answer.status >= 400) {
      EXPECT_EQ(without(answer.body, kSecret), without(expected.body, "okapi"))
          << question.method << " " << question.target;
    }
    if (!question.target.contains(kSecret) && !question.body.contains(kSecret)) {
      EXPECT_FALSE(answer.body.contains(kSecret)) << question.target << answer.body;
      for (const auto& [name, value] : answer.headers)
        EXPECT_FALSE(value.contains(kSecret)) << question.target << name;
    }
  }
  // No route was left out.
  for (const http::RouteInfo& route : server_->routes())
    EXPECT_TRUE(asked.contains(std::string(route.method) + " " + std::string(route.pattern)))
        << route.method << " " << route.pattern;
  // And the first tenant has what it had.
  EXPECT_EQ(json::parse(send("one", "GET", bill_of(kSecret)).body)["total"], "3.00");
  EXPECT_EQ(json::parse(send("one", "GET", "/v1/customers/zebra-customer").body)["name"], "zebra");
  EXPECT_EQ(
      json::parse(send("one", "GET", "/v1/events?customer=zebra-customer").body)["events"].size(),
      2u);
}

TEST_F(TwoTenants, ATenantsKeyReadsNoMetricsAndNoOtherTenantsName) {
  const auto metrics = send("main", "GET", "/metrics");
  EXPECT_EQ(metrics.status, 200);
  for (const char* name : {"one", "two"})
    EXPECT_FALSE(metrics.body.contains(fmt::format("\"{}\"", name)));
  EXPECT_EQ(send("one", "GET", "/metrics").status, 403);
}

TEST_F(TwoTenants, ANewTenantBeginsWithoutCardsAndMayPutSome) {
  tokens_["three"] = key("three", "admin");
  access_->reread();
  EXPECT_EQ(json::parse(send("three", "GET", "/v1/cards").body)["cards"], json::array());
  EXPECT_EQ(send("three", "PUT", "/v1/cards/yak_card/2026-01-01", card_of("yak"), "text/plain",
                 {{"If-None-Match", "*"}})
                .status,
            201);
  fill("three", "yak");
  EXPECT_EQ(json::parse(send("three", "GET", bill_of("yak")).body)["total"], "3.00");
  EXPECT_EQ(send("two", "GET", bill_of("yak")).status, 404) << "another customer of that name";
  EXPECT_TRUE(std::filesystem::exists(data_.path() / "tenants" / "three" / "cards"));
}

TEST_F(TwoTenants, NamesAreThoseOfFolders) {
  for (const char* good : {"a", "acme-2", "0_x"}) EXPECT_EQ(tenant_fault(good), "");
  for (const std::string& bad :
       {std::string(), std::string(".."), std::string("a/b"), std::string("Acme"),
        std::string("-a"), std::string(65, 'a'), std::string("a\0b", 3), std::string("ä")})
    EXPECT_NE(tenant_fault(bad), "") << bad;
}

}  // namespace
}  // namespace toll::server
