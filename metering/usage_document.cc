#include "metering/usage_document.h"

#include <utility>

namespace toll::metering {

runtime::UsageDocument to_document(const dsl::RateCard& card, const MeteredUsage& usage,
                                   std::string customer, const Period& period, bool final) {
  runtime::UsageDocument document;
  document.card = card.name;
  if (!card.plan.empty()) document.plan = card.plan;
  document.customer = std::move(customer);
  document.period = period;
  document.final = final;
  for (const MeterReading& reading : usage.meters) {
    const dsl::Meter& meter = card.meters[reading.meter];
    for (const CellReading& cell : reading.cells) {
      runtime::UsageEntry entry;
      entry.meter = meter.name;
      for (size_t place = 0; place < cell.values.size(); ++place) {
        const dsl::Dimension& dimension = card.dimensions[meter.dimensions[place]];
        entry.at.emplace_back(dimension.name, dimension.values[cell.values[place]]);
      }
      using Given = runtime::UsageEntry::Given;
      entry.quantity = cell.quantity;
      if (cell.pending != Decimal{} && meter.grain == dsl::Grain::Cell)
        entry.pending = cell.pending;
      if (meter.grain == dsl::Grain::Item) {
        entry.given = Given::Items;
        entry.items = cell.items;
      } else if (meter.grain == dsl::Grain::Day) {
        entry.given = Given::Days;
        entry.days = cell.days;
      }
      document.usage.push_back(std::move(entry));
    }
  }
  return document;
}

}  // namespace toll::metering
