#include "compiler/native/lanes.h"

#include <llvm/IR/IntrinsicsX86.h>

#include <algorithm>
#include <limits>

#include "compiler/native/arithmetic.h"

namespace toll::compiler {

using llvm::Value;

namespace {

/// Of the factors that AVX-512 IFMA multiplies.
constexpr unsigned kShortBits = 52;

constexpr Int128 kMostUnsigned64 = std::numeric_limits<uint64_t>::max();
constexpr Int128 kMostUnsigned32 = std::numeric_limits<uint32_t>::max();

/// What makes rounding toward zero of it, added to a dividend.
Int128 added_before(Int128 divisor, RoundingMode mode) {
  if (mode == RoundingMode::Up) return divisor - 1;
  return mode == RoundingMode::Down ? 0 : divisor / 2;
}

/// n / d = n x m / 2^k for all n up to `most`, where m is 2^k / d rounded up and its error, e = m x
/// d - 2^k, keeps most x e below 2^k. (Granlund and Montgomery, 1994.) The twos of the divisor are
/// shifted out of n before. No processor divides in lanes.
struct Reciprocal {
  unsigned even;
  UInt128 most;  ///< of what is left of n
  unsigned k = 0;
  UInt128 multiplier = 0;  ///< none where nothing is left of the divisor

  Reciprocal(UInt128 most_of_n, uint64_t divisor)
      : even(static_cast<unsigned>(__builtin_ctzll(divisor))), most(most_of_n >> even) {
    const uint64_t odd = divisor >> even;
    if (odd == 1) return;
    for (k = 1;; ++k) {
      const UInt128 power = UInt128{1} << k;
      multiplier = power / odd + 1;
      if ((multiplier * odd - power) * most < power) break;
    }
  }
};

/// Whether the lanes' product of 32 bits is all that a division takes.
bool is_one_product(Int128 most, Int128 divisor) {
  if (most < divisor) return true;
  const Reciprocal reciprocal(static_cast<UInt128>(most), static_cast<uint64_t>(divisor));
  constexpr auto kMost = static_cast<UInt128>(kMostUnsigned32);
  return reciprocal.multiplier == 0 || (reciprocal.most <= kMost && reciprocal.multiplier <= kMost);
}

}  // namespace

Lanes Lanes::emission(Width width, llvm::IRBuilder<>& builder, llvm::Module& module,
                      LaneFeatures features) {
  Lanes lanes(width, features, &builder, &module);
  lanes.failed_ = lanes.flag();
  lanes.noted_ = lanes.flag();
  return lanes;
}

Int128 Lanes::ceiling() const {
  if (short_) return kMostShort;
  return wide_ ? kInt128Max : kMost64;
}

llvm::IntegerType* Lanes::element_type() const {
  return wide_ ? b_->getInt128Ty() : b_->getInt64Ty();
}

llvm::Type* Lanes::type() const {
  if (wide_) return element_type();
  return llvm::FixedVectorType::get(element_type(), kLanes);
}

Value* Lanes::splat(llvm::Constant* value) const {
  if (wide_) return value;
  return llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(kLanes), value);
}

Value* Lanes::constant_value(Int128 value) const {
  return splat(int_constant(element_type(), value));
}

Value* Lanes::index_value(uint64_t value) const { return splat(b_->getInt64(value)); }

Int128 Lanes::sum(Int128 a, Int128 b) {
  const auto result = checked_add(a, b);
  fits_ = fits_ && result && *result <= ceiling();
  return result.value_or(kInt128Max);
}

Int128 Lanes::product(Int128 a, Int128 b) {
  const auto result = checked_mul(a, b);
  fits_ = fits_ && result && *result <= ceiling();
  return result.value_or(kInt128Max);
}

Lane Lanes::made(Value* value, Int128 most) {
  fits_ = fits_ && most <= ceiling();
  return {value, most};
}

Lane Lanes::constant(Int128 value) {
  return made(emits() ? constant_value(value) : nullptr, value < 0 ? -value : value);
}

