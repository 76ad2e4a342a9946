#include "server/decision_log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;
using Pace = DecisionLog::Pace;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Decision decision(std::string_view request = R"({"card":"api"})",
                  std::string_view answer = R"({"total":"1.00"})") {
  return {*parse_instant("2026-03-01T12:00:00.25Z"), "3f9a1c22", request, answer};
}

TEST(DecisionLine, IsReadBack) {
  const std::string line = to_line(decision("{\"card\":\n \"api\"}\r\n"));
  EXPECT_EQ(line,
            "{\"at\":\"2026-03-01T12:00:00.25Z\",\"key\":\"3f9a1c22\",\"bytes\":18,"
            "\"request\":{\"card\":  \"api\"}  ,\"answer\":{\"total\":\"1.00\"}}\n");
  EXPECT_TRUE(json::accept(line));
  const auto read = decision_of_line(std::string_view(line).substr(0, line.size() - 1));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at, decision().at);
  EXPECT_EQ(read->caller, "3f9a1c22");
  EXPECT_EQ(read->request, "{\"card\":  \"api\"}  ");
  EXPECT_EQ(read->answer, decision().answer);
}

TEST(DecisionLine, SaysWhoseItWas) {
  Decision of_tenant = decision();
  of_tenant.tenant = "shop";
  const std::string line = to_line(of_tenant);
  EXPECT_TRUE(line.contains(R"("key":"3f9a1c22","tenant":"shop","bytes":)")) << line;
  const auto read = decision_of_line(std::string_view(line).substr(0, line.size() - 1));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tenant, "shop");
  EXPECT_EQ(read->request, of_tenant.request);
}

TEST(DecisionLine, WhatIsCutOffIsNone) {
  const std::string line = to_line(decision());
  // The shortest texts that end in a brace are told from whole ones by the answer, which does not
  // equal what was given; all others are no lines.
  for (size_t size = 0; size + 1 < line.size(); ++size) {
    const auto read = decision_of_line(std::string_view(line).substr(0, size));
    EXPECT_TRUE(!read || read->answer != decision().answer) << size;
  }
}

class DecisionFiles : public ::testing::Test {
 protected:
  fs::path folder() const { return scratch_.path() / "log"; }
  fs::path open_file() const { return folder() / "decisions.ndjson"; }
  std::unique_ptr<DecisionLog> open(const DecisionBounds& bounds = {}) {
    auto log = DecisionLog::open(folder(), bounds);
    EXPECT_TRUE(log) << log.error().message;
    return std::move(*log);
  }
  testing::ScratchFolder scratch_;
};

TEST_F(DecisionFiles, KeepWhatWasRecordedWhenItEnds) {
  {
    const auto log = open();
    for (int i = 0; i < 100; ++i) log->record(decision(), Pace::Hasty);
  }
  EXPECT_EQ(lines_of(contents(open_file())).size(), 100u);
  {
    open()->record(decision(), Pace::Hasty);
  }
  EXPECT_EQ(lines_of(contents(open_file())).size(), 101u) << "it goes on with the file";
  EXPECT_EQ(fs::status(open_file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(DecisionFiles, AreRotatedAndBounded) {
  const std::string line = to_line(decision());
  {
    const auto log =
        open({.file_bytes = 10 * line.size(), .files = 3, .waiting_bytes = line.size()});
    for (int i = 0; i < 100; ++i) log->record(decision(), Pace::Patient);
    EXPECT_EQ(log->left_out(), 0u);
  }
  size_t files = 0, lines = 0;
  for (const auto& entry : fs::directory_iterator(folder())) {
    ++files;
    for (const std::string& one : lines_of(contents(entry.path()))) {
      ++lines;
      EXPECT_EQ(one + "\n", line);
    }
  }
  EXPECT_EQ(files, 3u);
  EXPECT_GE(lines, 20u);
  EXPECT_LE(lines, 40u);
}

TEST_F(DecisionFiles, BeginANewLineBehindOneThatWasCutOff) {
  {
    open()->record(decision(), Pace::Hasty);
  }
  std::ofstream(open_file(), std::ios::app) << R"({"at":"2026)";
  {
    open()->record(decision(), Pace::Hasty);
  }
  const auto lines = lines_of(contents(open_file()));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(decision_of_line(lines[0]));
  EXPECT_FALSE(decision_of_line(lines[1]));
  EXPECT_TRUE(decision_of_line(lines[2]));
}

TEST_F(DecisionFiles, WhatTheDiskDoesNotTakeIsCountedAndHoldsNobodyUp) {
  std::ofstream(scratch_.path() / "file") << "";
  EXPECT_FALSE(DecisionLog::open(scratch_.path() / "file"));
  const std::string line = to_line(decision());
  const auto log = open({.file_bytes = line.size(), .files = 2});
  // The file that is full can be renamed nowhere.
  fs::remove_all(folder());
  const auto wait_for = [](const auto& counted, uint64_t wanted) {
    for (int i = 0; i < 2000 && counted() < wanted; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return counted();
  };
  for (int i = 0; i < 10; ++i) log->record(decision(), Pace::Patient);
  EXPECT_EQ(wait_for([&] { return log->left_out(); }, 10), 10u);
  // What can be written again is.
  fs::create_directory(folder());
  log->record(decision(), Pace::Hasty);
  EXPECT_EQ(wait_for([&] { return log->recorded(); }, 1), 1u);
}

class DecisionsOfAService : public RunningService {
 protected:
  void SetUp() override {
    save("api@2026-01-01.toll", api_card("0.01"));
    log_ = std::move(*DecisionLog::open(scratch_.path() / ".." / "log"));
    start();
  }
  void add_quotes() override {
    QuoteService(*folder_, {.charge = {}, .decisions = log_.get()}).add_to(*server_);
  }
  std::vector<std::string> recorded() {
    server_.reset();
    log_.reset();
    return lines_of(contents(scratch_.path() / ".." / "log" / "decisions.ndjson"));
  }
  std::unique_ptr<DecisionLog> log_;
};

TEST_F(DecisionsOfAService, AreTheQuotesThatWereAnswered) {
  const std::string usage =
      R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})";
  const std::string single = quote(usage).body;
  quote("{");
  quote(R"({"card":"apo"})");
  request("POST", "/v1/explain", usage);
  request("POST", "/v1/quotes/batch", usage + "\nnonsense\n" + usage + "\r\n",
          "application/x-ndjson");
  const auto lines = recorded();
  ASSERT_EQ(lines.size(), 3u);
  for (const std::string& line : lines) {
    const auto read = decision_of_line(line);
    ASSERT_TRUE(read) << line;
    EXPECT_EQ(json::parse(read->request), json::parse(usage));
    EXPECT_EQ(read->answer, single);
    EXPECT_EQ(read->caller, "");
  }
}

}  // namespace
}  // namespace toll::server
