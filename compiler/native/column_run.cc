#include "compiler/native/column_run.h"

#include <algorithm>
#include <limits>

#include "compiler/interpreter/exact.h"
#include "compiler/native/column_price.h"

namespace toll::compiler {
namespace {

using dsl::syntax::MoneyLine;

/// Of a limit, below the highest one; each costs a range analysis.
constexpr int kBits = 6;

class ColumnRun {
 public:
  ColumnRun(const RatingProgram& program, const ColumnPlan& plan, const ColumnLimits& limits,
            const ColumnSources& sources, Lanes& lanes)
      : program_(program), plan_(plan), limits_(limits), sources_(sources), lanes_(lanes) {
    input_.covered_days = plan.shape.covered_days;
    input_.period_days = plan.shape.period_days;
    input_.final = plan.shape.final;
    fee_sums_.resize(program.fees.size());
    charge_sums_.resize(program.charges.size());
  }

  /// The range analysis of one charge by itself.
  bool fits_charge(uint32_t index) {
    result_.total = lanes_.constant(0);
    return rate_charge(index) && lanes_.fits();
  }

  std::optional<ColumnLines> run() {
    result_.total = lanes_.constant(0);
    for (const dsl::ItemRef& item : program_.items) {
      const bool fee = item.kind == dsl::ItemRef::Kind::Fee;
      if (!(fee ? rate_fee(item.index) : rate_charge(item.index))) return std::nullopt;
    }
    for (const BillStep& step : program_.bill_steps) rate_bill_step(step);
    result_.total = lanes_.check(result_.total, kMost64);
    return std::move(result_);
  }

 private:
  void put(const Lane& line) {
    result_.lines.push_back(line);
    result_.total = lanes_.add(result_.total, line);
  }

  bool rate_fee(uint32_t index) {
    const Fee& fee = program_.fees[index];
    const auto line = fee.prorated ? round_line(Int128{fee.amount} * input_.covered_days,
                                                input_.period_days, program_)
                                   : round_line(fee.amount, 1, program_);
    if (!line) return false;
    fee_sums_[index] = lanes_.constant(line->amount);
    put(fee_sums_[index]);
    return true;
  }

  bool rate_charge(uint32_t index) {
    charge_ = &program_.charges[index];
    scale_ = plan_.charges[index].scale;
    factor_ = power_of_ten(static_cast<int>(scale_));
    share_base_ = share_base(index);
    shared_left_.clear();
    for (const QuantityStep& step : charge_->quantity_steps)
      shared_left_.push_back(lanes_.threshold(scaled(allowance(step))));
    Lane sum = lanes_.constant(0);
    const auto put_in_sum = [&](const Lane& line) {
      put(line);
      sum = lanes_.add(sum, line);
    };
    for (const PlannedCell& cell : plan_.charges[index].cells) {
      const auto line = rate_cell(cell);
      if (!line) return false;
      put_in_sum(*line);
    }
    for (const SharedStep& step : charge_->shared_steps)
      put_in_sum(on_sum(step.kind, amount_of(step), sum));
    charge_sums_[index] = sum;
    return true;
  }

  /// What a charge that is a share is a share of. An analysis takes it to be anything up to the
  /// limit.
  Lane share_base(uint32_t index) {
    Lane base = lanes_.constant(0);
    if (!lanes_.emits() && !charge_->share_of.empty()) return {nullptr, limits_.shares[index]};
    for (const dsl::ItemRef& item : charge_->share_of)
      base = lanes_.add(base, item.kind == dsl::ItemRef::Kind::Fee ? fee_sums_[item.index]
                                                                   : charge_sums_[item.index]);
    return charge_->share_of.empty() ? base : lanes_.check(base, limits_.shares[index]);
  }

  /// As a bound: the largest number where it is larger.
  Int128 scaled(Int128 constant) const {
    return checked_mul(constant, factor_).value_or(kInt128Max);
  }

  Int128 allowance(const QuantityStep& step) const {
    if (!step.prorated || !is_part(input_)) return step.amount;
    const Int128 unit = charge_->quantity_denominator;
    return div_round(step.amount * input_.covered_days, unit * input_.period_days,
                     RoundingMode::HalfUp) *
           unit;
  }

