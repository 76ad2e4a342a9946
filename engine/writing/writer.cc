#include "engine/writing/writer.h"

#include <algorithm>
#include <chrono>

#include "engine/storage/keys.h"
#include "engine/storage/values.h"

namespace toll::engine {
namespace {

/// How long the writer waits for commands before it looks whether the store is to be mended.
constexpr std::chrono::milliseconds kLook{250};

}  // namespace

Unanswered unanswered(const StoreError& error) {
  return {error.kind == StoreError::Kind::Full ? Unanswered::Kind::Full : Unanswered::Kind::Failed,
          error.message};
}

Writer::Writer(Store& store, uint64_t position, EngineOptions options, Told told)
    : store_(store),
      options_(options),
      told_(std::move(told)),
      position_(position),
      filter_(store, position, options.filter_bytes_max),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Writer::~Writer() {
  const std::lock_guard lock(mutex_);
  ends_ = true;
  thread_.request_stop();
}

void Writer::submit(std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    // A command that is larger than the queue would never find room, so an empty one takes it.
    const bool fits = queue_.empty() || (events_ + job->events <= options_.queued_events_max &&
                                         bytes_ + job->bytes <= options_.queued_bytes_max);
    if (fits && !ends_) {
      events_ += job->events;
      bytes_ += job->bytes;
      queue_.push_back(std::move(job));
    }
  }
  if (!job) return queued_.notify_one();
  job->fail(ends_ ? Unanswered{Unanswered::Kind::Stopped, "the engine ends"}
                  : Unanswered{Unanswered::Kind::Busy, "too many events wait to be written"});
}

/// None where none came for a while; nothing at the end.
std::optional<Writer::Jobs> Writer::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  queued_.wait_for(lock, stop, kLook, [this] { return !queue_.empty(); });
  if (queue_.empty() && ends_) return std::nullopt;
  Jobs jobs;
  size_t events = 0;
  while (!queue_.empty() && events < options_.group_events_max) {
    Job& next = *queue_.front();
    if (!jobs.empty() && events + next.events > options_.group_events_max) break;
    events += next.events;
    events_ -= next.events;
    bytes_ -= next.bytes;
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return jobs;
}

void Writer::run(const std::stop_token& stop) {
  while (auto jobs = take(stop)) {
    if (jobs->empty())
      static_cast<void>(make_ready());
    else
      write(*jobs);
  }
}

/// Mends the store where it failed. A write that failed may have left all of its rows, and then the
/// log goes on behind them.
std::optional<StoreError> Writer::make_ready() {
  const auto mended = store_.mend();
  if (!mended) return mended.error();
  if (*mended) told_.mended();
  if (position_) return std::nullopt;
  const auto row = store_.get(Table::State, position_key());
  if (!row) return row.error();
  position_ = *row ? read_position(**row) : std::optional<uint64_t>(0);
  if (!position_) return damaged(Table::State, "the log position");
  return std::nullopt;
}

void Writer::write(Jobs& jobs) {
  while (!jobs.empty()) {
    if (const auto error = make_ready()) {
      for (const auto& job : jobs) job->fail(unanswered(*error));
      return;
    }
    Group group(store_, *position_, {.filter = &filter_, .days = &days_, .settled = &settled_});
    const auto culprit = std::ranges::find_if(jobs, [&](const std::unique_ptr<Job>& job) {
      const auto error = job->apply(group);
      if (error) job->fail(unanswered(*error));
      return error.has_value();
    });
    if (culprit == jobs.end()) return commit(group, jobs);
    // A command that meets a damaged row does not hold up the others: they are applied again
    // without it.
    jobs.erase(culprit);
  }
}

void Writer::commit(Group& group, const Jobs& jobs) {
  group.finish();
  if (!group.batch().empty()) {
    if (const auto written = store_.write(group.batch()); !written) {
      position_.reset();
      for (const auto& job : jobs) job->fail(unanswered(written.error()));
      return;
    }
    told_.written(group.batch());
  }
  position_ = group.position();
  days_.give_back(group.take_days());
  settled_.give_back(group.take_settled());
  for (const auto& job : jobs) job->answer();
}

}  // namespace toll::engine