Lane Lanes::threshold(Int128 value) { return constant(std::min(value, ceiling())); }

Lane Lanes::bits(Int128 value) {
  if (!emits()) return {};
  return {constant_value(value), 0, double_ ? constant_value(value >> 64) : nullptr};
}

Value* Lanes::load_numbers(Value* column, Value* row, uint32_t bits, llvm::Type* type) const {
  llvm::Type* number = b_->getIntNTy(bits);
  Value* place = b_->CreateInBoundsGEP(number, column, row);
  llvm::Type* numbers = wide_ ? number : llvm::FixedVectorType::get(number, kLanes);
  return b_->CreateZExt(b_->CreateAlignedLoad(numbers, place, llvm::Align(bits / 8)), type);
}

Lane Lanes::load(Value* column, Value* row, uint32_t bits, Int128 limit) {
  if (!emits()) return {nullptr, limit};
  return check({load_numbers(column, row, bits, type()), (Int128{1} << bits) - 1}, limit);
}

void Lanes::store(const Lane& lane, Value* column, Value* row) {
  Value* place = b_->CreateInBoundsGEP(b_->getInt64Ty(), column, row);
  Value* value = wide_ ? b_->CreateTrunc(lane.value, b_->getInt64Ty()) : lane.value;
  b_->CreateAlignedStore(value, place, llvm::Align(8));
}

Value* Lanes::load_code(Value* column, Value* row, uint32_t bits) {
  return load_numbers(column, row, bits, wide_ ? b_->getInt64Ty() : type());
}

Value* Lanes::scaled_code(Value* sum, Value* code, uint32_t stride, uint32_t first) {
  Value* scaled = stride == 1 ? code : b_->CreateMul(code, index_value(stride));
  if (sum) return b_->CreateAdd(sum, scaled);
  return first == 0 ? scaled : b_->CreateAdd(scaled, index_value(first));
}

bool Lanes::is_double(const Lane& a) const { return double_ && a.most > kMost64; }

Lane Lanes::single(const Lane& a) {
  if (is_double(a)) fits_ = false;
  return a;
}

Value* Lanes::high_of(const Lane& a) const { return a.high ? a.high : constant_value(0); }

Lane Lanes::add(const Lane& a, const Lane& b) {
  const auto most = checked_add(a.most, b.most);
  if (double_ && most.value_or(kInt128Max) > kMost64) return double_sum(a, b);
  return {emits() ? b_->CreateAdd(a.value, b.value) : nullptr, sum(a.most, b.most)};
}

Lane Lanes::double_sum(const Lane& a, const Lane& b) {
  const auto most = checked_add(a.most, b.most);
  if (!most) fits_ = false;
  if (!emits()) return {nullptr, most.value_or(kInt128Max)};
  Value* low = b_->CreateAdd(a.value, b.value);
  Value* carry = b_->CreateZExt(b_->CreateICmpULT(low, a.value), type());
  Value* high = b_->CreateAdd(b_->CreateAdd(high_of(a), high_of(b)), carry);
  return {low, most.value_or(kInt128Max), high};
}

Lane Lanes::sub(const Lane& a, const Lane& b) {
  single(a), single(b);
  return {emits() ? b_->CreateSub(a.value, b.value) : nullptr, std::max(a.most, b.most)};
}

Lane Lanes::negated(const Lane& a) {
  single(a);
  return {emits() ? b_->CreateNeg(a.value) : nullptr, a.most};
}

/// A multiplication is cheaper where LLVM sees that both factors are of half the width.
Value* Lanes::multiplied(const Lane& a, const Lane& b) {
  const Int128 half = wide_ ? kMostUnsigned64 : kMostUnsigned32;
  if (a.most > half || b.most > half) return b_->CreateMul(a.value, b.value);
  Value* mask = constant_value(half);
  return b_->CreateMul(b_->CreateAnd(a.value, mask), b_->CreateAnd(b.value, mask));
}

