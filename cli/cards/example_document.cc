#include "cli/cards/example_document.h"

#include <utility>

namespace toll::cli {
namespace {

runtime::UsageEntry entry_of(const dsl::RateCard& card, uint32_t meter_index,
                             std::span<const uint32_t> values, const Decimal& quantity) {
  const dsl::Meter& meter = card.meters[meter_index];
  runtime::UsageEntry entry;
  entry.meter = meter.name;
  entry.quantity = quantity;
  for (size_t i = 0; i < meter.dimensions.size(); ++i) {
    const dsl::Dimension& dimension = card.dimensions[meter.dimensions[i]];
    entry.at.emplace_back(dimension.name, dimension.values[values[i]]);
  }
  return entry;
}

}  // namespace

runtime::UsageDocument document_of(const dsl::RateCard& card, const dsl::Example& example) {
  runtime::UsageDocument document;
  document.card = card.name;
  document.hash = card.hash;
  document.period = example.period;
  for (const dsl::Example::Use& use : example.uses)
    document.usage.push_back(entry_of(card, use.meter, use.values, use.quantity));
  for (const dsl::Example::UsedToDate& used : example.used_to_date)
    document.used_to_date.push_back({card.meters[used.meter].name, used.quantity});
  for (const dsl::Example::BilledToDate& billed : example.billed_to_date)
    document.billed_to_date.push_back({card.bill_steps[billed.bill_step].commitment->name,
                                       Decimal{billed.amount_minor, card.currency.exponent}});
  return document;
}

runtime::UsageDocument document_of(const dsl::RateCard& card,
                                   std::span<const compiler::MeterUsage> usage) {
  runtime::UsageDocument document;
  document.card = card.name;
  document.hash = card.hash;
  document.on = card.from;
  for (const compiler::MeterUsage& use : usage)
    document.usage.push_back(entry_of(card, use.meter, use.values, use.quantity));
  return document;
}

}  // namespace toll::cli
