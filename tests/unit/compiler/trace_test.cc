// What the interpreter tells of the tiers that it priced.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiler/interpreter.h"
#include "compiler/usage_vector.h"
#include "tests/support/cards.h"

namespace toll::compiler {
namespace {

/// Each tier as "TIER: QUANTITY = AMOUNT in cents", and whether they make up what was priced.
class TierTrace : public Trace {
 public:
  void on_tier(uint32_t, uint32_t, const PricedTier& priced) override {
    tiers.push_back(fmt::format("{}: {} = {}", priced.tier, priced.quantity.to_string(),
                                priced.exact.to_string()));
    if (priced.amount != priced.exact) tiers.back() += " -> " + priced.amount.to_string();
    if (priced.chosen) tiers.back() += ", chosen";
    sum = checked_add(sum, priced.amount).value();
  }
  void on_priced(uint32_t, uint32_t, const Ratio&, const Ratio&, const Ratio& amount) override {
    EXPECT_EQ(sum, amount);
  }
  std::vector<std::string> tiers;
  Ratio sum;
};

using Tiers = std::vector<std::string>;

Tiers tiers_of(const std::string& kind, const std::string& rows, const char* quantity,
               const std::string& rounding = "line half-up") {
  const testing::LoweredCard card = testing::lowered_card(
      "toll 1\nunit call, calls\nmeter calls counts call\ncard c\n  from 2026-01-01\n  currency "
      "USD\n  period month\n  round each " +
      rounding + "\n\n  charge calls\n    included 2 calls\n    tiers " + kind + "\n" + rows);
  UsageVector usage(card.card, card.program);
  usage.add(0, {}, parse_decimal(quantity).value());
  const RateInput* const input = usage.bind();
  RateOutput output{.lines = usage.lines().data()};
  TierTrace trace;
  interpret(card.program, *input, output, &trace);
  EXPECT_EQ(output.fault, FaultKind::None);
  return trace.tiers;
}

constexpr const char* kRows =
    "    up to 10 calls at 1.00 USD per call + 3.00 USD flat\n"
    "    up to 25 calls at 2.00 USD per started 10 calls\n"
    "    beyond         at 0.10 USD per call\n";

TEST(TierTrace, GraduatedTiersAreSlices) {
  EXPECT_EQ(tiers_of("graduated", kRows, "2"), Tiers{});
  EXPECT_EQ(tiers_of("graduated", kRows, "12"), (Tiers{"0: 10 = 1300"}));
  EXPECT_EQ(tiers_of("graduated", kRows, "12.5"), (Tiers{"0: 10 = 1300", "1: 0.5 = 200"}));
  EXPECT_EQ(tiers_of("graduated", kRows, "32.5"),
            (Tiers{"0: 10 = 1300", "1: 15 = 400", "2: 5.5 = 55"}));
}

TEST(TierTrace, VolumeHasOneTier) {
  EXPECT_EQ(tiers_of("volume", kRows, "12"), (Tiers{"0: 10 = 1300"}));
  EXPECT_EQ(tiers_of("volume", kRows, "13"), (Tiers{"1: 11 = 400"}));
  EXPECT_EQ(tiers_of("volume", kRows, "32.5"), (Tiers{"2: 30.5 = 305"}));
}

TEST(TierTrace, WhatIsRoundedByTheTierAddsUpToo) {
  const char* const rows =
      "    up to 10 calls at 0.0123 USD per call\n    beyond at 0.0456 USD per call\n";
  EXPECT_EQ(tiers_of("graduated", rows, "15", "tier half-up"),
            (Tiers{"0: 10 = 12.3 -> 12", "1: 3 = 13.68 -> 14"}));
}

TEST(TierTrace, TheTotalOfAllRowsChoosesATier) {
  const testing::LoweredCard card = testing::lowered_card(
      "toll 1\nunit call, calls\ndimension region is eu, us\nmeter calls counts call by region\n"
      "card c\n  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
      "  charge calls by region\n    tiers volume across rows\n    any up to 10 calls at 1.00 USD "
      "per "
      "call\n    any beyond at 0.50 USD per call\n");
  UsageVector usage(card.card, card.program);
  usage.add(0, std::vector<uint32_t>{0}, Decimal{4, 0});
  usage.add(0, std::vector<uint32_t>{1}, Decimal{7, 0});
  RateOutput output{.lines = nullptr};
  const RateInput* const input = usage.bind();
  output.lines = usage.lines().data();
  struct : Trace {
    void on_tier(uint32_t, uint32_t, const PricedTier& priced) override {
      EXPECT_TRUE(priced.chosen);
      EXPECT_EQ(priced.tier, 1u);
    }
    void on_priced(uint32_t, uint32_t, const Ratio&, const Ratio& held, const Ratio&) override {
      EXPECT_EQ(held, Ratio(11));
      ++lines;
    }
    int lines = 0;
  } trace;
  interpret(card.program, *input, output, &trace);
  EXPECT_EQ(trace.lines, 2);
}

TEST(TierTrace, ARowUpToZero) {
  const char* const rows =
      "    up to 0 calls at 100.00 USD flat\n    up to 3 calls free\n"
      "    beyond at 1.00 USD per call\n";
  EXPECT_EQ(tiers_of("graduated", rows, "0"), (Tiers{"0: 0 = 10000"}));
  EXPECT_EQ(tiers_of("graduated", rows, "6"), (Tiers{"0: 0 = 10000", "1: 3 = 0", "2: 1 = 100"}));
  EXPECT_EQ(tiers_of("volume", rows, "0"), (Tiers{"0: 0 = 10000"}));
  EXPECT_EQ(tiers_of("volume", rows, "6"), (Tiers{"2: 4 = 400"}));
}

}  // namespace
}  // namespace toll::compiler
