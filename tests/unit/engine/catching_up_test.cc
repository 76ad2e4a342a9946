// Who reads a folder gets all of its rows or is told that it cannot, whoever writes to it
// meanwhile.
#include "engine/storage/catching_up.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/backup.h"
#include "engine/storage/rocksdb_store.h"
#include "tests/support/scratch_folder.h"

namespace toll::engine {
namespace {

class CatchingUp : public ::testing::Test {
 protected:
  std::filesystem::path folder() const { return scratch_.path() / "data"; }
  std::filesystem::path database() const { return folder() / "rocksdb"; }

  Result<std::unique_ptr<const View>> view() const {
    return open_view(folder(), scratch_.path() / "scratch");
  }
  static std::string why(const auto& refused) {
    return refused ? std::string() : refused.error().message;
  }

  /// Rows of a table are numbered; each write has the next.
  static void write(Store& store, int number, size_t size = 0) {
    const std::string key = fmt::format("{:08}", number);
    const std::string value(size, static_cast<char>('a' + number % 26));
    Batch batch;
    for (const Table table : {Table::State, Table::Events, Table::Identities})
      batch.put(table, key, value);
    EXPECT_TRUE(store.write(batch));
  }
  /// All from the first one on.
  static int rows_of(const View& view, Table table) {
    int rows = 0;
    EXPECT_TRUE(view.scan(table, "", "z", [&](std::string_view key, auto) {
      return key == fmt::format("{:08}", rows) && ++rows > 0;
    }));
    return rows;
  }

  /// A folder with several tables, one of each start.
  void make_tables() const {
    for (int start = 0; start <= kStarts; ++start) {
      const auto store = open_store(folder());
      ASSERT_TRUE(store);
      if (start < kStarts) write(**store, start, 100);
    }
  }
  std::vector<std::filesystem::path> tables() const {
    std::vector<std::filesystem::path> tables;
    for (const auto& entry : std::filesystem::directory_iterator(database()))
      if (entry.path().extension() == ".sst") tables.push_back(entry.path());
    std::ranges::sort(tables);
    return tables;
  }

  using Damage = std::function<void(const std::filesystem::path& table)>;
  static std::map<std::string, Damage> damages() {
    const auto change = [](const std::filesystem::path& table, auto from_end) {
      std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(-from_end, std::ios::end);
      file << "damaged";
    };
    return {
        {"missing", [](const auto& table) { std::filesystem::remove(table); }},
        {"empty", [](const auto& table) { std::filesystem::resize_file(table, 0); }},
        {"cut off",
         [](const auto& table) {
           std::filesystem::resize_file(table, std::filesystem::file_size(table) - 1);
         }},
        {"another footer", [=](const auto& table) { change(table, 8); }},
        {"another place of its blocks", [=](const auto& table) { change(table, 52); }},
        {"other properties", [=](const auto& table) { change(table, 300); }},
    };
  }

  static constexpr int kStarts = 3;
  testing::ScratchFolder scratch_;
};

TEST_F(CatchingUp, RefusesATableThatCannotBeReadAsAStartDoes) {
  make_tables();
  const std::filesystem::path whole = scratch_.path() / "whole";
  std::filesystem::rename(folder(), whole);
  const auto again = [&] {
    std::filesystem::remove_all(folder());
    std::filesystem::copy(whole, folder(), std::filesystem::copy_options::recursive);
  };
  again();
  ASSERT_GE(tables().size(), 3 * size_t{kStarts});
  EXPECT_EQ(rows_of(**view(), Table::Events), kStarts);
  for (const auto& table : tables())
    for (const auto& [name, damage] : damages()) {
      SCOPED_TRACE(fmt::format("{} is {}", table.filename().string(), name));
      again();
      damage(table);
      const std::string refused = why(view());
      EXPECT_NE(refused.find("cannot be opened: "), std::string::npos) << refused;
      if (name == "missing") {  // whatever the end of its name
        EXPECT_NE(refused.find(table.stem().string()), std::string::npos) << refused;
      }
      EXPECT_EQ(refused, why(open_store(folder())));
    }
}

TEST_F(CatchingUp, RefusesToCopyWhatIsNotThere) {
  make_tables();
  std::filesystem::remove(tables().front());
  EXPECT_NE(why(copy_store(folder(), scratch_.path() / "copy")).find("cannot be opened: "),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "copy"));
}

TEST_F(CatchingUp, RefusesWhatIsLostWhileAWriterHasItOpen) {
  make_tables();
  const auto store = open_store(folder());
  ASSERT_TRUE(store);
  const std::string table = tables().front().stem().string();
  std::filesystem::remove(tables().front());
  EXPECT_NE(why(view()).find(table), std::string::npos) << why(view());
  write(**store, kStarts);
  EXPECT_NE(why(view()).find(table), std::string::npos) << why(view());
}

TEST_F(CatchingUp, HasWhatWasAcknowledgedWhileTablesComeAndGo) {
  // The least that RocksDB takes, so that tables are written, and made into one, all the time.
  auto store = open_store_with(folder(), {.memtable_bytes = 1, .run_identities = 50});
  ASSERT_TRUE(store);
  write(**store, 0);
  std::atomic<int> written = 1;
  std::jthread writer([&](const std::stop_token& stop) {
    for (int number = 1; !stop.stop_requested(); ++number) {
      write(**store, number, 2000);
      written = number + 1;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));  // as a disk would take
    }
  });
  std::set<std::filesystem::path> came;
  size_t there = 0;
  for (int i = 0; i < 30 || there == came.size(); ++i) {
    const int before = written;
    const auto seen = view();
    ASSERT_TRUE(seen) << seen.error().message;
    const int rows = rows_of(**seen, Table::Events);
    EXPECT_GE(rows, before);
    for (const Table table : {Table::State, Table::Identities})
      EXPECT_EQ(rows_of(**seen, table), rows);
    const auto now = tables();
    came.insert(now.begin(), now.end());
    there = now.size();
  }
}

}  // namespace
}  // namespace toll::engine
