// The store on RocksDB. What the settings are for:
//
// - A write returns after the log file is synced (fdatasync), so that what is acknowledged survives
//   the power as far as the disk tells the truth.
// - A log that ends in the middle of a record is what a crash leaves: its last record was never
//   acknowledged, and is dropped; so is one whose rest is zeros (storage/torn_end.h). A log that is
//   damaged anywhere else is refused; skipping the damage would lose what was acknowledged behind
//   it.
// - The mark (storage/mark.h) tells a store whose end is missing from one that never had it.
// - Identities have no rows in tables in memory, where each would be put into its place among all
//   others: they come from a log in sorted files (storage/identity_log.h).
// - Most identities that are asked for are new: Bloom filters answer that without reading a block.
// - After an error the database is closed and opened again, as by a new start, and does not try to
//   go on by itself (storage/reopening_store.h).
#include "engine/storage/rocksdb_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "engine/storage/background_failure.h"
#include "engine/storage/catching_up.h"
#include "engine/storage/database_files.h"
#include "engine/storage/identity_log.h"
#include "engine/storage/mark.h"
#include "engine/storage/reopening_store.h"
#include "engine/store.h"

namespace toll::engine {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

constexpr size_t kCacheBytes = size_t{64} << 20;
constexpr uint64_t kLogBytesMax = uint64_t{256} << 20;
constexpr size_t kCheckedBytes = size_t{1} << 20;

/// Ends whatever is written to the log, and is no row. Rows may well end in zeros, and a log that
/// does is taken for one whose end was not written yet.
constexpr const char* kWritten = ".";

/// Do not change these names.
constexpr std::array<const char*, kTables> kNames = {"state", "identities", "events", "days"};
constexpr const char* kLogName = "identity_log";

Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const Slice& text) { return {text.data(), text.size()}; }

/// What rows that are written one behind the other have in common: the row that was put last with
/// the same beginning is where the place of the next one is looked for, not the whole of the table.
class Beginning final : public rocksdb::SliceTransform {
 public:
  explicit Beginning(Table table) : table_(table) {}
  const char* Name() const override { return "toll.beginning"; }
  bool InDomain(const Slice& key) const override { return key.size() >= kPlaceBytes; }
  Slice Transform(const Slice& key) const override {
    switch (table_) {
      case Table::Identities:
      case Table::State:
        return {key.data(), 0};
      case Table::Events:  // of a customer
        return {key.data(), key.size() - kPlaceBytes};
      case Table::Days:
        return {key.data(), key.size() - sizeof(uint64_t)};
    }
    std::unreachable();
  }

 private:
  static constexpr size_t kPlaceBytes = 2 * sizeof(uint64_t);
  const Table table_;
};

