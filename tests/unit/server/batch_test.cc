// POST /v1/quotes/batch: lines in, lines out.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>
#include <thread>

#include "server/batch/batch.h"
#include "server/quote_lines.h"
#include "server/routes/batch.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

std::string document(int64_t calls) {
  return fmt::format(
      R"({{"card":"api","on":"2026-03-15","usage":[{{"meter":"api_calls","quantity":{}}}]}})",
      calls);
}

std::vector<json> lines_of(const std::string& body) {
  std::vector<json> lines;
  std::istringstream in(body);
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

class BatchRoute : public RunningService {
 protected:
  void SetUp() override {
    save("api@2026-01-01.toll", api_card("0.01"));
    start();
  }
  http::Response batch(std::string_view lines) {
    return request("POST", "/v1/quotes/batch", lines, "application/x-ndjson");
  }
};

TEST_F(BatchRoute, AnswersLineByLineAsSingleQuotesAre) {
  const http::Response answer = batch(document(100) + "\n" + document(250) + "\r\n" + document(7));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/x-ndjson");
  EXPECT_EQ(answer.body, quote(document(100)).body + "\n" + quote(document(250)).body + "\n" +
                             quote(document(7)).body + "\n");
}

TEST_F(BatchRoute, ABadLineIsAnsweredInItsPlace) {
  const std::string unknown = R"({"card":"apo"})";
  const std::string misfit = R"({"card":"api","usage":[{"meter":"calls","quantity":1}]})";
  const auto lines =
      lines_of(batch(document(1) + "\n{\n" + unknown + "\n" + misfit + "\n\n" + document(2)).body);
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0]["total"], "0.01");
  const std::pair<size_t, int> refused[] = {{1, 400}, {2, 404}, {3, 422}, {4, 400}};
  for (const auto& [place, status] : refused) {
    EXPECT_EQ(lines[place]["line"], place + 1);
    EXPECT_EQ(lines[place]["error"]["status"], status);
    EXPECT_FALSE(lines[place]["error"]["errors"].empty());
  }
  EXPECT_EQ(lines[5]["total"], "0.02");
}

TEST_F(BatchRoute, KeepsTheOrderOfManyBlocks) {
  std::string body;
  constexpr int kLinesSent = 30'000;  // some 2.7 MB, in and in some 10 MB out
  for (int i = 0; i < kLinesSent; ++i) body += document(i) + "\n";
  const auto lines = lines_of(batch(body).body);
  ASSERT_EQ(lines.size(), static_cast<size_t>(kLinesSent));
  for (int i = 0; i < kLinesSent; ++i)
    ASSERT_EQ(lines[i]["total"], fmt::format("{}.{:02}", i / 100, i % 100)) << i;
}

TEST_F(BatchRoute, ALineThatIsTooLongHarmsNoOther) {
  const std::string padding(kBatchLineBytesMax, ' ');
  const auto lines = lines_of(
      batch(document(1) + "\n" + padding + document(2) + "\n" + document(3) + "\n" + padding + " ")
          .body);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0]["total"], "0.01");
  EXPECT_EQ(lines[1]["error"]["status"], 413);
  EXPECT_EQ(lines[1]["line"], 2);
  EXPECT_EQ(lines[2]["total"], "0.03");
  EXPECT_EQ(lines[3]["error"]["status"], 413);
  EXPECT_EQ(lines[3]["line"], 4);
}

TEST_F(BatchRoute, AnEmptyBatchHasAnEmptyAnswer) {
  const http::Response answer = batch("");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(BatchRoute, RefusesOtherTypesAndParameters) {
  EXPECT_EQ(request("POST", "/v1/quotes/batch", document(1)).status, 415);
  EXPECT_EQ(
      request("POST", "/v1/quotes/batch?on=2026-01-01", document(1), "application/x-ndjson").status,
      400);
}

TEST_F(BatchRoute, AllLinesAreRatedByTheCardsOfTheBeginning) {
  // A price that is saved while the batch runs answers the next request, and no line of this one.
  Workers workers(2);
  std::string answers;
  Batch running({folder_->cards().get()}, workers, [&](std::string_view piece) {
    answers += piece;
    return true;
  });
  EXPECT_TRUE(running.take(document(100) + "\n"));
  save("api@2026-01-01.toll", api_card("0.02"));
  wait_until([&] { return total() == "20.00"; });
  EXPECT_TRUE(running.take(document(100) + "\n"));
  EXPECT_TRUE(running.end());
  const auto lines = lines_of(answers);
  EXPECT_EQ(lines[0]["hash"], lines[1]["hash"]);
  EXPECT_EQ(lines[1]["total"], "1.00");
}

TEST(BatchPieces, HoweverABodyIsCutItsLinesAreTheSame) {
  const runtime::CardSet cards;  // every line is answered with 404
  const std::string body = document(1) + "\n\n" + document(2) + "\r\nx\n" + document(3);
  Workers workers(2);
  const auto answer = [&](size_t piece) {
    std::string answers;
    Batch batch({std::make_shared<const runtime::CardSet>(cards)}, workers,
                [&](std::string_view text) {
                  answers += text;
                  return true;
                });
    for (size_t at = 0; at < body.size(); at += piece) {
      EXPECT_TRUE(batch.take(std::string_view(body).substr(at, piece)));
      while (at % 3 == 0 && batch.idle()) {
      }
    }
    EXPECT_TRUE(batch.end());
    EXPECT_EQ(batch.lines(), 5u);
    return answers;
  };
  const std::string whole = answer(body.size());
  EXPECT_EQ(std::ranges::count(whole, '\n'), 5);
  for (size_t piece = 1; piece < body.size(); ++piece) EXPECT_EQ(answer(piece), whole) << piece;
}

TEST(BatchPieces, StopsWhenNobodyWantsTheAnswers) {
  Workers workers(1);
  int written = 0;
  Batch batch({std::make_shared<const runtime::CardSet>()}, workers, [&](std::string_view) {
    ++written;
    return false;
  });
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += document(i) + "\n";
  bool wanted = true;
  int pieces = 0;
  for (; wanted && pieces < 1000; ++pieces) wanted = batch.take(lines);
  EXPECT_LT(pieces, 20);
  EXPECT_FALSE(batch.end());
  EXPECT_EQ(written, 1);
}

TEST(QuoteLines, ALongBlockIsRatedPartByPart) {
  // Errors of some 200 bytes each: what is in memory stays near its bound.
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += "{\n";
  Block block(lines, 1);
  const BatchTerms cards{std::make_shared<const runtime::CardSet>()};
  size_t parts = 0, answers = 0;
  for (; block.has_more() && parts < 100; ++parts) {
    block.answers().clear();
    block.rate(cards);
    EXPECT_LT(block.answers().size(), size_t{2} << 20);
    answers += static_cast<size_t>(std::ranges::count(block.answers(), '\n'));
  }
  EXPECT_GT(parts, 1u);
  EXPECT_EQ(answers, 20'000u);
}

}  // namespace
}  // namespace toll::server
