// A card that `check` returns can always be rated: whatever is done to a text, what comes out of it
// keeps the promises of rate_card.h, and what does not come out has an error that says why.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

constexpr std::string_view kText = R"(toll 1
unit call, calls
unit bundle, bundles = 1,000 calls
dimension region is eu, us
dimension mode is live, batch, other
dimension length by tokens
  short up to 100
  long beyond
meter api_calls counts call by region, mode
  from api.request
meter storage sums GiB-month by region
meter gpu accrues GPU-hour
card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  fee base "Base" at 5.00 USD per month, in advance, not prorated
  charge api_calls "Calls" by region, mode
    included 100 calls shared
    rounded up to 10 calls
    tiers graduated
    eu, live up to 1,000 calls at 0.04 USD per call
    eu, live beyond at 0.03 USD per call + 1.00 USD flat
    us, any at 4.00 USD per started 2 bundles
    any, batch free
    eu, other at 0.01 USD per bundle
    us, batch at 0.02 USD per call
    discount 10% when mode is batch
    minimum 1.00 USD in each row when region is us
    maximum 500.00 USD shared
  charge storage "Storage"
    at 0.01 USD per GiB-month
    surcharge 5% when region is us
    discount 2.00 USD
  charge gpu "GPUs"
    tiers stairstep
    up to 0 GPU-hours at 1.00 USD flat
    up to 100 GPU-hours at 50.00 USD flat
    up to 600 GPU-minutes at 60.00 USD flat
  limit gpu to 100 GPU-hours per month then block
  limit bill to 1,000.00 USD per month then throttle
  alert when api_calls reaches 80% of included
  alert when gpu reaches 50 GPU-hours
  bill discount 10%
  bill minimum 5.00 USD
  guarantee bill never decreases for api_calls, storage
  guarantee bill at most 5,000 USD while gpu up to 90 GPU-hours
  example "One" in 2026-02
    use api_calls eu, live: 2 bundles
    use storage us: 1 TiB-month
    use gpu 4 GPU-hours
    expect base 5.00 USD
    expect api_calls/eu/live 0.20 USD
    expect api_calls/maximum 0.00 USD
    expect total 5.20 USD
invoice "Two" for api in 2026-03
  use gpu 3 GPU-hours
  expect bill/minimum 1.00 USD
  expect total 5.00 USD
card api "API, later"
  from 2026-04-01
  currency USD
  period month
  round each line down to 0.05 USD
  charge storage by region
    tiers volume
    eu up to 100 GiB-months at 0.02 USD per GiB-month
    eu beyond at 0.01 USD per GiB-month
    us at 0.01 USD per GiB-month
)";

using Lines = std::vector<std::vector<std::string>>;

/// The words of each line; leading blanks are a word of their own.
Lines words_of(std::string_view text) {
  Lines lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    auto& words = lines.emplace_back();
    words.push_back(line.substr(0, line.find_first_not_of(' ')));
    std::istringstream rest(line);
    for (std::string word; rest >> word;) words.push_back(word);
  }
  return lines;
}

std::string text_of(const Lines& lines) {
  std::string text;
  for (const auto& words : lines) {
    for (size_t i = 0; i < words.size(); ++i) text += (i > 1 ? " " : "") + words[i];
    text += '\n';
  }
  return text;
}

void mutate(Lines& lines, std::mt19937& random) {
  const auto any = [&](size_t count) { return random() % count; };
  const size_t at = 1 + any(lines.size() - 1);
  auto& words = lines[at];
  const auto& other = lines[1 + any(lines.size() - 1)];
  switch (any(6)) {
    case 0:
      lines.erase(lines.begin() + static_cast<ptrdiff_t>(at));
      break;
    case 1:
      lines.insert(lines.begin() + static_cast<ptrdiff_t>(at), std::vector(other));
      break;
    case 2:
      std::swap(lines[at], lines[1 + any(lines.size() - 1)]);
      break;
    case 3:
      words.erase(words.begin() + static_cast<ptrdiff_t>(any(words.size())));
      break;
    default:
      if (words.size() > 1 && other.size() > 1) {
        words[1 + any(words.size() - 1)] = other[1 + any(other.size() - 1)];
      }
  }
  if (lines.size() < 5) lines = words_of(kText);
}

