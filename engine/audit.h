// The audit: everything that the engine keeps beside the events is worked out again from them, and
// compared.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/store.h"
#include "runtime/card_set.h"

namespace toll::engine {

struct Audit {
  uint64_t events = 0, unmetered = 0, retracted = 0, conflicts = 0;  ///< found, over all tenants
  uint64_t closed = 0;                                               ///< periods
  uint64_t sums = 0;  ///< of days, by a card's reading, that were worked out again
  /// What is kept and does not follow from the events, a sentence each; the first kDifferencesMax.
  std::vector<std::string> differences;
  uint64_t difference_count = 0;

  static constexpr size_t kDifferencesMax = 20;
};

/// Reads every row: each event is there under its own customer and time, has exactly one identity,
/// which leads to it, and a place in the log; each identity has an event; the counts are those of
/// the rows, for each tenant and each day of a customer; what is kept of a source's day is what
/// came of it; the sums of a day are those of its events, where one of `cards` reads them as they
/// were read when they came. Any thread.
std::expected<Audit, StoreError> audit(const Store& store, const runtime::CardSet& cards = {});

/// The same of a data folder or a backup, in which nothing is changed. `scratch` is an empty folder
/// for files of its own. An Error where the folder cannot be read, has lost what was acknowledged,
/// or another process writes to it.
Result<Audit> audit_folder(const std::filesystem::path& folder,
                           const std::filesystem::path& scratch,
                           const runtime::CardSet& cards = {});

}  // namespace toll::engine
