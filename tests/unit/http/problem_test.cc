#include <gtest/gtest.h>

#include <string>

#include "http/message.h"

namespace toll::http {
namespace {

TEST(Problem, IsTheDocumentOfRfc9457) {
  const Response answer = problem(404, "there is nothing at this path");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  EXPECT_EQ(answer.body, R"({"type":"about:blank","title":"Not Found","status":404,)"
                         R"("detail":"there is nothing at this path"})");
}

TEST(Problem, CarriesATypeOfItsOwn) {
  EXPECT_EQ(problem(409, "x", "urn:toll:problem:dedup-conflict").body,
            R"({"type":"urn:toll:problem:dedup-conflict","title":"Conflict","status":409,)"
            R"("detail":"x"})");
}

std::string detail_of(std::string_view detail) {
  const std::string body = problem(400, detail).body;
  const std::string before = R"("detail":")";
  const size_t begin = body.find(before) + before.size();
  return body.substr(begin, body.size() - begin - 2);
}

TEST(Problem, EscapesWhatAStringOfJsonMayNotHold) {
  EXPECT_EQ(detail_of("a \"b\" \\ c"), R"(a \"b\" \\ c)");
  EXPECT_EQ(detail_of("\r\n\t"), R"(\u000d\u000a\u0009)");
  EXPECT_EQ(detail_of(std::string_view("\0\x1f\x7f", 3)), R"(\u0000\u001f\u007f)");
  EXPECT_EQ(detail_of("Z\xc3\xbcrich"), "Z\xc3\xbcrich");
}

TEST(Problem, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(detail_of("a\xff"
                      "b\xc0\xae\xe2\x82"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(ReasonPhrase, IsKnownForEveryStatusThatTheServiceUses) {
  for (const int status : {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409, 412,
                           413, 414, 415, 417, 422, 428, 429, 431, 500, 501, 503, 505, 507}) {
    EXPECT_FALSE(reason_phrase(status).empty()) << status;
  }
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(reason_phrase(999), "");
}

}  // namespace
}  // namespace toll::http
