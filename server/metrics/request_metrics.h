// How many requests each route answered, with which status, and how long that took.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "http/server.h"

namespace toll::server {

/// Thread rule: set_routes() first; then observe() from any thread.
class RequestMetrics {
 public:
  explicit RequestMetrics(prometheus::Registry& registry);

  void set_routes(std::span<const http::RouteInfo> routes);
  void observe(const http::Observation& seen);

 private:
  static constexpr size_t kStatusEnd = 600;

  struct OfRoute {
    std::string method, pattern;
    prometheus::Histogram* times = nullptr;
    /// By status, made when one is met: looking one up by its labels takes longer than a quote.
    std::array<std::atomic<prometheus::Counter*>, kStatusEnd> answers{};
  };
  std::unique_ptr<OfRoute> make(std::string_view method, std::string_view pattern);

  prometheus::Family<prometheus::Counter>& answers_;
  prometheus::Family<prometheus::Histogram>& times_;
  std::vector<std::unique_ptr<OfRoute>> routes_;  // by number
  const std::unique_ptr<OfRoute> nowhere_;        // requests that got to no route
};

}  // namespace toll::server
