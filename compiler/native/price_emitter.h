// Emits the price of a quantity: from the tables of a charge, their pieces and blocks.
#pragma once

#include <vector>

#include "compiler/native/arithmetic.h"
#include "compiler/native/function_emitter.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// What is held against the bounds of tiers where that is not the quantity that is priced.
struct TierChoice {
  llvm::Value* chooser;           ///< of tiers by another meter or by all rows; in 128 bits ...
  Arithmetic chooser_arithmetic;  ///< ... and how it is compared
  std::vector<llvm::Value*> others{};  ///< of a joint capacity: the quantities of the other meters
};

class PriceEmitter {
 public:
  /// `too_large` points to the flag of the function; `table` is the index of the table, an i32.
  /// All must outlive this.
  PriceEmitter(FunctionEmitter& function, const RatingProgram& program, const Charge& charge,
               llvm::Value* too_large, llvm::Value* table);

  /// The amount of `n`, in 1/(E x P x 10^s).
  llvm::Value* emit(Arithmetic& a, llvm::Value* n, const TierChoice& choice);

 private:
  void index_pieces();
  bool differs_at_zero() const;
  llvm::Value* price_above_zero(Arithmetic& a, llvm::Value* n, const TierChoice& choice);
  llvm::Value* round_slice(Arithmetic& a, llvm::Value* slice, llvm::Value* below);
  llvm::Value* choose_piece(Arithmetic& a, llvm::Value* n, const TierChoice& choice);
  llvm::Value* find_joint_piece(Arithmetic& a, llvm::Value* n,
                                const std::vector<llvm::Value*>& others);
  llvm::Value* price_blocks(Arithmetic& a, llvm::Value* above, llvm::Value* piece, size_t index);
  llvm::Value* find_piece(Arithmetic& a, llvm::Value* n);
  llvm::Value* above_last_tier();

  FunctionEmitter& f_;
  llvm::IRBuilder<>& b_;
  const Layout& layout_;
  const RatingProgram& program_;
  const Charge& charge_;
  llvm::Value* too_large_;
  llvm::Value* table_;
  std::vector<const Piece*> pieces_;
  std::vector<uint32_t> first_piece_, end_piece_, search_end_;  // per table
  size_t blocks_ = 0;                                           // most blocks of a piece
};

}  // namespace toll::compiler