Lane Lanes::mul(const Lane& a, const Lane& b) {
  const auto most = checked_mul(a.most, b.most);
  if (double_ && most.value_or(kInt128Max) > kMost64) return double_product(a, b);
  return {emits() ? multiplied(a, b) : nullptr, product(a.most, b.most)};
}

Lane Lanes::times(const Lane& a, Int128 factor) {
  if (factor != 1) return mul(a, constant(factor));
  if (!double_) product(a.most, 1);
  return a;
}

/// Of single lanes, or of a double one and a number of 32 bits.
Lane Lanes::double_product(const Lane& a, const Lane& b) {
  if (is_double(b)) return is_double(a) ? (fits_ = false, a) : double_product(b, a);
  const auto most = checked_mul(a.most, b.most);
  if (!most || (is_double(a) && b.most > kMostUnsigned32)) fits_ = false;
  if (!emits()) return {nullptr, most.value_or(kInt128Max)};
  const Int128 low_most = is_double(a) ? kMostUnsigned64 : a.most;
  Value* high = high_product({a.value, low_most}, b);
  if (is_double(a)) high = b_->CreateAdd(high, b_->CreateMul(a.high, b.value));
  return {multiplied(a, b), most.value_or(kInt128Max), high};
}

Lane Lanes::line(const Lane& base, const Lane& n, const Lane& price, Int128 most) {
  single(n), single(price);
  if (!double_ || most <= kMost64)
    return made(emits() ? b_->CreateAdd(base.value, multiplied(n, price)) : nullptr, most);
  if (!emits()) return {nullptr, most};
  const Lane product{multiplied(n, price), most, high_product(n, price)};
  Lane result = double_sum({product.value, 0, product.high}, {base.value, 0, base.high});
  result.most = most;
  return result;
}

Lane Lanes::min(const Lane& a, const Lane& b) {
  single(a), single(b);
  return {emits() ? b_->CreateBinaryIntrinsic(llvm::Intrinsic::umin, a.value, b.value) : nullptr,
          std::min(a.most, b.most)};
}

Lane Lanes::max(const Lane& a, const Lane& b) {
  single(a), single(b);
  return {emits() ? b_->CreateBinaryIntrinsic(llvm::Intrinsic::umax, a.value, b.value) : nullptr,
          std::max(a.most, b.most)};
}

Lane Lanes::signed_min(const Lane& a, const Lane& b) {
  single(a), single(b);
  return {emits() ? b_->CreateBinaryIntrinsic(llvm::Intrinsic::smin, a.value, b.value) : nullptr,
          std::max(a.most, b.most)};
}

Lane Lanes::signed_max(const Lane& a, const Lane& b) {
  single(a), single(b);
  return {emits() ? b_->CreateBinaryIntrinsic(llvm::Intrinsic::smax, a.value, b.value) : nullptr,
          std::max(a.most, b.most)};
}

Lane Lanes::select(Value* condition, const Lane& yes, const Lane& no) {
  const Int128 most = std::max(yes.most, no.most);
  if (!emits()) return {nullptr, most};
  Value* high =
      yes.high || no.high ? b_->CreateSelect(condition, high_of(yes), high_of(no)) : nullptr;
  return {b_->CreateSelect(condition, yes.value, no.value), most, high};
}

Value* Lanes::is_above(const Lane& a, const Lane& bound) {
  single(a);
  return emits() ? b_->CreateICmpUGT(a.value, bound.value) : nullptr;
}

Value* Lanes::is_zero(const Lane& a) {
  return emits() ? b_->CreateICmpEQ(a.value, constant_value(0)) : nullptr;
}

llvm::GlobalVariable* Lanes::table_of(std::span<const Int128> values,
                                      llvm::IntegerType* type) const {
  std::vector<llvm::Constant*> constants;
  for (const Int128 value : values) constants.push_back(int_constant(type, value));
  auto* array = llvm::ArrayType::get(type, constants.size());
  return new llvm::GlobalVariable(*module_, array, true, llvm::GlobalValue::PrivateLinkage,
                                  llvm::ConstantArray::get(array, constants));
}

