// What was live is kept on disk: a service that starts again answers as the one before did.

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "server/kept_revisions.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;

class Kept : public RunningService {
 protected:
  fs::path kept() const { return scratch_.path().parent_path() / "kept"; }

  void serve() { start(kept()); }
  void serve_again() {
    client_.reset();
    server_.reset();
    folder_.reset();  // its last words are written before it is opened again
    serve();
  }

  json card(std::string_view more = "?on=2026-03-15") {
    return get_json("/v1/cards/api" + std::string(more));
  }
  std::string hash() { return card()["hash"]; }

  /// The total of 1,000 calls by a revision, or the status.
  std::string total_by(const std::string& hash, const std::string& on = "2026-03-15") {
    const http::Response response = quote(R"({"card":"api","on":")" + on + R"(","hash":")" + hash +
                                          R"(","usage":[{"meter":"api_calls","quantity":1000}]})");
    if (response.status != 200) return std::to_string(response.status);
    const json answer = json::parse(response.body);
    EXPECT_EQ(answer["hash"], hash);
    return answer["total"];
  }

  /// Saves a price and waits until it answers, and is shown, which comes a moment later.
  std::string live(const std::string& price, const std::string& expected) {
    const std::string before = hash();
    save("api@2026-01-01.toll", api_card(price));
    wait_until([&] { return total() == expected && hash() != before; });
    return hash();
  }

  std::vector<fs::path> files(const char* below) const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(kept() / below)) paths.push_back(entry.path());
    return paths;
  }
};

constexpr std::string_view kBroken = "toll 1\n\ncard api\n";

TEST_F(Kept, APinnedHashAnswersForEver) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  const std::string first = hash();
  const std::string second = live("0.0050", "5.00");
  EXPECT_EQ(total_by(first), "4.00");
  EXPECT_EQ(total_by(second), "5.00");
  serve_again();
  EXPECT_EQ(total_by(first), "4.00");
  // A card that has gone answers by its hashes too, and by no day.
  remove("api@2026-01-01.toll");
  wait_until([&] { return total() == "404"; });
  EXPECT_EQ(total_by(first), "4.00");
  serve_again();
  EXPECT_EQ(total_by(second), "5.00");
  EXPECT_EQ(total(), "404");
  EXPECT_EQ(total_by("sha256:0000"), "404");
}

TEST_F(Kept, AnEarlierRevisionEndsWhereItsVersionDoes) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  const std::string first = hash();
  live("0.0050", "5.00");
  save("api@2026-06-01.toll", api_card("0.0090", "2026-06-01"));
  wait_until([&] { return total_by(first, "2026-06-15") == "422"; });
  EXPECT_EQ(total_by(first, "2026-05-15"), "4.00");
}

TEST_F(Kept, ACardInErrorGoesOnAfterARestart) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  save("api@2026-03-01.toll", api_card("0.0060", "2026-03-01"));
  serve();
  ASSERT_EQ(total(), "6.00");
  const json before = card();
  for (const std::string& broken :
       {std::string(kBroken), std::string("nothing"), api_card("0.0070 EUR or", "2026-03-01")}) {
    SCOPED_TRACE(broken);
    save("api@2026-03-01.toll", broken);
    serve_again();
    EXPECT_EQ(total(), "6.00");
    const json now = card();
    EXPECT_EQ(now["hash"], before["hash"]);
    EXPECT_EQ(now["text"], before["text"]);
    EXPECT_EQ(now["active_since"], before["active_since"]);
    EXPECT_EQ(now["versions"][1]["in_error"], true);
    EXPECT_FALSE(now["last_error"].is_null());
  }
  save("api@2026-03-01.toll", api_card("0.0070", "2026-03-01"));
  wait_until([&] { return total() == "7.00"; });
}

TEST_F(Kept, AVersionThatWasNeverLiveIsRefusedAfterARestartToo) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  save("api@2026-03-01.toll", api_card("0.0060 EUR or", "2026-03-01"));
  serve();
  EXPECT_EQ(total(), "404");
  serve_again();
  EXPECT_EQ(total(), "404");
  const json held = get_json("/v1/cards")["held_back"];
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["card"], "api");
  EXPECT_EQ(held[0]["version"], "2026-03-01");
}

