// Hostile usage documents over HTTP: each has one status, and the next quote is answered as before.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

std::string repeated(std::string_view text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string with_quantity(std::string_view quantity) {
  return fmt::format(
      R"({{"card":"api","on":"2026-03-15","usage":[{{"meter":"api_calls","quantity":{}}}]}})",
      quantity);
}

std::string with_field(std::string_view field) {
  return fmt::format(R"({{"card":"api","on":"2026-03-15",{}}})", field);
}

class HostileDocuments : public RunningService {
 protected:
  void SetUp() override {
    std::string card = api_card("0.0040");  // of a meter that has parts
    save("api@2026-01-01.toll", card.replace(card.find("counts"), 6, "sums"));
    start();
  }
  void TearDown() override { EXPECT_EQ(total(), "4.00") << "the service is not as it was"; }

  void expect_status(int status, const std::string& body) {
    const http::Response response = quote(body);
    EXPECT_EQ(response.status, status) << body.substr(0, 200) << "\n" << response.body;
    EXPECT_EQ(response.content_type,
              status == 200 ? "application/json" : "application/problem+json");
    EXPECT_LT(response.body.size(), 100'000u) << "an answer that grows with what was sent";
  }
};

TEST_F(HostileDocuments, Quantities) {
  for (const char* quantity : {"0", "0.5", "\"1250\"", "0.1234567890123", "0.123456789012345678",
                               "999999999999999999", "\"999999999999999999.999999999999999999\""})
    expect_status(200, with_quantity(quantity));
  for (const char* quantity : {"NaN",
                               "Infinity",
                               "-Infinity",
                               "-0",
                               "-0.0",
                               "-1",
                               "1e400",
                               "1E+2",
                               "1e2",
                               "007",
                               "1.",
                               ".1",
                               "+1",
                               "0x10",
                               "9223372036854775808",
                               "18446744073709551616",
                               "100000000000000000000000000000000000001",
                               "1234567890123456789012345678901234567890",
                               "0.1234567890123456789",
                               "null",
                               "true",
                               "[1]",
                               "{}",
                               "\"\"",
                               "\" 1\"",
                               "\"1,000\"",
                               "\"1\\u0000\"",
                               "\"NaN\"",
                               "\"1e2\""})
    expect_status(400, with_quantity(quantity));
}

TEST_F(HostileDocuments, Depth) {
  expect_status(400, with_field(R"("x":)" + repeated("[", 33) + repeated("]", 33)));
  expect_status(400, repeated("[", 1'000'000));
  expect_status(400, repeated("{\"a\":", 200'000));
}

TEST_F(HostileDocuments, Sizes) {
  expect_status(413, with_field(R"("plan":")" + std::string(10'000'000, 'x') + "\""));
  expect_status(400, with_field(R"("plan":")" + std::string(1'000'000, 'x') + "\""));
  expect_status(413, with_field(R"("x":{)" + repeated(R"("k":0,)", 1'000'000) + R"("k":0})"));
  expect_status(400, with_field(R"("x":{)" + repeated(R"("k":0,)", 150'000) + R"("k":0})"));
}

TEST_F(HostileDocuments, Texts) {
  for (const char* card :
       {"\\ud800", "\\udc00", "\\ud800\\ud800", "a\\u0000b", "a\\u202eb", "a\\u200bb", "a\\ufeffb",
        "a\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\nb", "\\x", ""})
    expect_status(400, fmt::format(R"({{"card":"{}"}})", card));
  expect_status(404, R"({"card":"größe 東京"})");
}

TEST_F(HostileDocuments, Shapes) {
  for (const std::string& body :
       {std::string("\xEF\xBB\xBF") + R"({"card":"api"})",
        std::string(R"({"card":"api",})"),
        std::string(R"({"card":"api","card":"api"})"),
        std::string(R"({"card":"api"}x)"),
        std::string(R"({"card":"api"}{})"),
        std::string("{\"card\":\"api\"}\0", 15),
        std::string("{"),
        std::string(" "),
        std::string("null"),
        std::string("[]"),
        std::string("7"),
        std::string(R"("api")"),
        std::string(R"({"card":7})"),
        std::string(R"({"card":null})"),
        std::string(R"({"card":["api"]})"),
        std::string(R"({card:"api"})"),
        std::string(R"({'card':'api'})"),
        std::string(R"({"card":"api" // ours})"),
        with_field(R"("usage":{})"),
        with_field(R"("usage":[7])"),
        with_field(R"("usage":null)"),
        with_field(R"("usage":[{"meter":"api_calls","quantity":1,}])"),
        with_field(R"("usage":[{"meter":"api_calls","quantity":1,"quantity":2}])"),
        with_field(R"("unknown":1)")})
    expect_status(400, body);
}

}  // namespace
}  // namespace toll::server
