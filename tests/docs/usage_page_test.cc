// What docs/usage.md shows of events is true: its requests are sent to a service with its cards.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "tests/unit/server/usage_routes.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(fs::path(TOLL_SOURCE_DIR) / path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

class UsagePage : public UsageRoutes {
 protected:
  void SetUp() override {
    const std::string name = "ai_tokens@2026-03-01.toll";
    save(name, text_of("ratecards/founding/" + name));
    engine_ = *engine::Engine::open(std::make_unique<engine::MemoryStore>());
    start();
    const std::string put = command("PUT", "/v1/customers/acme/subscriptions/main");
    ASSERT_EQ(request("PUT", "/v1/customers/acme/subscriptions/main", body_of(put)).status, 200);
  }

  /// The `curl` of the page that has both words, on one line.
  std::string command(std::string_view word, std::string_view other) const {
    static const std::regex kBroken(R"(\\\n\s*)");
    const std::string joined = std::regex_replace(page_, kBroken, "");
    for (size_t at = 0; (at = joined.find("    curl ", at)) != joined.npos; ++at) {
      const std::string line = joined.substr(at, joined.find('\n', at) - at);
      if (line.contains(word) && line.contains(other)) return line;
    }
    ADD_FAILURE() << "the page has no `curl` with " << word << " and " << other;
    return {};
  }

  static std::string body_of(const std::string& command) {
    std::smatch body;
    EXPECT_TRUE(std::regex_search(command, body, std::regex("-d '([^']*)'"))) << command;
    return body[1];
  }

  static std::vector<std::pair<std::string, std::string>> headers_of(const std::string& command) {
    std::vector<std::pair<std::string, std::string>> headers;
    const std::regex header("-H '([^:]*): ([^']*)'");
    for (std::sregex_iterator it(command.begin(), command.end(), header), end; it != end; ++it)
      headers.emplace_back((*it)[1], (*it)[2]);
    return headers;
  }

  /// The first block of JSON behind a text of the page.
  json block_after(std::string_view text) const {
    const size_t at = page_.find("```json\n", page_.find(text)) + 8;
    return json::parse(page_.substr(at, page_.find("```", at) - at));
  }

  const std::string page_ = text_of("docs/usage.md");
};

TEST_F(UsagePage, ShowsTheAnswerToItsFile) {
  ASSERT_TRUE(command("@examples/events/llm_requests.ndjson", "/v1/events").contains(kNdjson));
  const std::string events = text_of("examples/events/llm_requests.ndjson");
  EXPECT_EQ(json::parse(send(kNdjson, events).body), block_after("For the file above:"));
}

TEST_F(UsagePage, ShowsTheReasonOfARejection) {
  std::string events = text_of("examples/events/llm_requests.ndjson");
  const std::string_view model = R"("model": "mini")";
  events.replace(events.find(model), model.size(), R"("model": "huge")");
  const json answer = json::parse(send(kNdjson, events).body);
  EXPECT_EQ(answer["rejected"], 1);
  EXPECT_EQ(answer["events"][0], block_after("With `huge` as the model"));
}

TEST_F(UsagePage, ShowsAnEventInBinaryModeThatIsAccepted) {
  const std::string shown = command("ce-specversion", "/v1/events");
  const auto response = client_->request("POST", "/v1/events", headers_of(shown), body_of(shown));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200) << response->body;
  const json answer = json::parse(response->body);
  EXPECT_EQ(answer["accepted"], 1);
  EXPECT_EQ(answer["unmetered"], 0);
}

TEST_F(UsagePage, ListsTheCustomersThatEventsName) {
  request("PUT", "/v1/customers/acme", body_of(command("Acme Inc.", "/v1/customers/acme")));
  send(kNdjson, text_of("examples/events/llm_requests.ndjson"));
  std::string misspelled = event("m", "1", "hot", "unknown");
  misspelled.replace(misspelled.find("acme"), 4, "acmee");
  ASSERT_EQ(send(kOne, misspelled).status, 200);
  EXPECT_EQ(json::parse(get("/v1/customers").body),
            block_after("`GET /v1/customers` lists all customers"));
}

TEST_F(UsagePage, TakesOverACustomer) {
  const std::string shown = command("customer_since", "/v1/customers/initech/subscriptions/main");
  const auto put = request("PUT", "/v1/customers/initech/subscriptions/main", body_of(shown));
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(json::parse(put.body)["customer_since"], "2024-05-15");
}

TEST_F(UsagePage, SaysHowAFileGoesToAServiceThatRuns) {
  EXPECT_EQ(send("text/csv", "id,time\n").status, 415);
  std::string lines;
  for (int i = 0; i < 10'001; ++i) lines += "{}\n";
  EXPECT_EQ(send(kNdjson, lines).status, 413);
  EXPECT_TRUE(page_.contains("split -l 5000 events.ndjson"));
}

}  // namespace
}  // namespace toll::server
