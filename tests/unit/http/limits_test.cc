// What the listener refuses, over a real connection: every limit and every kind of nonsense with
// its status, and that the service is fine afterwards.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "http/server.h"
#include "tests/unit/http/wire.h"

namespace toll::http {
namespace {

using std::chrono::milliseconds;

std::string get(std::string_view path, std::string_view lines = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

std::string post(std::string_view path, std::string_view lines, std::string_view body = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n" +
         std::string(body);
}

std::string length(size_t bytes) { return "Content-Length: " + std::to_string(bytes) + "\r\n"; }

class LimitsTest : public ::testing::Test {
 protected:
  explicit LimitsTest(milliseconds request_time_max = milliseconds{400})
      : server_({.limits = limits(request_time_max)}) {
    const auto size = [](const Request& request) {
      return Response{200, "text/plain", std::to_string(request.body.size())};
    };
    server_.route("POST", "/size", size);
    server_.route("POST", "/batch", size, {.body_bytes_max = 4'000'000});
    server_.route("POST", "/json", size, {.content_types = {"application/json", "text/json"}});
    server_.route("GET", "/size", size);
    server_.route("GET", "/item/{id}", [](const Request& request) {
      return Response{200, "text/plain", std::string(request.capture("id"))};
    });
    port_ = server_.start().value();
  }

  ~LimitsTest() override {
    EXPECT_EQ(status_of(port_, get("/size")), 200) << "the service does not answer any more";
  }

  static Limits limits(milliseconds request_time_max) {
    Limits limits;
    limits.request_time_max = request_time_max;
    limits.idle_time_max = std::chrono::seconds{1};
    limits.body_bytes_max = 100'000;
    return limits;
  }

  int status(std::string_view bytes) { return status_of(port_, bytes); }

  Server server_;
  uint16_t port_;
};

/// Its bodies are large, not slow: a busy machine takes its time over megabytes.
class LargeBodiesTest : public LimitsTest {
 protected:
  LargeBodiesTest() : LimitsTest(std::chrono::seconds{10}) {}
};

TEST_F(LimitsTest, ARefusalIsAProblemDocumentAndEndsTheConnection) {
  Wire wire(port_);
  wire.send(get("/size", "A : b\r\n"));
  const auto answer = wire.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->header("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(answer->body, R"({"type":"about:blank","title":"Bad Request","status":400,)"
                          R"("detail":"the request is malformed"})");
  EXPECT_TRUE(wire.closes_within(milliseconds{2000}));
}

TEST_F(LimitsTest, MalformedHeads) {
  EXPECT_EQ(status("GET /size\r\n\r\n"), 400);
  EXPECT_EQ(status("GET http://a/size HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status("GET size HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status("GET /size\x7f HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status("GET /size HTTP/3.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(status("BREW /size HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  for (const std::string_view line :
       {"A : b\r\n", ": b\r\n", "A\r\n", "A b: c\r\n", "A: b\r\n c\r\n", "A: b\nB: c\r\n",
        "A: b\rc\r\n", "A: \x01\r\n"}) {
    EXPECT_EQ(status(get("/size", line)), 400) << line;
  }
  EXPECT_EQ(status(get("/size", std::string_view("A: \0\r\n", 6))), 400);
}

TEST_F(LimitsTest, HeadsWithoutALineEndAreNotAnswered) {
  EXPECT_EQ(status("GET /size HTTP/1.1\nHost: a\n\n"), 0);
  EXPECT_EQ(status(std::string("\x16\x03\x01\x02\x00\x01\x00\n", 8)), 0) << "TLS";
}

TEST_F(LimitsTest, Hosts) {
  EXPECT_EQ(status("GET /size HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status(get("/size", "Host: a\r\n")), 400);
  EXPECT_EQ(status("GET /size HTTP/1.0\r\n\r\n"), 200) << "HTTP/1.0 has no Host";
}

TEST_F(LimitsTest, Lengths) {
  struct Case {
    std::string lines;
    int expected;
  };
  for (const auto& [lines, expected] : {
           Case{"Content-Length: 3\r\n", 200},
           Case{"Content-Length: 3\r\nContent-Length: 3\r\n", 400},
           Case{"Content-Length: 3\r\ncontent-length: 4\r\n", 400},
           Case{"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400},
           Case{"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400},
           Case{"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
           Case{"Content-Length: abc\r\n", 400},
           Case{"Content-Length: -1\r\n", 400},
           Case{"Content-Length: +3\r\n", 400},
           Case{"Content-Length: 3,3\r\n", 400},
           Case{"Content-Length: 0x3\r\n", 400},
           Case{"Content-Length:\r\n", 400},
           Case{"Transfer-Encoding: chunked, identity\r\n", 501},
           Case{"Transfer-Encoding: gzip, chunked\r\n", 501},
           Case{"Transfer-Encoding: identity\r\n", 501},
           Case{"Transfer-Encoding : chunked\r\n", 400},
           Case{"Content-Encoding: gzip\r\nContent-Length: 3\r\n", 415},
       }) {
    EXPECT_EQ(status(post("/size", lines, "abc")), expected) << lines;
  }
  EXPECT_EQ(status("POST /size HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST_F(LimitsTest, WhatFollowsARefusalIsNoRequest) {
  for (const std::string_view lines :
       {"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "Content-Length: abc\r\n",
        "Transfer-Encoding: gzip\r\n", "A : b\r\n"}) {
    Wire wire(port_);
    wire.send(post("/size", lines, "0\r\n\r\n" + get("/size")));
    EXPECT_GE(wire.receive()->status, 400) << lines;
    EXPECT_TRUE(wire.closes_within(milliseconds{3000})) << lines;
  }
}

TEST_F(LimitsTest, Paths) {
  EXPECT_EQ(status(get("/" + std::string(4095, 'x'))), 404);
  EXPECT_EQ(status(get("/" + std::string(4096, 'x'))), 414);
  EXPECT_EQ(status(get("/size?" + std::string(10'000, 'x'))), 414);
  EXPECT_EQ(status(get("/size?" + std::string(100'000, 'x'))), 0) << "more than a head may have";
  EXPECT_EQ(status(get("/../etc/passwd")), 400);
  EXPECT_EQ(status(get("/item/%2e%2e%2fetc")), 200) << "a slash inside a segment is data";
  EXPECT_EQ(status(get("/item/%2e%2e")), 400);
  EXPECT_EQ(status(get("/item/%00")), 400);
  EXPECT_EQ(status(get("/item/%c0%ae")), 400);
  EXPECT_EQ(status(get("/item/%")), 400);
  EXPECT_EQ(status(get("//size")), 404);
  EXPECT_EQ(status(get("/item\\x")), 404);
  EXPECT_EQ(ask(port_, get("/item/%252e%252e"))->body, "%2e%2e");
}

TEST_F(LimitsTest, HeaderBombs) {
  EXPECT_EQ(status(get("/size", "A: " + std::string(9000, 'x') + "\r\n")), 431);
  EXPECT_EQ(status(get("/size", "A: " + std::string(8187, 'x') + "\r\n")), 200);
  EXPECT_EQ(status("GET /size HTTP/1.1\r\nA: " + std::string(2'000'000, 'x')), 431);
  std::string fields;
  for (int i = 0; i < 62; ++i) fields += "A: b\r\n";
  EXPECT_EQ(status(get("/size", fields)), 200);
  EXPECT_EQ(status(get("/size", fields + "A: b\r\nA: b\r\n")), 431);
  std::string heavy;
  for (int i = 0; i < 10; ++i) heavy += "A: " + std::string(2000, 'x') + "\r\n";
  EXPECT_EQ(status(get("/size", heavy)), 431);
}

TEST_F(LargeBodiesTest, Bodies) {
  EXPECT_EQ(ask(port_, post("/size", length(3), "abc"))->body, "3");
  EXPECT_EQ(ask(port_, post("/size", length(100'000), std::string(100'000, 'x')))->body, "100000");
  EXPECT_EQ(status(post("/size", length(100'001))), 413) << "before the body is read";
  EXPECT_EQ(status(post("/size", "Content-Length: 99999999999999999999999\r\n")), 413);
  EXPECT_EQ(status(post("/batch", length(4'000'001))), 413);
  EXPECT_EQ(ask(port_, post("/batch", length(4'000'000), std::string(4'000'000, 'x')))->body,
            "4000000");
  EXPECT_EQ(status(post("/size", length(3'000'000), std::string(3'000'000, 'x'))), 413)
      << "a client that sends all of it regardless still gets the answer";
}

TEST_F(LimitsTest, ChunkedBodies) {
  const auto chunked = [&](std::string_view body) {
    return post("/size", "Transfer-Encoding: chunked\r\n", body);
  };
  EXPECT_EQ(ask(port_, chunked("3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n"))->body, "5");
  EXPECT_EQ(status(chunked("FFFFFFFFFFFFFFFF\r\n")), 400);
  EXPECT_EQ(status(chunked("x\r\nabc\r\n0\r\n\r\n")), 400);
  EXPECT_EQ(status(chunked("3\r\nabcd\r\n0\r\n\r\n")), 400);
  std::string large;
  for (int i = 0; i < 300; ++i) large += "400\r\n" + std::string(1024, 'x') + "\r\n";
  EXPECT_EQ(status(chunked(large + "0\r\n\r\n")), 413);
  EXPECT_EQ(status(post("/batch", "Transfer-Encoding: chunked\r\n", large + "0\r\n\r\n")), 200);
  EXPECT_EQ(status(chunked("-2\r\n")), 408) << "the library waits for so many";
  EXPECT_EQ(status(chunked("3\nabc\r\n0\r\n\r\n")), 408) << "the library waits for a line end";

  Wire wire(port_);
  wire.send(chunked("3\r\nabc\r\n"));
  wire.send_end();
  EXPECT_EQ(wire.receive()->status, 400) << "no end";
}

TEST_F(LimitsTest, ContentTypes) {
  const auto json = [&](std::string_view type) {
    return status(post("/json", std::string(type) + length(2), "{}"));
  };
  EXPECT_EQ(json("Content-Type: application/json\r\n"), 200);
  EXPECT_EQ(json("content-type: Text/JSON ; charset=utf-8\r\n"), 200);
  EXPECT_EQ(json("Content-Type: text/plain\r\n"), 415);
  EXPECT_EQ(json("Content-Type: application/jsonx\r\n"), 415);
  EXPECT_EQ(json(""), 415);
  EXPECT_EQ(status(post("/json", "")), 200) << "nothing has no type";
  EXPECT_EQ(status(post("/size", "Content-Type: multipart/form-data; boundary=x\r\n" + length(3))),
            415);
  EXPECT_NE(ask(port_, post("/json", length(2), "{}"))
                ->body.find("Content-Type is missing: the body has to be of type "
                            "`application/json` or `text/json`"),
            std::string::npos);
}

TEST_F(LimitsTest, Expectations) {
  Wire wire(port_);
  wire.send(post("/size", "Expect: 100-continue\r\n" + length(3)));
  EXPECT_EQ(wire.receive()->status, 100);
  wire.send("abc");
  EXPECT_EQ(wire.receive()->body, "3");

  EXPECT_EQ(status(post("/size", "Expect: 100-continue\r\n" + length(100'001))), 413)
      << "refused instead of invited";
  EXPECT_EQ(status(post("/nothing", "Expect: 100-continue\r\n" + length(3))), 404);
  EXPECT_EQ(status(post("/size", "Expect: a miracle\r\n" + length(3))), 417);
}

TEST_F(LimitsTest, SlowRequestsHaveOneTimeLimitInAll) {
  const auto begin = std::chrono::steady_clock::now();
  Wire slow_head(port_);
  slow_head.send("GET /size HTTP/1.1\r\n");
  slow_head.trickle("Host: a\r\nA: " + std::string(200, 'x'), milliseconds{20});
  EXPECT_EQ(slow_head.receive()->status, 408);
  const auto taken = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(taken, milliseconds{400});
  EXPECT_LT(taken, milliseconds{3000});

  Wire slow_body(port_);
  slow_body.send(post("/size", length(1000)));
  slow_body.trickle(std::string(1000, 'x'), milliseconds{20});
  EXPECT_EQ(slow_body.receive()->status, 408);

  Wire slow_chunks(port_);
  slow_chunks.send(post("/size", "Transfer-Encoding: chunked\r\n"));
  std::string chunks;
  for (int i = 0; i < 200; ++i) chunks += "1\r\nx\r\n";
  slow_chunks.trickle(chunks, milliseconds{20});
  EXPECT_EQ(slow_chunks.receive()->status, 408);

  Wire slow_line(port_);
  slow_line.trickle("GET /" + std::string(200, 'x'), milliseconds{20});
  EXPECT_TRUE(slow_line.closes_within(milliseconds{1000})) << "without an answer";
}

TEST_F(LimitsTest, ABodyWithoutALengthIsNone) {
  Wire wire(port_);
  wire.send(post("/size", "") + get("/size"));
  EXPECT_EQ(wire.receive()->body, "0");
  EXPECT_EQ(wire.receive()->status, 200);
}

TEST_F(LimitsTest, SilentConnectionsAreClosedWithoutAWord) {
  Wire wire(port_);
  EXPECT_FALSE(wire.closes_within(milliseconds{500}));
  EXPECT_TRUE(wire.closes_within(milliseconds{3000}));
}

TEST_F(LimitsTest, ARequestThatBreaksOffIsNotHandled) {
  Wire wire(port_);
  wire.send(post("/size", length(10), "abc"));
  wire.send_end();
  EXPECT_EQ(wire.receive()->status, 400);
}

TEST_F(LimitsTest, RangesAndForwardingMeanNothing) {
  std::string ranges = "Range: bytes=0-0";
  for (int i = 0; i < 1000; ++i) ranges += ",0-0";
  const auto answer =
      ask(port_, get("/item/abc", ranges + "\r\nX-HTTP-Method-Override: DELETE\r\n"));
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "abc");
  EXPECT_EQ(status(get("/size", "Range: nonsense\r\n")), 416);
  EXPECT_EQ(status(get("/size", "Accept: ;;q=\r\n")), 400);
  EXPECT_EQ(status(get("/size", "Upgrade: websocket\r\nConnection: Upgrade\r\n")), 200);
}

}  // namespace
}  // namespace toll::http
