// Clients that mean harm, and what becomes of the others meanwhile.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "tests/unit/http/wire.h"

namespace toll::http {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kPing = "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(std::string_view lines, std::string_view body) {
  return "POST /size HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n" + std::string(body);
}

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4 / 1024;
}

class AbuseTest : public ::testing::Test {
 protected:
  AbuseTest() {
    server_.route("GET", "/ping",
                  [](const Request&) { return Response{200, "text/plain", "pong"}; });
    server_.route("GET", "/large", [](const Request&) {
      return Response{200, "text/plain", std::string(8 << 20, 'x')};
    });
    server_.route("POST", "/size", [](const Request& request) {
      return Response{200, "text/plain", std::to_string(request.body.size())};
    });
    port_ = server_.start().value();
  }

  /// A connection that sends this and then nothing.
  void open(std::string_view bytes) {
    held_.push_back(std::make_unique<Wire>(port_));
    held_.back()->send(bytes);
  }

  Server server_{{}};
  uint16_t port_ = 0;
  std::vector<std::unique_ptr<Wire>> held_;
};

TEST_F(AbuseTest, OthersAreServedMeanwhile) {
  for (int i = 0; i < 20; ++i) {
    open("");
    open("GET /ping HTTP/1.1\r\nHo");
    open(post("Content-Length: 1000\r\n", "x"));
    open(post("Transfer-Encoding: chunked\r\n", "-2\r\nx"));
    open("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");  // and does not read
  }
  std::jthread trickles([&](const std::stop_token& stop) {
    Wire slow(port_);
    for (size_t i = 0; !stop.stop_requested(); ++i) {
      slow.send(
          std::string_view("GET /ping HTTP/1.1\r\nA: bbbbbbbbbbbbbbbbbbbb").substr(i % 40, 1));
      std::this_thread::sleep_for(milliseconds{20});
    }
  });
  std::vector<Clock::duration> times;
  Wire other(port_);
  for (int i = 0; i < 500; ++i) {
    const auto begin = Clock::now();
    other.send(kPing);
    const auto answer = other.receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->status, 200);
    times.push_back(Clock::now() - begin);
    if (i % 10 == 0) {
      EXPECT_EQ(status_of(port_, kPing), 200) << "and on a connection of its own";
    }
  }
  std::ranges::sort(times);
  EXPECT_LT(times[times.size() * 95 / 100], milliseconds{100});
}

TEST_F(AbuseTest, ManyExpectationsAreAnsweredOneByOne) {
  Wire wire(port_);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(wire.send(post("Expect: 100-continue\r\nContent-Length: 3\r\n", "")));
    ASSERT_EQ(wire.receive()->status, 100) << i;
    wire.send("abc");
    ASSERT_EQ(wire.receive()->body, "3") << i;
  }
}

TEST_F(AbuseTest, ThousandsOfSilentConnectionsKeepNobodyOutForLong) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const rlimit before = files;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 25'000);
  setrlimit(RLIMIT_NOFILE, &files);
  // Both ends of a connection are files of this process.
  const size_t most = std::min<size_t>(10'000, files.rlim_cur / 2 - 300);
  const double memory = resident_mib();
  for (size_t i = 0; i < most; ++i) held_.push_back(std::make_unique<Wire>(port_));
  EXPECT_GE(held_.size(), 200u) << "the system allows too few files to test this";
  const auto begin = Clock::now();
  int status = 0;
  while (status != 200 && Clock::now() - begin < milliseconds{20'000}) {
    try {
      status = status_of(port_, kPing);
    } catch (const std::runtime_error&) {  // closed without a word: comes again
    }
    if (status != 200) std::this_thread::sleep_for(milliseconds{50});
  }
  EXPECT_EQ(status, 200);
  EXPECT_LT(Clock::now() - begin, Limits{}.idle_time_max) << "less than the idle time";
  EXPECT_LT(resident_mib() - memory, 64);
  held_.clear();
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace toll::http
