// The word that the server is about to stop, for connections that are at work and for those that
// sleep in poll().
#pragma once

#include <atomic>

namespace toll::http {

/// Raised once, from any thread; never lowered.
class DrainSignal {
 public:
  DrainSignal();
  DrainSignal(const DrainSignal&) = delete;
  DrainSignal& operator=(const DrainSignal&) = delete;
  ~DrainSignal();

  void raise();
  bool raised() const { return raised_.load(std::memory_order_relaxed); }

  /// Readable once the signal is raised; -1, which poll() passes over, if the system gave none.
  int fd() const { return fd_; }

 private:
  std::atomic<bool> raised_ = false;
  int fd_;
};

}  // namespace toll::http
