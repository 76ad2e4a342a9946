#include "compiler/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/charge.h"
#include "compiler/lower/pools.h"

namespace toll::compiler {
namespace {

dsl::Diagnostic needs_too_much(const dsl::Charge& charge) {
  dsl::Diagnostic result = dsl::diagnostic(
      "E130", fmt::format("the prices of `{}` cannot be computed exactly", charge.name),
      charge.source.place, "together its numbers need more than 128 bits");
  result.notes.push_back({"why",
                          "Toll multiplies every price out to one common fraction of a cent "
                          "and never rounds on the way"});
  result.notes.push_back({"help",
                          "write fewer decimals in prices and percentages, fewer percentages "
                          "in one charge, or smaller tier bounds"});
  return result;
}

dsl::Diagnostic too_many_parts(const dsl::Charge& charge) {
  dsl::Diagnostic result = dsl::diagnostic(
      "E131",
      fmt::format("the conditions of `{}` split it into more than {} parts", charge.name,
                  kPartsMax),
      charge.source.place, "every `when` on a dimension outside `by` can double the parts");
  result.notes.push_back(
      {"help", "list the dimensions of the conditions after `by`, or split the charge"});
  return result;
}

dsl::Diagnostic bill_needs_too_much(const dsl::RateCard& card) {
  dsl::Diagnostic result =
      dsl::diagnostic("E130", "the bill of this card cannot be added up exactly", card.source.place,
                      "together its charges need a fraction of more than 128 bits");
  result.notes.push_back(
      {"why",
       "a card that rounds each bill adds all lines up in one common fraction of "
       "a cent"});
  result.notes.push_back(
      {"help", "write fewer decimals in prices and percentages, or `round each line`"});
  return result;
}

/// False where it does not fit.
bool find_bill_denominator(RatingProgram& program) {
  Fold fold;
  for (const Charge& charge : program.charges)
    if (!charge.in_credits)
      program.bill_denominator = fold.lcm(program.bill_denominator, charge.denominator);
  for (const CreditStep& step : program.credit_steps)
    program.bill_denominator = fold.lcm(program.bill_denominator, step.price_denominator);
  for (const BillStep& step : program.bill_steps)
    program.bill_denominator = fold.mul(program.bill_denominator, step.denominator);
  const Int128 divisor = fold.mul(program.bill_denominator, program.rounding_step);
  return fold.fits && divisor <= power_of_ten(kDenominatorDigitsMax);
}

dsl::Diagnostic pools_need_too_much(const dsl::RateCard& card) {
  dsl::Diagnostic result = dsl::diagnostic(
      "E130", "what is beyond the pools of this card cannot be computed exactly",
      card.pools.front().source.place, "together its numbers need more than 128 bits");
  result.notes.push_back({"why",
                          "all charges in one credit unit are added up in one common fraction of "
                          "a credit, and priced in that"});
  result.notes.push_back({"help", "write fewer decimals in prices and percentages"});
  return result;
}

std::vector<MeterUse> uses_of_meters(const dsl::RateCard& card) {
  std::vector<MeterUse> uses(card.meters.size());
  for (uint32_t i = 0; i < card.charges.size(); ++i) {
    const dsl::Charge& charge = card.charges[i];
    if (!charge.is_share()) uses[charge.meter].charges.push_back(i);
    for (uint32_t k = 0; k < charge.tier_meters.size(); ++k)
      uses[charge.tier_meters[k]].totals.push_back({i, k});
  }
  return uses;
}

BillStep lower_bill_step(const dsl::BillStep& step, uint32_t& commitments) {
  BillStep result;
  result.kind = step.kind;
  result.percent = step.fraction.has_value();
  result.amount = step.amount_minor;
  result.prorated = step.prorated_by_day;
  if (step.commitment) {
    result.commitment = commitments++;
    result.counts = step.commitment->counts;
  }
  if (step.fraction) {
    result.numerator = step.fraction->numerator();
    result.denominator = step.fraction->denominator();
  }
  return result;
}

}  // namespace

std::expected<RatingProgram, dsl::Diagnostic> lower(const dsl::RateCard& card) {
  RatingProgram program;
  program.items = card.items;
  program.meters = uses_of_meters(card);
  program.rounding = card.rounding;
  program.rounding_place = card.rounding_place;
  program.prorates_fees = std::ranges::any_of(card.fees, &dsl::Fee::prorated_by_day);
  program.rounding_step = card.rounding_step_minor;
  for (const dsl::Fee& fee : card.fees)
    program.fees.push_back(
        {.amount = fee.amount_minor, .prorated = fee.prorated_by_day, .by_term = fee.has_term()});
  for (const dsl::Charge& charge : card.charges) {
    Fold fold;
    program.charges.push_back(lower_charge(card, charge, program.charges, fold));
    for (const QuantityStep& step : program.charges.back().quantity_steps)
      if (step.kind == QuantityStep::Kind::SubtractShare)
        program.charges[step.charge].keeps_amounts = true;
    if (program.charges.back().parts > kPartsMax) return std::unexpected(too_many_parts(charge));
    const Int128 divisor = fold.mul(program.charges.back().denominator, program.rounding_step);
    if (!fold.fits || divisor > power_of_ten(kDenominatorDigitsMax))
      return std::unexpected(needs_too_much(charge));
  }
  Fold pools;
  lower_pools(card, program, pools);
  if (!pools.fits) return std::unexpected(pools_need_too_much(card));
  uint32_t commitments = 0;
  for (const dsl::BillStep& step : card.bill_steps)
    program.bill_steps.push_back(lower_bill_step(step, commitments));
  if (card.rounding_place == dsl::RoundingPlace::Bill && !find_bill_denominator(program))
    return std::unexpected(bill_needs_too_much(card));
  return program;
}

}  // namespace toll::compiler
