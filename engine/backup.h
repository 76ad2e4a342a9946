// A copy of a data folder, made while another process writes to it: a backup, and the way back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.h"

namespace toll::engine {

struct CopiedStore {
  uint64_t rows = 0, events = 0;
};

/// Puts what a data folder keeps beside its store into the copy, which is not there under its name
/// yet.
using CopyRest = std::function<Result<void>(const std::filesystem::path& copy)>;

/// Copies what the store in `from` holds at one moment, with all that was acknowledged before the
/// call, into a new store `to`, and audits the copy; then `rest` adds to it. `to` appears once it
/// is whole. An Error where `to` is there and not empty, `from` cannot be read, the copy does not
/// hold together, or `rest` has one.
Result<CopiedStore> copy_store(const std::filesystem::path& from, const std::filesystem::path& to,
                               const CopyRest& rest = {});

}  // namespace toll::engine
