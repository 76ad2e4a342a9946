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
  return document;
}

}  // namespace toll::cli
