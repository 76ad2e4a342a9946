// How connections live: many requests on one, one thread each, and the end of the server.
#include "http/server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/http/started_server.h"
#include "tests/unit/http/wire.h"

namespace toll::http {
namespace {

TEST_F(ServerTest, GivesTheHandlerTheRequest) {
  route("POST", "/v1/cards/{card}/{from}", [](const Request& r) {
    std::string all = std::string(r.method) + "|" + std::string(r.path) + "|" +
                      std::string(r.query) + "|" + std::string(r.capture("card")) + "|" +
                      std::string(r.capture("from")) + "|" + r.parameter("on").value_or("none") +
                      "|" + std::string(r.header("x-one").value_or("none")) + "|" +
                      std::string(r.remote_address) + "|" + std::string(r.body);
    return Response{201, "text/x", std::move(all), {{"Location", "/x"}}};
  });
  start();
  const auto answer =
      ask("POST /v1/cards/a%2Fb/2026?on=1%2B1 HTTP/1.1\r\nHost: a\r\nX-ONE: 1\r\n"
          "X-Forwarded-For: 192.0.2.1\r\nREMOTE_ADDR: 192.0.2.1\r\nContent-Length: 4\r\n\r\nbody");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "POST|/v1/cards/a%2Fb/2026|on=1%2B1|a/b|2026|1+1|1|127.0.0.1|body");
  EXPECT_EQ(answer->header("Content-Type"), "text/x");
  EXPECT_EQ(answer->header("Location"), "/x");
  EXPECT_EQ(answer->header("Connection"), "");
}

TEST_F(ServerTest, HeadOptionsAndOtherMethods) {
  start();
  Wire wire(port_);
  wire.send("HEAD /ping HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = wire.receive(/*to_head=*/true);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("Content-Length"), "4");
  EXPECT_EQ(head->header("Accept-Ranges"), "none");
  wire.send("OPTIONS /ping HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto options = wire.receive();
  EXPECT_EQ(options->status, 204);
  EXPECT_EQ(options->header("Allow"), "GET, HEAD, OPTIONS");
  wire.send(kPing);
  EXPECT_EQ(wire.receive()->body, "pong");

  wire.send("HEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(wire.receive(/*to_head=*/true)->status, 404);
  EXPECT_EQ(status_of(port_, "OPTIONS /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"), 404);

  for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"}) {
    const auto answer = ask(method + " /ping HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(answer->status, 405) << method;
    EXPECT_EQ(answer->header("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(answer->header("Content-Type"), "application/problem+json");
  }
  for (const std::string method : {"BREW", "get", "PROPFIND"}) {
    EXPECT_EQ(status_of(port_, method + " /ping HTTP/1.1\r\nHost: a\r\n\r\n"), 501) << method;
  }
}

TEST_F(ServerTest, AnswersOfSomeStatusesHaveNoBody) {
  route("GET", "/same",
        [](const Request&) { return Response{304, "", "left out", {{"ETag", "x"}}}; });
  start();
  Wire wire(port_);
  wire.send("GET /same HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = wire.receive();
  EXPECT_EQ(answer->status, 304);
  EXPECT_EQ(answer->body, "");
  wire.send(kPing);
  EXPECT_EQ(wire.receive()->body, "pong");
}

TEST_F(ServerTest, ExceptionsStayInside) {
  route("GET", "/throws",
        [](const Request&) -> Response { throw std::runtime_error("secret of the house"); });
  route("GET", "/throws_int", [](const Request&) -> Response { throw 7; });
  start();
  for (const std::string path : {"/throws", "/throws_int"}) {
    const auto answer = ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body, R"({"type":"about:blank","title":"Internal Server Error","status":500,)"
                            R"("detail":"the service failed on this request"})");
  }
  EXPECT_EQ(ask(kPing)->body, "pong");
  EXPECT_EQ(log_.lines(),
            (std::vector<std::string>{
                "GET /throws: the handler threw: secret of the house",
                "GET /throws_int: the handler threw something that is no exception"}));
}

TEST_F(ServerTest, AnswersThatWouldBreakTheFramingAreRefused) {
  const std::vector<Response> broken = {
      {200, "", "", {{"X-Echo", "a\r\nSet-Cookie: b"}}},
      {200, "", "", {{"X-Echo", "a\nb"}}},
      {200, "", "", {{"X-Echo", std::string("a\0b", 3)}}},
      {200, "", "", {{"X-Echo: a\r\nB", "c"}}},
      {200, "", "", {{"", "c"}}},
      {200, "", "", {{"content-length", "7"}}},
      {200, "", "", {{"Transfer-Encoding", "chunked"}}},
      {200, "", "", {{"Connection", "close"}}},
      {200, "text/plain\r\nX: y"},
      {99, ""},
      {101, ""},
      {600, ""},
      {-1, ""},
  };
  route("GET", "/{case}",
        [&](const Request& r) { return broken[std::stoul(std::string(r.capture("case")))]; });
  start();
  for (size_t i = 0; i < broken.size(); ++i) {
    const auto answer = ask("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(answer->status, 500) << i;
    EXPECT_EQ(answer->header("Set-Cookie"), "") << i;
  }
  EXPECT_EQ(log_.lines().size(), broken.size());
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  route("POST", "/echo",
        [](const Request& r) { return Response{200, "text/plain", std::string(r.body)}; });
  start();
  constexpr int kRequests = 1000;
  std::string bytes;
  for (int i = 0; i < kRequests; ++i) {
    const std::string body = std::to_string(i) + std::string(static_cast<size_t>(i % 90), 'x');
    if (i % 3 == 0) {
      char size[16];
      std::snprintf(size, sizeof size, "%zx", body.size());
      bytes += "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
               std::string(size) + "\r\n" + body + "\r\n0\r\n\r\n";
    } else {
      bytes += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }
  }
  Wire wire(port_);
  std::jthread sender([&] { wire.send(bytes); });
  for (int i = 0; i < kRequests; ++i) {
    const auto answer = wire.receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, std::to_string(i) + std::string(static_cast<size_t>(i % 90), 'x'));
  }
}

TEST_F(ServerTest, EndsAConnectionAfterSoManyRequests) {
  Limits limits;
  limits.requests_per_connection_max = 3;
  start(limits);
  Wire wire(port_);
  wire.send(std::string(kPing) + std::string(kPing) + std::string(kPing) + std::string(kPing));
  EXPECT_EQ(wire.receive()->header("Connection"), "");
  EXPECT_EQ(wire.receive()->header("Connection"), "");
  EXPECT_EQ(wire.receive()->header("Connection"), "close");
  EXPECT_TRUE(wire.closes_within(milliseconds{1000}));
}

TEST_F(ServerTest, SpeaksHttp10) {
  start();
  Wire closing(port_);
  closing.send("GET /ping HTTP/1.0\r\n\r\n");
  const auto last = closing.receive();
  EXPECT_EQ(last->body, "pong");
  EXPECT_EQ(last->header("Connection"), "close");
  EXPECT_TRUE(closing.closes_within(milliseconds{1000}));

  Wire keeping(port_);
  for (int i = 0; i < 2; ++i) {
    keeping.send("GET /ping HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    EXPECT_EQ(keeping.receive()->body, "pong");
  }
}

TEST_F(ServerTest, IdleConnectionsHoldUpNobody) {
  start();
  std::vector<std::unique_ptr<Wire>> idle;
  for (int i = 0; i < 100; ++i) {
    idle.push_back(std::make_unique<Wire>(port_));
    idle.back()->send(kPing);
    ASSERT_EQ(idle.back()->receive()->status, 200);
  }
  const auto begin = Clock::now();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(kPing)->status, 200);
  EXPECT_LT(Clock::now() - begin, milliseconds{4000}) << "less than the idle time";
  for (auto& wire : idle) {  // all are still there
    wire->send(kPing);
    EXPECT_EQ(wire->receive()->status, 200);
  }
}

TEST_F(ServerTest, ManyClientsAtOnceGetTheirOwnAnswers) {
  route("GET", "/{id}",
        [](const Request& r) { return Response{200, "text/plain", std::string(r.capture("id"))}; });
  start();
  std::vector<std::jthread> clients;
  std::atomic<int> right = 0;
  for (int c = 0; c < 16; ++c) {
    clients.emplace_back([&, c] {
      Wire wire(port_);
      for (int i = 0; i < 100; ++i) {
        const std::string id = std::to_string(c) + "-" + std::to_string(i);
        wire.send("GET /" + id + " HTTP/1.1\r\nHost: a\r\n\r\n");
        const auto answer = wire.receive();
        if (answer && answer->body == id) ++right;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(right, 1600);
}

TEST_F(ServerTest, SlowReadersAreCutOff) {
  route("GET", "/large",
        [](const Request&) { return Response{200, "text/plain", std::string(32 << 20, 'x')}; });
  Limits limits;
  limits.connections_max = 1;
  limits.answer_time_max = milliseconds{200};
  start(limits);
  Wire greedy(port_);
  greedy.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  int status = 0;
  for (int i = 0; i < 100 && status != 200; ++i) {
    std::this_thread::sleep_for(milliseconds{20});
    status = status_of(port_, kPing);
  }
  EXPECT_EQ(status, 200) << "the only thread is still held by a client that does not read";
}

TEST_F(ServerTest, LargeAnswersArriveWhole) {
  std::string large;
  for (int i = 0; i < 1'000'000; ++i) large += static_cast<char>('a' + i % 26);
  route("GET", "/large", [&](const Request&) { return Response{200, "text/plain", large}; });
  start();
  EXPECT_TRUE(ask("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")->body == large);
}

TEST_F(ServerTest, StopAnswersTheRequestInHand) {
  route_that_waits();
  start();
  Wire wire(port_);
  wire.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  entered_.acquire();
  auto stopped = std::async(std::launch::async, [&] { server_->stop(milliseconds{5000}); });
  EXPECT_EQ(stopped.wait_for(milliseconds{100}), std::future_status::timeout);
  go_.release();
  const auto answer = wire.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "done");
  EXPECT_TRUE(wire.closes_within(milliseconds{1000}));
  EXPECT_EQ(stopped.wait_for(milliseconds{2000}), std::future_status::ready);
  EXPECT_THROW(Wire{port_}, std::runtime_error) << "nobody listens any more";
}

TEST_F(ServerTest, StopAnswersARequestWhoseFirstByteWasRead) {
  start();
  Wire begun(port_);
  begun.send("GE");
  Wire idle(port_);
  idle.send(kPing);
  ASSERT_TRUE(idle.receive());
  std::this_thread::sleep_for(milliseconds{50});  // so that the first byte has been read
  auto stopped = std::async(std::launch::async, [&] { server_->stop(milliseconds{5000}); });
  EXPECT_TRUE(idle.closes_within(milliseconds{1000}));
  EXPECT_EQ(stopped.wait_for(milliseconds{50}), std::future_status::timeout);
  begun.send(kPing.substr(2));
  EXPECT_EQ(begun.receive()->body, "pong");
  EXPECT_EQ(stopped.wait_for(milliseconds{2000}), std::future_status::ready);
}

TEST_F(ServerTest, StopTellsWhoSentAheadThatTheConnectionCloses) {
  route_that_waits();
  start();
  Wire wire(port_);
  wire.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kPing) + std::string(kPing));
  entered_.acquire();
  auto stopped = std::async(std::launch::async, [&] { server_->stop(milliseconds{5000}); });
  std::this_thread::sleep_for(milliseconds{50});
  go_.release();
  EXPECT_EQ(wire.receive()->body, "done");
  const auto last = wire.receive();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->body, "pong");
  EXPECT_EQ(last->header("Connection"), "close");
  EXPECT_TRUE(wire.closes_within(milliseconds{1000}));
}

TEST_F(ServerTest, StopCutsOffAfterItsGrace) {
  start();
  Wire begun(port_);
  begun.send("GET /ping HTTP/1.1\r\n");
  std::this_thread::sleep_for(milliseconds{50});
  const auto begin = Clock::now();
  server_->stop(milliseconds{100});
  const auto taken = Clock::now() - begin;
  EXPECT_GE(taken, milliseconds{100});
  EXPECT_LT(taken, milliseconds{4000});
  server_->stop(milliseconds{0});  // does nothing
}

TEST_F(ServerTest, StopUnderLoadLosesNoAnswer) {
  start();
  std::atomic<bool> stopping = false;
  std::atomic<int> lost = 0;
  std::vector<std::jthread> clients;
  std::vector<std::unique_ptr<Wire>> wires;
  for (int c = 0; c < 8; ++c) wires.push_back(std::make_unique<Wire>(port_));
  for (auto& wire : wires) {
    clients.emplace_back([&, &wire = *wire] {
      for (;;) {
        if (!wire.send(kPing)) return;
        const bool asked_before = !stopping;
        const auto answer = wire.receive();
        if (!answer && asked_before) ++lost;
        if (!answer || answer->header("Connection") == "close") return;
      }
    });
  }
  std::this_thread::sleep_for(milliseconds{100});
  stopping = true;
  server_->stop(milliseconds{5000});
  clients.clear();
  EXPECT_EQ(lost, 0);
}

TEST_F(ServerTest, StartSaysWhatIsWrong) {
  start();
  Server second({.port = port_});
  const auto port = second.start();
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string(port_) + ": address already in use");

  Server nowhere({.host = "no such host.invalid"});
  EXPECT_FALSE(nowhere.start());

  Server malformed({});
  malformed.route("GET", "/a/{", {});
  malformed.route("GET", "/ok", {});
  EXPECT_EQ(malformed.start().error().message,
            "route GET /a/{ is not a path of literals and {names}");
}

/// The descriptor of the process's listening socket on `port`; -1 if there is none.
int listening_descriptor(uint16_t port) {
  for (int fd = 3; fd < 1024; ++fd) {
    int listens = 0;
    socklen_t length = sizeof listens;
    sockaddr_in address{};
    socklen_t address_length = sizeof address;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens &&
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &address_length) == 0 &&
        ntohs(address.sin_port) == port) {
      return fd;
    }
  }
  return -1;
}

TEST_F(ServerTest, OpensAListeningSocketThatFailedAgain) {
  start();
  Wire before(port_);
  before.send(kPing);
  ASSERT_TRUE(before.receive());
  ::shutdown(listening_descriptor(port_), SHUT_RDWR);
  int status = 0;
  for (int i = 0; i < 100 && status != 200; ++i) {
    std::this_thread::sleep_for(milliseconds{10});
    try {
      status = status_of(port_, kPing);
    } catch (const std::runtime_error&) {  // not yet
    }
  }
  EXPECT_EQ(status, 200);
  EXPECT_TRUE(before.closes_within(milliseconds{1000})) << "and ends the idle ones before";
  EXPECT_EQ(log_.lines(),
            (std::vector<std::string>{"the listening socket on 127.0.0.1:" + std::to_string(port_) +
                                      " failed and is opened again"}));
}

TEST_F(ServerTest, ListensOnIpv6) {
  Server server({.host = "::1"});
  const auto port = server.start();
  EXPECT_TRUE(port) << port.error().message;
}

}  // namespace
}  // namespace toll::http
