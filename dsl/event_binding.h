// EventBinding: how events feed a meter, resolved. Quantities are in the meter's own unit, names of
// dimensions and values are indices, times are exact.
// Plain values, immutable once checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/ratio.h"
#include "base/rounding.h"

namespace toll::dsl {

/// What a time is measured in. Neither family of calendar units leads to seconds: a local day has
/// 23 to 25 hours, a month 28 to 31 days.
enum class Clock {
  Seconds,
  Days,    ///< local days: day, week
  Months,  ///< calendar months: month, quarter, year
};

/// `72 hours`, `7 days`: so many of what the clock counts. Days and months are whole.
struct TimeSpan {
  Clock clock = Clock::Seconds;
  Ratio count;
};

enum class Aggregate {
  Counts,
  CountsDistinct,
  Sums,
  Averages,    ///< of a level over time
  Peaks,       ///< the highest level
  Latest,      ///< the last level
  Percentile,  ///< of the highest levels of all hours or days
  Accrues,     ///< a level integrated over time
  Lists,       ///< each event is a quantity of its own
};

/// Whether the meter follows a level, which holds until the next event says another.
bool follows_level(Aggregate aggregate);

/// `take input_tokens less cached_tokens as kind input`
struct TakenField {
  std::string field;
  std::optional<std::string> less;
  struct Target {
    uint32_t dimension = 0;  ///< into the meter's dimensions
    uint32_t value = 0;
  };
  std::optional<Target> as;
  uint32_t line = 0;  ///< in the meter's file
};

/// `each times gpus`
struct Multiplier {
  std::string field;
  uint32_t line = 0;  ///< in the meter's file
};

/// Counts an event only once it can no longer be taken back.
struct Outcome {
  std::string when;
  std::optional<std::string> after;  ///< with `within`: an event that must have come before
  std::optional<TimeSpan> within;
  std::optional<std::string> unless;  ///< with `unless_within`: an event that takes it back
  std::optional<TimeSpan> unless_within;
  std::optional<std::string> once_per;  ///< a field: what belongs together has one value of it
};

struct EventBinding {
  Aggregate aggregate = Aggregate::Counts;
  std::vector<std::string> from;     ///< event types; none: fed by usage documents only
  std::string distinct_field;        ///< CountsDistinct
  std::vector<TakenField> takes;     ///< none: each event is 1
  std::optional<std::string> step;   ///< a field by which each event changes the level
  std::optional<std::string> until;  ///< the event type that takes off what `from` put on
  /// This and the step of `each_rounded` are in the meter's unit or, where `each_times` multiplies
  /// a compound unit together, in what it multiplies.
  std::optional<Ratio> each_at_least;
  std::optional<Ratio> each_rounded;  ///< the step
  RoundingMode each_mode = RoundingMode::Up;
  std::optional<Multiplier> each_times;  ///< what the two lines above have made of an event
  std::optional<TimeSpan> accrues_per;   ///< quantity = level x time / this
  std::optional<Decimal> percentile;
  bool every_day = false;  ///< Percentile: of days, else of hours
  std::optional<Outcome> outcome;
};

/// A stretch of the week that is one value of a dimension by time.
struct WeekTime {
  uint32_t value = 0;
  unsigned first_day = 0, last_day = 0;  ///< both included; 0 is Monday
  std::chrono::minutes from{}, until{};  ///< on the clock's face; 24 h is the day's end
};

/// How the value of a dimension follows from an event.
struct DimensionBinding {
  enum class Kind {
    Named,  ///< the field that is called like the dimension names the value
    Range,  ///< the sum of `fields` falls under one of the bounds
    Time,   ///< the local time falls into one of `times`, or is `otherwise`
  } kind = Kind::Named;
  std::vector<std::string> fields;  ///< Range
  std::vector<std::optional<Decimal>>
      bounds;                   ///< Range: by value, inclusive, rising; empty: beyond
  std::string zone;             ///< Time; empty: the card's
  std::vector<WeekTime> times;  ///< Time: no two overlap
  uint32_t otherwise = 0;       ///< Time
};

}  // namespace toll::dsl
