#include "compiler/interpreter/charge_run.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace toll::compiler {
namespace {

/// Rates the cells of one charge.
class ChargeRun {
 public:
  /// `share_base` is what a charge that is a share is a share of.
  ChargeRun(const RatingProgram& program, const Charge& charge, const ChargeUsage& usage,
            const RateInput& input, Int128 share_base, Trace* trace)
      : program_(program),
        charge_(charge),
        input_(input),
        usage_(usage),
        share_base_(share_base),
        trace_(trace),
        scaled_(usage.scale) {
    for (const QuantityStep& step : charge.quantity_steps) {
      constants_.push_back(scaled_.threshold(allowance(step)));
      if (step.to_date) {
        const Exact left = left_to_date(step);
        constants_.back() = left.value_or(0);
        if (!left) before_lines_ = left;
      }
      shared_left_.push_back(constants_.back());
      if (step.kind == QuantityStep::Kind::FreeItems) start_free_items(step);
    }
    chooser_ = choose();
    if (!chooser_) before_lines_ = chooser_;
  }

  /// The line of the cell at `entry`; `line` is its number, for the trace.
  std::expected<LineAmount, FaultKind> rate_cell(uint32_t entry, uint32_t line) {
    line_ = line;
    if (!before_lines_) return std::unexpected(before_lines_.error());
    const uint32_t cell = usage_.cells[entry];
    if (charge_.grain != dsl::Grain::Cell) return rate_items(entry, cell);
    Int128 sum = 0;
    for (uint32_t part = 0; part < charge_.parts; ++part) {
      const Exact amount = rate_part(quantity(entry, part), cell, part);
      const Exact with = amount ? add(sum, amount) : amount;
      if (!with) return std::unexpected(with.error());
      sum = *with;
    }
    Exact amount = sum;
    Int128 denominator = charge_.price_denominator;
    for (uint32_t i = 0; i < charge_.money_steps.size(); ++i) {
      if (i >= charge_.steps_on_parts && amount)
        amount = money_step(charge_.money_steps[i], *amount, cell, 0, denominator);
      denominator *= charge_.money_steps[i].denominator;
    }
    const Exact divisor = scaled_.amount(denominator);
    if (!amount || !divisor || !keep(*amount, 0)) return kTooLarge;
    return line_of(*amount, *divisor);
  }

 private:
  /// A line in credits is exact.
  std::expected<LineAmount, FaultKind> line_of(Int128 amount, Int128 divisor) const {
    if (charge_.in_credits) return LineAmount{amount, divisor, 0};
    return round_line(amount, divisor, program_);
  }

  /// In 1/E: a prorated allowance is whole units for a part of a period.
  Int128 allowance(const QuantityStep& step) const {
    if (!step.prorated || !is_part(input_)) return step.amount;
    const Int128 unit = charge_.quantity_denominator;
    return div_round(step.amount * input_.covered_days, unit * input_.period_days,
                     RoundingMode::HalfUp) *
           unit;
  }

  /// What is left of an allowance that is for more than this period.
  Exact left_to_date(const QuantityStep& step) const {
    const Exact whole = scaled_.amount(step.amount);
    const Exact used = multiply(used_of(static_cast<uint32_t>(charge_.tier_meters.size())),
                                charge_.quantity_denominator);
    if (!whole || !used) return kTooLarge;
    return *whole - std::min(*whole, *used);
  }

  Int128 quantity(uint32_t entry, uint32_t part) const {
    if (!charge_.share_of.empty()) return share_base_;
    return usage_.quantities[entry * charge_.parts + part];
  }
  /// What was used of the charge's `i`th tier meter; after those, what was used to date.
  Int128 used_of(uint32_t i) const { return usage_.quantities[usage_.count * charge_.parts + i]; }

  /// What is held against the bounds, where that is one other number. It is needed for every line,
  /// so where it does not fit the first one fails.
  Exact choose() {
    if (charge_.tier_by == dsl::TierBy::Meter)
      return multiply(used_of(0), charge_.quantity_denominator);
    if (charge_.tier_by != dsl::TierBy::Rows) return 0;
    Int128 total = 0;
    for (uint32_t entry = 0; entry < usage_.count; ++entry) {
      const Exact with = stepped(quantity(entry, 0), nullptr);
      const Exact sum = with ? add(total, with) : with;
      if (!sum) return sum;
      total = *sum;
    }
    std::ranges::copy(constants_, shared_left_.begin());
    return total;
  }

  /// Adds to what the charge comes to on a day, for those that take a share of it; false where the
  /// sum does not fit.
  bool keep(Int128 amount, uint32_t day) const {
    if (!charge_.keeps_amounts) return true;
    const Exact sum = add(usage_.amounts[day], amount);
    if (sum) usage_.amounts[day] = *sum;
    return sum.has_value();
  }

