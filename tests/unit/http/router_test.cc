#include "http/route/router.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/route/decoded_path.h"

namespace toll::http {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  void add(std::string_view method, std::string_view pattern) {
    EXPECT_EQ(router_.add(method, pattern, {}, {}), std::nullopt) << method << " " << pattern;
  }

  /// "pattern name=value ...", or the Allow list in brackets, or why the path is refused.
  std::string find(std::string_view method, std::string_view path) {
    DecodedPath decoded;
    const std::string_view fault = decoded.assign(path);
    if (!fault.empty()) return std::string(fault);
    std::vector<Field> captures;
    const Route* const route = router_.find(method, decoded.segments(), captures);
    if (!route) return "[" + router_.allowed(decoded.segments()) + "]";
    std::string found = route->pattern;
    for (const Field& c : captures) {
      found += " " + std::string(c.name) + "=" + std::string(c.value);
    }
    return found;
  }

  Router router_;
};

TEST_F(RouterTest, FindsByMethodAndPath) {
  add("POST", "/v1/quotes");
  add("GET", "/");
  EXPECT_EQ(find("POST", "/v1/quotes"), "/v1/quotes");
  EXPECT_EQ(find("GET", "/"), "/");
  EXPECT_EQ(find("GET", "/v1/quotes"), "[OPTIONS, POST]");
  EXPECT_EQ(find("POST", "/"), "[GET, HEAD, OPTIONS]");
  for (const std::string_view path :
       {"/v1", "/v1/quotes/", "/v1//quotes", "//v1/quotes", "/v1/Quotes", "/v1/quotes/x", "//",
        "/v1\\quotes", "/v1%2Fquotes", "/v1%5cquotes", "/v1/quotes%20", "/%76%31/quotesx"}) {
    EXPECT_EQ(find("POST", path), "[]") << path;
  }
}

TEST_F(RouterTest, EncodedLettersAreTheLetters) {
  add("GET", "/v1/quotes");
  EXPECT_EQ(find("GET", "/%761/%71uotes"), "/v1/quotes");
}

TEST_F(RouterTest, CapturesOneDecodedSegment) {
  add("PUT", "/v1/cards/{card}/{from}");
  EXPECT_EQ(find("PUT", "/v1/cards/api/2026-01-01"),
            "/v1/cards/{card}/{from} card=api from=2026-01-01");
  EXPECT_EQ(find("PUT", "/v1/cards/a%2Fb/x"), "/v1/cards/{card}/{from} card=a/b from=x");
  EXPECT_EQ(find("PUT", "/v1/cards/a%2F../x"), "/v1/cards/{card}/{from} card=a/.. from=x");
  EXPECT_EQ(find("PUT", "/v1/cards/a+b/x"), "/v1/cards/{card}/{from} card=a+b from=x");
  EXPECT_EQ(find("PUT", "/v1/cards/%252e%252e/x"), "/v1/cards/{card}/{from} card=%2e%2e from=x");
  EXPECT_EQ(find("PUT", "/v1/cards/Z%C3%BCrich/x"),
            "/v1/cards/{card}/{from} card=Z\xc3\xbcrich from=x");
  EXPECT_EQ(find("PUT", "/v1/cards/.../x"), "/v1/cards/{card}/{from} card=... from=x");
  EXPECT_EQ(find("PUT", "/v1/cards//x"), "[]") << "a capture is never empty";
  EXPECT_EQ(find("PUT", "/v1/cards/a/"), "[]");
}

TEST_F(RouterTest, RefusesSegmentsThatMeanSomethingElse) {
  add("GET", "/v1/cards/{card}");
  for (const std::string_view path :
       {"/v1/cards/..", "/v1/../cards/a", "/v1/cards/.", "/..", "/v1/cards/%2e%2e",
        "/v1/cards/.%2E", "/v1/cards/%2e", "/v1/cards/%00", "/v1/cards/a%00b", "/v1/cards/%0d%0a",
        "/v1/cards/%7f", "/v1/cards/%c0%ae", "/v1/cards/%ff", "/v1/cards/%ed%a0%80"}) {
    EXPECT_TRUE(find("GET", path).starts_with("the path holds ")) << path;
  }
}

TEST_F(RouterTest, LiteralsGoBeforeCaptures) {
  add("GET", "/v1/{kind}/all");
  add("GET", "/v1/{kind}/{id}");
  add("GET", "/v1/cards/{id}");
  add("POST", "/v1/cards/check");
  EXPECT_EQ(find("GET", "/v1/cards/all"), "/v1/cards/{id} id=all");
  EXPECT_EQ(find("GET", "/v1/usage/all"), "/v1/{kind}/all kind=usage");
  EXPECT_EQ(find("GET", "/v1/usage/1"), "/v1/{kind}/{id} kind=usage id=1");
  EXPECT_EQ(find("GET", "/v1/cards/check"), "/v1/cards/{id} id=check")
      << "a literal that has other methods only hides nothing";
  EXPECT_EQ(find("DELETE", "/v1/cards/check"), "[GET, HEAD, OPTIONS, POST]");
}

TEST_F(RouterTest, HeadFindsGetUnlessItHasItsOwn) {
  add("GET", "/a");
  add("GET", "/b");
  add("HEAD", "/b");
  EXPECT_EQ(find("HEAD", "/a"), "/a");
  DecodedPath path;
  path.assign("/b");
  std::vector<Field> captures;
  EXPECT_EQ(router_.find("HEAD", path.segments(), captures)->method, "HEAD");
}

TEST_F(RouterTest, RefusesRoutesThatCannotBe) {
  add("GET", "/v1/cards/{card}");
  for (const std::string_view pattern : {"", "v1", "/v1/{", "/v1/}", "/v1/{}", "/v1/{a}b",
                                         "/v1/a{b}", "/v1/{{a}}", "/v1/{a b}", "/{a}/{a}"}) {
    EXPECT_NE(router_.add("GET", pattern, {}, {}), std::nullopt) << pattern;
  }
  EXPECT_NE(router_.add("FETCH", "/x", {}, {}), std::nullopt);
  EXPECT_NE(router_.add("get", "/x", {}, {}), std::nullopt);
  EXPECT_NE(router_.add("TRACE", "/x", {}, {}), std::nullopt);
  EXPECT_EQ(router_.add("GET", "/v1/cards/{name}", {}, {}),
            "route GET /v1/cards/{name} stands there already as /v1/cards/{card}");
  EXPECT_EQ(find("GET", "/x"), "[]") << "what was refused is left out";
}

}  // namespace
}  // namespace toll::http
