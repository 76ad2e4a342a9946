// Logs as the loss of the power leaves them, torn at any byte, and logs that are damaged.
#include "engine/storage/torn_end.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/storage/rocksdb_store.h"
#include "tests/support/scratch_folder.h"

namespace toll::engine {
namespace {

constexpr size_t kBlock = 32768;

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

/// Writes logs as RocksDB does, `reusable` ones as with `recycle_log_file_num`.
class TestLog {
 public:
  explicit TestLog(bool reusable = false) : reusable_(reusable) {}

  void add(std::string_view text) {
    begins_.push_back(bytes_.size());
    const size_t header = reusable_ ? 11 : 7;
    bool first = true, last = false;
    while (!last) {
      size_t left = kBlock - bytes_.size() % kBlock;
      if (left < header) {
        bytes_.append(left, '\0');
        left = kBlock;
        if (first) begins_.back() = bytes_.size();
      }
      const std::string_view part = text.substr(0, left - header);
      text.remove_prefix(part.size());
      last = text.empty();
      put(first ? last ? 1 : 2 : last ? 4 : 3, part);
      first = false;
    }
  }

  const std::string& bytes() const { return bytes_; }
  size_t begin(size_t record) const { return begins_[record]; }
  size_t end(size_t record) const {
    return record + 1 < begins_.size() ? begins_[record + 1] : bytes_.size();
  }

 private:
  void put(int kind, std::string_view part) {
    std::string guarded(1, static_cast<char>(reusable_ ? kind + 4 : kind));
    if (reusable_) guarded += std::string_view("\x07\0\0\0", 4);
    guarded += part;
    Crc32c crc;
    crc.process_bytes(guarded.data(), guarded.size());
    const uint32_t sum = crc.checksum();
    const uint32_t masked = (sum >> 15 | sum << 17) + 0xa282ead8;
    for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(masked >> shift);
    bytes_ += static_cast<char>(part.size());
    bytes_ += static_cast<char>(part.size() >> 8);
    bytes_ += guarded;
  }

  const bool reusable_;
  std::string bytes_;
  std::vector<size_t> begins_;
};

std::optional<uint64_t> whole(std::string_view log) {
  return whole_before_torn_end(log.size(), [&](uint64_t offset, size_t size) {
    return std::string(log.substr(static_cast<size_t>(offset), size));
  });
}

/// So many bytes of which the last is not zero.
std::string text_of(size_t size, std::mt19937& random) {
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random() % 4 ? random() : 0);
  if (size > 0) text.back() = '.';
  return text;
}

/// The log with zeros in place of what stands from `at` on.
std::string torn(const std::string& log, size_t at, size_t more = 0) {
  return log.substr(0, at) + std::string(log.size() - at + more, '\0');
}

TEST(TornEnd, IsCutOffWhereverTheLastRecordIsTorn) {
  std::mt19937 random(1);
  for (const bool reusable : {false, true}) {
    TestLog log(reusable);
    for (const size_t size : {90, 1, 300, 0, 140}) log.add(text_of(size, random));
    const size_t begin = log.begin(4);
    for (size_t at = begin; at < log.bytes().size(); ++at)
      for (const size_t more : {size_t{0}, size_t{20}, 2 * kBlock})
        ASSERT_EQ(whole(torn(log.bytes(), at, more)), begin) << at << ' ' << more;
  }
}

TEST(TornEnd, IsCutOffWithAllThatWasWrittenInOneWithIt) {
  std::mt19937 random(2);
  TestLog log;
  log.add(text_of(30000, random));
  log.add(text_of(3 * kBlock, random));  // in five parts
  for (size_t at = log.begin(1); at < log.bytes().size(); ++at) {
    const size_t in_block = at % kBlock;
    if (at % 1009 != 0 && in_block > 12 && in_block < kBlock - 12) continue;
    ASSERT_EQ(whole(torn(log.bytes(), at)), log.begin(1)) << at;
  }
}

TEST(TornEnd, MayHoldSeveralRecordsOfWhichNoneCame) {
  std::mt19937 random(3);
  TestLog log;
  for (int i = 0; i < 900; ++i) log.add(text_of(random() % 300, random));
  ASSERT_GT(log.bytes().size(), 3 * kBlock);
  for (size_t record = 1; record < 900; record += 7) {
    const size_t at = (log.begin(record) + log.end(record)) / 2;
    const auto end = whole(torn(log.bytes(), at));
    // A record that has nothing but zeros behind the middle is whole.
    ASSERT_TRUE(end == log.begin(record) || end == log.end(record)) << record;
  }
}

TEST(TornEnd, OfALogOfOneRecordLeavesNothing) {
  std::mt19937 random(4);
  TestLog log;
  log.add(text_of(100, random));
  EXPECT_EQ(whole(torn(log.bytes(), 50)), 0u);
}

TEST(TornEnd, IsNotSeenInALogThatIsWholeOrEndsInTheMiddleOfARecord) {
  std::mt19937 random(5);
  for (const bool reusable : {false, true}) {
    TestLog log(reusable);
    for (const size_t size : {90, 0, 33000, 140}) {
      log.add(text_of(size, random) + std::string(size % 3, '\0'));
      EXPECT_EQ(whole(log.bytes()), std::nullopt) << size;
    }
    for (size_t size = 0; size < 300; ++size) {
      EXPECT_EQ(whole(log.bytes().substr(0, size)), std::nullopt) << size;
      EXPECT_EQ(whole(log.bytes().substr(0, log.bytes().size() - size)), std::nullopt) << size;
    }
  }
}

TEST(TornEnd, IsNotSeenWhereThereAreOnlyZeros) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{7}, size_t{1000}, 3 * kBlock})
    EXPECT_EQ(whole(std::string(size, '\0')), std::nullopt) << size;
}

