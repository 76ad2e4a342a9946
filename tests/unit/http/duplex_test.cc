// Requests whose body is read while their answer is written, and the gate in front of all routes.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "tests/unit/http/wire.h"

namespace toll::http {
namespace {

using std::chrono::milliseconds;

class DuplexTest : public ::testing::Test {
 protected:
  void start(Limits limits = {}, RouteOptions options = {}) {
    server_ = std::make_unique<Server>(ServerOptions{.limits = limits});
    server_->stream("POST", "/upper", upper_case, std::move(options));
    server_->route("GET", "/ping",
                   [](const Request&) { return Response{200, "text/plain", "pong"}; });
    port_ = server_->start().value();
  }

  /// Answers as it reads.
  static std::optional<Response> upper_case(const Request&, Duplex& duplex) {
    bool begun = false;
    const bool whole = duplex.read(
        [&](std::string_view piece) {
          if (!std::exchange(begun, true)) duplex.begin({200, "text/plain", {}, {{"X-One", "1"}}});
          std::string answer(piece);
          for (char& c : answer) c = static_cast<char>(std::toupper(c));
          return duplex.write(answer);
        },
        [] { return false; });
    if (whole && !begun) return Response{204, "", "", {}};
    return std::nullopt;
  }

  static std::string post(std::string_view rest) {
    return "POST /upper HTTP/1.1\r\nHost: a\r\n" + std::string(rest);
  }
  static constexpr std::string_view kPing = "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";

