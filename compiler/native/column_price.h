// The price of a quantity in lanes. Pieces that no quantity in range reaches are left out.
//
// Few tiers are a chain of selections, of the two numbers of a straight line (an offset, which may
// be negative, and a price); many are a search in constant tables without a branch.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "compiler/native/lanes.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

class ColumnPrice {
 public:
  /// Of quantities and amounts at `scale`.
  ColumnPrice(const RatingProgram& program, const Charge& charge, uint32_t scale, Lanes& lanes);

  /// The amount of `n`, in 1/(E x P x 10^s), by one table. Nothing where lanes do not have its
  /// form.
  std::optional<Lane> of_table(const Table& table, const Lane& n);
  /// The same by the table of each row's cell.
  std::optional<Lane> of_cells(llvm::Value* cell, const Lane& n);

 private:
  /// A piece as a straight line from quantity 0 on; what is `below` it, in the same unit, is added
  /// after rounding.
  struct Line {
    Int128 base = 0, price = 0, below = 0;
  };
  /// A constant at the scale of the usage.
  Int128 scaled(Int128 constant) const;
  Line line_of(const Piece& piece, bool rounds_tiers) const;
  size_t reached(const Table& table, Int128 most) const;
  Int128 most_of(const Table& table, Int128 most);
  Lane straight(const Lane& base, const Lane& n, const Lane& price, const Lane& below, Int128 most,
                bool rounds_tiers);
  std::optional<Lane> above_zero(const Table& table, const Lane& n);
  Lane chosen(const Table& table, size_t pieces, const Lane& n, Int128 most);
  Lane chosen_blocks(const Table& table, size_t pieces, const Lane& n, Int128 most);
  Lane of_piece(const Piece& piece, const Lane& n, Int128 most, bool rounds_tiers);
  Lane searched(std::span<const Table* const> tables, llvm::Value* index, const Lane& n,
                Int128 most, bool rounds_tiers);
  std::optional<Lane> blocks_of_cells(std::span<const Table* const> tables, llvm::Value* cell,
                                      const Lane& n, Int128 most);
  Lane rounded_slice(const Lane& slice, const Lane& below);

  const RatingProgram& program_;
  const Charge& charge_;
  Int128 factor_;  // 10^scale
  Lanes& lanes_;
};

}  // namespace toll::compiler
