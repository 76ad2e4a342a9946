#include "tests/peers/rows_by_hand.h"

#include <algorithm>

namespace toll::peers::by_hand {
namespace {

using Int128 = __int128;

constexpr size_t kBlock = 2048;
/// Times every price below 2^63.
constexpr int64_t kLimit = int64_t{1} << 45;

/// n / kDivisor rounded half-up, for n below 2^62: a product by the reciprocal, whose upper half is
/// put together of 32-bit products, which g++ makes vectors of.
template <uint64_t kDivisor>
inline uint64_t rounded(uint64_t amount) {
  constexpr int kShift = 63 - __builtin_clzll(kDivisor);
  constexpr auto kReciprocal =
      static_cast<uint64_t>(((static_cast<unsigned __int128>(1) << (64 + kShift)) / kDivisor) + 1);
  constexpr uint64_t kLow = kReciprocal & 0xffff'ffff, kHigh = kReciprocal >> 32;
  const uint64_t n = amount + kDivisor / 2;
  const uint64_t low = n & 0xffff'ffff, high = n >> 32;
  const uint64_t middle = high * kLow + (low * kLow >> 32);
  const uint64_t carry = (low * kHigh + (middle & 0xffff'ffff)) >> 32;
  return (high * kHigh + (middle >> 32) + carry) >> kShift;
}

template <int64_t kDivisor>
inline Int128 rounded(Int128 amount) {
  return (amount + kDivisor / 2) / kDivisor;
}

inline int64_t beyond(int64_t quantity) { return quantity | (kLimit - quantity); }

/// Thousandths of a dollar: each tier is a straight line, and the right one the lowest.
template <typename N>
inline N of_calls(N calls) {
  return std::min(std::min(calls * 10, calls * 8 + 20'000),
                  std::min(calls * 5 + 320'000, calls * 2 + 3'320'000));
}

template <typename N>
inline N of_storage(N stored) {
  return std::min(std::min(stored * 23, stored * 22 + 51'200), stored * 21 + 563'200);
}

template <typename N>
inline N of_hybrid(N calls, N stored) {
  const N above = std::max<N>(calls, 100'000) - 100'000;
  const N sum = 50'000 + rounded<10>(above * 4) + rounded<10>(of_storage(stored));
  const N total = sum - rounded<100>(sum * 10);
  return std::max<N>(total, 50'000);
}

/// Calls `fast` for each block, and `exact` for each of its rows where it says that one is beyond.
template <typename Fast, typename Exact>
void for_each_block(size_t rows, Fast&& fast, Exact&& exact) {
  for (size_t begin = 0; begin < rows; begin += kBlock) {
    const size_t end = std::min(begin + kBlock, rows);
    if (fast(begin, end) >= 0) continue;
    for (size_t i = begin; i < end; ++i) exact(i);
  }
}

}  // namespace

void graduated(const int64_t* __restrict calls, int64_t* __restrict cents, size_t rows) {
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(calls[i]);
          cents[i] = static_cast<int64_t>(rounded<10>(of_calls(static_cast<uint64_t>(calls[i]))));
        }
        return bad;
      },
      [&](size_t i) { cents[i] = static_cast<int64_t>(rounded<10>(of_calls(Int128{calls[i]}))); });
}

void models(const int64_t* __restrict model, const int64_t* const tokens[3],
            const int64_t* const prices[3], int64_t* __restrict cents, size_t rows) {
  const int64_t* __restrict input = tokens[0], * __restrict cached = tokens[1], * __restrict output = tokens[2], * __restrict of_input = prices[0], * __restrict of_cached = prices[1], * __restrict of_output = prices[2];
  constexpr uint64_t kUnit = 10'000'000;  // 10^-7 cents
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(input[i]) | beyond(cached[i]) | beyond(output[i]);
          const int64_t at = model[i];
          const uint64_t sum = rounded<kUnit>(static_cast<uint64_t>(input[i] * of_input[at])) +
                               rounded<kUnit>(static_cast<uint64_t>(cached[i] * of_cached[at])) +
                               rounded<kUnit>(static_cast<uint64_t>(output[i] * of_output[at]));
          cents[i] = static_cast<int64_t>(sum);
        }
        return bad;
      },
      [&](size_t i) {
        Int128 sum = 0;
        for (int kind = 0; kind < 3; ++kind)
          sum += rounded<kUnit>(Int128{tokens[kind][i]} * prices[kind][model[i]]);
        cents[i] = static_cast<int64_t>(sum);
      });
}

void hybrid(const int64_t* __restrict calls, const int64_t* __restrict storage,
            int64_t* __restrict cents, size_t rows) {
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(calls[i]) | beyond(storage[i]);
          cents[i] = static_cast<int64_t>(
              of_hybrid(static_cast<uint64_t>(calls[i]), static_cast<uint64_t>(storage[i])));
        }
        return bad;
      },
      [&](size_t i) {
        cents[i] = static_cast<int64_t>(of_hybrid(Int128{calls[i]}, Int128{storage[i]}));
      });
}

}  // namespace toll::peers::by_hand