/// What comes of each bit of a record that is another.
template <typename Check>
void flip_each_bit(const TestLog& log, size_t record, const Check& check) {
  std::string bytes = log.bytes();
  for (size_t at = log.begin(record); at < log.end(record); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] = static_cast<char>(bytes[at] ^ 1 << bit);
      check(bytes, at);
      bytes[at] = log.bytes()[at];
    }
}

TEST(TornEnd, IsNotSeenInDamageToTheMiddle) {
  std::mt19937 random(6);
  TestLog log;
  for (const size_t size : {90, 60, 300, 140}) log.add(text_of(size, random));
  log.add(text_of(40, random) + std::string(9, '\0'));
  for (size_t record = 0; record < 4; ++record)
    flip_each_bit(log, record, [&](const std::string& bytes, size_t at) {
      ASSERT_EQ(whole(bytes), std::nullopt) << at;
      // Nor does a torn end excuse it.
      ASSERT_EQ(whole(torn(bytes, bytes.size() - 30)), std::nullopt) << at;
    });
  std::string hole = log.bytes();
  hole.replace(log.begin(2) + 20, 100, 100, '\0');
  EXPECT_EQ(whole(hole), std::nullopt);
  // Whatever stands in place of a header may say that its record was to reach behind the zeros.
  for (std::string lost : {log.bytes(), torn(log.bytes(), log.bytes().size() - 30)}) {
    const size_t length = lost.size() - log.begin(2) - 7;
    lost.replace(
        log.begin(2), 7,
        {'l', 'o', 's', 't', static_cast<char>(length), static_cast<char>(length >> 8), 1});
    EXPECT_EQ(whole(lost), std::nullopt);
  }
}

TEST(TornEnd, IsNotSeenInDamageToTheLastRecord) {
  std::mt19937 random(7);
  TestLog log;
  for (const size_t size : {90, 60, 300}) log.add(text_of(size, random));
  flip_each_bit(log, 2, [&](const std::string& bytes, size_t at) {
    ASSERT_EQ(whole(bytes), std::nullopt) << at;
    // Zeros that are no part of it are not what is missing of it. But of another kind, it is
    // longer.
    if (at == log.begin(2) + 6) return;
    ASSERT_EQ(whole(bytes + std::string(100, '\0')), std::nullopt) << at;
  });
}

class TornFiles : public ::testing::Test {
 protected:
  /// A folder as a process that is killed leaves it, with rows in files and in the log.
  void SetUp() override {
    const std::filesystem::path running = scratch_.path() / "running";
    const std::string row = std::string(990, 'x') + std::string(10, '\0');
    for (int start = 0; start < 2; ++start) {
      const auto store = open_store(running);
      ASSERT_TRUE(store);
      for (int i = 0; i < kRows / 2; ++i) {
        Batch batch;
        batch.put(Table::Events, std::to_string(1000 * start + i), row);
        ASSERT_TRUE((*store)->write(batch));
      }
      if (start == 1)
        std::filesystem::copy(running, folder(), std::filesystem::copy_options::recursive);
    }
    // It may know of the last row, which here was never acknowledged.
    std::filesystem::remove(folder() / "mark");
  }

