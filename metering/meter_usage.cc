#include "metering/meter_usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "metering/counting/cell.h"
#include "metering/counting/contributions.h"
#include "metering/counting/meter_reading.h"
#include "metering/counting/outcomes.h"

namespace toll::metering {
namespace {

using Values = std::vector<uint32_t>;

/// Every meter's contributions of the events that all of their meters can read.
class Reading {
 public:
  Reading(const dsl::RateCard& card, std::span<const UsageEvent> events,
          std::span<const uint32_t> groups = {})
      : card_(card), events_(events), groups_(groups) {}

  /// Contributions of one event to one meter.
  struct Entry {
    size_t event = 0;
    std::vector<Contribution> contributions;
  };

  void read(MeteredUsage& result) {
    entries_.resize(card_.meters.size());
    for (size_t event = 0; event < events_.size(); ++event) read_event(event, result);
    for (auto& entries : entries_)
      std::ranges::stable_sort(entries, {},
                               [&](const Entry& entry) { return events_[entry.event].time; });
  }

  /// By time.
  const std::vector<Entry>& of_meter(uint32_t meter) const { return entries_[meter]; }

 private:
  void read_event(size_t event, MeteredUsage& result) {
    auto read = contributions_to_meters(card_, events_[event]);
    if (!read) {
      result.rejected.push_back(std::move(read.error()));
      result.rejected.back().event = event;
      return;
    }
    if (read->empty()) result.unmetered.push_back(event);
    for (auto& [meter, contributions] : *read) {
      if (!groups_.empty())
        for (Contribution& contribution : contributions)
          contribution.values.push_back(groups_[event]);
      entries_[meter].push_back({event, std::move(contributions)});
    }
  }

  const dsl::RateCard& card_;
  const std::span<const UsageEvent> events_;
  const std::span<const uint32_t> groups_;   // by event, or none
  std::vector<std::vector<Entry>> entries_;  // by meter
};

/// The cells of a meter, without the meter.
using Cells = std::expected<MeterReading, UnfitReading>;

/// A meter's cells, read over a window.
class MeterRun {
 public:
  MeterRun(const dsl::Meter& meter, const Window& window, std::optional<Instant> as_of)
      : meter_(meter), window_(window), as_of_(as_of) {}

  Cells run(std::span<const UsageEvent> events, std::span<const Reading::Entry> entries) {
    if (meter_.binding.outcome) return MeterReading{.cells = outcomes(events, entries)};
    std::map<Values, Cell> cells;
    std::vector<const Values*> items;
    for (const auto& [event, contributions] : entries) {
      if (as_of_ && events[event].time >= *as_of_)
        continue;  // no level that a later window begins with
      for (const Contribution& contribution : contributions) {
        auto& [values, cell] = *cells.try_emplace(contribution.values, meter_.binding).first;
        const size_t before = cell.items().size();
        cell.add(events[event].time, contribution, window_);
        if (cell.items().size() > before) items.push_back(&values);
      }
    }
    MeterReading result;
    std::map<const Values*, uint32_t> places;
    for (const auto& [values, cell] : cells) {
      if (!items.empty()) places.emplace(&values, static_cast<uint32_t>(result.cells.size()));
      auto quantity = cell.read(window_);
      if (!quantity)
        return std::unexpected(UnfitReading{meter_.name, values, std::move(quantity.error())});
      if (cell.reached() || *quantity != Decimal{})
        result.cells.push_back({.values = values,
                                .quantity = *quantity,
                                .pending = {},
                                .items = cell.items(),
                                .days = {}});
    }
    for (const Values* values : items) result.cell_of_item.push_back(places.at(values));
    return result;
  }

 private:
  std::vector<CellReading> outcomes(std::span<const UsageEvent> events,
                                    std::span<const Reading::Entry> entries) const {
    Outcomes outcomes(*meter_.binding.outcome, window_.zone);
    for (const auto& [event, contributions] : entries)
      if (!as_of_ || events[event].time < *as_of_)  // what comes later is not known then
        outcomes.add(events[event], contributions.front().values);
    std::map<Values, CellReading> cells;
    for (const Outcomes::Standing& outcome : outcomes.standing()) {
      if (outcome.at < window_.from || outcome.at >= window_.until) continue;
      CellReading& cell = cells[outcome.values];
      cell.values = outcome.values;
      cell.quantity.mantissa += 1;
      if (as_of_ && outcome.open_until && *as_of_ <= *outcome.open_until)
        cell.pending.mantissa += 1;
    }
    std::vector<CellReading> result;
    for (auto& [values, cell] : cells) result.push_back(std::move(cell));
    return result;
  }

