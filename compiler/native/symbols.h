// The closed list of what native code may call.
#pragma once

#include <cstdint>
#include <span>

namespace toll::compiler {

struct NativeSymbol {
  const char* name;
  uint64_t address;
};

/// `toll_div_round_i128(n, d, mode)`: base/rounding.h's div_round. LLVM has no inline 128-bit
/// division; the compiler library's own would be one more symbol that the process must lend.
std::span<const NativeSymbol> native_symbols();

inline constexpr const char* kDivRoundSymbol = "toll_div_round_i128";

/// `toll_in_common_i128(numerator, denominator, common)` and `toll_spread_total(output, common,
/// step, mode)`: bill/whole_bill.h, for cards that round each bill. The lines that are written are
/// counted by RateOutput::fault_line.
inline constexpr const char* kInCommonSymbol = "toll_in_common_i128";
inline constexpr const char* kSpreadTotalSymbol = "toll_spread_total";

}  // namespace toll::compiler