TEST_F(Kept, WhatGoesOnStandsOnTheFilesThatItStoodOn) {
  std::string text = api_card("0.0040");
  const std::string unit = "unit call, calls\n";
  text.erase(text.find(unit), unit.size());
  const size_t price = text.find("at 0.0040");
  text.replace(price, text.find('\n', price) - price, "rows from \"calls.csv\"");
  save("units.toll", "toll 1\n" + unit);
  save("calls.csv", "at\n0.0045 USD per call\n");
  save("api@2026-01-01.toll", text);
  save("storage@2026-01-01.toll", storage_card());
  serve();
  const std::string first = hash();
  ASSERT_EQ(total(), "4.50");
  // Of the folder's files three are the card's.
  size_t names = 0;
  for (const fs::path& record : files("revisions")) {
    std::ifstream file(record);
    const std::string words((std::istreambuf_iterator<char>(file)), {});
    if (!record.string().ends_with(first.substr(7))) continue;
    for (const char* name : {"units.toll", "calls.csv", "api@2026-01-01.toll"})
      names += words.find(std::string(" ") + name + "\n") != words.npos;
    EXPECT_EQ(words.find("storage"), words.npos);
  }
  EXPECT_EQ(names, 3u);
  save("calls.csv", "at\n0.0060 USD per call\n");
  wait_until([&] { return total() == "6.00"; });
  EXPECT_EQ(total_by(first), "4.50");
  remove("units.toll");
  serve_again();
  EXPECT_EQ(total(), "6.00");
  EXPECT_EQ(total_by(first), "4.50");
}

TEST_F(Kept, DamageIsRefusedAndNoPriceIsGuessed) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  const std::string first = hash();
  const std::string second = live("0.0050", "5.00");
  for (const fs::path& text : files("texts")) {
    std::fstream file(text, std::ios::in | std::ios::out | std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(file)), {});
    file.clear();
    file.seekp(static_cast<std::streamoff>(whole.find("0.00")));
    file << "9.99";
  }
  save("api@2026-01-01.toll", kBroken);
  serve_again();
  EXPECT_EQ(total(), "404");
  for (const std::string& hash : {first, second}) {
    EXPECT_EQ(total_by(hash), "404");
    const http::Response response = quote(R"({"card":"api","hash":")" + hash + "\"}");
    EXPECT_NE(response.body.find("what is kept of it is damaged"), std::string::npos);
  }
}

TEST_F(Kept, ARecordOfOtherTextsIsRefused) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  const std::string first = hash();
  const std::string second = live("0.0050", "5.00");
  const fs::path revisions = kept() / "revisions";
  fs::copy_file(revisions / ("2026-01-01." + second.substr(7)),
                revisions / ("2026-01-01." + first.substr(7)),
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(total_by(first), "404");
}

TEST_F(Kept, AHistoryThatIsCutOffLosesOnlyItsLastLine) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  const std::string first = hash();
  std::ofstream(kept() / "history", std::ios::app) << "0123456789abcdef 17";
  save("api@2026-01-01.toll", kBroken);
  serve_again();
  EXPECT_EQ(total(), "4.00");
  live("0.0050", "5.00");
  serve_again();
  EXPECT_EQ(total_by(first), "4.00");
}

TEST_F(Kept, AHistoryThatIsDamagedStopsTheStartAndSaysWhatToDo) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  live("0.0050", "5.00");
  {
    std::fstream file(kept() / "history", std::ios::in | std::ios::out);
    file.seekp(30);
    file << 'x';
  }
  const auto opened = CardFolder::open(scratch_.path(), kept());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("line 1 of"), std::string::npos);
  EXPECT_NE(opened.error().message.find("restore the folder from a backup"), std::string::npos);
}

