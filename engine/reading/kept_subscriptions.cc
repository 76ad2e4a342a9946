#include "engine/reading/kept_subscriptions.h"

namespace toll::engine {
namespace {
constexpr size_t kCustomersMax = 100'000;
}

KeptSubscriptions::Found KeptSubscriptions::get(const std::string& key,
                                                const std::function<Found()>& read) {
  uint64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto kept = kept_.find(key); kept != kept_.end()) return kept->second;
    before = changes_;
  }
  Found found = read();
  if (!found) return found;
  const std::lock_guard lock(mutex_);
  // What was read while something changed may be older than the change.
  if (changes_ != before) return found;
  if (kept_.size() == kCustomersMax) kept_.clear();
  kept_.insert_or_assign(key, *found);
  return found;
}

void KeptSubscriptions::forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  kept_.erase(key);
}

void KeptSubscriptions::forget_all() {
  const std::lock_guard lock(mutex_);
  ++changes_;
  kept_.clear();
}

}  // namespace toll::engine
