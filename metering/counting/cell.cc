#include "metering/counting/cell.h"

#include <utility>

#include "base/rounding.h"

namespace toll::metering {
namespace {

using dsl::Aggregate;

constexpr int kPlacesWhereDivided = 12;
constexpr int kPlacesMax = DecimalLimits{}.places_max;

bool divides(Aggregate aggregate) {
  return aggregate == Aggregate::Averages || aggregate == Aggregate::Accrues;
}

/// To 12 places; empty when it does not fit.
std::optional<Decimal> rounded(const Ratio& value, RoundingMode mode) {
  const auto scaled = checked_mul(value, Ratio(power_of_ten(kPlacesWhereDivided)));
  if (!scaled) return std::nullopt;
  return Decimal{div_round(scaled->numerator(), scaled->denominator(), mode), kPlacesWhereDivided}
      .normalized();
}

/// A sum without a finite decimal is cut off: four minutes in hours must not come to a bit more
/// than four, or a price per started minute would count five.
std::optional<Decimal> as_quantity(const Ratio& value, bool divided) {
  const auto finite = divided ? std::nullopt : value.to_decimal(kPlacesMax);
  const auto result =
      finite ? finite : rounded(value, divided ? RoundingMode::HalfEven : RoundingMode::Down);
  const Decimal limit{power_of_ten(DecimalLimits{}.whole_digits_max), 0};
  return result && *result < limit ? result : std::nullopt;
}

}  // namespace

std::optional<Decimal> quantity_of_sum(const Ratio& sum) { return as_quantity(sum, false); }

void Cell::add(Instant at, const Contribution& contribution, const Window& window) {
  const bool inside = window.from <= at && at < window.until;
  reached_ = reached_ || inside;
  if (dsl::follows_level(binding_.aggregate)) {
    if (!binding_.step && !binding_.until) return level_.report(at, contribution.quantity);
    if (!level_.change(at, contribution.quantity)) sum_ = std::nullopt;
    below_zero_ = below_zero_ || level_.now() < Ratio(0);
    return;
  }
  if (!inside) return;
  if (binding_.aggregate == Aggregate::CountsDistinct) {
    distinct_.insert(contribution.distinct);
    return;
  }
  if (sum_) sum_ = checked_add(*sum_, contribution.quantity);
  if (binding_.aggregate != Aggregate::Lists) return;
  const auto item = as_quantity(contribution.quantity, false);
  if (item)
    items_.push_back(*item);
  else
    sum_ = std::nullopt;
}

std::optional<Ratio> Cell::aggregate(const Window& window) const {
  switch (binding_.aggregate) {
    case Aggregate::Counts:
    case Aggregate::Sums:
    case Aggregate::Lists:
      return sum_;
    case Aggregate::CountsDistinct:
      return Ratio(static_cast<Int128>(distinct_.size()));
    case Aggregate::Averages:
      return level_.average(window);
    case Aggregate::Peaks:
      return level_.peak(window);
    case Aggregate::Latest:
      return level_.latest(window);
    case Aggregate::Percentile:
      return level_.percentile(window, *binding_.percentile, binding_.every_day);
    case Aggregate::Accrues:
      return level_.accrued(window, *binding_.accrues_per);
  }
  std::unreachable();
}

std::expected<Decimal, std::string> Cell::read(const Window& window) const {
  if (below_zero_) return std::unexpected("its level was changed to below 0");
  const auto value = sum_ ? aggregate(window) : std::nullopt;
  const auto quantity =
      value ? as_quantity(*value, divides(binding_.aggregate)) : std::optional<Decimal>();
  if (!quantity) return std::unexpected("the quantity does not fit");
  return *quantity;
}

}  // namespace toll::metering
