// Usage that adds up: of cards whose meters only count or add, what a period comes to is the sum of
// what its parts come to. Such sums may be kept as events come, and put together when they are
// asked for; they are exact fractions, so the result is that of meter_usage().
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ratio.h"
#include "dsl/rate_card.h"
#include "metering/event.h"
#include "metering/meter_usage.h"

namespace toll::metering {

/// Whether every meter of the card counts or adds up, and none is priced item by item or by day.
bool adds_up(const dsl::RateCard& card);

/// A text of 16 bytes that names how the card's meters read events: cards with the same text take
/// the same from each event, into the same cells. Prices are no part of it. REQUIRES:
/// adds_up(card).
std::string reading_of(const dsl::RateCard& card);

/// What came into a cell.
struct CellSum {
  uint32_t meter = 0;            ///< into RateCard::meters
  std::vector<uint32_t> values;  ///< one per dimension of the meter
  Ratio sum;                     ///< in the meter's unit

  friend bool operator==(const CellSum&, const CellSum&) = default;
};

/// What one event gives, in the order of the meters; nothing where no meter reads it.
/// REQUIRES: adds_up(card). Pure; any thread.
std::expected<std::vector<CellSum>, Rejection> sums_of(const dsl::RateCard& card,
                                                       const UsageEvent& event);

/// A meter and one of the values of each of its dimensions.
struct CellName {
  uint32_t meter = 0;
  std::vector<uint32_t> values;

  friend bool operator==(const CellName&, const CellName&) = default;
};

/// Numbers for cells, from 0, in the order in which they are first asked for.
class CellNumbers {
 public:
  uint32_t of(uint32_t meter, std::span<const uint32_t> values);
  const CellName& name(uint32_t number) const { return names_[number]; }

 private:
  std::vector<CellName> names_;
  std::unordered_multimap<uint64_t, uint32_t> numbers_;  // by a hash
};

/// What came into a cell that has a number.
struct NumberedSum {
  uint32_t cell = 0;
  Ratio sum;
};

/// The cells that something came into.
class Sums {
 public:
  /// False where a sum does not fit: what is here then is none. So below.
  bool add(std::span<const CellSum> cells);
  bool add(uint32_t meter, std::span<const uint32_t> values, const Ratio& sum);

  /// By meter and values.
  const std::vector<CellSum>& cells() const { return cells_; }

  friend bool operator==(const Sums&, const Sums&) = default;

 private:
  std::vector<CellSum> cells_;
};

/// The sums as a period's usage. REQUIRES: they are those of the card's reading.
std::expected<MeteredUsage, UnfitReading> read_sums(const dsl::RateCard& card, const Sums& sums);

}  // namespace toll::metering
