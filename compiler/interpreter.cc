#include "compiler/interpreter.h"

#include <algorithm>
#include <expected>
#include <vector>

#include "compiler/bill/whole_bill.h"
#include "compiler/interpreter/charge_run.h"
#include "compiler/interpreter/credits.h"
#include "compiler/interpreter/exact.h"

namespace toll::compiler {
namespace {

using dsl::syntax::MoneyLine;

/// Runs a whole program and keeps the total.
class ProgramRun {
 public:
  ProgramRun(const RatingProgram& program, const RateInput& input, RateOutput& output, Trace* trace,
             std::span<const LineAmount> given_fees = {})
      : program_(program), input_(input), output_(output), trace_(trace), given_fees_(given_fees) {}

  void run() {
    output_.total = 0;
    output_.fault = FaultKind::None;
    output_.fault_line = 0;
    if (!start_bill()) return;
    fee_sums_.resize(program_.fees.size());
    charge_sums_.resize(program_.charges.size());
    charge_lines_.resize(program_.charges.size());
    for (const dsl::ItemRef& item : program_.items) {
      const Int128 total_before = output_.total;
      const bool going_on =
          item.kind == dsl::ItemRef::Kind::Fee ? fee(item.index) : charge(item.index);
      if (!going_on) return;
      sum_of(item) = output_.total - total_before;
    }
    for (const CreditStep& step : program_.credit_steps)
      if (!put(beyond_pools(step, program_, input_, charge_lines_))) return;
    for (const BillStep& step : program_.bill_steps)
      if (!bill_step(step)) return;
    for (const uint32_t pool : program_.money_pools)
      if (!put(drawn(input_.available[pool]))) return;
    if (rounds_bill())
      spread_total(output_, next_, unit_, program_.rounding_step, program_.rounding);
  }

 private:
  Int128& sum_of(const dsl::ItemRef& item) {
    return (item.kind == dsl::ItemRef::Kind::Fee ? fee_sums_ : charge_sums_)[item.index];
  }

  bool rounds_bill() const { return program_.rounding_place == dsl::RoundingPlace::Bill; }

  /// Where the bill is rounded as a whole: its common denominator. Every line needs it, so where it
  /// does not fit the first one fails.
  bool start_bill() {
    if (!rounds_bill()) return true;
    uint32_t scale = input_.credit_scale;
    for (size_t i = 0; i < program_.charges.size(); ++i)
      scale = std::max(scale, input_.charges[i].scale);
    Exact unit = Scaled(scale, input_.credit_split).amount(program_.bill_denominator);
    if (unit && program_.prorates_fees) unit = multiply(*unit, input_.period_days);
    if (unit && multiply(*unit, program_.rounding_step)) {
      unit_ = *unit;
      return true;
    }
    return line_count(program_, input_) > 0 ? put(kTooLarge) : true;
  }

  /// Adds an exact line to the total, which is in 1/unit.
  bool put_exact(const LineAmount& line) {
    const Int128 value = in_common(line.numerator, line.denominator, unit_);
    const auto total = value == kInt128Min ? std::nullopt : checked_add(output_.total, value);
    if (!total) return put(kTooLarge);
    output_.lines[next_++] = line;
    output_.total = *total;
    return true;
  }

  bool put(const std::expected<LineAmount, FaultKind>& line) {
    if (!line) {
      output_.fault = line.error();
      output_.fault_line = next_;
      return false;
    }
    if (rounds_bill()) return put_exact(*line);
    output_.lines[next_++] = *line;
    output_.total += line->amount;
    return true;
  }

  bool fee(uint32_t index) {
    if (!given_fees_.empty()) return put(given_fees_[index]);
    const Fee& fee = program_.fees[index];
    if (fee.by_term && input_.fees_due[index] == 0) return put(round_line(0, 1, program_));
    if (!fee.prorated) return put(round_line(fee.amount, 1, program_));
    return put(round_line(Int128{fee.amount} * input_.covered_days, input_.period_days, program_));
  }

  bool charge(uint32_t index) {
    const Charge& charge = program_.charges[index];
    if (charge.keeps_amounts) std::fill_n(input_.charges[index].amounts, kPeriodDaysMax, Int128{0});
    Int128 base = 0;
    for (const dsl::ItemRef& item : charge.share_of) base += sum_of(item);
    const Int128 total_before = output_.total;
    const uint32_t first = next_;
    const auto put_line = [&](const std::expected<LineAmount, FaultKind>& line) {
      return charge.in_credits && line ? put_credits(*line) : put(line);
    };
    if (!rate_cells(program_, index, input_, base, next_, trace_, put_line)) return false;
    charge_lines_[index] = {output_.lines + first, next_ - first};
    for (const SharedStep& step : charge.shared_steps)
      if (!put(on_sum(step.kind, amount_of(step), output_.total - total_before))) return false;
    return true;
  }

