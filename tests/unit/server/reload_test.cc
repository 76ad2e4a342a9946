// Files that change while the service runs.

#include <gtest/gtest.h>

#include "server/event_log.h"
#include "tests/support/sanitizers.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

class Reload : public RunningService {
 protected:
  void SetUp() override {
    save("api@2026-01-01.toll", api_card("0.0040"));
    save("storage@2026-01-01.toll", storage_card());
    start();
    ASSERT_EQ(total(), "4.00");
  }

  json last_error() { return get_json("/v1/cards/api?on=2026-03-15")["last_error"]; }
};

TEST_F(Reload, SavedPriceAnswersTheNextQuote) {
  const std::string before = get_json("/v1/cards/api?on=2026-03-15")["hash"];
  save("api@2026-01-01.toll", api_card("0.0035"));
  const int64_t waited = wait_until([&] { return total() == "3.50"; });
  RecordProperty("save_to_answer_ms", static_cast<int>(waited));
  EXPECT_LT(waited, testing::kSanitized ? 5000 : 1000);
  wait_until([&] { return get_json("/v1/cards/api?on=2026-03-15")["hash"] != before; });
}

TEST_F(Reload, BrokenSaveLeavesTheOldPriceAndShowsItsError) {
  const json good = get_json("/v1/cards/api?on=2026-03-15");
  EXPECT_TRUE(good["last_error"].is_null());
  std::string broken = api_card("0.0035");
  broken.replace(broken.find("per call"), 8, "per byte");
  save("api@2026-01-01.toll", broken);
  wait_until([&] { return !last_error().is_null(); });
  EXPECT_EQ(total(), "4.00");
  const json now = get_json("/v1/cards/api?on=2026-03-15");
  EXPECT_EQ(now["text"], good["text"]);
  EXPECT_EQ(now["hash"], good["hash"]);
  EXPECT_EQ(now["active_since"], good["active_since"]);
  EXPECT_EQ(now["versions"][0]["in_error"], true);
  const json& error = now["last_error"]["diagnostics"][0];
  EXPECT_EQ(error["file"], "api@2026-01-01.toll");
  EXPECT_EQ(error["line"], 13);
  EXPECT_EQ(error["code"], "E101");
  EXPECT_TRUE(now["last_error"]["text"].get<std::string>().starts_with("api@2026-01-01.toll:13:"));
  // The other card of the folder is not held back, nor said to be in error.
  const json storage = get_json("/v1/cards/storage?on=2026-03-15");
  EXPECT_TRUE(storage["last_error"].is_null());

  save("api@2026-01-01.toll", api_card("0.0035"));
  wait_until([&] { return last_error().is_null(); });
  EXPECT_EQ(total(), "3.50");
}

TEST_F(Reload, SavedTableFileIsASavedPrice) {
  std::string card = api_card("0.0040");
  const size_t price = card.find("at 0.0040");
  card.replace(price, card.find('\n', price) - price, "rows from \"calls.csv\"");
  save("calls.csv", "at\n0.0045 USD per call\n");
  save("api@2026-01-01.toll", card);
  wait_until([&] { return total() == "4.50"; });
  save("calls.csv", "at\n0.0050 USD per call\n");
  wait_until([&] { return total() == "5.00"; });
  save("calls.csv", "at\n0.0060 USD per byte\n");
  wait_until([&] { return !last_error().is_null(); });
  EXPECT_EQ(total(), "5.00");
  const json error = last_error()["diagnostics"][0];
  EXPECT_EQ(error["file"], "calls.csv");
  EXPECT_EQ(error["line"], 2);
}

TEST_F(Reload, RemovedFileTakesItsCardWithIt) {
  remove("api@2026-01-01.toll");
  wait_until([&] { return total() == "404"; });
  wait_until([&] { return get("/v1/cards/api").status == 404; });
  EXPECT_EQ(get_json("/v1/cards")["cards"].size(), 1u);
  save("api@2026-01-01.toll", api_card("0.0050"));
  wait_until([&] { return total() == "5.00"; });
}

TEST_F(Reload, NewVersionTakesOverFromItsFirstDay) {
  save("api@2026-03-01.toll", api_card("0.0030", "2026-03-01"));
  wait_until([&] { return total() == "3.00"; });
  const http::Response february =
      quote(R"({"card":"api","on":"2026-02-15","usage":[{"meter":"api_calls","quantity":1000}]})");
  EXPECT_EQ(json::parse(february.body)["total"], "4.00");
  EXPECT_EQ(header(february, "Toll-Card-Version"), "2026-01-01");
}

TEST_F(Reload, CommentsChangeTheTextAndNothingElse) {
  const json before = get_json("/v1/cards/api?on=2026-03-15");
  const std::string commented = "# agreed in May\n" + api_card("0.0040");
  save("api@2026-01-01.toll", commented);
  wait_until([&] { return get_json("/v1/cards/api?on=2026-03-15")["text"] == commented; });
  const json after = get_json("/v1/cards/api?on=2026-03-15");
  EXPECT_EQ(after["hash"], before["hash"]);
  EXPECT_EQ(after["active_since"], before["active_since"]);
}

