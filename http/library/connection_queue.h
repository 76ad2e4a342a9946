// Which connections have a place, and what becomes of those that there is none for.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "http/library/cpp_httplib.h"

namespace toll::http {

/// So many connections may be open, and as many wait for one of them to end. Whoever is beyond
/// that, or has waited for too long, is handed to a few threads that only say so.
/// Thread rule: enqueue() and shutdown() from one thread, leave() from any.
class ConnectionQueue final : public httplib::TaskQueue {
 public:
  /// `crowd` is kept at the number of connections that wait.
  ConnectionQueue(size_t connections, std::chrono::milliseconds wait_max,
                  std::atomic<size_t>& crowd);
  ~ConnectionQueue() override { shutdown(); }

  /// `open` is called once there is a place, at once or by leave(); it does not wait.
  bool enqueue(std::function<void()> open) override;

  /// A connection that had a place has ended.
  void leave();

  /// Connections that wait are served before it returns.
  void shutdown() override;

  /// True on a thread that is to tell its connection that there is no place for it.
  static bool refuses();

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::function<void()> open;
    Clock::time_point until;
  };

  void refuse_connections();
  std::function<void()> take_refused();

  const size_t connections_;
  const std::chrono::milliseconds wait_max_;
  std::atomic<size_t>& crowd_;

  std::mutex mutex_;
  std::condition_variable refused_changed_;
  std::condition_variable left_;
  std::deque<Waiting> waiting_;
  std::deque<std::function<void()>> refused_;
  size_t open_ = 0;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace toll::http
