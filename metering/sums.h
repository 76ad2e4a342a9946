// Usage that adds up: of cards whose meters only count or add, what a period comes to is the sum of
// what its parts come to. Such sums may be kept as events come, and put together when they are
// asked for; they are exact fractions, so the result is that of meter_usage().
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
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

/// The cells that something came into.
class Sums {
 public:
  /// False where a sum does not fit: what is here then is none.
  bool add(std::span<const CellSum> cells);

  /// By meter and values.
  std::vector<CellSum> cells() const;

  friend bool operator==(const Sums&, const Sums&) = default;

 private:
  std::map<std::pair<uint32_t, std::vector<uint32_t>>, Ratio> cells_;
};

/// The sums as a period's usage. REQUIRES: they are those of the card's reading.
std::expected<MeteredUsage, UnfitReading> read_sums(const dsl::RateCard& card, const Sums& sums);

}  // namespace toll::metering
