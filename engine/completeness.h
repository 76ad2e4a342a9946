// Whether what sources sent is all there: numbers that are missing, and times of silence.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace toll::engine {

struct CompletenessRequest {
  std::string tenant;
  Period days;                           ///< of UTC, by the times of events
  std::chrono::minutes silence_min{60};  ///< shorter ones are none
  Instant now{};                         ///< what comes after it is no silence yet
  std::string behind = {};               ///< the last source of the page before
};

/// What is known of one source. Events are counted whether they were taken back or not.
struct SourceReport {
  std::string source;
  uint64_t events = 0, unmetered = 0, rejected = 0, conflicts = 0;
  std::optional<Date> last_day;  ///< of all that ever came, up to the period's end

  /// The numbers that its events have (`sequence`); none where they are not counted.
  struct Sequence {
    uint64_t first = 0, last = 0;
    uint64_t missing = 0;
    std::vector<std::pair<uint64_t, uint64_t>> gaps;  ///< first and last that is missing; at most
                                                      ///< kListedMax
    uint64_t gap_count = 0;                           ///< with those that are not among `gaps`
  };
  std::optional<Sequence> sequence;
  uint64_t days_scattered = 0;  ///< days whose numbers are not kept: where there are some, nothing
                                ///< is known of `sequence`

  struct Silence {
    Instant from, until;  ///< to the minute
  };
  std::vector<Silence> silences;  ///< at most kListedMax
  uint64_t silence_count = 0;

  static constexpr size_t kListedMax = 100;
};

/// Each source that the tenant ever had, by the length of its name and then by name, until `visit`
/// says false. A source that sent something before the period, or in it, and nothing more, is
/// silent up to its end. Any thread.
Answered<void> completeness(const Engine& engine, const CompletenessRequest& request,
                            const std::function<bool(const SourceReport&)>& visit);

}  // namespace toll::engine
