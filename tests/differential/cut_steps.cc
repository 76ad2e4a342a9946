#include "tests/differential/cut_steps.h"

#include <algorithm>
#include <iterator>

#include "tests/differential/oracle_prices.h"
#include "tests/differential/oracle_usage.h"

namespace toll::differential {
namespace {

std::vector<std::string> values_in(const std::string& path) {
  std::vector<std::string> values;
  for (size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
    values.push_back(path.substr(at + 1, path.find('/', at + 1) - at - 1));
  return values;
}

}  // namespace

bool takes_off(MoneyKind kind) { return kind == MoneyKind::Discount || kind == MoneyKind::Maximum; }

std::string path_of(const dsl::Charge& charge, MoneyKind kind) {
  return charge.name + "/" + std::string(name_of(kind));
}

bool is_bound(const dsl::Charge& charge, const dsl::MoneyStep& step) {
  const bool of_all = step.reach == dsl::Reach::Shared || charge.grain == dsl::Grain::Cell;
  return of_all && (step.kind == MoneyKind::Minimum || step.kind == MoneyKind::Maximum);
}

const dsl::Charge* charge_of(const dsl::RateCard& card, const std::string& name) {
  const auto found = std::ranges::find(card.charges, name, &dsl::Charge::name);
  return found == card.charges.end() ? nullptr : &*found;
}

dsl::RateCard with_own_meters(const dsl::RateCard& card, const dsl::RateCard& earlier) {
  dsl::RateCard result = card;
  const auto meters = static_cast<uint32_t>(card.meters.size());
  result.meters.insert(result.meters.end(), card.meters.begin(), card.meters.end());
  for (dsl::Charge& charge : result.charges) {
    if (charge_of(earlier, charge.name)) continue;
    if (!charge.is_share()) charge.meter += meters;
    for (uint32_t& meter : charge.tier_meters) meter += meters;
  }
  return result;
}

dsl::RateCard with_new_charges_free(const dsl::RateCard& card, const dsl::RateCard& earlier) {
  dsl::RateCard result = card;
  dsl::MoneyStep all_off;
  all_off.kind = MoneyKind::Discount;
  all_off.fraction = Ratio(1);
  for (dsl::Charge& charge : result.charges)
    if (!charge.is_share() && !charge_of(earlier, charge.name)) charge.money_steps = {all_off};
  return result;
}

bool has_row(const dsl::RateCard& card, const dsl::Charge& of, const std::string& path) {
  const dsl::Charge* charge = charge_of(card, of.name);
  const std::vector<std::string> values = values_in(path);
  if (!charge || charge->by.size() != values.size()) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::vector<std::string>& names = card.dimensions[charge->by[i]].values;
    if (std::ranges::find(names, values[i]) == names.end()) return false;
  }
  return true;
}

std::vector<dsl::MoneyStep> steps_of_row(const dsl::RateCard& card, const dsl::Charge& charge,
                                         const std::string& path) {
  const std::vector<std::string> values = values_in(path);
  std::vector<dsl::MoneyStep> steps;
  for (const dsl::MoneyStep& step : charge.money_steps) {
    if (step.reach == dsl::Reach::Shared) continue;
    bool acts = !step.condition || !step.condition->in_by;
    for (size_t i = 0; !acts && i < charge.by.size(); ++i) {
      const auto& names = card.dimensions[charge.by[i]].values;
      const auto value =
          static_cast<uint32_t>(std::ranges::find(names, values.at(i)) - names.begin());
      acts = charge.by[i] == step.condition->dimension && holds(*step.condition, value);
    }
    if (acts) steps.push_back(step);
  }
  return steps;
}

std::vector<dsl::MoneyStep> steps_on_sum(const dsl::Charge& charge) {
  std::vector<dsl::MoneyStep> steps;
  std::ranges::copy_if(charge.money_steps, std::back_inserter(steps),
                       [](const auto& step) { return step.reach == dsl::Reach::Shared; });
  return steps;
}

const std::string& name_of(const dsl::RateCard& card, const dsl::ItemRef& item) {
  return item.kind == dsl::ItemRef::Kind::Fee ? card.fees[item.index].name
                                              : card.charges[item.index].name;
}

Fraction share_of(const dsl::RateCard& card, const dsl::Charge& share, const Fraction& base) {
  const dsl::PriceTable& table = share.tables.front();
  const auto slice = [&](const Fraction& amount, bool) {
    return card.rounding_place == dsl::RoundingPlace::Tier
               ? Fraction(round_exactly(amount, card.rounding_step_minor, card.rounding))
               : amount;
  };
  Fraction amount = price_of(table, base, slice);
  for (const dsl::MoneyStep& step : share.money_steps)
    if (!is_bound(share, step))
      amount = step.fraction ? Fraction(amount * factor_of(step))
                             : after_money_line(step.kind, amount, step.amount_minor, true);
  return amount;
}

}  // namespace toll::differential
