#include "compiler/native/charge_emitter.h"

#include <algorithm>

#include "compiler/native/price_emitter.h"

namespace toll::compiler {
namespace {

using llvm::Value;

class ChargeEmitter {
 public:
  ChargeEmitter(ModuleContext& module, const RatingProgram& program, uint32_t index)
      : program_(program),
        charge_(program.charges[index]),
        f_(module, "charge_" + std::to_string(index), program),
        b_(f_.builder()),
        layout_(f_.layout()) {
    Value* charges = f_.load_field(layout_.rate_input, f_.input(), Layout::Charges);
    Value* usage = b_.CreateInBoundsGEP(layout_.charge_usage, charges, b_.getInt64(index));
    cells_ = f_.load_field(layout_.charge_usage, usage, Layout::Cells);
    quantities_ = f_.load_field(layout_.charge_usage, usage, Layout::Quantities);
    count_ = f_.load_field(layout_.charge_usage, usage, Layout::Count);
    scale_ = f_.load_field(layout_.charge_usage, usage, Layout::Scale);
    item_ends_ = f_.load_field(layout_.charge_usage, usage, Layout::ItemEnds);
    item_parts_ = f_.load_field(layout_.charge_usage, usage, Layout::ItemParts);
    amounts_ = f_.load_field(layout_.charge_usage, usage, Layout::Amounts);
    final_ = f_.final_period();
    too_large_ = f_.variable(b_.getFalse());
  }

  llvm::Function* emit() {
    Value* total_before = f_.total();
    fix_constants();
    start_shared_allowances();
    choose();
    if (charge_.keeps_amounts) clear_amounts();
    if (charge_.cell_strides.empty())
      rate_cell(b_.getInt32(0), b_.getInt32(0));
    else
      f_.loop(count_,
              [&](Value* entry) { rate_cell(entry, f_.element(layout_.i32, cells_, entry)); });
    for (const SharedStep& step : charge_.shared_steps)
      f_.put_step_on_sum(step.kind, f_.money(step.amount, step.prorated),
                         b_.CreateSub(f_.total(), total_before));
    f_.finish();
    return f_.function();
  }

 private:
  struct Line {
    Value *numerator, *denominator, *amount;  // i128, i128, i64
  };

  Arithmetic wide() {
    Value* factor = f_.element(layout_.i128, f_.module().powers_of_ten, scale_);
    return Arithmetic::wide(b_, factor, too_large_, f_.module().div_round);
  }

  /// What depends on the days of the period is worked out before the first cell.
  void fix_constants() {
    for (const QuantityStep& step : charge_.quantity_steps)
      allowances_.push_back(step.prorated  ? prorated_allowance(step)
                            : step.to_date ? left_to_date(step)
                                           : nullptr);
    for (const MoneyStep& step : charge_.money_steps)
      prorated_money_.push_back(step.prorated ? f_.money(*step.prorated, true) : nullptr);
  }

  /// i128, in 1/E: for a part of the period whole units.
  Value* prorated_allowance(const QuantityStep& step) {
    Value* whole = int_constant(layout_.i128, step.amount);
    Value* unit = int_constant(layout_.i128, charge_.quantity_denominator);
    Value *covered = f_.covered_days(), *period = f_.period_days();
    Value* mode = b_.getInt32(static_cast<uint32_t>(RoundingMode::HalfUp));
    Value* units = b_.CreateCall(f_.module().div_round,
                                 {b_.CreateMul(whole, covered), b_.CreateMul(unit, period), mode});
    return b_.CreateSelect(b_.CreateICmpEQ(covered, period), whole, b_.CreateMul(units, unit));
  }

  /// A constant that is known when the charge is rated; narrow: the largest value where it is
  /// larger.
  Value* at_width(Arithmetic& a, Value* value) {
    if (a.is_wide()) return value;
    Value* most = int_constant(layout_.i128, INT64_MAX);
    return b_.CreateTrunc(b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, value, most), a.type());
  }

  /// i128, in 1/(E x 10^s): what is left of an allowance that is for more than this period.
  Value* left_to_date(const QuantityStep& step) {
    Arithmetic a = wide();
    Value* whole = a.amount(a.constant(step.amount));
    Value* used = used_of(a, static_cast<uint32_t>(charge_.tier_meters.size()));
    return a.sub(whole, a.min(whole, used));
  }

