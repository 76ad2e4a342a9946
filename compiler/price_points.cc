#include "compiler/price_points.h"

#include <algorithm>

namespace toll::compiler {
namespace {

class Collector {
 public:
  void add(const std::optional<Ratio>& quantity, const std::optional<dsl::SourceLine>& line) {
    if (!quantity) return;
    const DecimalLimits limits;
    const std::optional<Decimal> decimal = quantity->floor_to(limits.places_max);
    if (decimal && *decimal < Decimal{power_of_ten(limits.whole_digits_max), 0})
      points_.push_back({*decimal, line});
  }

  /// Of a charge on `meter`, or one whose tiers are chosen by it.
  void add(const dsl::Charge& charge, uint32_t meter) {
    if (charge.meter == meter) add_own(charge);
    if (charge.tier_by == dsl::TierBy::Meter && charge.tier_meters.front() == meter)
      for (const dsl::PriceTable& table : charge.tables)
        for (const dsl::Tier& tier : table.tiers) add(tier.up_to, tier.source);
    if (charge.tier_by != dsl::TierBy::Joint) return;
    for (size_t i = 0; i < charge.tier_meters.size(); ++i)
      for (const dsl::Tier& tier : charge.tables.front().tiers)
        if (charge.tier_meters[i] == meter && !tier.also_up_to.empty())
          add(tier.also_up_to[i], tier.source);
  }

  std::vector<PricePoint> take() {
    std::ranges::stable_sort(points_, {}, &PricePoint::quantity);
    const auto repeated = std::ranges::unique(points_, {}, &PricePoint::quantity);
    points_.erase(repeated.begin(), repeated.end());
    return std::move(points_);
  }

 private:
  void add_own(const dsl::Charge& charge) {
    Ratio allowance;
    for (const dsl::QuantityStep& step : charge.quantity_steps) {
      if (step.kind == dsl::QuantityStep::Kind::IncludedShare) continue;
      add(step.quantity, step.source);
      if (step.kind == dsl::QuantityStep::Kind::Included)
        allowance = checked_add(allowance, step.quantity).value_or(allowance);
    }
    for (const dsl::PriceTable& table : charge.tables) {
      for (const dsl::Tier& tier : table.tiers) {
        const bool own = charge.tier_by != dsl::TierBy::Meter;
        if (own && tier.up_to) add(checked_add(*tier.up_to, allowance), tier.source);
        for (const dsl::Term& term : tier.terms)
          if (term.kind == dsl::syntax::Term::Kind::PerStarted)
            add(checked_add(term.block, allowance), tier.source);
      }
    }
  }

  std::vector<PricePoint> points_;
};

}  // namespace

std::vector<PricePoint> price_points(const dsl::RateCard& card, uint32_t meter) {
  Collector collector;
  collector.add(Ratio(), std::nullopt);
  for (const dsl::Charge& charge : card.charges) collector.add(charge, meter);
  return collector.take();
}

}  // namespace toll::compiler