  void start_free_items(const QuantityStep& step) {
    items_left_ = step.items;
    bounded_ = step.amount != kInt128Max;
    if (!bounded_) return;
    const Exact left = scaled_.amount(step.amount);
    if (left)
      free_left_ = *left;
    else
      before_lines_ = left;
  }

  /// The line of a cell whose items are priced one by one.
  std::expected<LineAmount, FaultKind> rate_items(uint32_t entry, uint32_t cell) {
    Int128 sum = 0;
    for (uint32_t item = usage_.first_item(entry); item < usage_.item_ends[entry]; ++item) {
      day_ = charge_.grain == dsl::Grain::Day ? usage_.item_parts[item] : 0;
      const Exact amount = rate_item(item, cell);
      const Exact with = amount ? add(sum, amount) : amount;
      if (with && !keep(*amount, day_)) return kTooLarge;
      if (!with) return std::unexpected(with.error());
      sum = *with;
    }
    if (charge_.rounds_items) {
      if (!fits_int64(sum)) return kTooLarge;
      return LineAmount{sum, 1, static_cast<int64_t>(sum)};
    }
    const Exact divisor = scaled_.amount(charge_.denominator);
    if (!divisor) return kTooLarge;
    return line_of(sum, *divisor);
  }

  /// An item's exact amount in 1/D, or where items are rounded, its minor units.
  Exact rate_item(uint32_t item, uint32_t cell) {
    free_ = false;
    const Exact exact = amount_of_item(item, cell);
    if (!exact) return exact;
    Exact amount = *exact;
    if (charge_.rounds_items && !free_) {
      const Exact divisor = scaled_.amount(charge_.denominator);
      if (!divisor) return divisor;
      const auto rounded = round_line(*exact, *divisor, program_);
      if (!rounded) return std::unexpected(rounded.error());
      amount = rounded->amount;
    }
    if (trace_)
      trace_->on_item(
          line_, item, free_,
          charge_.rounds_items ? Ratio(*amount) : in_minor(*amount, charge_.denominator));
    return amount;
  }

  Exact amount_of_item(uint32_t item, uint32_t cell) {
    const Exact quantity = stepped(usage_.quantities[item], trace_);
    if (!quantity) return quantity;
    if (free_) return 0;
    std::optional<uint32_t> tier;
    const Table& table = charge_.tables[charge_.table_of_cell[cell]];
    Exact amount = price(table, *quantity, tier);
    const uint32_t part = charge_.grain == dsl::Grain::Item ? usage_.item_parts[item] : 0;
    if (trace_ && amount) tell(part, table, *quantity, *amount, tier);
    Int128 denominator = charge_.price_denominator;
    for (const MoneyStep& step : charge_.money_steps) {
      if (!amount) return amount;
      amount = money_step(step, *amount, cell, part, denominator);
      denominator *= step.denominator;
    }
    return amount;
  }

  Exact rate_part(Int128 mantissa, uint32_t cell, uint32_t part) {
    const Exact quantity = stepped(mantissa, trace_);
    if (!quantity) return quantity;
    std::optional<uint32_t> tier;
    const Table& table = charge_.tables[charge_.table_of_cell[cell]];
    Exact amount = price(table, *quantity, tier);
    if (!amount) return amount;
    if (trace_) tell(part, table, *quantity, *amount, tier);
    Int128 denominator = charge_.price_denominator;
    for (uint32_t i = 0; amount && i < charge_.steps_on_parts; ++i) {
      amount = money_step(charge_.money_steps[i], *amount, cell, part, denominator);
      denominator *= charge_.money_steps[i].denominator;
    }
    return amount;
  }

  /// A quantity in 1/(E x 10^s) after the quantity steps.
  Exact stepped(Int128 mantissa, Trace* trace) {
    Exact quantity = multiply(mantissa, charge_.quantity_denominator);
    for (uint32_t i = 0; quantity && !free_ && i < charge_.quantity_steps.size(); ++i) {
      const Int128 before = *quantity;
      quantity = apply(i, before);
      if (trace && quantity)
        trace->on_quantity_step(line_, charge_.quantity_steps[i].step, in_units(before),
                                in_units(*quantity));
    }
    return quantity;
  }

