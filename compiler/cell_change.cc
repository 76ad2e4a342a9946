#include "compiler/cell_change.h"

#include <algorithm>
#include <utility>

#include "compiler/interpreter.h"

namespace toll::compiler {

bool rates_cells_alone(const RatingProgram& program, uint32_t charge) {
  const Charge& lowered = program.charges[charge];
  if (program.rounding_place == dsl::RoundingPlace::Bill) return false;
  if (lowered.grain != dsl::Grain::Cell || lowered.tier_by != dsl::TierBy::Own) return false;
  if (!lowered.share_of.empty()) return false;
  using Kind = QuantityStep::Kind;
  return std::ranges::none_of(lowered.quantity_steps, [&](const QuantityStep& step) {
    return step.kind == Kind::SubtractShare ||
           (step.kind == Kind::SubtractShared && lowered.cells > 1);
  });
}

RatingProgram charge_alone(const RatingProgram& program, uint32_t charge) {
  RatingProgram alone;
  alone.charges = {program.charges[charge]};
  alone.charges.front().shared_steps.clear();
  alone.charges.front().keeps_amounts = false;  // nobody takes a share of them here
  alone.items = {{dsl::ItemRef::Kind::Charge, 0}};
  alone.rounding_place = program.rounding_place;
  alone.rounding = program.rounding;
  alone.rounding_step = program.rounding_step;
  return alone;
}

CellRater::CellRater(const RatingProgram& program) {
  auto alone = std::make_shared<std::vector<RatingProgram>>(program.charges.size());
  for (uint32_t i = 0; i < program.charges.size(); ++i) {
    covered_.push_back(rates_cells_alone(program, i));
    if (covered_.back()) (*alone)[i] = charge_alone(program, i);
  }
  alone_ = std::move(alone);
}

CellRater::CellRater(const RatingProgram& program, NativeCells code) : code_(std::move(code)) {
  for (uint32_t i = 0; i < program.charges.size(); ++i)
    covered_.push_back(rates_cells_alone(program, i));
}

CellChange CellRater::operator()(uint32_t charge, const CellUsage& usage) const {
  return code_ ? (*code_)(charge, usage) : interpreted(charge, usage);
}

CellChange CellRater::interpreted(uint32_t charge, const CellUsage& usage) const {
  const RatingProgram& alone = (*alone_)[charge];
  LineAmount line;
  const auto rate = [&](const Int128* quantities) {
    const ChargeUsage used{
        .cells = &usage.cell, .quantities = quantities, .count = 1, .scale = usage.scale};
    const RateInput input{.charges = &used,
                          .covered_days = usage.covered_days,
                          .period_days = usage.period_days,
                          .final = usage.final};
    RateOutput output{.lines = &line};
    interpret(alone, input, output);
    return output.fault;
  };
  if (usage.before)
    if (const FaultKind fault = rate(usage.before); fault != FaultKind::None)
      return {.fault = fault};
  const LineAmount before = usage.before ? std::exchange(line, {}) : LineAmount{};
  if (const FaultKind fault = rate(usage.after); fault != FaultKind::None) return {.fault = fault};
  return {.numerator = line.numerator - before.numerator,
          .denominator = line.denominator,
          .amount = line.amount - before.amount};
}

TotalChange total_change(const RatingProgram& program, const NativeFunction* row,
                         const RateInput& before, const RateInput& after,
                         std::span<LineAmount> lines) {
  Int128 totals[2] = {};
  const RateInput* const inputs[2] = {&before, &after};
  for (int i = 0; i < 2; ++i) {
    RateOutput output{.lines = lines.data()};
    if (row)
      (*row)(*inputs[i], output);
    else
      interpret(program, *inputs[i], output);
    if (output.fault != FaultKind::None)
      return {.fault = output.fault, .fault_line = output.fault_line};
    totals[i] = output.total;
  }
  return {.total = totals[1] - totals[0]};
}

}  // namespace toll::compiler
