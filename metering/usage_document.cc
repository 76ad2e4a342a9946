#include "metering/usage_document.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace toll::metering {

namespace {

using runtime::UsageEntry;

/// Whether it matters in which order items of different cells of the meter came: those of one row
/// use up what is free of it.
bool are_in_one_order(const dsl::RateCard& card, uint32_t meter) {
  const auto is_shared = [](const dsl::QuantityStep& step) {
    return step.reach == dsl::Reach::Shared;
  };
  return std::ranges::any_of(card.charges, [&](const dsl::Charge& charge) {
    return charge.meter == meter && charge.grain == dsl::Grain::Item &&
           charge.by.size() < card.meters[meter].dimensions.size() &&
           std::ranges::any_of(charge.quantity_steps, is_shared);
  });
}

/// The entry of a cell without what was used.
UsageEntry entry_of(const dsl::RateCard& card, const dsl::Meter& meter, const CellReading& cell) {
  UsageEntry entry;
  entry.meter = meter.name;
  for (size_t place = 0; place < cell.values.size(); ++place) {
    const dsl::Dimension& dimension = card.dimensions[meter.dimensions[place]];
    entry.at.emplace_back(dimension.name, dimension.values[cell.values[place]]);
  }
  if (meter.grain == dsl::Grain::Item) entry.given = UsageEntry::Given::Items;
  if (meter.grain == dsl::Grain::Day) entry.given = UsageEntry::Given::Days;
  return entry;
}

void add_cells(const dsl::RateCard& card, const MeterReading& reading,
               std::vector<UsageEntry>& usage) {
  const dsl::Meter& meter = card.meters[reading.meter];
  for (const CellReading& cell : reading.cells) {
    UsageEntry& entry = usage.emplace_back(entry_of(card, meter, cell));
    entry.quantity = cell.quantity;
    if (cell.pending != Decimal{} && meter.grain == dsl::Grain::Cell) entry.pending = cell.pending;
    if (meter.grain == dsl::Grain::Item) entry.items = cell.items;
    if (meter.grain == dsl::Grain::Day) entry.days = cell.days;
  }
}

/// An entry for items of a cell that came one after another.
void add_items_by_time(const dsl::RateCard& card, const MeterReading& reading,
                       std::vector<UsageEntry>& usage) {
  std::vector<size_t> taken(reading.cells.size());  // of each cell's items
  std::optional<uint32_t> last;
  for (const uint32_t place : reading.cell_of_item) {
    const CellReading& cell = reading.cells[place];
    if (place != last) usage.push_back(entry_of(card, card.meters[reading.meter], cell));
    usage.back().items.push_back(cell.items[taken[place]++]);
    last = place;
  }
}

}  // namespace

runtime::UsageDocument to_document(const dsl::RateCard& card, const MeteredUsage& usage,
                                   std::string customer, const Period& period, bool final) {
  runtime::UsageDocument document;
  document.card = card.name;
  if (!card.plan.empty()) document.plan = card.plan;
  document.customer = std::move(customer);
  document.period = period;
  document.final = final;
  for (const MeterReading& reading : usage.meters) {
    if (are_in_one_order(card, reading.meter))
      add_items_by_time(card, reading, document.usage);
    else
      add_cells(card, reading, document.usage);
  }
  return document;
}

}  // namespace toll::metering
