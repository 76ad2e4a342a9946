// Events in, bills out, over HTTP.
#include "server/usage_service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

#include "engine/store.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

constexpr const char* kOne = "application/cloudevents+json";
constexpr const char* kBatch = "application/cloudevents-batch+json";
constexpr const char* kLines = "application/x-ndjson";

class UsageRoutes : public RunningService {
 protected:
  void SetUp() override {
    save("storage@2026-01-01.toll", card());
    auto store = std::make_unique<engine::MemoryStore>();
    store->before_write = [this] { return failure_; };
    engine_ = *engine::Engine::open(std::move(store));
    start();
  }
  void TearDown() override { server_.reset(); }  // before the engine

  void add_routes() override { UsageService(*folder_, *engine_).add_to(*server_); }

  static std::string card() {
    return "toll 1\n\ndimension class is hot, cold\nmeter storage sums GiB by class\n"
           "  from stored\n  take gib\n\ncard storage \"Storage\"\n  from 2026-01-01\n"
           "  currency USD\n  period month\n  round each line half-up\n\n"
           "  charge storage by class\n    hot  at 0.50 USD per GiB\n"
           "    cold at 0.10 USD per GiB\n\n  bill minimum 5.00 USD \"Minimum\"\n";
  }

  static std::string event(std::string_view id, std::string_view gib = "1",
                           std::string_view kind = "hot", std::string_view type = "stored") {
    return fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/s","type":"{}","subject":"acme",)"
        R"("time":"2026-03-10T12:00:00Z","data":{{"class":"{}","gib":{}}}}})",
        id, type, kind, gib);
  }

  http::Response send(const std::string& type, std::string_view body) {
    return request("POST", "/v1/events", body, type);
  }
  http::Response subscribe(std::string_view id = "main",
                           std::string_view body = R"({"card":"storage","start":"2026-01-01"})",
                           std::string_view customer = "acme") {
    return request("PUT", fmt::format("/v1/customers/{}/subscriptions/{}", customer, id), body);
  }
  std::string total(std::string_view query = "?period=2026-03") {
    const auto response = get(fmt::format("/v1/customers/acme/bill{}", query));
    return response.status == 200 ? json::parse(response.body)["total"].get<std::string>()
                                  : response.body;
  }

  std::optional<engine::StoreError> failure_;
  std::unique_ptr<engine::Engine> engine_;
};

TEST_F(UsageRoutes, TakeOneEvent) {
  const auto accepted = send(kOne, event("1"));
  EXPECT_EQ(accepted.status, 200);
  EXPECT_EQ(accepted.body, R"({"accepted":1,"duplicate":0,"conflict":0,"rejected":0,"unmetered":0,)"
                           R"("events":[{"id":"1","verdict":"accepted"}]})");
  EXPECT_EQ(json::parse(send(kOne, event("1")).body)["events"][0]["verdict"], "duplicate");
  const auto conflict = send(kOne, event("1", "2"));
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.content_type, "application/problem+json");
  const auto rejected = send(kOne, event("2", "1", "warm"));
  EXPECT_EQ(rejected.status, 422);
  EXPECT_EQ(json::parse(rejected.body)["errors"][0]["detail"],
            "`warm` is not a value of `class` (meter `storage`, storage@2026-01-01.toll:6)");
  const auto malformed = send(kOne, R"({"specversion":"1.0"})");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(json::parse(send(kOne, event("3", "1", "hot", "ping")).body)["events"][0]["unmetered"],
            true);
}

TEST_F(UsageRoutes, TakeABatchWithAVerdictForEach) {
  const auto response = send(kBatch, fmt::format("[{}, {}, {}, {}, 7]", event("1"), event("2"),
                                                 event("1"), event("2", "9")));
  EXPECT_EQ(response.status, 200);
  const json body = json::parse(response.body);
  EXPECT_EQ(body["accepted"], 2);
  EXPECT_EQ(body["duplicate"], 1);
  EXPECT_EQ(body["conflict"], 1);
  EXPECT_EQ(body["rejected"], 1);
  ASSERT_EQ(body["events"].size(), 5u);
  EXPECT_EQ(body["events"][4], (json{{"verdict", "rejected"}, {"reason", "is not a JSON object"}}));
  EXPECT_EQ(send(kBatch, "[]").status, 200);
  EXPECT_EQ(send(kBatch, "[" + event("5")).status, 400);
  EXPECT_EQ(json::parse(send(kBatch, "[" + event("5") + "]").body)["accepted"], 1);
}

TEST_F(UsageRoutes, TakeLines) {
  const auto response = send(std::string(kLines) + "; charset=utf-8",
                             event("1") + "\n\nnonsense\n" + event("2", "1e3") + "\n");
  const json body = json::parse(response.body);
  ASSERT_EQ(body["events"].size(), 3u) << response.body;
  EXPECT_EQ(body["events"][0], (json{{"line", 1}, {"id", "1"}, {"verdict", "accepted"}}));
  EXPECT_EQ(body["events"][1]["line"], 3);
  EXPECT_EQ(body["events"][1]["verdict"], "rejected");
  EXPECT_EQ(body["events"][2]["reason"],
            "field `gib` is written with an exponent (meter `storage`, storage@2026-01-01.toll:6)");
}