  std::unique_ptr<Server> server_;
  uint16_t port_ = 0;
};

// An answer to a request without a body, piece by piece, until the reader or the server ends it.
TEST_F(DuplexTest, StreamsAnAnswerToGet) {
  std::atomic<int> pieces = 0;
  server_ = std::make_unique<Server>(ServerOptions{});
  server_->stream("GET", "/ticks", [&](const Request&, Duplex& duplex) -> std::optional<Response> {
    duplex.read([](std::string_view) { return true; }, [] { return false; });
    duplex.begin({200, "text/plain", {}, {}});
    while (duplex.goes_on()) {
      if (!duplex.write("tick") || !duplex.flush()) break;
      ++pieces;
      std::this_thread::sleep_for(milliseconds{5});
    }
    return std::nullopt;
  });
  port_ = server_->start().value();
  {
    Wire gone(port_);
    gone.send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(gone.receive_bytes("tick\r\n4\r\ntick").ends_with("tick\r\n4\r\ntick"));
  }
  int seen = -1;
  for (int i = 0; i < 100 && seen != pieces; ++i) {
    seen = pieces;
    std::this_thread::sleep_for(milliseconds{50});
  }
  EXPECT_EQ(seen, pieces) << "it goes on for a reader that has gone";
  Wire wire(port_);
  wire.send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(wire.receive_bytes("tick").ends_with("tick"));
  server_->drain();
  EXPECT_TRUE(wire.receive_bytes("0\r\n\r\n").ends_with("0\r\n\r\n"));
  Wire head(port_);
  head.send("HEAD /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = head.receive(true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST_F(DuplexTest, AnswersABodyOfAnyFraming) {
  start();
  Wire wire(port_);
  wire.send(post("Content-Length: 5\r\n\r\nhello"));
  auto answer = wire.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "HELLO");
  EXPECT_EQ(answer->header("X-One"), "1");
  wire.send(post("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") +
            std::string(kPing));
  answer = wire.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ABCDE");
  EXPECT_EQ(wire.receive()->body, "pong") << "the connection goes on";
  wire.send(post("\r\n"));
  EXPECT_EQ(wire.receive()->status, 204);
}

TEST_F(DuplexTest, AnswersBeforeTheBodyHasEnded) {
  start();
  Wire wire(port_);
  wire.send(post("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
  // A client that waits for what it has a right to before it goes on.
  const auto seen = wire.receive_bytes("ABC\r\n");
  EXPECT_TRUE(seen.contains("\r\nABC\r\n")) << seen;
  wire.send("1\r\nd\r\n0\r\n\r\n");
  EXPECT_TRUE(wire.receive_bytes("0\r\n\r\n").contains("\r\nD\r\n"));
}

TEST_F(DuplexTest, ServesAClientThatSendsAllBeforeItReads) {
  start({}, {.body_bytes_max = size_t{64} << 20});
  Wire wire(port_);
  const std::string body(size_t{6} << 20, 'x');
  ASSERT_TRUE(
      wire.send(post("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n") + body));
  const auto answer = wire.receive();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == std::string(body.size(), 'X'));
}

TEST_F(DuplexTest, ABodyThatEndsEarlyCutsTheAnswerOff) {
  start();
  Wire wire(port_);
  wire.send(post("Content-Length: 10\r\n\r\nabc"));
  wire.send_end();
  EXPECT_EQ(wire.receive(), std::nullopt) << "a whole answer to half a request";
}

TEST_F(DuplexTest, RefusesWhatIsTooLargeOrOld) {
  start({}, {.body_bytes_max = 4, .content_types = {"text/plain"}});
  EXPECT_EQ(status_of(port_, post("Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")),
            413);
  EXPECT_EQ(status_of(port_, post("Content-Type: text/x\r\nContent-Length: 1\r\n\r\nh")), 415);
  EXPECT_EQ(status_of(port_,
                      "POST /upper HTTP/1.0\r\nHost: a\r\nContent-Type: text/plain\r\n"
                      "Content-Length: 1\r\n\r\nh"),
            505);
  EXPECT_EQ(status_of(port_, post("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "5\r\nhello\r\n0\r\n\r\n")),
            413);
}

TEST_F(DuplexTest, ClientsThatTrickleAreCutOff) {
  Limits limits;
  limits.request_time_max = milliseconds{300};
  limits.connections_max = 1;
  start(limits);
  Wire wire(port_);
  const auto begin = std::chrono::steady_clock::now();
  wire.send(post("Content-Length: 1000\r\n\r\n"));
  wire.trickle(std::string(1000, 'x'), milliseconds{50});
  while (wire.receive_bytes("never").size() > 0) {
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{5000});
  EXPECT_EQ(status_of(port_, kPing), 200) << "the only thread is still held";
}

TEST_F(DuplexTest, ReadersThatDoNotReadAreCutOff) {
  Limits limits;
  limits.answer_time_max = milliseconds{300};
  limits.request_time_max = milliseconds{300};
  start(limits, {.body_bytes_max = size_t{256} << 20});
  Wire wire(port_);
  const std::string body(size_t{128} << 20, 'x');
  wire.send(post("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n") + body);
  size_t bytes = 0;
  bool ended = false;
  for (std::string piece; !(piece = wire.receive_bytes("\r\n")).empty(); bytes += piece.size())
    ended = piece == "0\r\n";
  EXPECT_FALSE(ended) << "the answer looks whole";
  EXPECT_LT(bytes, size_t{32} << 20) << "the answer waited in memory";
}

TEST_F(DuplexTest, DrainingEndsConnectionsWithTheirAnswers) {
  start();
  Wire wire(port_);
  wire.send(kPing);
  EXPECT_EQ(wire.receive()->header("Connection"), "");
  server_->drain();
  wire.send(post("Content-Length: 1\r\n\r\nh"));
  EXPECT_EQ(wire.receive()->header("Connection"), "close");
  EXPECT_TRUE(wire.closes_within(milliseconds{1000}));
  EXPECT_EQ(ask(port_, kPing)->header("Connection"), "close") << "others are still let in";
}

TEST(GateTest, IsAskedBeforeABodyIsRead) {
  std::mutex mutex;
  std::vector<std::string> asked;
  const auto gate = [&](const Request& head,
                        const RouteInfo& route) -> std::expected<Pass, Response> {
    const std::lock_guard lock(mutex);
    asked.push_back(std::string(route.method) + " " + std::string(route.pattern) + " " +
                    route.options->scope + " " + std::string(head.capture("id")));
    if (head.header("X-Key") != "good") return std::unexpected(problem(401, "who?"));
    return Pass{"me", {}, {{"X-Left", "9"}}};
  };
  std::vector<int> statuses;
  Server server({.gate = gate, .observe = [&](const Observation& seen) {
                   const std::lock_guard lock(mutex);
                   statuses.push_back(seen.route ? seen.status : -seen.status);
                 }});
  server.route("PUT", "/things/{id}",
               [](const Request& r) {
                 return Response{
                     200, "text/plain", std::string(r.caller) + std::string(r.body), {}};
               },
               {.scope = "write"});
  const uint16_t port = server.start().value();
  const std::string put = "PUT /things/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n";
  EXPECT_EQ(status_of(port, put + "\r\n"), 401) << "the body is not waited for";
  const auto answer = ask(port, put + "X-Key: good\r\n\r\nabc");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "meabc");
  EXPECT_EQ(answer->header("X-Left"), "9");
  EXPECT_EQ(status_of(port, "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"), 404);
  server.stop(milliseconds{1000});
  EXPECT_EQ(asked,
            (std::vector<std::string>{"PUT /things/{id} write a", "PUT /things/{id} write a"}));
  // Each had a connection of its own, whose thread tells of it when it is done with it.
  std::ranges::sort(statuses);
  EXPECT_EQ(statuses, (std::vector<int>{-404, 200, 401}));
}

TEST(GateTest, NoRouteIsOpenByBeingForgotten) {
  Server server({.gate = [](const Request&, const RouteInfo&) -> std::expected<Pass, Response> {
    return Pass{};
  }});
  server.route("GET", "/forgotten", [](const Request&) { return Response{}; });
  const auto port = server.start();
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().message, "route GET /forgotten says no scope");
}

}  // namespace
}  // namespace toll::http
