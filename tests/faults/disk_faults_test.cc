// A disk that fails at the n-th call, for every kind of call there is: nobody is told of what is
// not durable, and once the disk is well again events are taken without a restart.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "engine/storage/rocksdb_store.h"
#include "tests/faults/faulty_files.h"
#include "tests/faults/told.h"
#include "tests/support/scratch_folder.h"

namespace toll::faults {
namespace {

using namespace std::chrono_literals;

constexpr int kBatches = 8;
constexpr int kBatch = 60;
constexpr size_t kMemtableBytes = size_t{64}
                                  << 10;  // the least: rows go to files every few batches

/// A database on files that can fail.
struct Disk {
  testing::ScratchFolder scratch;
  std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);

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

/// Events are taken again within the time that a full disk is looked at.
bool recovers(Told& told, engine::Engine& engine) {
  for (int i = 0; i < 100; ++i) {
    if (told.send(engine, 5)) return true;
    std::this_thread::sleep_for(100ms);
  }
  return false;
}

class DiskFaults : public ::testing::TestWithParam<Fault> {};

TEST_P(DiskFaults, NobodyIsToldOfWhatIsNotDurableAndItRecoversWithoutARestart) {
  const auto calls = calls_of_a_run();
  std::set<std::string> failed;
  int unrecovered = 0;
  for (const uint64_t call : chosen(calls, 3)) {
    for (const bool on : {false, true}) {
      SCOPED_TRACE(
          fmt::format("call {} ({}), {}", call, calls[call - 1], on ? "and all after it" : "once"));
      const Disk disk;
      Told told;
      disk.files->fail_at(call, GetParam(), on);
      auto engine = disk.open();
      if (engine) {
        for (int i = 0; i < kBatches; ++i) told.send(**engine, kBatch);
        disk.files->heal();
        if (!recovers(told, **engine)) ++unrecovered;
        told.check(**engine);
        engine->reset();
      } else {
        disk.files->heal();
      }
      if (disk.files->failed()) failed.insert(*disk.files->failed());
      if (const auto again = disk.open_well()) {
        told.check(*again);
        EXPECT_TRUE(told.send(*again, kBatch));
      }
      if (HasFailure()) return;
    }
  }
  EXPECT_EQ(unrecovered, 0);
  for (const char* kind : {"append log", "sync log", "append sst", "sync sst", "create sst",
                           "append MANIFEST", "sync MANIFEST"})
    EXPECT_TRUE(failed.contains(kind)) << "never failed: " << kind;
}

std::string name_of(const ::testing::TestParamInfo<Fault>& fault) {
  constexpr const char* kNames[] = {"Eio", "NoSpace", "Short"};
  return kNames[static_cast<int>(fault.param)];
}

INSTANTIATE_TEST_SUITE_P(Each, DiskFaults,
                         ::testing::Values(Fault::Eio, Fault::NoSpace, Fault::Short), name_of);

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
  for (const uint64_t call : chosen(calls, 6))
    for (uint32_t seed = 0; seed < 2 && !::testing::Test::HasFailure(); ++seed)
      lose_power(call, seed, lost);
  for (const char* kind :
       {"sync log", "sync sst", "sync MANIFEST", "sync folder", "rename CURRENT"})
    EXPECT_TRUE(lost.contains(kind)) << "no power was lost at: " << kind;
}

}  // namespace
}  // namespace toll::faults
