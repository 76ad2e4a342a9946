#include "engine/writing/source_days.h"

#include <utility>

#include "engine/storage/account_rows.h"
#include "engine/writing/group.h"

namespace toll::engine {

std::expected<SourceDay*, StoreError> SourceDays::of(const std::string& key) {
  if (const auto known = days_.find(key); known != days_.end()) return &known->second;
  const auto row = view_.get(Table::State, key);
  if (!row) return std::unexpected(row.error());
  auto read = *row ? read_source_day(**row) : SourceDay();
  if (!read) return std::unexpected(damaged(Table::State, "the day of a source"));
  return &days_.emplace(key, *std::move(read)).first->second;
}

void count(const Candidates::Event& event, const Judged& judged, SourceDay& row) {
  // What was rejected is not missing: it came, and somebody was told.
  if (event.sequence) row.sequence.add(*event.sequence);
  switch (judged.verdict) {
    case Verdict::Accepted:
      ++row.events;
      if (judged.unmetered) ++row.unmetered;
      row.mark(event.time);
      break;
    case Verdict::Conflict:
      ++row.conflicts;
      break;
    case Verdict::Rejected:
      ++row.rejected;
      break;
    case Verdict::Duplicate:
      break;
  }
}

void SourceDays::put_into(Batch& batch) const {
  for (const auto& [key, row] : days_) batch.put(Table::State, key, write_source_day(row));
}

}  // namespace toll::engine