  const dsl::Meter& meter_;
  const Window& window_;
  const std::optional<Instant> as_of_;
};

/// Of a meter's entries, which are by time, those that a window is read from. A level is carried
/// into it, and so is an outcome.
std::span<const Reading::Entry> entries_for(const dsl::Meter& meter, const Window& window,
                                            std::span<const UsageEvent> events,
                                            std::span<const Reading::Entry> entries) {
  if (meter.binding.outcome || dsl::follows_level(meter.binding.aggregate)) return entries;
  const auto time = [&](const Reading::Entry& entry) { return events[entry.event].time; };
  return {std::ranges::lower_bound(entries, window.from, {}, time),
          std::ranges::lower_bound(entries, window.until, {}, time)};
}

/// Each day of the period by itself; a cell's quantity is the sum of its days.
Cells by_day(const dsl::Meter& meter, const Window& window, const Period& period,
             std::optional<Instant> as_of, std::span<const UsageEvent> events,
             std::span<const Reading::Entry> entries) {
  std::map<Values, CellReading> cells;
  for (Date day = period.from; day < period.until; day += std::chrono::days(1)) {
    Window of_day{start_of(day, window.zone), start_of(day + std::chrono::days(1), window.zone),
                  window.zone};
    if (of_day.from >= window.until) break;
    of_day.until = std::min(of_day.until, window.until);
    auto readings =
        MeterRun(meter, of_day, as_of).run(events, entries_for(meter, of_day, events, entries));
    if (!readings) return std::unexpected(std::move(readings.error()));
    for (CellReading& reading : readings->cells) {
      CellReading& cell = cells[reading.values];
      cell.values = reading.values;
      const auto quantity = checked_add(cell.quantity, reading.quantity);
      const auto pending = checked_add(cell.pending, reading.pending);
      if (!quantity || !pending)
        return std::unexpected(
            UnfitReading{meter.name, reading.values, "the quantities of its days do not add up"});
      cell.quantity = *quantity;
      cell.pending = *pending;
      std::ranges::move(reading.items, std::back_inserter(cell.items));
      cell.days.emplace_back(day, reading.quantity);
    }
  }
  MeterReading result;
  for (auto& [values, cell] : cells) result.cells.push_back(std::move(cell));
  return result;
}

}  // namespace

std::expected<bool, Rejection> is_metered(const dsl::RateCard& card, const UsageEvent& event) {
  auto read = contributions_to_meters(card, event);
  if (!read) return std::unexpected(std::move(read.error()));
  return !read->empty();
}

std::string rejection_text(const Rejection& rejection, const dsl::RateCard& card) {
  const auto meter = std::ranges::find(card.meters, rejection.meter, &dsl::Meter::name);
  return fmt::format("{} (meter `{}`, {}:{})", rejection.reason, rejection.meter,
                     meter->source.file, rejection.line);
}

std::expected<MeteredUsage, UnfitReading> meter_usage(const dsl::RateCard& card,
                                                      std::span<const UsageEvent> events,
                                                      const Period& period,
                                                      std::optional<Instant> as_of) {
  MeteredUsage result;
  Reading reading(card, events);
  reading.read(result);
  Window window{start_of(period.from, card.time_zone), start_of(period.until, card.time_zone),
                card.time_zone};
  if (as_of) window.until = std::clamp(*as_of, window.from, window.until);
  for (uint32_t index = 0; index < card.meters.size(); ++index) {
    if (reading.of_meter(index).empty()) continue;
    const std::vector<Reading::Entry>& entries = reading.of_meter(index);
    auto cells = card.meters[index].grain == dsl::Grain::Day
                     ? by_day(card.meters[index], window, period, as_of, events, entries)
                     : MeterRun(card.meters[index], window, as_of).run(events, entries);
    if (!cells) return std::unexpected(std::move(cells.error()));
    cells->meter = index;
    if (!cells->cells.empty()) result.meters.push_back(*std::move(cells));
  }
  return result;
}

std::expected<WindowedUsage, UnfitReading> meter_windows(const dsl::RateCard& card,
                                                         std::span<const UsageEvent> events,
                                                         std::span<const Instant> bounds,
                                                         std::optional<Instant> as_of,
                                                         std::span<const uint32_t> groups) {
  MeteredUsage read;
  Reading reading(card, events, groups);
  reading.read(read);
  WindowedUsage result{.windows = {}, .rejected = std::move(read.rejected)};
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    Window window{bounds[i], bounds[i + 1], card.time_zone};
    if (as_of) window.until = std::clamp(*as_of, window.from, window.until);
    std::vector<MeterReading>& meters = result.windows.emplace_back();
    for (uint32_t index = 0; index < card.meters.size(); ++index) {
      const dsl::Meter& meter = card.meters[index];
      const auto entries = entries_for(meter, window, events, reading.of_meter(index));
      if (entries.empty()) continue;
      auto cells = MeterRun(meter, window, as_of).run(events, entries);
      if (!cells) return std::unexpected(std::move(cells.error()));
      cells->meter = index;
      if (!cells->cells.empty()) meters.push_back(*std::move(cells));
    }
  }
  return result;
}

}  // namespace toll::metering