  /// What a Subtract step takes off at most, in 1/(E x 10^s).
  Value* allowance(Arithmetic& a, size_t i) {
    const QuantityStep& step = charge_.quantity_steps[i];
    if (step.to_date) return at_width(a, allowances_[i]);
    return a.threshold(allowances_[i] ? at_width(a, allowances_[i]) : a.constant(step.amount));
  }

  void start_shared_allowances() {
    shared_left_.clear();
    for (size_t i = 0; i < charge_.quantity_steps.size(); ++i) {
      shared_left_.push_back(nullptr);
      const QuantityStep& step = charge_.quantity_steps[i];
      if (step.kind == QuantityStep::Kind::FreeItems) start_free_items(step);
      if (step.kind != QuantityStep::Kind::SubtractShared) continue;
      Arithmetic arithmetic = wide();
      shared_left_.back() = f_.variable(allowance(arithmetic, i));
    }
  }

  /// What is held against the bounds, where that is one other number. Every line needs it, as it
  /// needs what is left of an allowance to date, so where one does not fit the first line fails.
  void choose() {
    Arithmetic a = wide();
    if (charge_.tier_by == dsl::TierBy::Meter) chooser_ = used_of(a, 0);
    if (charge_.tier_by == dsl::TierBy::Rows) chooser_ = sum_of_cells(a);
    if (!chooser_ && !charge_.to_date) return;
    Value* fails = b_.CreateAnd(b_.CreateLoad(layout_.i1, too_large_),
                                b_.CreateICmpNE(count_, b_.getInt32(0)));
    f_.fault_if(fails, f_.fault_kind(FaultKind::TooLarge));
  }

  /// Of their quantities after the quantity steps; shared allowances then begin anew.
  Value* sum_of_cells(Arithmetic& a) {
    llvm::AllocaInst* sum = f_.variable(a.constant(0));
    f_.loop(count_, [&](Value* entry) {
      Value* n = quantity_steps(a, quantity(entry, b_.getInt32(0)), nullptr);
      b_.CreateStore(a.add(b_.CreateLoad(a.type(), sum), n), sum);
    });
    start_shared_allowances();
    return b_.CreateLoad(a.type(), sum);
  }

  /// In 1/(E x 10^s): what was used of the charge's `i`th tier meter, which follows the cells.
  Value* used_of(Arithmetic& a, uint32_t i) {
    Value* first = b_.CreateMul(b_.CreateZExt(count_, layout_.i64), b_.getInt64(charge_.parts));
    Value* index = b_.CreateAdd(first, b_.getInt64(i));
    return a.mul(f_.element(layout_.i128, quantities_, index),
                 a.constant(charge_.quantity_denominator));
  }

  void rate_cell(Value* entry, Value* cell) {
    table_ = f_.lookup(charge_.table_of_cell, cell);
    if (charge_.grain != dsl::Grain::Cell) return rate_items(entry, cell);
    // All widths have one line to put, which is a good part of the code.
    llvm::AllocaInst *numerator = f_.array(layout_.i128, 1),
                     *denominator = f_.array(layout_.i128, 1), *amount = f_.array(layout_.i64, 1);
    at_each_width([&](int64_t most) { return are_at_most(entry, most); },
                  [&](Arithmetic& a) {
                    const Line line = rate_cell(a, entry, cell);
                    b_.CreateStore(line.numerator, numerator);
                    b_.CreateStore(line.denominator, denominator);
                    b_.CreateStore(line.amount, amount);
                  });
    put({.numerator = b_.CreateLoad(layout_.i128, numerator),
         .denominator = b_.CreateLoad(layout_.i128, denominator),
         .amount = b_.CreateLoad(layout_.i64, amount)});
  }

