// The threads that connections live on: as many as there are connections, up to a bound.
//
// A connection keeps its thread for as long as it is open, so one that waited for a thread to
// become free would wait for a stranger to hang up. It is never queued: it gets a thread that is
// idle, or a new one, or is turned away. Threads outlive their connection for a while, since
// clients that open a connection for each request would otherwise pay for a thread each time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace toll::http {

/// Thread rule: all functions from any thread, but none of them from a `serve` call.
class ConnectionThreads {
 public:
  /// `serve` talks on an open socket and leaves it open; it must not throw.
  ConnectionThreads(int threads_max, std::function<void(int fd)> serve);
  ConnectionThreads(const ConnectionThreads&) = delete;
  ConnectionThreads& operator=(const ConnectionThreads&) = delete;
  ~ConnectionThreads();  ///< finish(0)

  /// Has the socket served and closed. False if all threads are taken, the system has no more, or
  /// finish() was called: then the socket still is the caller's.
  bool take(int fd);

  /// Takes no more sockets, waits until those at hand are served, but cuts them off after `grace`,
  /// and joins all threads.
  void finish(std::chrono::milliseconds grace);

 private:
  void run(std::list<std::thread>::iterator self);
  void serve_and_close(std::unique_lock<std::mutex>& lock, int fd);
  bool start_thread();

  const size_t threads_max_;
  const std::function<void(int)> serve_;

  std::mutex mutex_;
  std::condition_variable work_;     ///< waiting_ or finishing_ changed
  std::condition_variable changed_;  ///< open_ or threads_ became empty
  std::vector<int> waiting_;         ///< taken; fewer than idle_ threads or as many
  std::set<int> open_;               ///< waiting or being served
  size_t idle_ = 0;
  bool finishing_ = false;
  std::list<std::thread> threads_;
  std::list<std::thread> ended_;  ///< to be joined
};

}  // namespace toll::http
