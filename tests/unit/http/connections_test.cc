// Which connections are kept, by what was asked on them and by who else waits.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/server.h"
#include "tests/unit/http/started_server.h"
#include "tests/unit/http/wire.h"

namespace toll::http {
namespace {

using std::chrono::milliseconds;

class ConnectionsTest : public ServerTest {};

TEST_F(ConnectionsTest, AnErrorKeepsAConnectionWhoseRequestIsRead) {
  route("GET", "/sorry", [](const Request&) { return problem(422, "understood but refused"); });
  route("POST", "/sorry", [](const Request&) { return problem(422, "understood but refused"); });
  route("GET", "/throws", [](const Request&) -> Response { throw std::runtime_error("why"); });
  start();
  Wire wire(port_);
  const std::string body =
      "Content-Length: " + std::to_string(kPing.size()) + "\r\n\r\n" + std::string(kPing);
  for (const auto& [request, status] : {
           std::pair{std::string("GET /sorry HTTP/1.1\r\nHost: a\r\n\r\n"), 422},
           std::pair{std::string("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n"), 500},
           std::pair{std::string("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"), 404},
           std::pair{std::string("DELETE /ping HTTP/1.1\r\nHost: a\r\n\r\n"), 405},
           std::pair{"POST /sorry HTTP/1.1\r\nHost: a\r\n" + body, 422},
           std::pair{"POST /nowhere HTTP/1.1\r\nHost: a\r\n" + body, 404},
           std::pair{"POST /ping HTTP/1.1\r\nHost: a\r\n" + body, 405},
           std::pair{"GET /nowhere HTTP/1.1\r\nHost: a\r\n" + body, 404},
       }) {
    wire.send(request);
    const auto answer = wire.receive();
    ASSERT_TRUE(answer) << request;
    EXPECT_EQ(answer->status, status) << request;
    EXPECT_EQ(answer->header("Connection"), "") << request;
  }
  wire.send(kPing);
  EXPECT_EQ(wire.receive()->body, "pong");
}

TEST_F(ConnectionsTest, AnErrorEndsAConnectionWhoseRequestIsNotRead) {
  start();
  const std::string large(65 * 1024, 'x');
  const std::vector<std::string> requests = {
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 66560\r\n\r\n" + large,
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
          std::string(kPing),
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n" + std::string(kPing),
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
      std::string("GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
      std::string("GET /nowhere HTTP/1.0\r\n\r\n"),
  };
  for (const std::string& request : requests) {
    Wire wire(port_);
    wire.send(request);
    const auto answer = wire.receive();
    ASSERT_TRUE(answer) << request.substr(0, 100);
    EXPECT_GE(answer->status, 400) << request.substr(0, 100);
    EXPECT_EQ(answer->header("Connection"), "close") << request.substr(0, 100);
    EXPECT_TRUE(wire.closes_within(milliseconds{3000})) << request.substr(0, 100);
  }
}

TEST_F(ConnectionsTest, ABodyThatNobodyWantedIsNoRequest) {
  start();
  Wire wire(port_);
  wire.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kPing.size()) +
            "\r\n\r\n" + std::string(kPing) + "GET /second HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(wire.receive()->status, 404);
  EXPECT_EQ(wire.receive()->status, 404) << "the body was taken for a request";
}

TEST_F(ConnectionsTest, ABodyThatNobodyWantedIsNotWaitedForAtLength) {
  start();
  Wire wire(port_);
  wire.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(wire.receive()->status, 404);
  EXPECT_TRUE(wire.closes_within(milliseconds{3000}));
}

TEST_F(ConnectionsTest, SaysAtOnceThatItHasNoPlace) {
  Limits limits;
  limits.connections_max = 3;
  limits.wait_time_max = limits.crowded_idle_time_max = std::chrono::minutes{1};
  start(limits);
  std::vector<std::unique_ptr<Wire>> taken;
  for (int i = 0; i < 3; ++i) {
    taken.push_back(std::make_unique<Wire>(port_));
    taken.back()->send(kPing);
    ASSERT_EQ(taken.back()->receive()->status, 200);
  }
  std::vector<std::unique_ptr<Wire>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(std::make_unique<Wire>(port_));
    waiting.back()->send(kPing);
  }
  {
    Wire beyond(port_);
    beyond.send(kPing);
    const auto refusal = beyond.receive();
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 503);
    EXPECT_EQ(refusal->header("Retry-After"), "1");
    EXPECT_TRUE(beyond.closes_within(milliseconds{2000}));
    EXPECT_EQ(server_->refused_connections(), 1u);
  }

  taken.pop_back();  // hangs up
  EXPECT_EQ(waiting.front()->receive()->status, 200) << "the first who waits has its place";
  taken.front()->send(kPing);
  EXPECT_EQ(taken.front()->receive()->status, 200);
}

