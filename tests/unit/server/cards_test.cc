// What GET /v1/cards says about what is live.

#include <gtest/gtest.h>

#include <regex>

#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

class Cards : public RunningService {};

bool is_timestamp(const json& value) {
  return std::regex_match(value.get<std::string>(),
                          std::regex(R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ)"));
}

TEST_F(Cards, AreListedWithTheirVersions) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  save("api@2026-07-01.toll", api_card("0.0035", "2026-07-01"));
  save("storage@2026-01-01.toll", storage_card());
  start();
  const json list = get_json("/v1/cards");
  ASSERT_EQ(list["cards"].size(), 2u);
  EXPECT_EQ(list["cards"][0]["card"], "api");
  EXPECT_EQ(list["cards"][0]["label"], "API");
  EXPECT_EQ(list["cards"][1]["card"], "storage");
  const json& versions = list["cards"][0]["versions"];
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0]["version"], "2026-01-01");
  EXPECT_EQ(versions[0]["until"], "2026-07-01");
  EXPECT_EQ(versions[0]["engine"], "native");
  EXPECT_EQ(versions[0]["file"], "api@2026-01-01.toll");
  EXPECT_EQ(versions[0]["in_error"], false);
  EXPECT_TRUE(is_timestamp(versions[0]["active_since"]));
  EXPECT_EQ(versions[1]["version"], "2026-07-01");
  EXPECT_TRUE(versions[1]["until"].is_null());
  EXPECT_NE(versions[0]["hash"], versions[1]["hash"]);
  EXPECT_TRUE(list["diagnostics"].empty());
  EXPECT_TRUE(list["failures"].empty());
}

TEST_F(Cards, AreShownAsTheyWereLoadedOnADay) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  save("api@2026-07-01.toll", api_card("0.0035", "2026-07-01"));
  start();
  const json march = get_json("/v1/cards/api?on=2026-03-15");
  EXPECT_EQ(march["card"], "api");
  EXPECT_EQ(march["version"], "2026-01-01");
  EXPECT_EQ(march["until"], "2026-07-01");
  EXPECT_EQ(march["currency"], "USD");
  EXPECT_EQ(march["period"], "month");
  EXPECT_EQ(march["time_zone"], "UTC");
  EXPECT_EQ(march["text"], api_card("0.0040"));
  EXPECT_TRUE(march["last_error"].is_null());
  EXPECT_EQ(march["versions"].size(), 2u);
  EXPECT_EQ(march["hash"], march["versions"][0]["hash"]);
  EXPECT_EQ(get_json("/v1/cards/api?on=2026-07-01")["text"], api_card("0.0035", "2026-07-01"));
  EXPECT_EQ(get("/v1/cards/api").status, 200);  // today
}

TEST_F(Cards, ThatDoNotExistAreNotFound) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  start();
  EXPECT_EQ(get("/v1/cards/apo").status, 404);
  EXPECT_EQ(get("/v1/cards/a%C2%85b").status, 404);
  EXPECT_EQ(get("/v1/cards/%E2%80%AEipa").status, 404);
  EXPECT_EQ(get("/v1/cards/api?on=2025-12-31").status, 404);
  const http::Response wrong_day = get("/v1/cards/api?on=yesterday");
  EXPECT_EQ(wrong_day.status, 400);
  EXPECT_EQ(json::parse(wrong_day.body)["detail"],
            "`yesterday` is not a date: write `on` like 2026-03-31");
  EXPECT_EQ(json::parse(get("/v1/cards/api?onn=2026-03-15").body)["detail"],
            "there is no parameter `onn`");
  EXPECT_EQ(json::parse(get("/v1/cards/api?on=2026-03-15&on=2026-03-15").body)["detail"],
            "the parameter `on` is given twice");
  EXPECT_EQ(get("/v1/cards?all=1").status, 400);
}

TEST_F(Cards, InErrorAreLeftOutAndSaidToBe) {
  save("api@2026-01-01.toll", "toll 1\n\ncard api \"API\"\n  from 2026-01-01\n");
  start();
  EXPECT_EQ(json::parse(get("/healthz").body)["cards"], 0);
  EXPECT_EQ(get("/v1/cards/api").status, 404);
  EXPECT_EQ(total(), "404");
  const json list = get_json("/v1/cards");
  EXPECT_TRUE(list["cards"].empty());
  ASSERT_FALSE(list["diagnostics"].empty());
  EXPECT_EQ(list["diagnostics"][0]["file"], "api@2026-01-01.toll");
  EXPECT_EQ(list["diagnostics"][0]["severity"], "error");
}

TEST_F(Cards, NoneAtAllAreServedToo) {
  start();
  EXPECT_EQ(get_json("/v1/cards")["cards"], json::array());
  save("api@2026-01-01.toll", api_card("0.0040"));
  wait_until([&] { return total() == "4.00"; });
}

TEST_F(Cards, SayHowLongExistingCustomersKeepAVersion) {
  const auto next = [](const std::string& from, const std::string& applies) {
    std::string text = api_card("0.0030", from);
    return text.insert(text.find("\n  charge"), "  applies to " + applies + "\n");
  };
  save("api@2026-01-01.toll", api_card("0.0040"));
  save("api@2026-07-01.toll", next("2026-07-01", "new customers"));
  save("api@2026-09-01.toll", next("2026-09-01", "existing customers from 2027-01-01"));
  start();
  const json versions = get_json("/v1/cards")["cards"][0]["versions"];
  ASSERT_EQ(versions.size(), 3u);
  EXPECT_EQ(versions[0]["until"], "2027-01-01");
  EXPECT_EQ(versions[0]["new_customers_until"], "2026-07-01");
  EXPECT_EQ(versions[1]["until"], "2027-01-01");
  EXPECT_EQ(versions[1]["new_customers_until"], "2026-09-01");
  EXPECT_TRUE(versions[2]["until"].is_null());
  EXPECT_TRUE(versions[2]["new_customers_until"].is_null());
  const json shown = get_json("/v1/cards/api?on=2026-03-15");
  EXPECT_EQ(shown["until"], "2027-01-01");
  EXPECT_EQ(shown["new_customers_until"], "2026-07-01");
}

TEST_F(Cards, SayThatAVersionGoesOnForWhoKeepsIt) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  std::string text = api_card("0.0030", "2026-07-01");
  text.insert(text.find("\n  charge"), "  applies to new customers\n");
  save("api@2026-07-01.toll", text);
  start();
  const json version = get_json("/v1/cards")["cards"][0]["versions"][0];
  EXPECT_TRUE(version["until"].is_null());
  EXPECT_EQ(version["new_customers_until"], "2026-07-01");
}

}  // namespace
}  // namespace toll::server
