// Rows of days that were written last, as they are in the store: a customer whose events come now
// has more coming.
#pragma once

#include <string>
#include <unordered_map>

#include "engine/storage/values.h"

namespace toll::engine {

/// By key (storage/keys.h). Not thread-safe.
class KeptDays {
 public:
  using Rows = std::unordered_map<std::string, DayRow>;

  /// Takes a row out: whoever has it changes it, and gives it back once it is written so.
  Rows::node_type take(const std::string& key) { return rows_.extract(key); }

  /// Rows as they are in the store now.
  void give_back(Rows&& rows);

 private:
  Rows rows_;
};

}  // namespace toll::engine
