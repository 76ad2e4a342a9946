#include "compiler/credit_draws.h"

#include <algorithm>

#include "base/rounding.h"
#include "compiler/bill/whole_bill.h"

namespace toll::compiler {
namespace {

/// Lines of one charge, whose sum is known to fit.
Int128 fitting_sum_of(std::span<const LineAmount> lines, Int128 unit) {
  Int128 sum = 0;
  for (const LineAmount& line : lines) sum += line.numerator;
  return lines.empty() ? 0 : in_common(sum, lines.front().denominator, unit);
}

/// Lets the pools pay for one segment, of which `open` is what is left of each charge.
void pay(const CreditStep& step, std::span<const Grant> grants, uint32_t segment,
         std::vector<Int128>& open, std::vector<Int128>& left) {
  for (const CreditStep::Draw& draw : step.draws) {
    for (const uint32_t place : draw.charges) {
      for (size_t i = 0; i < grants.size(); ++i) {
        const Grant& grant = grants[i];
        if (grant.pool != draw.pool || segment < grant.first || segment >= grant.end) continue;
        const Int128 paid = std::min(open[place], left[i]);
        open[place] -= paid;
        left[i] -= paid;
      }
    }
  }
}

}  // namespace

bool CreditParts::refine(const CreditStep& step, const Ratio& quantity) {
  const auto beside_places = [&](uint32_t places) {
    return quantity.denominator() /
           gcd(quantity.denominator(), power_of_ten(static_cast<int>(places)));
  };
  uint32_t places = scale;
  while (gcd(beside_places(places), 10) != 1 &&
         places < static_cast<uint32_t>(DecimalLimits{}.places_max))
    ++places;
  const Int128 rest = beside_places(places);
  const auto common = checked_lcm(split, rest / gcd(rest, step.quantity_denominator));
  if (!common || *common > kCreditSplitMax) return false;
  *this = {places, *common};
  return true;
}

std::vector<Int128> credits_used(const RatingProgram& program, const CreditStep& step,
                                 const RateInput& input, const RateOutput& output) {
  const Int128 unit = CreditParts{input.credit_scale, input.credit_split}.of_credit(step);
  std::vector<Int128> used(step.charges.size());
  std::vector<uint32_t> first(program.charges.size()), count(program.charges.size());
  for_each_line(program, input, [&](uint32_t line, const LineOrigin& origin) {
    if (origin.kind != LineOrigin::Kind::Cell) return;
    if (count[origin.item]++ == 0) first[origin.item] = line;
  });
  for (size_t place = 0; place < used.size(); ++place) {
    const uint32_t charge = step.charges[place];
    used[place] = fitting_sum_of({output.lines + first[charge], count[charge]}, unit);
  }
  return used;
}

std::vector<Int128> paid_by_grants(const CreditStep& step, std::span<const Grant> grants,
                                   std::span<const std::vector<Int128>> used, Int128 parts) {
  // What does not fit is more than charges that fit can use up.
  std::vector<Int128> whole;
  for (const Grant& grant : grants) {
    const Ratio& quantity = grant.quantity;
    whole.push_back(
        checked_mul(quantity.numerator(), parts / quantity.denominator()).value_or(kInt128Max));
  }
  std::vector<Int128> left = whole;
  std::vector<Int128> before(step.charges.size());
  for (uint32_t segment = 0; segment < used.size(); ++segment) {
    std::vector<Int128> open = used[segment];
    for (size_t place = 0; place < open.size(); ++place)
      open[place] = std::max<Int128>(0, open[place] - before[place]);
    pay(step, grants, segment, open, left);
    before = used[segment];
  }
  std::vector<Int128> paid;
  for (size_t i = 0; i < grants.size(); ++i) paid.push_back(whole[i] - left[i]);
  return paid;
}

std::optional<Ratio> price_beyond(const CreditStep& step, const Ratio& credits) {
  if (credits.is_zero()) return Ratio();
  const auto quantity = checked_mul(credits, Ratio(step.quantity_denominator));
  auto amount = quantity ? checked_mul(*quantity, Ratio(step.price.price)) : quantity;
  if (amount) amount = checked_add(*amount, Ratio(step.price.start));
  for (const Block& block : step.price.blocks) {
    const auto blocks = amount ? checked_div(*quantity, Ratio(block.size)) : amount;
    if (!blocks) return std::nullopt;
    const Ratio started(div_round(blocks->numerator(), blocks->denominator(), RoundingMode::Up));
    const auto price = checked_mul(started, Ratio(block.price));
    amount = price ? checked_add(*amount, *price) : price;
  }
  return amount ? checked_div(*amount, Ratio(step.price_denominator)) : amount;
}

}  // namespace toll::compiler
