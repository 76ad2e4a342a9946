// Shares of other charges and joint capacities at random.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/differential/draft.h"

namespace toll::differential {
namespace {

std::string by_day(CardDraft& card) {
  return card.takes(Construct::BoundProrated, 25) ? " prorated by day" : "";
}

std::string money_lines(CardDraft& card) {
  std::string text;
  const int64_t middle = card.random.between(100, 100'000);
  if (card.takes(Construct::DiscountPercent, 15))
    text += "    discount " + draw_percent(card, 100) + "\n";
  if (card.takes(Construct::SurchargeAmount, 10))
    text += "    surcharge " + draw_amount(card).text + "\n";
  if (card.takes(Construct::Minimum, 30))
    text += "    minimum " + amount_literal(card, card.random.between(1, middle)).text +
            by_day(card) + "\n";
  if (card.takes(Construct::Maximum, 20))
    text += "    maximum " + amount_literal(card, middle + card.random.between(0, 1'000'000)).text +
            by_day(card) + "\n";
  return text;
}

}  // namespace

std::string draw_share(CardDraft& card, const std::string& name,
                       const std::vector<std::string>& of) {
  Random& random = card.random;
  const auto price = [&] {
    std::string text = draw_percent(card, 300) + " of " + fmt::format("{}", fmt::join(of, " and "));
    if (card.takes(Construct::Flat, 15)) text += " + " + draw_amount(card).text + " flat";
    return text;
  };
  std::string text = fmt::format("  charge {} \"A share\"\n", name);
  if (!card.takes(Construct::ShareInTiers, 60)) {
    text += "    at " + price() + "\n";
    return text + money_lines(card);
  }
  constexpr std::array<std::string_view, 2> kKinds = {"graduated", "volume"};
  text += fmt::format("    tiers {}\n", random.pick(kKinds));
  std::set<int64_t> bounds;
  for (int i = 0; i < 2; ++i) bounds.insert(random.between(1, 500) * random.between(1, 2'000));
  if (random.chance(15)) bounds.insert(0);
  for (const int64_t bound : bounds) {
    const bool free = bound != *bounds.begin() && random.chance(10);
    text += fmt::format("    up to {} {}\n", amount_literal(card, bound).text,
                        free ? "free" : "at " + price());
  }
  return text + "    beyond at " + price() + "\n" + money_lines(card);
}

std::string draw_joint_charge(CardDraft& card, const std::string& name) {
  std::vector<std::string> names;
  for (MeterDraft& meter : card.meters) {
    names.push_back(meter.name);
    meter.chooses = true;
  }
  std::string text =
      fmt::format("  charge {} on {}\n    tiers stairstep\n", name, fmt::join(names, ", "));
  // The first bounds rise, so no row hides one below it.
  std::vector<Literal> firsts;
  for (int i = 0; i < 3; ++i) {
    Literal bound = draw_quantity(card, card.meters.front());
    const auto same = [&](const Literal& other) { return other.value == bound.value; };
    if (std::ranges::none_of(firsts, same)) firsts.push_back(std::move(bound));
  }
  std::ranges::sort(firsts, {}, &Literal::value);
  std::vector<Literal> last;
  for (const Literal& first : firsts) {
    last = {first};
    for (size_t i = 1; i < card.meters.size(); ++i)
      last.push_back(draw_quantity(card, card.meters[i]));
    std::vector<std::string> bounds;
    for (const Literal& bound : last) bounds.push_back("up to " + bound.text);
    text += fmt::format("    {} at {} flat\n", fmt::join(bounds, ", "), draw_amount(card).text);
  }
  if (!card.takes(Construct::Closed, 30))
    return text + "    beyond at " + draw_amount(card).text + " flat\n" + money_lines(card);
  for (size_t i = 0; i < card.meters.size(); ++i) {
    auto& closing = card.meters[i].closing;
    if (!closing || last[i].value < closing->value) closing = last[i];
  }
  return text + money_lines(card);
}

}  // namespace toll::differential
