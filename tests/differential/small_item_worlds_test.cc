// Every charge by item of a tiny grammar in every engine, on every short list of small items: a
// percentage and an amount, an allowance of each kind, a floor or a cap, each place of rounding.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/differential/engines.h"
#include "tests/support/cards.h"

namespace toll::differential {
namespace {

using Strings = std::vector<std::string>;

const Strings kAllowances = {"", "    included 1 m shared\n", "    included 2 JPY shared\n",
                             "    included 2 m shared\n    included 2 JPY shared\n",
                             "    included 1 JPY each\n    included 1 JPY shared\n"};
const Strings kPrices = {"    at 50%\n", "    at 150% + 1 JPY\n", "    at 3 JPY\n"};
const Strings kBounds = {"", "    minimum 1 JPY each\n", "    maximum 2 JPY each\n"};

std::string card_text(std::string_view place, std::string_view rounding) {
  std::string text = fmt::format(
      "toll 1\nmeter m lists JPY\n\ncard small\n  from 2026-01-01\n  currency JPY\n  period day\n"
      "  round each {} {}\n",
      place, rounding);
  int number = 0;
  for (const auto& allowance : kAllowances)
    for (const auto& price : kPrices)
      for (const auto& bound : kBounds)
        text +=
            fmt::format("  charge c{} on m each item\n{}{}{}", number++, allowance, price, bound);
  return text;
}

/// All lists of up to three of these items.
std::vector<std::vector<Decimal>> lists() {
  const std::vector<Decimal> items = {{0, 0}, {5, 1}, {1, 0}, {2, 0}, {3, 0}};
  std::vector<std::vector<Decimal>> all = {{}};
  for (size_t begin = 0, length = 1; length <= 3; ++length) {
    const size_t end = all.size();
    for (; begin < end; ++begin) {
      for (const Decimal& item : items) {
        all.push_back(all[begin]);
        all.back().push_back(item);
      }
    }
  }
  return all;
}

void compare(std::string_view place, std::string_view rounding,
             const compiler::NativeCompiler& native) {
  const std::string text = card_text(place, rounding);
  const auto [card, program] = testing::lowered_card(text);
  auto engines = Engines::compile(card, program, native);
  ASSERT_TRUE(engines.has_value()) << text << engines.error().message;
  for (const auto& list : lists()) {
    Document document;
    for (const Decimal& item : list)
      document.entries.push_back({.meter = 0, .values = {}, .quantity = item});
    const auto difference = engines->disagreement(document);
    ASSERT_EQ(difference, std::nullopt) << text << to_string(document, card) << *difference;
  }
}

TEST(SmallItemWorlds, HaveOneAnswerInAllEngines) {
  auto native = compiler::NativeCompiler::create();
  ASSERT_TRUE(native.has_value()) << native.error().message;
  ASSERT_EQ(lists().size(), 1u + 5 + 25 + 125);
  compare("item", "half-up", *native);
  compare("item", "up", *native);
  compare("line", "half-even", *native);
}

}  // namespace
}  // namespace toll::differential