  llvm::Value* cell_index(const PlannedCell& cell) {
    if (cell.is_fixed() || !lanes_.emits()) return nullptr;
    llvm::Value* sum = nullptr;
    for (const PlannedCell::Code& code : cell.codes)
      sum = lanes_.scaled_code(sum, sources_.code(code.column), code.stride, cell.cell);
    return sum;
  }

  std::optional<Lane> rate_cell(const PlannedCell& cell) {
    llvm::Value* const index = cell_index(cell);
    Lane sum = lanes_.constant(0);
    for (uint32_t part = 0; part < charge_->parts; ++part) {
      const Lane n = quantity_steps(quantity(cell, part));
      ColumnPrice price(program_, *charge_, scale_, lanes_);
      auto amount = cell.is_fixed()
                        ? price.of_table(charge_->tables[charge_->table_of_cell[cell.cell]], n)
                        : price.of_cells(index, n);
      if (!amount) return std::nullopt;
      Int128 denominator = charge_->price_denominator;
      for (uint32_t i = 0; i < charge_->steps_on_parts; ++i)
        amount = money_step(i, *amount, cell, index, part, denominator);
      sum = lanes_.add(sum, *amount);
    }
    Int128 denominator = charge_->price_denominator;
    for (uint32_t i = 0; i < charge_->money_steps.size(); ++i) {
      if (i >= charge_->steps_on_parts)
        sum = money_step(i, sum, cell, index, 0, denominator);
      else
        denominator *= charge_->money_steps[i].denominator;
    }
    return rounded(sum);
  }

  Lane quantity(const PlannedCell& cell, uint32_t part) {
    if (!charge_->share_of.empty()) return share_base_;
    Lane sum = lanes_.constant(0);
    for (const uint32_t column : cell.columns_of_part[part]) {
      const uint32_t places = scale_ - plan_.shape.columns[column].scale;
      const Lane value = sources_.quantity(column);
      sum = lanes_.add(sum, lanes_.times(value, power_of_ten(static_cast<int>(places))));
    }
    return sum;
  }

  Lane quantity_steps(const Lane& quantity) {
    Lane n = lanes_.times(quantity, charge_->quantity_denominator);
    for (size_t i = 0; i < charge_->quantity_steps.size(); ++i) {
      const QuantityStep& step = charge_->quantity_steps[i];
      if (step.kind == QuantityStep::Kind::Round) {
        const Int128 size = scaled(step.amount);
        n = lanes_.times(lanes_.div_round(n, size, step.mode), size);
        continue;
      }
      Lane& left = shared_left_[i];
      const Lane taken = lanes_.min(n, left);
      if (step.kind == QuantityStep::Kind::SubtractShared) left = lanes_.sub(left, taken);
      n = lanes_.sub(n, taken);
    }
    return n;
  }

  /// What a step has where its condition holds and where it does not, for each row's cell.
  template <typename Constant>
  Lane by_condition(const MoneyStep& step, const PlannedCell& cell, llvm::Value* index,
                    uint32_t part, const Constant& constant) {
    const auto value = [&](uint32_t at) {
      const auto number = constant(!step.condition || (*step.condition)(at, part));
      if (number > lanes_.ceiling()) lanes_.refuse();
      return number;
    };
    if (cell.is_fixed()) return lanes_.constant(value(cell.cell));
    std::vector<Int128> values;
    for (uint32_t at = 0; at < charge_->cells; ++at) values.push_back(value(at));
    return lanes_.lookup(values, index, std::ranges::max(values));
  }

