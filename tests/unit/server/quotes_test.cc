// Quotes and explanations over HTTP: answers, statuses, problem documents.

#include <gtest/gtest.h>

#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

class Quotes : public RunningService {
 protected:
  void SetUp() override {
    save("api@2026-01-01.toll", api_card("0.0040"));
    save("storage@2026-01-01.toll", storage_card());
    start();
  }

  /// The problem's `errors` as "pointer: detail", one a line.
  static std::string errors_of(const http::Response& response) {
    std::string text;
    const json problem = json::parse(response.body);
    for (const json& error : problem["errors"])
      text += (text.empty() ? "" : "\n") + error["pointer"].get<std::string>() + ": " +
              error["detail"].get<std::string>();
    return text;
  }
};

TEST_F(Quotes, AnswerWithLinesTotalAndTheRevisionThatRated) {
  const http::Response response =
      quote(R"({"card":"storage","on":"2026-03-15","usage":[)"
            R"({"meter":"storage","at":{"class":"cold"},"quantity":"1000.5"},)"
            R"({"meter":"storage","at":{"class":"hot"},"quantity":10}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.content_type, "application/json");
  const std::string hash = header(response, "Toll-Card-Hash");
  EXPECT_TRUE(hash.starts_with("sha256:")) << hash;
  EXPECT_EQ(header(response, "Toll-Card-Version"), "2026-01-01");
  EXPECT_EQ(
      response.body,
      R"({"card":"storage","version":"2026-01-01","hash":")" + hash +
          R"(","currency":"USD","period":{"from":"2026-03-01","until":"2026-04-01"},"lines":[)"
          R"({"path":"base","label":"Base","quantity":"1","unit":"month","amount":"5.00",)"
          R"("exact":"5"},)"
          R"~({"path":"storage/hot","label":"Storage (hot)","quantity":"10","unit":"GiB",)~"
          R"("amount":"0.20","exact":"0.2"},)"
          R"~({"path":"storage/cold","label":"Storage (cold)","quantity":"1000.5",)~"
          R"("unit":"GiB","amount":"4.00","exact":"4.002"}],)"
          R"("total":"9.20","over_limit":["storage"]})");
}

TEST_F(Quotes, LeaveWhatIsDueAtTheEndOutOfAnUnfinishedPeriod) {
  const json answer =
      json::parse(quote(R"({"card":"storage","on":"2026-03-15","state":{"final":false},"usage":[)"
                        R"({"meter":"storage","at":{"class":"cold"},"quantity":50}]})")
                      .body);
  EXPECT_EQ(answer["total"], "5.20");
  ASSERT_EQ(answer["due_at_close"].size(), 1u);
  EXPECT_EQ(answer["due_at_close"][0]["path"], "storage/minimum");
  EXPECT_EQ(answer["due_at_close"][0]["amount"], "0.80");
}

TEST_F(Quotes, ExplainAddsStepsWithSources) {
  const std::string document =
      R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})";
  const http::Response response = request("POST", "/v1/explain", document);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_TRUE(header(response, "Toll-Card-Hash").starts_with("sha256:"));
  const json answer = json::parse(response.body);
  EXPECT_EQ(answer["total"], "4.00");
  const json& steps = answer["lines"][0]["steps"];
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps[0]["source"], "api@2026-01-01.toll:13");
  EXPECT_FALSE(json::parse(quote(document).body)["lines"][0].contains("steps"));
}

TEST_F(Quotes, RefuseABodyThatIsNoUsageDocument) {
  struct Case {
    std::string_view body, errors;
  };
  for (const auto& [body, errors] : {
           Case{"{", ": line 1, column 2: the text ends in the middle of the document"},
           Case{R"({"card":"api","usage":[{"meter":"api_calls","quantity":-1}]})",
                "/usage/0/quantity: `-1` is negative: a quantity is 0 or more"},
           Case{R"({"card":"api","crad":"api","on":7})",
                "/crad: a usage document has no field `crad`; did you mean `card`?\n"
                "/on: `on` takes a date in quotes, like \"2026-03-31\", not a number"},
       }) {
    const http::Response response = quote(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.content_type, "application/problem+json");
    const json problem = json::parse(response.body);
    EXPECT_EQ(problem["type"], "about:blank");
    EXPECT_EQ(problem["title"], "Bad Request");
    EXPECT_EQ(problem["status"], 400);
    EXPECT_EQ(problem["detail"], "the body is no usage document");
    EXPECT_EQ(errors_of(response), errors);
  }
}

TEST_F(Quotes, SayWhatDoesNotExist) {
  struct Case {
    std::string_view body, errors;
  };
  for (const auto& [body, errors] : {
           Case{R"({"card":"apo"})", "/card: there is no card `apo`"},
           Case{R"({"card":"api","on":"2025-12-31"})",
                "/on: no version of `api` is in force on 2025-12-31; its first begins on "
                "2026-01-01"},
           Case{R"({"card":"api","hash":"sha256:00"})",
                "/hash: no revision of `api` has the hash `sha256:00`"},
       }) {
    const http::Response response = quote(body);
    EXPECT_EQ(response.status, 404) << body;
    EXPECT_EQ(errors_of(response), errors);
    EXPECT_EQ(json::parse(response.body)["title"], "Not Found");
  }
}

TEST_F(Quotes, RefuseADocumentThatDoesNotFitItsCardAndListWhy) {
  const http::Response response =
      quote(R"({"card":"storage","on":"2026-03-15","plan":"team","currency":"EUR","usage":[)"
            R"({"meter":"api_calls","quantity":1},)"
            R"({"meter":"storage","at":{"class":"warm","zone":"a"},"quantity":1},)"
            R"({"meter":"storage","quantity":1}]})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(json::parse(response.body)["detail"], "the usage document does not fit the card");
  EXPECT_EQ(errors_of(response),
            "/plan: card `storage` has no plans, so there is no plan `team`\n"
            "/currency: card `storage` bills in USD, not in `EUR`\n"
            "/usage/0/meter: card `storage` has no meter `api_calls`; its meters are `storage`\n"
            "/usage/1/at/class: `warm` is not a value of `class`; its values are `hot`, `cold`\n"
            "/usage/1/at/zone: meter `storage` does not count by `zone`\n"
            "/usage/2/at: meter `storage` counts by `class`, and no value is given for it");
}

TEST_F(Quotes, AnswerEachWrongRequestWithItsStatus) {
  const std::string document = R"({"card":"api","on":"2026-03-15"})";
  EXPECT_EQ(quote(document).status, 200);
  EXPECT_EQ(request("POST", "/v1/quotes", document, "text/plain").status, 415);
  EXPECT_EQ(request("POST", "/v1/quotes?dry=1", document).status, 400);
  EXPECT_EQ(request("GET", "/v1/quotes").status, 405);
  EXPECT_EQ(request("POST", "/v1/cards", document).status, 405);
  EXPECT_EQ(request("POST", "/v1/quote", document).status, 404);
  EXPECT_EQ(request("POST", "/v1/quotes", std::string(2 << 20, ' ')).status, 413);
  for (const http::Response& response :
       {request("POST", "/v1/quotes?dry=1", document), request("POST", "/v1/quote", document)}) {
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_TRUE(json::parse(response.body).contains("detail"));
  }
}

TEST_F(Quotes, HealthCountsLiveCards) {
  const http::Response response = get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"status":"ok","cards":2})");
}

}  // namespace
}  // namespace toll::server
