#include "tests/bench/columns_by_hand.h"

#include <algorithm>

namespace toll::by_hand {
namespace {

using Int128 = __int128;

constexpr size_t kBlock = 2048;

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

template <size_t kTiers, int64_t kDivisor, typename Number = int64_t>
struct Tiers {
  Segment segments[kTiers];

  template <typename N>
  inline int64_t cents(int64_t quantity) const {
    int64_t base = segments[0].base, price = segments[0].price;
    for (size_t t = 1; t < kTiers; ++t) {
      base = quantity > segments[t].above ? segments[t].base : base;
      price = quantity > segments[t].above ? segments[t].price : price;
    }
    const N amount = static_cast<N>(base) + static_cast<N>(quantity) * static_cast<N>(price);
    return static_cast<int64_t>((amount + kDivisor / 2) / kDivisor);
  }

  void rate(const int64_t* __restrict quantities, int64_t* __restrict out, size_t rows,
            int64_t limit) const {
    for_each_block(
        rows,
        [&](size_t begin, size_t end) {
          int64_t bad = 0;
          for (size_t i = begin; i < end; ++i) {
            bad |= beyond(quantities[i], limit);
            out[i] = static_cast<int64_t>(cents<uint64_t>(quantities[i]));
          }
          return bad;
        },
        [&](size_t i) { out[i] = cents<Int128>(quantities[i]); });
  }
};

/// Bounds and prices of graduated tiers as straight lines.
template <size_t kTiers, int64_t kDivisor>
constexpr Tiers<kTiers, kDivisor> graduated(const int64_t (&bounds)[kTiers],
                                            const int64_t (&prices)[kTiers]) {
  Tiers<kTiers, kDivisor> tiers{};
  int64_t base = 0;
  for (size_t t = 0; t < kTiers; ++t) {
    if (t > 0) base += bounds[t] * (prices[t - 1] - prices[t]);
    tiers.segments[t] = {bounds[t], base, prices[t]};
  }
  return tiers;
}

constexpr int64_t kLimit = int64_t{1} << 50;

// Tenths of a cent per call.
constexpr auto kFour = graduated<4, 10>({0, 10'000, 100'000, 1'000'000}, {10, 8, 6, 5});
constexpr auto kFive =
    graduated<5, 10>({0, 10'000, 100'000, 1'000'000, 5'000'000}, {10, 8, 6, 5, 4});
// Hundredths of a cent.
constexpr auto kTen = graduated<10, 100>(
    {0, 1'000, 10'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'000'000, 5'000'000},
    {100, 95, 90, 85, 80, 70, 60, 50, 45, 40});
constexpr Tiers<5, 10> kVolume{
    {{0, 0, 10}, {10'000, 0, 8}, {100'000, 0, 6}, {1'000'000, 0, 5}, {5'000'000, 0, 4}}};
// Hundredths of a cent per GiB.
constexpr auto kStorage = graduated<3, 100>({0, 51'200, 512'000}, {230, 220, 210});

}  // namespace

void graduated_4(const int64_t* calls, int64_t* cents, size_t rows) {
  kFour.rate(calls, cents, rows, kLimit);
}
void graduated_5(const int64_t* calls, int64_t* cents, size_t rows) {
  kFive.rate(calls, cents, rows, kLimit);
}
void graduated_10(const int64_t* calls, int64_t* cents, size_t rows) {
  kTen.rate(calls, cents, rows, kLimit);
}
void volume_5(const int64_t* calls, int64_t* cents, size_t rows) {
  kVolume.rate(calls, cents, rows, kLimit);
}

void started(const int64_t* __restrict calls, int64_t* __restrict cents, size_t rows) {
  const auto price = [](auto quantity) { return (quantity + 999) / 1'000 * 25; };
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(calls[i], kLimit);
          cents[i] = static_cast<int64_t>(price(static_cast<uint64_t>(calls[i])));
        }
        return bad;
      },
      [&](size_t i) { cents[i] = static_cast<int64_t>(price(Int128{calls[i]})); });
}

int64_t model_price(uint32_t model) { return 10 + 7 * int64_t{model % 97}; }

void matrix(const uint32_t* __restrict models, const int64_t* __restrict tokens,
            int64_t* __restrict cents, size_t rows, const int64_t* __restrict prices) {
  constexpr int64_t kDivisor = 1'000'000;
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(tokens[i], kLimit);
          const auto amount = static_cast<uint64_t>(tokens[i] * prices[models[i]]);
          cents[i] = static_cast<int64_t>((amount + kDivisor / 2) / kDivisor);
        }
        return bad;
      },
      [&](size_t i) {
        const Int128 amount = Int128{tokens[i]} * prices[models[i]];
        cents[i] = static_cast<int64_t>((amount + kDivisor / 2) / kDivisor);
      });
}

void hybrid(const int64_t* __restrict calls, const int64_t* __restrict storage,
            int64_t* __restrict cents, size_t rows) {
  const auto bill = [](int64_t used, int64_t stored, auto zero) {
    using N = decltype(zero);
    const N above = used > 100'000 ? used - 100'000 : 0;
    N total = 50'000 + (above * 4 + 5) / 10 + static_cast<N>(kStorage.cents<N>(stored));
    total -= (total * 10 + 50) / 100;
    return static_cast<int64_t>(total > 60'000 ? total : N{60'000});
  };
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(calls[i], kLimit) | beyond(storage[i], kLimit);
          cents[i] = bill(calls[i], storage[i], uint64_t{0});
        }
        return bad;
      },
      [&](size_t i) { cents[i] = bill(calls[i], storage[i], Int128{0}); });
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
