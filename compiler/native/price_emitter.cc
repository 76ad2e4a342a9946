#include "compiler/native/price_emitter.h"

#include <algorithm>

namespace toll::compiler {

using llvm::Value;

PriceEmitter::PriceEmitter(FunctionEmitter& function, const RatingProgram& program,
                           const Charge& charge, Value* too_large, Value* table)
    : f_(function),
      b_(function.builder()),
      layout_(function.layout()),
      program_(program),
      charge_(charge),
      too_large_(too_large),
      table_(table) {
  index_pieces();
}

/// All pieces of all tables in one row, and where each table's begin and end.
void PriceEmitter::index_pieces() {
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

Value* PriceEmitter::emit(Arithmetic& a, Value* n, const TierChoice& choice) {
  if (!differs_at_zero()) return price_above_zero(a, n, choice);
  Value* unused = b_.CreateICmpEQ(n, a.constant(0));
  for (Value* other : choice.others)
    unused = b_.CreateAnd(unused, b_.CreateICmpEQ(other, a.constant(0)));
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
  b_.CreateStore(price_above_zero(a, n, choice), result);
  b_.CreateBr(priced);
  b_.SetInsertPoint(priced);
  return b_.CreateLoad(a.type(), result);
}

/// False where the formula of the first piece already gives the amount at quantity 0.
bool PriceEmitter::differs_at_zero() const {
  if (charge_.tier_by != dsl::TierBy::Own) return true;
  return std::ranges::any_of(charge_.tables, [](const Table& table) {
    return table.rounds_tiers || table.pieces.empty() ||
           table.pieces.front().start != table.at_zero;
  });
}

Value* PriceEmitter::price_above_zero(Arithmetic& a, Value* n, const TierChoice& choice) {
  if (pieces_.empty()) {  // closed right above 0
    f_.fault_if(b_.getTrue(), above_last_tier());
    return a.constant(0);
  }
  Value* piece = choose_piece(a, n, choice);
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
Value* PriceEmitter::round_slice(Arithmetic& a, Value* slice, Value* below) {
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

Value* PriceEmitter::choose_piece(Arithmetic& a, Value* n, const TierChoice& choice) {
  if (charge_.tier_by == dsl::TierBy::Own) return find_piece(a, n);
  if (charge_.tier_by == dsl::TierBy::Joint) return find_joint_piece(a, n, choice.others);
  Arithmetic full = choice.chooser_arithmetic;
  return find_piece(full, choice.chooser);
}

/// The first piece whose bounds hold `n` and what was used of the other meters.
Value* PriceEmitter::find_joint_piece(Arithmetic& a, Value* n, const std::vector<Value*>& others) {
  llvm::AllocaInst* place = f_.variable(b_.getInt32(0));
  llvm::BasicBlock *head = f_.block("joint"), *next = f_.block("next"), *found = f_.block("held");
  b_.CreateBr(head);
  b_.SetInsertPoint(head);
  Value* piece = b_.CreateLoad(layout_.i32, place);
  if (!charge_.tables.front().open())
    f_.fault_if(b_.CreateICmpEQ(piece, b_.getInt32(end_piece_.front())), above_last_tier());
  Value* held = b_.getTrue();
  for (size_t i = 0; i <= others.size(); ++i) {
    std::vector<llvm::Constant*> bounds;
    for (const Piece* each : pieces_)
      bounds.push_back(a.constant(i == 0 ? each->up_to : each->also_up_to[i - 1]));
    Value* within =
        b_.CreateICmpULE(i == 0 ? n : others[i - 1], a.threshold(f_.lookup(bounds, piece)));
    held = b_.CreateAnd(held, within);
  }
  b_.CreateCondBr(held, found, next);
  b_.SetInsertPoint(next);
  b_.CreateStore(b_.CreateAdd(piece, b_.getInt32(1)), place);
  b_.CreateBr(head);
  b_.SetInsertPoint(found);
  return piece;
}

Value* PriceEmitter::price_blocks(Arithmetic& a, Value* above, Value* piece, size_t index) {
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
Value* PriceEmitter::find_piece(Arithmetic& a, Value* n) {
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
Value* PriceEmitter::above_last_tier() {
  return b_.CreateSelect(b_.CreateLoad(layout_.i1, too_large_), f_.fault_kind(FaultKind::TooLarge),
                         f_.fault_kind(FaultKind::AboveLastTier));
}

}  // namespace toll::compiler
