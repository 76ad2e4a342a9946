#include "compiler/interpreter.h"

#include <algorithm>
#include <expected>
#include <vector>

namespace toll::compiler {
namespace {

using dsl::syntax::MoneyLine;
using Value = std::expected<Int128, FaultKind>;

constexpr std::unexpected<FaultKind> kTooLarge{FaultKind::TooLarge};

Value fitting(std::optional<Int128> value) {
  if (!value) return kTooLarge;
  return *value;
}

/// Constants of the program at one scale.
class Scaled {
 public:
  explicit Scaled(uint32_t scale) : factor_(power_of_ten(static_cast<int>(scale))) {}

  Value amount(Int128 constant) const { return fitting(checked_mul(constant, factor_)); }

  /// A constant that is only compared with or taken off a value that fits: beyond 128 bits the
  /// largest value does the same.
  Int128 threshold(Int128 constant) const {
    return checked_mul(constant, factor_).value_or(kInt128Max);
  }

 private:
  Int128 factor_;
};

Value add(Int128 a, const Value& b) { return b ? fitting(checked_add(a, *b)) : b; }
Value multiply(Int128 a, Int128 b) { return fitting(checked_mul(a, b)); }

/// The exact amount numerator / denominator as a line, rounded.
std::expected<LineAmount, FaultKind> round_line(Int128 numerator, Int128 denominator,
                                                const RatingProgram& program) {
  const Value divisor = multiply(denominator, program.rounding_step);
  if (!divisor) return kTooLarge;
  const Value amount =
      multiply(div_round(numerator, *divisor, program.rounding), program.rounding_step);
  if (!amount || !fits_int64(*amount)) return kTooLarge;
  return LineAmount{numerator, denominator, static_cast<int64_t>(*amount)};
}

/// Rates the cells of one charge.
class ChargeRun {
 public:
  ChargeRun(const RatingProgram& program, const Charge& charge, const ChargeUsage& usage,
            bool final, Trace* trace)
      : program_(program),
        charge_(charge),
        usage_(usage),
        final_(final),
        trace_(trace),
        scaled_(usage.scale) {
    for (const QuantityStep& step : charge.quantity_steps)
      shared_left_.push_back(scaled_.threshold(step.amount));
  }

  /// The line of the cell at `entry`; `line` is its number, for the trace.
  std::expected<LineAmount, FaultKind> rate_cell(uint32_t entry, uint32_t line) {
    line_ = line;
    const uint32_t cell = usage_.cells[entry];
    Int128 sum = 0;
    for (uint32_t part = 0; part < charge_.parts; ++part) {
      const Value amount = rate_part(usage_.quantities[entry * charge_.parts + part], cell, part);
      const Value with = amount ? add(sum, amount) : amount;
      if (!with) return std::unexpected(with.error());
      sum = *with;
    }
    Value amount = sum;
    Int128 denominator = charge_.price_denominator;
    for (uint32_t i = 0; i < charge_.money_steps.size(); ++i) {
      if (i >= charge_.steps_on_parts && amount)
        amount = money_step(charge_.money_steps[i], *amount, cell, 0, denominator);
      denominator *= charge_.money_steps[i].denominator;
    }
    const Value divisor = scaled_.amount(denominator);
    if (!amount || !divisor) return kTooLarge;
    return round_line(*amount, *divisor, program_);
  }

 private:
  Value rate_part(Int128 mantissa, uint32_t cell, uint32_t part) {
    Value quantity = multiply(mantissa, charge_.quantity_denominator);
    for (uint32_t i = 0; quantity && i < charge_.quantity_steps.size(); ++i)
      quantity = quantity_step(i, *quantity);
    if (!quantity) return quantity;
    Value amount = price(charge_.tables[charge_.table_of_cell[cell]], *quantity);
    if (!amount) return amount;
    if (trace_)
      trace_->on_priced(line_, part, in_units(*quantity),
                        in_minor(*amount, charge_.price_denominator));
    Int128 denominator = charge_.price_denominator;
    for (uint32_t i = 0; amount && i < charge_.steps_on_parts; ++i) {
      amount = money_step(charge_.money_steps[i], *amount, cell, part, denominator);
      denominator *= charge_.money_steps[i].denominator;
    }
    return amount;
  }

  Value quantity_step(uint32_t index, Int128 before) {
    const QuantityStep& step = charge_.quantity_steps[index];
    const Value after = apply(step, before, shared_left_[index]);
    if (trace_ && after) trace_->on_quantity_step(line_, index, in_units(before), in_units(*after));
    return after;
  }

  Value apply(const QuantityStep& step, Int128 quantity, Int128& shared_left) const {
    switch (step.kind) {
      case QuantityStep::Kind::Subtract:
        return quantity - std::min(quantity, scaled_.threshold(step.amount));
      case QuantityStep::Kind::SubtractShared: {
        const Int128 taken = std::min(quantity, shared_left);
        shared_left -= taken;
        return quantity - taken;
      }
      case QuantityStep::Kind::Round: {
        const Value size = scaled_.amount(step.amount);
        if (!size) return size;
        return multiply(div_round(quantity, *size, step.mode), *size);
      }
    }
    return kTooLarge;
  }

  Value price(const Table& table, Int128 quantity) const {
    if (quantity == 0) return scaled_.amount(table.at_zero);
    const auto below = [&](const Piece& piece) {
      return scaled_.threshold(piece.up_to) < quantity;
    };
    const auto piece = std::ranges::partition_point(table.pieces, below);
    if (piece == table.pieces.end()) return std::unexpected(FaultKind::AboveLastTier);
    return price(*piece, quantity);
  }

