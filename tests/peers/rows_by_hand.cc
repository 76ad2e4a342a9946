#include "tests/peers/rows_by_hand.h"

#include <algorithm>

#include "tests/bench/divided.h"

namespace toll::peers::by_hand {
namespace {

using toll::by_hand::rounded;

/// Thousandths of a dollar: each tier is a straight line, and the right one the lowest.
inline uint64_t of_calls(uint64_t calls) {
  return std::min(std::min(calls * 10, calls * 8 + 20'000),
                  std::min(calls * 5 + 320'000, calls * 2 + 3'320'000));
}

inline uint64_t of_storage(uint64_t stored) {
  return std::min(std::min(stored * 23, stored * 22 + 51'200), stored * 21 + 563'200);
}

inline uint64_t of_hybrid(uint64_t calls, uint64_t stored) {
  const uint64_t above = std::max<uint64_t>(calls, 100'000) - 100'000;
  const uint64_t sum = 50'000 + rounded<10>(above * 4) + rounded<10>(of_storage(stored));
  const uint64_t total = sum - rounded<100>(sum * 10);
  return std::max<uint64_t>(total, 50'000);
}

}  // namespace

void graduated(const uint32_t* __restrict calls, int64_t* __restrict cents, size_t rows) {
  for (size_t i = 0; i < rows; ++i)
    cents[i] = static_cast<int64_t>(rounded<10>(of_calls(calls[i])));
}

void models(const uint8_t* __restrict model, const uint32_t* const tokens[3],
            const int64_t* const prices[3], int64_t* __restrict cents, size_t rows) {
  const uint32_t* __restrict input = tokens[0];
  const uint32_t* __restrict cached = tokens[1];
  const uint32_t* __restrict output = tokens[2];
  const int64_t* __restrict of_input = prices[0];
  const int64_t* __restrict of_cached = prices[1];
  const int64_t* __restrict of_output = prices[2];
  constexpr uint64_t kUnit = 10'000'000;  // 10^-7 cents
  const auto line = [](uint32_t used, int64_t price) {
    return rounded<kUnit>(used * static_cast<uint64_t>(price));
  };
  for (size_t i = 0; i < rows; ++i) {
    const uint8_t at = model[i];
    cents[i] = static_cast<int64_t>(line(input[i], of_input[at]) + line(cached[i], of_cached[at]) +
                                    line(output[i], of_output[at]));
  }
}

void hybrid(const uint32_t* __restrict calls, const uint32_t* __restrict storage,
            int64_t* __restrict cents, size_t rows) {
  for (size_t i = 0; i < rows; ++i)
    cents[i] = static_cast<int64_t>(of_hybrid(calls[i], storage[i]));
}

}  // namespace toll::peers::by_hand