  /// `denominator` is D at the step, and after it the next one.
  Lane money_step(uint32_t i, const Lane& amount, const PlannedCell& cell, llvm::Value* index,
                  uint32_t part, Int128& denominator) {
    const MoneyStep& step = charge_->money_steps[i];
    const Int128 written =
        step.prorated ? prorated(*step.prorated, input_, program_) * denominator : step.amount;
    denominator *= step.denominator;
    const auto either = [&](Int128 yes, Int128 no) {
      return by_condition(step, cell, index, part, [&](bool holds) { return holds ? yes : no; });
    };
    const Int128 fixed = scaled(written), threshold = std::min(fixed, lanes_.ceiling());
    switch (step.kind) {
      case MoneyStep::Kind::Scale:
        return lanes_.mul(amount, either(step.numerator, step.denominator));
      case MoneyStep::Kind::Subtract:
        return lanes_.sub(amount, lanes_.min(amount, either(threshold, 0)));
      case MoneyStep::Kind::Add:
        return lanes_.add(amount, either(fixed, 0));
      case MoneyStep::Kind::AtLeast:
        if (input_.final == 0 && !step.at_once) return amount;
        return lanes_.max(amount, either(fixed, 0));
      case MoneyStep::Kind::AtMost:
        return lanes_.min(amount, either(threshold, lanes_.ceiling()));
    }
    return amount;
  }

  /// Whole minor units, of a line.
  Lane rounded(const Lane& amount) {
    const auto divisor = checked_mul(scaled(charge_->denominator), program_.rounding_step);
    if (!divisor) lanes_.refuse();
    const Lane steps = lanes_.div_round(amount, divisor.value_or(1), program_.rounding);
    return lanes_.check(lanes_.times(steps, program_.rounding_step), kMost64);
  }

  template <typename Step>
  Int128 amount_of(const Step& step) const {
    const Int128 minor = step.prorated ? prorated(step.amount, input_, program_) : step.amount;
    return div_round(minor, program_.rounding_step, program_.rounding) * program_.rounding_step;
  }

  /// Sums of lines and amounts are whole steps of rounding, and so is what changes.
  Lane on_sum(MoneyLine::Kind kind, Int128 amount, const Lane& sum) {
    const Lane fixed = lanes_.constant(amount), zero = lanes_.constant(0);
    switch (kind) {
      case MoneyLine::Kind::Discount:
        return lanes_.negated(lanes_.signed_min(sum, fixed));
      case MoneyLine::Kind::Surcharge:
        return fixed;
      case MoneyLine::Kind::Minimum:
        return input_.final == 0 ? zero : lanes_.signed_max(zero, lanes_.sub(fixed, sum));
      case MoneyLine::Kind::Maximum:
        return lanes_.signed_min(zero, lanes_.sub(fixed, sum));
    }
    return zero;
  }

  void rate_bill_step(const BillStep& step) {
    if (!step.percent) return put(on_sum(step.kind, amount_of(step), result_.total));
    const auto divisor = checked_mul(step.denominator, program_.rounding_step);
    if (!divisor) lanes_.refuse();
    const Lane part = lanes_.times(result_.total, step.numerator);
    const Lane steps = lanes_.div_round(part, divisor.value_or(1), program_.rounding);
    const Lane line = lanes_.times(steps, program_.rounding_step);
    put(step.kind == MoneyLine::Kind::Discount ? lanes_.negated(line) : line);
  }

