// A data folder on files that can fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/faults/faulty_files.h"
#include "tests/support/scratch_folder.h"

namespace toll::faults {

/// What the tests send: so many batches of so many events.
inline constexpr int kBatches = 8;
inline constexpr int kBatch = 60;

struct FaultyDisk {
  testing::ScratchFolder scratch;
  std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
  std::unique_ptr<rocksdb::Env> env = environment(files);

  std::filesystem::path folder() const { return scratch.path() / "data"; }
  Result<std::unique_ptr<engine::Engine>> open() const;
  /// On the machine's own files.
  std::unique_ptr<engine::Engine> open_well() const;
};

/// What a run without a fault calls, a restart within.
std::vector<std::string> calls_of_a_run();

/// The calls that a test takes: each kind `each` times, spread over the run.
std::vector<uint64_t> chosen(const std::vector<std::string>& calls, size_t each);

}  // namespace toll::faults
