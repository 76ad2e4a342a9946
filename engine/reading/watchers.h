// Who waits for changes of which customer. Whoever writes tells of the rows that it wrote.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store.h"
#include "engine/watch.h"

namespace toll::engine {

/// Thread rule: any thread.
class Watchers {
 public:
  std::shared_ptr<Watch> add(std::string_view tenant, std::string_view customer);

  /// Rows that are on the disk now. Costs nothing while nobody waits.
  void written(const Batch& batch);

  /// Anything may have changed.
  void tell_all();

 private:
  using List = std::vector<std::weak_ptr<Watch>>;
  void tell(List& list, Instant first);
  void forget_gone();

  std::atomic<size_t> count_ = 0;  // of entries, those that are gone included
  std::mutex mutex_;
  std::map<std::string, List, std::less<>> by_prefix_;  // of the keys of a customer's rows
};

}  // namespace toll::engine
