#include "dsl/checker/identity.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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

/// Texts by kind, then by name: the order that the hash is made in.
using CanonicalTexts = std::map<std::pair<Reached::Kind, std::string_view>, std::string_view>;

}  // namespace

bool identify(CardContext& context, const Texts& texts) {
  const auto units = units_reached(context);
  if (!units) return false;

  RateCard& card = context.card;
  CanonicalTexts canonical;
  const auto reach = [&](Reached::Kind kind, const std::string& name, const auto& entry) {
    card.reached.push_back({kind, name, entry.block});
    canonical.emplace(std::pair(kind, std::string_view(name)), entry.canonical);
  };
  for (uint32_t i : *units) {
    const UnitEntry& unit = context.scope.units()[i];
    reach(Reached::Kind::Unit, unit.syntax->singular.text, unit);
  }
  for (uint32_t i : context.scope_dimensions) {
    const DimensionEntry& dimension = context.scope.dimensions()[i];
    reach(Reached::Kind::Dimension, dimension.dimension.name, dimension);
  }
  for (const MeterEntry* meter : context.meters)
    reach(Reached::Kind::Meter, meter->meter.name, *meter);
  std::ranges::sort(card.reached, {}, [](const Reached& reached) {
    return std::pair(reached.block.file, reached.block.span.begin);
  });

  card.block = context.read.at(context.syntax.block);
  std::string text = texts.canonical(card.block);
  for (const auto& entry : canonical) text += entry.second;
  card.hash = "sha256:" + sha256_hex(text);
  return true;
}

}  // namespace toll::dsl::checker