rocksdb::ColumnFamilyOptions table_options(Table table,
                                           const std::shared_ptr<rocksdb::Cache>& cache,
                                           size_t memtable_bytes) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.format_version = 5;
  blocks.cache_index_and_filter_blocks = false;
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memtable_bytes;
  options.compression = rocksdb::kLZ4Compression;
  options.memtable_insert_with_hint_prefix_extractor = std::make_shared<Beginning>(table);
  if (table == Table::Identities) {
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  } else {
    options.bottommost_compression = rocksdb::kZSTD;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

rocksdb::DBOptions database_options(const StoreSettings& settings) {
  rocksdb::DBOptions options;
  if (settings.env) options.env = settings.env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.paranoid_checks = true;
  options.verify_sst_unique_id_in_manifest = true;
  options.max_total_wal_size = kLogBytesMax;
  options.allow_concurrent_memtable_write = false;  // there is one writer
  options.max_background_jobs = 2;
  options.max_log_file_size = size_t{1} << 20;
  options.keep_log_file_num = 4;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_bgerror_resume_count = 0;
  return options;
}

/// The database with its tables. Closed with the object.
struct Database {
  std::shared_ptr<BackgroundFailure> failure = std::make_shared<BackgroundFailure>();
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;

  ~Database() {
    if (!db) return;
    for (rocksdb::ColumnFamilyHandle* table : tables) db->DestroyColumnFamilyHandle(table);
  }
  rocksdb::DBOptions on_its_files(rocksdb::DBOptions options) {
    env = database_files(*options.env, failure);
    options.env = env.get();
    return options;
  }
  rocksdb::ColumnFamilyHandle* of(Table table) const {
    return tables[1 + static_cast<size_t>(table)];  // behind the default one
  }
  /// Folders that were not opened for long have no log.
  IdentityLog::Tables identities() const {
    return {db.get(), tables.size() > 1 + kTables ? tables.back() : nullptr, of(Table::Identities)};
  }
};

/// What is read: the tables, and what is in none of them yet.
struct Rows {
  const Database& database;
  rocksdb::ReadOptions options = {};
  SeenIdentities recent = {};
};

std::expected<View::Value, StoreError> get_row(const Rows& rows, Table table,
                                               std::string_view key) {
  if (auto recent = rows.recent.find(key)) return recent;
  std::string value;
  const Database& database = rows.database;
  const Status status = database.db->Get(rows.options, database.of(table), slice(key), &value);
  if (status.IsNotFound()) return View::Value();
  if (!status.ok()) return std::unexpected(error_of(status));
  return View::Value(std::move(value));
}

std::expected<std::vector<View::Value>, StoreError> get_rows(
    const Rows& rows, Table table, std::span<const std::string_view> keys) {
  std::vector<View::Value> values;
  std::vector<Slice> slices;
  std::vector<size_t> of;
  for (size_t i = 0; i < keys.size(); ++i) {
    values.push_back(rows.recent.find(keys[i]));
    if (values.back()) continue;
    slices.push_back(slice(keys[i]));
    of.push_back(i);
  }
  if (slices.empty()) return values;
  std::vector<rocksdb::PinnableSlice> found(slices.size());
  std::vector<Status> statuses(slices.size());
  rows.database.db->MultiGet(rows.options, rows.database.of(table), slices.size(), slices.data(),
                             found.data(), statuses.data());
  for (size_t i = 0; i < slices.size(); ++i) {
    if (statuses[i].ok())
      values[of[i]].emplace(found[i].data(), found[i].size());
    else if (!statuses[i].IsNotFound())
      return std::unexpected(error_of(statuses[i]));
  }
  return values;
}

std::expected<void, StoreError> scan_rows(const Rows& rows, Table table, std::string_view from,
                                          std::string_view until, const View::Visit& visit) {
  const Slice end = slice(until);
  rocksdb::ReadOptions options = rows.options;
  options.iterate_upper_bound = &end;
  const SortedIdentities sorted(rows.recent.kept, rows.recent.until);
  auto recent = std::ranges::lower_bound(sorted.all(), from, {}, &SortedIdentities::Identity::key);
  /// Tells of those before a key, and passes over one of that key: what is in no table yet is
  /// newer.
  const auto tell_before = [&](std::string_view key) {
    for (; recent != sorted.all().end() && recent->key < key; ++recent)
      if (!visit(recent->key, recent->value)) return false;
    return true;
  };
  const std::unique_ptr<rocksdb::Iterator> table_rows(
      rows.database.db->NewIterator(options, rows.database.of(table)));
  for (table_rows->Seek(slice(from)); table_rows->Valid(); table_rows->Next()) {
    const std::string_view key = view(table_rows->key());
    if (!tell_before(key)) return {};
    if (recent != sorted.all().end() && recent->key == key) continue;
    if (!visit(key, view(table_rows->value()))) return {};
  }
  if (!table_rows->status().ok()) return std::unexpected(error_of(table_rows->status()));
  tell_before(until);
  return {};
}

/// The rows of a view, where it can say which they are.
template <typename Source>
class RowsView : public Source {
 public:
  using Source::Source;

  std::expected<View::Value, StoreError> get(Table table, std::string_view key) const override {
    const auto rows = this->rows(table);
    if (!rows) return std::unexpected(rows.error());
    return get_row(*rows, table, key);
  }
  std::expected<std::vector<View::Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override {
    const auto rows = this->rows(table);
    if (!rows) return std::unexpected(rows.error());
    return get_rows(*rows, table, keys);
  }
  std::expected<void, StoreError> scan(Table table, std::string_view from, std::string_view until,
                                       const View::Visit& visit) const override {
    const auto rows = this->rows(table);
    if (!rows) return std::unexpected(rows.error());
    return scan_rows(*rows, table, from, until, visit);
  }
};

class SnapshotRows : public View {
 public:
  SnapshotRows(const Database& database, IdentityLog::Moment moment)
      : database_(database), moment_(std::move(moment)) {}
  SnapshotRows(const SnapshotRows&) = delete;
  ~SnapshotRows() override { database_.db->ReleaseSnapshot(moment_.snapshot); }

 protected:
  std::expected<Rows, StoreError> rows(Table table) const {
    Rows rows{database_};
    rows.options.snapshot = moment_.snapshot;
    if (table != Table::Identities) return rows;
    std::call_once(looked_, [this] { seen_ = seen_identities(database_.identities(), moment_); });
    if (!seen_) return std::unexpected(error_of(seen_.error()));
    rows.recent = *seen_;
    return rows;
  }

 private:
  const Database& database_;
  const IdentityLog::Moment moment_;
  mutable std::once_flag looked_;  // most snapshots are never asked for identities
  mutable std::expected<SeenIdentities, Status> seen_;
};
using Snapshot = RowsView<SnapshotRows>;

class RocksdbStore final : public Store {
 public:
  RocksdbStore(std::unique_ptr<Database> database, std::unique_ptr<IdentityLog> identities,
               Mark mark)
      : database_(std::move(database)),
        mark_(std::move(mark)),
        identities_(std::move(identities)) {}
  RocksdbStore(const RocksdbStore&) = delete;
  /// A store that was closed can then lose nothing unseen.
  ~RocksdbStore() override {
    identities_->stop();
    if (database_->failure->get()) return;
    if (const auto position = identities_->position()) static_cast<void>(mark_.set(*position));
  }

  std::expected<Value, StoreError> get(Table table, std::string_view key) const override {
    return get_row(rows(table), table, key);
  }
  std::expected<std::vector<Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override {
    return get_rows(rows(table), table, keys);
  }
  /// Those of one moment: while it reads, identities may go from the log into a file.
  std::expected<void, StoreError> scan(Table table, std::string_view from, std::string_view until,
                                       const Visit& visit) const override {
    return Snapshot(*database_, identities_->moment()).scan(table, from, until, visit);
  }
  std::unique_ptr<const View> snapshot() const override {
    return std::make_unique<Snapshot>(*database_, identities_->moment());
  }

  std::expected<void, StoreError> write(const Batch& batch) override {
    if (const auto failure = database_->failure->get()) return std::unexpected(*failure);
    rows_.Clear();
    identity_row_.clear();
    for (const Batch::Row& row : batch.rows())
      if (row.table == Table::Identities)
        identity_row_.add(row.key, row.value);
      else
        rows_.Put(database_->of(row.table), slice(row.key), slice(row.value));
    identities_->put(identity_row_, rows_);
    rows_.PutLogData(kWritten);
    rocksdb::WriteOptions options;
    options.sync = true;
    if (const Status status = database_->db->Write(options, &rows_); !status.ok()) {
      database_->failure->set(error_of(status));
      return std::unexpected(error_of(status));
    }
    identities_->written();
    // What was written is durable without the mark; one that cannot be written stays as it was.
    if (const auto position = identities_->position()) static_cast<void>(mark_.advance(*position));
    return {};
  }
  StoreState state() const override { return {.failure = database_->failure->get()}; }

 private:
  Rows rows(Table table) const {
    return {*database_, {}, table == Table::Identities ? identities_->seen() : SeenIdentities()};
  }

  const std::unique_ptr<Database> database_;
  Mark mark_;
  const std::unique_ptr<IdentityLog> identities_;
  rocksdb::WriteBatch rows_;     ///< of the last write, whose memory is used again
  IdentityLogRow identity_row_;  ///< so too
};

std::vector<rocksdb::ColumnFamilyDescriptor> all_tables(const StoreSettings& settings) {
  const auto cache = rocksdb::NewLRUCache(kCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> tables = {
      {rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions()}};
  for (size_t i = 0; i < kTables; ++i)
    tables.emplace_back(kNames[i],
                        table_options(static_cast<Table>(i), cache, settings.memtable_bytes));
  rocksdb::ColumnFamilyOptions log;
  log.write_buffer_size = settings.memtable_bytes;
  log.compression = rocksdb::kLZ4Compression;
  tables.emplace_back(kLogName, log);
  return tables;
}

std::string database_in(const std::filesystem::path& folder) {
  return (folder / "rocksdb").string();
}

Error cannot_open(const std::filesystem::path& folder, const Status& status) {
  if (status.IsIOError() && status.ToString().contains("lock"))
    return {fmt::format("`{}` is in use: another process has it open ({})", folder.string(),
                        status.ToString())};
  return {fmt::format("`{}` cannot be opened: {}", folder.string(), status.ToString())};
}

Result<std::unique_ptr<Database>> open_database(const std::filesystem::path& folder,
                                                const StoreSettings& settings) {
  auto database = std::make_unique<Database>();
  rocksdb::DB* db = nullptr;
  rocksdb::DBOptions options = database->on_its_files(database_options(settings));
  options.listeners.push_back(database->failure);
  const Status status =
      rocksdb::DB::Open(options, database_in(folder), all_tables(settings), &database->tables, &db);
  if (!status.ok()) return std::unexpected(cannot_open(folder, status));
  database->db.reset(db);
  return database;
}

/// What the mark says must be there.
Result<void> check_mark(const std::filesystem::path& folder, std::optional<uint64_t> marked,
                        const Database& database) {
  if (!marked || database.db->GetLatestSequenceNumber() >= *marked) return {};
  return std::unexpected(
      Error{fmt::format("`{}` has lost rows that were acknowledged: it is at {}, and was at {}",
                        folder.string(), database.db->GetLatestSequenceNumber(), *marked)});
}

Result<std::unique_ptr<Store>> open_once(const std::filesystem::path& folder,
                                         const StoreSettings& settings) {
  Mark mark(folder / "mark");
  const auto marked = mark.read();
  if (!marked) return std::unexpected(marked.error());
  auto database = open_database(folder, settings);
  if (!database) return std::unexpected(std::move(database.error()));
  if (auto whole = check_mark(folder, *marked, **database); !whole)
    return std::unexpected(std::move(whole.error()));
  auto identities =
      std::make_unique<IdentityLog>((*database)->identities(), (folder / "identities.run").string(),
                                    settings.run_identities, (*database)->failure);
  if (const Status status = identities->read(); !status.ok())
    return std::unexpected(cannot_open(folder, status));
  return std::make_unique<RocksdbStore>(*std::move(database), std::move(identities),
                                        std::move(mark));
}

/// Whether the disk takes as much as opening a database may need: nothing, or why not.
std::optional<StoreError> fault_of_disk(const std::filesystem::path& folder,
                                        const StoreSettings& settings) {
  rocksdb::Env* const env = settings.env ? settings.env : rocksdb::Env::Default();
  const std::string file = (folder / "disk.check").string();
  Status status = rocksdb::WriteStringToFile(env, std::string(kCheckedBytes, '.'), file,
                                             /*should_sync=*/true);
  if (status.ok()) status = env->DeleteFile(file);
  if (status.ok()) return std::nullopt;
  return error_of(status);
}

/// A database that is read while another process writes it. It does not change by itself, so all
/// that is read is of one moment.
class SecondaryRows : public View {
 public:
  SecondaryRows(std::unique_ptr<Database> database, SeenIdentities recent)
      : database_(std::move(database)), recent_(std::move(recent)) {}

 protected:
  std::expected<Rows, StoreError> rows(Table table) const {
    return Rows{*database_, {}, table == Table::Identities ? recent_ : SeenIdentities()};
  }

 private:
  const std::unique_ptr<Database> database_;
  const SeenIdentities recent_;
};

class SecondaryView final : public RowsView<SecondaryRows> {
 public:
  using RowsView::RowsView;

  /// One by one: a secondary database is asked for several together as if it were a primary one.
  std::expected<std::vector<Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override {
    std::vector<Value> values;
    for (const std::string_view key : keys) {
      auto value = get(table, key);
      if (!value) return std::unexpected(value.error());
      values.push_back(*std::move(value));
    }
    return values;
  }
};

/// The tables of a folder that nobody may have opened since there are logs of identities.
Result<std::vector<rocksdb::ColumnFamilyDescriptor>> tables_of(const std::filesystem::path& folder,
                                                               const rocksdb::DBOptions& options) {
  std::vector<std::string> names;
  const Status status = rocksdb::DB::ListColumnFamilies(options, database_in(folder), &names);
  if (!status.ok()) return std::unexpected(cannot_open(folder, status));
  auto tables = all_tables({});
  if (std::ranges::find(names, kLogName) == names.end()) tables.pop_back();
  return tables;
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::filesystem::path& folder) {
  return open_store_with(folder, {});
}

Result<std::unique_ptr<Store>> open_store_with(const std::filesystem::path& folder,
                                               const StoreSettings& settings) {
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  if (fault)
    return std::unexpected(
        Error{fmt::format("`{}` cannot be made: {}", folder.string(), fault.message())});
  auto opened = open_once(folder, settings);
  if (!opened) return opened;
  return std::make_unique<ReopeningStore>(
      *std::move(opened),
      ReopeningStore::Disk{
          .open = [folder, settings] { return open_once(folder, settings); },
          .fault = [folder, settings] { return fault_of_disk(folder, settings); }});
}

Result<std::unique_ptr<const View>> open_view(const std::filesystem::path& folder,
                                              const std::filesystem::path& scratch) {
  const auto marked = Mark(folder / "mark").read();
  if (!marked) return std::unexpected(marked.error());
  rocksdb::DBOptions options = database_options({});
  options.create_if_missing = false;
  options.create_missing_column_families = false;
  options.max_open_files = -1;  // what is open stays readable when the other process deletes it
  auto database = std::make_unique<Database>();
  options = database->on_its_files(std::move(options));
  auto tables = tables_of(folder, options);
  if (!tables) return std::unexpected(tables.error());
  const BesideWriter how{std::move(options), database_in(folder), scratch.string(),
                         *std::move(tables)};
  rocksdb::DB* db = nullptr;
  Status status = rocksdb::DB::OpenAsSecondary(how.options, how.database, how.scratch, how.tables,
                                               &database->tables, &db);
  database->db.reset(db);
  if (status.ok()) status = catch_up(*db, how);
  if (!status.ok()) return std::unexpected(cannot_open(folder, status));
  if (auto whole = check_mark(folder, *marked, *database); !whole)
    return std::unexpected(std::move(whole.error()));
  auto recent = read_identity_log(database->identities(), {});
  if (!recent) return std::unexpected(cannot_open(folder, recent.error()));
  return std::make_unique<const SecondaryView>(std::move(database), *std::move(recent));
}

bool is_in_use(const std::filesystem::path& folder) {
  // The file that RocksDB locks. To ask for the lock would make the file where there is none.
  const std::string name = database_in(folder) + "/LOCK";
  const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool asked = ::fcntl(file, F_GETLK, &lock) == 0;
  ::close(file);
  return asked && lock.l_type != F_UNLCK;
}

}  // namespace toll::engine