TEST_F(Kept, ACopyAnswersAsTheOriginalDid) {
  const fs::path data = scratch_.path().parent_path() / "data";
  const fs::path copy = scratch_.path().parent_path() / "copy";
  save("api@2026-01-01.toll", api_card("0.0040"));
  start(data / "cards");
  const std::string first = hash();
  live("0.0050", "5.00");
  ASSERT_TRUE(CardFolder::open(scratch_.path(), data / "tenants" / "other" / "cards"));
  std::ofstream(data / "cards" / "history", std::ios::app)
      << "0123456789abcdef 17";  // being written
  std::ofstream(data / "cards" / "texts" / ".text.new") << "being written";
  const auto copied = copy_kept_revisions(data, copy);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_TRUE(fs::exists(copy / "tenants" / "other" / "cards" / "history"));
  EXPECT_FALSE(fs::exists(copy / "cards" / "texts" / ".text.new"));
  fs::remove_all(data);
  client_.reset();
  server_.reset();
  folder_.reset();
  start(copy / "cards");
  EXPECT_EQ(total_by(first), "4.00");
  EXPECT_EQ(card()["revisions"].size(), 2u);
}

TEST_F(Kept, ACopyOfWhatIsDamagedIsRefused) {
  const fs::path data = scratch_.path().parent_path() / "data";
  save("api@2026-01-01.toll", api_card("0.0040"));
  start(data / "cards");
  for (const auto& text : fs::directory_iterator(data / "cards" / "texts"))
    std::ofstream(text.path(), std::ios::app) << "x";
  const auto copied = copy_kept_revisions(data, scratch_.path().parent_path() / "copy");
  ASSERT_FALSE(copied);
  EXPECT_NE(copied.error().message.find("is damaged"), std::string::npos);
}

TEST_F(Kept, WhereNothingIsKeptNothingIsCopied) {
  const fs::path data = scratch_.path().parent_path() / "data";
  EXPECT_TRUE(copy_kept_revisions(data, scratch_.path().parent_path() / "copy"));
  EXPECT_FALSE(fs::exists(scratch_.path().parent_path() / "copy"));
}

TEST_F(Kept, ATextThatCannotBeKeptDoesNotGoLive) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  const std::string first = hash();
  fs::rename(kept(), kept().parent_path() / "away");
  save("api@2026-01-01.toll", api_card("0.0050"));
  wait_until([&] { return !get_json("/v1/cards")["failures"].empty(); });
  EXPECT_EQ(total(), "4.00");
  fs::rename(kept().parent_path() / "away", kept());
  save("api@2026-01-01.toll", api_card("0.0060"));
  wait_until([&] { return total() == "6.00"; });
  EXPECT_EQ(total_by(first), "4.00");
}

TEST_F(Kept, ShowsTheTextOfAnEarlierRevision) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  serve();
  const std::string first = hash();
  const std::string second = live("0.0050", "5.00");
  const json earlier = card("?hash=" + first);
  EXPECT_EQ(earlier["live"], false);
  EXPECT_EQ(earlier["text"], api_card("0.0040"));
  const json now = card();
  EXPECT_EQ(now["live"], true);
  ASSERT_EQ(now["revisions"].size(), 2u);
  EXPECT_EQ(now["revisions"][0]["hash"], second);
  EXPECT_EQ(now["revisions"][1]["hash"], first);
}

TEST_F(Kept, ManyCardsAreKeptAtOnceAndWrittenOnce) {
  constexpr int kCards = 40;
  const auto name = [](int i) { return "many_" + std::to_string(i); };
  for (int i = 0; i < kCards; ++i) {
    std::string text = api_card("0.00" + std::to_string(10 + i));
    text.replace(text.find("card api"), 8, "card " + name(i));
    save(name(i) + "@2026-01-01.toll", text);
  }
  serve();
  EXPECT_EQ(files("revisions").size(), size_t{kCards});
  const auto written = fs::file_size(kept() / "history");
  serve_again();
  EXPECT_EQ(fs::file_size(kept() / "history"), written);
  save(name(7) + "@2026-01-01.toll", kBroken);
  serve_again();
  const http::Response response = quote(
      R"({"card":"many_7","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})");
  EXPECT_EQ(json::parse(response.body)["total"], "1.70");
  EXPECT_EQ(files("revisions").size(), size_t{kCards});
}

TEST_F(Kept, WithoutAFolderNothingIsKept) {
  save("api@2026-01-01.toll", api_card("0.0040"));
  start();
  const std::string first = hash();
  live("0.0050", "5.00");
  EXPECT_EQ(total_by(first), "404");
  EXPECT_FALSE(card().contains("revisions"));
}

}  // namespace
}  // namespace toll::server
