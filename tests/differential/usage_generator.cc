#include "tests/differential/usage_generator.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/differential/oracle_prices.h"

namespace toll::differential {
namespace {

/// Every bound, allowance, step and block of a charge, and each of the first with the allowance
/// below it.
void add_points(const dsl::Charge& charge, std::vector<Fraction>& points) {
  std::vector<Fraction> own;
  Fraction allowance = 0;
  for (const auto& step : charge.quantity_steps) {
    if (step.kind == dsl::QuantityStep::Kind::IncludedShare) continue;
    own.push_back(exact(step.quantity));
    if (step.kind == dsl::QuantityStep::Kind::Included) allowance = own.back();
    own.push_back(own.back() / 2);
  }
  for (const auto& table : charge.tables) {
    for (const auto& tier : table.tiers) {
      if (tier.up_to) own.push_back(exact(*tier.up_to));
      for (const auto& term : tier.terms)
        if (term.kind == dsl::syntax::Term::Kind::PerStarted) own.push_back(exact(term.block));
    }
  }
  for (const auto& point : own) {
    points.push_back(point);
    if (allowance != 0) points.push_back(point + allowance);
  }
}

/// The bound of a tier in the `k`th meter that has a say in it.
void add_bounds(const dsl::Charge& charge, const dsl::Tier& tier, size_t k,
                std::vector<Fraction>& points) {
  if (charge.tier_by == dsl::TierBy::Meter && tier.up_to) points.push_back(exact(*tier.up_to));
  if (k < tier.also_up_to.size()) points.push_back(exact(tier.also_up_to[k]));
}

/// The nearest quantity that the language allows, at or below `value`, with `places` places.
Decimal to_quantity(const Fraction& value, int places) {
  const Fraction largest = power_of_ten(18) - 1 / power_of_ten(18);
  const Fraction bounded = std::clamp<Fraction>(value, 0, largest) * power_of_ten(places);
  const Integer mantissa = numerator(bounded) / denominator(bounded);
  return {static_cast<Int128>(mantissa), places};
}

}  // namespace

Usage to_usage(const Document& document) {
  Usage usage{.quantities = {},
              .items = {},
              .covered_days = document.covered_days,
              .period_days = document.period_days,
              .final = document.final,
              .used_to_date = {},
              .commitments = document.commitments,
              .fees_due = document.fees_due,
              .available = {}};
  for (const Ratio& available : document.available) usage.available.push_back(exact(available));
  for (const auto& [meter, quantity] : document.used_to_date)
    usage.used_to_date[meter] += exact(quantity);
  for (const auto& entry : document.entries) {
    std::vector<uint32_t> key = {entry.meter};
    key.insert(key.end(), entry.values.begin(), entry.values.end());
    usage.quantities[key] += exact(entry.quantity);
    if (!entry.names_only) usage.items.push_back({key, entry.day, exact(entry.quantity)});
  }
  return usage;
}

void add_entries(const Document& document, compiler::UsageVector& usage) {
  for (const Entry& entry : document.entries) {
    if (entry.names_only)
      usage.name_cells(entry.meter, entry.values);
    else
      usage.add(entry.meter, entry.values, entry.quantity, entry.day);
  }
  for (const auto& [meter, quantity] : document.used_to_date)
    usage.add_used_to_date(meter, quantity);
  for (size_t i = 0; i < document.commitments.size(); ++i)
    usage.commitments()[i] = {.billed = document.commitments[i].billed,
                              .due = document.commitments[i].due};
  for (size_t i = 0; i < document.fees_due.size(); ++i) usage.fees_due()[i] = document.fees_due[i];
  for (uint32_t pool = 0; pool < document.available.size(); ++pool)
    usage.add_available(pool, document.available[pool]);
}

std::string to_string(const Document& document, const dsl::RateCard& card) {
  std::string text = fmt::format("{} of {} days{}\n", document.covered_days, document.period_days,
                                 document.final ? "" : ", period goes on");
  for (const auto& [meter, quantity] : document.used_to_date)
    text += fmt::format("used to date of {}: {}\n", card.meters[meter].name, quantity.to_string());
  for (const auto& state : document.commitments)
    text +=
        fmt::format("commitment: {} billed to date{}\n", state.billed, state.due ? ", due" : "");
  for (size_t i = 0; i < document.fees_due.size(); ++i)
    if (card.fees[i].has_term() && !document.fees_due[i])
      text += fmt::format("fee {} is not due\n", card.fees[i].name);
  for (size_t i = 0; i < document.available.size(); ++i)
    text += fmt::format("pool {}: {}\n", card.pools[i].name, document.available[i].to_string());
  for (const auto& entry : document.entries) {
    const auto& meter = card.meters[entry.meter];
    std::vector<std::string> values;
    for (size_t i = 0; i < entry.values.size(); ++i)
      values.push_back(card.dimensions[meter.dimensions[i]].values[entry.values[i]]);
    text += fmt::format("use {} {}: {} {}, day {}{}\n", meter.name, fmt::join(values, ", "),
                        entry.quantity.to_string(), meter.unit_plural, entry.day,
                        entry.names_only ? ", named only" : "");
  }
  return text;
}

UsageGenerator::UsageGenerator(const dsl::RateCard& card, const compiler::RatingProgram& program,
                               uint64_t seed)
    : card_(card),
      program_(program),
      points_(card.meters.size()),
      money_places_(card.meters.size()),
      random_(seed) {
  for (size_t i = 0; i < card.charges.size(); ++i) {
    const dsl::Charge& charge = card.charges[i];
    if (charge.is_share()) continue;
    auto& points = points_[charge.meter];
    add_points(charge, points);
    points.push_back(program.charges[i].narrow_max);
    money_places_[charge.meter] =
        std::max(money_places_[charge.meter], static_cast<int>(program.charges[i].narrow_scale));
    points.push_back(program.charges[i].narrow_scaled_max /
                     power_of_ten(static_cast<int>(program.charges[i].narrow_scale)));
    for (const auto& table : charge.tables)
      for (const auto& tier : table.tiers)
        for (size_t k = 0; k < charge.tier_meters.size(); ++k)
          add_bounds(charge, tier, k, points_[charge.tier_meters[k]]);
  }
  for (auto& points : points_) points.push_back(1);
}

Fraction UsageGenerator::draw_number(uint32_t meter, Style style) {
  constexpr std::array kPlaces = {0, 0, 1, 2, 6, 18};
  const Fraction& point = random_.pick(points_[meter]);
  const int whole = in_cents_ ? money_places_[meter] : 0;
  const Fraction nudge = 1 / power_of_ten(style == Style::Whole ? whole : random_.pick(kPlaces));
  switch (random_.below(style == Style::Long ? 12 : 10)) {
    case 0:
      return 0;
    case 1:
    case 2:
      return point;
    case 3:
      return point + nudge;
    case 4:
      return point - nudge;
    case 5:
      return point * random_.between(2, 20) + (random_.chance(50) ? Fraction(0) : nudge);
    case 6:
      return Fraction(Integer(1) << random_.below(60)) + random_.between(-1, 1);
    case 7:
      return power_of_ten(static_cast<int>(random_.below(18)));
    case 8:
      return random_.between(1, 2'000'000'000) / power_of_ten(whole);
    case 9:
      return Fraction(random_.between(1, 40'000), 16);
    default:
      return random_.between(1, 999'999'999'999'999'999) +
             Fraction(random_.between(0, 999'999'999), 1'000'000'000);
  }
}

Decimal UsageGenerator::draw_quantity(uint32_t meter, Style style) {
  constexpr std::array kPlaces = {1, 2, 3, 6, 9, 18};
  const Fraction number = draw_number(meter, style);
  const int whole = in_cents_ ? money_places_[meter] : 0;
  const int places = style == Style::Whole ? whole : random_.pick(kPlaces);
  Decimal quantity = to_quantity(number, places);
  if (random_.chance(50)) quantity = quantity.normalized();
  return quantity;
}

Document UsageGenerator::draw_period() {
  constexpr std::array kDays = {1, 7, 28, 30, 31, 90, 365, 366};
  Document document;
  document.period_days = random_.pick(kDays);
  document.covered_days = document.period_days;
  if (random_.chance(30))
    document.covered_days = static_cast<int>(random_.between(0, document.period_days));
  document.final = random_.chance(75);
  document.available.assign(card_.pools.size(), {});
  for (const auto& charge : card_.charges) {
    const auto longer = [](const dsl::QuantityStep& step) { return step.per.has_value(); };
    if (std::ranges::any_of(charge.quantity_steps, longer) && random_.chance(70))
      document.used_to_date.emplace_back(
          charge.meter,
          draw_quantity(charge.meter, random_.chance(70) ? Style::Whole : Style::Mixed));
  }
  for (size_t i = 0; i < card_.fees.size(); ++i) document.fees_due.push_back(random_.chance(60));
  for (const auto& step : card_.bill_steps) {
    if (!step.commitment) continue;
    const int64_t most = step.amount_minor + 1'000;
    document.commitments.push_back(
        {.billed = random_.chance(30) ? 0 : random_.between(0, most), .due = random_.chance(75)});
  }
  return document;
}

void UsageGenerator::fill(uint32_t charge, Document& document) {
  const compiler::Charge& lowered = program_.charges[charge];
  if (card_.charges[charge].is_share()) return;
  const uint32_t meter = card_.charges[charge].meter;
  std::erase_if(document.entries, [&](const Entry& entry) { return entry.meter == meter; });
  std::vector<Entry> filled = {
      {.meter = meter, .values = {}, .quantity = to_quantity(lowered.narrow_max, 0)}};
  for (const uint32_t dimension : card_.meters[meter].dimensions) {
    const std::vector<Entry> shorter = std::exchange(filled, {});
    for (const uint32_t value : one_of_each_class(lowered, dimension)) {
      for (Entry entry : shorter) {
        entry.values.push_back(value);
        filled.push_back(std::move(entry));
      }
    }
  }
  document.entries.insert(document.entries.end(), filled.begin(), filled.end());
}

/// One value for each class of a split dimension; of another dimension, any one.
std::vector<uint32_t> UsageGenerator::one_of_each_class(const compiler::Charge& charge,
                                                        uint32_t dimension) {
  const auto split = std::ranges::find(charge.splits, dimension, &compiler::Split::dimension);
  if (split == charge.splits.end())
    return {static_cast<uint32_t>(random_.below(card_.dimensions[dimension].values.size()))};
  std::map<uint32_t, uint32_t> value_of_class;
  for (uint32_t value = 0; value < split->class_of_value.size(); ++value)
    value_of_class.try_emplace(split->class_of_value[value], value);
  std::vector<uint32_t> values;
  for (const auto& [of_class, value] : value_of_class) values.push_back(value);
  return values;
}

Document UsageGenerator::draw() {
  Document document = draw_period();
  in_cents_ = random_.chance(90);
  const Style style = random_.chance(40)   ? Style::Whole
                      : random_.chance(80) ? Style::Mixed
                                           : Style::Long;
  for (uint32_t meter = 0; meter < card_.meters.size(); ++meter)
    draw_entries(meter, style, document);
  if (random_.chance(8) && !card_.charges.empty())
    fill(static_cast<uint32_t>(random_.below(card_.charges.size())), document);
  fill_pools(document);
  return document;
}

void UsageGenerator::fill_pools(Document& document) {
  document.available.assign(card_.pools.size(), {});
  for (size_t i = 0; i < card_.pools.size(); ++i) {
    const int places = card_.pools[i].credit ? static_cast<int>(random_.below(7)) : 0;
    switch (random_.below(6)) {
      case 0:
        break;
      case 1:
        document.available[i] =
            *Ratio::of(Decimal{random_.between(1, 1'000), std::min(places, 2)});
        break;
      case 2:
        document.available[i] =
            *Ratio::of(Decimal{random_.between(1, 999'999'999'999), places});
        break;
      case 3:
        document.available[i] = part_left(static_cast<uint32_t>(i));
        break;
      default:
        document.available[i] = *Ratio::of(near_use(static_cast<uint32_t>(i), document));
    }
  }
}

/// What other prices left: in parts that few of the card's own prices know.
Ratio UsageGenerator::part_left(uint32_t pool) {
  constexpr std::array<Int128, 6> kParts = {3, 7, 900, 3'600, 9'000'000'007, 1LL << 40};
  if (!card_.pools[pool].credit) return Ratio(random_.between(1, 1'000));
  return Ratio::of(random_.between(1, 999'999'999), random_.pick(kParts));
}

/// What is charged, or a little more or less.
Decimal UsageGenerator::near_use(uint32_t pool, const Document& document) {
  const bool money = !card_.pools[pool].credit;
  const Bill bill = rate_exactly(card_, to_usage(document));
  Fraction sum = money ? Fraction(bill.total) : Fraction(0);
  for (const Line& line : bill.lines)
    if (!money && line.in_credits) sum += line.exact;
  const int places = money ? 0 : static_cast<int>(random_.below(7));
  sum += random_.between(-1, 1) / power_of_ten(places);
  return to_quantity(sum, places);
}

/// Of a meter that is priced by item or day: many now and then, and many that are equal.
void UsageGenerator::draw_entries(uint32_t meter, Style style, Document& document) {
  const bool by_item = card_.meters[meter].grain != dsl::Grain::Cell;
  auto count = random_.between(0, card_.meters[meter].dimensions.empty() ? 2 : 5);
  if (by_item && random_.chance(75)) count *= random_.between(4, 12);
  for (int i = 0; i < count; ++i) {
    if (by_item && i > 0 && random_.chance(30)) {
      document.entries.push_back(document.entries.back());
      continue;
    }
    Entry entry{.meter = meter,
                .values = {},
                .quantity = draw_quantity(meter, style),
                .day = static_cast<uint32_t>(random_.below(random_.chance(50) ? 3 : 31))};
    for (uint32_t dimension : card_.meters[meter].dimensions) {
      const auto values = card_.dimensions[dimension].values.size();
      entry.values.push_back(static_cast<uint32_t>(random_.below(values)));
    }
    entry.names_only = by_item && random_.chance(5);
    if (entry.names_only) entry.quantity = {};
    document.entries.push_back(std::move(entry));
  }
}

}  // namespace toll::differential
