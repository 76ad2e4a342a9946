#include "tests/bench/columns_by_hand.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tests/bench/divided.h"

namespace toll::by_hand {
namespace {

using Int128 = __int128;

constexpr size_t kBlock = 2048;
/// Times every price below 2^50.
constexpr int64_t kLimit = int64_t{1} << 40;

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

template <size_t kCount>
struct Tiers {
  int64_t divisor;
  Segment segments[kCount];
};

/// Both numbers of a line in one, so that one selection finds both.
constexpr int64_t packed(const Segment& segment) { return segment.base << 32 | segment.price; }

/// With the tiers as constants g++ makes vectors of the selections.
template <auto kTiers, typename N>
inline N exact(int64_t quantity) {
  static_assert(std::ranges::all_of(kTiers.segments, [](const Segment& segment) {
    return segment.base >= 0 && segment.base >> 31 == 0 && segment.price >> 32 == 0;
  }));
  int64_t line = packed(kTiers.segments[0]);
  const auto go_on = [&](const Segment& from, const Segment& to) {  // g++ would branch for a `?`
    const int64_t reached = -static_cast<int64_t>(quantity > to.above);
    line += reached & (packed(to) - packed(from));
  };
  [&]<size_t... t>(std::index_sequence<t...>) {
    (go_on(kTiers.segments[t], kTiers.segments[t + 1]), ...);
  }(std::make_index_sequence<std::size(kTiers.segments) - 1>());
  const int64_t base = line >> 32, price = line & 0xFFFF'FFFF;
  return static_cast<N>(base) + static_cast<N>(quantity) * static_cast<N>(price);
}

template <auto kTiers>
int64_t rate_block(const int64_t* __restrict quantities, int64_t* __restrict out, size_t rows,
                   int64_t limit) {
  int64_t bad = 0;
  for (size_t i = 0; i < rows; ++i) {
    bad |= beyond(quantities[i], limit);
    const auto amount = static_cast<uint64_t>(exact<kTiers, int64_t>(quantities[i]));
    out[i] = static_cast<int64_t>(rounded<kTiers.divisor>(amount));
  }
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
  const auto price = []<typename N>(N quantity) {
    return short_divided<1'000>(static_cast<N>(quantity + 999)) * 25;
  };
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

namespace {

template <typename Price>
void by_price(const int64_t* __restrict tokens, int64_t* __restrict cents, size_t rows,
              const Price& price) {
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(tokens[i], kLimit);
          const auto amount = static_cast<uint64_t>(tokens[i] * price(i));
          cents[i] = static_cast<int64_t>(rounded<1'000'000>(amount));
        }
        return bad;
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
  constexpr int64_t kFree = 100'000, kMinimum = 60'000;
  const auto total = []<typename N>(N above, N stored) {
    const N sum = 50'000 + rounded<10>(static_cast<N>(above * 4)) + rounded<100>(stored);
    return static_cast<int64_t>(sum - rounded<100>(static_cast<N>(sum * 10)));
  };
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          bad |= beyond(calls[i], kLimit) | beyond(storage[i], kLimit);
          const int64_t above = std::max<int64_t>(calls[i] - kFree, 0);
          const int64_t stored = exact<kStorage, int64_t>(storage[i]);
          cents[i] = std::max(total(static_cast<uint64_t>(above), static_cast<uint64_t>(stored)),
                              kMinimum);
        }
        return bad;
      },
      [&](size_t i) {
        const Int128 above = std::max<Int128>(Int128{calls[i]} - kFree, 0);
        cents[i] = std::max(total(above, exact<kStorage, Int128>(storage[i])), kMinimum);
      });
}

void seconds(const int64_t* __restrict micros, int64_t* __restrict cents, size_t rows) {
  // 10^-8 cents per GB-second, of millionths: 10^-14 cents, which is 2^-14 x 5^-14.
  constexpr uint64_t kFives = 6'103'515'625;
  constexpr int64_t kMost = int64_t{1} << 58;
  constexpr int64_t kBounds[] = {6'000'000'000'000'000, 15'000'000'000'000'000};
  constexpr int64_t kPrices[] = {166'667, 150'000, 133'334};
  constexpr Int128 kHalf = Int128{kFives} << 13;
  constexpr Int128 kBases[] = {kHalf, kHalf + Int128{kBounds[0]} * (kPrices[0] - kPrices[1]),
                               kHalf + Int128{kBounds[0]} * (kPrices[0] - kPrices[1]) +
                                   Int128{kBounds[1]} * (kPrices[1] - kPrices[2])};
  constexpr auto low_of = [](Int128 base) { return static_cast<uint64_t>(base & 0xFFFF'FFFF); };
  constexpr auto high_of = [](Int128 base) { return static_cast<uint64_t>(base >> 32); };
  for_each_block(
      rows,
      [&](size_t begin, size_t end) {
        int64_t bad = 0;
        for (size_t i = begin; i < end; ++i) {
          const int64_t quantity = micros[i];
          bad |= beyond(quantity, kMost);
          // In halves of 32 bits, of which the lower one loses 14 bits and the upper one none.
          uint64_t price = kPrices[0], low = low_of(kBases[0]), high = high_of(kBases[0]);
          price = quantity > kBounds[0] ? kPrices[1] : price;
          low = quantity > kBounds[0] ? low_of(kBases[1]) : low;
          high = quantity > kBounds[0] ? high_of(kBases[1]) : high;
          price = quantity > kBounds[1] ? kPrices[2] : price;
          low = quantity > kBounds[1] ? low_of(kBases[2]) : low;
          high = quantity > kBounds[1] ? high_of(kBases[2]) : high;
          const auto bits = static_cast<uint64_t>(quantity);
          low += (bits & 0xFFFF'FFFF) * price;
          high += (bits >> 32) * price;
          cents[i] = static_cast<int64_t>(divided<kFives>((high << 18) + (low >> 14)));
        }
        return bad;
      },
      [&](size_t i) {
        const int tier = (micros[i] > kBounds[0]) + (micros[i] > kBounds[1]);
        const Int128 amount = kBases[tier] + Int128{micros[i]} * kPrices[tier];
        cents[i] = static_cast<int64_t>((amount >> 14) / static_cast<int64_t>(kFives));
      });
}

}  // namespace toll::by_hand
