// What `./dev peers` compares, in small: the cards of the workloads, by hand and by Toll.
#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <random>

#include "tests/peers/rows_by_hand.h"
#include "tests/peers/toll_rows.h"

namespace toll::peers {
namespace {

/// Bounds of the cards and what lies beside them, small numbers, and the largest of 32 bits.
Column quantities(uint64_t seed) {
  constexpr int64_t kBounds[] = {0,       10'000,    51'200,     100'000,
                                 512'000, 1'000'000, 10'000'000, int64_t{1} << 31};
  std::mt19937_64 random(seed);
  Column result(20'011);
  for (int64_t& quantity : result) {
    const int64_t bound = kBounds[random() % std::size(kBounds)];
    quantity = random() % 2 == 0
                   ? static_cast<int64_t>(random() % 20'000'000)
                   : std::max<int64_t>(0, bound + static_cast<int64_t>(random() % 3) - 1);
  }
  result.front() = std::numeric_limits<uint32_t>::max();
  return result;
}

std::string card_of(const std::string& workload) {
  return read_text(TOLL_SOURCE_DIR "/tests/peers/cards/" + workload + "@2026-01-01.toll");
}

TEST(Peers, RateGraduatedTiersAsByHand) {
  const Column calls = quantities(1);
  TollRows toll("graduated", {calls}, card_of("graduated"));
  Column cents(calls.size());
  by_hand::graduated(narrowed<uint32_t>(calls).data(), cents.data(), cents.size());
  EXPECT_TRUE(toll.rate(1) == std::accumulate(cents.begin(), cents.end(), __int128{0}));
  EXPECT_EQ(toll.cents(), cents);
  EXPECT_TRUE(toll.add_up(1) == toll.rate(1));
  EXPECT_TRUE(toll.rate(2) == std::accumulate(cents.begin(), cents.end(), __int128{0}));
}

TEST(Peers, RateTheHybridCardAsByHand) {
  const Column calls = quantities(2), storage = quantities(3);
  TollRows toll("hybrid", {calls, storage}, card_of("hybrid"));
  Column cents(calls.size());
  by_hand::hybrid(narrowed<uint32_t>(calls).data(), narrowed<uint32_t>(storage).data(),
                  cents.data(), cents.size());
  EXPECT_TRUE(toll.rate(1) == std::accumulate(cents.begin(), cents.end(), __int128{0}));
  EXPECT_EQ(toll.cents(), cents);
}

}  // namespace
}  // namespace toll::peers
