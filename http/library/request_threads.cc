#include "http/library/request_threads.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace toll::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookInterval{25};

/// A connection is left alone for this long.
constexpr milliseconds kSilenceLeast{50};

thread_local RequestThreads* runs_for = nullptr;

size_t running_most() {
  return std::max<size_t>(4, size_t{2} * std::thread::hardware_concurrency());
}

}  // namespace

RequestThreads::RequestThreads(Hooks hooks)
    : hooks_(std::move(hooks)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      ended_event_(eventfd(0, EFD_CLOEXEC)),
      handed_event_(eventfd(0, EFD_CLOEXEC)) {}

void RequestThreads::start(size_t connections) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, ended_event_, &event);
  event = {.events = EPOLLIN | EPOLLET, .data = {.ptr = &handed_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, handed_event_, &event);
  for (size_t i = 0; i < connections; ++i) {
    slots_.push_back(std::make_unique<Slot>());
    empty_.push_back(slots_.back().get());
  }
  may_run_ = running_most();
  for (size_t i = 0; i < connections; ++i) threads_.emplace_back([this] { run(); });
  threads_.emplace_back([this] { look(); });
}

void RequestThreads::stop() {
  if (ended_) return;
  {
    const std::lock_guard lock(running_mutex_);
    ended_ = true;
    running_changed_.notify_all();
    ends_.notify_all();
  }
  eventfd_write(ended_event_, 1);
  for (std::thread& thread : threads_) thread.join();
  close(epoll_);
  close(ended_event_);
  close(handed_event_);
}

void RequestThreads::add(std::unique_ptr<Connection> connection) {
  const int socket = connection->stream.socket();
  Slot* slot = nullptr;
  {
    const std::lock_guard lock(slots_mutex_);
    slot = empty_.back();
    empty_.pop_back();
  }
  slot->connection = std::move(connection);
  slot->silent_since = Clock::now().time_since_epoch().count();
  slot->state = State::Watched;
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data = {.ptr = slot}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
}

void RequestThreads::run() {
  while (may_run()) {
    if (Slot* const slot = next()) serve(*slot);
    give_back_what_was_lent();
  }
}

/// The next connection with news that no other thread has; none where there was other news. The
/// system wakes the thread that began to wait last, whose caches are warm.
RequestThreads::Slot* RequestThreads::next() {
  epoll_event event;
  ++waiting_;
  const int ready = epoll_wait(epoll_, &event, 1, -1);
  --waiting_;
  if (ready != 1 || !event.data.ptr) return nullptr;
  if (event.data.ptr == &handed_) return take_handed();
  Slot* const slot = static_cast<Slot*>(event.data.ptr);
  if (!claim(*slot)) return nullptr;
  // There will be no other news of it.
  if (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) slot->connection->client_is_done = true;
  return slot;
}

RequestThreads::Slot* RequestThreads::take_handed() {
  const std::lock_guard lock(slots_mutex_);
  if (handed_.empty()) return nullptr;
  Slot* const slot = handed_.front();
  handed_.pop_front();
  // One edge may stand for several.
  if (!handed_.empty()) eventfd_write(handed_event_, 1);
  return slot;
}

/// Of those who learn of news, the first one has the connection; what comes while it is served is
/// served along. Of a connection that took the place of another meanwhile there is just no news.
bool RequestThreads::claim(Slot& slot) {
  State seen = slot.state;
  while (seen == State::Watched || seen == State::Served) {
    const bool ours = seen == State::Watched;
    if (slot.state.compare_exchange_weak(seen, ours ? State::Served : State::ServedAndMore))
      return ours;
  }
  return false;
}

void RequestThreads::serve(Slot& slot) {
  ++taken_;
  switch (hooks_.serve(*slot.connection)) {
    case Next::End:
      return end(slot);
    case Next::Again:
      return hand(slot);
    case Next::Watch:
      if (!watch_again(slot)) hand(slot);
  }
}

/// To whichever thread is the next, after those who were told of before.
void RequestThreads::hand(Slot& slot) {
  {
    const std::lock_guard lock(slots_mutex_);
    handed_.push_back(&slot);
  }
  eventfd_write(handed_event_, 1);
}

/// False where more came meanwhile.
bool RequestThreads::watch_again(Slot& slot) {
  slot.silent_since = Clock::now().time_since_epoch().count();
  State served = State::Served;
  if (slot.state.compare_exchange_strong(served, State::Watched)) return true;
  slot.state = State::Served;
  return false;
}

void RequestThreads::end(Slot& slot) {
  auto connection = std::move(slot.connection);
  epoll_ctl(epoll_, EPOLL_CTL_DEL, connection->stream.socket(), nullptr);
  slot.state = State::Empty;
  {
    const std::lock_guard lock(slots_mutex_);
    empty_.push_back(&slot);
  }
  hooks_.end(std::move(connection));
}

// ---- who runs ----

bool RequestThreads::may_run() {
  if (runs_for) return !ended_;
  std::unique_lock lock(running_mutex_);
  running_changed_.wait(lock, [this] { return may_run_ > 0 || ended_; });
  if (ended_) return false;
  --may_run_;
  runs_for = this;
  return true;
}

void RequestThreads::let_another_run() {
  const std::lock_guard lock(running_mutex_);
  ++may_run_;
  running_changed_.notify_one();
}

void RequestThreads::may_wait() {
  if (RequestThreads* const threads = std::exchange(runs_for, nullptr)) threads->let_another_run();
}

void RequestThreads::give_back_what_was_lent() {
  int lent = lent_;
  while (runs_for && lent > 0)
    if (lent_.compare_exchange_weak(lent, lent - 1)) runs_for = nullptr;
}

// ---- what is looked after ----

void RequestThreads::look() {
  while (true) {
    {
      std::unique_lock lock(running_mutex_);
      if (ends_.wait_for(lock, kLookInterval, [this] { return ended_.load(); })) return;
    }
    const auto now = Clock::now();
    for (const auto& slot : slots_) look_at_silent(*slot, now);
    lend_where_all_are_stuck();
  }
}

void RequestThreads::look_at_silent(Slot& slot, Clock::time_point now) {
  if (slot.state != State::Watched) return;
  const Clock::time_point since{Clock::duration{slot.silent_since.load()}};
  const auto silent = std::chrono::duration_cast<milliseconds>(now - since);
  State watched = State::Watched;
  if (silent < kSilenceLeast || !slot.state.compare_exchange_strong(watched, State::Served)) return;
  if (!hooks_.is_kept(*slot.connection, silent)) return end(slot);
  State served = State::Served;
  if (slot.state.compare_exchange_strong(served, State::Watched)) return;
  // The news went to a thread that found the connection taken.
  slot.state = State::Served;
  hand(slot);
}

void RequestThreads::lend_where_all_are_stuck() {
  const uint64_t taken = taken_;
  const bool stuck = waiting_ == 0 && taken == taken_before_;
  taken_before_ = taken;
  if (!stuck) return;
  const std::lock_guard lock(running_mutex_);
  if (may_run_ > 0) return;  // there is no other thread
  ++lent_;
  ++may_run_;
  running_changed_.notify_one();
}

}  // namespace toll::http
