#include "tests/differential/oracle_usage.h"

#include <algorithm>

#include "tests/differential/oracle_prices.h"

namespace toll::differential {
namespace {

uint32_t cell_of(const dsl::RateCard& card, const dsl::Charge& charge,
                 const std::vector<uint32_t>& key) {
  uint32_t cell = 0;
  for (uint32_t dimension : charge.by)
    cell = cell * card.dimensions[dimension].values.size() + value_in(card, key, dimension);
  return cell;
}

Cells cells_of(const dsl::RateCard& card, const dsl::Charge& charge, const Usage& usage) {
  Cells cells;
  if (charge.by.empty())
    cells[0][Parts::key_type(std::ranges::count_if(charge.money_steps, is_outside_by))] = 0;
  if (charge.is_share()) return cells;
  for (const auto& [key, quantity] : usage.quantities) {
    if (key[0] != charge.meter) continue;
    std::vector<bool> part;
    for (const auto& step : charge.money_steps) {
      if (is_outside_by(step))
        part.push_back(holds(*step.condition, value_in(card, key, step.condition->dimension)));
    }
    cells[cell_of(card, charge, key)][part] += quantity;
  }
  for (const auto& [cell, parts] : cells) {
    Fraction sum = 0;
    for (const auto& [part, quantity] : parts) sum += quantity;
    if (sum >= power_of_ten(18)) throw Fault::TooMuchUsage;
  }
  return cells;
}

ItemCells items_of(const dsl::RateCard& card, const dsl::Charge& charge, const Usage& usage) {
  const bool by_day = charge.grain == dsl::Grain::Day;
  ItemCells cells;
  if (charge.by.empty()) cells[0];
  for (const auto& [key, quantity] : usage.quantities)
    if (key[0] == charge.meter) cells[cell_of(card, charge, key)];
  for (const auto& item : usage.items) {
    if (item.key[0] != charge.meter) continue;
    Items& items = cells[cell_of(card, charge, item.key)];
    const auto day = std::ranges::find(items, item.day, &Usage::Item::day);
    if (by_day && day != items.end())
      day->quantity += item.quantity;
    else
      items.push_back(item);
  }
  if (by_day)
    for (auto& [cell, items] : cells) std::ranges::sort(items, {}, &Usage::Item::day);
  return cells;
}

/// A denominator as a power of ten that it needs, at most 10^18, and what is left of it then.
struct Places {
  Integer power = 1, rest;
};

Places places_of(const Fraction& quantity) {
  const Integer all = denominator(quantity);
  Places places{1, all};
  for (int i = 0; i < 18 && gcd(places.rest, Integer(10)) != 1; ++i) {
    places.power *= 10;
    places.rest = all / gcd(all, places.power);
  }
  return places;
}

}  // namespace

Used used_for(const dsl::RateCard& card, const dsl::Charge& charge, const Usage& usage) {
  Used used{cells_of(card, charge, usage), {}, {}, {}};
  if (charge.grain != dsl::Grain::Cell) used.items = items_of(card, charge, usage);
  const auto longer = [](const dsl::QuantityStep& step) { return step.per.has_value(); };
  if (std::ranges::any_of(charge.quantity_steps, longer)) {
    const auto known = usage.used_to_date.find(charge.meter);
    used.to_date = known == usage.used_to_date.end() ? Fraction(0) : known->second;
    if (*used.to_date >= power_of_ten(18)) throw Fault::TooMuchUsage;
  }
  for (uint32_t meter : charge.tier_meters) {
    Fraction total = 0;
    for (const auto& [key, quantity] : usage.quantities)
      if (key[0] == meter) total += quantity;
    if (total >= power_of_ten(18)) throw Fault::TooMuchUsage;
    used.totals.push_back(total);
  }
  return used;
}

Integer power_of_scale(const dsl::Charge& charge, const Used& used) {
  Integer power = 1;
  const auto widen = [&](const Fraction& quantity) {
    while (power % denominator(quantity) != 0) power *= 10;
  };
  if (charge.grain == dsl::Grain::Cell) {
    for (const auto& [cell, parts] : used.cells)
      for (const auto& [part, quantity] : parts) widen(quantity);
  }
  for (const auto& [cell, items] : used.items)
    for (const auto& item : items) widen(item.quantity);
  for (const auto& total : used.totals) widen(total);
  if (used.to_date) widen(*used.to_date);
  return power;
}

Integer power_of_scale(const std::vector<dsl::Pool>& pools, const Usage& usage) {
  Integer power = 1;
  for (size_t i = 0; i < pools.size(); ++i)
    if (pools[i].credit) power = std::max(power, places_of(usage.available.at(i)).power);
  return power;
}

Integer split_of(const std::vector<dsl::Pool>& pools, const Usage& usage,
                 const std::function<Integer(const dsl::Pool&)>& parts_of) {
  Integer split = 1;
  for (const dsl::Pool& last : pools) {
    if (last.beyond == dsl::Pool::Beyond::Unsaid) continue;
    for (size_t i = 0; i < pools.size(); ++i) {
      if (pools[i].credit != last.credit) continue;
      const Integer rest = places_of(usage.available.at(i)).rest;
      split = lcm(split, Integer(rest / gcd(rest, parts_of(last))));
    }
  }
  if (split > numerator(power_of_ten(18))) throw Fault::TooMuchUsage;
  return split;
}

uint32_t value_in(const dsl::RateCard& card, const std::vector<uint32_t>& key, uint32_t dimension) {
  const auto& dimensions = card.meters[key[0]].dimensions;
  return key[1 + (std::ranges::find(dimensions, dimension) - dimensions.begin())];
}

bool is_outside_by(const dsl::MoneyStep& step) { return step.condition && !step.condition->in_by; }

bool holds(const dsl::Condition& condition, uint32_t value) {
  return std::ranges::find(condition.values, value) != condition.values.end();
}

}  // namespace toll::differential