  /// Emits `body` at each width and scale that lowering proved, at 128 bits, and the choice between
  /// them. `at_most(n)` emits whether the quantities are no larger than n.
  template <typename AtMost, typename Body>
  void at_each_width(AtMost&& at_most, Body&& body) {
    llvm::BasicBlock* done = f_.block("done");
    const auto narrow = [&](uint32_t scale, int64_t most) {
      if (most < 0) return;
      llvm::BasicBlock *holds = f_.block("narrow"), *fails = f_.block("wider");
      Value* at_scale = b_.CreateICmpEQ(scale_, b_.getInt32(scale));
      b_.CreateCondBr(b_.CreateAnd(at_scale, at_most(most)), holds, fails);
      b_.SetInsertPoint(holds);
      const auto factor = static_cast<int64_t>(power_of_ten(static_cast<int>(scale)));
      Arithmetic arithmetic = Arithmetic::narrow(b_, factor);
      body(arithmetic);
      b_.CreateBr(done);
      b_.SetInsertPoint(fails);
    };
    narrow(0, charge_.narrow_max);
    if (charge_.narrow_scale > 0) narrow(charge_.narrow_scale, charge_.narrow_scaled_max);
    Arithmetic full = wide();
    body(full);
    b_.CreateBr(done);
    b_.SetInsertPoint(done);
  }

  /// A loop over the items of a cell; their amounts are added up in 128 bits.
  void rate_items(Value* entry, Value* cell) {
    llvm::AllocaInst* sum = f_.variable(int_constant(layout_.i128, 0));
    Value* before = b_.CreateSub(entry, b_.getInt32(1));  // wraps where it is not looked at
    Value* is_first = b_.CreateICmpEQ(entry, b_.getInt32(0));
    Value* first = b_.CreateSelect(
        is_first, b_.getInt32(0),
        f_.element(layout_.i32, item_ends_, b_.CreateSelect(is_first, entry, before)));
    Value* end = f_.element(layout_.i32, item_ends_, entry);
    f_.loop(b_.CreateSub(end, first),
            [&](Value* index) { rate_item(b_.CreateAdd(first, index), cell, sum); });
    put_sum_of_items(b_.CreateLoad(layout_.i128, sum));
  }

  void rate_item(Value* item, Value* cell, llvm::AllocaInst* sum) {
    Value* quantity = f_.element(layout_.i128, quantities_, item);
    Value* part = f_.element(layout_.i32, item_parts_, item);
    day_ = charge_.grain == dsl::Grain::Day ? part : b_.getInt32(0);
    const auto at_most = [&](int64_t most) {
      return b_.CreateICmpULE(quantity, int_constant(layout_.i128, most));
    };
    at_each_width(at_most, [&](Arithmetic& a) {
      llvm::BasicBlock* done = f_.block("rated");
      Value* n = quantity_steps(a, quantity, done);
      Value* amount = price(a, n);
      for (uint32_t i = 0; i < charge_.money_steps.size(); ++i)
        amount = money_step(a, i, amount, cell, part);
      if (charge_.rounds_items)
        amount = rounded(a, amount, a.amount(a.constant(charge_.denominator)));
      Arithmetic sums = wide();
      Value* so_far = b_.CreateLoad(layout_.i128, sum);
      b_.CreateStore(sums.add(so_far, b_.CreateZExt(amount, layout_.i128)), sum);
      keep(amount, day_);
      b_.CreateBr(done);
      b_.SetInsertPoint(done);
    });
  }

  /// Volatile, so that LLVM does not make a call of it.
  void clear_amounts() {
    f_.loop(b_.getInt32(kPeriodDaysMax), [&](Value* day) {
      b_.CreateStore(wide_zero(), amount_of_day(amounts_, day), /*isVolatile=*/true);
    });
  }

  Value* amount_of_day(Value* amounts, Value* day) {
    return b_.CreateInBoundsGEP(layout_.i128, amounts, b_.CreateZExt(day, layout_.i64));
  }

  /// Adds to what the charge comes to on a day, for those that take a share of it.
  void keep(Value* amount, Value* day) {
    if (!charge_.keeps_amounts) return;
    Arithmetic a = wide();
    Value* place = amount_of_day(amounts_, day);
    Value* sum = a.add(b_.CreateLoad(layout_.i128, place), b_.CreateZExt(amount, layout_.i128));
    b_.CreateStore(sum, place);
    f_.fault_if(b_.CreateLoad(layout_.i1, too_large_), f_.fault_kind(FaultKind::TooLarge));
  }

