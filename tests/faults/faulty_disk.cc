#include "tests/faults/faulty_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/storage/rocksdb_store.h"
#include "tests/faults/told.h"

namespace toll::faults {
namespace {

/// Little: rows and identities go to files every few batches.
constexpr size_t kMemtableBytes = size_t{64} << 10;
constexpr size_t kRunIdentities = 100;

}  // namespace

Result<std::unique_ptr<engine::Engine>> FaultyDisk::open() const {
  auto store = engine::open_store_with(
      folder(),
      {.env = env.get(), .memtable_bytes = kMemtableBytes, .run_identities = kRunIdentities});
  if (!store) return std::unexpected(store.error());
  return engine::Engine::open(std::move(*store));
}

std::unique_ptr<engine::Engine> FaultyDisk::open_well() const {
  auto store = engine::open_store(folder());
  EXPECT_TRUE(store) << store.error().message;
  return store ? *engine::Engine::open(std::move(*store)) : nullptr;
}

std::vector<std::string> calls_of_a_run() {
  const FaultyDisk disk;
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

std::vector<uint64_t> chosen(const std::vector<std::string>& calls, size_t each) {
  std::map<std::string, std::vector<uint64_t>> by_kind;
  for (size_t i = 0; i < calls.size(); ++i) by_kind[calls[i]].push_back(i + 1);
  std::vector<uint64_t> chosen;
  for (const auto& [kind, numbers] : by_kind)
    for (size_t i = 0; i < std::min(each, numbers.size()); ++i)
      chosen.push_back(numbers[i * numbers.size() / std::min(each, numbers.size())]);
  return chosen;
}

}  // namespace toll::faults
