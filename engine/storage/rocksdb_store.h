// The store on RocksDB, with what tests set: files that fail, and rows that go to files early.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "engine/store.h"

namespace rocksdb {
class Env;
}

namespace toll::engine {

struct StoreSettings {
  rocksdb::Env* env = nullptr;  ///< null: that of the machine. Outlives the store.
  size_t memtable_bytes = size_t{64} << 20;
  size_t run_identities = size_t{1} << 19;  ///< that are kept in memory before they go to a file
};

/// open_store(). The mark beside the database is always on the machine's own files.
Result<std::unique_ptr<Store>> open_store_with(const std::filesystem::path& folder,
                                               const StoreSettings& settings);

/// The rows of this moment in a folder that another process may have open and write to. `scratch`
/// is a folder for files of its own. An Error where they are less than was acknowledged.
Result<std::unique_ptr<const View>> open_view(const std::filesystem::path& folder,
                                              const std::filesystem::path& scratch);

/// Whether another process has the folder open, to write to it.
bool is_in_use(const std::filesystem::path& folder);

}  // namespace toll::engine