void expect_table(const PriceTable& table, const RateCard& card, const Charge& charge) {
  ASSERT_FALSE(table.tiers.empty());
  for (size_t i = 0; i < table.tiers.size(); ++i) {
    const Tier& tier = table.tiers[i];
    const bool last = i + 1 == table.tiers.size();
    if (!last) {
      EXPECT_TRUE(tier.up_to.has_value());
    }
    if (i > 0 && tier.up_to) {
      EXPECT_GT(*tier.up_to, *table.tiers[i - 1].up_to);
    }
    for (const Term& term : tier.terms) {
      EXPECT_GE(term.price_minor, Ratio());
      if (term.kind == syntax::Term::Kind::PerStarted) {
        EXPECT_GT(term.block, Ratio());
      }
      if (table.kind == TierKind::Stairstep) {
        EXPECT_EQ(term.kind, syntax::Term::Kind::Flat);
      }
    }
  }
  if (table.kind == TierKind::None) {
    EXPECT_EQ(table.tiers.size(), 1u);
  }
  if (table.kind == TierKind::None) {
    EXPECT_FALSE(table.closed_by.has_value());
  }
  EXPECT_EQ(table.tiers.back().up_to.has_value(), table.closed_by.has_value());
  if (!table.closed_by) return;
  const Limit& limit = card.limits.at(*table.closed_by);
  EXPECT_EQ(limit.meter, charge.meter);
  EXPECT_EQ(limit.action, "block");
  EXPECT_LE(*limit.to, *table.tiers.back().up_to);
}

/// Whether the amount of a charge is a sum over units, up to a step.
bool is_sum_over_units(const Charge& charge, size_t step) {
  return charge.quantity_steps.empty() &&
         std::ranges::all_of(charge.tables,
                             [](const PriceTable& table) {
                               return table.kind == TierKind::None &&
                                      std::ranges::all_of(
                                          table.tiers[0].terms, [](const Term& term) {
                                            return term.kind == syntax::Term::Kind::PerUnit;
                                          });
                             }) &&
         std::all_of(charge.money_steps.begin(),
                     charge.money_steps.begin() + static_cast<ptrdiff_t>(step),
                     [](const MoneyStep& above) { return above.fraction.has_value(); });
}

void expect_money_steps(const RateCard& card, const Charge& charge) {
  bool shared = false;
  for (size_t i = 0; i < charge.money_steps.size(); ++i) {
    const MoneyStep& step = charge.money_steps[i];
    if (shared) {
      EXPECT_EQ(step.reach, Reach::Shared);
    }
    shared = shared || step.reach == Reach::Shared;
    EXPECT_GE(step.amount_minor, 0);
    if (step.fraction && step.kind == syntax::MoneyLine::Kind::Discount) {
      EXPECT_LE(*step.fraction, Ratio(1));
    }
    if (charge.by.empty()) {
      EXPECT_EQ(step.reach, Reach::Unsaid);
    }
    if (!charge.by.empty() && !step.fraction) {
      EXPECT_NE(step.reach, Reach::Unsaid);
    }
    if (!step.condition) continue;
    EXPECT_NE(step.reach, Reach::Shared);
    const auto& dimensions = card.meters[charge.meter].dimensions;
    EXPECT_TRUE(std::ranges::count(dimensions, step.condition->dimension) == 1);
    EXPECT_EQ(step.condition->in_by, std::ranges::count(charge.by, step.condition->dimension) == 1);
    EXPECT_TRUE(std::ranges::is_sorted(step.condition->values));
    for (uint32_t value : step.condition->values) {
      EXPECT_LT(value, card.dimensions[step.condition->dimension].values.size());
    }
    if (!step.condition->in_by) {
      EXPECT_TRUE(step.fraction && is_sum_over_units(charge, i));
    }
  }
}

