#include "tests/load/open_loop.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>

#include "tests/load/client.h"

namespace toll::load {
namespace {

using Clock = Client::Clock;
using std::chrono::nanoseconds;

/// How long answers are waited for when nothing more is due.
constexpr std::chrono::seconds kLastWait{5};

class Priority {
 public:
  Priority() : before_(getpriority(PRIO_PROCESS, 0)) { setpriority(PRIO_PROCESS, 0, -20); }
  Priority(const Priority&) = delete;
  ~Priority() { setpriority(PRIO_PROCESS, 0, before_); }

 private:
  const int before_;
};

class Loop {
 public:
  explicit Loop(const Plan& plan);
  Loop(const Loop&) = delete;
  ~Loop() { close(epoll_); }

  Outcome run();

 private:
  bool is_over(Clock::time_point now) const;
  void make_due(Clock::time_point now);
  void give_up(Clock::time_point now);
  void send_what_is_due();
  Client* client_to_ask_with();
  void watch(uint32_t number);
  void wait(Clock::time_point now);
  void advance(uint32_t number);
  void count_answer(const Client& client);

  const Plan& plan_;
  const int epoll_;
  const Clock::time_point begin_ = Clock::now();
  const Clock::time_point end_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<uint32_t> free_, closed_;  // by their numbers
  std::deque<Clock::time_point> due_;
  Clock::time_point next_due_ = begin_;
  int asking_ = 0;
  Outcome outcome_;
};

Loop::Loop(const Plan& plan)
    : plan_(plan), epoll_(epoll_create1(EPOLL_CLOEXEC)), end_(begin_ + plan.time) {
  for (int i = plan.connections_max - 1; i >= 0; --i) closed_.push_back(static_cast<uint32_t>(i));
  for (int i = 0; i < plan.connections_max; ++i) clients_.push_back(std::make_unique<Client>());
}

bool Loop::is_over(Clock::time_point now) const {
  return now >= end_ && (asking_ == 0 || now >= end_ + kLastWait);
}

void Loop::make_due(Clock::time_point now) {
  if (plan_.per_second <= 0) {  // as many as can be sent
    while (now < end_ && due_.size() < free_.size() + closed_.size()) {
      due_.push_back(now);
      ++outcome_.due;
    }
    return;
  }
  while (next_due_ <= now && next_due_ < end_) {
    due_.push_back(next_due_);
    ++outcome_.due;
    // From the beginning, so that no rounding adds up.
    next_due_ =
        begin_ +
        nanoseconds(std::llround(static_cast<double>(outcome_.due) * 1e9 / plan_.per_second));
  }
}

void Loop::give_up(Clock::time_point now) {
  while (!due_.empty() && (now >= end_ || now - due_.front() > plan_.patience)) {
    due_.pop_front();
    ++outcome_.given_up;
  }
}

void Loop::watch(uint32_t number) {
  const bool connects = clients_[number]->state() == Client::State::Connecting;
  epoll_event event{.events = connects ? EPOLLOUT : EPOLLIN, .data = {.u32 = number}};
  epoll_ctl(epoll_, connects ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, clients_[number]->socket(), &event);
}

/// The one that was used last, or a new one; null if there is none.
Client* Loop::client_to_ask_with() {
  if (!free_.empty()) {
    const uint32_t number = free_.back();
    free_.pop_back();
    return clients_[number].get();
  }
  if (closed_.empty()) return nullptr;
  const uint32_t number = closed_.back();
  if (!clients_[number]->open(plan_.port)) {
    ++outcome_.unconnected;
    return nullptr;
  }
  closed_.pop_back();
  ++outcome_.connections;
  watch(number);
  return clients_[number].get();
}

void Loop::send_what_is_due() {
  while (!due_.empty()) {
    Client* const client = client_to_ask_with();
    if (!client) return;
    client->ask(plan_.request, due_.front());
    due_.pop_front();
    ++asking_;
  }
}

void Loop::wait(Clock::time_point now) {
  std::array<epoll_event, 256> events;
  // Where requests wait for a connection, what is due next can wait as well.
  const bool more = plan_.per_second > 0 && next_due_ < end_ && due_.empty();
  const nanoseconds until = std::clamp<nanoseconds>((more ? next_due_ : end_) - now, nanoseconds{0},
                                                    std::chrono::milliseconds{10});
  const timespec timeout{0, until.count()};
  const int ready = epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
  for (int i = 0; i < ready; ++i) advance(events[static_cast<size_t>(i)].data.u32);
}

void Loop::count_answer(const Client& client) {
  const int status = client.status();
  ++outcome_.status[status];
  const auto now = Clock::now();
  const nanoseconds time = now - client.due();
  if (status == 200) outcome_.answered.add(time);
  if (status == 200 && now < end_) ++outcome_.good_in_time;
  if (status != 429 && status != 503) return;
  outcome_.refused.add(time);
  if (!client.says_when()) ++outcome_.without_retry_after;
}

void Loop::advance(uint32_t number) {
  Client& client = *clients_[number];
  const Client::State before = client.state();
  if (before == Client::State::Closed) return;  // by an event of the same look
  const Client::Event event = client.advance();
  const bool connected =
      before == Client::State::Connecting && client.state() == Client::State::Asking;
  if (connected) watch(number);
  if (event == Client::Event::None && client.state() != Client::State::Closed) return;
  if (event == Client::Event::Answered) count_answer(client);
  if (event == Client::Event::Cut) ++outcome_.cut;
  if (event == Client::Event::Unanswered) ++outcome_.unanswered;
  if (event == Client::Event::Unconnected) ++outcome_.unconnected;
  if (event != Client::Event::None) --asking_;
  if (before == Client::State::Free) std::erase(free_, number);
  (client.state() == Client::State::Free ? free_ : closed_).push_back(number);
}

Outcome Loop::run() {
  const Priority priority;
  for (auto now = begin_; !is_over(now); now = Clock::now()) {
    make_due(now);
    give_up(now);
    send_what_is_due();
    wait(now);
  }
  outcome_.time = plan_.time;
  outcome_.unanswered += static_cast<uint64_t>(asking_);
  return std::move(outcome_);
}

}  // namespace

Outcome run(const Plan& plan) { return Loop(plan).run(); }

}  // namespace toll::load
