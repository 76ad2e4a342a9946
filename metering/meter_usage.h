// From events to the quantities that a card prices.
//
//   events of a customer ── which meters read them ── into which cells ── aggregated over a period
//
// A quantity is exact. Where an aggregation divides (averages, accrues) it is rounded half-even to
// 12 places, once, when it is read; a sum that has no finite decimal (of thirds of an hour) is cut
// off there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/decimal.h"
#include "dsl/rate_card.h"
#include "metering/event.h"

namespace toll::metering {

/// The quantity of a meter at one combination of its dimensions' values.
struct CellReading {
  std::vector<uint32_t> values;  ///< one per dimension of the meter
  Decimal quantity;              ///< in the meter's unit; of Lists, the sum of the items
  Decimal pending;               ///< the part of it that may still be taken back
  std::vector<Decimal> items;    ///< Lists: each event, by time
  std::vector<std::pair<Date, Decimal>> days;  ///< of a meter that is priced by day: each that was
                                               ///< used
};

struct MeterReading {
  uint32_t meter = 0;              ///< into RateCard::meters
  std::vector<CellReading> cells;  ///< those that events reached, rising by values
  /// Lists that a card prices item by item: the cell of each item, by time.
  std::vector<uint32_t> cell_of_item = {};
};

/// An event that some meter could not read. No meter has counted it.
struct Rejection {
  size_t event = 0;  ///< index of the event
  std::string meter;
  uint32_t line = 0;   ///< of the meter's declaration, or of the line that failed
  std::string reason;  ///< one sentence, lower case, no full stop
};

/// "`warm` is not a value of `class` (meter `storage`, api.toll:6)". REQUIRES: it is of this card.
std::string rejection_text(const Rejection& rejection, const dsl::RateCard& card);

struct MeteredUsage {
  std::vector<MeterReading> meters;  ///< those that were reached, rising
  std::vector<Rejection> rejected;   ///< rising by event
  std::vector<size_t> unmetered;     ///< events that no meter of the card reads
};

/// A quantity that no card can price: it is 10^18 units or more, needs more digits than 128 bits
/// hold, or is a level that was changed to below 0.
struct UnfitReading {
  std::string meter;
  std::vector<uint32_t> values;
  std::string reason;  ///< one sentence, lower case, no full stop
};

/// Whether a meter of the card reads events of this type. The rejection: one of them does, and
/// cannot read this one. Pure; any thread.
std::expected<bool, Rejection> is_metered(const dsl::RateCard& card, const UsageEvent& event);

/// What may be meant otherwise in an event that the card can read: values that count as `other` and
/// differ from a listed one by case or blanks around them alone. A sentence each, lower case, no
/// full stop. Pure; any thread.
std::vector<std::string> event_warnings(const dsl::RateCard& card, const UsageEvent& event);

/// Counts the events of one customer for one period of a card, in its time zone.
/// Every event is one that happened: duplicates are the business of whoever stores them. Their
/// order does not matter, but among events of one moment: the later one in the list is the later.
/// Events before the period set the levels at its start and may begin or take back outcomes; those
/// behind it may take outcomes back. Without `as_of` the period is over and everything is settled;
/// with it, levels hold until then, an outcome that may still be taken back is pending, and what
/// comes then or later takes nothing back.
/// Pure; any thread.
std::expected<MeteredUsage, UnfitReading> meter_usage(const dsl::RateCard& card,
                                                      std::span<const UsageEvent> events,
                                                      const Period& period,
                                                      std::optional<Instant> as_of = {});

/// Usage of windows of time that follow one another, which may be shorter than a day.
struct WindowedUsage {
  std::vector<std::vector<MeterReading>> windows;  ///< of each, the meters that were reached
  std::vector<Rejection> rejected;                 ///< rising by event
};

/// What meter_usage() would say of each window from one of the moments up to the next; a meter that
/// is priced by day has no days of its own. `groups` has a number for each event, or none: the
/// cells of each group are counted by themselves, and their `values` end with its number. An
/// outcome is of the group of the event that counts. REQUIRES: `bounds` are two or more, and rise.
std::expected<WindowedUsage, UnfitReading> meter_windows(const dsl::RateCard& card,
                                                         std::span<const UsageEvent> events,
                                                         std::span<const Instant> bounds,
                                                         std::optional<Instant> as_of = {},
                                                         std::span<const uint32_t> groups = {});

}  // namespace toll::metering
