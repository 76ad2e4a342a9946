#include "engine/storage/catching_up.h"

#include <algorithm>
#include <memory>

namespace toll::engine {
namespace {

using rocksdb::Status;

constexpr int kCatchUpMax = 100;
constexpr int kFewOpenFiles = 1;  // RocksDB makes them as few as it can do with
constexpr int kAllOpenFiles = -1;

/// The tables that are named at one moment, or why that cannot be told.
struct Named {
  Status status;
  std::vector<std::string> tables;

  bool operator==(const Named& other) const {
    return status.ToString() == other.status.ToString() && tables == other.tables;
  }
};

Named named_by(rocksdb::DB& db) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  Named named;
  for (const rocksdb::LiveFileMetaData& file : files) named.tables.push_back(file.name);
  std::ranges::sort(named.tables);
  return named;
}

/// By the list, which is read to its end. All of it is there, and so many files could be opened.
Named named_by_list(const BesideWriter& how, int open_files) {
  rocksdb::DBOptions options = how.options;
  options.max_open_files = open_files;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = open_files != kAllOpenFiles;
  options.wal_dir = how.scratch;  // tables alone are asked for
  std::vector<rocksdb::ColumnFamilyHandle*> tables;
  rocksdb::DB* opened = nullptr;
  Status status = rocksdb::DB::OpenForReadOnly(options, how.database, how.tables, &tables, &opened);
  if (!status.ok()) return {std::move(status), {}};
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (rocksdb::ColumnFamilyHandle* table : tables) db->DestroyColumnFamilyHandle(table);
  return named_by(*db);
}

/// What a start says of a folder of which not all tables can be read.
Status why_missing(const BesideWriter& how) {
  Named all = named_by_list(how, kAllOpenFiles);
  if (!all.status.ok()) return std::move(all.status);
  return Status::Corruption("a table that the list of files names cannot be read");
}

}  // namespace

/// First the list is read, then the log; rows may have gone from the log into a table between the
/// two. Then the list again: where it names the same tables, none did.
///
/// A table that the writer has removed is not named from the moment on when it was not found. So
/// where the list has not changed since the last time, it is no writer that keeps this from it.
Status catch_up(rocksdb::DB& db, const BesideWriter& how) {
  Named before;
  for (int i = 0; i < kCatchUpMax; ++i) {
    if (Status status = db.TryCatchUpWithPrimary(); !status.ok()) return status;
    Named listed = named_by_list(how, kFewOpenFiles);
    if (listed == named_by(db)) return Status::OK();
    if (i > 0 && listed == before) return why_missing(how);
    before = std::move(listed);
  }
  return Status::TryAgain("it is written faster than it can be read");
}

}  // namespace toll::engine
