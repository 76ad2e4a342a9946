// Power that is lost at the n-th call, for every kind of call there is: nothing that was
// acknowledged is gone, and nothing is there that nobody sent.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/storage/rocksdb_store.h"
#include "tests/faults/faulty_files.h"
#include "tests/faults/told.h"
#include "tests/support/scratch_folder.h"

namespace toll::faults {
namespace {

constexpr int kBatches = 8;
constexpr int kBatch = 60;
constexpr size_t kMemtableBytes = size_t{64}
                                  << 10;  // the least: rows go to files every few batches

/// A database on files that can fail.
struct Disk {
  testing::ScratchFolder scratch;
  std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
  std::unique_ptr<rocksdb::Env> env = environment(files);

  std::filesystem::path folder() const { return scratch.path() / "data"; }
  Result<std::unique_ptr<engine::Engine>> open() const {
    auto store =
        engine::open_store_with(folder(), {.env = env.get(), .memtable_bytes = kMemtableBytes});
    if (!store) return std::unexpected(store.error());
    return engine::Engine::open(std::move(*store));
  }
  std::unique_ptr<engine::Engine> open_well() const {
    auto store = engine::open_store(folder());
    EXPECT_TRUE(store) << store.error().message;
    return store ? *engine::Engine::open(std::move(*store)) : nullptr;
  }
};

/// What a run without a fault calls.
std::vector<std::string> calls_of_a_run() {
  const Disk disk;
  Told told;
  auto engine = disk.open();
  EXPECT_TRUE(engine);
  for (int i = 0; i < kBatches; ++i) EXPECT_TRUE(told.send(**engine, kBatch));
  engine->reset();
  const auto again = disk.open();
  EXPECT_TRUE(again && told.send(**again, kBatch));
  told.check(**again);
  return disk.files->calls();
}

/// The calls that a test takes: each kind `each` times, spread over the run.
std::vector<uint64_t> chosen(const std::vector<std::string>& calls, size_t each) {
  std::map<std::string, std::vector<uint64_t>> by_kind;
  for (size_t i = 0; i < calls.size(); ++i) by_kind[calls[i]].push_back(i + 1);
  std::vector<uint64_t> chosen;
  for (const auto& [kind, numbers] : by_kind)
    for (size_t i = 0; i < std::min(each, numbers.size()); ++i)
      chosen.push_back(numbers[i * numbers.size() / std::min(each, numbers.size())]);
  return chosen;
}

/// The power goes at one call; what was not synced then is gone, or some of it.
void lose_power(uint64_t call, uint32_t seed, std::set<std::string>& lost) {
  SCOPED_TRACE(fmt::format("power lost at call {}, seed {}", call, seed));
  const Disk disk;
  std::mt19937 random(seed);
  Told told;
  disk.files->fail_at(call, Fault::PowerLoss, true);
  if (auto engine = disk.open()) {
    for (int i = 0; i < kBatches && told.send(**engine, kBatch); ++i) {
    }
    engine->reset();
    if (const auto again = disk.open()) told.send(**again, kBatch);
  }
  if (disk.files->failed()) lost.insert(*disk.files->failed());
  disk.files->drop_unsynced(random, seed % 2 == 0);
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
      lose_power(call, seed, lost);
  for (const char* kind :
       {"sync log", "sync sst", "sync MANIFEST", "sync folder", "rename CURRENT"})
    EXPECT_TRUE(lost.contains(kind)) << "no power was lost at: " << kind;
}

}  // namespace
}  // namespace toll::faults
