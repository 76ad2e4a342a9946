#include "tests/bench/columns_by_hand.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace toll::by_hand {
namespace {

using Int128 = __int128;

constexpr size_t kBlock = 2048;
constexpr int64_t kLimit = int64_t{1} << 50;

/// A tier from `above` on: base + quantity x price.
struct Segment {
  int64_t above, base, price;
};

/// Calls `fast` for each block, and `exact` for each of its rows where it says that one is beyond.
template <typename Fast, typename Exact>
void for_each_block(size_t rows, Fast&& fast, Exact&& exact) {
  for (size_t begin = 0; begin < rows; begin += kBlock) {
    const size_t end = std::min(begin + kBlock, rows);
    if (fast(begin, end) >= 0) continue;
    for (size_t i = begin; i < end; ++i) exact(i);
  }
}

/// Negative where a quantity is, or is above the limit.
inline int64_t beyond(int64_t quantity, int64_t limit) { return quantity | (limit - quantity); }

/// The same of a block. A loop of its own, where what else there is to do takes no vectors.
int64_t beyond(const int64_t* quantities, size_t begin, size_t end) {
  int64_t bad = 0;
  for (size_t i = begin; i < end; ++i) bad |= beyond(quantities[i], kLimit);
  return bad;
}

/// Half up.
template <int64_t kDivisor, typename N>
inline N rounded(N amount) {
  return (amount + kDivisor / 2) / kDivisor;
}

template <size_t kCount>
struct Tiers {
  int64_t divisor;
  Segment segments[kCount];
};

/// With the tiers as constants g++ makes vectors of the selections.
template <auto kTiers, typename N>
inline N exact(int64_t quantity) {
  int64_t base = kTiers.segments[0].base, price = kTiers.segments[0].price;
  const auto go_on = [&](const Segment& from, const Segment& to) {  // g++ would branch for a `?`
    const int64_t reached = -static_cast<int64_t>(quantity > to.above);
    base += reached & (to.base - from.base);
    price += reached & (to.price - from.price);
  };
  [&]<size_t... t>(std::index_sequence<t...>) {
    (go_on(kTiers.segments[t], kTiers.segments[t + 1]), ...);
  }(std::make_index_sequence<std::size(kTiers.segments) - 1>());
  return static_cast<N>(base) + static_cast<N>(quantity) * static_cast<N>(price);
}

/// It does not of divisions: they have a loop of their own.
template <auto kTiers>
int64_t rate_block(const int64_t* __restrict quantities, int64_t* __restrict out, size_t rows,
                   int64_t limit) {
  int64_t amounts[kBlock];
  int64_t bad = 0;
  for (size_t i = 0; i < rows; ++i) {
    bad |= beyond(quantities[i], limit);
    amounts[i] = exact<kTiers, int64_t>(quantities[i]);
  }
  for (size_t i = 0; i < rows; ++i)
    out[i] = static_cast<int64_t>(rounded<kTiers.divisor>(static_cast<uint64_t>(amounts[i])));
  return bad;
}

template <auto kTiers>
void rate(const int64_t* __restrict quantities, int64_t* __restrict out, size_t rows) {
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        return rate_block<kTiers>(quantities + begin, out + begin, end - begin, kLimit);
      },
      [&](size_t i) {
        out[i] =
            static_cast<int64_t>(rounded<kTiers.divisor>(exact<kTiers, Int128>(quantities[i])));
      });
}

/// Bounds and prices of graduated tiers as straight lines.
template <size_t kTiers>
constexpr Tiers<kTiers> graduated(int64_t divisor, const int64_t (&bounds)[kTiers],
                                  const int64_t (&prices)[kTiers]) {
  Tiers<kTiers> tiers{divisor, {}};
  int64_t base = 0;
  for (size_t t = 0; t < kTiers; ++t) {
    if (t > 0) base += bounds[t] * (prices[t - 1] - prices[t]);
    tiers.segments[t] = {bounds[t], base, prices[t]};
  }
  return tiers;
}

// Tenths of a cent per call.
constexpr auto kFour = graduated<4>(10, {0, 10'000, 100'000, 1'000'000}, {10, 8, 6, 5});
constexpr auto kFive =
    graduated<5>(10, {0, 10'000, 100'000, 1'000'000, 5'000'000}, {10, 8, 6, 5, 4});
// Hundredths of a cent.
constexpr auto kTen = graduated<10>(
    100, {0, 1'000, 10'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'000'000, 5'000'000},
    {100, 95, 90, 85, 80, 70, 60, 50, 45, 40});
constexpr Tiers<5> kVolume{
    10, {{0, 0, 10}, {10'000, 0, 8}, {100'000, 0, 6}, {1'000'000, 0, 5}, {5'000'000, 0, 4}}};
// Hundredths of a cent per GiB.
constexpr auto kStorage = graduated<3>(100, {0, 51'200, 512'000}, {230, 220, 210});

}  // namespace

