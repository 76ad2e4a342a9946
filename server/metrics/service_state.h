// What is read at the moment in which somebody asks: cards, keys, connections, and what the process
// takes.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

#include "http/server.h"
#include "server/access.h"
#include "server/card_folder.h"
#include "server/decision_log.h"

namespace toll::server {

/// Thread rule: any thread.
class ServiceState final : public prometheus::Collectable {
 public:
  /// `access` and `decisions` may be null. `connections` says how many are open, `ready` whether
  /// the service is.
  ServiceState(const CardFolder& folder, const Access* access, const DecisionLog* decisions,
               const http::Server& server, std::function<bool()> ready);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const CardFolder& folder_;
  const Access* const access_;
  const DecisionLog* const decisions_;
  const http::Server& server_;
  const std::function<bool()> ready_;
};

}  // namespace toll::server
