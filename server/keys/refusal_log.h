// What the log says of requests that were not let in. A flood of them must not become a flood of
// lines, and no line holds what came as a key: only the id of one, which is no secret.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "http/server.h"

namespace toll::server {

/// Any thread.
class RefusalLog {
 public:
  /// `id` of the key that it came with, if that can be told.
  void refused(int status, const http::RouteInfo& route, std::string_view from,
               std::string_view id);

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point second_{};  // the one that lines are counted in
  int lines_ = 0;
  uint64_t left_out_ = 0;
};

}  // namespace toll::server
