// Which thread answers a request. A connection needs none while it is silent: it is watched, and
// what arrives on it is answered by one of a few threads, two for each core, the same ones as long
// as there is no need for others. With a thread for each connection, what a request touches has
// left the caches before the next one of that thread comes: with 128 of them a quote takes a third
// more than with 16.
//
//   watched ── bytes arrive ── a running thread serves it ── watched
//
// A thread that is about to wait for anything but the processor says so, and another one runs in
// its place; there are as many as connections, so that none waits for a thread that waits for
// somebody else. Where all that run are found at the same request for a while, one more runs too.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/library/connection.h"

namespace toll::http {

/// Thread rule: start() and stop() from one thread, all else from any.
class RequestThreads {
 public:
  /// What becomes of a connection whose requests were answered.
  enum class Next {
    Watch,  ///< nothing more has arrived
    Again,  ///< more has, and others have their turn before
    End,
  };
  struct Hooks {
    /// Answers what has arrived.
    std::function<Next(Connection&)> serve;
    /// It has been silent for so long: whether it goes on. Called every now and then.
    std::function<bool(Connection&, std::chrono::milliseconds)> is_kept;
    /// It is over.
    std::function<void(std::unique_ptr<Connection>)> end;
  };

  explicit RequestThreads(Hooks hooks);
  RequestThreads(const RequestThreads&) = delete;
  ~RequestThreads() { stop(); }

  /// For so many connections at most.
  void start(size_t connections);
  /// REQUIRES: all connections have ended.
  void stop();

  /// REQUIRES: fewer are watched or served than start() said.
  void add(std::unique_ptr<Connection> connection);

  /// This thread is about to wait for a client, a disk or another thread.
  static void may_wait();

 private:
  using Clock = std::chrono::steady_clock;
  enum class State : uint8_t { Empty, Watched, Served, ServedAndMore };
  struct Slot {
    std::atomic<State> state = State::Empty;
    std::atomic<Clock::rep> silent_since = 0;
    std::unique_ptr<Connection> connection;
  };

  void run();
  Slot* next();
  void hand(Slot& slot);
  Slot* take_handed();
  void serve(Slot& slot);
  void end(Slot& slot);
  bool claim(Slot& slot);
  bool watch_again(Slot& slot);
  bool may_run();
  void let_another_run();
  void give_back_what_was_lent();
  void look();
  void look_at_silent(Slot& slot, Clock::time_point now);
  void lend_where_all_are_stuck();

  const Hooks hooks_;
  const int epoll_;
  const int ended_event_;
  const int handed_event_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::mutex slots_mutex_;
  std::vector<Slot*> empty_;
  std::deque<Slot*> handed_;  ///< to be served: more has come than they were told of

  std::mutex running_mutex_;
  std::condition_variable running_changed_;
  std::condition_variable ends_;
  size_t may_run_ = 0;  ///< so many more threads
  std::atomic<bool> ended_ = false;
  std::atomic<int> lent_ = 0;     ///< of those, beyond two for each core
  std::atomic<int> waiting_ = 0;  ///< threads that wait for bytes to arrive
  std::atomic<uint64_t> taken_ = 0;
  uint64_t taken_before_ = 0;  ///< at the last look

  std::vector<std::thread> threads_;
};

}  // namespace toll::http
