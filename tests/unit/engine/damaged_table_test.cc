// Tables of which a bit is another where RocksDB would end the process for it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "engine/storage/rocksdb_store.h"
#include "tests/support/scratch_folder.h"

namespace toll::engine {
namespace {

class DamagedTable : public ::testing::Test {
 protected:
  /// A folder with one table: what was in the log when it was opened again.
  void SetUp() override {
    for (int start = 0; start < 2; ++start) {
      const auto store = open_store(folder());
      ASSERT_TRUE(store);
      if (start > 0) continue;
      Batch batch;
      batch.put(Table::Events, "key", "value");
      ASSERT_TRUE((*store)->write(batch));
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "rocksdb"))
      if (entry.path().extension() == ".sst") table_ = entry.path();
    ASSERT_FALSE(table_.empty());
    std::ifstream in(table_, std::ios::binary);
    whole_.assign(std::istreambuf_iterator<char>(in), {});
  }

  std::filesystem::path folder() const { return scratch_.path() / "data"; }

  /// Reads the folder, and opens it to go on, with one bit of the table changed: what is said of
  /// it.
  std::string open_with(size_t at, int bit) const {
    std::string damaged = whole_;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
    std::ofstream(table_, std::ios::binary) << damaged;
    const auto view = open_view(folder(), scratch_.path() / "scratch");
    if (view) expect_row_or_error(**view, at);
    const auto store = open_store(folder());
    EXPECT_EQ(view.has_value(), store.has_value()) << at;
    if (!store) return store.error().message;
    expect_row_or_error(**store, at);
    return "";
  }
  static void expect_row_or_error(const View& view, size_t at) {
    const auto row = view.get(Table::Events, "key");
    EXPECT_TRUE(!row || *row == "value") << at;
  }

  testing::ScratchFolder scratch_;
  std::filesystem::path table_;
  std::string whole_;
};

TEST_F(DamagedTable, IsRefusedOrReadWhateverBitBehindItsLastPropertyIsAnother) {
  const size_t last = whole_.find("value.size");
  ASSERT_NE(last, std::string::npos);
  for (size_t at = last; at < whole_.size(); ++at) open_with(at, 7);
}

TEST_F(DamagedTable, IsRefusedWhereItsPropertiesSayThatTheyHaveAnIndex) {
  // They end in where they begin, how many such places there are, and in that number's highest bit
  // whether there is an index.
  const std::string_view places("\0\0\0\0\1\0\0\0", 8);
  const size_t count = whole_.find(places, whole_.find("value.size"));
  ASSERT_NE(count, std::string::npos);
  const std::string why = open_with(count + places.size() - 1, 7);
  EXPECT_NE(why.find("the properties are damaged in file"), std::string::npos) << why;
  EXPECT_NE(why.find(table_.filename().string()), std::string::npos) << why;
}

}  // namespace
}  // namespace toll::engine
