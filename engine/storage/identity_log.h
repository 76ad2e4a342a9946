// Where identities are before they have rows of their own in a file.
//
//   a batch's identities ── one row of the log, and memory ── full ── sorted, a file ── the table's
//
// What the log has is in memory too (storage/recent_identities.h). When that is enough it becomes a
// run: on a thread of its own it is sorted and written to a file, which the database takes for one
// of its table of identities. Only then are the rows of the log deleted, with the next batch. At no
// moment is an identity in neither; where it is in both, both say the same. What a crash leaves
// between the two is in the log again, and goes into another run. Up to where rows were deleted
// stands in the default table: a log without rows has nothing else to go on from.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "engine/storage/background_failure.h"
#include "engine/storage/recent_identities.h"

namespace toll::engine {

/// Rows of the log that a view sees.
struct SeenIdentities {
  RecentIdentities::Kept kept = {};
  uint64_t until = 0;  ///< rows before this number

  std::optional<std::string> find(std::string_view key) const;
};

class IdentityLog {
 public:
  struct Tables {
    rocksdb::DB* db = nullptr;
    rocksdb::ColumnFamilyHandle* log = nullptr;
    rocksdb::ColumnFamilyHandle* identities = nullptr;
  };
  /// `file` is where a run is written before the database has it, on the same disk; `run_size` how
  /// many identities make one. A run that fails is a failure of the database. REQUIRES: the tables
  /// outlive this.
  IdentityLog(Tables tables, std::string file, size_t run_size,
              std::shared_ptr<BackgroundFailure> failure);
  IdentityLog(const IdentityLog&) = delete;
  ~IdentityLog();

  /// What the log holds. First.
  rocksdb::Status read();

  // ---- the writer's thread ----

  /// Puts what is to be written with the batch's other rows. It is found from now on.
  void put(const IdentityLogRow& row, rocksdb::WriteBatch& batch);
  /// The batch was written. May wait for a run, where identities come faster than those are made.
  void written();
  /// Ends what goes on in the background.
  void stop();

  // ---- any thread ----

  /// All that is there now.
  SeenIdentities seen() const;

  struct Moment {
    const rocksdb::Snapshot* snapshot;
    RecentIdentities::Kept kept;  ///< all that this snapshot sees, and perhaps more
  };
  Moment moment() const;

  /// How far the database has come, as its rows are numbered, and cannot go back. Nothing while it
  /// takes a run, or where it could not: that has a number even where the list of files has it not.
  std::optional<uint64_t> position() const;

 private:
  void start_run();
  void run(const std::shared_ptr<const RecentIdentities>& full, const std::stop_token& stop);
  rocksdb::Status write_run(const RecentIdentities::Kept& full, const std::stop_token& stop) const;
  rocksdb::Status take_run();

  const Tables tables_;
  const std::string file_;
  const size_t run_size_;
  const std::shared_ptr<BackgroundFailure> failure_;
  // The writer's thread only:
  uint64_t next_ = 0;  // number of a row
  uint64_t deleted_until_ = 0;
  uint64_t deletes_until_ = 0;  // with the batch that is being written

  mutable std::mutex mutex_;
  std::condition_variable ran_;
  RecentIdentities::Kept full_;               // becomes a run; empty: none does
  std::shared_ptr<RecentIdentities> recent_;  // what comes now
  uint64_t in_runs_until_ = 0;                // rows before this number
  bool takes_run_ = false;                    // the database does; or it could not
  std::jthread thread_;                       // last: it ends before the rest goes
};

/// All that a log holds, for whoever does not write it. The database may have none.
std::expected<SeenIdentities, rocksdb::Status> read_identity_log(
    const IdentityLog::Tables& tables, const rocksdb::ReadOptions& options);

/// What a snapshot sees of what was in memory at its moment.
std::expected<SeenIdentities, rocksdb::Status> seen_identities(const IdentityLog::Tables& tables,
                                                               const IdentityLog::Moment& moment);

}  // namespace toll::engine
