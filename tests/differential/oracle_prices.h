// What the oracle does with one number: prices, steps, and whether it fits.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "tests/differential/oracle.h"

namespace toll::differential {

using MoneyKind = dsl::syntax::MoneyLine::Kind;
using QuantityKind = dsl::QuantityStep::Kind;

Fraction power_of_ten(int exponent);

/// The one way in which an open table can fail: a number that leaves 128 bits. On a line that
/// prices usage, every quantity is a whole number of 1/(E x 10^s) and every amount of 1/(D x 10^s),
/// and each must be at most 2^127 - 1 after each step:
///
///   E   least common multiple of the denominators of the charge's allowances, rounding steps, tier
///       bounds (also those in another meter's unit) and block sizes; of a share of another charge
///       that of the share times its D;
///   D   E x the least common multiple of the denominators of its prices at first; each percentage
///       step, also one whose condition fails, multiplies it by the reduced denominator of 1 +- p;
///   s   fewest decimal places at which the charge's quantities of this usage are whole, once the
///       entries of one cell and part have been added up; so are those of meters that choose its
///       tier, in all, and what was used to date; of a charge by item or by day those of its items;
///       at least the s of a charge that this one takes a share of.
///
/// What another meter or the sum of all cells chooses a tier by is worked out before the first line
/// of the charge, and so is what is left of an allowance for more than the period, and a sum that
/// items share. Constants do not count, only what steps yield, and what a quantity is rounded to.
/// Of one line the first failing step in order of evaluation decides; last comes D x 10^s x
/// rounding step. A bill line in per cent has the denominator of p for its D, and s = 0. Every
/// rounded amount must fit 64 bits.
struct Widths {
  Integer quantity = 1;  // E x 10^s
  Integer amount = 1;    // D x 10^s
};

void require_fit(const Fraction& value, const Integer& unit_parts);

/// After a percentage step.
Widths widened(Widths widths, const dsl::MoneyStep& step);

/// 1 - p or 1 + p.
Fraction factor_of(const dsl::MoneyStep& step);

Fraction price_of(const std::vector<dsl::Term>& terms, const Fraction& quantity);

/// `slice` is what a tier's share of a graduated amount becomes: it may be rounded. It is told
/// whether the quantity ends in that tier.
Fraction price_of(const dsl::PriceTable& table, const Fraction& quantity,
                  const std::function<Fraction(Fraction, bool)>& slice);

/// An allowance that rows share becomes less by what is taken.
Fraction after_quantity_step(const dsl::QuantityStep& step, Fraction quantity, Fraction& allowance,
                             const Widths& widths);

/// A step on an amount of one line, or on the sum of several. A discount takes what is there.
Fraction after_money_line(MoneyKind kind, const Fraction& before, const Fraction& by, bool final);

std::string_view name_of(MoneyKind kind);

}  // namespace toll::differential