  const RatingProgram& program_;
  const ColumnPlan& plan_;
  const ColumnLimits& limits_;
  const ColumnSources& sources_;
  Lanes& lanes_;
  RateInput input_;
  ColumnLines result_;
  std::vector<Lane> fee_sums_, charge_sums_;
  // Of the charge at hand.
  const Charge* charge_ = nullptr;
  uint32_t scale_ = 0;
  Int128 factor_ = 1;
  Lane share_base_;
  std::vector<Lane> shared_left_;  // per quantity step
};

/// A number up to `most` that `fits` holds for, at most a little below the largest such one; -1
/// where it does not hold even for 0.
template <typename Fits>
Int128 nearly_largest(Int128 most, const Fits& fits) {
  if (!fits(0)) return -1;
  if (fits(most)) return most;
  int low = -1, high = 127;  // 2^low fits, or it is none; 2^high does not
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    const Int128 power = Int128{1} << middle;
    (power < most && fits(power) ? low : high) = middle;
  }
  if (low < 0) return 0;
  Int128 found = Int128{1} << low;
  for (int bit = low - 1; bit >= std::max(0, low - kBits); --bit) {
    const Int128 next = found | Int128{1} << bit;
    if (next < most && fits(next)) found = next;
  }
  return found;
}

/// A quantity below 10^18 units, which is what usage may be, and what its type holds.
Int128 most_of_column(const UsageColumn& column) {
  const int places = DecimalLimits{}.whole_digits_max + static_cast<int>(column.scale);
  const Int128 held =
      column.type == ColumnType::Int64 ? kMost64 : (Int128{1} << (8 * bytes_of(column.type))) - 1;
  return std::min(held, power_of_ten(places) - 1);
}

/// A number of units at a scale, as far as columns of 64 bits can say it.
Int128 scaled_up(Int128 units, uint32_t scale, bool wide) {
  const Int128 quantity = units * power_of_ten(static_cast<int>(scale));
  return wide ? quantity : std::min(kMost64, quantity);
}

/// The largest cell of a charge is the sum of all its columns.
void spread(const ColumnPlan& plan, uint32_t charge, Int128 quantity, ColumnLimits& limits) {
  const PlannedCharge& planned = plan.charges[charge];
  for (const PlannedCell& cell : planned.cells) {
    size_t columns = 0;
    for (const auto& part : cell.columns_of_part) columns += part.size();
    for (const auto& part : cell.columns_of_part)
      for (const uint32_t column : part) {
        const Int128 places =
            power_of_ten(static_cast<int>(planned.scale - plan.shape.columns[column].scale));
        Int128& limit = limits.columns[column];
        limit = std::min(limit, quantity / (static_cast<Int128>(columns) * places));
      }
  }
}

}  // namespace

std::optional<ColumnLines> rate_lanes(const RatingProgram& program, const ColumnPlan& plan,
                                      const ColumnLimits& limits, const ColumnSources& sources,
                                      Lanes& lanes) {
  return ColumnRun(program, plan, limits, sources, lanes).run();
}

std::optional<ColumnLimits> find_limits(const RatingProgram& program, const ColumnPlan& plan,
                                        Width width, LaneFeatures features) {
  const size_t columns = plan.shape.columns.size(), charges = program.charges.size();
  /// Whether one charge fits, or all of the card.
  const auto fits = [&](const ColumnLimits& limits, std::optional<uint32_t> charge) {
    Lanes lanes = Lanes::analysis(width, features);
    const ColumnSources sources{
        .quantity = [&](uint32_t column) { return Lane{nullptr, limits.columns[column]}; }};
    ColumnRun run(program, plan, limits, sources, lanes);
    return charge ? run.fits_charge(*charge) : run.run().has_value() && lanes.fits();
  };
  ColumnLimits most{.columns = {}, .shares = std::vector<Int128>(charges, 0)};
  for (const UsageColumn& column : plan.shape.columns)
    most.columns.push_back(most_of_column(column));
  // Each charge by itself, then all of them together: halved until they fit.
  for (uint32_t i = 0; i < charges; ++i) {
    const bool share = !program.charges[i].share_of.empty();
    const auto with = [&](Int128 quantity) {
      ColumnLimits only{.columns = std::vector<Int128>(columns, kInt128Max),
                        .shares = std::vector<Int128>(charges, quantity)};
      if (!share) spread(plan, i, quantity, only);
      return only;
    };
    const Int128 units = power_of_ten(DecimalLimits{}.whole_digits_max) - 1;
    const Int128 top =
        share ? kMost64 : scaled_up(units, plan.charges[i].scale, width == Width::Wide);
    const Int128 found =
        nearly_largest(top, [&](Int128 quantity) { return fits(with(quantity), i); });
    if (found < 0) return std::nullopt;
    most.shares[i] = found;
    if (!share) spread(plan, i, found, most);
  }
  for (int halvings = 0; halvings < 64; ++halvings) {
    if (fits(most, std::nullopt)) return most;
    for (Int128& limit : most.columns) limit /= 2;
    for (Int128& limit : most.shares) limit /= 2;
  }
  return std::nullopt;
}

}  // namespace toll::compiler
