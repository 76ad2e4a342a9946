#include "compiler/native/layout.h"

#include <initializer_list>

namespace toll::compiler {
namespace {

bool agree(const llvm::DataLayout& target, llvm::StructType* type,
           std::initializer_list<size_t> offsets, size_t size) {
  const llvm::StructLayout* layout = target.getStructLayout(type);
  unsigned field = 0;
  for (const size_t offset : offsets)
    if (layout->getElementOffset(field++) != offset) return false;
  return field == type->getNumElements() && layout->getSizeInBytes() == size;
}

}  // namespace

bool Layout::agrees_with(const llvm::DataLayout& target) const {
  return agree(target, charge_usage,
               {offsetof(ChargeUsage, cells), offsetof(ChargeUsage, quantities),
                offsetof(ChargeUsage, count), offsetof(ChargeUsage, scale),
                offsetof(ChargeUsage, item_ends), offsetof(ChargeUsage, item_parts),
                offsetof(ChargeUsage, amounts)},
               sizeof(ChargeUsage)) &&
         agree(target, rate_input,
               {offsetof(RateInput, charges), offsetof(RateInput, covered_days),
                offsetof(RateInput, period_days), offsetof(RateInput, final),
                offsetof(RateInput, commitments), offsetof(RateInput, fees_due),
                offsetof(RateInput, available), offsetof(RateInput, credit_scale),
                offsetof(RateInput, credit_split)},
               sizeof(RateInput)) &&
         agree(target, commitment_state,
               {offsetof(CommitmentState, billed), offsetof(CommitmentState, due)},
               sizeof(CommitmentState)) &&
         agree(target, line_amount,
               {offsetof(LineAmount, numerator), offsetof(LineAmount, denominator),
                offsetof(LineAmount, amount)},
               sizeof(LineAmount)) &&
         agree(target, rate_output,
               {offsetof(RateOutput, lines), offsetof(RateOutput, total),
                offsetof(RateOutput, fault), offsetof(RateOutput, fault_line)},
               sizeof(RateOutput)) &&
         agree(target, cell_usage,
               {offsetof(CellUsage, before), offsetof(CellUsage, after), offsetof(CellUsage, cell),
                offsetof(CellUsage, scale), offsetof(CellUsage, covered_days),
                offsetof(CellUsage, period_days), offsetof(CellUsage, final)},
               sizeof(CellUsage)) &&
         agree(target, cell_change,
               {offsetof(CellChange, numerator), offsetof(CellChange, denominator),
                offsetof(CellChange, amount), offsetof(CellChange, fault)},
               sizeof(CellChange));
}

}  // namespace toll::compiler
