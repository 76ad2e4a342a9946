// What the loads of a folder leave in the log.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "runtime/loader.h"

namespace toll::server {

/// Keeps what the last load said, so that a warning is not repeated with every save of another
/// file. Not thread-safe.
class LoadLog {
 public:
  /// One event for each version that went live (with the milliseconds from the end of
  /// the burst of changes to its going live), went away or was kept although its file is in error,
  /// and one for each diagnostic that was not there before.
  void loaded(const runtime::Loaded& loaded, const runtime::CardSet& before,
              std::chrono::milliseconds elapsed);

  /// Native code that could not be made.
  void failures(const std::vector<std::string>& failures);

  void failed(const std::string& folder, const std::string& why);

 private:
  void say_diagnostics(const runtime::Loaded& loaded);

  std::set<std::string> said_;  ///< the last load's diagnostics, rendered
};

}  // namespace toll::server
