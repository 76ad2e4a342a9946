#include "compiler/native/arithmetic.h"

#include <limits>

namespace toll::compiler {

using llvm::Value;

llvm::ConstantInt* int_constant(llvm::IntegerType* type, Int128 value) {
  const UInt128 bits = static_cast<UInt128>(value);
  const uint64_t words[] = {static_cast<uint64_t>(bits), static_cast<uint64_t>(bits >> 64)};
  return llvm::ConstantInt::get(type->getContext(),
                                llvm::APInt(128, words).trunc(type->getBitWidth()));
}

bool is_constant(const llvm::Value* value, uint64_t number) {
  const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value);
  return constant && constant->getValue() == number;
}

constexpr int64_t kNarrowMax = std::numeric_limits<int64_t>::max();

Arithmetic Arithmetic::narrow(llvm::IRBuilder<>& builder, int64_t factor) {
  Arithmetic result(builder, builder.getInt64Ty());
  if (factor > 1) result.scale_factor_ = builder.getInt64(static_cast<uint64_t>(factor));
  return result;
}

Arithmetic Arithmetic::wide(llvm::IRBuilder<>& builder, Value* scale_factor, Value* too_large,
                            llvm::FunctionCallee div_round) {
  Arithmetic result(builder, builder.getInt128Ty());
  result.scale_factor_ = scale_factor;
  result.too_large_ = too_large;
  result.div_round_ = div_round;
  return result;
}

llvm::Constant* Arithmetic::constant(Int128 value) const {
  return int_constant(type_, is_wide() ? value : std::min<Int128>(value, kNarrowMax));
}

Value* Arithmetic::amount(Value* constant) {
  return scale_factor_ ? mul(constant, scale_factor_) : constant;
}

Value* Arithmetic::threshold(Value* constant) {
  if (!scale_factor_ || is_constant(constant, 0)) return constant;
  if (!is_wide()) {
    Value* highest = b_->CreateUDiv(b_->getInt64(kNarrowMax), scale_factor_);
    return b_->CreateSelect(b_->CreateICmpUGT(constant, highest), b_->getInt64(kNarrowMax),
                            b_->CreateMul(constant, scale_factor_));
  }
  return product(constant, scale_factor_);
}

namespace {

/// The product with 0 or 1, else null.
Value* trivial_product(Value* a, Value* b) {
  if (is_constant(a, 0) || is_constant(b, 1)) return a;
  if (is_constant(b, 0) || is_constant(a, 1)) return b;
  return nullptr;
}

}  // namespace

Value* Arithmetic::product(Value* a, Value* b) {
  if (Value* trivial = trivial_product(a, b)) return trivial;
  Value* overflows = nullptr;
  return saturating_mul(a, b, overflows);
}

Value* Arithmetic::add(Value* a, Value* b) {
  if (is_constant(a, 0)) return b;
  if (is_constant(b, 0)) return a;
  if (!is_wide()) return b_->CreateAdd(a, b, "", true, true);
  Value* sum = b_->CreateAdd(a, b, "", true);
  Value* overflows = b_->CreateICmpSLT(sum, constant(0));
  mark_too_large(overflows);
  return b_->CreateSelect(overflows, constant(kInt128Max), sum);
}

Value* Arithmetic::mul(Value* a, Value* b) {
  if (Value* trivial = trivial_product(a, b)) return trivial;
  if (!is_wide()) return b_->CreateMul(a, b, "", true, true);
  Value* overflows = nullptr;
  Value* product = saturating_mul(a, b, overflows);
  mark_too_large(overflows);
  return product;
}

Value* Arithmetic::saturating_mul(Value* a, Value* b, Value*& overflows) {
  Value* result = b_->CreateBinaryIntrinsic(llvm::Intrinsic::umul_with_overflow, a, b);
  Value* product = b_->CreateExtractValue(result, 0);
  Value* beyond_unsigned = b_->CreateExtractValue(result, 1);
  overflows = b_->CreateOr(beyond_unsigned, b_->CreateICmpSLT(product, constant(0)));
  return b_->CreateSelect(overflows, constant(kInt128Max), product);
}

Value* Arithmetic::sub(Value* a, Value* b) {
  return is_constant(b, 0) ? a : b_->CreateSub(a, b, "", true, true);
}

Value* Arithmetic::min(Value* a, Value* b) {
  return b_->CreateBinaryIntrinsic(llvm::Intrinsic::umin, a, b);
}

Value* Arithmetic::max(Value* a, Value* b) {
  return b_->CreateBinaryIntrinsic(llvm::Intrinsic::umax, a, b);
}

Value* Arithmetic::div_round(Value* n, Value* d, RoundingMode mode) {
  if (is_constant(d, 1)) return n;
  if (!is_wide()) return narrow_div_round(n, d, mode);
  return b_->CreateCall(div_round_, {n, d, b_->getInt32(static_cast<uint32_t>(mode))});
}

Value* Arithmetic::narrow_div_round(Value* n, Value* d, RoundingMode mode) {
  if (mode == RoundingMode::HalfUp)  // exact for odd d too: it has no ties
    return b_->CreateUDiv(add(n, b_->CreateLShr(d, 1)), d);
  Value* quotient = b_->CreateUDiv(n, d);
  if (mode == RoundingMode::Down) return quotient;
  Value* rest = b_->CreateURem(n, d);
  Value* up = nullptr;
  if (mode == RoundingMode::Up) {
    up = b_->CreateICmpNE(rest, constant(0));
  } else {
    Value* other = sub(d, rest);  // distances to both neighbours; a tie goes to the even one
    Value* odd = b_->CreateTrunc(quotient, b_->getInt1Ty());
    up = b_->CreateOr(b_->CreateICmpUGT(rest, other),
                      b_->CreateAnd(b_->CreateICmpEQ(rest, other), odd));
  }
  return add(quotient, b_->CreateZExt(up, type_));
}

void Arithmetic::mark_too_large(Value* condition) {
  Value* flag = b_->CreateLoad(b_->getInt1Ty(), too_large_);
  b_->CreateStore(b_->CreateOr(flag, condition), too_large_);
}

}  // namespace toll::compiler
