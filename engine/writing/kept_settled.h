// What is settled of the customers whose events came last, as it is in the store: each event that
// comes is held against it.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/settled.h"

namespace toll::engine {

/// By key (storage/settled_rows.h). Not thread-safe.
class KeptSettled {
 public:
  using Rows = std::unordered_map<std::string, std::vector<Settled>>;

  const std::vector<Settled>* find(const std::string& key) const {
    const auto kept = rows_.find(key);
    return kept == rows_.end() ? nullptr : &kept->second;
  }

  /// Before it is changed, since nobody knows what becomes of a write.
  void forget(const std::string& key) { rows_.erase(key); }

  /// Rows as they are in the store now, and not kept.
  void give_back(Rows&& rows) {
    if (rows_.size() + rows.size() > kRowsMax) rows_.clear();
    if (rows.size() <= kRowsMax) rows_.merge(rows);
  }

 private:
  static constexpr size_t kRowsMax = 100'000;
  Rows rows_;
};

}  // namespace toll::engine
