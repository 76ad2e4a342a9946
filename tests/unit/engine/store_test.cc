// What both stores promise, and what only the one on disk can.
#include "engine/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/scratch_folder.h"

namespace toll::engine {
namespace {

class Stores : public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Store> open() const {
    if (!GetParam()) return std::make_unique<MemoryStore>();
    auto store = open_store(scratch_.path() / "data");
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  testing::ScratchFolder scratch_;
};

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows rows(const View& view, std::string_view from, std::string_view until, size_t most = 100) {
  Rows found;
  EXPECT_TRUE(
      view.scan(Table::Events, from, until, [&](std::string_view key, std::string_view value) {
        found.emplace_back(key, value);
        return found.size() < most;
      }));
  return found;
}

Batch batch_of(const Rows& rows) {
  Batch batch;
  for (const auto& [key, value] : rows) batch.put(Table::Events, key, value);
  return batch;
}

TEST_P(Stores, GiveBackWhatWasWritten) {
  const auto store = open();
  Batch batch;
  batch.put(Table::State, "a", "1");
  batch.put(Table::Events, "a", "2");
  batch.put(Table::Events, std::string_view("a\0b", 3), std::string_view("\xff\0", 2));
  ASSERT_TRUE(store->write(batch));
  EXPECT_EQ(*store->get(Table::State, "a"), "1");
  EXPECT_EQ(*store->get(Table::Events, "a"), "2");
  EXPECT_EQ(*store->get(Table::Identities, "a"), std::nullopt);
  EXPECT_EQ(**store->get(Table::Events, std::string_view("a\0b", 3)), std::string("\xff\0", 2));
  const std::string_view keys[] = {"b", "a", "b"};
  EXPECT_EQ(*store->get_many(Table::State, keys),
            (std::vector<View::Value>{std::nullopt, "1", std::nullopt}));
}

TEST_P(Stores, ScanByRisingBytesUntilTheyAreTold) {
  const auto store = open();
  ASSERT_TRUE(store->write(batch_of({{"b", "2"}, {"\xff", "4"}, {"a", "1"}, {"c", "3"}})));
  EXPECT_EQ(rows(*store, "a", "c"), (Rows{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(rows(*store, "", "\xff\xff"),
            (Rows{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"\xff", "4"}}));
  EXPECT_EQ(rows(*store, "", "\xff", 2).size(), 2u);
  EXPECT_EQ(rows(*store, "c", "c"), Rows{});
}

TEST_P(Stores, ASnapshotStaysAsItWas) {
  const auto store = open();
  ASSERT_TRUE(store->write(batch_of({{"a", "1"}})));
  const auto before = store->snapshot();
  ASSERT_TRUE(store->write(batch_of({{"a", "2"}, {"b", "2"}})));
  EXPECT_EQ(**before->get(Table::Events, "a"), "1");
  EXPECT_EQ(rows(*before, "", "z"), (Rows{{"a", "1"}}));
  EXPECT_EQ(rows(*store, "", "z"), (Rows{{"a", "2"}, {"b", "2"}}));
}

// An audit looks up what it reads of; who counts days anew waits for the writer.
TEST_P(Stores, AreAskedAndWrittenWhileTheyAreScanned) {
  const auto store = open();
  ASSERT_TRUE(store->write(batch_of({{"a", "1"}, {"b", "2"}, {"c", "3"}})));
  const auto snapshot = store->snapshot();
  for (const View* const view : {static_cast<const View*>(store.get()), snapshot.get()}) {
    Rows found;
    ASSERT_TRUE(
        view->scan(Table::Events, "a", "z", [&](std::string_view key, std::string_view value) {
          EXPECT_EQ(*view->get(Table::Events, key), std::string(value));
          const std::string_view keys[] = {key};
          EXPECT_EQ((*view->get_many(Table::Events, keys))[0], std::string(value));
          std::jthread([&] { EXPECT_TRUE(store->write(batch_of({{"d", "4"}}))); }).join();
          found.emplace_back(key, value);
          return true;
        }));
    EXPECT_EQ(found, (Rows{{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  }
}

INSTANTIATE_TEST_SUITE_P(Engine, Stores, ::testing::Values(false, true),
                         [](const auto& kind) { return kind.param ? "Disk" : "Memory"; });

TEST(Batch, FindsWhatItPutsAndTheLaterValueWins) {
  Batch batch;
  EXPECT_TRUE(batch.empty());
  const std::string large(1 << 20, 'x');
  batch.put(Table::State, "a", "1");
  batch.put(Table::Events, "a", large);
  batch.put(Table::State, "a", "2");
  EXPECT_EQ(batch.find(Table::State, "a"), "2");
  EXPECT_EQ(batch.find(Table::Events, "a"), large);
  EXPECT_EQ(batch.find(Table::Identities, "a"), std::nullopt);
  EXPECT_EQ(batch.rows().size(), 2u);
}

TEST(MemoryStore, FailsAWriteWhole) {
  MemoryStore store;
  store.before_write = [] { return StoreError{StoreError::Kind::Full, "no room"}; };
  EXPECT_EQ(store.write(batch_of({{"a", "1"}})).error().kind, StoreError::Kind::Full);
  EXPECT_EQ(rows(store, "", "z"), Rows{});
}

class DiskStore : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Store>> open() const { return open_store(folder()); }
  std::filesystem::path folder() const { return scratch_.path() / "data"; }
  testing::ScratchFolder scratch_;
};

TEST_F(DiskStore, IsThereAfterItWasClosed) {
  ASSERT_TRUE((*open())->write(batch_of({{"a", "1"}})));
  EXPECT_EQ(**(*open())->get(Table::Events, "a"), "1");
}

TEST_F(DiskStore, IsOpenOnce) {
  const auto store = open();
  ASSERT_TRUE(store);
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("LOCK"), std::string::npos) << second.error().message;
}

TEST_F(DiskStore, RefusesToGoOnWhereItsEndIsMissing) {
  ASSERT_TRUE((*open())->write(batch_of({{"a", "1"}})));
  const std::filesystem::path kept = scratch_.path() / "kept";
  std::filesystem::copy(folder() / "rocksdb", kept, std::filesystem::copy_options::recursive);
  {
    const auto store = open();  // its first write advances the mark
    ASSERT_TRUE((*store)->write(batch_of({{"b", "2"}})));
  }
  ASSERT_TRUE(open());
  std::filesystem::remove_all(folder() / "rocksdb");
  std::filesystem::rename(kept, folder() / "rocksdb");
  const auto older = open();
  ASSERT_FALSE(older);
  EXPECT_NE(older.error().message.find("has lost rows that were acknowledged"), std::string::npos)
      << older.error().message;
}

/// The log file with the rows that were written last.
std::filesystem::path last_log(const std::filesystem::path& folder) {
  std::filesystem::path last;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "rocksdb"))
    if (entry.path().extension() == ".log" && entry.path() > last) last = entry.path();
  return last;
}

void write_one_by_one(Store& store, int count) {
  for (int i = 0; i < count; ++i)
    ASSERT_TRUE(store.write(batch_of({{std::to_string(100 + i), std::string(100, 'x')}})));
}

// What a crash leaves: the record that was being written was never acknowledged.
TEST_F(DiskStore, DropsARecordThatWasCutOff) {
  const auto running = open();
  write_one_by_one(**running, 50);
  const std::filesystem::path crashed = scratch_.path() / "crashed";
  std::filesystem::copy(folder(), crashed, std::filesystem::copy_options::recursive);
  const std::filesystem::path log = last_log(crashed);
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 7);
  const auto store = open_store(crashed);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(rows(**store, "", "z").size(), 49u);
}

TEST_F(DiskStore, RefusesARecordThatWasCutOffAfterItWasClosed) {
  write_one_by_one(**open(), 50);
  const std::filesystem::path log = last_log(folder());
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 7);
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("has lost rows"), std::string::npos);
}

TEST_F(DiskStore, RefusesALogThatIsDamagedBeforeItsEnd) {
  write_one_by_one(**open(), 50);
  const std::filesystem::path log = last_log(folder());
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(log) / 2);
  {
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(middle);
    const char damaged = static_cast<char>(file.get() ^ 1);
    file.seekp(middle);
    file.put(damaged);
  }
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("checksum mismatch"), std::string::npos)
      << store.error().message;
}

TEST_F(DiskStore, RefusesADamagedMark) {
  ASSERT_TRUE(open());
  std::ofstream(folder() / "mark") << "12x\n";
  EXPECT_FALSE(open());
}

TEST_F(DiskStore, SaysWhichFolderCannotBeMade) {
  std::ofstream(scratch_.path() / "file") << "no folder";
  const auto store = open_store(scratch_.path() / "file" / "data");
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("file/data"), std::string::npos);
}

}  // namespace
}  // namespace toll::engine