Value* Lanes::gather(llvm::GlobalVariable* table, llvm::Type* element, Value* index) const {
  Value* places = b_->CreateInBoundsGEP(element, table, index);
  if (wide_) return b_->CreateLoad(element, places);
  auto* all = llvm::ConstantInt::getTrue(llvm::FixedVectorType::get(b_->getInt1Ty(), kLanes));
  return b_->CreateMaskedGather(type(), places, llvm::Align(8), all);
}

Lane Lanes::lookup(std::span<const Int128> values, Value* index, Int128 most) {
  const auto same = [&](Int128 value) { return value == values.front(); };
  if (std::ranges::all_of(values, same)) {
    const Lane constant = bits(values.front());
    return {constant.value, most, constant.high};
  }
  if (!emits()) return {nullptr, most};
  const auto is_half = [](Int128 value) { return value >= 0 && value <= kMostUnsigned64; };
  const bool halves = std::ranges::all_of(values, is_half);
  llvm::IntegerType* half = b_->getInt64Ty();
  if (wide_) {
    llvm::IntegerType* stored = halves ? half : element_type();
    return {b_->CreateZExt(gather(table_of(values, stored), stored, index), type()), most};
  }
  Value* low = look_up(values, index);
  if (!double_ || halves) return {low, most};
  std::vector<Int128> highs;
  for (const Int128 value : values) highs.push_back(value >> 64);
  return {low, most, look_up(highs, index)};
}

/// In lanes of 64 bits. Few are looked up in registers, of which a pair holds sixteen entries, or
/// 32 of 32 bits: a gather takes as long as loading each by itself.
Value* Lanes::look_up(std::span<const Int128> values, Value* index) const {
  const bool short_entries = std::ranges::all_of(
      values, [](Int128 value) { return value >= 0 && value <= kMostUnsigned32; });
  const size_t pair = 2 * kLanes * (short_entries && values.size() > size_t{2} * kLanes ? 2 : 1);
  if (features_.permutes && values.size() <= 2 * pair) return permuted(values, index, pair);
  llvm::IntegerType* half = b_->getInt64Ty();
  return gather(table_of(values, half), half, index);
}

/// The bit of the index above those that a pair of registers takes says which pair. Short entries
/// are looked up for both halves of a lane, and the upper one means nothing.
Value* Lanes::permuted(std::span<const Int128> values, Value* index, size_t pair) const {
  const size_t each = pair / 2;
  const bool short_entries = each > kLanes;
  llvm::IntegerType* entry = short_entries ? b_->getInt32Ty() : b_->getInt64Ty();
  Value* at = b_->CreateBitCast(index, llvm::FixedVectorType::get(entry, each));
  const auto entries = [&](size_t first) {
    std::vector<llvm::Constant*> constants;
    for (size_t i = first; i < first + each; ++i)
      constants.push_back(int_constant(entry, i < values.size() ? values[i] : 0));
    return llvm::ConstantVector::get(constants);
  };
  const auto from_pair = [&](size_t first) {
    const auto permute = short_entries ? llvm::Intrinsic::x86_avx512_vpermi2var_d_512
                                       : llvm::Intrinsic::x86_avx512_vpermi2var_q_512;
    Value* found = b_->CreateIntrinsic(permute, {}, {entries(first), at, entries(first + each)});
    return b_->CreateBitCast(found, type());
  };
  Value* found = from_pair(0);
  if (values.size() > pair) {
    Value* bit = b_->CreateAnd(index, index_value(pair));
    found = b_->CreateSelect(b_->CreateICmpEQ(bit, index_value(0)), found, from_pair(pair));
  }
  return short_entries ? b_->CreateAnd(found, constant_value(kMostUnsigned32)) : found;
}

