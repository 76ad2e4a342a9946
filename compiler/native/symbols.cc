#include "compiler/native/symbols.h"

#include "base/rounding.h"

namespace toll::compiler {
namespace {

extern "C" Int128 toll_div_round_i128(Int128 n, Int128 d, int32_t mode) {
  return div_round(n, d, static_cast<RoundingMode>(mode));
}

}  // namespace

std::span<const NativeSymbol> native_symbols() {
  static const NativeSymbol symbols[] = {
      {kDivRoundSymbol, reinterpret_cast<uint64_t>(&toll_div_round_i128)},
  };
  return symbols;
}

}  // namespace toll::compiler
