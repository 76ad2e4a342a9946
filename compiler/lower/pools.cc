#include "compiler/lower/pools.h"

#include <algorithm>

#include "compiler/lower.h"
#include "compiler/lower/charge.h"

namespace toll::compiler {
namespace {

using dsl::syntax::Term;

/// E and P: what the charges come to, and every block that is priced, is whole in 1/E.
void find_denominators(const dsl::Pool& last, const RatingProgram& program, CreditStep& step,
                       Fold& fold) {
  for (const uint32_t charge : step.charges)
    step.quantity_denominator =
        fold.lcm(step.quantity_denominator, program.charges[charge].denominator);
  Int128 prices = 1;
  for (const dsl::Term& term : last.price) {
    prices = fold.lcm(prices, term.price_minor.denominator());
    if (term.kind == Term::Kind::PerStarted)
      step.quantity_denominator = fold.lcm(step.quantity_denominator, term.block.denominator());
  }
  step.price_denominator = fold.mul(step.quantity_denominator, prices);
}

/// The charges of a pool, as places among those of the step.
std::vector<uint32_t> places_of(const dsl::Pool& pool, const CreditStep& step) {
  std::vector<uint32_t> places;
  for (uint32_t place = 0; place < step.charges.size(); ++place)
    if (std::ranges::binary_search(pool.charges, step.charges[place])) places.push_back(place);
  return places;
}

CreditStep lower_credits(const dsl::RateCard& card, uint32_t last, const RatingProgram& program,
                         Fold& fold) {
  const dsl::Pool& bills = card.pools[last];
  CreditStep step;
  step.charges = bills.charges;
  for (uint32_t i = 0; i <= last; ++i)
    if (card.pools[i].credit == bills.credit)
      step.draws.push_back({.pool = i, .charges = places_of(card.pools[i], step)});
  step.blocked = bills.beyond == dsl::Pool::Beyond::Blocked;
  find_denominators(bills, program, step, fold);
  step.price = lower_terms(bills.price, step.quantity_denominator, step.price_denominator, fold);
  const Int128 divisor = fold.mul(step.price_denominator, program.rounding_step);
  fold.fits = fold.fits && divisor <= power_of_ten(kDenominatorDigitsMax);
  return step;
}

}  // namespace

void lower_pools(const dsl::RateCard& card, RatingProgram& program, Fold& fold) {
  for (uint32_t i = 0; i < card.pools.size(); ++i) {
    if (!card.pools[i].credit)
      program.money_pools.push_back(i);
    else if (card.pools[i].beyond != dsl::Pool::Beyond::Unsaid)
      program.credit_steps.push_back(lower_credits(card, i, program, fold));
  }
}

}  // namespace toll::compiler
