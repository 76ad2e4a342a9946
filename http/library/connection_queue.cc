#include "http/library/connection_queue.h"

#include <utility>

namespace toll::http {
namespace {

constexpr size_t kRefusingThreads = 2;  // more would take from those who are served
constexpr size_t kRefusedMax = 256;  // at a time; beyond it a connection is closed without a word

thread_local bool is_refusing = false;

}  // namespace

// All threads at once, and not the library's pool: told to grow, that leaves a connection that
// arrives just behind another one in the queue until somebody hangs up, and who waits in it waits
// for any time.
ConnectionQueue::ConnectionQueue(size_t connections, std::chrono::milliseconds wait_max,
                                 std::atomic<size_t>& crowd)
    : connections_(connections), wait_max_(wait_max), crowd_(crowd) {
  for (size_t i = 0; i < connections; ++i) threads_.emplace_back([this] { serve_connections(); });
  for (size_t i = 0; i < kRefusingThreads; ++i)
    threads_.emplace_back([this] { refuse_connections(); });
}

bool ConnectionQueue::enqueue(std::function<void()> serve) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < connections_ + free_) {
    waiting_.push_back({std::move(serve), Clock::now() + wait_max_});
    arrived_.notify_one();
  } else if (refused_.size() < kRefusedMax) {
    refused_.push_back(std::move(serve));
  } else {
    return false;
  }
  count_crowd();
  if (crowd_ > 0) refused_changed_.notify_one();
  return true;
}

void ConnectionQueue::count_crowd() {
  crowd_ = waiting_.size() > free_ ? waiting_.size() - free_ : 0;
}

/// The connection that has waited longest; nothing at the end.
std::function<void()> ConnectionQueue::take() {
  std::unique_lock lock(mutex_);
  ++free_;
  count_crowd();
  arrived_.wait(lock, [this] { return !waiting_.empty() || ended_; });
  --free_;
  std::function<void()> next;
  if (!waiting_.empty()) {
    next = std::move(waiting_.front().serve);
    waiting_.pop_front();
  }
  count_crowd();
  return next;
}

void ConnectionQueue::serve_connections() {
  while (const auto serve = take()) serve();
}

/// One that is to be refused, or has waited for too long; nothing at the end.
std::function<void()> ConnectionQueue::take_refused() {
  std::unique_lock lock(mutex_);
  while (refused_.empty() && !ended_) {
    if (waiting_.empty()) {
      refused_changed_.wait(lock);
    } else if (Clock::now() < waiting_.front().until) {
      refused_changed_.wait_until(lock, waiting_.front().until);
    } else {
      refused_.push_back(std::move(waiting_.front().serve));
      waiting_.pop_front();
      count_crowd();
    }
  }
  if (refused_.empty()) return {};
  auto next = std::move(refused_.front());
  refused_.pop_front();
  return next;
}

void ConnectionQueue::refuse_connections() {
  is_refusing = true;
  while (const auto serve = take_refused()) serve();
}

void ConnectionQueue::shutdown() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  arrived_.notify_all();
  refused_changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool ConnectionQueue::refuses() { return is_refusing; }

}  // namespace toll::http
