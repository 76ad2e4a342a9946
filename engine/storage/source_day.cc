#include "engine/storage/source_day.h"

#include <algorithm>
#include <chrono>

namespace toll::engine {

void SequenceSeen::add(uint64_t first, uint64_t last) {
  if (scattered_) return;
  // Sources count upwards: most numbers lengthen the last run.
  if (!runs_.empty() && runs_.back().second + 1 == first) {
    runs_.back().second = last;
    return;
  }
  // The first run that this one touches or stands before.
  auto begin = std::ranges::find_if(runs_, [&](const Run& run) { return run.second + 1 >= first; });
  auto end = begin;
  for (; end != runs_.end() && (last == UINT64_MAX || end->first <= last + 1); ++end) {
    first = std::min(first, end->first);
    last = std::max(last, end->second);
  }
  runs_.insert(runs_.erase(begin, end), {first, last});
  if (runs_.size() > kRunsMax) scatter();
}

void SequenceSeen::add(const SequenceSeen& other) {
  if (other.scattered_) return scatter();
  for (const auto& [first, last] : other.runs_) add(first, last);
}

void SequenceSeen::scatter() {
  scattered_ = true;
  runs_.clear();
}

void SourceDay::mark(Instant time) {
  const auto since = time - std::chrono::floor<std::chrono::days>(time);
  const auto minute = static_cast<size_t>(std::chrono::floor<std::chrono::minutes>(since).count());
  minutes[minute / 64] |= uint64_t{1} << (minute % 64);
}

}  // namespace toll::engine
