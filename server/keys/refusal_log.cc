#include "server/keys/refusal_log.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "server/event_log.h"

namespace toll::server {
namespace {

constexpr int kLinesASecond = 10;

}  // namespace

void RefusalLog::refused(int status, const http::RouteInfo& route, std::string_view from,
                         std::string_view id) {
  uint64_t left_out = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - second_ >= std::chrono::seconds{1}) {
      second_ = now;
      lines_ = 0;
    }
    if (++lines_ > kLinesASecond) {
      ++left_out_;
      return;
    }
    left_out = std::exchange(left_out_, 0);
  }
  log_event(LogLevel::Warning, "refused",
            {{"status", std::to_string(status)},
             {"route", fmt::format("{} {}", route.method, route.pattern)},
             {"from", std::string(from)},
             {"key", std::string(id)},
             {"left_out", std::to_string(left_out)}});
}

}  // namespace toll::server
