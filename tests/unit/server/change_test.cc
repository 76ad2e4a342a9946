// Cards that are changed over HTTP: the folder stays the one truth.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "server/card_service.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFile = "api@2026-01-01.toll";
constexpr std::string_view kPath = "/v1/cards/api/2026-01-01";
const std::string kText = "text/plain";
const std::string kPatch = "application/merge-patch+json";

class Change : public RunningService {
 protected:
  void SetUp() override {
    save(std::string(kFile), api_card("0.0040"));
    start(scratch_.path().parent_path() / "kept");
    ASSERT_EQ(total(), "4.00");
  }
  void add_routes() override { CardService(*folder_).add_to(*server_); }

  std::string tag(std::string_view target = "/v1/cards/api?on=2026-03-15") {
    return header(get(target), "ETag");
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  http::Response send(std::string_view method, std::string_view target, std::string_view body,
                      Headers headers, const std::string& type = kText) {
    headers.emplace_back("Content-Type", type);
    auto response = client_->request(method, target, headers, body);
    EXPECT_TRUE(response);
    return response ? *std::move(response) : http::Response{.status = 0};
  }
  http::Response put(std::string_view text, Headers headers, std::string_view path = kPath) {
    return send("PUT", path, text, std::move(headers));
  }

  std::string on_disk(std::string_view name = kFile) const {
    std::ifstream file(scratch_.path() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(Change, APutIsLiveAndInTheFolderWhenItIsAnswered) {
  const std::string before = tag();
  const http::Response response = put(api_card("0.0050"), {{"If-Match", before}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(total(), "5.00");
  EXPECT_EQ(on_disk(), api_card("0.0050"));
  EXPECT_EQ(header(response, "ETag"), tag());
  EXPECT_NE(tag(), before);
  EXPECT_EQ(json::parse(response.body)["text"], api_card("0.0050"));
  // Its own writing comes back from the watcher and changes nothing.
  const json hash = get_json("/v1/cards/api?on=2026-03-15")["hash"];
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(get_json("/v1/cards/api?on=2026-03-15")["hash"], hash);
  for (const auto& entry : fs::directory_iterator(scratch_.path()))
    EXPECT_EQ(entry.path().filename(), kFile);
}

TEST_F(Change, APutSaysWhichTextItReplaces) {
  const std::string before = tag();
  EXPECT_EQ(put(api_card("0.0050"), {}).status, 428);
  EXPECT_EQ(put(api_card("0.0050"), {{"If-None-Match", "*"}}).status, 409);
  EXPECT_EQ(put(api_card("0.0050"), {{"If-Match", "\"other\""}}).status, 409);
  EXPECT_EQ(put(api_card("0.0050"), {{"If-Match", "other"}}).status, 400);
  EXPECT_EQ(put(api_card("0.0050"), {{"If-Match", before}, {"If-None-Match", "*"}}).status, 400);
  EXPECT_EQ(total(), "4.00");
  // Comments are another text of the same revision.
  EXPECT_EQ(put("# agreed\n" + api_card("0.0040"), {{"If-Match", before}}).status, 200);
  EXPECT_EQ(put(api_card("0.0050"), {{"If-Match", before}}).status, 409);
  EXPECT_EQ(put(api_card("0.0050"), {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(total(), "5.00");
}

TEST_F(Change, APutOfANewVersionMakesItsFile) {
  const std::string path = "/v1/cards/api/2026-03-01";
  const std::string text = api_card("0.0030", "2026-03-01");
  EXPECT_EQ(put(text, {{"If-Match", "*"}}, path).status, 409);
  EXPECT_EQ(put(text, {}, path).status, 201);
  EXPECT_EQ(total(), "3.00");
  EXPECT_EQ(on_disk("api@2026-03-01.toll"), text);
}

TEST_F(Change, ATextInErrorIsRefusedWhole) {
  const std::string before = tag();
  std::string broken = api_card("0.0050");
  broken.replace(broken.find("per call"), 8, "per byte");
  const http::Response response = put(broken, {{"If-Match", before}});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const json problem = json::parse(response.body);
  ASSERT_FALSE(problem["errors"].empty());
  EXPECT_EQ(problem["errors"][0]["code"], "E101");
  EXPECT_EQ(problem["errors"][0]["line"], 13);
  EXPECT_EQ(problem["errors"][0]["file"], kFile);
  EXPECT_EQ(on_disk(), api_card("0.0040"));
  EXPECT_EQ(tag(), before);
  EXPECT_EQ(total(), "4.00");
  EXPECT_EQ(put("", {{"If-Match", before}}).status, 422);
}

TEST_F(Change, ATextOfAnotherVersionOrCardIsRefused) {
  const Headers any = {{"If-Match", "*"}};
  EXPECT_EQ(put(api_card("0.0050", "2026-02-01"), any).status, 422);
  EXPECT_EQ(put(storage_card(), any).status, 422);
  EXPECT_EQ(put("toll 1\n", any).status, 422);
  for (const char* path :
       {"/v1/cards/api/2026-13-01", "/v1/cards/..%2Fapi/2026-01-01", "/v1/cards/.api/2026-01-01"})
    EXPECT_EQ(put(api_card("0.0050"), any, path).status, 404) << path;
  EXPECT_EQ(total(), "4.00");
}

TEST_F(Change, AFailingExampleIsRefused) {
  const std::string example =
      "\n  example \"A thousand\" in 2026-03\n    use api_calls 1,000 calls\n"
      "    expect total 4.00 USD\n";
  EXPECT_EQ(put(api_card("0.0040") + example, {{"If-Match", "*"}}).status, 200);
  const http::Response response = put(api_card("0.0050") + example, {{"If-Match", "*"}});
  EXPECT_EQ(response.status, 422);
  EXPECT_NE(response.body.find("expects 4.00 USD of `total` and gets 5.00 USD"), std::string::npos);
  EXPECT_EQ(total(), "4.00");
}

const std::string kNext =
    "toll 1\n\ncard api extends previous\n  from 2026-03-01\n  applies to everyone\n"
    "  change charge api_calls\n    at 0.0080 USD per call, was 0.0040 USD per call\n";

TEST_F(Change, AChangeThatPutsAnotherVersionInErrorIsRefused) {
  EXPECT_EQ(put(kNext, {}, "/v1/cards/api/2026-03-01").status, 201);
  ASSERT_EQ(total(), "8.00");
  const http::Response response = put(api_card("0.0050"), {{"If-Match", "*"}});
  EXPECT_EQ(response.status, 422);
  EXPECT_NE(response.body.find("it would put `api` of 2026-03-01 in error"), std::string::npos);
  EXPECT_NE(response.body.find("\"api@2026-03-01.toll\""), std::string::npos);
  EXPECT_EQ(on_disk(), api_card("0.0040"));
}

TEST_F(Change, CardsThatExtendOneAnotherChangeTogether) {
  ASSERT_EQ(put(kNext, {}, "/v1/cards/api/2026-03-01").status, 201);
  std::string next = kNext;
  next.replace(next.find("0.0040"), 6, "0.0050");
  const std::string body =
      json({{std::string(kFile), api_card("0.0050")}, {"api@2026-03-01.toll", next}}).dump();
  EXPECT_EQ(send("PATCH", "/v1/cards", body, {}, kPatch).status, 428);
  EXPECT_EQ(send("PATCH", "/v1/cards", body, {{"If-Match", "\"x\""}}, kPatch).status, 409);
  const std::string folder = tag("/v1/cards");
  const http::Response response = send("PATCH", "/v1/cards", body, {{"If-Match", folder}}, kPatch);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json::parse(response.body)["versions"].size(), 2u);
  EXPECT_EQ(header(response, "ETag"), tag("/v1/cards"));
  EXPECT_EQ(on_disk(), api_card("0.0050"));
  EXPECT_EQ(total(), "8.00");
}

TEST_F(Change, APatchRemovesFiles) {
  ASSERT_EQ(put(kNext, {}, "/v1/cards/api/2026-03-01").status, 201);
  const auto patch = [&](const json& body) {
    return send("PATCH", "/v1/cards", body.dump(), {{"If-Match", tag("/v1/cards")}}, kPatch);
  };
  // The version that extends it would be in error.
  EXPECT_EQ(patch({{std::string(kFile), nullptr}}).status, 422);
  EXPECT_EQ(patch({{"api@2026-03-01.toll", nullptr}}).status, 200);
  EXPECT_EQ(total(), "4.00");
  EXPECT_FALSE(fs::exists(scratch_.path() / "api@2026-03-01.toll"));
  EXPECT_EQ(patch({{"../x.toll", "toll 1\n"}}).status, 400);
  EXPECT_EQ(patch({{"x.txt", ""}}).status, 400);
  EXPECT_EQ(patch({{"x.toll", 1}}).status, 400);
  EXPECT_EQ(patch(json::array()).status, 400);
  EXPECT_EQ(patch(json::object()).status, 400);
}

TEST_F(Change, ACheckSaysWhatWouldComeAndChangesNothing) {
  const auto check = [&](const std::string& text, const std::string& query = "") {
    const http::Response response = send("POST", "/v1/cards/check" + query, text, {});
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  };
  const json fine = check(api_card("0.0050"));
  EXPECT_EQ(fine["ok"], true) << fine;
  EXPECT_EQ(fine["file"], kFile);
  ASSERT_EQ(fine["versions"].size(), 1u);
  const json broken = check(api_card("0.0050 EUR or"));
  EXPECT_EQ(broken["ok"], false);
  EXPECT_FALSE(broken["errors"].empty());
  EXPECT_EQ(check("toll 1\nunit call, calls\n", "?file=units.toll")["ok"], true);
  EXPECT_EQ(send("POST", "/v1/cards/check?file=..%2Fx.toll", "toll 1\n", {}).status, 400);
  EXPECT_EQ(total(), "4.00");
  EXPECT_EQ(on_disk(), api_card("0.0040"));
  put(api_card("0.0050"), {{"If-Match", "*"}});
  EXPECT_EQ(get_json("/v1/cards/api?on=2026-03-15")["hash"], fine["versions"][0]["hash"]);
}

TEST_F(Change, ARollbackBringsTheTextBefore) {
  const std::string roll = std::string(kPath) + "/rollback";
  EXPECT_EQ(send("POST", roll, "", {{"If-Match", tag()}}).status, 404);
  EXPECT_EQ(send("POST", roll, "{}", {{"If-Match", tag()}}).status, 415);
  const json first = get_json("/v1/cards/api?on=2026-03-15")["hash"];
  put("# a comment\n" + api_card("0.0050"), {{"If-Match", "*"}});
  put(api_card("0.0060"), {{"If-Match", "*"}});
  EXPECT_EQ(send("POST", roll, "", {}).status, 428);
  const std::string before = tag();
  EXPECT_EQ(send("POST", roll, "", {{"If-Match", before}}).status, 200);
  EXPECT_EQ(total(), "5.00");
  EXPECT_EQ(on_disk(), "# a comment\n" + api_card("0.0050"));
  // Sent once more it does nothing: the text is another by now.
  EXPECT_EQ(send("POST", roll, "", {{"If-Match", before}}).status, 409);
  EXPECT_EQ(total(), "5.00");
}

TEST_F(Change, ARollbackOfAFileInErrorBringsWhatIsLive) {
  save(std::string(kFile), "toll 1\n\ncard api\n");
  wait_until([&] { return !get_json("/v1/cards/api?on=2026-03-15")["last_error"].is_null(); });
  const http::Response response =
      send("POST", std::string(kPath) + "/rollback", "", {{"If-Match", tag()}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(on_disk(), api_card("0.0040"));
  EXPECT_TRUE(get_json("/v1/cards/api?on=2026-03-15")["last_error"].is_null());
}

TEST_F(Change, ARollbackTakesTheTableAlong) {
  std::string text = api_card("0.0040");
  const size_t price = text.find("at 0.0040");
  text.replace(price, text.find('\n', price) - price, "rows from \"calls.csv\"");
  save("calls.csv", "at\n0.0045 USD per call\n");
  save(std::string(kFile), text);
  wait_until([&] { return total() == "4.50"; });
  save("calls.csv", "at\n0.0060 USD per call\n");
  wait_until([&] { return total() == "6.00"; });
  const http::Response response =
      send("POST", std::string(kPath) + "/rollback", "", {{"If-Match", tag()}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(total(), "4.50");
  EXPECT_EQ(on_disk("calls.csv"), "at\n0.0045 USD per call\n");
}

// Invoices that were changed with the price go back with it, in one request.
TEST_F(Change, ARollbackTakesItsGoldenInvoicesAlong) {
  const std::string roll = std::string(kPath) + "/rollback";
  const auto invoice = [](std::string_view total) {
    return fmt::format(
        "toll 1\n\ninvoice \"A thousand\" for api in 2026-03\n  use api_calls 1,000 calls\n"
        "  expect api_calls {0} USD\n  expect total {0} USD\n",
        total);
  };
  const auto patch = [&](const json& body) {
    return send("PATCH", "/v1/cards", body.dump(), {{"If-Match", tag("/v1/cards")}}, kPatch);
  };
  ASSERT_EQ(patch({{"api.invoices.toll", invoice("4.00")}}).status, 200);
  ASSERT_EQ(
      patch({{std::string(kFile), api_card("0.0050")}, {"api.invoices.toll", invoice("5.00")}})
          .status,
      200);
  const http::Response refused = send("POST", roll, "", {{"If-Match", tag()}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("api.invoices.toll"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("in the body of the rollback, by file name"), std::string::npos)
      << refused.body;
  EXPECT_EQ(total(), "5.00");

  const auto back = [&](const json& body, const std::string& match) {
    return send("POST", roll, body.dump(), {{"If-Match", match}}, kPatch);
  };
  const json then = {{"api.invoices.toll", invoice("4.00")}};
  const std::string folder = tag("/v1/cards");
  EXPECT_EQ(back(then, "*").status, 428);
  EXPECT_EQ(back(then, tag()).status, 409) << "the tag of a file is not that of the folder";
  EXPECT_EQ(back({{std::string(kFile), api_card("0.0040")}}, folder).status, 400);
  EXPECT_EQ(back({{"../x.toll", "toll 1\n"}}, folder).status, 400);
  EXPECT_EQ(back({{"api.invoices.toll", invoice("4.50")}}, folder).status, 422);
  EXPECT_EQ(total(), "5.00");
  const http::Response response = back(then, folder);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(total(), "4.00");
  EXPECT_EQ(on_disk(), api_card("0.0040"));
  EXPECT_EQ(on_disk("api.invoices.toll"), invoice("4.00"));
  EXPECT_EQ(back(then, folder).status, 409) << "sent once more it does nothing";
}

TEST_F(Change, AFolderOfLinksIsLeftToWhoeverMadeThem) {
  fs::create_directory(scratch_.path() / "..data");
  fs::rename(scratch_.path() / kFile, scratch_.path() / "..data" / kFile);
  fs::create_symlink(fs::path("..data") / kFile, scratch_.path() / kFile);
  EXPECT_EQ(put(api_card("0.0050"), {{"If-Match", "*"}}).status, 409);
  EXPECT_EQ(total(), "4.00");
}

TEST_F(Change, AFolderThatCannotBeWrittenIsSaid) {
  fs::create_directory(scratch_.path() / (".api@2026-03-01.toll.new"));
  const http::Response response =
      put(api_card("0.0030", "2026-03-01"), {}, "/v1/cards/api/2026-03-01");
  EXPECT_EQ(response.status, 507);
  EXPECT_EQ(header(response, "Retry-After"), "10");
  EXPECT_EQ(response.body.find(scratch_.path().string()), std::string::npos);
  EXPECT_EQ(total(), "4.00");
}

TEST_F(Change, ATextMustBeText) {
  EXPECT_EQ(send("PUT", kPath, "{}", {{"If-Match", "*"}}, "application/json").status, 415);
  EXPECT_EQ(put(std::string((1 << 20) + 1, '#'), {{"If-Match", "*"}}).status, 413);
}

}  // namespace
}  // namespace toll::server
