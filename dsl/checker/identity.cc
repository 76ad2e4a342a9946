#include "dsl/checker/identity.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "base/sha256.h"

namespace toll::dsl::checker {
namespace {

/// The units that are named, and those that their sizes stand on; empty when there are too many.
std::optional<std::set<uint32_t>> units_reached(const CardContext& context) {
  std::vector<uint32_t> open(context.read.units().begin(), context.read.units().end());
  for (const MeterEntry* meter : context.meters) {
    open.insert(open.end(), meter->units.begin(), meter->units.end());
  }
  std::set<uint32_t> reached;
  while (!open.empty()) {
    const uint32_t unit = open.back();
    open.pop_back();
    if (!reached.insert(unit).second) continue;
    if (!context.budget.take_visits(1)) return std::nullopt;
    const auto& below = context.scope.units()[unit].stands_on;
    open.insert(open.end(), below.begin(), below.end());
  }
  return reached;
}

}  // namespace

std::optional<std::string> identity(const CardContext& context, const Texts& texts) {
  const auto units = units_reached(context);
  if (!units) return std::nullopt;

  std::map<std::string_view, std::string_view> unit_texts, dimension_texts, meter_texts;
  for (uint32_t i : *units) {
    const UnitEntry& unit = context.scope.units()[i];
    unit_texts.emplace(unit.syntax->singular.text, unit.canonical);
  }
  for (uint32_t i : context.scope_dimensions) {
    const DimensionEntry& dimension = context.scope.dimensions()[i];
    dimension_texts.emplace(dimension.dimension.name, dimension.canonical);
  }
  for (const MeterEntry* meter : context.meters) {
    meter_texts.emplace(meter->meter.name, meter->canonical);
  }

  std::string text = texts.canonical(context.read.at(context.syntax.block));
  for (const auto* declarations : {&unit_texts, &dimension_texts, &meter_texts}) {
    for (const auto& [name, canonical] : *declarations) text += canonical;
  }
  return "sha256:" + sha256_hex(text);
}

}  // namespace toll::dsl::checker
