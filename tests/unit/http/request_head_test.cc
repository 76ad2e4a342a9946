#include "http/parse/request_head.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace toll::http {
namespace {

const Limits kLimits;

/// Scans and parses `bytes` as if all had arrived at once: the refusal's status, 0 for a head that
/// is fine, -1 for one that is not whole.
int outcome(std::string_view bytes, RequestHead& head, const Limits& limits = kLimits) {
  const auto length = HeadScanner(limits).scan(bytes);
  if (!length) return length.error().status;
  if (!*length) return -1;
  const auto parsed = parse_head(bytes.substr(0, **length), limits, head);
  return parsed ? 0 : parsed.error().status;
}
int outcome(std::string_view bytes, const Limits& limits = kLimits) {
  RequestHead head;
  return outcome(bytes, head, limits);
}

/// A request with these header lines beside Host.
std::string with(std::string_view lines) {
  return "POST /v1/quotes HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

TEST(RequestHead, ReadsAnOrdinaryOne) {
  const std::string bytes =
      "POST /v1/quotes?a=1%202 HTTP/1.1\r\nHost: a:80\r\nContent-Type:\t application/json \r\n"
      "content-length: 12\r\nEmpty:\r\n\r\nbody";
  RequestHead head;
  ASSERT_EQ(outcome(bytes, head), 0);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/v1/quotes");
  EXPECT_EQ(head.query, "a=1%202");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.chunked);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_EQ(head.fields, (std::vector<Field>{{"Host", "a:80"},
                                             {"Content-Type", "application/json"},
                                             {"content-length", "12"},
                                             {"Empty", ""}}));
}

TEST(RequestHead, KeepsNothingOfTheOneBefore) {
  RequestHead head;
  ASSERT_EQ(outcome(with("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"), head), 0);
  ASSERT_TRUE(head.chunked && head.expects_continue);
  ASSERT_EQ(outcome("GET / HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_FALSE(head.chunked || head.expects_continue || head.has_body());
  EXPECT_EQ(head.fields.size(), 1u);
  EXPECT_EQ(head.query, "");
}

TEST(RequestHead, RequestLines) {
  struct Case {
    std::string line;
    int expected;
  };
  for (const auto& [line, expected] : {
           Case{"GET / HTTP/1.1", 0},
           Case{"get /x HTTP/1.0", 0},
           Case{"OPTIONS * HTTP/1.1", 0},
           Case{"GET http://host/path HTTP/1.1", 0},
           Case{"GET HTTPS://host:1/path?q HTTP/1.1", 0},
           Case{"GET /", 400},  // HTTP/0.9
           Case{"GET  / HTTP/1.1", 400},
           Case{"GET / HTTP/1.1 ", 400},
           Case{" GET / HTTP/1.1", 400},
           Case{"GET\t/\tHTTP/1.1", 400},
           Case{"GET /a b HTTP/1.1", 400},
           Case{"G(T / HTTP/1.1", 400},
           Case{"GET / HTTP/1.2", 505},
           Case{"GET / HTTP/2.0", 505},
           Case{"PRI * HTTP/2.0", 505},
           Case{"GET / HTTP/0.9", 505},
           Case{"GET / HTTP/1.10", 400},
           Case{"GET / http/1.1", 400},
           Case{"GET / HTTP/1,1", 400},
           Case{"GET / HTCPCP/1.0", 400},
           Case{"GET * HTTP/1.1", 400},
           Case{"GET x HTTP/1.1", 400},
           Case{"CONNECT host:80 HTTP/1.1", 400},
           Case{"GET http://host HTTP/1.1", 400},
           Case{"GET http:///path HTTP/1.1", 400},
           Case{"GET http://host?/x HTTP/1.1", 400},
           Case{"GET /%4 HTTP/1.1", 400},
           Case{"GET /?%zz HTTP/1.1", 400},
           Case{"GET /#a HTTP/1.1", 400},
           Case{"GET /\xc3\xa4 HTTP/1.1", 400},
           Case{"GET /\x7f HTTP/1.1", 400},
           Case{std::string("GET /\0 HTTP/1.1", 15), 400},
           Case{"GET /\rX HTTP/1.1", 400},
       }) {
    EXPECT_EQ(outcome(line + "\r\nHost: a\r\n\r\n"), expected) << line;
  }
}

TEST(RequestHead, TheAuthorityOfAnAbsoluteTargetIsLeftOut) {
  RequestHead head;
  ASSERT_EQ(outcome("GET http://host:8080/v1/cards?on=1 HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_EQ(head.path, "/v1/cards");
  EXPECT_EQ(head.query, "on=1");
}

TEST(RequestHead, Fields) {
  struct Case {
    std::string lines;
    int expected;
  };
  for (const auto& [lines, expected] : {
           Case{"A: b\r\n", 0},
           Case{"A:b\r\n", 0},
           Case{"A: \xff\r\n", 0},
           Case{"A : b\r\n", 400},
           Case{": b\r\n", 400},
           Case{"A\r\n", 400},
           Case{"A b: c\r\n", 400},
           Case{"A: b\r\n c\r\n", 400},  // continued on the next line
           Case{"A: b\r\n\tc\r\n", 400},
           Case{"A: b\rc\r\n", 400},
           Case{"A: b\nB: c\r\n", 400},
           Case{"A: b\n", 400},
           Case{std::string("A: b\0c\r\n", 8), 400},
           Case{std::string("A\0: b\r\n", 7), 400},
           Case{"A: \x01\r\n", 400},
           Case{"Host: b\r\n", 400},  // a second one
           Case{"host: a\r\n", 400},
           Case{"Expect: 100-Continue\r\n", 0},
           Case{"Expect: 200-ok\r\n", 417},
           Case{"Content-Encoding: identity\r\n", 0},
           Case{"Content-Encoding: gzip\r\n", 415},
           Case{"Content-Encoding: br, gzip\r\n", 415},
       }) {
    EXPECT_EQ(outcome(with(lines)), expected) << lines;
  }
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\n\r\n"), 400) << "without Host";
  EXPECT_EQ(outcome("GET / HTTP/1.0\r\n\r\n"), 0) << "HTTP/1.0 has no Host";
  EXPECT_EQ(outcome("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(outcome("\n"), 400);
}

TEST(RequestHead, Lengths) {
  struct Case {
    std::string lines;
    int expected;
  };
  for (const auto& [lines, expected] : {
           Case{"Content-Length: 0\r\n", 0},
           Case{"Content-Length: 18446744073709551615\r\n", 0},
           Case{"Content-Length: 18446744073709551616\r\n", 413},
           Case{"Content-Length:\r\n", 400},
           Case{"Content-Length: abc\r\n", 400},
           Case{"Content-Length: -1\r\n", 400},
           Case{"Content-Length: +5\r\n", 400},
           Case{"Content-Length: 5 5\r\n", 400},
           Case{"Content-Length: 5,5\r\n", 400},
           Case{"Content-Length: 5.0\r\n", 400},
           Case{"Content-Length: 0x5\r\n", 400},
           Case{"Content-Length: 5;\r\n", 400},
           Case{"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
           Case{"Content-Length: 5\r\ncontent-length: 5\r\n", 400},
           Case{"Transfer-Encoding: chunked\r\n", 0},
           Case{"Transfer-Encoding: CHUNKED\r\n", 0},
           Case{"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
           Case{"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400},
           Case{"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
           Case{"Transfer-Encoding: chunked, identity\r\n", 501},
           Case{"Transfer-Encoding: chunked, chunked\r\n", 501},
           Case{"Transfer-Encoding: gzip, chunked\r\n", 501},
           Case{"Transfer-Encoding: identity\r\n", 501},
           Case{"Transfer-Encoding: \x0b"
                "chunked\r\n",
                400},
           Case{"Transfer-Encoding:\r\n", 501},
           Case{"Transfer-Encoding : chunked\r\n", 400},
       }) {
    EXPECT_EQ(outcome(with(lines)), expected) << lines;
  }
  EXPECT_EQ(outcome("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestHead, WhetherTheConnectionGoesOn) {
  struct Case {
    std::string bytes;
    bool expected;
  };
  for (const auto& [bytes, expected] : {
           Case{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
           Case{"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", false},
           Case{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n", false},
           Case{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n", false},
           Case{"GET / HTTP/1.0\r\n\r\n", false},
           Case{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
           Case{"GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n", false},
       }) {
    RequestHead head;
    ASSERT_EQ(outcome(bytes, head), 0);
    EXPECT_EQ(head.keep_alive, expected) << bytes;
  }
}

TEST(RequestHead, ExpectationsOfHttp10MeanNothing) {
  RequestHead head;
  ASSERT_EQ(outcome("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", head), 0);
  EXPECT_FALSE(head.expects_continue);
}

TEST(HeadScanner, PassesOverEmptyLinesInFront) {
  RequestHead head;
  EXPECT_EQ(outcome("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(outcome("\r\n\r\n"), -1);
}

TEST(HeadScanner, LimitsAreInclusive) {
  Limits limits;
  limits.target_bytes_max = 10;
  limits.field_bytes_max = 20;
  limits.fields_max = 3;
  limits.head_bytes_max = 100;
  const std::string host = "Host: a\r\n";
  const auto target = [&](size_t size) {
    return "GET /" + std::string(size - 1, 'x') + " HTTP/1.1\r\n" + host + "\r\n";
  };
  EXPECT_EQ(outcome(target(10), limits), 0);
  EXPECT_EQ(outcome(target(11), limits), 414);

  const auto field = [&](size_t size) {
    return "GET / HTTP/1.1\r\n" + host + "A:" + std::string(size - 2, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(outcome(field(20), limits), 0);
  EXPECT_EQ(outcome(field(21), limits), 431);

  EXPECT_EQ(outcome("GET / HTTP/1.1\r\n" + host + "A:b\r\nA:b\r\n\r\n", limits), 0);
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\n" + host + "A:b\r\nA:b\r\nA:b\r\n\r\n", limits), 431);

  limits.fields_max = 50;
  limits.field_bytes_max = 100;
  const auto head = [&](size_t size) {
    std::string bytes = "GET / HTTP/1.1\r\n" + host + "A:\r\n\r\n";
    return bytes.insert(bytes.size() - 4, size - bytes.size(), 'x');
  };
  EXPECT_EQ(outcome(head(100), limits), 0);
  EXPECT_EQ(outcome(head(101), limits), 431);
}

TEST(HeadScanner, DoesNotTakeHalfALineEndForAField) {
  std::string bytes = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 64; ++i) bytes += "A: b\r\n";
  EXPECT_EQ(outcome(bytes + "\r"), -1);
  EXPECT_EQ(outcome(bytes + "A"), 431);
}

TEST(HeadScanner, RefusesBeforeTheEndOfALineThatIsTooLong) {
  EXPECT_EQ(outcome("GET /" + std::string(5000, 'x')), 414);
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\nA: " + std::string(9000, 'x')), 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 65; ++i) many += "A: b\r\n";
  EXPECT_EQ(outcome(many), 431);
  EXPECT_EQ(outcome(std::string(9000, '\r') + std::string(9000, 'x')), 414);
}

/// Heads made of lines that matter, half of them with something put in that does not belong there.
rc::Gen<std::string> nearly_a_head() {
  const auto request_line = rc::gen::elementOf(std::vector<std::string>{
      "GET / HTTP/1.1\r\n", "POST /a%2fb?c HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n",
      "PUT http://a/b HTTP/1.1\r\n", "GET /x HTTP/1.0\r\n"});
  const auto field = rc::gen::elementOf(std::vector<std::string>{
      "A: b\r\n", "B:\tc d \r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
      "Connection: close\r\n", "Expect: 100-continue\r\n", "C: \xff\r\n"});
  const auto stranger =
      rc::gen::elementOf(std::vector<std::string>{"", "", "", "", " ", "\r\n", "\n", "\r", ":", ",",
                                                  "\t", std::string(1, '\0'), "\xff", "x", "%"});
  return rc::gen::apply(
      [](const std::string& line, const std::vector<std::string>& fields, const std::string& odd,
         size_t at) {
        std::string text = line + "Host: a\r\n";
        for (const std::string& f : fields) text += f;
        text += "\r\nGET";
        return text.insert(at % text.size(), odd);
      },
      request_line, rc::gen::container<std::vector<std::string>>(field), stranger,
      rc::gen::arbitrary<size_t>());
}

/// As outcome(), when only `step` bytes arrive at a time.
int outcome_piecewise(std::string_view bytes, size_t step) {
  HeadScanner scanner(kLimits);
  for (size_t arrived = 0;; arrived = std::min(arrived + step, bytes.size())) {
    const auto length = scanner.scan(bytes.substr(0, arrived));
    if (!length) return length.error().status;
    if (*length) {
      RequestHead head;
      const auto parsed = parse_head(bytes.substr(0, **length), kLimits, head);
      return parsed ? 0 : parsed.error().status;
    }
    if (arrived == bytes.size()) return -1;
  }
}

RC_GTEST_PROP(RequestHeadProperty, IsTheSameHoweverItArrives, ()) {
  const std::string bytes = *nearly_a_head();
  RC_ASSERT(outcome_piecewise(bytes, *rc::gen::inRange<size_t>(1, 9)) == outcome(bytes));
}

RC_GTEST_PROP(RequestHeadProperty, WhatIsAcceptedHasOneMeaning, ()) {
  const std::string bytes = *nearly_a_head();
  RequestHead head;
  const bool accepted = outcome(bytes, head) == 0;
  RC_CLASSIFY(accepted);
  if (!accepted) return;
  RC_ASSERT(head.path.starts_with('/') || head.path == "*");
  RC_ASSERT(!(head.chunked && head.content_length));
  for (const Field& field : head.fields) {
    const std::string text = std::string(field.name) + std::string(field.value);
    RC_ASSERT(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
}

}  // namespace
}  // namespace toll::http
