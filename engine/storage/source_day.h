// What came from a source with a time of one day: how much, in which minutes, and which of the
// numbers that the source gives its events.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/instant.h"

namespace toll::engine {

/// Numbers that were seen, as runs without a gap. A source whose numbers make more runs than
/// kRunsMax does not count its events: its numbers are then forgotten, and it is scattered.
class SequenceSeen {
 public:
  using Run = std::pair<uint64_t, uint64_t>;  ///< first and last

  void add(uint64_t number) { add(number, number); }
  void add(uint64_t first, uint64_t last);
  void add(const SequenceSeen& other);

  /// Rising, none beside another.
  const std::vector<Run>& runs() const { return runs_; }
  bool is_scattered() const { return scattered_; }
  void scatter();

  static constexpr size_t kRunsMax = 1'000;

  friend bool operator==(const SequenceSeen&, const SequenceSeen&) = default;

 private:
  std::vector<Run> runs_;
  bool scattered_ = false;
};

struct SourceDay {
  static constexpr size_t kMinutes = 24 * 60;

  uint64_t events = 0;     ///< that were accepted
  uint64_t unmetered = 0;  ///< of these those that no meter read
  uint64_t rejected = 0;   ///< times that an event was rejected; one that came twice, twice
  uint64_t conflicts = 0;  ///< the same of events whose id was another's
  std::array<uint64_t, (kMinutes + 63) / 64> minutes{};  ///< a bit for each with an accepted event
  SequenceSeen sequence;

  void mark(Instant time);
  bool is_marked(size_t minute) const { return minutes[minute / 64] >> (minute % 64) & 1; }

  friend bool operator==(const SourceDay&, const SourceDay&) = default;
};

}  // namespace toll::engine
