// Watches a folder and says when something in it was saved, renamed or removed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"

namespace toll::runtime {

/// Calls back on a thread of its own, once per burst of changes. The destructor waits for a running
/// call and ends the thread.
class Watcher {
 public:
  /// Watches from the moment it returns. An Error when the folder cannot be watched.
  static Result<std::unique_ptr<Watcher>> start(const std::filesystem::path& folder,
                                                std::function<void()> changed);
  virtual ~Watcher() = default;
};

}  // namespace toll::runtime
