// What operators ask of a running service.
//
//   GET /readyz        200 while it wants requests, 503 from the moment it is asked to end; and
//                      whether events are taken now: quotes are answered all the same
//   GET /metrics       what Prometheus collects
//   GET /openapi.json  every route, described
#pragma once

#include <functional>
#include <memory>

#include "engine/engine.h"
#include "http/server.h"
#include "server/access.h"
#include "server/card_folder.h"
#include "server/decision_log.h"

namespace toll::server {

/// Thread rule: any thread.
class Operations {
 public:
  /// Without keys `access` is null, without a log `decisions`, where no events are kept `engine`.
  /// All must outlive every server that this is added to.
  explicit Operations(const CardFolder& folder, const Access* access = nullptr,
                      const DecisionLog* decisions = nullptr,
                      const engine::Engine* engine = nullptr);
  Operations(const Operations&) = delete;
  ~Operations();

  /// For http::ServerOptions: counts answers and their times. REQUIRES: this outlives the server.
  std::function<void(const http::Observation&)> observer();

  /// Adds the routes above. REQUIRES: the server is not started, has all its other routes, and
  /// outlives no use of this.
  void add_to(http::Server& server);

  /// From now on the service is not ready: whoever sends it requests is to send them elsewhere.
  void drain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::server