Value* Lanes::search(std::span<const Int128> bounds, unsigned k, const Lane& n, Value* table) {
  if (!emits()) return nullptr;
  llvm::GlobalVariable* global = table_of(bounds, element_type());
  Value* first = table ? b_->CreateMul(table, index_value((uint64_t{1} << k) - 1)) : nullptr;
  Value* found = index_value(0);
  for (unsigned bit = k; bit-- > 0;) {
    const uint64_t step = uint64_t{1} << bit;
    Value* probe = b_->CreateAdd(found, index_value(step - 1));
    if (first) probe = b_->CreateAdd(probe, first);
    Value* bound = gather(global, element_type(), probe);
    Value* next = b_->CreateAdd(found, index_value(step));
    found = b_->CreateSelect(b_->CreateICmpUGT(n.value, bound), next, found);
  }
  return found;
}

Value* Lanes::element(Value* table, unsigned k, Value* piece) {
  if (!emits()) return nullptr;
  if (!table) return piece;
  Value* first = k == 0 ? table : b_->CreateShl(table, index_value(k));
  return piece ? b_->CreateAdd(first, piece) : first;
}

llvm::AllocaInst* Lanes::flag() const {
  llvm::Function* function = b_->GetInsertBlock()->getParent();
  llvm::IRBuilder<> entry(&function->getEntryBlock(), function->getEntryBlock().begin());
  llvm::AllocaInst* place = entry.CreateAlloca(type());
  entry.CreateStore(llvm::Constant::getNullValue(type()), place);
  return place;
}

/// The sign bits say it.
void Lanes::raise(llvm::AllocaInst* flag, Value* bits) {
  b_->CreateStore(b_->CreateOr(b_->CreateLoad(type(), flag), bits), flag);
}

/// Negative where a value is above `most`.
Value* Lanes::left_up_to(Int128 most, const Lane& a) const {
  return b_->CreateSub(constant_value(most), a.value);
}

Lane Lanes::check(const Lane& a, Int128 most) {
  if (single(a).most > most && emits()) raise(failed_, b_->CreateOr(a.value, left_up_to(most, a)));
  return {a.value, std::min(a.most, most)};
}

void Lanes::note(const Lane& a, Int128 most) {
  if (a.most > most && emits()) raise(noted_, left_up_to(most, a));
}

Value* Lanes::is_set(llvm::AllocaInst* flag) {
  Value* bits = b_->CreateLoad(type(), flag);
  Value* any = wide_ ? bits : b_->CreateOrReduce(bits);
  return b_->CreateICmpSLT(any, int_constant(element_type(), 0));
}

Lane Lanes::div_round(const Lane& n, Int128 divisor, RoundingMode mode) {
  if (divisor == 1) return single(n);
  if (divisor > ceiling()) {
    fits_ = false;
    return {n.value, n.most};
  }
  if (is_double(n)) return divide_double(n, divisor, mode);
  const Int128 before = added_before(divisor, mode);
  const Int128 most = sum(n.most, before);
  // Where values need more than 64 bits, so may their divisors; those stay with the row function.
  const bool beyond = wide_ && most > kMostUnsigned64;
  if (beyond && divisor > kMostUnsigned64) fits_ = false;
  const Int128 result = beyond ? std::min(most / divisor, kMostUnsigned64) : most / divisor;
  if (short_ && !features_.short_products && !is_one_product(most, divisor)) fits_ = false;
  if (!emits()) return {nullptr, result};
  Value* dividend = before == 0 ? n.value : b_->CreateAdd(n.value, constant_value(before));
  const bool ties = mode == RoundingMode::HalfEven && divisor % 2 == 0;
  const Division division = divide(dividend, most, divisor, ties);
  if (!ties) return {division.quotient, result};
  return without_tie(division.quotient, division.rest, result);
}

