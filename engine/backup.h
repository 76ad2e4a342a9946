// A copy of a data folder, made while another process writes to it: a backup, and the way back.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace toll::engine {

struct CopiedStore {
  uint64_t rows = 0, events = 0;
};

/// Copies what the store in `from` holds at one moment, with all that was acknowledged before the
/// call, into a new store `to`, and audits the copy. `to` appears once it is whole. An Error where
/// `to` is there and not empty, `from` cannot be read, or the copy does not hold together.
Result<CopiedStore> copy_store(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace toll::engine
