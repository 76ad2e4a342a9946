#include "cli/cards/example_document.h"

#include <utility>

namespace toll::cli {

runtime::UsageDocument document_of(const dsl::RateCard& card, const dsl::Example& example) {
  runtime::UsageDocument document;
  document.card = card.name;
  document.hash = card.hash;
  document.period = example.period;
  for (const dsl::Example::Use& use : example.uses) {
    const dsl::Meter& meter = card.meters[use.meter];
    runtime::UsageEntry entry;
    entry.meter = meter.name;
    entry.quantity = use.quantity;
    for (size_t i = 0; i < meter.dimensions.size(); ++i) {
      const dsl::Dimension& dimension = card.dimensions[meter.dimensions[i]];
      entry.at.emplace_back(dimension.name, dimension.values[use.values[i]]);
    }
    document.usage.push_back(std::move(entry));
  }
  for (const dsl::Example::UsedToDate& used : example.used_to_date)
    document.used_to_date.push_back({card.meters[used.meter].name, used.quantity});
  for (const dsl::Example::BilledToDate& billed : example.billed_to_date)
    document.billed_to_date.push_back({card.bill_steps[billed.bill_step].commitment->name,
                                       Decimal{billed.amount_minor, card.currency.exponent}});
  return document;
}

}  // namespace toll::cli
