// Power that is lost at the n-th call, for every kind of call there is: nothing that was
// acknowledged is gone, and nothing is there that nobody sent.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

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

}  // namespace
}  // namespace toll::faults