  Value price(const Piece& piece, Int128 quantity) const {
    const Int128 above = quantity - scaled_.threshold(piece.lower);
    Value amount = multiply(above, piece.price);
    const Value start = scaled_.amount(piece.start);
    if (!start) return start;
    amount = amount ? add(*start, amount) : amount;
    for (const Block& block : piece.blocks) {
      if (!amount) return amount;
      const Int128 started = div_round(above, scaled_.threshold(block.size), RoundingMode::Up);
      const Value block_price = scaled_.amount(block.price);
      if (!block_price) return block_price;
      amount = add(*amount, multiply(started, *block_price));
    }
    return amount;
  }

  Value money_step(const MoneyStep& step, Int128 before, uint32_t cell, uint32_t part,
                   Int128 denominator) {
    const bool holds = !step.condition || (*step.condition)(cell, part);
    if (!holds) return multiply(before, step.denominator);
    const Value after = apply(step, before);
    if (trace_ && after)
      trace_->on_money_step(line_, part, step.step, in_minor(before, denominator),
                            in_minor(*after, denominator * step.denominator));
    return after;
  }

  Value apply(const MoneyStep& step, Int128 amount) const {
    switch (step.kind) {
      case MoneyStep::Kind::Scale:
        return multiply(amount, step.numerator);
      case MoneyStep::Kind::Subtract:
        return amount - std::min(amount, scaled_.threshold(step.amount));
      case MoneyStep::Kind::Add:
        return add(amount, scaled_.amount(step.amount));
      case MoneyStep::Kind::AtLeast: {
        if (!final_) return amount;
        const Value floor = scaled_.amount(step.amount);
        return floor ? std::max(amount, *floor) : floor;
      }
      case MoneyStep::Kind::AtMost:
        return std::min(amount, scaled_.threshold(step.amount));
    }
    return kTooLarge;
  }

  Ratio in_units(Int128 quantity) const {
    return Ratio::of(quantity, scaled_.threshold(charge_.quantity_denominator));
  }
  Ratio in_minor(Int128 amount, Int128 denominator) const {
    return Ratio::of(amount, scaled_.threshold(denominator));
  }

  const RatingProgram& program_;
  const Charge& charge_;
  const ChargeUsage& usage_;
  const bool final_;
  Trace* const trace_;
  const Scaled scaled_;
  std::vector<Int128> shared_left_;  // per quantity step
  uint32_t line_ = 0;
};

/// Runs a whole program and keeps the total.
class ProgramRun {
 public:
  ProgramRun(const RatingProgram& program, const RateInput& input, RateOutput& output, Trace* trace)
      : program_(program), input_(input), output_(output), trace_(trace) {}

  void run() {
    output_.total = 0;
    output_.fault = FaultKind::None;
    output_.fault_line = 0;
    for (const dsl::ItemRef& item : program_.items) {
      const bool going_on = item.kind == dsl::ItemRef::Kind::Fee
                                ? fee(program_.fees[item.index])
                                : charge(program_.charges[item.index], input_.charges[item.index]);
      if (!going_on) return;
    }
    for (const BillStep& step : program_.bill_steps)
      if (!bill_step(step)) return;
  }

 private:
  bool put(const std::expected<LineAmount, FaultKind>& line) {
    if (!line) {
      output_.fault = line.error();
      output_.fault_line = next_;
      return false;
    }
    output_.lines[next_++] = *line;
    output_.total += line->amount;
    return true;
  }

  bool fee(const Fee& fee) {
    if (!fee.prorated) return put(round_line(fee.amount, 1, program_));
    return put(round_line(Int128{fee.amount} * input_.covered_days, input_.period_days, program_));
  }

  bool charge(const Charge& charge, const ChargeUsage& usage) {
    ChargeRun run(program_, charge, usage, input_.final != 0, trace_);
    const Int128 total_before = output_.total;
    for (uint32_t i = 0; i < usage.count; ++i)
      if (!put(run.rate_cell(i, next_))) return false;
    for (const SharedStep& step : charge.shared_steps)
      if (!put(on_sum(step.kind, step.amount, output_.total - total_before))) return false;
    return true;
  }

  bool bill_step(const BillStep& step) {
    if (!step.percent) return put(on_sum(step.kind, step.amount, output_.total));
    const Value part = multiply(output_.total, step.numerator);
    if (!part) return put(kTooLarge);
    const bool discount = step.kind == MoneyLine::Kind::Discount;
    return put(round_line(discount ? -*part : *part, step.denominator, program_));
  }

  /// A fixed amount acting on a sum of lines: the line that says what it changed.
  std::expected<LineAmount, FaultKind> on_sum(MoneyLine::Kind kind, int64_t amount,
                                              Int128 sum) const {
    Int128 change = 0;
    switch (kind) {
      case MoneyLine::Kind::Discount:
        change = -std::min<Int128>(sum, amount);
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
    return round_line(change, 1, program_);
  }

  const RatingProgram& program_;
  const RateInput& input_;
  RateOutput& output_;
  Trace* const trace_;
  uint32_t next_ = 0;  // the line that comes next
};

}  // namespace

void interpret(const RatingProgram& program, const RateInput& input, RateOutput& output,
               Trace* trace) {
  ProgramRun(program, input, output, trace).run();
}

}  // namespace toll::compiler
