#include "dsl/priced_by_itself.h"

#include <algorithm>

namespace toll::dsl {
namespace {

bool is_alone(const Charge& charge) {
  const auto shared = [](const auto& step) { return step.reach == Reach::Shared; };
  return charge.grain != Grain::Cell && std::ranges::none_of(charge.quantity_steps, shared) &&
         std::ranges::none_of(charge.money_steps, shared);
}

}  // namespace

bool prices_by_itself(const RateCard& card, uint32_t meter) {
  const auto of_meter = [&](const auto& each) { return each.meter == meter; };
  if (std::ranges::any_of(card.limits, of_meter)) return false;
  return std::ranges::all_of(card.charges, [&](const Charge& charge) {
    if (charge.is_share()) return false;  // perhaps of what the meter comes to
    if (std::ranges::find(charge.tier_meters, meter) != charge.tier_meters.end()) return false;
    const bool takes_share = std::ranges::any_of(charge.quantity_steps, [](const auto& step) {
      return step.kind == QuantityStep::Kind::IncludedShare;
    });
    return !takes_share && (charge.meter != meter || is_alone(charge));
  });
}

}  // namespace toll::dsl
