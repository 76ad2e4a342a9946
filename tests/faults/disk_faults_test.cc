// Power that is lost at the n-th call, for every kind of call there is: nothing that was
// acknowledged is gone, and nothing is there that nobody sent.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/faults/faulty_disk.h"
#include "tests/faults/told.h"

namespace toll::faults {
namespace {

/// The power goes at one call (of a kind, or of all); what was not synced then is gone, or some of
/// it.
void lose_power(const std::string& kind, uint64_t call, uint32_t seed,
                std::set<std::string>& lost) {
  SCOPED_TRACE(fmt::format("power lost at call {} {}, seed {}", call, kind, seed));
  const FaultyDisk disk;
  std::mt19937 random(seed);
  Told told;
  disk.files->fail_at(kind, call, Fault::PowerLoss, true);
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
      lose_power({}, call, seed, lost);
  // Which call of all that is changes with what threads do in the background.
  for (const char* kind : {"sync run", "link sst", "delete run", "rename CURRENT"})
    lose_power(kind, 1, 0, lost);
  for (const char* kind : {"sync log", "sync sst", "sync run", "link sst", "delete run",
                           "sync MANIFEST", "sync folder", "rename CURRENT"})
    EXPECT_TRUE(lost.contains(kind)) << "no power was lost at: " << kind;
}

}  // namespace
}  // namespace toll::faults
