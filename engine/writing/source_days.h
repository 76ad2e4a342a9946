// What a group of commands adds to the days of sources.
#pragma once

#include <expected>
#include <map>
#include <string>

#include "engine/candidates.h"
#include "engine/ingest.h"
#include "engine/storage/source_day.h"
#include "engine/store.h"

namespace toll::engine {

class SourceDays {
 public:
  explicit SourceDays(const View& view) : view_(view) {}

  /// The row under a key of source_day_key(), as the group leaves it; stays where it is.
  std::expected<SourceDay*, StoreError> of(const std::string& key);

  bool empty() const { return days_.empty(); }
  void put_into(Batch& batch) const;

 private:
  const View& view_;
  std::map<std::string, SourceDay> days_;  // by key
};

/// Counts an event by what was said of it.
void count(const Candidates::Event& event, const Judged& judged, SourceDay& day);

}  // namespace toll::engine