TEST_F(UsageRoutes, RefuseOtherMediaTypesAndTooManyEvents) {
  EXPECT_EQ(send("application/json", event("1")).status, 415);
  std::string many;
  for (int i = 0; i <= 10'000; ++i) many += "{}\n";
  EXPECT_EQ(send(kLines, many).status, 413);
  EXPECT_EQ(request("POST", "/v1/events?x=1", event("1"), kOne).status, 400);
}

TEST_F(UsageRoutes, SayWhenTheStorageFails) {
  failure_ = engine::StoreError{engine::StoreError::Kind::Full, "no room"};
  const auto full = send(kOne, event("1"));
  EXPECT_EQ(full.status, 507);
  EXPECT_EQ(header(full, "Retry-After"), "10");
  failure_->kind = engine::StoreError::Kind::Failed;
  EXPECT_EQ(send(kOne, event("1")).status, 503);
  // Quotes go on.
  EXPECT_EQ(quote(R"({"card":"storage","on":"2026-03-15","usage":[]})").status, 200);
  failure_.reset();
  EXPECT_EQ(json::parse(send(kOne, event("1")).body)["accepted"], 1);
}

TEST_F(UsageRoutes, KeepSubscriptions) {
  EXPECT_EQ(subscribe().body, R"({"id":"main","card":"storage","start":"2026-01-01"})");
  const std::string ends = R"({"card":"storage","start":"2026-01-01","end":"2026-03-01"})";
  EXPECT_EQ(subscribe("main", ends).status, 200);
  EXPECT_EQ(subscribe("next", R"({"card":"storage","start":"2026-02-01"})").status, 409);
  EXPECT_EQ(subscribe("next", R"({"card":"storage","start":"2026-03-01"})").status, 200);
  EXPECT_EQ(get_json("/v1/customers/acme/subscriptions"),
            json::parse(R"({"customer":"acme","subscriptions":[)"
                        R"({"id":"main","card":"storage","start":"2026-01-01","end":"2026-03-01"},)"
                        R"({"id":"next","card":"storage","start":"2026-03-01"}]})"));
  EXPECT_EQ(get_json("/v1/customers/acme/subscriptions/next")["start"], "2026-03-01");
  EXPECT_EQ(get("/v1/customers/acme/subscriptions/other").status, 404);
  EXPECT_EQ(get_json("/v1/customers/globex/subscriptions")["subscriptions"], json::array());
}

TEST_F(UsageRoutes, RefuseSubscriptionsThatNobodySells) {
  EXPECT_EQ(subscribe("a", R"({"card":"storag","start":"2026-01-01"})").status, 422);
  EXPECT_EQ(subscribe("a", R"({"card":"storage","start":"2025-12-31"})").status, 422);
  EXPECT_EQ(subscribe("a", R"({"card":"storage","start":"2026-01-01","plan":"pro"})").status, 422);
  const auto anchored =
      subscribe("a", R"({"card":"storage","start":"2026-01-01","anchor":"5","end":"2026-01-01"})");
  EXPECT_EQ(anchored.status, 400);
  EXPECT_EQ(json::parse(anchored.body)["errors"][0]["pointer"], "/anchor");
  EXPECT_EQ(subscribe("a", R"({"card":"storage","start":"2026-01-01","end":"2026-01-01"})").status,
            400);
  EXPECT_EQ(subscribe("a", R"({"card":"storage","start":"yesterday"})").status, 400);
  EXPECT_EQ(subscribe("%E2%80%8B").status, 400);  // a zero-width space
  EXPECT_EQ(subscribe("a", "{}", "%E2%80%8B").status, 404);
}

TEST_F(UsageRoutes, BillWhatWasAccepted) {
  EXPECT_EQ(get("/v1/customers/acme/bill?period=2026-03").status, 404);
  subscribe();
  EXPECT_EQ(total(), "5.00");  // the minimum
  send(kLines, event("1", "10.5") + "\n" + event("2", "20", "cold") + "\n" + event("1", "10.5"));
  EXPECT_EQ(total(), "7.25");
  EXPECT_EQ(total("?period=2026-03-31"), "7.25");
  EXPECT_EQ(total("?period=2026-04"), "5.00");
  EXPECT_EQ(total("?period=2026-03&subscription=main"), "7.25");
  // While the period goes on minimums are not due.
  const json open = get_json("/v1/customers/acme/bill?period=2026-03&as_of=2026-03-10T12:00:01Z");
  EXPECT_EQ(open["total"], "7.25");
  const json early = get_json("/v1/customers/acme/bill?period=2026-03&as_of=2026-03-10T12:00:00Z");
  EXPECT_EQ(early["total"], "0.00");
  EXPECT_EQ(early["due_at_close"][0]["path"], "bill/minimum");
}

TEST_F(UsageRoutes, BillIsTheQuoteOfTheSameUsage) {
  subscribe();
  send(kLines, event("1", "10.5") + "\n" + event("2", "20", "cold"));
  const auto bill = get("/v1/customers/acme/bill?period=2026-03");
  const auto quoted = quote(
      R"({"card":"storage","customer":"acme","period":{"from":"2026-03-01","until":"2026-04-01"},)"
      R"("usage":[{"meter":"storage","at":{"class":"hot"},"quantity":"10.5"},)"
      R"({"meter":"storage","at":{"class":"cold"},"quantity":"20"}]})");
  EXPECT_EQ(bill.body, quoted.body);
  EXPECT_EQ(header(bill, "Toll-Card-Hash"), header(quoted, "Toll-Card-Hash"));
}

TEST_F(UsageRoutes, BillSaysWhatIsWrong) {
  subscribe();
  EXPECT_EQ(get("/v1/customers/acme/bill?period=March").status, 400);
  EXPECT_EQ(get("/v1/customers/acme/bill?as_of=now").status, 400);
  EXPECT_EQ(get("/v1/customers/acme/bill?perod=2026-03").status, 400);
  EXPECT_EQ(get("/v1/customers/acme/bill?period=2026-03&subscription=x").status, 404);
  EXPECT_EQ(get("/v1/customers/acme/bill?period=2025-12").status, 404);
  send(kOne, event("1"));
  std::string narrower = card();
  narrower.replace(narrower.find("hot, cold"), 9, "ice, cold");
  narrower.replace(narrower.find("hot  at"), 3, "ice");
  save("storage@2026-01-01.toll", narrower);
  wait_until([&] { return get("/v1/customers/acme/bill?period=2026-03").status == 422; });
}

TEST_F(UsageRoutes, ShowTheRecordPageByPage) {
  EXPECT_EQ(get("/v1/events").status, 400);
  EXPECT_EQ(get("/v1/events?customer=acme&from=yesterday").status, 400);
  EXPECT_EQ(get("/v1/events?customer=acme&cursor=x").status, 400);
  EXPECT_EQ(get("/v1/events?customer=acme&unmetered=maybe").status, 400);
  EXPECT_EQ(get("/v1/events?customer=acme").body, R"({"customer":"acme","events":[]})");
  std::string many;
  for (int i = 0; i < 1'500; ++i) many += event(std::to_string(i), "1", "hot", "ping") + "\n";
  send(kLines, event("a") + "\n" + many);
  request("POST", "/v1/events/retract", R"({"source":"/s","id":"a","reason":"by mistake"})");
  const json first = get_json("/v1/events?customer=acme");
  ASSERT_EQ(first["events"].size(), 1'000u);
  EXPECT_EQ(first["events"][0]["event"], json::parse(event("a")));
  EXPECT_EQ(first["events"][0]["reason"], "by mistake");
  EXPECT_EQ(first["events"][1]["unmetered"], true);
  const json second =
      get_json("/v1/events?customer=acme&cursor=" + first["cursor"].get<std::string>());
  ASSERT_EQ(second["events"].size(), 501u);
  EXPECT_EQ(second["events"][0]["position"], 1'001);
  EXPECT_FALSE(second.contains("cursor"));
  EXPECT_EQ(get_json("/v1/events?customer=acme&unmetered=false")["events"].size(), 1u);
  EXPECT_EQ(get_json("/v1/events?customer=acme&until=2026-03-10T12:00:00Z")["events"].size(), 0u);
  EXPECT_EQ(get_json("/v1/events?customer=globex")["events"].size(), 0u);
}

TEST_F(UsageRoutes, TakeAnEventBack) {
  subscribe();
  send(kOne, event("1", "20"));
  EXPECT_EQ(total(), "10.00");
  const std::string body = R"({"source":"/s","id":"1","reason":"sent by mistake"})";
  const auto taken = request("POST", "/v1/events/retract", body);
  EXPECT_EQ(taken.body, R"({"source":"/s","id":"1","verdict":"retracted"})");
  EXPECT_EQ(total(), "5.00");
  EXPECT_EQ(json::parse(request("POST", "/v1/events/retract", body).body)["verdict"],
            "already_retracted");
  EXPECT_EQ(
      request("POST", "/v1/events/retract", R"({"source":"/s","id":"2","reason":"x"})").status,
      404);
  EXPECT_EQ(request("POST", "/v1/events/retract", R"({"source":"/s","id":"1"})").status, 400);
  EXPECT_EQ(json::parse(send(kOne, event("1", "20")).body)["duplicate"], 1);
  EXPECT_EQ(total(), "5.00");
}

}  // namespace
}  // namespace toll::server
