// What the engine keeps, as ordered rows of bytes: RocksDB in a folder, or memory for tests.
//
//   Batch batch;
//   batch.put(Table::State, key, value);
//   store.write(batch);      // all of it or nothing, and on the disk when it returns
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/storage/arena.h"

namespace toll::engine {

/// Each has keys of its own. They are on disks under these names: do not change them.
enum class Table : uint8_t {
  State,       ///< "state": customers, subscriptions, days of sources, counts, the log position
  Identities,  ///< "identities": (tenant, source, id) of every event that was ever accepted
  Events,      ///< "events": the events themselves, by customer and time
  Days,        ///< "days": what the events of a customer and day come to
};
inline constexpr size_t kTables = 4;

struct StoreError {
  enum class Kind {
    Full,    ///< the disk has no more room
    Failed,  ///< anything else: reading or writing failed, or a row is damaged
  } kind = Kind::Failed;
  std::string message;  ///< one sentence for an operator
};

/// What a store can do now.
struct StoreState {
  std::optional<StoreError> failure = {};  ///< why it takes no writes; it may be read all the same
  uint64_t reopened = 0;                   ///< how often it came back after a failure
};

/// Rows that are written together. A key that is put twice has the later value. Not thread-safe.
class Batch {
 public:
  struct Row {
    Table table;
    std::string_view key, value;
  };

  void put(Table table, std::string_view key, std::string_view value);

  /// The same for a key that this batch does not have, without a copy. REQUIRES: both outlive it.
  void append(Table table, std::string_view key, std::string_view value) {
    rows_.push_back({table, key, value});
  }

  /// What this batch puts under the key.
  std::optional<std::string_view> find(Table table, std::string_view key) const;

  /// In the order of their puts.
  std::span<const Row> rows() const { return rows_; }
  bool empty() const { return rows_.empty(); }

 private:
  const size_t* row_of(Table table, std::string_view key) const;

  Arena texts_;
  std::vector<Row> rows_;

  /// Where the keys of a table are among the rows: made when it is asked for, since most batches of
  /// new events never are.
  struct Index {
    std::unordered_map<std::string_view, size_t> rows;
    size_t seen = 0;
  };
  mutable std::array<Index, kTables> index_;
};

/// Rows as they were at one moment, or as they are now. Const members from any thread.
class View {
 public:
  virtual ~View() = default;

  using Value = std::optional<std::string>;
  virtual std::expected<Value, StoreError> get(Table table, std::string_view key) const = 0;

  /// One value for each key, in their order.
  virtual std::expected<std::vector<Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const = 0;

  /// Rows with from <= key < until, by rising bytes of the key, until `visit` says false. They are
  /// those of one moment, whatever `visit` asks for and whoever writes until it is done.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual std::expected<void, StoreError> scan(Table table, std::string_view from,
                                               std::string_view until,
                                               const Visit& visit) const = 0;
};

/// write() and mend() from one thread at a time; all else from any.
class Store : public View {
 public:
  /// Atomic and durable. After an error nothing of the batch is there, or all of it where the
  /// storage failed after it had been written, perhaps only once the store is mended; a later call
  /// may succeed.
  virtual std::expected<void, StoreError> write(const Batch& batch) = 0;

  /// Makes a store that failed usable again, where its disk allows that by now: true if there was
  /// something to do, an error while it goes on failing. Called before anything is read that a
  /// batch follows from, since rows of a write that failed may be there afterwards.
  virtual std::expected<bool, StoreError> mend() { return false; }

  virtual StoreState state() const { return {}; }

  /// The rows of this moment.
  virtual std::unique_ptr<const View> snapshot() const = 0;
};

/// A folder with a RocksDB database, made where there is none. One process at a time may have it
/// open. An Error where it cannot be opened, is damaged, or has lost what was acknowledged. After
/// an error of the disk, mend() opens the database again.
Result<std::unique_ptr<Store>> open_store(const std::filesystem::path& folder);

/// Rows in memory, gone with the object. `before_write` may fail a write, as a disk would.
class MemoryStore final : public Store {
 public:
  std::expected<Value, StoreError> get(Table table, std::string_view key) const override;
  std::expected<std::vector<Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override;
  std::expected<void, StoreError> scan(Table table, std::string_view from, std::string_view until,
                                       const Visit& visit) const override;
  std::expected<void, StoreError> write(const Batch& batch) override;
  std::unique_ptr<const View> snapshot() const override;

  /// Set before the store is shared.
  std::function<std::optional<StoreError>()> before_write;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  mutable std::mutex mutex_;
  std::array<Rows, kTables> tables_;
};

}  // namespace toll::engine