/// Half a divisor was added: where nothing is left it was a tie, and an odd quotient is one too
/// many.
Lane Lanes::without_tie(Value* quotient, Value* rest, Int128 most) {
  Value* odd = b_->CreateAnd(quotient, constant_value(1));
  Value* tie = b_->CreateICmpEQ(rest, constant_value(0));
  return {b_->CreateSub(quotient, b_->CreateSelect(tie, odd, constant_value(0))), most};
}

/// The twos of the divisor are shifted out of both lanes; what is left of the dividend must be one.
Lane Lanes::divide_double(const Lane& n, Int128 divisor, RoundingMode mode) {
  const auto even = static_cast<unsigned>(__builtin_ctzll(static_cast<uint64_t>(divisor)));
  const Int128 before = added_before(divisor, mode);
  const Lane dividend = double_sum(n, {emits() ? constant_value(before) : nullptr, before});
  const Int128 shifted_most = dividend.most >> even;
  if (shifted_most > kMost64) fits_ = false;
  const Int128 result = dividend.most / divisor;
  if (!emits()) return {nullptr, result};
  Value* shifted = dividend.value;
  if (even > 0)
    shifted = b_->CreateIntrinsic(llvm::Intrinsic::fshr, {type()},
                                  {dividend.high, dividend.value, index_value(even)});
  Value* quotient = divide_lanes(shifted, static_cast<UInt128>(shifted_most),
                                 static_cast<uint64_t>(divisor) >> even);
  if (mode != RoundingMode::HalfEven || divisor % 2 != 0) return {quotient, result};
  Value* rest = b_->CreateSub(dividend.value, b_->CreateMul(quotient, constant_value(divisor)));
  return without_tie(quotient, rest, result);
}

Lanes::Division Lanes::divide(Value* n, Int128 most, Int128 divisor, bool with_rest) {
  if (wide_ && most > kMostUnsigned64) return divide_wide(n, static_cast<uint64_t>(divisor));
  Value* quotient = nullptr;
  if (wide_) {
    // LLVM turns a 64-bit division by a constant into a multiplication.
    llvm::IntegerType* half = b_->getInt64Ty();
    Value* narrow = divisor > most
                        ? static_cast<Value*>(b_->getInt64(0))
                        : b_->CreateUDiv(b_->CreateTrunc(n, half), int_constant(half, divisor));
    quotient = b_->CreateZExt(narrow, type());
  } else {
    quotient = divide_lanes(n, static_cast<UInt128>(most), static_cast<uint64_t>(divisor));
  }
  if (!with_rest) return {quotient, nullptr};
  return {quotient, b_->CreateSub(n, b_->CreateMul(quotient, constant_value(divisor)))};
}

Value* Lanes::divide_lanes(Value* n, UInt128 most_of_n, uint64_t divisor) {
  if (most_of_n < divisor) return constant_value(0);
  auto [even, most, k, multiplier] = Reciprocal(most_of_n, divisor);
  if (even > 0) n = b_->CreateLShr(n, index_value(even));
  if (multiplier == 0) return n;
  const auto width = [](UInt128 value) {
    const auto high = static_cast<uint64_t>(value >> 64);
    return high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(static_cast<uint64_t>(value));
  };
  if (short_ && features_.short_products) {  // below 2^51, so that the multiplier is below 2^52
    for (; k < kShortBits; ++k) multiplier <<= 1;
    Value* high = short_high_product(n, static_cast<uint64_t>(multiplier));
    return k == kShortBits ? high : b_->CreateLShr(high, index_value(k - kShortBits));
  }
  if (width(multiplier) + width(most) <= 64) {
    const Lane factor{constant_value(static_cast<Int128>(multiplier)),
                      static_cast<Int128>(multiplier)};
    Value* product = multiplied({n, static_cast<Int128>(most)}, factor);
    return k >= 64 ? constant_value(0) : b_->CreateLShr(product, index_value(k));
  }
  if (k < 64) {
    multiplier <<= 64 - k;
    k = 64;
  }
  const auto factor = static_cast<Int128>(multiplier);
  Value* high = high_product({n, static_cast<Int128>(most)}, {constant_value(factor), factor});
  return k == 64 ? high : b_->CreateLShr(high, index_value(k - 64));
}

