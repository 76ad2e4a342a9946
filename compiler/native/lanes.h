// Emits the arithmetic of code over columns, and analyses its range.
//
//   Short    kLanes rows at a time, in 64-bit lanes of numbers below 2^51, of which each division
//   is
//            one product: with AVX-512 IFMA of any of them, elsewhere of what 32 bits hold
//   Narrow   the same up to 2^63
//   Double   the same, but an amount may have 128 bits, in two lanes, up to the division that makes
//            a line of it: there the twos in the divisor must be enough to bring it back to one
//   Wide     one row in 128 bits
//
// Each value carries the most that it can be; nothing is checked on the way, but `fits()` says
// whether any of them could leave the width. Without a builder nothing is emitted and only that is
// found out, so that the range analysis is of the very steps that are emitted.
//
// What depends on a row's quantities is held against a limit by check(); one flag for all rows of a
// block collects what fails. Sums and products below a value that fits may wrap on the way: the
// result modulo 2^64 is the result.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <limits>
#include <span>
#include <vector>

#include "base/int128.h"
#include "base/rounding.h"
#include "compiler/native.h"

namespace toll::compiler {

/// A value of each row at hand, and the largest magnitude that it can have.
struct Lane {
  llvm::Value* value = nullptr;  ///< null in an analysis
  Int128 most = 0;
  llvm::Value* high = nullptr;  ///< Double: the upper half, where there is one
};

inline constexpr Int128 kMostShort = (int64_t{1} << 51) - 1;            ///< of a Short lane
inline constexpr Int128 kMost64 = std::numeric_limits<int64_t>::max();  ///< of a Narrow lane

enum class Width { Short, Narrow, Double, Wide };

/// What a machine has beyond vectors.
struct LaneFeatures {
  bool permutes = false;        ///< AVX-512: looks small tables up in registers
  bool short_products = false;  ///< AVX-512 IFMA: multiplies numbers below 2^52
};

class Lanes {
 public:
  static constexpr unsigned kLanes = NativeColumns::kLanes;  ///< one vector of AVX-512

  /// Finds out about ranges only.
  static Lanes analysis(Width width, LaneFeatures features) {
    return Lanes(width, features, nullptr, nullptr);
  }
  /// Emits, and keeps its flag in a variable of the function that `builder` stands in.
  static Lanes emission(Width width, llvm::IRBuilder<>& builder, llvm::Module& module,
                        LaneFeatures features);

  bool is_wide() const { return wide_; }
  bool emits() const { return b_ != nullptr; }
  Int128 ceiling() const;
  /// Whether no value could leave the width.
  bool fits() const { return fits_; }
  void refuse() { fits_ = false; }

  Lane constant(Int128 value);
  /// A constant that is only compared with or taken off values: the largest one where it is larger.
  Lane threshold(Int128 value);
  /// Of a column of numbers of so many bits, held against a limit as check() does. Those of 64 have
  /// a sign.
  Lane load(llvm::Value* column, llvm::Value* row, uint32_t bits, Int128 limit);
  void store(const Lane& lane, llvm::Value* column, llvm::Value* row);
  /// Of a column of codes, for lookup().
  llvm::Value* load_code(llvm::Value* column, llvm::Value* row, uint32_t bits);
  llvm::Value* scaled_code(llvm::Value* sum, llvm::Value* code, uint32_t stride, uint32_t first);

  Lane add(const Lane& a, const Lane& b);
  Lane sub(const Lane& a, const Lane& b);  ///< REQUIRES: b <= a, or what is meant is signed
  Lane negated(const Lane& a);
  Lane mul(const Lane& a, const Lane& b);
  Lane times(const Lane& a, Int128 factor);
  Lane min(const Lane& a, const Lane& b);  ///< of values that are not negative
  Lane max(const Lane& a, const Lane& b);
  Lane signed_min(const Lane& a, const Lane& b);
  Lane signed_max(const Lane& a, const Lane& b);
  /// base + n x price, of which is known that it is not negative and at most `most`. `base` may be.
  Lane line(const Lane& base, const Lane& n, const Lane& price, Int128 most);
  Lane select(llvm::Value* condition, const Lane& yes, const Lane& no);
  /// Per row: a > bound. Null in an analysis.
  llvm::Value* is_above(const Lane& a, const Lane& bound);
  llvm::Value* is_zero(const Lane& a);

