// Which thread a connection gets, and what becomes of those that there is no place for.
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

/// As many threads as connections may be open, and as many places to wait for one. Whoever is
/// beyond that, or has waited for too long, is handed to a few threads that only say so.
/// Thread rule: enqueue() and shutdown() from one thread.
class ConnectionQueue final : public httplib::TaskQueue {
 public:
  /// `crowd` is kept at the number of connections that wait while no thread is free.
  ConnectionQueue(size_t connections, std::chrono::milliseconds wait_max,
                  std::atomic<size_t>& crowd);
  ~ConnectionQueue() override { shutdown(); }

  bool enqueue(std::function<void()> serve) override;

  /// Connections that wait are served before it returns.
  void shutdown() override;

  /// True on a thread that is to tell its connection that there is no place for it.
  static bool refuses();

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::function<void()> serve;
    Clock::time_point until;
  };

  void serve_connections();
  void refuse_connections();
  std::function<void()> take();
  std::function<void()> take_refused();
  void count_crowd();

  const size_t connections_;
  const std::chrono::milliseconds wait_max_;
  std::atomic<size_t>& crowd_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable refused_changed_;
  std::deque<Waiting> waiting_;
  std::deque<std::function<void()>> refused_;
  size_t free_ = 0;  ///< threads that wait for a connection
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace toll::http
