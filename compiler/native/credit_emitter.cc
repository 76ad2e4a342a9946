#include "compiler/native/credit_emitter.h"

namespace toll::compiler {
namespace {

using llvm::Value;

/// i128, of a pool of the card.
Value* available(FunctionEmitter& f, uint32_t pool) {
  Value* pools = f.load_field(f.layout().rate_input, f.input(), Layout::Available);
  return f.element(f.layout().i128, pools, f.builder().getInt32(pool));
}

Value* smaller(FunctionEmitter& f, Value* a, Value* b) {
  return f.builder().CreateBinaryIntrinsic(llvm::Intrinsic::umin, a, b);
}

class CreditEmitter {
 public:
  CreditEmitter(FunctionEmitter& f, const RatingProgram& program, const CreditStep& step)
      : f_(f),
        b_(f.builder()),
        program_(program),
        step_(step),
        factor_(b_.CreateMul(
            input(Layout::CreditSplit),
            f.element(f.layout().i128, f.module().powers_of_ten, input(Layout::CreditScale)))),
        too_large_(f.variable(b_.getFalse())),
        unit_(wide(too_large_).amount(constant(step.quantity_denominator))),
        divisor_(wide(too_large_).amount(constant(step.price_denominator))) {}

  void emit(const std::vector<LineRange>& lines) {
    add_up(lines);
    fault_if_too_large(too_large_, b_.getTrue());
    pay();
    llvm::AllocaInst* sum = f_.variable(constant(0));
    f_.loop(charge_count(),
            [&](Value* place) { b_.CreateStore(b_.CreateAdd(load(sum), load(open(place))), sum); });
    Value* left = load(sum);
    Value* is_left = b_.CreateICmpNE(left, constant(0));
    if (step_.blocked) f_.fault_if(is_left, f_.fault_kind(FaultKind::PoolIsEmpty));
    put(left, is_left);
  }

 private:
  Value* input(unsigned field) { return f_.load_field(f_.layout().rate_input, f_.input(), field); }
  Value* constant(Int128 value) const { return int_constant(f_.layout().i128, value); }
  Arithmetic wide(Value* too_large) {
    return Arithmetic::wide(b_, factor_, too_large, f_.module().div_round);
  }
  void fault_if_too_large(Value* flag, Value* where) {
    f_.fault_if(b_.CreateAnd(b_.CreateLoad(f_.layout().i1, flag), where),
                f_.fault_kind(FaultKind::TooLarge));
  }

  Value* load(Value* place) { return b_.CreateLoad(f_.layout().i128, place); }
  Value* charge_count() { return b_.getInt32(static_cast<uint32_t>(step_.charges.size())); }
  /// Where it stands what is not paid of the charge at a place of the step.
  Value* open(Value* place) {
    if (is_constant(place, 0)) return open_;
    return b_.CreateInBoundsGEP(f_.layout().i128, open_, b_.CreateZExt(place, f_.layout().i64));
  }

  /// What each charge comes to, in 1/(E x 10^s x k); all of them together must fit. Loops, since a
  /// card may have many charges.
  void add_up(const std::vector<LineRange>& lines) {
    const auto count = static_cast<uint32_t>(step_.charges.size());
    llvm::IntegerType* i32 = f_.layout().i32;
    llvm::AllocaInst *first = f_.array(i32, count), *end = f_.array(i32, count);
    open_ = f_.array(f_.layout().i128, count);
    for (uint32_t place = 0; place < count; ++place) {
      const LineRange& range = lines[step_.charges[place]];
      b_.CreateStore(range.first, b_.CreateInBoundsGEP(i32, first, b_.getInt64(place)));
      b_.CreateStore(range.end, b_.CreateInBoundsGEP(i32, end, b_.getInt64(place)));
    }
    llvm::AllocaInst* all = f_.variable(constant(0));
    f_.loop(charge_count(), [&](Value* place) {
      Value* used = sum_of({f_.element(i32, first, place), f_.element(i32, end, place)});
      b_.CreateStore(used, open(place));
      b_.CreateStore(wide(too_large_).add(load(all), used), all);
    });
  }

