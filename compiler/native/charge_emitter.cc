#include "compiler/native/charge_emitter.h"

#include <algorithm>

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
    final_ = f_.final_period();
    too_large_ = f_.variable(b_.getFalse());
    index_pieces();
  }

  llvm::Function* emit() {
    Value* total_before = f_.total();
    fix_constants();
    start_shared_allowances();
    choose();
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
  /// All pieces of all tables in one row, and where each table's begin and end.
  void index_pieces() {
    for (const Table& table : charge_.tables) {
      first_piece_.push_back(static_cast<uint32_t>(pieces_.size()));
      for (const Piece& piece : table.pieces) {
        pieces_.push_back(&piece);
        blocks_ = std::max(blocks_, piece.blocks.size());
      }
      end_piece_.push_back(static_cast<uint32_t>(pieces_.size()));
      // The last piece of an open table needs no comparison.
      search_end_.push_back(end_piece_.back() - (table.open() ? 1 : 0));
    }
  }

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
      if (charge_.quantity_steps[i].kind != QuantityStep::Kind::SubtractShared) continue;
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
      Value* n = quantity_steps(a, quantity(entry, b_.getInt32(0)));
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
    if (charge_.narrow_max < 0) {
      Arithmetic arithmetic = wide();
      return rate_cell(arithmetic, entry, cell);
    }
    llvm::BasicBlock *narrow_block = f_.block("narrow"), *wide_block = f_.block("wide");
    llvm::BasicBlock* done = f_.block("done");
    b_.CreateCondBr(is_narrow(entry), narrow_block, wide_block);
    b_.SetInsertPoint(narrow_block);
    Arithmetic narrow = Arithmetic::narrow(b_);
    rate_cell(narrow, entry, cell);
    b_.CreateBr(done);
    b_.SetInsertPoint(wide_block);
    Arithmetic full = wide();
    rate_cell(full, entry, cell);
    b_.CreateBr(done);
    b_.SetInsertPoint(done);
  }

  Value* quantity(Value* entry, Value* part) {
    if (!charge_.share_of.empty()) return f_.share_base();
    Value* first = b_.CreateMul(b_.CreateZExt(entry, layout_.i64), b_.getInt64(charge_.parts));
    Value* index = b_.CreateAdd(first, b_.CreateZExt(part, layout_.i64));
    return f_.element(layout_.i128, quantities_, index);
  }

  /// i1: the quantities of the cell are whole and in the range that lowering proved.
  Value* is_narrow(Value* entry) {
    llvm::AllocaInst* result = f_.variable(b_.CreateICmpEQ(scale_, b_.getInt32(0)));
    for_each_part([&](Value* part) {
      Value* fits =
          b_.CreateICmpULE(quantity(entry, part), int_constant(layout_.i128, charge_.narrow_max));
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

  /// The pipeline of the charge at one width, and its line.
  void rate_cell(Arithmetic& a, Value* entry, Value* cell) {
    llvm::AllocaInst* sum = f_.variable(a.constant(0));
    for_each_part([&](Value* part) {
      Value* amount = price(a, quantity_steps(a, quantity(entry, part)));
      for (uint32_t i = 0; i < charge_.steps_on_parts; ++i)
        amount = money_step(a, i, amount, cell, part);
      b_.CreateStore(a.add(b_.CreateLoad(a.type(), sum), amount), sum);
    });
    Value* amount = b_.CreateLoad(a.type(), sum);
    for (uint32_t i = charge_.steps_on_parts; i < charge_.money_steps.size(); ++i)
      amount = money_step(a, i, amount, cell, b_.getInt32(0));
    put_rounded(a, amount);
  }

  Value* quantity_steps(Arithmetic& a, Value* mantissa) {
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
    if (!differs_at_zero()) return price_above_zero(a, n);
    Value* unused = b_.CreateICmpEQ(n, a.constant(0));
    if (charge_.tier_by == dsl::TierBy::Joint) {
      others_.clear();
      for (uint32_t i = 0; i < charge_.tier_meters.size(); ++i) {
        others_.push_back(used_of(a, i));
        unused = b_.CreateAnd(unused, b_.CreateICmpEQ(others_.back(), a.constant(0)));
      }
    }
    llvm::BasicBlock *zero = f_.block("zero"), *above = f_.block("above"),
                     *priced = f_.block("priced");
    llvm::AllocaInst* result = f_.variable(a.constant(0));
    b_.CreateCondBr(unused, zero, above);
    b_.SetInsertPoint(zero);
    std::vector<llvm::Constant*> at_zero;
    for (const Table& each : charge_.tables) at_zero.push_back(a.constant(each.at_zero));
    b_.CreateStore(a.amount(f_.lookup(at_zero, table_)), result);
    b_.CreateBr(priced);
    b_.SetInsertPoint(above);
    b_.CreateStore(price_above_zero(a, n), result);
    b_.CreateBr(priced);
    b_.SetInsertPoint(priced);
    return b_.CreateLoad(a.type(), result);
  }

  /// False where the formula of the first piece already gives the amount at quantity 0.
  bool differs_at_zero() const {
    if (charge_.tier_by != dsl::TierBy::Own) return true;
    return std::ranges::any_of(charge_.tables, [](const Table& table) {
      return table.rounds_tiers || table.pieces.empty() ||
             table.pieces.front().start != table.at_zero;
    });
  }

  Value* price_above_zero(Arithmetic& a, Value* n) {
    if (pieces_.empty()) {  // closed right above 0
      f_.fault_if(b_.getTrue(), above_last_tier());
      return a.constant(0);
    }
    Value* piece = choose_piece(a, n);
    const auto field = [&](Int128 Piece::* member) {
      std::vector<llvm::Constant*> values;
      for (const Piece* each : pieces_) values.push_back(a.constant(each->*member));
      return f_.lookup(values, piece);
    };
    Value* above = a.sub(n, a.threshold(field(&Piece::lower)));
    Value* amount = a.add(a.amount(field(&Piece::start)), a.mul(above, field(&Piece::price)));
    for (size_t i = 0; i < blocks_; ++i) amount = a.add(amount, price_blocks(a, above, piece, i));
    if (std::ranges::none_of(charge_.tables, &Table::rounds_tiers)) return amount;
    return round_slice(a, amount, field(&Piece::below));
  }

  /// The full tiers below and the slice, each rounded; as it is in tables that round no tiers.
  Value* round_slice(Arithmetic& a, Value* slice, Value* below) {
    llvm::BasicBlock *rounds = f_.block("rounds"), *done = f_.block("rounded");
    llvm::AllocaInst* result = f_.variable(slice);
    std::vector<llvm::Constant*> marks;
    for (const Table& table : charge_.tables) marks.push_back(b_.getInt8(table.rounds_tiers));
    b_.CreateCondBr(b_.CreateICmpNE(f_.lookup(marks, table_), b_.getInt8(0)), rounds, done);
    b_.SetInsertPoint(rounds);
    Value* minor = a.amount(a.constant(charge_.price_denominator));
    Value* divisor = a.mul(minor, a.constant(program_.rounding_step));
    Value* rounded = a.mul(a.div_round(slice, divisor, program_.rounding), divisor);
    b_.CreateStore(a.add(rounded, a.mul(below, minor)), result);
    b_.CreateBr(done);
    b_.SetInsertPoint(done);
    return b_.CreateLoad(a.type(), result);
  }

  Value* choose_piece(Arithmetic& a, Value* n) {
    if (charge_.tier_by == dsl::TierBy::Own) return find_piece(a, n);
    if (charge_.tier_by == dsl::TierBy::Joint) return find_joint_piece(a, n);
    Arithmetic full = wide();
    return find_piece(full, chooser_);
  }

  /// The first piece whose bounds hold `n` and what was used of the other meters.
  Value* find_joint_piece(Arithmetic& a, Value* n) {
    llvm::AllocaInst* place = f_.variable(b_.getInt32(0));
    llvm::BasicBlock *head = f_.block("joint"), *next = f_.block("next"), *found = f_.block("held");
    b_.CreateBr(head);
    b_.SetInsertPoint(head);
    Value* piece = b_.CreateLoad(layout_.i32, place);
    if (!charge_.tables.front().open())
      f_.fault_if(b_.CreateICmpEQ(piece, b_.getInt32(end_piece_.front())), above_last_tier());
    Value* held = b_.getTrue();
    for (size_t i = 0; i <= others_.size(); ++i) {
      std::vector<llvm::Constant*> bounds;
      for (const Piece* each : pieces_)
        bounds.push_back(a.constant(i == 0 ? each->up_to : each->also_up_to[i - 1]));
      Value* within =
          b_.CreateICmpULE(i == 0 ? n : others_[i - 1], a.threshold(f_.lookup(bounds, piece)));
      held = b_.CreateAnd(held, within);
    }
    b_.CreateCondBr(held, found, next);
    b_.SetInsertPoint(next);
    b_.CreateStore(b_.CreateAdd(piece, b_.getInt32(1)), place);
    b_.CreateBr(head);
    b_.SetInsertPoint(found);
    return piece;
  }

  Value* price_blocks(Arithmetic& a, Value* above, Value* piece, size_t index) {
    std::vector<llvm::Constant*> sizes, prices;
    for (const Piece* each : pieces_) {
      const Block block = index < each->blocks.size() ? each->blocks[index] : Block{};
      sizes.push_back(a.constant(block.size));
      prices.push_back(a.constant(block.price));
    }
    Value* started = a.div_round(above, a.threshold(f_.lookup(sizes, piece)), RoundingMode::Up);
    // The price is scaled last: where no block has started, it need not fit.
    return a.amount(a.mul(started, f_.lookup(prices, piece)));
  }

  /// The first piece of the cell's table whose bound is not below n, by bisection.
  Value* find_piece(Arithmetic& a, Value* n) {
    llvm::AllocaInst* low = f_.variable(f_.lookup(first_piece_, table_));
    const bool all_open = std::ranges::all_of(charge_.tables, &Table::open);
    if (all_open && search_end_ == first_piece_) return b_.CreateLoad(layout_.i32, low);
    std::vector<llvm::Constant*> bounds;
    for (const Piece* piece : pieces_) bounds.push_back(a.constant(piece->up_to));
    llvm::AllocaInst* high = f_.variable(f_.lookup(search_end_, table_));
    llvm::BasicBlock *head = f_.block("search"), *halve = f_.block("halve"),
                     *found = f_.block("found");
    b_.CreateBr(head);
    b_.SetInsertPoint(head);
    Value* from = b_.CreateLoad(layout_.i32, low);
    Value* to = b_.CreateLoad(layout_.i32, high);
    b_.CreateCondBr(b_.CreateICmpULT(from, to), halve, found);
    b_.SetInsertPoint(halve);
    Value* middle = b_.CreateLShr(b_.CreateAdd(from, to), 1);
    Value* within = b_.CreateICmpULE(n, a.threshold(f_.lookup(bounds, middle)));
    b_.CreateStore(b_.CreateSelect(within, from, b_.CreateAdd(middle, b_.getInt32(1))), low);
    b_.CreateStore(b_.CreateSelect(within, middle, to), high);
    b_.CreateBr(head);
    b_.SetInsertPoint(found);
    if (!all_open)
      f_.fault_if(b_.CreateICmpEQ(from, f_.lookup(end_piece_, table_)), above_last_tier());
    return from;
  }

  /// i32: a quantity that is itself too large is that first.
  Value* above_last_tier() {
    return b_.CreateSelect(b_.CreateLoad(layout_.i1, too_large_),
                           f_.fault_kind(FaultKind::TooLarge),
                           f_.fault_kind(FaultKind::AboveLastTier));
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
        applies = b_.CreateAnd(applies, final_);
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

  void put_rounded(Arithmetic& a, Value* amount) {
    Value* denominator = a.amount(a.constant(charge_.denominator));
    if (f_.rounds_bill()) {
      if (a.is_wide())
        f_.fault_if(b_.CreateLoad(layout_.i1, too_large_), f_.fault_kind(FaultKind::TooLarge));
      return f_.put_line(b_.CreateZExt(amount, layout_.i128),
                         b_.CreateZExt(denominator, layout_.i128), b_.getInt64(0));
    }
    Value* step = a.constant(program_.rounding_step);
    Value* rounded = a.mul(a.div_round(amount, a.mul(denominator, step), program_.rounding), step);
    if (a.is_wide()) {
      a.mark_too_large(b_.CreateICmpUGT(rounded, int_constant(layout_.i128, INT64_MAX)));
      f_.fault_if(b_.CreateLoad(layout_.i1, too_large_), f_.fault_kind(FaultKind::TooLarge));
    }
    f_.put_line(b_.CreateZExt(amount, layout_.i128), b_.CreateZExt(denominator, layout_.i128),
                b_.CreateTrunc(rounded, layout_.i64));
  }

  const RatingProgram& program_;
  const Charge& charge_;
  FunctionEmitter f_;
  llvm::IRBuilder<>& b_;
  const Layout& layout_;
  Value *cells_, *quantities_, *count_, *scale_, *final_;
  Value* table_ = nullptr;  // of the cell that is being rated
  llvm::AllocaInst* too_large_;
  std::vector<Value*> allowances_;              // per quantity step, null where not prorated
  std::vector<Value*> prorated_money_;          // per money step, null where not prorated
  std::vector<llvm::AllocaInst*> shared_left_;  // per quantity step, null where not shared
  Value* chooser_ = nullptr;                    // see choose()
  std::vector<Value*> others_;  // of a joint capacity, in the cell that is being rated
  std::vector<const Piece*> pieces_;
  std::vector<uint32_t> first_piece_, end_piece_, search_end_;  // per table
  size_t blocks_ = 0;                                           // most blocks of a piece
};

}  // namespace

llvm::Function* emit_charge(ModuleContext& module, const RatingProgram& program, uint32_t index) {
  return ChargeEmitter(module, program, index).emit();
}

}  // namespace toll::compiler