void expect_rateable(const RateCard& card) {
  for (const Charge& charge : card.charges) {
    ASSERT_LT(charge.meter, card.meters.size());
    size_t cells = 1;
    for (uint32_t dimension : charge.by) cells *= card.dimensions.at(dimension).values.size();
    ASSERT_EQ(charge.table_of_cell.size(), cells);
    std::set<uint32_t> used(charge.table_of_cell.begin(), charge.table_of_cell.end());
    EXPECT_EQ(used.size(), charge.tables.size());  // every row is reached
    EXPECT_EQ(*used.rbegin() + 1, charge.tables.size());
    EXPECT_TRUE(std::ranges::is_sorted(charge.cells_in_row_order, {}, [&](uint32_t cell) {
      return std::pair(charge.table_of_cell.at(cell), cell);
    }));
    EXPECT_EQ(std::set(charge.cells_in_row_order.begin(), charge.cells_in_row_order.end()).size(),
              cells);
    for (const PriceTable& table : charge.tables) expect_table(table, card, charge);
    for (const QuantityStep& step : charge.quantity_steps) {
      const bool asks = step.kind == QuantityStep::Kind::Included && !charge.by.empty();
      EXPECT_EQ(step.reach != Reach::Unsaid, asks);
    }
    expect_money_steps(card, charge);
  }
  for (const Example& example : card.examples) {
    EXPECT_GT(example.period.days(), 0);
    EXPECT_GE(example.period.from, card.from);
    if (card.until && !example.is_of_several_versions()) {
      EXPECT_LE(example.period.until, *card.until);
    }
    for (const auto& use : example.uses) {
      EXPECT_EQ(use.values.size(), card.meters.at(use.meter).dimensions.size());
      EXPECT_GE(use.quantity, Decimal());
    }
  }
  EXPECT_GE(card.rounding_step_minor, 1);
  EXPECT_EQ(card.items.size(), card.fees.size() + card.charges.size());
  EXPECT_EQ(card.hash.size(), 71u);
}

size_t cards_in(const Lines& lines) {
  return static_cast<size_t>(std::ranges::count_if(
      lines, [](const auto& words) { return words.size() > 1 && words[1] == "card"; }));
}

TEST(CheckMutations, LeaveACardThatCanBeRatedOrAnErrorThatSaysWhyNot) {
  ASSERT_EQ(codes(check_text(std::string(kText))), (std::vector<std::string>{"E202"}));
  std::mt19937 random(19991231);
  size_t returned = 0;
  for (int run = 0; run < 4'000 && !::testing::Test::HasFailure(); ++run) {
    Lines lines = words_of(kText);
    // Half the texts begin without the mistake that the first bound in minutes is.
    if (random() % 2)
      std::erase_if(lines,
                    [](const auto& words) { return std::ranges::count(words, "GPU-minutes") > 0; });
    for (unsigned i = 0, count = random() % 6; i < count; ++i) mutate(lines, random);
    SCOPED_TRACE(text_of(lines));
    const Checked checked = check_text(text_of(lines));
    for (const RateCard& card : checked.cards) expect_rateable(card);
    for (const Diagnostic& diagnostic : checked.diagnostics)
      for (const char* leak : {"boost", "N5"})
        EXPECT_FALSE(diagnostic.message.contains(leak)) << diagnostic.message;
    if (checked.cards.size() < cards_in(lines)) {
      EXPECT_TRUE(has_errors(checked.diagnostics));
    }
    returned += checked.cards.size();
  }
  EXPECT_GT(returned, 1'000u);  // else the texts are so bad that nothing was tested
}

}  // namespace
}  // namespace toll::dsl
