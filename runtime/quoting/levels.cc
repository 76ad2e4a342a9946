#include "runtime/quoting/levels.h"

#include <string_view>
#include <utility>

namespace toll::runtime {

using dsl::Aggregate;

namespace {

std::string_view named(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::CountsDistinct:
      return "numbers of distinct values";
    case Aggregate::Averages:
      return "averages";
    default:
      return "percentiles";
  }
}

}  // namespace

std::expected<void, std::string> Levels::add(Aggregate aggregate, Cell cell, const Level& level) {
  const auto [found, is_first] = cells_.try_emplace(std::move(cell), level);
  if (is_first) return {};
  Level& kept = found->second;
  if (aggregate == Aggregate::Peaks) {
    if (kept.quantity < level.quantity) kept = level;
    return {};
  }
  if (aggregate == Aggregate::Latest) {
    if (kept.from <= level.from) kept = level;
    return {};
  }
  return std::unexpected(std::string(named(aggregate)));
}

}  // namespace toll::runtime
