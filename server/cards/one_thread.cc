#include "server/cards/one_thread.h"

namespace toll::server {

OneThread::OneThread() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

void OneThread::run(const std::function<void()>& work) {
  const std::lock_guard caller(callers_);
  std::unique_lock lock(mutex_);
  work_ = &work;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !work_; });
}

void OneThread::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return work_ != nullptr; })) {
    lock.unlock();
    (*work_)();
    lock.lock();
    work_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace toll::server