void graduated_4(const int64_t* calls, int64_t* cents, size_t rows) {
  rate<kFour>(calls, cents, rows);
}
void graduated_5(const int64_t* calls, int64_t* cents, size_t rows) {
  rate<kFive>(calls, cents, rows);
}
void graduated_10(const int64_t* calls, int64_t* cents, size_t rows) {
  rate<kTen>(calls, cents, rows);
}
void volume_5(const int64_t* calls, int64_t* cents, size_t rows) {
  rate<kVolume>(calls, cents, rows);
}

void started(const int64_t* __restrict calls, int64_t* __restrict cents, size_t rows) {
  const auto price = [](auto quantity) { return (quantity + 999) / 1'000 * 25; };
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i)
          cents[i] = static_cast<int64_t>(price(static_cast<uint64_t>(calls[i])));
        return beyond(calls, begin, end);
      },
      [&](size_t i) { cents[i] = static_cast<int64_t>(price(Int128{calls[i]})); });
}

int64_t model_price(uint32_t model) { return 10 + 7 * int64_t{model % 97}; }

namespace {

template <typename Price>
void by_price(const int64_t* __restrict tokens, int64_t* __restrict cents, size_t rows,
              const Price& price) {
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const auto amount = static_cast<uint64_t>(tokens[i] * price(i));
          cents[i] = static_cast<int64_t>(rounded<1'000'000>(amount));
        }
        return beyond(tokens, begin, end);
      },
      [&](size_t i) {
        cents[i] = static_cast<int64_t>(rounded<1'000'000>(Int128{tokens[i]} * price(i)));
      });
}

}  // namespace

void matrix(const uint32_t* __restrict models, const int64_t* __restrict tokens,
            int64_t* __restrict cents, size_t rows, const int64_t* __restrict prices) {
  by_price(tokens, cents, rows, [&](size_t i) { return prices[models[i]]; });
}

void matrix(const uint32_t* __restrict families, const uint32_t* __restrict sizes,
            const int64_t* __restrict tokens, int64_t* __restrict cents, size_t rows,
            const int64_t* __restrict prices) {
  by_price(tokens, cents, rows, [&](size_t i) { return prices[families[i] * kSizes + sizes[i]]; });
}

void hybrid(const int64_t* __restrict calls, const int64_t* __restrict storage,
            int64_t* __restrict cents, size_t rows) {
  // What both roundings and the discount leave, before the minimum.
  const auto total = [](auto above, auto stored) {
    const auto sum = 50'000 + rounded<10>(above * 4) + rounded<100>(stored);
    return sum - rounded<100>(sum * 10);
  };
  constexpr int64_t kFree = 100'000, kMinimum = 60'000;
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        uint64_t above[kBlock], stored[kBlock];
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(calls[i], kLimit) | beyond(storage[i], kLimit);
          above[i - begin] = static_cast<uint64_t>(std::max<int64_t>(calls[i] - kFree, 0));
          stored[i - begin] = exact<kStorage, uint64_t>(storage[i]);
        }
        for (size_t i = begin; i < end; ++i)
          cents[i] = static_cast<int64_t>(total(above[i - begin], stored[i - begin]));
        for (size_t i = begin; i < end; ++i) cents[i] = std::max(cents[i], kMinimum);
        return bad;
      },
      [&](size_t i) {
        const Int128 above = std::max<Int128>(Int128{calls[i]} - kFree, 0);
        cents[i] = std::max(static_cast<int64_t>(total(above, exact<kStorage, Int128>(storage[i]))),
                            kMinimum);
      });
}

void seconds(const int64_t* __restrict micros, int64_t* __restrict cents, size_t rows) {
  // 10^-8 cents per GB-second, of millionths: 10^-14 cents.
  constexpr uint64_t kDivisor = 100'000'000'000'000;
  constexpr int64_t kBounds[] = {6'000'000'000'000'000, 15'000'000'000'000'000};
  constexpr int64_t kPrices[] = {166'667, 150'000, 133'334};
  constexpr Int128 kBases[] = {0, Int128{kBounds[0]} * (kPrices[0] - kPrices[1]),
                               Int128{kBounds[0]} * (kPrices[0] - kPrices[1]) +
                                   Int128{kBounds[1]} * (kPrices[1] - kPrices[2])};
  for (size_t i = 0; i < rows; ++i) {
    const int tier = (micros[i] > kBounds[0]) + (micros[i] > kBounds[1]);
    // Below 2^63 x 2^18, so that the sum fits, and so does the quotient.
    const Int128 amount = kBases[tier] + Int128{micros[i]} * kPrices[tier];
    const auto dividend = static_cast<unsigned __int128>(amount + kDivisor / 2);
#if defined(__x86_64__)
    uint64_t quotient = 0, rest = 0;  // g++ would call a function for it
    __asm__("divq %4"
            : "=a"(quotient), "=d"(rest)
            : "a"(static_cast<uint64_t>(dividend)), "d"(static_cast<uint64_t>(dividend >> 64)),
              "r"(kDivisor)
            : "cc");
    cents[i] = static_cast<int64_t>(quotient);
#else
    cents[i] = static_cast<int64_t>(dividend / kDivisor);
#endif
  }
}

}  // namespace toll::by_hand
