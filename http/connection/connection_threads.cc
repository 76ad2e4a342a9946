#include "http/connection/connection_threads.h"

#include <sys/socket.h>
#include <unistd.h>

#include <system_error>
#include <utility>

namespace toll::http {
namespace {

constexpr std::chrono::seconds kIdleTimeMax{10};

void join_all(std::list<std::thread>& threads) {
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

}  // namespace

ConnectionThreads::ConnectionThreads(int threads_max, std::function<void(int)> serve)
    : threads_max_(static_cast<size_t>(threads_max)), serve_(std::move(serve)) {}

ConnectionThreads::~ConnectionThreads() { finish(std::chrono::milliseconds{0}); }

bool ConnectionThreads::take(int fd) {
  std::list<std::thread> ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
    if (finishing_ || open_.size() >= threads_max_) return false;
    if (idle_ <= waiting_.size() && !start_thread()) return false;
    waiting_.push_back(fd);
    open_.insert(fd);
  }
  work_.notify_one();
  join_all(ended);  // they have nothing left to do
  return true;
}

bool ConnectionThreads::start_thread() {
  const auto self = threads_.emplace(threads_.end());
  try {
    *self = std::thread([this, self] { run(self); });
  } catch (const std::system_error&) {  // the system has no more threads
    threads_.erase(self);
    return false;
  }
  ++idle_;  // it will look for work before anything else
  return true;
}

void ConnectionThreads::run(std::list<std::thread>::iterator self) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool woken =
        work_.wait_for(lock, kIdleTimeMax, [&] { return !waiting_.empty() || finishing_; });
    --idle_;
    if (!woken || waiting_.empty()) break;
    const int fd = waiting_.back();
    waiting_.pop_back();
    serve_and_close(lock, fd);
    ++idle_;
  }
  ended_.splice(ended_.end(), threads_, self);
  if (threads_.empty()) changed_.notify_all();
}

void ConnectionThreads::serve_and_close(std::unique_lock<std::mutex>& lock, int fd) {
  lock.unlock();
  serve_(fd);
  lock.lock();
  // Forgotten before it is closed, so that finish() never cuts off a descriptor of another owner.
  open_.erase(fd);
  ::close(fd);
  if (open_.empty()) changed_.notify_all();
}

void ConnectionThreads::finish(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  work_.notify_all();
  const auto all_served = [&] { return open_.empty(); };
  if (!changed_.wait_for(lock, grace, all_served)) {
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  changed_.wait(lock, [&] { return threads_.empty(); });
  std::list<std::thread> ended = std::move(ended_);
  ended_.clear();
  lock.unlock();
  join_all(ended);
}

}  // namespace toll::http