  /// A part of what another charge comes to on the day at hand, taken off.
  Value* take_share(Arithmetic& a, Value* n, const QuantityStep& step) {
    Value* charges = f_.load_field(layout_.rate_input, f_.input(), Layout::Charges);
    Value* other = b_.CreateInBoundsGEP(layout_.charge_usage, charges, b_.getInt64(step.charge));
    Value* amounts = f_.load_field(layout_.charge_usage, other, Layout::Amounts);
    Value* scale = f_.load_field(layout_.charge_usage, other, Layout::Scale);
    Value* places = b_.CreateSub(scale_, scale);
    Arithmetic scaling =
        Arithmetic::wide(b_, f_.element(layout_.i128, f_.module().powers_of_ten, places),
                         too_large_, f_.module().div_round);
    Value* amount = b_.CreateLoad(layout_.i128, amount_of_day(amounts, day_));
    Value* share =
        scaling.threshold(scaling.product(amount, int_constant(layout_.i128, step.amount)));
    Value* wanted = b_.CreateZExt(n, layout_.i128);
    Value* taken = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, wanted, share);
    return b_.CreateTrunc(b_.CreateSub(wanted, taken), a.type());
  }

  void put_sum_of_items(Value* sum) {
    Arithmetic a = wide();
    if (!charge_.rounds_items) return put(line_of(a, sum));
    a.mark_too_large(b_.CreateICmpUGT(sum, int_constant(layout_.i128, INT64_MAX)));
    f_.fault_if(b_.CreateLoad(layout_.i1, too_large_), f_.fault_kind(FaultKind::TooLarge));
    f_.put_line(sum, int_constant(layout_.i128, 1), b_.CreateTrunc(sum, layout_.i64));
  }

  void start_free_items(const QuantityStep& step) {
    items_left_ = f_.variable(b_.getInt64(static_cast<uint64_t>(step.items)));
    if (step.amount == kInt128Max) return;
    Arithmetic arithmetic = wide();
    free_left_ = f_.variable(arithmetic.amount(arithmetic.constant(step.amount)));
  }

  /// Goes on at `done` where the item is free.
  Value* take_free_item(Arithmetic& a, Value* n, llvm::BasicBlock* done) {
    Value* wanted = b_.CreateZExt(n, layout_.i128);
    Value* items = b_.CreateLoad(layout_.i64, items_left_);
    Value* goes_on = b_.CreateICmpNE(items, b_.getInt64(0));
    Value* left = free_left_ ? b_.CreateLoad(layout_.i128, free_left_) : nullptr;
    Value* has_room = left ? b_.CreateICmpULE(wanted, left) : b_.getTrue();
    Value* is_free = b_.CreateAnd(goes_on, has_room);
    b_.CreateStore(b_.CreateSelect(is_free, b_.CreateSub(items, b_.getInt64(1)), b_.getInt64(0)),
                   items_left_);
    llvm::BasicBlock *free = f_.block("free"), *due = f_.block("due");
    b_.CreateCondBr(is_free, free, due);
    b_.SetInsertPoint(free);
    if (left) b_.CreateStore(b_.CreateSub(left, wanted), free_left_);
    b_.CreateBr(done);
    b_.SetInsertPoint(due);
    if (!left) return n;
    return b_.CreateTrunc(b_.CreateSub(wanted, b_.CreateSelect(goes_on, left, wide_zero())),
                          a.type());
  }

  Value* wide_zero() const { return int_constant(layout_.i128, 0); }

  Value* quantity(Value* entry, Value* part) {
    if (!charge_.share_of.empty()) return f_.share_base();
    Value* first = b_.CreateMul(b_.CreateZExt(entry, layout_.i64), b_.getInt64(charge_.parts));
    Value* index = b_.CreateAdd(first, b_.CreateZExt(part, layout_.i64));
    return f_.element(layout_.i128, quantities_, index);
  }

  /// i1: no quantity of the cell is larger.
  Value* are_at_most(Value* entry, int64_t most) {
    llvm::AllocaInst* result = f_.variable(b_.getTrue());
    for_each_part([&](Value* part) {
      Value* fits = b_.CreateICmpULE(quantity(entry, part), int_constant(layout_.i128, most));
      b_.CreateStore(b_.CreateAnd(b_.CreateLoad(layout_.i1, result), fits), result);
    });
    return b_.CreateLoad(layout_.i1, result);
  }

