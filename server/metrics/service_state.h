// What is read at the moment in which somebody asks: cards, keys, connections, and what the process
// takes.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

#include "engine/engine.h"
#include "http/server.h"
#include "server/access.h"
#include "server/card_folder.h"
#include "server/decision_log.h"

namespace toll::server {

/// Thread rule: any thread.
class ServiceState final : public prometheus::Collectable {
 public:
  /// Pointers may be null.
  struct Parts {
    const CardFolder& folder;
    const Access* access;
    const DecisionLog* decisions;
    const engine::Engine* engine;
    const http::Server& server;
  };
  /// `ready` says whether the service is.
  ServiceState(const Parts& parts, std::function<bool()> ready);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Parts parts_;
  const std::function<bool()> ready_;
};

}  // namespace toll::server
