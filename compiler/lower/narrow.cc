// The range proof for 64-bit code: a bound on every intermediate value of a charge, as a function
// of the quantity. The bound grows with the quantity, so the largest one that fits is found by
// bisection.
#include <algorithm>
#include <limits>

#include "compiler/lower/charge.h"

namespace toll::compiler {
namespace {

constexpr Int128 kNarrow = std::numeric_limits<int64_t>::max();

/// Of a quantity in 1/factor; so all constants are `factor` times as large.
Int128 price_bound(const Charge& charge, const Table& table, int64_t rounding_step, Int128 factor,
                   Int128 quantity, Fold& fold) {
  const bool own = charge.tier_by == dsl::TierBy::Own;
  const auto threshold = [&](Int128 bound) {
    return checked_mul(bound, factor).value_or(kInt128Max);
  };
  Int128 bound = fold.mul(table.at_zero, factor);
  Int128 below = 0;  // a piece is reached by quantities above the bound before it, if by its own
  for (const Piece& piece : table.pieces) {
    if (own && below >= quantity) break;
    below = threshold(piece.up_to);
    const Int128 width = own ? std::min(quantity, below) - threshold(piece.lower) : quantity;
    Int128 amount = fold.add(fold.mul(piece.start, factor), fold.mul(width, piece.price));
    for (const Block& block : piece.blocks)
      amount = fold.add(amount,
                        fold.mul(width / threshold(block.size) + 1, fold.mul(block.price, factor)));
    if (table.rounds_tiers) {  // by at most a step, on what is below
      const Int128 minor = fold.add(piece.below, rounding_step);
      amount = fold.add(amount, fold.mul(minor, fold.mul(charge.price_denominator, factor)));
    }
    bound = std::max(bound, amount);
  }
  return bound;
}

/// Of a quantity in 1/factor; so all constants are `factor` times as large.
bool stays_narrow(const Charge& charge, int64_t rounding_step, Int128 factor,
                  Int128 whole_quantity) {
  Fold fold;
  const auto scaled = [&](Int128 constant) { return fold.mul(constant, factor); };
  Int128 quantity = fold.mul(whole_quantity, charge.quantity_denominator);
  for (const QuantityStep& step : charge.quantity_steps)
    if (step.kind == QuantityStep::Kind::Round) quantity = fold.add(quantity, scaled(step.amount));
  Int128 amount = 0;
  for (const Table& table : charge.tables)
    amount = std::max(amount, price_bound(charge, table, rounding_step, factor, quantity, fold));
  if (charge.grain == dsl::Grain::Cell) amount = fold.mul(amount, charge.parts);
  Int128 denominator = scaled(charge.price_denominator);
  for (const MoneyStep& step : charge.money_steps) {
    switch (step.kind) {
      case MoneyStep::Kind::Scale:
        amount = fold.mul(amount, std::max(step.numerator, step.denominator));
        break;
      case MoneyStep::Kind::Add:
        amount = fold.add(amount, scaled(step.amount));
        break;
      case MoneyStep::Kind::AtLeast:
        amount = std::max(amount, scaled(step.amount));
        if (step.prorated)  // its part of a period is rounded, by at most a step
          amount = std::max(amount, fold.mul(fold.add(*step.prorated, rounding_step), denominator));
        break;
      case MoneyStep::Kind::Subtract:
      case MoneyStep::Kind::AtMost:
        break;
    }
    denominator = fold.mul(denominator, step.denominator);
  }
  // Rounding adds up to one divisor before it divides.
  amount = fold.add(amount, fold.mul(scaled(charge.denominator), rounding_step));
  return fold.fits && std::max(quantity, amount) <= kNarrow;
}

}  // namespace

int64_t narrow_max(const Charge& charge, int64_t rounding_step, uint32_t scale) {
  if (charge.tier_by == dsl::TierBy::Joint) return -1;  // the bound is about one quantity
  const Int128 factor = power_of_ten(static_cast<int>(scale));
  if (!stays_narrow(charge, rounding_step, factor, 0)) return -1;
  Int128 fits = 0, fails = kNarrow;
  while (fails - fits > 1) {
    const Int128 middle = fits + (fails - fits) / 2;
    (stays_narrow(charge, rounding_step, factor, middle) ? fits : fails) = middle;
  }
  return static_cast<int64_t>(fits);
}

}  // namespace toll::compiler
