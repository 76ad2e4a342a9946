// What is read at the moment in which somebody asks: cards, keys, connections, and what the process
// takes.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

#include "server/access.h"
#include "server/card_folder.h"

namespace toll::server {

/// Thread rule: any thread.
class ServiceState final : public prometheus::Collectable {
 public:
  /// `access` may be null. `connections` says how many are open, `ready` whether the service is.
  ServiceState(const CardFolder& folder, const Access* access, std::function<int()> connections,
               std::function<bool()> ready);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const CardFolder& folder_;
  const Access* const access_;
  const std::function<int()> connections_;
  const std::function<bool()> ready_;
};

}  // namespace toll::server