  Exact apply(uint32_t index, Int128 quantity) {
    const QuantityStep& step = charge_.quantity_steps[index];
    switch (step.kind) {
      case QuantityStep::Kind::Subtract:
        return quantity - std::min(quantity, constants_[index]);
      case QuantityStep::Kind::SubtractShared: {
        const Int128 taken = std::min(quantity, shared_left_[index]);
        shared_left_[index] -= taken;
        return quantity - taken;
      }
      case QuantityStep::Kind::Round: {
        const Exact size = scaled_.amount(step.amount);
        if (!size) return size;
        return multiply(div_round(quantity, *size, step.mode), *size);
      }
      case QuantityStep::Kind::SubtractShare:
        return quantity - std::min(quantity, share(step));
      case QuantityStep::Kind::FreeItems:
        return after_free_items(quantity);
    }
    return kTooLarge;
  }

  /// A part of what another charge comes to; as a threshold, since it is only taken off.
  Int128 share(const QuantityStep& step) const {
    const ChargeUsage& other = input_.charges[step.charge];
    const Int128 factor = power_of_ten(static_cast<int>(usage_.scale - other.scale));
    const auto amount = checked_mul(other.amounts[day_], step.amount);
    return (amount ? checked_mul(*amount, factor) : amount).value_or(kInt128Max);
  }

  /// Sets `free_`, or ends the allowance.
  Exact after_free_items(Int128 quantity) {
    if (items_left_ == 0) return quantity;
    if (!bounded_ || quantity <= free_left_) {
      free_ = true;
      --items_left_;
      if (bounded_) free_left_ -= quantity;
      return quantity;
    }
    items_left_ = 0;
    return quantity - free_left_;
  }

  /// `tier` is set where something else than the quantity chose it.
  Exact price(const Table& table, Int128 quantity, std::optional<uint32_t>& tier) const {
    if (charge_.tier_by == dsl::TierBy::Joint) return joint_price(table, quantity, tier);
    if (quantity == 0) return scaled_.amount(table.at_zero);
    const bool own = charge_.tier_by == dsl::TierBy::Own;
    const auto below = [&](const Piece& piece) {
      return scaled_.threshold(piece.up_to) < (own ? quantity : *chooser_);
    };
    const auto piece = std::ranges::partition_point(table.pieces, below);
    if (piece == table.pieces.end()) return std::unexpected(FaultKind::AboveLastTier);
    if (!own) tier = piece->tier;
    const Exact amount = price(*piece, quantity);
    return table.rounds_tiers && amount ? rounded_slice(*piece, *amount) : amount;
  }

  /// The first piece whose bounds hold what was used of every meter.
  Exact joint_price(const Table& table, Int128 first, std::optional<uint32_t>& tier) const {
    bool used = first > 0;
    std::vector<Int128> others;
    for (uint32_t i = 0; i < charge_.tier_meters.size(); ++i) {
      const Exact other = multiply(used_of(i), charge_.quantity_denominator);
      if (!other) return other;
      others.push_back(*other);
      used = used || *other > 0;
    }
    if (!used) return 0;
    const auto holds_all = [&](const Piece& piece) {
      if (scaled_.threshold(piece.up_to) < first) return false;
      for (size_t i = 0; i < others.size(); ++i)
        if (scaled_.threshold(piece.also_up_to[i]) < others[i]) return false;
      return true;
    };
    const auto piece = std::ranges::find_if(table.pieces, holds_all);
    if (piece == table.pieces.end()) return std::unexpected(FaultKind::AboveLastTier);
    tier = piece->tier;
    return scaled_.amount(piece->start);
  }

  /// The full tiers below and the slice of this one, each rounded; in 1/(E x P x 10^s).
  Exact rounded_slice(const Piece& piece, Int128 slice) const {
    const Exact minor = scaled_.amount(charge_.price_denominator);
    const Exact divisor = minor ? multiply(*minor, program_.rounding_step) : minor;
    if (!divisor) return divisor;
    const Exact rounded = multiply(div_round(slice, *divisor, program_.rounding), *divisor);
    const Exact below = multiply(piece.below, *minor);
    if (!below) return below;
    return rounded ? add(*rounded, below) : rounded;
  }

  Exact price(const Piece& piece, Int128 quantity) const {
    const Int128 above = quantity - scaled_.threshold(piece.lower);
    Exact amount = multiply(above, piece.price);
    const Exact start = scaled_.amount(piece.start);
    if (!start) return start;
    amount = amount ? add(*start, amount) : amount;
    for (const Block& block : piece.blocks) {
      if (!amount) return amount;
      const Int128 started = div_round(above, scaled_.threshold(block.size), RoundingMode::Up);
      const Exact block_price = scaled_.amount(block.price);
      if (!block_price) return block_price;
      amount = add(*amount, multiply(started, *block_price));
    }
    return amount;
  }

