#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {
namespace {

/// The parts of a meter's declaration that grow with its text.
uint64_t parts_of(const syntax::Meter& meter) {
  return 1 + meter.by.size() + meter.from.size() + meter.takes.size();
}

uint64_t parts_of(const syntax::Dimension& dimension) {
  return 1 + dimension.values.size() + dimension.fields.size() + dimension.derived.size() +
         dimension.times.size();
}

}  // namespace

std::optional<uint32_t> CardContext::dimension(uint32_t scope_index) {
  const auto index = static_cast<uint32_t>(card.dimensions.size());
  auto [found, fresh] = dimension_by_scope_index_.emplace(scope_index, index);
  if (!fresh) return found->second;
  const Dimension& dimension = scope.dimensions()[scope_index].dimension;
  if (!budget.take_copies(parts_of(*dimension.declaration))) return std::nullopt;
  card.dimensions.push_back(dimension);
  scope_dimensions.push_back(scope_index);
  return index;
}

std::optional<uint32_t> CardContext::meter(const syntax::Word& word, std::string_view help) {
  if (auto known = known_meter(word.text)) return known;
  const MeterEntry* entry = scope.meter(word, read.file(), help);
  if (!entry) return std::nullopt;

  Meter meter = entry->meter;
  bool affordable = budget.take_copies(parts_of(*meter.declaration));
  for (uint32_t in_folder : entry->dimensions) {
    const uint32_t scope_index = scope.dimension_in(read.file(), in_folder);
    auto index = affordable ? dimension(scope_index) : std::nullopt;
    affordable = index.has_value();
    meter.dimensions.push_back(index.value_or(0));
  }
  if (!affordable) {
    report.add("E214", "the cards that are checked together reach too many declarations",
               read.at(word.span));
    return std::nullopt;
  }
  const auto index = static_cast<uint32_t>(card.meters.size());
  meter_by_name_.emplace(word.text, index);
  card.meters.push_back(std::move(meter));
  meters.push_back(entry);
  return index;
}

std::optional<uint32_t> CardContext::known_meter(const std::string& name) const {
  auto found = meter_by_name_.find(name);
  return found == meter_by_name_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace toll::dsl::checker
