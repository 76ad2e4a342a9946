#include "server/metrics/request_metrics.h"

namespace toll::server {
namespace {

// Seconds. A quote takes some ten microseconds, a live bill or a batch up to seconds.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
    0.025,   0.05,   0.1,     0.25,   0.5,   1,      2.5,   10};

}  // namespace

RequestMetrics::RequestMetrics(prometheus::Registry& registry)
    : answers_(prometheus::BuildCounter()
                   .Name("toll_http_requests_total")
                   .Help("Requests that were answered, by route and status")
                   .Register(registry)),
      times_(prometheus::BuildHistogram()
                 .Name("toll_http_request_duration_seconds")
                 .Help("From a request's first byte to its answer's last")
                 .Register(registry)),
      nowhere_(make("", "none")) {}

std::unique_ptr<RequestMetrics::OfRoute> RequestMetrics::make(std::string_view method,
                                                              std::string_view pattern) {
  auto of = std::make_unique<OfRoute>();
  of->method = method;
  of->pattern = pattern;
  of->times = &times_.Add({{"method", of->method}, {"route", of->pattern}}, kSeconds);
  return of;
}

void RequestMetrics::set_routes(std::span<const http::RouteInfo> routes) {
  for (const http::RouteInfo& route : routes) routes_.push_back(make(route.method, route.pattern));
}

void RequestMetrics::observe(const http::Observation& seen) {
  OfRoute& of =
      seen.route && seen.route->number < routes_.size() ? *routes_[seen.route->number] : *nowhere_;
  const size_t status = seen.status > 0 && seen.status < static_cast<int>(kStatusEnd)
                            ? static_cast<size_t>(seen.status)
                            : 0;
  prometheus::Counter* counter = of.answers[status].load(std::memory_order_acquire);
  if (!counter) {  // of the same labels there is one counter, whoever asks first
    counter = &answers_.Add({{"method", of.method},
                             {"route", of.pattern},
                             {"status", status == 0 ? "none" : std::to_string(status)}});
    of.answers[status].store(counter, std::memory_order_release);
  }
  counter->Increment();
  of.times->Observe(std::chrono::duration<double>(seen.time).count());
}

}  // namespace toll::server