  void tell(uint32_t part, const Table& table, Int128 quantity, Int128 amount,
            std::optional<uint32_t> chosen) {
    if (chosen)
      tell_tier(part, *chosen, quantity, amount, amount, true);
    else
      tell_slices(part, table, quantity);
    const bool by_other =
        charge_.tier_by == dsl::TierBy::Rows || charge_.tier_by == dsl::TierBy::Meter;
    trace_->on_priced(line_, part, in_units(quantity), in_units(by_other ? *chooser_ : quantity),
                      in_minor(amount, charge_.price_denominator));
  }

  void tell_tier(uint32_t part, uint32_t tier, Int128 quantity, Int128 exact, Int128 amount,
                 bool chosen = false) {
    trace_->on_tier(line_, part,
                    {.tier = tier,
                     .chosen = chosen,
                     .quantity = in_units(quantity),
                     .exact = in_minor(exact, charge_.price_denominator),
                     .amount = in_minor(amount, charge_.price_denominator)});
  }

  /// Takes a priced quantity apart again. All that is computed here is part of an amount that fits,
  /// so the values are there.
  void tell_slices(uint32_t part, const Table& table, Int128 quantity) {
    Int128 told = 0;  // what the tiers told of so far cost
    if (table.has_zero_tier() && (quantity == 0 || table.graduated)) {
      told = scaled_.amount(table.at_zero).value_or(0);
      tell_tier(part, 0, 0, told, told);
    }
    for (const Piece& piece : table.pieces) {
      const Int128 lower = scaled_.threshold(piece.lower);
      const Int128 top = std::min(quantity, scaled_.threshold(piece.up_to));
      if (quantity <= lower) return;
      if (top < quantity && !table.graduated) continue;
      const Int128 cost = price(piece, top).value_or(0);
      const Int128 amount = table.rounds_tiers ? rounded_slice(piece, cost).value_or(0) : cost;
      tell_tier(part, piece.tier, top - lower, table.rounds_tiers ? cost : cost - told,
                amount - told);
      told = amount;
      if (top == quantity) return;
    }
  }

  Exact money_step(const MoneyStep& step, Int128 before, uint32_t cell, uint32_t part,
                   Int128 denominator) {
    const bool holds = !step.condition || (*step.condition)(cell, part);
    if (!holds) return multiply(before, step.denominator);
    const Exact after = apply(step, before, constant(step, denominator));
    if (trace_ && after)
      trace_->on_money_step(line_, part, step.step, in_minor(before, denominator),
                            in_minor(*after, denominator * step.denominator));
    return after;
  }

  /// The step's amount in 1/D, `denominator` being D at the step.
  Int128 constant(const MoneyStep& step, Int128 denominator) const {
    if (!step.prorated) return step.amount;
    return prorated(*step.prorated, input_, program_) * denominator;
  }

  Exact apply(const MoneyStep& step, Int128 amount, Int128 constant) const {
    switch (step.kind) {
      case MoneyStep::Kind::Scale:
        return multiply(amount, step.numerator);
      case MoneyStep::Kind::Subtract:
        return amount - std::min(amount, scaled_.threshold(constant));
      case MoneyStep::Kind::Add:
        return add(amount, scaled_.amount(constant));
      case MoneyStep::Kind::AtLeast: {
        if (input_.final == 0 && !step.at_once) return amount;
        const Exact floor = scaled_.amount(constant);
        return floor ? std::max(amount, *floor) : floor;
      }
      case MoneyStep::Kind::AtMost:
        return std::min(amount, scaled_.threshold(constant));
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
  const RateInput& input_;
  const ChargeUsage& usage_;
  const Int128 share_base_;
  Trace* const trace_;
  const Scaled scaled_;
  std::vector<Int128> constants_;    // per quantity step: its amount in 1/(E x 10^s)
  std::vector<Int128> shared_left_;  // the same, less what cells have taken
  Exact before_lines_ = 0;           // fails where something that all lines need does not fit
  Exact chooser_;                    // what is held against bounds, where that is no cell's own
  int64_t items_left_ = 0;           // that are free; 0 once the allowance has ended
  bool bounded_ = false;             // whether it also ends with a quantity: ...
  Int128 free_left_ = 0;             // ... what is left of that
  bool free_ = false;                // the item that is being rated
  uint32_t day_ = 0;                 // of it, in a charge by day
  uint32_t line_ = 0;
};

}  // namespace

bool rate_cells(const RatingProgram& program, uint32_t index, const RateInput& input,
                Int128 share_base, uint32_t first_line, Trace* trace, const PutLine& put) {
  const ChargeUsage& usage = input.charges[index];
  ChargeRun run(program, program.charges[index], usage, input, share_base, trace);
  for (uint32_t i = 0; i < usage.count; ++i)
    if (!put(run.rate_cell(i, first_line + i))) return false;
  return true;
}

}  // namespace toll::compiler
