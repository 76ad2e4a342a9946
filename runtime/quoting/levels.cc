#include "runtime/quoting/levels.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/instant.h"
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

/// In seconds.
int64_t length_of(const Period& days, std::string_view zone) {
  return (first_second_of(days.until, zone) - first_second_of(days.from, zone)).count();
}

}  // namespace

/// The mean over the covered days, of which some may have no entry.
std::optional<Decimal> Levels::mean(const std::vector<Level>& averages,
                                    const Period& covered) const {
  const int64_t whole = length_of(covered, time_zone_);
  std::optional<Ratio> sum = Ratio();
  for (const Level& level : averages) {
    const auto quantity = Ratio::of(level.quantity);
    const auto share = Ratio::of(length_of(level.days, time_zone_), whole);
    const auto part = quantity ? checked_mul(*quantity, share) : std::nullopt;
    sum = part && sum ? checked_add(*sum, *part) : std::nullopt;
  }
  return sum ? rounded(*sum) : std::nullopt;
}

std::expected<void, std::string> Levels::add(Aggregate aggregate, Cell cell, const Level& level,
                                             const Period& covered) {
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
