// Subscriptions that were read, kept for the next request of the same customer.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"

namespace toll::engine {

/// Any thread.
class KeptSubscriptions {
 public:
  using Found = Answered<std::vector<Subscription>>;

  /// Those under the key, read where they are not kept.
  Found get(const std::string& key, const std::function<Found()>& read);

  /// After they may have changed, and before anybody is told.
  void forget(const std::string& key);
  void forget_all();

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Subscription>> kept_;
  uint64_t changes_ = 0;
};

}  // namespace toll::engine
