// Damage at random to the files of a database: a flipped bit, a byte that is another, an end that
// is cut off. Each is refused or reported, or changes nothing: what is read is never something
// else. `corruption_test N [SEED]` damages N times; a seed that fails is named.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "engine/audit.h"
#include "engine/storage/rocksdb_store.h"
#include "tests/faults/told.h"
#include "tests/support/arguments.h"
#include "tests/support/scratch_folder.h"

namespace toll::faults {
namespace {

int times = 300;
uint32_t first_seed = 1;

using Rows = std::vector<std::pair<std::string, std::string>>;

std::optional<Rows> all_rows(const engine::Store& store) {
  Rows rows;
  for (size_t table = 0; table < engine::kTables; ++table) {
    const auto scanned = store.scan(static_cast<engine::Table>(table), "", "\xff",
                                    [&](std::string_view key, std::string_view value) {
                                      rows.emplace_back(key, value);
                                      return true;
                                    });
    if (!scanned) return std::nullopt;
  }
  return rows;
}

/// Changes one file. What was done, for whoever reads of a failure.
std::string damage(const std::filesystem::path& folder, std::mt19937& random) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(entry.path());
  std::ranges::sort(files);
  const std::filesystem::path& path = files[random() % files.size()];
  const uint64_t size = std::filesystem::file_size(path);
  const uint64_t at = std::uniform_int_distribution<uint64_t>(0, size - 1)(random);
  if (random() % 8 == 0) {
    std::filesystem::resize_file(path, at);
    return fmt::format("{} cut off at {} of {}", path.filename().string(), at, size);
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const auto before = static_cast<uint8_t>(file.get());
  const auto after = static_cast<uint8_t>(random() % 2 ? before ^ 1u << random() % 8
                                                       : before + 1 + random() % 255);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(after));
  return fmt::format("{} byte {} of {}: {:02x} is {:02x}", path.filename().string(), at, size,
                     before, after);
}

enum class Outcome { Refused, Reported, Harmless };

class Corruption : public ::testing::Test {
 protected:
  /// Rows in files and in the log, as a service that ended leaves them.
  void SetUp() override {
    Told told;
    for (int run = 0; run < 3; ++run) {
      auto store = engine::open_store_with(
          whole(), {.memtable_bytes = size_t{64} << 10, .run_identities = 150});
      ASSERT_TRUE(store) << store.error().message;
      const auto engine = *engine::Engine::open(std::move(*store));
      for (int i = 0; i < 6; ++i) ASSERT_TRUE(told.send(*engine, 60));
    }
    std::filesystem::copy(whole(), copy(), std::filesystem::copy_options::recursive);
    const auto store = engine::open_store(copy());
    ASSERT_TRUE(store);
    rows_ = *all_rows(**store);
    ASSERT_GT(rows_.size(), 2000u);
  }

  std::filesystem::path whole() const { return scratch_.path() / "whole"; }
  std::filesystem::path copy() const { return scratch_.path() / "copy"; }

  /// What a damaged folder comes to. Fails the test where other rows are read without a word.
  Outcome outcome() const {
    const auto store = engine::open_store(copy());
    if (!store) return Outcome::Refused;
    const auto rows = all_rows(**store);
    const auto audited = engine::audit(**store);
    if (!rows || !audited || audited->difference_count > 0) return Outcome::Reported;
    EXPECT_EQ(rows->size(), rows_.size());
    EXPECT_TRUE(*rows == rows_) << "other rows are read, and nothing says so";
    return Outcome::Harmless;
  }

  testing::ScratchFolder scratch_;
  Rows rows_;
};

TEST_F(Corruption, IsRefusedOrReportedOrHarmless) {
  std::array<int, 3> outcomes{};
  for (int i = 0; i < times && !HasFailure(); ++i) {
    const uint32_t seed = first_seed + static_cast<uint32_t>(i);
    std::mt19937 random(seed);
    std::filesystem::remove_all(copy());
    std::filesystem::copy(whole(), copy(), std::filesystem::copy_options::recursive);
    const std::string what = damage(copy(), random);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, what));
    ++outcomes[static_cast<size_t>(outcome())];
  }
  fmt::print("{} times: {} refused, {} reported, {} harmless\n", times, outcomes[0], outcomes[1],
             outcomes[2]);
  for (const int count : outcomes) EXPECT_TRUE(times < 100 || count > 0);
}

}  // namespace
}  // namespace toll::faults

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  using toll::testing::read_number;
  if (argc > 3 ||
      (argc > 1 && !(read_number(argv[1], toll::faults::times) && toll::faults::times > 0)) ||
      (argc > 2 && !read_number(argv[2], toll::faults::first_seed))) {
    fmt::print(stderr, "usage: corruption_test [TIMES [SEED]]\n");
    return 2;
  }
  return RUN_ALL_TESTS();
}
