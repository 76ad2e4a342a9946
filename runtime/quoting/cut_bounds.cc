#include "runtime/quoting/cut_bounds.h"

#include <algorithm>
#include <utility>

#include "base/rounding.h"
#include "compiler/interpreter.h"
#include "runtime/quoting/answer_writer.h"

namespace toll::runtime {
namespace {

using compiler::Charge;
using compiler::LineAmount;
using compiler::LineOrigin;
using compiler::MoneyStep;
using compiler::RateInput;
using compiler::RateOutput;
using compiler::RatingProgram;
using compiler::SharedStep;
using SharedKind = dsl::syntax::MoneyLine::Kind;

bool is_bound(const MoneyStep& step) {
  return step.kind == MoneyStep::Kind::AtLeast || step.kind == MoneyStep::Kind::AtMost;
}

bool is_bound(const SharedStep& step) {
  return step.kind == SharedKind::Minimum || step.kind == SharedKind::Maximum;
}

bool any_bound(const auto& steps) {
  return std::ranges::any_of(steps, [](const auto& step) { return is_bound(step); });
}

/// Those of an item or a day are none of a row.
bool bounds_rows(const Charge& charge) {
  return charge.grain == dsl::Grain::Cell && any_bound(charge.money_steps);
}

bool has_bounds(const Charge& charge) {
  return bounds_rows(charge) || any_bound(charge.shared_steps);
}

/// Whether it depends on what other charges come to.
bool reads_others(const Charge& charge) {
  return !charge.share_of.empty() ||
         std::ranges::any_of(charge.quantity_steps, [](const compiler::QuantityStep& step) {
           return step.kind == compiler::QuantityStep::Kind::SubtractShare;
         });
}

/// The lines stay as they are, so that origins are those of the whole program.
void take_bounds_off(Charge& charge) {
  if (charge.grain == dsl::Grain::Cell)
    for (MoneyStep& step : charge.money_steps) {
      if (!is_bound(step)) continue;
      step.kind = MoneyStep::Kind::Scale;  // by 1
      step.prorated.reset();
    }
  for (SharedStep& step : charge.shared_steps) {
    if (!is_bound(step)) continue;
    step.kind = SharedKind::Discount;
    step.amount = 0;
    step.prorated = false;
  }
}

/// Puts the lines of these charges, rated without their bounds, into `lines`.
std::expected<void, Refusal> rate_without(const Revision& revision, const RatingProgram& whole,
                                          const RateInput& input,
                                          const std::vector<uint32_t>& charges,
                                          std::vector<LineAmount>& lines) {
  const RatingProgram program = without_bounds(whole, charges);
  std::vector<LineAmount> without(lines.size());
  RateOutput output{.lines = without.data()};
  compiler::interpret(program, input, output);
  if (output.fault != compiler::FaultKind::None)
    return std::unexpected(refusal_of(revision, input, output));
  compiler::for_each_line(program, input, [&](uint32_t line, const LineOrigin& origin) {
    if (is_of_charge(origin) && std::ranges::find(charges, origin.item) != charges.end())
      lines[line] = without[line];
  });
  return {};
}

/// Of lines by `program` puts in place of those of charges with bounds what they are without.
std::expected<std::vector<LineAmount>, Refusal> with_bounds_off(const Revision& revision,
                                                                const RatingProgram& program,
                                                                const RateInput& given,
                                                                std::vector<LineAmount> lines) {
  const std::vector<Int128> available = plenty_for(revision.card());
  RateInput input = given;
  input.available = available.data();
  const auto groups = rated_together(program);
  for (size_t i = 1; i < groups.size(); ++i) {
    if (groups[i].empty()) continue;
    if (auto fine = rate_without(revision, program, input, groups[i], lines); !fine)
      return std::unexpected(std::move(fine.error()));
  }
  return lines;
}

/// The D of a charge at its `at`th step.
std::optional<Int128> denominator_at(const Charge& charge, size_t at) {
  std::optional<Int128> denominator = charge.price_denominator;
  for (size_t i = 0; denominator && i < at; ++i)
    denominator = checked_mul(*denominator, charge.money_steps[i].denominator);
  return denominator;
}

bool holds(const MoneyStep& step, uint32_t cell) {
  return !step.condition || (*step.condition)(cell, 0);
}

Ratio positive(const std::optional<Ratio>& value) {
  return std::max(Ratio(), value.value_or(Ratio()));
}

}  // namespace

std::vector<Int128> plenty_for(const dsl::RateCard& card) {
  std::vector<Int128> available;
  for (const dsl::Pool& pool : card.pools) available.push_back(pool.credit ? kInt128Max : 0);
  return available;
}

std::vector<std::vector<uint32_t>> rated_together(const RatingProgram& program) {
  std::vector<std::vector<uint32_t>> groups(2);  // without bounds, and with them but no share
  for (uint32_t i = 0; i < program.charges.size(); ++i) {
    const Charge& charge = program.charges[i];
    if (!has_bounds(charge))
      groups[0].push_back(i);
    else if (!reads_others(charge))
      groups[1].push_back(i);
    else
      groups.push_back({i});
  }
  return groups;
}

RatingProgram without_bounds(const RatingProgram& program, const std::vector<uint32_t>& charges) {
  RatingProgram without = program;
  for (const uint32_t charge : charges) take_bounds_off(without.charges[charge]);
  return without;
}

std::expected<std::vector<LineAmount>, Refusal> rated(const Revision& revision,
                                                      const RateInput& given) {
  const std::vector<Int128> available = plenty_for(revision.card());
  RateInput input = given;
  input.available = available.data();
  std::vector<LineAmount> lines(compiler::line_count(revision.program(), input));
  RateOutput output{.lines = lines.data()};
  revision.rate(input, output);
  if (output.fault != compiler::FaultKind::None)
    return std::unexpected(refusal_of(revision, input, output));
  return lines;
}

std::expected<std::vector<LineAmount>, Refusal> rated_without_bounds(const Revision& revision,
                                                                     const RateInput& given) {
  auto lines = rated(revision, given);
  if (!lines) return lines;
  return with_bounds_off(revision, revision.program(), given, *std::move(lines));
}

std::expected<std::vector<LineAmount>, Refusal> rated_without_bounds(const Revision& revision,
                                                                     const RatingProgram& program,
                                                                     const RateInput& given) {
  const std::vector<Int128> available = plenty_for(revision.card());
  RateInput input = given;
  input.available = available.data();
  std::vector<LineAmount> lines(compiler::line_count(program, input));
  RateOutput output{.lines = lines.data()};
  compiler::interpret(program, input, output);
  if (output.fault != compiler::FaultKind::None)
    return std::unexpected(refusal_of(revision, input, output));
  return with_bounds_off(revision, program, given, std::move(lines));
}

bool is_of_charge(const LineOrigin& origin) {
  return origin.kind == LineOrigin::Kind::Cell || origin.kind == LineOrigin::Kind::SharedStep;
}

bool is_shared_bound(const Revision& revision, const LineOrigin& origin) {
  return origin.kind == LineOrigin::Kind::SharedStep &&
         is_bound(revision.program().charges[origin.item].shared_steps[origin.step]);
}

std::vector<OnceStep> bounds_of_row(const Revision& revision, uint32_t charge, uint32_t cell) {
  const Charge& lowered = revision.program().charges[charge];
  std::vector<OnceStep> bounds;
  if (lowered.grain != dsl::Grain::Cell) return bounds;
  for (uint32_t i = 0; i < lowered.money_steps.size(); ++i) {
    const MoneyStep& step = lowered.money_steps[i];
    if (!is_bound(step) || !holds(step, cell)) continue;
    // The charge's own D fits, and is a multiple of it.
    const Int128 denominator = denominator_at(lowered, i).value_or(1);
    bounds.push_back(
        {.kind = step.kind == MoneyStep::Kind::AtLeast ? SharedKind::Minimum : SharedKind::Maximum,
         .amount =
             step.prorated ? Ratio(Int128{*step.prorated}) : Ratio::of(step.amount, denominator),
         .prorated = step.prorated.has_value(),
         .place = i,
         .source = &revision.card().charges[charge].money_steps[step.step].source});
  }
  return bounds;
}

std::vector<OnceStep> shared_lines(const Revision& revision, uint32_t charge) {
  const Charge& lowered = revision.program().charges[charge];
  std::vector<OnceStep> lines;
  for (uint32_t i = 0; i < lowered.shared_steps.size(); ++i) {
    const SharedStep& step = lowered.shared_steps[i];
    lines.push_back({.kind = step.kind,
                     .amount = Ratio(Int128{step.amount}),
                     .prorated = step.prorated,
                     .place = i,
                     .source = &revision.card().charges[charge].money_steps[step.step].source});
  }
  return lines;
}

bool bounds_rows(const Revision& revision, uint32_t charge) {
  return bounds_rows(revision.program().charges[charge]);
}

bool rows_have_minimum(const Revision& revision, uint32_t charge, bool prorated) {
  const Charge& lowered = revision.program().charges[charge];
  return lowered.grain == dsl::Grain::Cell &&
         std::ranges::any_of(lowered.money_steps, [&](const MoneyStep& step) {
           return step.kind == MoneyStep::Kind::AtLeast && step.prorated.has_value() == prorated;
         });
}

std::optional<Ratio> below_in_row(const Revision& revision, uint32_t charge, uint32_t cell,
                                  const OnceStep& bound, const Ratio& amount) {
  const Charge& lowered = revision.program().charges[charge];
  std::optional<Ratio> result = amount;
  for (size_t i = bound.place + 1; result && i < lowered.money_steps.size(); ++i) {
    const MoneyStep& step = lowered.money_steps[i];
    if (is_bound(step) || !holds(step, cell)) continue;
    if (step.kind == MoneyStep::Kind::Scale) {
      result = checked_mul(*result, Ratio::of(step.numerator, step.denominator));
      continue;
    }
    const Ratio by = Ratio::of(step.amount, denominator_at(lowered, i).value_or(1));
    result = step.kind == MoneyStep::Kind::Add ? checked_add(*result, by)
                                               : positive(checked_sub(*result, by));
  }
  return result;
}

std::optional<Ratio> change_of(const OnceStep& step, const Ratio& amount, const Ratio& sum) {
  if (step.kind == SharedKind::Surcharge) return amount;
  if (step.kind == SharedKind::Discount) return checked_sub(Ratio(), std::min(amount, sum));
  const auto change = checked_sub(amount, sum);
  if (!change) return change;
  return step.at_least() ? std::max(Ratio(), *change) : std::min(Ratio(), *change);
}

std::optional<Ratio> like_lines(const Ratio& amount, const RatingProgram& program) {
  const auto steps = rounded(amount, program);
  return steps ? std::optional(Ratio(*steps)) : std::nullopt;
}

std::optional<Int128> rounded(const Ratio& exact, const RatingProgram& program) {
  const auto divisor = checked_mul(exact.denominator(), program.rounding_step);
  if (!divisor) return std::nullopt;
  return checked_mul(div_round(exact.numerator(), *divisor, program.rounding),
                     program.rounding_step);
}

}  // namespace toll::runtime
