#include "compiler/guarantee/walk.h"

#include <algorithm>

#include "compiler/interpreter.h"
#include "compiler/price_points.h"

namespace toll::compiler {
namespace {

/// Where prices that no tier ends are looked at: a trillion units.
constexpr Decimal kFar{1'000'000'000'000, 0};

std::optional<Decimal> bound_of(const dsl::Guarantee& guarantee, uint32_t meter) {
  for (const dsl::Guarantee::Bound& bound : guarantee.whiles)
    if (bound.meter == meter) return bound.up_to.to_decimal(DecimalLimits{}.places_max);
  return std::nullopt;
}

/// Each price point, one unit below it and two above: enough to tell a jump from a slope.
std::vector<Decimal> around_price_points(const dsl::RateCard& card, uint32_t meter) {
  std::vector<Decimal> quantities;
  for (const PricePoint& point : price_points(card, meter))
    for (const int move : {-1, 0, 1, 2}) {
      const auto moved = checked_add(point.quantity, Decimal{move, 0});
      if (moved && moved->mantissa >= 0) quantities.push_back(*moved);
    }
  return quantities;
}

/// Far beyond the last of `quantities`.
std::vector<Decimal> far_beyond(const std::vector<Decimal>& quantities) {
  std::vector<Decimal> far = {kFar};
  for (const Int128 factor : {2, 100})
    if (const auto mantissa = checked_mul(quantities.back().mantissa, factor))
      far.push_back(Decimal{*mantissa, quantities.back().scale});
  return far;
}

void sort_and_limit(std::vector<Decimal>& quantities, const std::optional<Decimal>& bound) {
  std::ranges::sort(quantities);
  const auto repeated = std::ranges::unique(quantities);
  quantities.erase(repeated.begin(), repeated.end());
  const Decimal limit{power_of_ten(DecimalLimits{}.whole_digits_max), 0};
  std::erase_if(quantities, [&](const Decimal& quantity) {
    return quantity >= limit || (bound && quantity > *bound);
  });
}

uint64_t combinations(const dsl::RateCard& card, uint32_t meter) {
  uint64_t count = 1;
  for (uint32_t dimension : card.meters[meter].dimensions)
    count *= card.dimensions[dimension].values.size();
  return count;
}

}  // namespace

Walker::Walker(const dsl::RateCard& card, const RatingProgram& program,
               const dsl::Guarantee& guarantee)
    : card_(card), program_(program), usage_(card, program) {
  for (uint32_t meter = 0; meter < card.meters.size(); ++meter) {
    const std::optional<Decimal> bound = bound_of(guarantee, meter);
    std::vector<Decimal> quantities = around_price_points(card, meter);
    if (bound) quantities.push_back(*bound);
    sort_and_limit(quantities, bound);
    highest_.push_back(quantities.back());
    const std::vector<Decimal> far = far_beyond(quantities);
    quantities.insert(quantities.end(), far.begin(), far.end());
    sort_and_limit(quantities, bound);
    quantities_.push_back(std::move(quantities));
    if (!guarantee.meters.empty() &&
        std::ranges::find(guarantee.meters, meter) == guarantee.meters.end())
      continue;
    axes_.push_back({.meter = meter, .count = combinations(card, meter)});
  }
}

uint64_t Walker::axis_count() const {
  uint64_t count = 0;
  for (const MeterAxes& axes : axes_) count += axes.count;
  return count;
}

Axis Walker::axis(uint64_t index) const {
  auto axes = axes_.begin();
  for (; index >= axes->count; ++axes) index -= axes->count;
  Axis axis{.meter = axes->meter, .values = {}};
  for (uint32_t dimension : card_.meters[axes->meter].dimensions) {
    const uint64_t radix = card_.dimensions[dimension].values.size();
    axis.values.push_back(static_cast<uint32_t>(index % radix));
    index /= radix;
  }
  return axis;
}

uint64_t Walker::steps() const {
  uint64_t steps = 0;
  for (const MeterAxes& axes : axes_) steps += 2 * axes.count * quantities_[axes.meter].size();
  return steps;
}

std::vector<Bill> Walker::walk(const Axis& axis, bool others_in_use) {
  std::vector<Bill> bills;
  for (const Decimal& quantity : quantities_[axis.meter]) {
    Bill bill{.quantity = quantity, .total = 0, .meter_amount = {}};
    if (rate(axis, others_in_use, bill)) bills.push_back(std::move(bill));
  }
  return bills;
}

bool Walker::rate(const Axis& axis, bool others_in_use, Bill& bill) {
  ++usages_;
  usage_.clear();
  usage_.add(axis.meter, axis.values, bill.quantity);
  for (uint32_t other = 0; others_in_use && other < card_.meters.size(); ++other) {
    if (other == axis.meter) continue;
    const std::vector<uint32_t> first_values(card_.meters[other].dimensions.size());
    usage_.add(other, first_values, highest_[other]);
  }
  const RateInput* input = usage_.bind();
  if (!input) return false;
  RateOutput output{.lines = usage_.lines().data()};
  interpret(program_, *input, output);
  if (output.fault != FaultKind::None) return false;
  bill.total = output.total;
  bool exact = true;
  for_each_line(program_, *input, [&](uint32_t line, const LineOrigin& origin) {
    if (origin.kind != LineOrigin::Kind::Cell || card_.charges[origin.item].meter != axis.meter)
      return;
    const LineAmount& amount = output.lines[line];
    const auto sum =
        checked_add(bill.meter_amount, Ratio::of(amount.numerator, amount.denominator));
    exact = exact && sum.has_value();
    bill.meter_amount = sum.value_or(Ratio());
  });
  return exact;
}

}  // namespace toll::compiler
