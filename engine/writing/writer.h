// The one thread that writes: it takes the commands that wait, as a group, and answers each of them
// once the group is on the disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "engine/engine.h"
#include "engine/writing/group.h"

namespace toll::engine {

/// What a failure of the store is to who sent a command.
Unanswered unanswered(const StoreError& error);

/// A command that waits. Applied, then answered, both on the writer's thread.
class Job {
 public:
  virtual ~Job() = default;
  /// After an error nothing of the group is written.
  virtual std::optional<StoreError> apply(Group& group) = 0;
  virtual void answer() = 0;
  virtual void fail(const Unanswered& why) = 0;

  size_t events = 1, bytes = 0;  ///< what it weighs in the queue
};

template <typename T>
class JobOf final : public Job {
 public:
  using Apply = std::function<Group::Done<T>(Group&)>;
  explicit JobOf(Apply apply) : apply_(std::move(apply)) {}

  std::future<Answered<T>> future() { return promise_.get_future(); }

  std::optional<StoreError> apply(Group& group) override {
    auto done = apply_(group);
    if (!done) return std::move(done.error());
    result_ = *std::move(done);
    return std::nullopt;
  }
  void answer() override { promise_.set_value(std::move(result_)); }
  void fail(const Unanswered& why) override { promise_.set_value(std::unexpected(why)); }

 private:
  const Apply apply_;
  T result_{};
  std::promise<Answered<T>> promise_;
};

class Writer {
 public:
  /// Who is told, on the writer's thread.
  struct Told {
    std::function<void(const Batch&)> written;  ///< is on the disk; before anybody is answered
    std::function<void()> mended;  ///< the store: rows may be there that nobody was told of
  };

  /// `position` is that of the last event in the store. REQUIRES: `store` outlives this.
  Writer(Store& store, uint64_t position, EngineOptions options, Told told);
  ~Writer();  ///< after what is queued has been written

  /// Any thread. A job that finds no room is failed at once.
  void submit(std::unique_ptr<Job> job);

 private:
  using Jobs = std::deque<std::unique_ptr<Job>>;

  void run(const std::stop_token& stop);
  std::optional<Jobs> take(const std::stop_token& stop);
  void write(Jobs& jobs);
  void commit(Group& group, const Jobs& jobs);

  std::optional<StoreError> make_ready();

  Store& store_;
  const EngineOptions options_;
  const Told told_;
  // The writer's thread only:
  std::optional<uint64_t> position_;  // empty after a write whose outcome is not known
  IdentityFilter filter_;
  KeptDays days_;
  KeptSettled settled_;

  std::mutex mutex_;
  std::condition_variable_any queued_;
  Jobs queue_;
  size_t events_ = 0, bytes_ = 0;  // of the queue
  bool ends_ = false;
  std::jthread thread_;  // last: it ends before the rest goes
};

}  // namespace toll::engine