  template <typename Body>
  void for_each_part(Body&& body) {
    if (charge_.parts == 1)
      body(b_.getInt32(0));
    else
      f_.loop(b_.getInt32(charge_.parts), body);
  }

  /// The pipeline of the charge at one width.
  Line rate_cell(Arithmetic& a, Value* entry, Value* cell) {
    llvm::AllocaInst* sum = f_.variable(a.constant(0));
    for_each_part([&](Value* part) {
      Value* amount = price(a, quantity_steps(a, quantity(entry, part), nullptr));
      for (uint32_t i = 0; i < charge_.steps_on_parts; ++i)
        amount = money_step(a, i, amount, cell, part);
      b_.CreateStore(a.add(b_.CreateLoad(a.type(), sum), amount), sum);
    });
    Value* amount = b_.CreateLoad(a.type(), sum);
    for (uint32_t i = charge_.steps_on_parts; i < charge_.money_steps.size(); ++i)
      amount = money_step(a, i, amount, cell, b_.getInt32(0));
    keep(amount, b_.getInt32(0));
    return line_of(a, amount);
  }

  /// `free` is where an item that costs nothing goes on.
  Value* quantity_steps(Arithmetic& a, Value* mantissa, llvm::BasicBlock* free) {
    Value* n = a.mul(b_.CreateTrunc(mantissa, a.type()), a.constant(charge_.quantity_denominator));
    for (size_t i = 0; i < charge_.quantity_steps.size(); ++i) {
      const QuantityStep& step = charge_.quantity_steps[i];
      switch (step.kind) {
        case QuantityStep::Kind::Subtract:
          n = a.sub(n, a.min(n, allowance(a, i)));
          break;
        case QuantityStep::Kind::SubtractShared:
          n = take_shared(a, n, shared_left_[i]);
          break;
        case QuantityStep::Kind::SubtractShare:
          n = take_share(a, n, step);
          break;
        case QuantityStep::Kind::FreeItems:
          n = take_free_item(a, n, free);
          break;
        case QuantityStep::Kind::Round: {
          Value* size = a.amount(a.constant(step.amount));
          n = a.mul(a.div_round(n, size, step.mode), size);
          break;
        }
      }
    }
    return n;
  }

