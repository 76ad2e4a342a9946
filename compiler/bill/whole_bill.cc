#include "compiler/bill/whole_bill.h"

#include <span>

#include "base/rounding.h"

namespace toll::compiler {
namespace {

/// Rounded toward negative infinity. REQUIRES: divisor > 0.
Int128 floor_div(Int128 value, Int128 divisor) {
  const Int128 quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

/// Lines whose amounts are rounded down so far.
class Spread {
 public:
  Spread(std::span<LineAmount> lines, Int128 common, int64_t step)
      : lines_(lines), common_(common), step_(step) {}

  /// Rounds all amounts down; their sum in steps, or nothing after a fault.
  std::optional<Int128> floor(RateOutput& output) {
    Int128 sum = 0;
    for (uint32_t i = 0; i < lines_.size(); ++i) {
      if (!is_money(lines_[i])) continue;
      const Int128 steps = floor_div(exact(lines_[i]), common_ * step_);
      if (!fits_int64(steps * step_) || !fits_int64((steps + 1) * step_)) {
        output.fault = FaultKind::TooLarge;
        output.fault_line = i;
        return std::nullopt;
      }
      lines_[i].amount = static_cast<int64_t>(steps * step_);
      sum += steps;
    }
    return sum;
  }

  /// Gives one step to `count` lines. Their remainders are found by bisection, since rating has no
  /// memory of its own to sort them in.
  void raise(uint64_t count) {
    Int128 low = 0, high = common_ * step_;  // fewer than `count` remainders are above the least
    while (low < high) {
      const Int128 middle = low + (high - low) / 2;
      if (above(middle) < count)
        high = middle;
      else
        low = middle + 1;
    }
    uint64_t ties = count - above(low);
    for (LineAmount& line : lines_) {
      if (!is_money(line)) continue;
      const Int128 rest = remainder(line);
      if (rest < low || (rest == low && ties == 0)) continue;
      if (rest == low) --ties;
      line.amount += step_;
    }
  }

  /// Lines in credits become what they are.
  void unmark() {
    for (LineAmount& line : lines_)
      if (!is_money(line)) line.denominator = -line.denominator;
  }

 private:
  static bool is_money(const LineAmount& line) { return line.denominator > 0; }
  Int128 exact(const LineAmount& line) const {
    return in_common(line.numerator, line.denominator, common_);
  }
  Int128 remainder(const LineAmount& line) const { return exact(line) - common_ * line.amount; }
  uint64_t above(Int128 bound) const {
    uint64_t count = 0;
    for (const LineAmount& line : lines_) count += is_money(line) && remainder(line) > bound;
    return count;
  }

  std::span<LineAmount> lines_;
  const Int128 common_;
  const int64_t step_;
};

}  // namespace

Int128 in_common(Int128 numerator, Int128 denominator, Int128 common) {
  const auto value = checked_mul(numerator, common / denominator);
  return value.value_or(kInt128Min);
}

void spread_total(RateOutput& output, uint32_t count, Int128 common, int64_t step,
                  RoundingMode mode) {
  Spread spread({output.lines, count}, common, step);
  const std::optional<Int128> floor = spread.floor(output);
  if (!floor) return;
  const Int128 steps = div_round(output.total, common * step, mode);
  if (steps > *floor) spread.raise(static_cast<uint64_t>(steps - *floor));
  spread.unmark();
  output.total = steps * step;
}

}  // namespace toll::compiler
