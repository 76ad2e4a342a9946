// Every card of a tiny grammar in every engine: one meter, up to two tiers with bounds 1 and 2,
// prices 0, 1 and 3 of each kind, an allowance of 0 or 1, each kind of tiers, each rounding.
//
// Charges do not see each other, so that those which differ in their prices only stand together in
// one card: that saves compiling thousands of functions.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "tests/differential/engines.h"
#include "tests/support/cards.h"

namespace toll::differential {
namespace {

using Strings = std::vector<std::string>;

struct World {
  std::string tiers;       ///< a `tiers` line, or empty
  Strings bounds;          ///< what each row begins with
  std::string limit = {};  ///< an item that closes the table
};

const std::vector<World> kWorlds = {
    {"", {""}},
    {"tiers graduated", {"up to 1 call ", "beyond "}},
    {"tiers graduated", {"up to 2 calls ", "beyond "}},
    {"tiers graduated",
     {"up to 1 call ", "up to 2 calls "},
     "  limit m to 2 calls per day then block\n"},
    {"tiers volume", {"up to 1 call ", "beyond "}},
    {"tiers volume", {"up to 2 calls ", "beyond "}},
    {"tiers volume",
     {"up to 1 call ", "up to 2 calls "},
     "  limit m to 2 calls per day then block\n"},
    {"tiers stairstep", {"up to 1 call ", "beyond "}},
    {"tiers stairstep", {"up to 2 calls ", "beyond "}},
    {"tiers stairstep",
     {"up to 1 call ", "up to 2 calls "},
     "  limit m to 2 calls per day then block\n"},
};

Strings prices_of(const World& world) {
  Strings prices;
  for (int amount : {0, 1, 3}) {
    prices.push_back(fmt::format("at {} JPY flat", amount));
    if (world.tiers == "tiers stairstep") continue;
    prices.push_back(fmt::format("at {} JPY per call", amount));
    prices.push_back(fmt::format("at {} JPY per started call", amount));
  }
  return prices;
}

/// The rows of every charge of the world: each bound with each price.
std::vector<Strings> charges_of(const World& world) {
  std::vector<Strings> charges = {{}};
  for (const auto& bound : world.bounds) {
    std::vector<Strings> longer;
    for (const auto& rows : charges) {
      for (const auto& price : prices_of(world)) {
        longer.push_back(rows);
        longer.back().push_back(bound + price);
      }
    }
    charges = std::move(longer);
  }
  return charges;
}

std::string card_text(const World& world, int included, std::string_view rounding) {
  std::string text = fmt::format(
      "toll 1\nunit call, calls\nmeter m sums call\n\ncard small\n  from 2026-01-01\n"
      "  currency JPY\n  period day\n  round each line {}\n",
      rounding);
  int number = 0;
  for (const auto& rows : charges_of(world)) {
    text += fmt::format("  charge c{} on m\n    included {} calls\n", number++, included);
    if (!world.tiers.empty()) text += "    " + world.tiers + "\n";
    for (const auto& row : rows) text += "    " + row + "\n";
  }
  return text + world.limit;
}

/// Rounding comes after pricing: where a world has many charges, native code is compiled for one of
/// the modes only.
bool is_compiled(const World& world, std::string_view rounding) {
  return rounding == "half-up" || charges_of(world).size() < 10;
}

void compare(const World& world, int included, std::string_view rounding,
             const compiler::NativeCompiler& native) {
  const std::vector<Decimal> quantities = {{0, 0}, {5, 1}, {1, 0}, {15, 1}, {2, 0}, {3, 0}};
  const std::string text = card_text(world, included, rounding);
  const auto [card, program] = testing::lowered_card(text);
  auto engines = is_compiled(world, rounding) ? Engines::compile(card, program, native)
                                              : Engines(card, program);
  ASSERT_TRUE(engines.has_value()) << text << engines.error().message;
  for (const Decimal& quantity : quantities) {
    const Document document{.entries = {{.meter = 0, .values = {}, .quantity = quantity}}};
    const auto difference = engines->disagreement(document);
    ASSERT_EQ(difference, std::nullopt) << text << to_string(document, card) << *difference;
  }
}

TEST(SmallWorlds, HaveOneAnswerInAllEngines) {
  auto native = compiler::NativeCompiler::create();
  ASSERT_TRUE(native.has_value()) << native.error().message;
  for (const auto& world : kWorlds) {
    for (int included : {0, 1}) {
      for (const auto* rounding : {"half-up", "half-even", "up", "down"})
        compare(world, included, rounding, *native);
    }
  }
}

}  // namespace
}  // namespace toll::differential
