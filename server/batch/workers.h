// The threads that rate batches. All batches share them, so that one cannot take the machine from
// single quotes by bringing threads of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace toll::server {

/// Thread rule: run() from any thread. The destructor waits for what was given.
class Workers {
 public:
  explicit Workers(unsigned threads);
  Workers(const Workers&) = delete;
  ~Workers();

  /// REQUIRES: `task` throws nothing.
  void run(std::function<void()> task);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::vector<std::jthread> threads_;  // last: they end before the rest
};

}  // namespace toll::server
