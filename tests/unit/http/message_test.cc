#include "http/message.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace toll::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Request, FindsHeadersInAnyCase) {
  const std::vector<Field> headers = {{"X-A", "1"}, {"x-a", "2"}, {"Empty", ""}};
  const Request request{.headers = headers};
  EXPECT_EQ(request.header("x-A"), "1");
  EXPECT_EQ(request.header("EMPTY"), "");
  EXPECT_EQ(request.header("x"), std::nullopt);
}

TEST(Request, FindsCapturesByName) {
  const std::vector<Field> captures = {{"card", "api"}, {"from", "2026-01-01"}};
  const Request request{.captures = captures};
  EXPECT_EQ(request.capture("card"), "api");
  EXPECT_EQ(request.capture("from"), "2026-01-01");
}

TEST(Request, DecodesQueryParameters) {
  const Request request{.query = "on=2026-01-01&name=a%26b%3dc+d&flag&&eq=a=b&on=second&%6eame2=x"};
  EXPECT_EQ(request.parameter("on"), "2026-01-01");
  EXPECT_EQ(request.parameter("name"), "a&b=c d");
  EXPECT_EQ(request.parameter("flag"), "");
  EXPECT_EQ(request.parameter("eq"), "a=b");
  EXPECT_EQ(request.parameter("name2"), "x");
  EXPECT_EQ(request.parameter(""), std::nullopt);
  EXPECT_EQ(request.parameter("o"), std::nullopt);
  EXPECT_EQ(request.parameters(), (Pairs{{"on", "2026-01-01"},
                                         {"name", "a&b=c d"},
                                         {"flag", ""},
                                         {"eq", "a=b"},
                                         {"on", "second"},
                                         {"name2", "x"}}));
}

TEST(Request, HasNoParametersWithoutAQuery) {
  EXPECT_EQ(Request{}.parameters(), Pairs{});
  EXPECT_EQ(Request{.query = "&&"}.parameters(), Pairs{});
  EXPECT_EQ(Request{}.parameter("a"), std::nullopt);
}

}  // namespace
}  // namespace toll::http