  /// A line in credits is no part of the total.
  bool put_credits(const LineAmount& line) {
    output_.lines[next_] = line;
    if (rounds_bill()) output_.lines[next_].denominator = -line.denominator;
    ++next_;
    return true;
  }

  /// What a pool in money pays of the bill: whole steps, so that lines stay what they are.
  std::expected<LineAmount, FaultKind> drawn(Int128 available) const {
    const Int128 whole = available - available % program_.rounding_step;
    const Int128 most = checked_mul(whole, unit_).value_or(kInt128Max);
    return round_line(-std::min(output_.total, most), unit_, program_);
  }

  /// What is missing of a commitment at the end of its time.
  bool commitment(const BillStep& step) {
    const CommitmentState& state = input_.commitments[*step.commitment];
    Int128 counted = step.counts.empty() ? output_.total : 0;
    for (const dsl::ItemRef& item : step.counts) counted += sum_of(item);
    const bool due = state.due != 0 && input_.final != 0;
    const Exact open =
        multiply(like_lines(std::max<Int128>(0, Int128{step.amount} - state.billed)), unit_);
    if (!open) return put(kTooLarge);
    return put(round_line(due ? std::max<Int128>(0, *open - counted) : 0, unit_, program_));
  }

  bool bill_step(const BillStep& step) {
    if (step.commitment) return commitment(step);
    if (!step.percent) return put(on_sum(step.kind, amount_of(step), output_.total));
    const Exact part = multiply(output_.total, step.numerator);
    if (!part) return put(kTooLarge);
    const bool discount = step.kind == MoneyLine::Kind::Discount;
    if (rounds_bill()) {  // the common denominator leaves no remainder
      const Int128 exact = *part / step.denominator;
      return put(round_line(discount ? -exact : exact, unit_, program_));
    }
    return put(round_line(discount ? -*part : *part, step.denominator, program_));
  }

  template <typename Step>
  Int128 amount_of(const Step& step) const {
    return like_lines(step.prorated ? prorated(step.amount, input_, program_) : step.amount);
  }

  /// An amount that acts on a sum of rounded lines is rounded as they are, before it acts. If what
  /// it changes were rounded instead, a tie could fall to either side, and more usage cost less.
  Int128 like_lines(Int128 minor) const {
    if (rounds_bill()) return minor;
    return div_round(minor, program_.rounding_step, program_.rounding) * program_.rounding_step;
  }

  /// A fixed amount acting on a sum of lines: the line that says what it changed.
  std::expected<LineAmount, FaultKind> on_sum(MoneyLine::Kind kind, Int128 minor,
                                              Int128 sum) const {
    const Exact fixed = multiply(minor, unit_);
    if (!fixed) return kTooLarge;
    const Int128 amount = *fixed;
    Int128 change = 0;
    switch (kind) {
      case MoneyLine::Kind::Discount:
        change = -std::min(sum, amount);
        break;
      case MoneyLine::Kind::Surcharge:
        change = amount;
        break;
      case MoneyLine::Kind::Minimum:
        change = input_.final != 0 ? std::max<Int128>(0, amount - sum) : 0;
        break;
      case MoneyLine::Kind::Maximum:
        change = std::min<Int128>(0, amount - sum);
        break;
    }
    return round_line(change, unit_, program_);
  }

  const RatingProgram& program_;
  const RateInput& input_;
  RateOutput& output_;
  Trace* const trace_;
  const std::span<const LineAmount> given_fees_;
  uint32_t next_ = 0;                           // the line that comes next
  Int128 unit_ = 1;                             // what a minor unit is in the total
  std::vector<Int128> fee_sums_, charge_sums_;  // of the lines of each, rounded
  std::vector<std::span<const LineAmount>> charge_lines_;
};

}  // namespace

void interpret(const RatingProgram& program, const RateInput& input, RateOutput& output,
               Trace* trace) {
  ProgramRun(program, input, output, trace).run();
}

void interpret_bill(const RatingProgram& program, std::span<const LineAmount> given,
                    const RateInput& input, RateOutput& output) {
  ProgramRun(program, input, output, nullptr, given).run();
}

std::expected<LineAmount, FaultKind> interpret_share(const RatingProgram& program, uint32_t charge,
                                                     Int128 base, const RateInput& input,
                                                     uint32_t line, Trace* trace) {
  std::expected<LineAmount, FaultKind> row;
  rate_cells(program, charge, input, base, line, trace, [&](const auto& rated) {
    row = rated;
    return true;
  });
  return row;
}

}  // namespace toll::compiler
