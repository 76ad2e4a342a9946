// The stream of a live bill: at once on every change, and gone when its reader or the service is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/unit/http/wire.h"
#include "tests/unit/server/usage_routes.h"

namespace toll::server {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class BillStream : public UsageRoutes {
 protected:
  void SetUp() override {
    UsageRoutes::SetUp();
    subscribe();
  }
  void add_routes() override {
    UsageService(
        *folder_, *engine_,
        {.streams_max = 2, .is_let_in = [this](std::string_view) { return let_in_.load(); }})
        .add_to(*server_);
  }

  static std::string ask(std::string_view query = "?period=2026-03",
                         std::string_view method = "GET") {
    return fmt::format("{} /v1/customers/acme/stream{} HTTP/1.1\r\nHost: a\r\n\r\n", method, query);
  }

  /// A stream that was opened, with its head read.
  struct Stream {
    explicit Stream(uint16_t port) : wire(port) {
      wire.send(ask());
      head = wire.receive_bytes("\r\n\r\n");
    }
    /// The data of the next event, without its chunk's framing.
    std::string next(std::string_view name = "bill") {
      const std::string before = fmt::format("event: {}\ndata: ", name);
      const std::string text = wire.receive_bytes("\n\n");
      const size_t at = text.find(before);
      if (at == text.npos) return "no event, but: " + text;
      return text.substr(at + before.size(), text.size() - at - before.size() - 2);
    }
    std::string total() {
      const std::string data = next();
      return json::accept(data) ? json::parse(data)["total"].get<std::string>() : data;
    }
    /// Whether it comes to its last chunk.
    bool ends() { return wire.receive_bytes("\r\n0\r\n\r\n").ends_with("\r\n0\r\n\r\n"); }
    http::Wire wire;
    std::string head;
  };

  std::atomic<bool> let_in_ = true;
};

TEST_F(BillStream, IsTheBillAgainOnEveryChange) {
  Stream stream(port_);
  EXPECT_TRUE(stream.head.starts_with("HTTP/1.1 200 OK\r\n")) << stream.head;
  EXPECT_TRUE(stream.head.contains("Content-Type: text/event-stream\r\n")) << stream.head;
  EXPECT_EQ(stream.next(), get("/v1/customers/acme/bill?period=2026-03").body);
  send(kOne, event("1", "20"));
  EXPECT_EQ(stream.next(), get("/v1/customers/acme/bill?period=2026-03").body);
  send(kOne, event("2", "10"));
  EXPECT_EQ(stream.total(), "15.00");
  request("POST", "/v1/events/retract", R"({"source":"/s","id":"1","reason":"test"})");
  EXPECT_EQ(stream.total(), "5.00");
  // A new price changes it as well.
  std::string dearer = card();
  dearer.replace(dearer.find("0.50"), 4, "0.90");
  save("storage@2026-01-01.toll", dearer);
  EXPECT_EQ(stream.total(), "9.00");
}

TEST_F(BillStream, SaysWhatBecameWrong) {
  Stream stream(port_);
  EXPECT_EQ(stream.total(), "5.00");
  EXPECT_EQ(subscribe("main", R"({"card":"storage","start":"2026-05-01"})").status, 200);
  EXPECT_EQ(json::parse(stream.next("refused"))["status"], 404);
  EXPECT_EQ(subscribe().status, 200);
  EXPECT_EQ(stream.total(), "5.00");
}

// What an event changes is on the stream within 100 ms of its acknowledgement, and with it: the
// 99th of 100.
TEST_F(BillStream, ComesWithinATenthOfASecond) {
  Stream stream(port_);
  stream.next();
  std::vector<milliseconds> times;
  for (int i = 0; i < 100; ++i) {
    send(kOne, event(std::to_string(i), "20"));
    const auto acknowledged = Clock::now();
    EXPECT_EQ(stream.total(), fmt::format("{}.00", 10 * (i + 1)));
    times.push_back(std::chrono::duration_cast<milliseconds>(Clock::now() - acknowledged));
  }
  std::ranges::sort(times);
  RecordProperty("p50_ms", static_cast<int>(times[49].count()));
  RecordProperty("p99_ms", static_cast<int>(times[98].count()));
  EXPECT_LT(times[98], milliseconds{100});
}

TEST_F(BillStream, NoMoreAreOpenThanMayBe) {
  Stream first(port_), second(port_);
  first.next();
  second.next();
  const auto full = http::ask(port_, ask());
  ASSERT_TRUE(full);
  EXPECT_EQ(full->status, 503);
  EXPECT_EQ(full->header("Retry-After"), "5");
}

TEST_F(BillStream, ARefusalIsAnAnswerAndNoStream) {
  EXPECT_EQ(http::status_of(port_, ask("?period=2025-03")), 404);
  EXPECT_EQ(http::status_of(port_, ask("?period=March")), 400);
  EXPECT_EQ(http::status_of(port_, ask("?as_of=2026-03-10T12:00:00Z")), 400);
  http::Wire head(port_);
  head.send(ask("", "HEAD"));
  const auto answer = head.receive(true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST_F(BillStream, LeavesItsPlaceWhenItsReaderGoes) {
  for (int i = 0; i < 6; ++i) {
    Stream stream(port_);
    if (stream.head.starts_with("HTTP/1.1 503")) {
      // The place of one that went is seen to be free within a moment.
      std::this_thread::sleep_for(milliseconds{300});
      --i;
      continue;
    }
    EXPECT_EQ(stream.total(), "5.00");
  }
}

TEST_F(BillStream, EndsWithTheServiceAndWithItsKey) {
  Stream stream(port_);
  stream.next();
  let_in_ = false;
  EXPECT_TRUE(stream.ends()) << "a stream ends whole";
  let_in_ = true;
  Stream other(port_);
  other.next();
  const auto begin = Clock::now();
  server_->stop(std::chrono::seconds{5});
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds{2});
  EXPECT_TRUE(other.ends());
}

}  // namespace
}  // namespace toll::server
