#include "compiler/lower/charge.h"

#include <algorithm>
#include <map>

#include "compiler/lower.h"
#include "compiler/rating.h"

namespace toll::compiler {
namespace {

using dsl::syntax::MoneyLine;

/// E: every quantity that the charge names is whole in 1/E.
Int128 quantity_denominator(const dsl::Charge& charge, std::span<const Charge> charges,
                            Fold& fold) {
  Int128 result = 1;
  for (const dsl::QuantityStep& step : charge.quantity_steps) {
    Int128 own = step.quantity.denominator();  // of a number of items: 1
    // A share is so much for each 1/D of the other charge.
    if (step.kind == dsl::QuantityStep::Kind::IncludedShare)
      own = fold.mul(own, charges[step.of].denominator);
    result = fold.lcm(result, own);
  }
  for (const dsl::PriceTable& table : charge.tables) {
    for (const dsl::Tier& tier : table.tiers) {
      if (tier.up_to) result = fold.lcm(result, tier.up_to->denominator());
      for (const Ratio& bound : tier.also_up_to) result = fold.lcm(result, bound.denominator());
      for (const dsl::Term& term : tier.terms)
        if (term.kind == dsl::syntax::Term::Kind::PerStarted)
          result = fold.lcm(result, term.block.denominator());
    }
  }
  return result;
}

/// P: every price is a whole number of 1/P minor units.
Int128 price_denominator(const dsl::Charge& charge, Fold& fold) {
  Int128 result = 1;
  for (const dsl::PriceTable& table : charge.tables)
    for (const dsl::Tier& tier : table.tiers)
      for (const dsl::Term& term : tier.terms)
        result = fold.lcm(result, term.price_minor.denominator());
  return result;
}

/// Turns the tiers of a table into pieces.
class TableFolder {
 public:
  TableFolder(const dsl::RateCard& card, const Charge& charge, Fold& fold)
      : card_(card), charge_(charge), fold_(fold) {}

  Table operator()(const dsl::PriceTable& table) {
    const bool graduated = table.kind == dsl::TierKind::Graduated;
    Table result;
    result.graduated = graduated;
    result.rounds_tiers =
        graduated && card_.rounding_place == dsl::RoundingPlace::Tier && !charge_.in_credits;
    full_below_ = bound_below_ = 0;
    for (uint32_t i = 0; i < table.tiers.size(); ++i) {
      const dsl::Tier& tier = table.tiers[i];
      Piece piece =
          lower_terms(tier.terms, charge_.quantity_denominator, charge_.price_denominator, fold_);
      piece.tier = i;
      const bool own = charge_.tier_by == dsl::TierBy::Own;
      if (own && tier.up_to && tier.up_to->is_zero()) {
        // Due at quantity 0 in every kind, and in graduated tables above it as well.
        full_below_ = slice_cost(result, piece.start);
        result.at_zero =
            result.rounds_tiers ? fold_.mul(full_below_, charge_.price_denominator) : full_below_;
        continue;
      }
      if (tier.up_to) piece.up_to = fold_.whole(*tier.up_to, charge_.quantity_denominator);
      for (const Ratio& bound : tier.also_up_to)
        piece.also_up_to.push_back(fold_.whole(bound, charge_.quantity_denominator));
      piece.also_up_to.resize(
          charge_.tier_by == dsl::TierBy::Joint ? charge_.tier_meters.size() : 0, kInt128Max);
      if (graduated) stack(result, piece);
      result.pieces.push_back(std::move(piece));
    }
    return result;
  }

 private:
  /// Puts a piece of a graduated table on the full tiers below it.
  void stack(const Table& table, Piece& piece) {
    piece.lower = bound_below_;
    Int128 slice = piece.up_to == kInt128Max ? 0 : at_upper_bound(piece);
    (table.rounds_tiers ? piece.below : piece.start) =
        table.rounds_tiers ? full_below_ : fold_.add(piece.start, full_below_);
    full_below_ = fold_.add(full_below_, slice_cost(table, slice));
    bound_below_ = piece.up_to;
  }