  /// The lines of one charge have one denominator.
  Value* sum_of(const LineRange& lines) {
    llvm::AllocaInst *sum = f_.variable(constant(0)), *denominator = f_.variable(constant(1));
    f_.loop(b_.CreateSub(lines.end, lines.first), [&](Value* index) {
      Value* all = f_.load_field(f_.layout().rate_output, f_.output(), Layout::Lines);
      Value* line =
          b_.CreateInBoundsGEP(f_.layout().line_amount, all,
                               b_.CreateZExt(b_.CreateAdd(lines.first, index), f_.layout().i64));
      Value* numerator = f_.load_field(f_.layout().line_amount, line, Layout::Numerator);
      b_.CreateStore(wide(too_large_).add(load(sum), numerator), sum);
      Value* stored = f_.load_field(f_.layout().line_amount, line, Layout::Denominator);
      b_.CreateStore(f_.rounds_bill() ? b_.CreateNeg(stored) : stored, denominator);
    });
    Value* common = f_.in_common(load(sum), load(denominator), unit_);
    Value* overflows = b_.CreateICmpEQ(common, constant(kInt128Min));
    wide(too_large_).mark_too_large(overflows);
    return b_.CreateSelect(overflows, constant(0), common);
  }

  void pay() {
    for (const CreditStep::Draw& draw : step_.draws) {
      if (draw.charges.empty()) continue;
      llvm::AllocaInst* left = f_.variable(available(f_, draw.pool));
      f_.loop(b_.getInt32(static_cast<uint32_t>(draw.charges.size())), [&](Value* index) {
        Value* place = open(f_.lookup(draw.charges, index));
        Value* paid = smaller(f_, load(place), load(left));
        b_.CreateStore(b_.CreateSub(load(place), paid), place);
        b_.CreateStore(b_.CreateSub(load(left), paid), left);
      });
    }
  }

  /// Where nothing is left, nothing is due, whatever a price would need.
  void put(Value* left, Value* is_left) {
    llvm::AllocaInst* price_flag = f_.variable(b_.getFalse());
    Arithmetic a = wide(price_flag);
    Value* amount = a.mul(left, a.constant(step_.price.price));
    amount = a.add(amount, a.amount(a.constant(step_.price.start)));
    for (const Block& block : step_.price.blocks) {
      Value* started = a.div_round(left, a.threshold(a.constant(block.size)), RoundingMode::Up);
      amount = a.add(amount, a.mul(started, a.amount(a.constant(block.price))));
    }
    fault_if_too_large(price_flag, is_left);
    amount = b_.CreateSelect(is_left, amount, constant(0));
    f_.put_checked_line(amount, divisor_, f_.rounds_bill() ? amount : rounded(amount));
  }

  Value* rounded(Value* amount) {
    llvm::AllocaInst* flag = f_.variable(b_.getFalse());
    Arithmetic a = wide(flag);
    Value* rounding_step = a.constant(program_.rounding_step);
    Value* minor = a.mul(a.div_round(amount, a.mul(divisor_, rounding_step), program_.rounding),
                         rounding_step);
    fault_if_too_large(flag, b_.getTrue());
    return minor;
  }

  FunctionEmitter& f_;
  llvm::IRBuilder<>& b_;
  const RatingProgram& program_;
  const CreditStep& step_;
  Value* const factor_;
  llvm::AllocaInst* const too_large_;
  Value* const unit_;
  Value* const divisor_;
  llvm::AllocaInst* open_ = nullptr;  // i128 per charge: what is not paid
};

}  // namespace

void emit_credit_step(FunctionEmitter& f, const RatingProgram& program, const CreditStep& step,
                      const std::vector<LineRange>& lines) {
  CreditEmitter(f, program, step).emit(lines);
}

/// Whole steps of rounding, so that lines stay what they are.
void emit_money_pool(FunctionEmitter& f, const RatingProgram& program, uint32_t pool) {
  llvm::IRBuilder<>& b = f.builder();
  Value* step = int_constant(f.layout().i128, program.rounding_step);
  Value* down = b.getInt32(static_cast<uint32_t>(RoundingMode::Down));
  Value* steps = b.CreateCall(f.module().div_round, {available(f, pool), step, down});
  Value* most = b.CreateMul(steps, step);
  if (f.rounds_bill()) {
    Value* exact = f.in_common(most, int_constant(f.layout().i128, 1), f.unit());
    Value* overflows = b.CreateICmpEQ(exact, int_constant(f.layout().i128, kInt128Min));
    most = b.CreateSelect(overflows, int_constant(f.layout().i128, kInt128Max), exact);
  }
  f.put_in_units(b.CreateNeg(smaller(f, f.total(), most)));
}

}  // namespace toll::compiler
