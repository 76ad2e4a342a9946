#include "compiler/interpreter/credits.h"

#include <algorithm>

#include "compiler/bill/whole_bill.h"

namespace toll::compiler {
namespace {

/// What the lines of one charge come to, in 1/unit. They have one denominator.
Exact sum_of(std::span<const LineAmount> lines, Int128 unit) {
  Exact sum = 0;
  for (const LineAmount& line : lines) {
    sum = add(line.numerator, sum);
    if (!sum) return sum;
  }
  if (lines.empty()) return 0;
  const Int128 denominator = lines.front().denominator;  // negative while a bill is not rounded
  const Int128 common = in_common(*sum, denominator < 0 ? -denominator : denominator, unit);
  return common == kInt128Min ? Exact(kTooLarge) : Exact(common);
}

/// What each charge of the step has come to, less what the pools paid of it.
std::expected<std::vector<Int128>, FaultKind> left(
    const CreditStep& step, const RateInput& input,
    const std::vector<std::span<const LineAmount>>& lines, Int128 unit) {
  std::vector<Int128> open;
  Exact all = 0;
  for (const uint32_t charge : step.charges) {
    const Exact used = sum_of(lines[charge], unit);
    all = used ? add(*used, all) : used;
    if (!all) return std::unexpected(all.error());
    open.push_back(*used);
  }
  for (const CreditStep::Draw& draw : step.draws) {
    Int128 available = input.available[draw.pool];
    for (const uint32_t place : draw.charges) {
      const Int128 paid = std::min(open[place], available);
      open[place] -= paid;
      available -= paid;
    }
  }
  return open;
}

Exact price_of(const Piece& piece, Int128 quantity, const Scaled& scaled) {
  if (quantity == 0) return 0;
  Exact amount = multiply(quantity, piece.price);
  amount = amount ? add(*amount, scaled.amount(piece.start)) : amount;
  for (const Block& block : piece.blocks) {
    if (!amount) return amount;
    const Int128 started = div_round(quantity, scaled.threshold(block.size), RoundingMode::Up);
    const Exact price = scaled.amount(block.price);
    amount = price ? add(*amount, multiply(started, *price)) : price;
  }
  return amount;
}

}  // namespace

std::expected<LineAmount, FaultKind> beyond_pools(
    const CreditStep& step, const RatingProgram& program, const RateInput& input,
    const std::vector<std::span<const LineAmount>>& lines) {
  const Scaled scaled(input.credit_scale, input.credit_split);
  const Exact unit = scaled.amount(step.quantity_denominator);
  const Exact divisor = scaled.amount(step.price_denominator);
  if (!unit || !divisor) return kTooLarge;
  const auto open = left(step, input, lines, *unit);
  if (!open) return std::unexpected(open.error());
  Int128 beyond = 0;
  for (const Int128 each : *open) beyond += each;
  if (step.blocked && beyond > 0) return std::unexpected(FaultKind::PoolIsEmpty);
  const Exact amount = price_of(step.price, beyond, scaled);
  if (!amount) return kTooLarge;
  return round_line(*amount, *divisor, program);
}

}  // namespace toll::compiler
