#include "server/operations.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <iterator>
#include <utility>

#include "server/metrics/request_metrics.h"
#include "server/metrics/service_state.h"
#include "server/openapi/document.h"
#include "server/routes/answers.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;

/// `engine` may be null: then no events are kept.
Response readiness(bool ready, const engine::Engine* engine) {
  if (ready && !engine) return json_answer(R"({"status":"ready"})");
  if (ready)
    return json_answer(engine->store().state().failure ? R"({"status":"ready","events":"refused"})"
                                                       : R"({"status":"ready","events":"taken"})");
  Response answer = http::problem(503, "the service is about to end");
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

}  // namespace

struct Operations::Impl {
  Impl(const CardFolder& of, const Access* keys, const DecisionLog* log,
       const engine::Engine* events)
      : folder(of), access(keys), decisions(log), engine(events) {}

  Response metrics() const {
    auto families = registry.Collect();
    auto state_families = state->Collect();
    families.insert(families.end(), std::make_move_iterator(state_families.begin()),
                    std::make_move_iterator(state_families.end()));
    return {200,
            "text/plain; version=0.0.4; charset=utf-8",
            prometheus::TextSerializer().Serialize(families),
            {}};
  }

  const CardFolder& folder;
  const Access* const access;
  const DecisionLog* const decisions;
  const engine::Engine* const engine;
  std::atomic<bool> ready = true;
  prometheus::Registry registry;
  RequestMetrics requests{registry};
  std::unique_ptr<ServiceState> state;
};

Operations::Operations(const CardFolder& folder, const Access* access, const DecisionLog* decisions,
                       const engine::Engine* engine)
    : impl_(std::make_unique<Impl>(folder, access, decisions, engine)) {}
Operations::~Operations() = default;

std::function<void(const http::Observation&)> Operations::observer() {
  return [impl = impl_.get()](const http::Observation& seen) { impl->requests.observe(seen); };
}

void Operations::add_to(http::Server& server) {
  Impl* const impl = impl_.get();
  const http::RouteOptions open{.scope = std::string(kPublic)};
  server.route(
      "GET", "/readyz", [impl](const Request&) { return readiness(impl->ready, impl->engine); },
      open);
  server.route("GET", "/metrics", [impl](const Request&) { return impl->metrics(); },
               {.scope = "metrics:read"});
  server.route(
      "GET", "/openapi.json",
      [](const Request&) { return json_answer(std::string(openapi_document())); }, open);
  impl->requests.set_routes(server.routes());
  impl->state = std::make_unique<ServiceState>(
      ServiceState::Parts{impl->folder, impl->access, impl->decisions, impl->engine, server},
      [impl] { return impl->ready.load(); });
}

void Operations::drain() { impl_->ready = false; }

}  // namespace toll::server
