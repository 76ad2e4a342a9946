// Watches a folder and says when something in it was saved, renamed or removed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"

namespace toll::runtime {

/// Calls back on a thread of its own, once per burst of changes, and never twice at a time. The
/// destructor waits for a running call and ends the thread; so `changed` must not destroy the
/// watcher.
///
/// It is the path that is watched, not what it stood for at the start. When the folder is removed,
/// renamed or unmounted, `changed` is called, and again as soon as a folder stands at the path; a
/// missing folder is looked for a few times a second. A folder that takes the place of another, and
/// a symbolic link at the path that is given another target, count as a change. A link further up
/// the path that is given another target is not seen while the old target stays.
class Watcher {
 public:
  /// Watches from the moment it returns. An Error when the folder cannot be watched.
  /// REQUIRES: `changed` is not empty and throws nothing.
  static Result<std::unique_ptr<Watcher>> start(const std::filesystem::path& folder,
                                                std::function<void()> changed);
  virtual ~Watcher() = default;
};

}  // namespace toll::runtime
