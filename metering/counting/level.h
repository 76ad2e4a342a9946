// A level over time: what a gauge shows. It holds from each report until the next one.
//
//   level
//     5 |        ┌─────┐
//     3 |  ┌─────┘     │
//     0 |──┘           └───── …        before the first report the level is 0
//          from                until
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/ratio.h"
#include "dsl/event_binding.h"

namespace toll::metering {

/// From the first of these moments up to the second. A level is read over one.
struct Window {
  Instant from, until;
  std::string_view zone;
};

class Level {
 public:
  /// REQUIRES: `at` is not before an earlier report.
  void report(Instant at, const Ratio& level) { reports_.push_back({at, level}); }

  /// Adds to the level; false when it does not fit.
  bool change(Instant at, const Ratio& by);

  /// The level after the last report.
  Ratio now() const { return reports_.empty() ? Ratio(0) : reports_.back().level; }

  /// The highest level, the one at the beginning included.
  Ratio peak(const Window& window) const;

  /// The level at the end.
  Ratio latest(const Window& window) const;

  /// The level integrated over time, with `per` as the unit of time; empty when it does not fit.
  std::optional<Ratio> accrued(const Window& window, const dsl::TimeSpan& per) const;

  /// The average over time; empty when it does not fit.
  std::optional<Ratio> average(const Window& window) const;

  /// The p-th percentile, by nearest rank, of the highest reports of all hours (or days) that begin
  /// in the window; one without a report counts as 0. REQUIRES: 0 < p <= 100.
  Ratio percentile(const Window& window, const Decimal& p, bool of_days) const;

 private:
  struct Report {
    Instant at;
    Ratio level;
  };
  /// The level when the window begins.
  Ratio carried(const Window& window) const;
  /// The reports inside the window.
  std::vector<Report> inside(const Window& window) const;

  std::vector<Report> reports_;  // by time
};

}  // namespace toll::metering
