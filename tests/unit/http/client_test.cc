#include "http/client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "http/server.h"

namespace toll::http {
namespace {

using std::chrono::milliseconds;

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() : server_({}) {
    server_.route("POST", "/echo/{x}", [](const Request& r) {
      return Response{201,
                      std::string(r.header("content-type").value_or("none")),
                      std::string(r.capture("x")) + "|" + std::string(r.query) + "|" +
                          std::string(r.header("x-a").value_or("")) + "|" + std::string(r.body),
                      {{"X-Agent", std::string(r.header("user-agent").value_or("none"))}}};
    });
    server_.route("GET", "/sleep", [](const Request&) {
      std::this_thread::sleep_for(milliseconds{1000});
      return Response{};
    });
    server_.route("GET", "/large", [](const Request&) {
      return Response{200, "text/plain", std::string(100'000, 'x')};
    });
    port_ = server_.start().value();
  }

  Server server_;
  uint16_t port_;
};

TEST_F(ClientTest, SendsARequestAndGivesBackTheAnswer) {
  Client client("127.0.0.1", port_);
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.request("POST", "/echo/a%2Fb?on=2026-01-01",
                                       {{"X-A", "1"}, {"Content-Type", "text/x"}}, "body");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->content_type, "text/x");
    EXPECT_EQ(answer->body, "a/b|on=2026-01-01|1|body");
    EXPECT_EQ(answer->headers.size(), 3u);  // Keep-Alive, Content-Length and:
    bool named = false;
    for (const auto& [name, value] : answer->headers) named |= name == "X-Agent" && value == "toll";
    EXPECT_TRUE(named);
  }
}

TEST_F(ClientTest, GivesBackErrorAnswersAsAnswers) {
  Client client("127.0.0.1", port_);
  EXPECT_EQ(client.request("GET", "/nowhere")->status, 404);
  EXPECT_EQ(client.request("DELETE", "/large")->status, 405);
  EXPECT_EQ(client.request("HEAD", "/large")->body, "");
  const auto refused =
      client.request("POST", "/echo/x", {{"Content-Type", "a"}}, std::string(1 << 21, 'x'));
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->status, 413);
}

TEST_F(ClientTest, SendsLargeBodies) {
  Client client("127.0.0.1", port_);
  const std::string body(1'000'000, 'x');
  EXPECT_EQ(client.request("POST", "/echo/x", {}, body)->body, "x|||" + body);
}

TEST_F(ClientTest, GivesUpInTime) {
  Client client("127.0.0.1", port_, {.request_time_max = milliseconds{100}});
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = client.request("GET", "/sleep");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{900});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.starts_with("GET /sleep at 127.0.0.1:"));
}

TEST_F(ClientTest, RefusesAnswersThatAreTooLarge) {
  Client client("127.0.0.1", port_, {.body_bytes_max = 99'999});
  EXPECT_FALSE(client.request("GET", "/large"));
  Client wide("127.0.0.1", port_, {.body_bytes_max = 100'000});
  EXPECT_TRUE(wide.request("GET", "/large"));
}

TEST_F(ClientTest, RefusesWhatWouldBreakTheFraming) {
  Client client("127.0.0.1", port_);
  EXPECT_FALSE(client.request("GET", "/large", {{"A", "b\r\nC: d"}}));
  EXPECT_FALSE(client.request("GET", "/large", {{"A b", "c"}}));
  EXPECT_FALSE(client.request("GET", "/la rge"));
  EXPECT_FALSE(client.request("GET", "/large\r\nA: b"));
  EXPECT_FALSE(client.request("GET /", "/large"));
  EXPECT_FALSE(client.request("GET", "http://elsewhere/"));
}

TEST_F(ClientTest, SaysThatNobodyListens) {
  server_.stop(milliseconds{0});
  Client client("127.0.0.1", port_);
  const auto answer = client.request("GET", "/x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message,
            "GET /x at 127.0.0.1:" + std::to_string(port_) + ": it does not accept connections");
}

TEST_F(ClientTest, OpensAnotherConnectionWhenTheServerClosedItsOwn) {
  Limits limits;
  limits.idle_time_max = std::chrono::seconds{1};
  Server impatient({.limits = limits});
  impatient.route("GET", "/x", [](const Request&) { return Response{}; });
  const uint16_t port = impatient.start().value();
  Client client("127.0.0.1", port);
  EXPECT_EQ(client.request("GET", "/x")->status, 200);
  std::this_thread::sleep_for(milliseconds{1500});
  EXPECT_EQ(client.request("GET", "/x")->status, 200);
}

/// A server that sends the same bytes to whoever connects, with a pause behind each piece.
class Says {
 public:
  explicit Says(std::string bytes, size_t piece = SIZE_MAX, milliseconds pause = milliseconds{0})
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(fd_, 1);
    socklen_t length = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([=, this] { answer_one(bytes, piece, pause); });
  }
  ~Says() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }

  uint16_t port;

 private:
  void answer_one(std::string_view bytes, size_t piece, milliseconds pause) const {
    const int peer = ::accept(fd_, nullptr, nullptr);
    char request[4096];
    ::recv(peer, request, sizeof request, 0);
    while (!bytes.empty()) {
      const ssize_t sent = ::send(peer, bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<size_t>(sent));
      std::this_thread::sleep_for(pause);
    }
    ::shutdown(peer, SHUT_WR);
    while (::recv(peer, request, sizeof request, 0) > 0) {
    }
    ::close(peer);
  }

  int fd_;
  std::jthread thread_;
};

TEST(Client, CountsItsTimeOverTheWholeAnswer) {
  const std::string body(100, 'x');
  Says server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + body, 5, milliseconds{100});
  Client client("127.0.0.1", server.port, {.request_time_max = milliseconds{300}});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.request("GET", "/"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{1500});
}

TEST(Client, NeverThrowsAtWhatAServerSends) {
  for (const std::string bytes :
       {"", "nonsense", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nabc"}) {
    Says server(bytes);
    Client client("127.0.0.1", server.port, {.request_time_max = milliseconds{500}});
    EXPECT_FALSE(client.request("GET", "/")) << bytes;
  }
}

}  // namespace
}  // namespace toll::http
