// A thread on which others have work done, one piece after the other.
//
// Reading and compiling a folder allocates tens of megabytes for moments. The C library gives each
// thread a heap of its own and keeps what was freed there, so that changes which are made by
// whichever connection brings them would leave that much in every one of those heaps.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace toll::server {

/// Thread rule: any thread but its own.
class OneThread {
 public:
  OneThread();
  /// REQUIRES: nobody waits in run().
  ~OneThread() = default;

  /// Returns when `work` is done. REQUIRES: it throws nothing.
  void run(const std::function<void()>& work);

 private:
  void work(const std::stop_token& stop);

  std::mutex callers_;  // one at a time
  std::mutex mutex_;
  std::condition_variable_any changed_;
  const std::function<void()>* work_ = nullptr;
  std::jthread thread_;  // last: it ends before the rest goes
};

}  // namespace toll::server
