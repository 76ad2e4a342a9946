// Waiting until something of a customer changes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace toll::engine {

/// Thread rule: changed() from any thread, wait() from one.
class Watch {
 public:
  void changed() {
    {
      const std::lock_guard lock(mutex_);
      changed_ = true;
    }
    woken_.notify_one();
  }

  /// Whether anything changed since the last call that said so; waits at most so long for it.
  bool wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, most, [this] { return changed_; });
    return std::exchange(changed_, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool changed_ = false;
};

}  // namespace toll::engine
