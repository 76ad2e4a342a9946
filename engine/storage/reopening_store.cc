#include "engine/storage/reopening_store.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace toll::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPauseLeast{50};
constexpr milliseconds kPauseMost{5000};

/// How long those who read a store that is to be closed are waited for, and how long others wait
/// until it is open again. Somebody who holds a snapshot and asks for more is waited for by the
/// first and waits as the second: the first gives up before.
constexpr milliseconds kClosingWait{500};
constexpr milliseconds kOpeningWait{2000};

/// Of a store that is closed.
class NoRows final : public View {
 public:
  explicit NoRows(StoreError why) : why_(std::move(why)) {}

  std::expected<Value, StoreError> get(Table, std::string_view) const override {
    return std::unexpected(why_);
  }
  std::expected<std::vector<Value>, StoreError> get_many(
      Table, std::span<const std::string_view>) const override {
    return std::unexpected(why_);
  }
  std::expected<void, StoreError> scan(Table, std::string_view, std::string_view,
                                       const Visit&) const override {
    return std::unexpected(why_);
  }

 private:
  const StoreError why_;
};

/// Rows of one moment, and the store that they are of: it is not closed before.
class SharedSnapshot final : public View {
 public:
  explicit SharedSnapshot(std::shared_ptr<const Store> store)
      : store_(std::move(store)), rows_(store_->snapshot()) {}

  std::expected<Value, StoreError> get(Table table, std::string_view key) const override {
    return rows_->get(table, key);
  }
  std::expected<std::vector<Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override {
    return rows_->get_many(table, keys);
  }
  std::expected<void, StoreError> scan(Table table, std::string_view from, std::string_view until,
                                       const Visit& visit) const override {
    return rows_->scan(table, from, until, visit);
  }

 private:
  const std::shared_ptr<const Store> store_;
  const std::unique_ptr<const View> rows_;  // goes first
};

}  // namespace

ReopeningStore::ReopeningStore(std::unique_ptr<Store> opened, Disk disk)
    : disk_(std::move(disk)), current_(std::move(opened)) {}

std::expected<ReopeningStore::Current, StoreError> ReopeningStore::current() const {
  std::unique_lock lock(mutex_);
  opened_.wait_for(lock, kOpeningWait, [this] { return !opens_; });
  if (current_) return current_;
  return std::unexpected(*failure_);
}

std::expected<View::Value, StoreError> ReopeningStore::get(Table table,
                                                           std::string_view key) const {
  const auto store = current();
  if (!store) return std::unexpected(store.error());
  return (*store)->get(table, key);
}

std::expected<std::vector<View::Value>, StoreError> ReopeningStore::get_many(
    Table table, std::span<const std::string_view> keys) const {
  const auto store = current();
  if (!store) return std::unexpected(store.error());
  return (*store)->get_many(table, keys);
}

std::expected<void, StoreError> ReopeningStore::scan(Table table, std::string_view from,
                                                     std::string_view until,
                                                     const Visit& visit) const {
  const auto store = current();
  if (!store) return std::unexpected(store.error());
  return (*store)->scan(table, from, until, visit);
}

std::unique_ptr<const View> ReopeningStore::snapshot() const {
  auto store = current();
  if (!store) return std::make_unique<NoRows>(std::move(store.error()));
  return std::make_unique<SharedSnapshot>(*std::move(store));
}

std::expected<void, StoreError> ReopeningStore::write(const Batch& batch) {
  // What the batch was made of was read before: a store that was opened since may have more.
  if (const auto why = failure()) return std::unexpected(*why);
  auto written = current_->write(batch);
  if (written)
    pause_ = milliseconds{0};
  else
    next_attempt_ = Clock::now() + pause_;
  return written;
}

std::optional<StoreError> ReopeningStore::failure() const {
  const std::lock_guard lock(mutex_);
  return current_ ? current_->state().failure : failure_;
}

std::expected<bool, StoreError> ReopeningStore::mend() {
  const auto why = failure();
  if (!why) return false;
  if (Clock::now() < next_attempt_) return std::unexpected(*why);
  const auto still = reopen(*why);
  pause_ = std::clamp(2 * pause_, kPauseLeast, kPauseMost);
  next_attempt_ = Clock::now() + pause_;
  if (still) return std::unexpected(*still);
  return true;
}

/// Why it is not open again.
std::optional<StoreError> ReopeningStore::reopen(const StoreError& failure) {
  // As long as the disk takes nothing, what is there stays readable.
  if (auto fault = disk_.fault()) return fault;
  if (!close(failure)) return failure;
  auto opened = disk_.open();
  if (!opened) {
    const StoreError why{failure.kind, std::move(opened.error().message)};
    set(nullptr, why);
    return why;
  }
  set(std::move(*opened), std::nullopt);
  return std::nullopt;
}

/// Closes the store, once nobody reads it: one folder is never open twice. False: they go on.
bool ReopeningStore::close(const StoreError& failure) {
  Current closing;
  {
    const std::lock_guard lock(mutex_);
    closing = std::exchange(current_, nullptr);
    failure_ = failure;
    opens_ = true;
  }
  const auto until = Clock::now() + kClosingWait;
  while (closing && closing.use_count() > 1) {
    if (Clock::now() >= until) {
      set(std::move(closing), std::nullopt);
      return false;
    }
    std::this_thread::sleep_for(milliseconds{1});
  }
  return true;
}

void ReopeningStore::set(Current opened, std::optional<StoreError> failure) {
  {
    const std::lock_guard lock(mutex_);
    if (opened && !opened->state().failure) ++reopened_;
    current_ = std::move(opened);
    failure_ = std::move(failure);
    opens_ = false;
  }
  opened_.notify_all();
}

StoreState ReopeningStore::state() const {
  StoreState state{.failure = failure()};
  const std::lock_guard lock(mutex_);
  state.reopened = reopened_;
  return state;
}

}  // namespace toll::engine