TEST_F(ConnectionsTest, WhoWaitedTooLongForAPlaceIsToldSo) {
  route_that_waits();
  Limits limits;
  limits.connections_max = 1;
  limits.wait_time_max = milliseconds{100};
  start(limits);
  Wire taken(port_);
  taken.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  entered_.acquire();
  const auto begin = Clock::now();
  Wire waiting(port_);
  waiting.send(kPing);
  const auto refusal = waiting.receive();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 503);
  EXPECT_EQ(refusal->header("Retry-After"), "1");
  EXPECT_GE(Clock::now() - begin, milliseconds{99});
  go_.release();
  EXPECT_EQ(taken.receive()->body, "done");
}

TEST_F(ConnectionsTest, ASilentConnectionLeavesItsPlaceToOneThatWaits) {
  Limits limits;
  limits.connections_max = 1;
  limits.idle_time_max = std::chrono::minutes{1};
  limits.wait_time_max = std::chrono::minutes{1};
  limits.crowded_idle_time_max = milliseconds{100};
  start(limits);
  Wire silent(port_);
  silent.send(kPing);
  ASSERT_TRUE(silent.receive());
  EXPECT_FALSE(silent.closes_within(milliseconds{400})) << "nobody waits";
  Wire waiting(port_);
  waiting.send(kPing);
  EXPECT_EQ(waiting.receive()->body, "pong");
  EXPECT_TRUE(silent.closes_within(milliseconds{1000}));
}

TEST_F(ConnectionsTest, ABusyConnectionLeavesItsPlaceAfterItsTurn) {
  Limits limits;
  limits.connections_max = 2;
  limits.wait_time_max = std::chrono::minutes{1};
  start(limits);
  Wire busy[] = {Wire(port_), Wire(port_)};
  const auto goodbyes = [&](int requests) {
    int count = 0;
    for (Wire& wire : busy)
      for (int i = 0; i < requests; ++i) {
        wire.send(kPing);
        const auto answer = wire.receive();
        if (!answer) break;
        if (answer->header("Connection") == "close") ++count;
      }
    return count;
  };
  EXPECT_EQ(goodbyes(1), 0);  // both have their places now
  EXPECT_EQ(goodbyes(150), 0) << "nobody waits";
  Wire waiting(port_);
  waiting.send(kPing);
  std::this_thread::sleep_for(milliseconds{50});  // so that it has been accepted
  EXPECT_EQ(goodbyes(50), 1) << "one leaves for one";
  EXPECT_EQ(waiting.receive()->body, "pong");
}

/// Far more than run at a time.
constexpr int kWaiting = 40;

class WaitingHandlers : public ConnectionsTest, public ::testing::WithParamInterface<bool> {};

TEST_P(WaitingHandlers, HoldUpNobody) {
  route_that_waits(GetParam());
  Limits limits;
  limits.connections_max = kWaiting + 1;
  start(limits);
  std::vector<std::unique_ptr<Wire>> waiting;
  for (int i = 0; i < kWaiting; ++i) {
    waiting.push_back(std::make_unique<Wire>(port_));
    waiting.back()->send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (int i = 0; i < kWaiting; ++i) ASSERT_TRUE(entered_.try_acquire_for(milliseconds{3000}));
  Wire other(port_);
  for (int i = 0; i < 10; ++i) {
    other.send(kPing);
    EXPECT_EQ(other.receive()->body, "pong");
  }
  go_.release(kWaiting);
  for (const auto& wire : waiting) {
    EXPECT_EQ(wire->receive()->body, "done");
    wire->send(kPing);
    EXPECT_EQ(wire->receive()->body, "pong");
  }
}

// One that says that it only computes, and waits all the same, is found out.
INSTANTIATE_TEST_SUITE_P(SayingSoOrNot, WaitingHandlers, ::testing::Bool());

TEST_F(ConnectionsTest, AClientThatIsDoneWithItsRequestLeavesItsPlace) {
  Limits limits;
  limits.idle_time_max = std::chrono::minutes{1};
  start(limits);
  for (int i = 0; i < 20; ++i) {
    Wire wire(port_);
    wire.send(kPing);
    wire.send_end();
    EXPECT_EQ(wire.receive()->body, "pong");
    EXPECT_TRUE(wire.closes_within(milliseconds{3000}));
  }
}

TEST_F(ConnectionsTest, RequestsInPiecesOfAnySizeAreAnsweredInOrder) {
  route(
      "POST", "/echo",
      [](const Request& request) { return Response{200, "text/plain", std::string(request.body)}; },
      /*waits=*/false);
  start();
  Wire wire(port_);
  // A piece may end just where what is received at a time does, 8 KiB.
  std::string all;
  std::vector<std::string> bodies;
  for (size_t size : {1u, 7000u, 8192u, 20'000u, 0u, 8190u, 30'000u, 16'384u}) {
    bodies.emplace_back(size, static_cast<char>('a' + bodies.size()));
    all += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n" + bodies.back();
  }
  for (const size_t piece : {all.size(), size_t{8192}, size_t{4096}, size_t{999}}) {
    for (size_t at = 0; at < all.size(); at += piece) wire.send(all.substr(at, piece));
    for (const std::string& body : bodies) {
      const auto answer = wire.receive();
      ASSERT_TRUE(answer) << piece;
      EXPECT_EQ(answer->body, body);
    }
  }
}

}  // namespace
}  // namespace toll::http
