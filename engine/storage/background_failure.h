// What RocksDB says of errors that it meets on threads of its own, and what a write met: a database
// that had one is of no use for writing until it is opened again.
#pragma once

#include <rocksdb/listener.h>

#include <mutex>
#include <optional>
#include <utility>

#include "engine/store.h"

namespace toll::engine {

inline StoreError error_of(const rocksdb::Status& status) {
  return {status.IsNoSpace() ? StoreError::Kind::Full : StoreError::Kind::Failed,
          status.ToString()};
}

/// The first failure of a database. Any thread.
class BackgroundFailure final : public rocksdb::EventListener {
 public:
  const char* Name() const override { return "BackgroundFailure"; }

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    set(error_of(*status));
  }

  // The database looks for room by itself where the disk was full. Told of a log that was not
  // written for want of it, that ends the process.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* recovers) override {
    *recovers = false;
  }

  void set(StoreError failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
  }
  std::optional<StoreError> get() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<StoreError> failure_;
};

}  // namespace toll::engine