  Value* take_shared(Arithmetic& a, Value* n, Value* left_place) {
    Value* left = b_.CreateLoad(layout_.i128, left_place);
    Value* wanted = b_.CreateZExt(n, layout_.i128);
    Value* taken = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, wanted, left);
    b_.CreateStore(b_.CreateSub(left, taken), left_place);
    return b_.CreateTrunc(b_.CreateSub(wanted, taken), a.type());
  }

  Value* price(Arithmetic& a, Value* n) {
    std::vector<Value*> others;
    if (charge_.tier_by == dsl::TierBy::Joint)
      for (uint32_t i = 0; i < charge_.tier_meters.size(); ++i) others.push_back(used_of(a, i));
    return PriceEmitter(f_, program_, charge_, too_large_, table_)
        .emit(a, n,
              {.chooser = chooser_, .chooser_arithmetic = chooser_ ? wide() : a, .others = others});
  }

  Value* money_step(Arithmetic& a, uint32_t index, Value* amount, Value* cell, Value* part) {
    const MoneyStep& step = charge_.money_steps[index];
    // Where a step does not apply, its constant becomes one that changes nothing.
    Value* applies = step.condition ? holds(*step.condition, cell, part) : b_.getTrue();
    const auto constant = [&](Int128 value, Int128 otherwise) {
      return b_.CreateSelect(applies, a.constant(value), a.constant(otherwise));
    };
    const auto bound = [&](Int128 otherwise) -> Value* {
      if (!step.prorated) return constant(step.amount, otherwise);
      Value* minor_units = int_constant(layout_.i128, denominator_at(index));
      Value* value = at_width(a, b_.CreateMul(prorated_money_[index], minor_units));
      return b_.CreateSelect(applies, value, a.constant(otherwise));
    };
    switch (step.kind) {
      case MoneyStep::Kind::Scale:
        return a.mul(amount, constant(step.numerator, step.denominator));
      case MoneyStep::Kind::Subtract:
        return a.sub(amount, a.min(amount, a.threshold(constant(step.amount, 0))));
      case MoneyStep::Kind::Add:
        return a.add(amount, a.amount(constant(step.amount, 0)));
      case MoneyStep::Kind::AtLeast:
        if (!step.at_once) applies = b_.CreateAnd(applies, final_);
        return a.max(amount, a.amount(bound(0)));
      case MoneyStep::Kind::AtMost:
        return a.min(amount, a.threshold(bound(kInt128Max)));
    }
    return amount;
  }

  /// D as it stands at a money step.
  Int128 denominator_at(uint32_t index) const {
    Int128 denominator = charge_.price_denominator;
    for (uint32_t i = 0; i < index; ++i) denominator *= charge_.money_steps[i].denominator;
    return denominator;
  }

  Value* holds(const Condition& condition, Value* cell, Value* part) {
    Value* index = condition.of == Condition::Of::Cell ? cell : part;
    Value* digit = b_.CreateURem(b_.CreateUDiv(index, b_.getInt32(condition.stride)),
                                 b_.getInt32(static_cast<uint32_t>(condition.holds.size())));
    std::vector<llvm::Constant*> marks;
    for (bool mark : condition.holds) marks.push_back(b_.getInt8(mark));
    return b_.CreateICmpNE(f_.lookup(marks, digit), b_.getInt8(0));
  }

  /// Whole minor units. Wide: marks what does not fit 64 bits.
  Value* rounded(Arithmetic& a, Value* amount, Value* denominator) {
    Value* step = a.constant(program_.rounding_step);
    Value* minor = a.mul(a.div_round(amount, a.mul(denominator, step), program_.rounding), step);
    if (a.is_wide())
      a.mark_too_large(b_.CreateICmpUGT(minor, int_constant(layout_.i128, INT64_MAX)));
    return minor;
  }

  /// Ends with a fault where anything did not fit.
  Line line_of(Arithmetic& a, Value* amount) {
    Value* denominator = a.amount(a.constant(charge_.denominator));
    const bool rounds = !f_.rounds_bill() && !charge_.in_credits;
    Value* minor = rounds ? rounded(a, amount, denominator) : b_.getInt64(0);
    if (a.is_wide())
      f_.fault_if(b_.CreateLoad(layout_.i1, too_large_), f_.fault_kind(FaultKind::TooLarge));
    return {.numerator = b_.CreateZExt(amount, layout_.i128),
            .denominator = b_.CreateZExt(denominator, layout_.i128),
            .amount = b_.CreateTrunc(minor, layout_.i64)};
  }

  void put(const Line& line) {
    if (charge_.in_credits) return f_.put_credits(line.numerator, line.denominator);
    f_.put_line(line.numerator, line.denominator, line.amount);
  }

  const RatingProgram& program_;
  const Charge& charge_;
  FunctionEmitter f_;
  llvm::IRBuilder<>& b_;
  const Layout& layout_;
  Value *cells_, *quantities_, *count_, *scale_, *final_, *item_ends_, *item_parts_, *amounts_;
  Value* table_ = nullptr;       // of the cell that is being rated
  Value* day_ = b_.getInt32(0);  // of the item that is being rated, in a charge by day
  llvm::AllocaInst* too_large_;
  std::vector<Value*> allowances_;              // per quantity step, null where not prorated
  std::vector<Value*> prorated_money_;          // per money step, null where not prorated
  std::vector<llvm::AllocaInst*> shared_left_;  // per quantity step, null where not shared
  Value* chooser_ = nullptr;                    // see choose()
  llvm::AllocaInst* items_left_ = nullptr;      // that are free; 0 once the allowance has ended
  llvm::AllocaInst* free_left_ = nullptr;       // null where no quantity ends it
};

}  // namespace

llvm::Function* emit_charge(ModuleContext& module, const RatingProgram& program, uint32_t index) {
  return ChargeEmitter(module, program, index).emit();
}

}  // namespace toll::compiler
