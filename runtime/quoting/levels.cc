#include "runtime/quoting/levels.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/rounding.h"

namespace toll::runtime {

using dsl::Aggregate;

namespace {

std::string_view named(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::CountsDistinct:
      return "numbers of distinct values";
    case Aggregate::Averages:
      return "averages of the same days";
    default:
      return "percentiles";
  }
}

bool overlap(const Period& a, const Period& b) { return a.from < b.until && b.from < a.until; }

/// Rounded like the averages of a meter: once, where the quotient is not finite.
std::optional<Decimal> rounded(const Ratio& value) {
  constexpr int kPlacesWhereDivided = 12;
  if (const auto finite = value.to_decimal(DecimalLimits{}.places_max)) return finite;
  const auto scaled = checked_mul(value, Ratio(power_of_ten(kPlacesWhereDivided)));
  if (!scaled) return std::nullopt;
  return Decimal{div_round(scaled->numerator(), scaled->denominator(), RoundingMode::HalfEven),
                 kPlacesWhereDivided}
      .normalized();
}

/// The mean over the covered days, of which some may have no entry.
std::optional<Decimal> mean(const std::vector<Levels::Level>& averages, int covered) {
  std::optional<Ratio> sum = Ratio();
  for (const Levels::Level& level : averages) {
    const auto quantity = Ratio::of(level.quantity);
    const auto part =
        quantity ? checked_mul(*quantity, Ratio::of(level.days.days(), covered)) : std::nullopt;
    sum = part && sum ? checked_add(*sum, *part) : std::nullopt;
  }
  return sum ? rounded(*sum) : std::nullopt;
}

}  // namespace

std::expected<void, std::string> Levels::add(Aggregate aggregate, Cell cell, const Level& level,
                                             int covered) {
  const auto [found, is_first] = cells_.try_emplace(std::move(cell), Sum{level, level.quantity});
  Sum& kept = found->second;
  if (aggregate == Aggregate::Averages) {
    const auto same_days = [&](const Level& other) { return overlap(other.days, level.days); };
    if (std::ranges::any_of(kept.averages, same_days))
      return std::unexpected(std::string(named(aggregate)));
    kept.averages.push_back(level);
    kept.quantity = mean(kept.averages, covered);
    return {};
  }
  if (is_first) return {};
  if (aggregate != Aggregate::Peaks && aggregate != Aggregate::Latest)
    return std::unexpected(std::string(named(aggregate)));
  const bool counts = aggregate == Aggregate::Peaks ? kept.level.quantity < level.quantity
                                                    : kept.level.days.from <= level.days.from;
  if (counts) kept = {level, level.quantity};
  return {};
}

}  // namespace toll::runtime
