// A drawn quantity as an entry of a usage document.
#pragma once

#include "runtime/usage.h"
#include "tests/differential/usage_generator.h"

namespace toll::differential {

/// Of `period`; of a meter that is priced by day, of the first day of it unless `day` says which.
inline runtime::UsageEntry usage_entry(const Entry& entry, const dsl::RateCard& card,
                                       const Period& period, std::optional<Date> day = {}) {
  const dsl::Meter& meter = card.meters[entry.meter];
  runtime::UsageEntry used{
      .meter = meter.name, .at = {}, .quantity = {}, .from = period.from, .until = period.until};
  for (size_t i = 0; i < meter.dimensions.size(); ++i) {
    const dsl::Dimension& dimension = card.dimensions[meter.dimensions[i]];
    used.at.emplace_back(dimension.name, dimension.values[entry.values[i]]);
  }
  switch (meter.grain) {
    case dsl::Grain::Cell:
      used.quantity = entry.quantity;
      break;
    case dsl::Grain::Item:
      used.given = runtime::UsageEntry::Given::Items;
      used.items = {entry.quantity};
      break;
    case dsl::Grain::Day:
      used.given = runtime::UsageEntry::Given::Days;
      used.days = {{day.value_or(period.from), entry.quantity}};
      break;
  }
  return used;
}

}  // namespace toll::differential
