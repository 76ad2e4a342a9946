// Events in, bills out, over HTTP.
#include "server/usage_service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/server/usage_routes.h"

namespace toll::server {
namespace {

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

class BinaryMode : public UsageRoutes {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  static Headers headers(std::string id = "b1") {
    return {{"Content-Type", "application/json"},
            {"ce-specversion", "1.0"},
            {"ce-id", std::move(id)},
            {"CE-Source", "/s"},
            {"ce-type", "stored"},
            {"ce-subject", "acme"},
            {"ce-time", "2026-03-10T12:00:00Z"}};
  }
  http::Response send_binary(const Headers& headers, std::string_view body) {
    auto response = client_->request("POST", "/v1/events", headers, body);
    EXPECT_TRUE(response) << response.error().message;
    return *std::move(response);
  }
};

TEST_F(BinaryMode, IsTheSameEventAsTheStructuredOne) {
  const auto response = send_binary(headers(), R"({"class":"hot","gib":1})");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json::parse(response.body)["accepted"], 1);
  EXPECT_EQ(json::parse(send(kOne, event("b1")).body)["duplicate"], 1);
  EXPECT_EQ(send(kOne, event("b1", "2")).status, 409);
  subscribe();
  EXPECT_EQ(total("?period=2026-03"), "5.00");
  send_binary(headers("b2"), R"({"class":"hot","gib":20})");
  EXPECT_EQ(total("?period=2026-03"), "10.50");
}

TEST_F(BinaryMode, SaysWhatIsWrong) {
  EXPECT_EQ(send_binary({{"Content-Type", "application/json"}}, "{}").status, 415);
  auto structured = headers();
  structured[0].second = kOne;
  EXPECT_EQ(send_binary(structured, event("1")).status, 400) << "two modes at once";
  auto twice = headers();
  twice.emplace_back("Ce-Id", "other");
  EXPECT_EQ(send_binary(twice, "{}").status, 400);
  auto named = headers();
  named.emplace_back("ce-data", "x");
  EXPECT_EQ(send_binary(named, "{}").status, 400);
  auto short_one = headers();
  short_one.pop_back();
  const auto missing = send_binary(short_one, R"({"class":"hot","gib":1})");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(json::parse(missing.body)["errors"][0]["detail"], "attribute `time` is missing");
  // What would become an attribute of its own.
  EXPECT_EQ(send_binary(short_one, R"({},"time":"2026-03-10T12:00:00Z")").status, 400);
  EXPECT_EQ(send_binary(headers(), "[1]").status, 400);
  EXPECT_EQ(send_binary(headers(), R"({"class":"warm","gib":1})").status, 422);
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
  const auto response = send(std::string(kNdjson) + "; charset=utf-8",
                             event("1") + "\n\nnonsense\n" + event("2", "1e3") + "\n");
  const json body = json::parse(response.body);
  ASSERT_EQ(body["events"].size(), 3u) << response.body;
  EXPECT_EQ(body["events"][0], (json{{"line", 1}, {"id", "1"}, {"verdict", "accepted"}}));
  EXPECT_EQ(body["events"][1]["line"], 3);
  EXPECT_EQ(body["events"][1]["verdict"], "rejected");
  EXPECT_EQ(body["events"][2]["reason"],
            "field `gib` is written with an exponent (meter `storage`, storage@2026-01-01.toll:6)");
}

TEST_F(UsageRoutes, NameTheIdOfWhatIsNoEventWhereItSaysOne) {
  std::string undated = event("7");
  undated.replace(undated.find("2026-03-10T12:00:00Z"), 20, "noon");
  const json events = json::parse(send(kNdjson, undated + "\n{}\n").body)["events"];
  EXPECT_EQ(events[0]["id"], "7");
  EXPECT_EQ(events[0]["pointer"], "/time");
  EXPECT_EQ(events[0]["verdict"], "rejected");
  EXPECT_FALSE(events[1].contains("id"));
}

TEST_F(UsageRoutes, RefuseOtherMediaTypesAndTooManyEvents) {
  EXPECT_EQ(send("application/json", event("1")).status, 415);
  std::string many;
  for (int i = 0; i <= 10'000; ++i) many += "{}\n";
  EXPECT_EQ(send(kNdjson, many).status, 413);
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

TEST_F(UsageRoutes, KeepWhatIsSaidOfCustomers) {
  EXPECT_EQ(get("/v1/customers/acme").status, 404);
  const std::string said =
      R"({"name":"Acme Inc.","currency":"USD","tax":"DE","time_zone":"Europe/Berlin"})";
  EXPECT_EQ(request("PUT", "/v1/customers/acme", said).status, 200);
  EXPECT_EQ(get("/v1/customers/acme").body, R"({"id":"acme",)" + said.substr(1));
  EXPECT_EQ(request("PUT", "/v1/customers/acme", R"({"name":"Acme"})").body,
            R"({"id":"acme","name":"Acme"})");
  request("PUT", "/v1/customers/bo", "{}");
  EXPECT_EQ(get_json("/v1/customers"),
            json::parse(R"({"customers":[{"id":"acme","name":"Acme","subscriptions":0,"events":0},)"
                        R"({"id":"bo","subscriptions":0,"events":0}]})"));
  EXPECT_EQ(get_json("/v1/customers?cursor=acme")["customers"].size(), 1u);
  EXPECT_EQ(get_json("/v1/customers?cursor=bo")["customers"].size(), 0u);
  for (const auto& [body, pointer] : {std::pair(R"({"currency":"usd"})", "/currency"),
                                      {R"({"time_zone":"Mars"})", "/time_zone"},
                                      {R"({"colour":"red"})", "/colour"}}) {
    const auto refused = request("PUT", "/v1/customers/acme", body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_EQ(json::parse(refused.body)["errors"][0]["pointer"], pointer);
  }
  EXPECT_EQ(request("PUT", "/v1/customers/%E2%80%8B", "{}").status, 400);
}

TEST_F(UsageRoutes, ListWhomEventsAloneName) {
  subscribe();
  std::string misspelled = event("2");
  misspelled.replace(misspelled.find("acme"), 4, "acmee");
  ASSERT_EQ(json::parse(send(kNdjson, event("1") + "\n" + misspelled).body)["accepted"], 2);
  request("PUT", "/v1/customers/globex", R"({"name":"Globex"})");
  const std::string acme = R"({"id":"acme","subscriptions":1,"events":1})",
                    acmee = R"({"id":"acmee","subscriptions":0,"events":1})",
                    globex = R"({"id":"globex","name":"Globex","subscriptions":0,"events":0})";
  const auto list = [](std::string_view customers) {
    return fmt::format(R"({{"customers":[{}]}})", customers);
  };
  EXPECT_EQ(get("/v1/customers").body, list(acme + "," + acmee + "," + globex));
  EXPECT_EQ(get("/v1/customers?subscribed=false").body, list(acmee + "," + globex));
  EXPECT_EQ(get("/v1/customers?subscribed=true").body, list(acme));
  EXPECT_EQ(get("/v1/customers?subscribed=false&cursor=acmee").body, list(globex));
  EXPECT_EQ(get("/v1/customers?subscribed=no").status, 400);
  EXPECT_EQ(get("/v1/customers?subscribed=").status, 400);
  subscribe("main", R"({"card":"storage","start":"2026-01-01"})", "acmee");
  EXPECT_EQ(get("/v1/customers?subscribed=false").body, list(globex));
}

TEST_F(UsageRoutes, ListCustomersPageByPage) {
  constexpr int kCustomers = 1'500;
  std::string lines;
  for (int i = 0; i < kCustomers; ++i) {
    std::string one = event(fmt::format("e{}", i));
    lines += one.replace(one.find("acme"), 4, fmt::format("c{}", i)) + "\n";
  }
  ASSERT_EQ(json::parse(send(kNdjson, lines).body)["accepted"], kCustomers);
  for (const std::string more : {"", "&subscribed=false"}) {
    const json first = get_json("/v1/customers?" + more);
    ASSERT_EQ(first["customers"].size(), 1'000u);
    EXPECT_EQ(first["cursor"], first["customers"].back()["id"]);
    const json second =
        get_json("/v1/customers?cursor=" + first["cursor"].get<std::string>() + more);
    EXPECT_FALSE(second.contains("cursor"));
    std::vector<std::string> ids;
    for (const json& page : {first, second})
      for (const json& customer : page["customers"]) ids.push_back(customer["id"]);
    EXPECT_TRUE(std::ranges::is_sorted(ids));
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(),
              static_cast<size_t>(kCustomers));
    EXPECT_EQ(second["customers"].size(), 500u);
  }
}

// Whoever looks for few among many gets pages that end where much was read, though they be empty.
TEST_F(UsageRoutes, ListFewCustomersAmongMany) {
  for (int request = 0; request < 2; ++request) {
    std::string lines;
    for (int i = 0; i < 6'000; ++i) {
      std::string one = event(fmt::format("{}-{}", request, i));
      lines += one.replace(one.find("acme"), 4, fmt::format("c{}-{}", request, i)) + "\n";
    }
    ASSERT_EQ(json::parse(send(kNdjson, lines).body)["accepted"], 6'000);
  }
  subscribe("main", R"({"card":"storage","start":"2026-01-01"})", "one-behind-all");
  const json first = get_json("/v1/customers?subscribed=true");
  EXPECT_EQ(first["customers"], json::array());
  ASSERT_TRUE(first.contains("cursor"));
  const json second =
      get_json("/v1/customers?subscribed=true&cursor=" + first["cursor"].get<std::string>());
  ASSERT_EQ(second["customers"].size(), 1u);
  EXPECT_EQ(second["customers"][0]["id"], "one-behind-all");
  EXPECT_FALSE(second.contains("cursor"));
}

TEST_F(UsageRoutes, SubscriptionsTakeTheCurrencyOfTheirCustomer) {
  request("PUT", "/v1/customers/acme", R"({"currency":"USD"})");
  EXPECT_EQ(json::parse(subscribe().body)["currency"], "USD");
  request("PUT", "/v1/customers/acme", R"({"currency":"EUR"})");
  const auto refused = subscribe();
  EXPECT_EQ(refused.status, 422) << "the card has no such currency";
  EXPECT_EQ(json::parse(refused.body)["errors"][0]["pointer"], "/currency");
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

TEST_F(UsageRoutes, RefuseSubscriptionsThatNameNoPlan) {
  save("storage@2026-01-01.toll",
       card() +
           "\n  plan solo\n    fee seat at 9.00 USD per month, not prorated\n"
           "  plan team\n    fee seat at 99.00 USD per month, not prorated\n");
  start();
  const auto refused = subscribe();
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(json::parse(refused.body)["errors"][0]["pointer"], "/plan");
  EXPECT_NE(refused.body.find("name one of `solo`, `team`"), std::string::npos) << refused.body;
  EXPECT_EQ(subscribe("main", R"({"card":"storage","start":"2026-01-01","plan":"solo"})").status,
            200);
}

TEST_F(UsageRoutes, SubscriptionsThatBilledNothingAreTakenBack) {
  const std::string main = "/v1/customers/acme/subscriptions/main";
  EXPECT_EQ(request("DELETE", main).status, 404);
  subscribe();
  const auto gone = request("DELETE", main);
  EXPECT_EQ(gone.status, 204) << gone.body;
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(get(main).status, 404);
  EXPECT_EQ(request("DELETE", main).status, 404);
  EXPECT_EQ(request("DELETE", main + "?all=true").status, 400);
  subscribe();
  ASSERT_EQ(
      request("POST", "/v1/periods/close", R"({"customer":"acme","period":"2026-01"})").status,
      200);
  const auto billed = request("DELETE", main);
  EXPECT_EQ(billed.status, 409);
  EXPECT_EQ(json::parse(billed.body)["detail"],
            "a period of it is closed, so that it stays: let it end (`end`) with what was billed");
}

class StateRoutes : public UsageRoutes {
 protected:
  void SetUp() override {
    std::string text = card();
    text.insert(text.find("    hot  at"), "    included 100 GiB per year shared\n");
    save("storage@2026-01-01.toll", text);
    engine_ = *engine::Engine::open(std::make_unique<engine::MemoryStore>());
    start();
  }
};

TEST_F(StateRoutes, SubscriptionsSayWhatWasBefore) {
  const std::string said =
      R"({"card":"storage","start":"2026-03-01","customer_since":"2025-05-01",)"
      R"("state":{"used_to_date":{"storage":"99.5"}}})";
  EXPECT_EQ(subscribe("main", said).body, R"({"id":"main",)" + said.substr(1));
  EXPECT_EQ(get_json("/v1/customers/acme/subscriptions/main")["state"],
            json::parse(R"({"used_to_date":{"storage":"99.5"}})"));
  send(kOne, event("1", "20"));
  EXPECT_EQ(total(), "9.75");
  for (const auto& [state, status, pointer] :
       {std::tuple(R"({"used_to_date":{"storage":"1.0.0"}})", 400, "/state/used_to_date/storage"),
        {R"({"used_to_date":{"storage":"1","storage":"1"}})", 400, "/state/used_to_date/storage"},
        {R"({"used_to_date":{"storag":"1"}})", 422, "/state/used_to_date/storag"},
        {R"({"used":{}})", 400, "/state/used"},
        {R"({"final":false})", 400, "/state/final"},
        {R"("x")", 400, "/state"}}) {
    const auto refused =
        subscribe("main", fmt::format(R"({{"card":"storage","start":"2026-03-01",)"
                                      R"("customer_since":"2025-05-01","state":{}}})",
                                      state));
    EXPECT_EQ(refused.status, status) << refused.body;
    EXPECT_EQ(json::parse(refused.body)["errors"][0]["pointer"], pointer) << refused.body;
  }
}

TEST_F(UsageRoutes, SubscriptionsSaySinceWhenTheirCustomerIsOne) {
  const std::string since =
      R"({"card":"storage","start":"2026-03-01","customer_since":"2024-02-29"})";
  EXPECT_EQ(subscribe("main", since).body, R"({"id":"main",)" + since.substr(1));
  EXPECT_EQ(get_json("/v1/customers/acme/subscriptions/main")["customer_since"], "2024-02-29");
  EXPECT_EQ(
      subscribe("main", R"({"card":"storage","start":"2026-03-01","customer_since":"2026-03-01"})")
          .status,
      200);
  for (const auto& [day, reason] :
       {std::pair("2026-03-02", "is after `start`"), {"2026-02-30", "is not a date"}}) {
    const auto refused = subscribe(
        "main",
        fmt::format(R"({{"card":"storage","start":"2026-03-01","customer_since":"{}"}})", day));
    EXPECT_EQ(refused.status, 400) << day;
    const json error = json::parse(refused.body)["errors"][0];
    EXPECT_EQ(error["pointer"], "/customer_since");
    EXPECT_TRUE(error.dump().contains(reason)) << error;
  }
}

TEST_F(UsageRoutes, BillWhatWasAccepted) {
  EXPECT_EQ(get("/v1/customers/acme/bill?period=2026-03").status, 404);
  subscribe();
  EXPECT_EQ(total(), "5.00");  // the minimum
  send(kNdjson, event("1", "10.5") + "\n" + event("2", "20", "cold") + "\n" + event("1", "10.5"));
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
  send(kNdjson, event("1", "10.5") + "\n" + event("2", "20", "cold"));
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
  send(kNdjson, event("a") + "\n" + many);
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

TEST_F(UsageRoutes, GoOnInTheRecordAtACursorOfSeveralTimes) {
  std::string many;
  for (int i = 0; i < 1'500; ++i) {
    std::string one = event(std::to_string(i), "1", "hot", i % 2 == 0 ? "ping" : "stored");
    one.replace(one.find("12:00:00Z"), 9, fmt::format("12:00:{:02}Z", i % 7));
    many += one + "\n";
  }
  send(kNdjson, many);
  std::set<std::string> ids;
  std::string query = "/v1/events?customer=acme";
  for (std::string cursor; ids.empty() || !cursor.empty();) {
    const json page = get_json(query + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const json& event : page["events"]) ids.insert(event["event"]["id"]);
    cursor = page.value("cursor", "");
    // What comes meanwhile at a time that was passed does not move the others.
    if (!cursor.empty()) send(kOne, event("late", "1", "hot", "ping"));
  }
  EXPECT_EQ(ids.size(), 1'500u);
}

TEST_F(UsageRoutes, ShowOfTheRecordWhatIsAskedFor) {
  send(kNdjson, event("1") + "\n" + event("2", "1", "hot", "ping") + "\n" + event("3"));
  request("POST", "/v1/events/retract", R"({"source":"/s","id":"3","reason":"test"})");
  const auto count = [&](std::string_view query) {
    return get_json(fmt::format("/v1/events?customer=acme&{}", query))["events"].size();
  };
  EXPECT_EQ(count("type=stored"), 2u);
  EXPECT_EQ(count("type=stored&retracted=false"), 1u);
  EXPECT_EQ(count("retracted=true"), 1u);
  EXPECT_EQ(count("source=/s"), 3u);
  EXPECT_EQ(count("source=/other"), 0u);
  EXPECT_EQ(get("/v1/events?customer=acme&retracted=maybe").status, 400);
}

TEST_F(UsageRoutes, ShowConflictsWithWhatWasAccepted) {
  std::string other = event("1");
  other.replace(other.find("acme"), 4, "beta");
  send(kNdjson, event("1") + "\n" + event("1", "2") + "\n" + other + "\n" + event("1", "2"));
  const json all = get_json("/v1/events/conflicts");
  ASSERT_EQ(all["conflicts"].size(), 2u) << all;
  std::set<json> refused;
  for (const json& one : all["conflicts"]) {
    EXPECT_EQ(one["source"], "/s");
    EXPECT_EQ(one["id"], "1");
    EXPECT_EQ(one["accepted"], json::parse(event("1")));
    refused.insert(one["refused"]);
  }
  EXPECT_EQ(refused, (std::set<json>{json::parse(event("1", "2")), json::parse(other)}));
  EXPECT_FALSE(all.contains("cursor"));
  EXPECT_EQ(get("/v1/events/conflicts?cursor=xyz").status, 400);
}

TEST_F(UsageRoutes, ShowConflictsPageByPage) {
  std::string lines = event("1") + "\n";
  for (int i = 2; i < 1'503; ++i) lines += event("1", std::to_string(i)) + "\n";
  EXPECT_EQ(json::parse(send(kNdjson, lines).body)["conflict"], 1'501);
  const json first = get_json("/v1/events/conflicts");
  ASSERT_EQ(first["conflicts"].size(), 1'000u);
  const json second = get_json("/v1/events/conflicts?cursor=" + first["cursor"].get<std::string>());
  ASSERT_EQ(second["conflicts"].size(), 501u);
  EXPECT_FALSE(second.contains("cursor"));
  std::set<json> seen;
  for (const json& page : {first, second})
    for (const json& one : page["conflicts"]) seen.insert(one["refused"]["data"]["gib"]);
  EXPECT_EQ(seen.size(), 1'501u);
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

TEST_F(UsageRoutes, WarnOfValuesThatCountAsOtherAndMayBeMisspelled) {
  std::string open = card();
  open.replace(open.find("hot, cold"), 9, "hot, other");
  open.replace(open.find("    cold at"), 11, "    other at");
  save("storage@2026-01-01.toll", open);
  start();
  const json warned = {
      "`Hot` is not a value of `class` and counts as `other`, but `hot` is (meter "
      "`storage`, storage@2026-01-01.toll:4)"};
  for (const bool subscribed : {false, true}) {
    if (subscribed) {
      ASSERT_EQ(subscribe().status, 200);
    }
    const std::string ids = subscribed ? "s" : "u";
    const std::string lines = event(ids + "1", "1", "Hot") + "\n" + event(ids + "2", "1", "hot") +
                              "\n" + event(ids + "3", "1", "warm") + "\n" +
                              event(ids + "1", "1", "Hot") + "\n";
    const json events = json::parse(send(kNdjson, lines).body)["events"];
    EXPECT_EQ(
        events[0],
        (json{{"line", 1}, {"id", ids + "1"}, {"verdict", "accepted"}, {"warnings", warned}}));
    EXPECT_EQ(events[1], (json{{"line", 2}, {"id", ids + "2"}, {"verdict", "accepted"}}));
    EXPECT_EQ(events[2], (json{{"line", 3}, {"id", ids + "3"}, {"verdict", "accepted"}}));
    EXPECT_EQ(events[3], (json{{"line", 4}, {"id", ids + "1"}, {"verdict", "duplicate"}}));
  }
}

}  // namespace
}  // namespace toll::server