TEST_F(Reload, ErrorInAFileThatACardReadsFromIsSaidAboutTheCard) {
  // The unit's declaration moves to a file of its own ...
  std::string card = api_card("0.0040");
  const std::string unit = "unit call, calls\n";
  card.erase(card.find(unit), unit.size());
  save("units.toll", "toll 1\n" + unit);
  save("api@2026-01-01.toll", card);
  wait_until([&] { return get_json("/v1/cards/api?on=2026-03-15")["text"] == card; });
  EXPECT_EQ(total(), "4.00");
  // ... and is broken there.
  save("units.toll", "toll 1\nunit , calls\n");
  wait_until([&] { return !last_error().is_null(); });
  EXPECT_EQ(total(), "4.00");
  EXPECT_NE(last_error()["text"].get<std::string>().find("units.toll:2:"), std::string::npos);
}

/// The total of 1,000 calls for the customer of the deal, or the status.
constexpr std::string_view kOfAcme =
    R"({"card":"api","on":"2026-03-15","customer":"acme","usage":[{"meter":"api_calls","quantity":1000}]})";

TEST_F(Reload, ADealStaysAsItIsWhileALaterVersionOfItsCardIsInError) {
  const auto total_of_acme = [&] {
    const http::Response response = quote(kOfAcme);
    return response.status == 200 ? json::parse(response.body)["total"].get<std::string>()
                                  : std::to_string(response.status);
  };
  save("acme@2026-02-01.toll",
       "toll 1\n\ncard acme extends api\n  for customer acme\n  from 2026-02-01\n"
       "  change charge api_calls\n    discount 50%\n");
  wait_until([&] { return total_of_acme() == "2.00"; });
  const auto next = [](std::string_view was) {
    return "toll 1\n\ncard api extends previous\n  from 2026-03-01\n  applies to everyone\n"
           "  change charge api_calls\n    at 0.0080 USD per call, was " +
           std::string(was) + " USD per call\n";
  };
  save("api@2026-03-01.toll", next("0.0050"));
  wait_until([&] { return !get_json("/v1/cards/acme?on=2026-02-15")["last_error"].is_null(); });
  EXPECT_EQ(total_of_acme(), "2.00");
  const json deal = get_json("/v1/cards/acme?on=2026-02-15");
  EXPECT_EQ(deal["versions"][0]["in_error"], true);
  EXPECT_NE(deal["last_error"]["text"].get<std::string>().find(
                "the card `api` of 2026-03-01 is in error, and this one extends it"),
            std::string::npos);
  save("api@2026-03-01.toll", next("0.0040"));
  wait_until([&] { return total_of_acme() == "4.00"; });
  EXPECT_EQ(total(), "8.00");
}

TEST_F(Reload, ADealThatWasNeverLiveRefusesItsCustomer) {
  save("acme@2026-02-01.toll",
       "toll 1\n\ncard acme extends api\n  for customer acme\n  from 2026-02-01\n"
       "  change charge api_calls\n    discount 50\n");
  wait_until([&] { return quote(kOfAcme).status == 404; });
  EXPECT_NE(quote(kOfAcme).body.find("\"/customer\""), std::string::npos);
  EXPECT_EQ(total(), "4.00");
}

TEST_F(Reload, FolderThatGoesAwayLeavesItsCards) {
  std::filesystem::rename(scratch_.path(), scratch_.path().parent_path() / "gone");
  std::filesystem::create_directory(scratch_.path().parent_path() / "gone" / "x");
  wait_until([&] { return !get_json("/v1/cards")["failures"].empty(); });
  EXPECT_EQ(total(), "4.00");
}

TEST(OpenCardFolder, SaysWhyAFolderCannotBeServed) {
  const auto folder = CardFolder::open("/nowhere/at/all");
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("/nowhere/at/all"), std::string::npos);
}

TEST(EventLog, KeepsAnEventOnOneLineWhateverItsValues) {
  ::testing::internal::CaptureStderr();
  log_event(LogLevel::Warning, "card_error",
            {{"file", "api.toll"}, {"text", "a \"b\"\nc\\\x1b[0m\x7f"}, {"none", ""}});
  const std::string line = ::testing::internal::GetCapturedStderr();
  ASSERT_GT(line.size(), 25u);
  EXPECT_EQ(line.substr(24),
            " warning card_error file=api.toll text=\"a \\\"b\\\"\\nc\\\\ [0m \" none=\"\"\n");
  EXPECT_EQ(line[10], 'T');
  EXPECT_EQ(line[23], 'Z');
}

}  // namespace
}  // namespace toll::server
