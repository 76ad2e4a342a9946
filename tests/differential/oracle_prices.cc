#include "tests/differential/oracle_prices.h"

#include <algorithm>
#include <stdexcept>

namespace toll::differential {
namespace {

using boost::multiprecision::denominator;
using dsl::TierKind;
using TermKind = dsl::syntax::Term::Kind;

const Integer kMax128 = (Integer(1) << 127) - 1;

Integer ceiling(const Fraction& value) { return round_exactly(value, 1, RoundingMode::Up); }

}  // namespace

Fraction power_of_ten(int exponent) { return boost::multiprecision::pow(Integer(10), exponent); }

void require_fit(const Fraction& value, const Integer& unit_parts) {
  const Fraction whole = value * unit_parts;
  if (denominator(whole) != 1)
    throw std::logic_error("the oracle's own denominators are too small");
  if (whole > kMax128) throw Fault::TooLarge;
}

Widths widened(Widths widths, const dsl::MoneyStep& step) {
  if (step.fraction) widths.amount *= denominator(factor_of(step));
  return widths;
}

Fraction factor_of(const dsl::MoneyStep& step) {
  const Fraction part = exact(*step.fraction);
  return step.kind == MoneyKind::Discount ? Fraction(1 - part) : Fraction(1 + part);
}

Fraction price_of(const std::vector<dsl::Term>& terms, const Fraction& quantity) {
  Fraction sum = 0;
  for (const auto& term : terms) {
    const Fraction price = exact(term.price_minor);
    if (term.kind == TermKind::PerUnit) sum += price * quantity;
    if (term.kind == TermKind::PerStarted) sum += price * ceiling(quantity / exact(term.block));
    if (term.kind == TermKind::Flat) sum += price;
  }
  return sum;
}

Fraction price_of(const dsl::PriceTable& table, const Fraction& quantity,
                  const std::function<Fraction(Fraction, bool)>& slice) {
  if (table.kind == TierKind::None)
    return quantity == 0 ? Fraction(0) : price_of(table.tiers.front().terms, quantity);
  Fraction sum = 0, below = 0;
  for (const auto& tier : table.tiers) {
    const bool ends_here = !tier.up_to || quantity <= exact(*tier.up_to);
    const bool due_at_zero = tier.up_to && tier.up_to->is_zero();
    if (table.kind == TierKind::Graduated) {
      const Fraction top = ends_here ? quantity : exact(*tier.up_to);
      if (top > below || due_at_zero) sum += slice(price_of(tier.terms, top - below), ends_here);
      below = top;
      if (ends_here) return sum;
    } else if (ends_here) {
      return quantity > 0 || due_at_zero ? price_of(tier.terms, quantity) : Fraction(0);
    }
  }
  throw Fault::AboveLastTier;
}

Fraction after_quantity_step(const dsl::QuantityStep& step, Fraction quantity, Fraction& allowance,
                             const Widths& widths) {
  if (step.kind == QuantityKind::Rounded) {
    const Fraction size = exact(step.quantity);
    require_fit(size, widths.quantity);
    quantity = round_exactly(quantity / size, 1, step.mode) * size;
  } else {
    const Fraction free = std::min(quantity, allowance);
    if (step.reach == dsl::Reach::Shared) allowance -= free;
    quantity -= free;
  }
  require_fit(quantity, widths.quantity);
  return quantity;
}

Fraction after_money_line(MoneyKind kind, const Fraction& before, const Fraction& by, bool final) {
  switch (kind) {
    case MoneyKind::Discount:
      return std::max<Fraction>(0, before - by);
    case MoneyKind::Surcharge:
      return before + by;
    case MoneyKind::Minimum:
      return final ? std::max(before, by) : before;
    case MoneyKind::Maximum:
      return std::min(before, by);
  }
  throw std::logic_error("a kind of money line that the oracle does not know");
}

std::string_view name_of(MoneyKind kind) {
  constexpr std::string_view kNames[] = {"discount", "surcharge", "minimum", "maximum"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace toll::differential
