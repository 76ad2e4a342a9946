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
#include "dsl/checker/costs.h"

namespace toll::dsl::checker {
namespace {

/// What the offers of a version name.
struct Named {
  std::set<uint32_t> units, dimensions;  ///< into the scope's
  std::set<const MeterEntry*> meters;
  std::set<const CostEntry*> costs;

  explicit Named(const VersionContext& version) {
    for (const auto& offer : version.offers()) {
      units.insert(offer->read.units().begin(), offer->read.units().end());
      dimensions.insert(offer->scope_dimensions.begin(), offer->scope_dimensions.end());
      meters.insert(offer->meters.begin(), offer->meters.end());
      costs.insert(offer->costs.begin(), offer->costs.end());
    }
    for (const MeterEntry* meter : meters) units.insert(meter->units.begin(), meter->units.end());
  }
};

/// The units that are named, and those that their sizes stand on; empty when there are too many.
std::optional<std::set<uint32_t>> units_reached(const Named& named, const CardContext& context) {
  std::vector<uint32_t> open(named.units.begin(), named.units.end());
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

bool identify(VersionContext& version, const Texts& texts) {
  const CardContext& context = version.first();
  const Scope& scope = context.scope;
  const Named named(version);
  const auto units = units_reached(named, context);
  if (!units) return false;

  std::vector<Reached> reached;
  CanonicalTexts canonical;
  const auto reach = [&](Reached::Kind kind, const std::string& name, const auto& entry) {
    reached.push_back({kind, name, entry.block});
    canonical.emplace(std::pair(kind, std::string_view(name)), entry.canonical);
  };
  for (uint32_t i : *units) {
    const UnitEntry& unit = scope.units()[i];
    reach(Reached::Kind::Unit, unit.syntax->singular.text, unit);
  }
  for (uint32_t i : named.dimensions) {
    const DimensionEntry& dimension = scope.dimensions()[i];
    reach(Reached::Kind::Dimension, dimension.dimension.name, dimension);
  }
  for (const MeterEntry* meter : named.meters)
    reach(Reached::Kind::Meter, meter->meter.name, *meter);
  for (const CostEntry* cost : named.costs) {  // several may have one name, from different days on
    reached.push_back({Reached::Kind::Cost, cost->syntax->name.text, cost->block});
    canonical.emplace(std::pair(Reached::Kind::Cost, std::string_view(cost->canonical)),
                      cost->canonical);
  }
  std::ranges::sort(reached, {}, [](const Reached& one) {
    return std::pair(one.block.file, one.block.span.begin);
  });

  const std::vector<Place>& blocks = version.source().blocks;
  std::string text;
  for (const Place& lines : blocks) text += texts.canonical(lines);
  for (const auto& entry : canonical) text += entry.second;
  const std::string hash = "sha256:" + sha256_hex(text);
  for (const auto& offer : version.offers()) {
    offer->card.block = blocks.front();
    offer->card.reached = reached;
    offer->card.hash = hash;
  }
  return true;
}

}  // namespace toll::dsl::checker