  /// n / divisor, rounded.
  Lane div_round(const Lane& n, Int128 divisor, RoundingMode mode);

  /// A constant of any sign, modulo the width.
  Lane bits(Int128 value);
  /// values[index], modulo the width; `most` is the largest that may be met.
  Lane lookup(std::span<const Int128> values, llvm::Value* index, Int128 most);
  /// The number of bounds below n, of `count` ones that rise. `tables` holds 2^k - 1 of them for
  /// each table, the largest value behind the last; `table` is null where there is one.
  llvm::Value* search(std::span<const Int128> bounds, unsigned k, const Lane& n,
                      llvm::Value* table);
  /// table x 2^k + piece: the index of what stands beside the bounds of search().
  llvm::Value* element(llvm::Value* table, unsigned k, llvm::Value* piece);

  /// Where the value must be one lane: what is stored, what is compared.
  Lane single(const Lane& a);
  /// Sets the flag where the value is above `most`, or is negative; nothing where neither can be.
  Lane check(const Lane& a, Int128 most);
  /// Sets a second flag where the value is above `most`. REQUIRES: a negative one is checked.
  void note(const Lane& a, Int128 most);
  /// i1: whether a flag was set in any row.
  llvm::Value* failed() { return is_set(failed_); }
  llvm::Value* noted() { return is_set(noted_); }

 private:
  Lanes(Width width, LaneFeatures features, llvm::IRBuilder<>* builder, llvm::Module* module)
      : short_(width == Width::Short),
        double_(width == Width::Double),
        wide_(width == Width::Wide),
        features_(features),
        b_(builder),
        module_(module) {}

  llvm::IntegerType* element_type() const;
  llvm::Type* type() const;
  llvm::Value* splat(llvm::Constant* value) const;
  llvm::Value* constant_value(Int128 value) const;
  llvm::Value* index_value(uint64_t value) const;
  llvm::Value* load_numbers(llvm::Value* column, llvm::Value* row, uint32_t bits,
                            llvm::Type* type) const;
  llvm::Value* look_up(std::span<const Int128> values, llvm::Value* index) const;
  llvm::Value* permuted(std::span<const Int128> values, llvm::Value* index, size_t pair) const;
  llvm::Value* gather(llvm::GlobalVariable* table, llvm::Type* element, llvm::Value* index) const;
  llvm::GlobalVariable* table_of(std::span<const Int128> values, llvm::IntegerType* type) const;
  llvm::AllocaInst* flag() const;
  void raise(llvm::AllocaInst* flag, llvm::Value* bits);
  llvm::Value* left_up_to(Int128 most, const Lane& a) const;
  llvm::Value* is_set(llvm::AllocaInst* flag);
  Int128 sum(Int128 a, Int128 b);
  Int128 product(Int128 a, Int128 b);
  Lane made(llvm::Value* value, Int128 most);
  llvm::Value* multiplied(const Lane& a, const Lane& b);
  bool is_double(const Lane& a) const;
  llvm::Value* high_of(const Lane& a) const;
  Lane double_sum(const Lane& a, const Lane& b);
  Lane double_product(const Lane& a, const Lane& b);
  Lane divide_double(const Lane& n, Int128 divisor, RoundingMode mode);

  Lane without_tie(llvm::Value* quotient, llvm::Value* rest, Int128 most);

  struct Division {
    llvm::Value* quotient;
    llvm::Value* rest;  ///< null where it was not asked for
  };
  Division divide(llvm::Value* n, Int128 most, Int128 divisor, bool with_rest);
  llvm::Value* divide_lanes(llvm::Value* n, UInt128 most_of_n, uint64_t divisor);
  llvm::Value* short_high_product(llvm::Value* n, uint64_t factor);
  llvm::Value* high_product(const Lane& a, const Lane& b);
  Division divide_wide(llvm::Value* n, uint64_t divisor);

  bool short_, double_, wide_;
  LaneFeatures features_;
  llvm::IRBuilder<>* b_;
  llvm::Module* module_;
  bool fits_ = true;
  llvm::AllocaInst* failed_ = nullptr;
  llvm::AllocaInst* noted_ = nullptr;
};

}  // namespace toll::compiler