/// The product of numbers below 2^52, divided by 2^52.
Value* Lanes::short_high_product(Value* n, uint64_t factor) {
  return b_->CreateIntrinsic(llvm::Intrinsic::x86_avx512_vpmadd52h_uq_512, {},
                             {constant_value(0), n, constant_value(static_cast<Int128>(factor))});
}

/// The upper half of a product of 64-bit numbers, from products of their halves.
Value* Lanes::high_product(const Lane& a, const Lane& b) {
  if (b.most > kMostUnsigned32 && a.most <= kMostUnsigned32) return high_product(b, a);
  Value* mask = constant_value(kMostUnsigned32);
  const auto low = [&](Value* value) { return b_->CreateAnd(value, mask); };
  const auto high = [&](Value* value) { return b_->CreateLShr(value, index_value(32)); };
  Value *a_low = low(a.value), *a_high = high(a.value), *b_low = low(b.value);
  Value* carried = high(b_->CreateMul(a_low, b_low));
  Value* middle = b_->CreateAdd(b_->CreateMul(a_high, b_low), carried);
  if (b.most <= kMostUnsigned32) return high(middle);
  Value* b_high = high(b.value);
  Value* rest = b_->CreateAdd(b_->CreateMul(a_low, b_high), low(middle));
  Value* top = b_->CreateAdd(b_->CreateMul(a_high, b_high), high(middle));
  return b_->CreateAdd(top, high(rest));
}

/// 128 by 64 bits by a multiplication with the divisor's reciprocal, and two corrections. (Moller
/// and Granlund, Improved division by invariant integers, 2011.) Fails where the quotient is 2^64
/// or more.
Lanes::Division Lanes::divide_wide(Value* n, uint64_t divisor) {
  llvm::IntegerType* half = b_->getInt64Ty();
  const auto low = [&](Value* value) { return b_->CreateTrunc(value, half); };
  const auto high = [&](Value* value) {
    return b_->CreateTrunc(b_->CreateLShr(value, int_constant(element_type(), 64)), half);
  };
  const Lane quotient_fits{b_->CreateZExt(high(n), type()), kMostUnsigned64};
  check(quotient_fits, static_cast<Int128>(divisor) - 1);

  const auto shift = static_cast<unsigned>(__builtin_clzll(divisor));
  const uint64_t d = divisor << shift;
  const auto reciprocal = static_cast<uint64_t>(~UInt128{0} / d - (UInt128{1} << 64));
  Value* shifted = shift == 0 ? n : b_->CreateShl(n, int_constant(element_type(), shift));
  Value *divisor_value = b_->getInt64(d), *one = b_->getInt64(1), *zero = b_->getInt64(0);
  Value* product = b_->CreateMul(b_->CreateZExt(high(shifted), type()),
                                 int_constant(element_type(), static_cast<Int128>(reciprocal)));
  Value* estimate = b_->CreateAdd(product, shifted);
  Value* quotient = b_->CreateAdd(high(estimate), one);
  Value* rest = b_->CreateSub(low(shifted), b_->CreateMul(quotient, divisor_value));
  Value* too_many = b_->CreateICmpUGT(rest, low(estimate));
  quotient = b_->CreateSub(quotient, b_->CreateSelect(too_many, one, zero));
  rest = b_->CreateAdd(rest, b_->CreateSelect(too_many, divisor_value, zero));
  Value* too_few = b_->CreateICmpUGE(rest, divisor_value);
  quotient = b_->CreateAdd(quotient, b_->CreateSelect(too_few, one, zero));
  rest = b_->CreateSub(rest, b_->CreateSelect(too_few, divisor_value, zero));
  return {b_->CreateZExt(quotient, type()),
          b_->CreateZExt(b_->CreateLShr(rest, b_->getInt64(shift)), type())};
}

}  // namespace toll::compiler
