// A store that is closed and opened again after its disk failed, behind one object that stays: what
// a new start would do, without the start.
//
//   serving ── a failure ── failing, still read ── the disk takes bytes again ── closed ── opened
//
// A database that met an error takes no more writes. It is read as before until bytes can be
// written beside it; only then is it closed, for as long as it takes to open it. Whoever reads
// meanwhile waits. Attempts come at once, and then with pauses that grow.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "engine/store.h"

namespace toll::engine {

class ReopeningStore final : public Store {
 public:
  /// How a closed store is opened, and whether its disk takes bytes (nothing, or why it does not).
  struct Disk {
    std::function<Result<std::unique_ptr<Store>>()> open;
    std::function<std::optional<StoreError>()> fault;
  };
  ReopeningStore(std::unique_ptr<Store> opened, Disk disk);

  std::expected<Value, StoreError> get(Table table, std::string_view key) const override;
  std::expected<std::vector<Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override;
  std::expected<void, StoreError> scan(Table table, std::string_view from, std::string_view until,
                                       const Visit& visit) const override;
  std::unique_ptr<const View> snapshot() const override;

  /// After an error it refuses every batch until mend() has succeeded.
  std::expected<void, StoreError> write(const Batch& batch) override;
  std::expected<bool, StoreError> mend() override;
  StoreState state() const override;

 private:
  using Clock = std::chrono::steady_clock;
  using Current = std::shared_ptr<Store>;

  std::expected<Current, StoreError> current() const;
  std::optional<StoreError> failure() const;
  std::optional<StoreError> reopen(const StoreError& failure);
  bool close(const StoreError& failure);
  void set(Current opened, std::optional<StoreError> failure);

  const Disk disk_;
  // The writer's thread only:
  Clock::time_point next_attempt_{};
  std::chrono::milliseconds pause_{0};

  mutable std::mutex mutex_;
  mutable std::condition_variable opened_;
  Current current_;                    ///< null: closed
  std::optional<StoreError> failure_;  ///< of a store that is closed
  bool opens_ = false;                 ///< it is about to be open again
  uint64_t reopened_ = 0;
};

}  // namespace toll::engine
