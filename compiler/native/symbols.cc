#include "compiler/native/symbols.h"

#include "base/rounding.h"
#include "compiler/bill/whole_bill.h"

namespace toll::compiler {
namespace {

extern "C" Int128 toll_div_round_i128(Int128 n, Int128 d, int32_t mode) {
  return div_round(n, d, static_cast<RoundingMode>(mode));
}

extern "C" Int128 toll_in_common_i128(Int128 numerator, Int128 denominator, Int128 common) {
  return in_common(numerator, denominator, common);
}

extern "C" void toll_spread_total(RateOutput* output, Int128 common, int64_t step, int32_t mode) {
  spread_total(*output, output->fault_line, common, step, static_cast<RoundingMode>(mode));
}

}  // namespace

std::span<const NativeSymbol> native_symbols() {
  static const NativeSymbol symbols[] = {
      {kDivRoundSymbol, reinterpret_cast<uint64_t>(&toll_div_round_i128)},
      {kInCommonSymbol, reinterpret_cast<uint64_t>(&toll_in_common_i128)},
      {kSpreadTotalSymbol, reinterpret_cast<uint64_t>(&toll_spread_total)},
  };
  return symbols;
}

}  // namespace toll::compiler