  /// In 1/(E x P), or rounded, in minor units.
  Int128 slice_cost(const Table& table, Int128 amount) {
    if (!table.rounds_tiers) return amount;
    const Int128 divisor = fold_.mul(charge_.price_denominator, card_.rounding_step_minor);
    return fold_.mul(div_round(amount, divisor, card_.rounding), card_.rounding_step_minor);
  }

  Int128 at_upper_bound(const Piece& piece) {
    if (!fold_.fits) return 0;
    const Int128 width = piece.up_to - piece.lower;
    Int128 amount = fold_.add(piece.start, fold_.mul(width, piece.price));
    for (const Block& block : piece.blocks) {
      const Int128 started = div_round(width, block.size, RoundingMode::Up);
      amount = fold_.add(amount, fold_.mul(started, block.price));
    }
    return amount;
  }

  const dsl::RateCard& card_;
  const Charge& charge_;
  Fold& fold_;
  Int128 full_below_ = 0;  // graduated: what all tiers so far cost when full, as slice_cost has it
  Int128 bound_below_ = 0;
};

QuantityStep lower_quantity_step(const dsl::QuantityStep& step, Int128 denominator, Fold& fold) {
  using Kind = QuantityStep::Kind;
  QuantityStep result;
  result.amount = fold.whole(step.quantity, denominator);
  if (step.kind == dsl::QuantityStep::Kind::Rounded) {
    result.kind = Kind::Round;
    result.mode = step.mode;
  } else {
    result.kind = step.reach == dsl::Reach::Shared ? Kind::SubtractShared : Kind::Subtract;
    result.prorated = step.prorated;
    result.to_date = step.per.has_value();
    // Rating scales it by days and rounds it, perhaps up to the next whole unit.
    if (step.prorated) fold.mul(fold.add(result.amount, denominator), kPeriodDaysMax);
  }
  return result;
}

/// The shared allowances of a charge by item stand together and are one step.
void add_free_items(const dsl::Charge& charge, uint32_t index, Charge& result, Fold& fold) {
  const dsl::QuantityStep& step = charge.quantity_steps[index];
  using Kind = QuantityStep::Kind;
  std::vector<QuantityStep>& steps = result.quantity_steps;
  if (steps.empty() || steps.back().kind != Kind::FreeItems)
    steps.push_back({.kind = Kind::FreeItems, .amount = kInt128Max});
  if (step.kind == dsl::QuantityStep::Kind::IncludedItems)
    steps.back().items = static_cast<int64_t>(step.quantity.numerator());
  else
    steps.back().amount = fold.whole(step.quantity, result.quantity_denominator);
  if (step.kind == dsl::QuantityStep::Kind::Included) steps.back().step = index;
}

/// Of an amount in 1/D of the other charge, an allowance in 1/E of this one.
QuantityStep lower_share(const dsl::QuantityStep& step, std::span<const Charge> charges,
                         Int128 denominator, Fold& fold) {
  const Int128 whole = fold.whole(step.quantity, denominator);
  return {.kind = QuantityStep::Kind::SubtractShare,
          .amount = fold.fits ? whole / charges[step.of].denominator : 1,
          .charge = step.of};
}

void lower_quantity_steps(const dsl::Charge& charge, std::span<const Charge> charges,
                          Charge& result, Fold& fold) {
  for (uint32_t i = 0; i < charge.quantity_steps.size(); ++i) {
    const dsl::QuantityStep& step = charge.quantity_steps[i];
    if (charge.grain != dsl::Grain::Cell && step.reach == dsl::Reach::Shared) {
      add_free_items(charge, i, result, fold);
      continue;
    }
    result.quantity_steps.push_back(
        step.kind == dsl::QuantityStep::Kind::IncludedShare
            ? lower_share(step, charges, result.quantity_denominator, fold)
            : lower_quantity_step(step, result.quantity_denominator, fold));
    result.quantity_steps.back().step = i;
  }
}

/// Cells and the parts of a cell.
void lay_out(const dsl::RateCard& card, const dsl::Charge& charge, Charge& result) {
  result.cell_strides.resize(charge.by.size());
  for (size_t i = charge.by.size(); i-- > 0;) {
    result.cell_strides[i] = result.cells;
    result.cells *= static_cast<uint32_t>(card.dimensions[charge.by[i]].values.size());
  }
  result.table_of_cell = charge.table_of_cell;
  result.rank_of_cell.resize(result.cells);
  for (uint32_t rank = 0; rank < charge.cells_in_row_order.size(); ++rank)
    result.rank_of_cell[charge.cells_in_row_order[rank]] = rank;

  // Two values of a split dimension are alike when the same conditions name them.
  std::map<uint32_t, std::vector<std::vector<bool>>> named;  // by dimension, then value
  for (const dsl::MoneyStep& step : charge.money_steps) {
    if (!step.condition || step.condition->in_by) continue;
    auto& values = named[step.condition->dimension];
    values.resize(card.dimensions[step.condition->dimension].values.size());
    for (std::vector<bool>& marks : values) marks.push_back(false);
    for (uint32_t value : step.condition->values) values[value].back() = true;
  }
  for (const auto& [dimension, values] : named) {
    Split split{.dimension = dimension, .stride = result.parts, .class_of_value = {}};
    std::map<std::vector<bool>, uint32_t> classes;
    for (const std::vector<bool>& marks : values)
      split.class_of_value.push_back(
          classes.emplace(marks, static_cast<uint32_t>(classes.size())).first->second);
    result.parts = std::min<uint64_t>(uint64_t{result.parts} * classes.size(), kPartsMax + 1);
    result.splits.push_back(std::move(split));
  }
}

Condition lower_condition(const dsl::RateCard& card, const dsl::Charge& charge,
                          const dsl::Condition& condition, const Charge& layout) {
  Condition result;
  if (condition.in_by) {
    size_t place = 0;
    while (charge.by[place] != condition.dimension) ++place;
    result.stride = layout.cell_strides[place];
    result.holds.resize(card.dimensions[condition.dimension].values.size());
    for (uint32_t value : condition.values) result.holds[value] = true;
    return result;
  }
  result.of = Condition::Of::Part;
  for (const Split& split : layout.splits) {
    if (split.dimension != condition.dimension) continue;
    result.stride = split.stride;
    for (uint32_t part : split.class_of_value)
      if (part >= result.holds.size()) result.holds.resize(part + 1);
    for (uint32_t value : condition.values) result.holds[split.class_of_value[value]] = true;
  }
  return result;
}

MoneyStep lower_money_step(const dsl::RateCard& card, const dsl::MoneyStep& step,
                           Int128 denominator, Fold& fold) {
  using Kind = MoneyStep::Kind;
  MoneyStep result;
  if (step.fraction) {
    const bool discount = step.kind == MoneyLine::Kind::Discount;
    const Int128 n = step.fraction->numerator(), d = step.fraction->denominator();
    const Ratio factor = Ratio::of(fold.add(d, discount ? -n : n), d);
    result.numerator = factor.numerator();
    result.denominator = factor.denominator();
    return result;
  }
  switch (step.kind) {
    case MoneyLine::Kind::Discount:
      result.kind = Kind::Subtract;
      break;
    case MoneyLine::Kind::Surcharge:
      result.kind = Kind::Add;
      break;
    case MoneyLine::Kind::Minimum:
      result.kind = Kind::AtLeast;
      break;
    case MoneyLine::Kind::Maximum:
      result.kind = Kind::AtMost;
      break;
  }
  result.amount = fold.mul(step.amount_minor, denominator);
  if (step.prorated_by_day) {
    result.prorated = step.amount_minor;
    // Rating rounds a part of it, perhaps up.
    fold.mul(fold.add(step.amount_minor, card.rounding_step_minor), denominator);
  }
  return result;
}

void lower_money_steps(const dsl::RateCard& card, const dsl::Charge& charge, Charge& result,
                       Fold& fold) {
  result.denominator = result.price_denominator;
  for (uint32_t i = 0; i < charge.money_steps.size(); ++i) {
    const dsl::MoneyStep& step = charge.money_steps[i];
    if (step.reach == dsl::Reach::Shared) {
      result.shared_steps.push_back({.kind = step.kind,
                                     .amount = step.amount_minor,
                                     .prorated = step.prorated_by_day,
                                     .step = i});
      continue;
    }
    MoneyStep lowered = lower_money_step(card, step, result.denominator, fold);
    lowered.step = i;
    lowered.at_once = charge.grain != dsl::Grain::Cell;
    result.denominator = fold.mul(result.denominator, lowered.denominator);
    if (step.condition) lowered.condition = lower_condition(card, charge, *step.condition, result);
    result.money_steps.push_back(std::move(lowered));
    if (charge.grain == dsl::Grain::Cell && step.condition && !step.condition->in_by)
      result.steps_on_parts = static_cast<uint32_t>(result.money_steps.size());
  }
}

void find_narrow_ranges(const dsl::RateCard& card, const dsl::Charge& charge, Charge& result) {
  result.narrow_max = narrow_max(result, card.rounding_step_minor, 0);
  if (charge.is_share() || charge.tier_by != dsl::TierBy::Own) return;
  if (card.meters[charge.meter].unit != card.currency.name()) return;
  result.narrow_scale = static_cast<uint32_t>(card.currency.exponent);
  result.narrow_scaled_max = narrow_max(result, card.rounding_step_minor, result.narrow_scale);
}

}  // namespace

/// Flat terms are its `start`.
Piece lower_terms(const std::vector<dsl::Term>& terms, Int128 quantity_denominator,
                  Int128 price_denominator, Fold& fold) {
  using Kind = dsl::syntax::Term::Kind;
  Piece piece;
  for (const dsl::Term& term : terms) {
    if (term.kind == Kind::PerUnit) {
      const Int128 per_unit = price_denominator / quantity_denominator;
      piece.price = fold.add(piece.price, fold.whole(term.price_minor, per_unit));
      continue;
    }
    const Int128 amount = fold.whole(term.price_minor, price_denominator);
    if (term.kind == Kind::Flat)
      piece.start = fold.add(piece.start, amount);
    else
      piece.blocks.push_back(
          {.size = fold.whole(term.block, quantity_denominator), .price = amount});
  }
  return piece;
}

Charge lower_charge(const dsl::RateCard& card, const dsl::Charge& charge,
                    std::span<const Charge> charges, Fold& fold) {
  Charge result;
  result.share_of = charge.share_of;
  result.tier_by = charge.tier_by;
  result.tier_meters = charge.tier_meters;
  result.grain = charge.grain;
  result.in_credits = charge.credit.has_value();
  result.rounds_items = !result.in_credits && charge.grain == dsl::Grain::Item &&
                        card.rounding_place == dsl::RoundingPlace::Item;
  lay_out(card, charge, result);
  result.quantity_denominator = quantity_denominator(charge, charges, fold);
  result.price_denominator = fold.mul(result.quantity_denominator, price_denominator(charge, fold));
  lower_quantity_steps(charge, charges, result, fold);
  result.to_date = std::ranges::any_of(result.quantity_steps, &QuantityStep::to_date);
  for (const dsl::PriceTable& table : charge.tables)
    result.tables.push_back(TableFolder(card, result, fold)(table));
  lower_money_steps(card, charge, result, fold);
  if (fold.fits) find_narrow_ranges(card, charge, result);
  return result;
}

}  // namespace toll::compiler