  std::filesystem::path folder() const { return scratch_.path() / "killed"; }
  std::filesystem::path file_list() const {
    std::string name;
    std::getline(std::ifstream(folder() / "rocksdb" / "CURRENT"), name);
    return folder() / "rocksdb" / name;
  }
  std::filesystem::path last_log() const {
    std::filesystem::path last;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "rocksdb"))
      if (entry.path().extension() == ".log") last = std::max(last, entry.path());
    return last;
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  static size_t rows_of(const View& view) {
    size_t rows = 0;
    EXPECT_TRUE(view.scan(Table::Events, "", "z", [&](auto, auto) { return ++rows > 0; }));
    return rows;
  }
  /// For one that only reads, and for one that goes on.
  void expect_rows(size_t rows) const {
    const auto view = open_view(folder(), scratch_.path() / "scratch");
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(rows_of(**view), rows);
    const auto store = open_store(folder());
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ(rows_of(**store), rows);
  }
  void expect_refused() const {
    const auto view = open_view(folder(), scratch_.path() / "scratch");
    ASSERT_FALSE(view);
    EXPECT_NE(view.error().message.find("Corruption"), std::string::npos) << view.error().message;
    const auto store = open_store(folder());
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().message.find("Corruption"), std::string::npos) << store.error().message;
  }

  static constexpr int kRows = 150;
  testing::ScratchFolder scratch_;
};

TEST_F(TornFiles, AreWholeAsTheyAre) {
  for (const auto& path : {file_list(), last_log()}) {
    const std::string bytes = read(path);
    ASSERT_GT(bytes.size(), 300u);
    EXPECT_EQ(whole(bytes), std::nullopt) << path;
    EXPECT_EQ(whole(bytes + std::string(100, '\0')), bytes.size()) << path;
    // Neither ends in zeros by itself, so that one whose last record is damaged is not torn.
    for (size_t at = bytes.size() - 300; at < bytes.size(); ++at) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
      EXPECT_EQ(whole(damaged), std::nullopt) << path << ' ' << at;
    }
  }
  expect_rows(kRows);
}

TEST_F(TornFiles, AListOfFilesIsReadWithoutWhatWasNotSyncedAndStaysAsItIs) {
  const std::string torn = read(file_list()) + read(file_list()).substr(0, 20) + std::string(99, 0);
  write(file_list(), torn);
  const std::filesystem::path list = file_list();
  ASSERT_TRUE(open_view(folder(), scratch_.path() / "scratch"));
  EXPECT_EQ(read(list), torn);
  expect_rows(kRows);
}

TEST_F(TornFiles, AListOfFilesThatIsDamagedIsRefused) {
  std::string damaged = read(file_list());
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  write(file_list(), damaged);
  expect_refused();
  write(file_list(), damaged + damaged.substr(0, 20) + std::string(99, 0));
  expect_refused();
}

TEST_F(TornFiles, ALogIsReadWithoutItsLastRow) {
  const std::string log = read(last_log());
  write(last_log(), torn(log, log.size() - 500));
  expect_rows(kRows - 1);
}

TEST_F(TornFiles, ALogThatIsDamagedIsRefused) {
  std::string log = read(last_log());
  for (const size_t from_end : {size_t{500}, log.size() / 2}) {  // in the last row, in the middle
    char& byte = log[log.size() - from_end];
    byte = static_cast<char>(byte ^ 1);
    write(last_log(), log);
    expect_refused();
    byte = static_cast<char>(byte ^ 1);
  }
}

TEST_F(TornFiles, ALogBehindWhichAnotherWasWrittenIsRefused) {
  const std::string log = read(last_log());
  const std::filesystem::path first = last_log();
  write(first.parent_path() / "999999.log", log);
  write(first, torn(log, log.size() - 500));
  expect_refused();
  // As a start that was cut off leaves it.
  write(first.parent_path() / "999999.log", "");
  expect_rows(kRows - 1);
}

}  // namespace
}  // namespace toll::engine
