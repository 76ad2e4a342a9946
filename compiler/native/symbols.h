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

}  // namespace toll::compiler
