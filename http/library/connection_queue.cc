#include "http/library/connection_queue.h"

#include <utility>

namespace toll::http {
namespace {

constexpr size_t kRefusingThreads = 2;  // more would take from those who are served
/// Between two refusals by the same thread: those who come again at once, though they are told when
/// to, cost a connection each time, which takes several quotes' time from those who are served.
constexpr std::chrono::milliseconds kBetweenRefusals{4};
constexpr size_t kRefusedMax = 256;  // at a time; beyond it a connection is closed without a word

thread_local bool is_refusing = false;

}  // namespace

ConnectionQueue::ConnectionQueue(size_t connections, std::chrono::milliseconds wait_max,
                                 std::atomic<size_t>& crowd)
    : connections_(connections), wait_max_(wait_max), crowd_(crowd) {
  for (size_t i = 0; i < kRefusingThreads; ++i)
    threads_.emplace_back([this] { refuse_connections(); });
}

bool ConnectionQueue::enqueue(std::function<void()> open) {
  {
    const std::lock_guard lock(mutex_);
    if (open_ == connections_) {
      if (waiting_.size() < connections_)
        waiting_.push_back({std::move(open), Clock::now() + wait_max_});
      else if (refused_.size() < kRefusedMax)
        refused_.push_back(std::move(open));
      else
        return false;
      crowd_ = waiting_.size();
      refused_changed_.notify_one();
      return true;
    }
    ++open_;
  }
  open();
  return true;
}

void ConnectionQueue::leave() {
  std::function<void()> next;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      if (--open_ == 0) left_.notify_all();
      return;
    }
    next = std::move(waiting_.front().open);
    waiting_.pop_front();
    crowd_ = waiting_.size();
  }
  next();
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
      refused_.push_back(std::move(waiting_.front().open));
      waiting_.pop_front();
      crowd_ = waiting_.size();
    }
  }
  if (refused_.empty()) return {};
  auto next = std::move(refused_.front());
  refused_.pop_front();
  return next;
}

void ConnectionQueue::refuse_connections() {
  is_refusing = true;
  while (const auto open = take_refused()) {
    open();
    std::this_thread::sleep_for(kBetweenRefusals);
  }
}

void ConnectionQueue::shutdown() {
  {
    std::unique_lock lock(mutex_);
    left_.wait(lock, [this] { return open_ == 0; });
    ended_ = true;
    refused_changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool ConnectionQueue::refuses() { return is_refusing; }

}  // namespace toll::http
