// A server of one test, with /ping and what else the test adds.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.h"
#include "tests/unit/http/wire.h"

namespace toll::http {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

inline constexpr std::string_view kPing = "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";

/// Collects what the server logs.
class Log {
 public:
  std::function<void(std::string_view)> sink() {
    return [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
    };
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

class ServerTest : public ::testing::Test {
 protected:
  /// A server with /ping, started.
  void start(Limits limits = {}) {
    server_ = std::make_unique<Server>(ServerOptions{.limits = limits, .log = log_.sink()});
    route("GET", "/ping", [](const Request&) { return Response{200, "text/plain", "pong"}; });
    for (Route& r : routes_)
      server_->route(r.method, r.pattern, std::move(r.handler), {.waits = r.waits});
    port_ = server_->start().value();
  }

  void route(std::string method, std::string pattern, Handler handler, bool waits = true) {
    routes_.push_back({std::move(method), std::move(pattern), std::move(handler), waits});
  }

  /// A route whose handler waits until it is let go, and may say that it only computes.
  void route_that_waits(bool says_so = true) {
    route(
        "GET", "/wait",
        [this](const Request&) {
          entered_.release();
          go_.acquire();
          return Response{200, "text/plain", "done"};
        },
        says_so);
  }

  std::optional<WireAnswer> ask(std::string_view bytes) { return http::ask(port_, bytes); }

  Log log_;
  std::counting_semaphore<> entered_{0};
  std::counting_semaphore<> go_{0};
  std::unique_ptr<Server> server_;
  uint16_t port_ = 0;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    Handler handler;
    bool waits = true;
  };
  std::vector<Route> routes_;
};

}  // namespace toll::http
