// What a customer used, by window of time and by any field of its events.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/instant.h"
#include "engine/engine.h"
#include "engine/live_bill.h"
#include "runtime/card_set.h"

namespace toll::engine {

enum class UsageWindow { Whole, Hour, Day, Month };

struct UsageRequest {
  std::string tenant, customer;
  std::optional<std::string> subscription;  ///< default: each that covers some of the time
  std::optional<std::string> meter;         ///< default: all of their cards
  Instant from, until;
  UsageWindow window = UsageWindow::Whole;  ///< days and months are those of the card's time zone
  /// Fields of the events' `data`; `source` and `type` are the attributes.
  std::vector<std::string> group_by = {};
  Instant as_of{};  ///< what has happened by then counts
};

/// A quantity, in one cell that the card can price, of one window and group.
struct UsageRow {
  std::string subscription, meter, unit;
  Instant from, until;
  std::vector<std::pair<std::string, std::string>> at;  ///< dimension, value
  std::vector<std::optional<std::string>> group;  ///< by `group_by`; empty: the event has none
  Decimal quantity, pending;
};

inline constexpr size_t kUsageWindowsMax = 10'000;
inline constexpr size_t kUsageRowsMax = 100'000;
/// Of a card whose meters do more than add up.
inline constexpr size_t kUsageEventsMax = 1'000'000;

/// Each group is counted by itself. Quantities of meters that count or add up are together those
/// of the whole; those of levels and of distinct values need not be. Exact or refused, as a bill
/// is. Any thread.
std::expected<std::vector<UsageRow>, NoBill> usage_report(const runtime::CardSet& cards,
                                                          const Engine& engine,
                                                          const UsageRequest& request);

}  // namespace toll::engine
