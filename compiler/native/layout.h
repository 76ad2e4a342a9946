// The structs of rating.h and cell_usage.h as LLVM types.
#pragma once

#include <llvm/IR/DataLayout.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/LLVMContext.h>

#include <cstddef>

#include "compiler/cell_usage.h"
#include "compiler/rating.h"

namespace toll::compiler {

struct Layout {
  explicit Layout(llvm::LLVMContext& context)
      : i1(llvm::Type::getInt1Ty(context)),
        i8(llvm::Type::getInt8Ty(context)),
        i32(llvm::Type::getInt32Ty(context)),
        i64(llvm::Type::getInt64Ty(context)),
        i128(llvm::Type::getInt128Ty(context)),
        pointer(llvm::PointerType::getUnqual(context)),
        charge_usage(llvm::StructType::get(
            context, {pointer, pointer, i32, i32, pointer, pointer, pointer})),
        rate_input(llvm::StructType::get(context,
                                         {pointer, i32, i32, i32, pointer, pointer, pointer, i32, i128})),
        commitment_state(llvm::StructType::get(context, {i64, i32})),
        line_amount(llvm::StructType::get(context, {i128, i128, i64})),
        rate_output(llvm::StructType::get(context, {pointer, i128, i32, i32})),
        cell_usage(llvm::StructType::get(context, {pointer, pointer, i32, i32, i32, i32, i32})),
        cell_change(llvm::StructType::get(context, {i128, i128, i64, i32})) {}

  llvm::IntegerType *i1, *i8, *i32, *i64, *i128;
  llvm::PointerType* pointer;
  llvm::StructType *charge_usage, *rate_input, *commitment_state, *line_amount, *rate_output;
  llvm::StructType *cell_usage, *cell_change;

  enum ChargeUsageField { Cells, Quantities, Count, Scale, ItemEnds, ItemParts, Amounts };
  enum RateInputField {
    Charges,
    CoveredDays,
    PeriodDays,
    Final,
    Commitments,
    FeesDue,
    Available,
    CreditScale,
    CreditSplit
  };
  enum CommitmentStateField { Billed, Due };
  enum LineAmountField { Numerator, Denominator, Amount };
  enum RateOutputField { Lines, Total, Fault, FaultLine };
  enum CellUsageField {
    Before,
    After,
    CellIndex,
    CellScale,
    CellCoveredDays,
    CellPeriodDays,
    CellFinal
  };
  enum CellChangeField { ChangeNumerator, ChangeDenominator, ChangeAmount, ChangeFault };

  /// Whether a target lays these structs out as the C++ compiler does.
  bool agrees_with(const llvm::DataLayout& target) const;
};

}  // namespace toll::compiler
