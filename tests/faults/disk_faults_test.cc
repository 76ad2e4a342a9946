// Power that is lost at the n-th call, for every kind of call there is: nothing that was
// acknowledged is gone, nothing is there that nobody sent, and nothing is said to be lost that
// never was acknowledged.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <random>
#include <set>

#include "engine/storage/identity_log.h"
#include "engine/storage/keys.h"
#include "tests/faults/faulty_disk.h"
#include "tests/faults/told.h"

namespace toll::faults {
namespace {

/// When the power goes: at a call of a kind, or of all.
struct Loss {
  std::string kind;
  uint64_t call;
};

/// What was not synced when the power went is gone, or some of it.
void lose_power(const Loss& loss, uint32_t seed, std::set<std::string>& lost,
                Tail tail = Tail::Some) {
  SCOPED_TRACE(fmt::format("power lost at call {} {}, seed {}", loss.call, loss.kind, seed));
  const FaultyDisk disk;
  std::mt19937 random(seed);
  Told told;
  disk.files->fail_at(loss.kind, loss.call, Fault::PowerLoss, true);
  if (auto engine = disk.open()) {
    for (int i = 0; i < kBatches && told.send(**engine, kBatch); ++i) {
    }
    engine->reset();
    if (const auto again = disk.open()) told.send(**again, kBatch);
  }
  if (disk.files->failed()) lost.insert(*disk.files->failed());
  disk.files->drop_unsynced(random, seed % 2 == 0, tail);
  const auto engine = disk.open_well();
  ASSERT_TRUE(engine);
  told.check(*engine);
  EXPECT_TRUE(told.send(*engine, kBatch));
  told.check(*engine);
}

TEST(PowerLoss, LosesNothingThatWasAcknowledgedAndInventsNothing) {
  const auto calls = calls_of_a_run();
  std::set<std::string> lost;
  for (const uint64_t call : chosen(calls, 3))
    for (uint32_t seed = 0; seed < 2 && !::testing::Test::HasFailure(); ++seed)
      lose_power({{}, call}, seed, lost);
  // Which call of all that is changes with what threads do in the background.
  for (const char* kind : {"sync run", "link sst", "delete run", "rename CURRENT"})
    lose_power({kind, 1}, 0, lost);
  for (const char* kind : {"sync log", "sync sst", "sync run", "link sst", "delete run",
                           "sync MANIFEST", "sync folder", "rename CURRENT"})
    EXPECT_TRUE(lost.contains(kind)) << "no power was lost at: " << kind;
}

/// At four calls of a kind, spread over a run; the files that grew are zeros from some byte on.
void lose_power_at_quarters(const std::string& kind, const std::vector<std::string>& calls,
                            uint32_t seeds) {
  std::set<std::string> lost;
  const auto count = static_cast<uint64_t>(std::ranges::count(calls, kind));
  for (uint64_t quarter = 0; quarter < 4; ++quarter)
    for (uint32_t seed = 0; seed < seeds; ++seed)
      lose_power({kind, 1 + quarter * count / 4}, seed, lost, Tail::Zeros);
  EXPECT_TRUE(lost.contains(kind)) << "no power was lost at: " << kind;
}

TEST(PowerLoss, LeavesLogsAndListsOfFilesWhoseLastRecordIsZerosFromSomeByteOn) {
  const auto calls = calls_of_a_run();
  for (const char* kind : {"append log", "sync log", "append MANIFEST", "sync MANIFEST"})
    lose_power_at_quarters(kind, calls, 4);
  // `dbtmp` is what becomes CURRENT and OPTIONS.
  for (const char* kind : {"sync dbtmp", "rename CURRENT", "sync OPTIONS"})
    lose_power_at_quarters(kind, calls, 1);
}

/// A database that has a log of identities, without the store around it.
class LogOfIdentities {
 public:
  explicit LogOfIdentities(const FaultyDisk& disk) {
    rocksdb::DBOptions options;
    options.env = disk.env.get();
    options.create_if_missing = options.create_missing_column_families = true;
    const std::vector<rocksdb::ColumnFamilyDescriptor> names = {
        {rocksdb::kDefaultColumnFamilyName, {}}, {"log", {}}, {"identities", {}}};
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(options, disk.folder(), names, &tables_, &opened);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(opened);
    log_.emplace(engine::IdentityLog::Tables{db_.get(), tables_[1], tables_[2]},
                 disk.folder() / "identities.run", 1,
                 std::make_shared<engine::BackgroundFailure>());
    EXPECT_TRUE(log_->read().ok());
  }
  LogOfIdentities(const LogOfIdentities&) = delete;
  ~LogOfIdentities() {
    log_.reset();
    for (rocksdb::ColumnFamilyHandle* table : tables_) db_->DestroyColumnFamilyHandle(table);
  }
  /// In the table, as before there was a log.
  void put(const std::string& id) {
    const std::string key = engine::identity_key("t", "/s", id);
    EXPECT_TRUE(db_->Put({}, tables_[2], key, "place").ok());
  }
  /// They become a run: now, or it fails.
  void write(const std::vector<std::string>& ids) {
    engine::IdentityLogRow row;
    std::vector<std::string> keys;  // until the batch is written
    for (const std::string& id : ids) keys.push_back(engine::identity_key("t", "/s", id));
    for (const std::string& key : keys) row.add(key, "place");
    rocksdb::WriteBatch batch;
    log_->put(row, batch);
    ASSERT_TRUE(db_->Write({}, &batch).ok());
    log_->written();
    log_->stop();
  }
  std::optional<uint64_t> position() const { return log_->position(); }
  uint64_t numbered() const { return db_->GetLatestSequenceNumber(); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> tables_;
  std::optional<engine::IdentityLog> log_;
};

/// A run has a number even where the list of files could not be written: one that a start does not
/// find, and which a mark would tell it is lost.
TEST(DiskFault, MarksNoRunThatTheListOfFilesDoesNotHave) {
  bool failed = true, has_lost_number = false;
  for (uint64_t nth = 1; failed; ++nth) {
    SCOPED_TRACE(fmt::format("the {}th write of the list fails", nth));
    const FaultyDisk disk;
    std::optional<LogOfIdentities> identities(disk);
    identities->put("1");
    disk.files->fail_at("append MANIFEST", nth, Fault::Eio, true);
    identities->write({"0", "2"});  // around what is there, so that the run needs a number
    failed = disk.files->failed().has_value();
    EXPECT_NE(identities->position().has_value(), failed);
    const uint64_t position = identities->position().value_or(0), numbered = identities->numbered();
    identities.reset();
    disk.files->heal();
    const uint64_t found = LogOfIdentities(disk).numbered();
    EXPECT_GE(found, position);
    has_lost_number |= found < numbered;
  }
  EXPECT_TRUE(has_lost_number);
}

}  // namespace
}  // namespace toll::faults
