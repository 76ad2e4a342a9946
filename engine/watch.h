// Being told when something of a customer changes.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "base/instant.h"

namespace toll::engine {

/// Thread rule: changed() and changed_before() from any thread, wait() from one.
class Watch {
 public:
  /// `first`: what changed happened then or later.
  void changed(Instant first = Instant::min()) {
    {
      const std::lock_guard lock(mutex_);
      changed_ = true;
      first_ = std::min(first_.value_or(first), first);
    }
    woken_.notify_one();
  }

  /// Whether anything changed since the last call that said so; waits at most so long for it.
  bool wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, most, [this] { return changed_; });
    return std::exchange(changed_, false);
  }

  /// Whether anything ever changed that may have happened before a moment.
  bool changed_before(Instant time) const {
    const std::lock_guard lock(mutex_);
    return first_ && *first_ < time;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  bool changed_ = false;
  std::optional<Instant> first_;
};

}  // namespace toll::engine
