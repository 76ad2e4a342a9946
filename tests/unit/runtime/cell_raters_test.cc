// Native code for single cells is made for who asks, once for each card, and rates like the
// interpreter.
#include "runtime/cell_raters.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/live.h"

namespace toll::runtime {
namespace {

std::string card_with(std::string_view charge) {
  return fmt::format(R"(toll 1

unit call, calls
meter api_calls counts call

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

{})",
                     charge);
}

constexpr std::string_view kPricedTiers =
    "  charge api_calls\n    tiers graduated\n    up to 100 calls at 1.00 USD per call\n"
    "    beyond at 0.333 USD per call\n";

TEST(CellRaters, AreMadeOnceForEachCard) {
  CellRaters raters(testing::native_compiler());
  const auto cards = testing::card_set({card_with(kPricedTiers)});
  const Revision& revision = *cards.revisions().front();
  const auto rater = raters.of(revision);
  ASSERT_TRUE(rater->is_native());
  // The same text, loaded again, is the same card to it.
  const auto again = testing::card_set({card_with(kPricedTiers)});
  EXPECT_EQ(raters.of(*again.revisions().front()), rater);
  const auto other =
      testing::card_set({card_with("  charge api_calls\n    at 1.00 USD per call\n")});
  EXPECT_NE(raters.of(*other.revisions().front()), rater);

  const Int128 before = 90, after = 110;
  const compiler::CellUsage usage{
      .before = &before, .after = &after, .covered_days = 31, .period_days = 31};
  const compiler::CellChange change = (*rater)(0, usage);
  EXPECT_EQ(change.amount, 1000 + 333);
  EXPECT_EQ(change, compiler::CellRater(revision.program())(0, usage));
}

TEST(CellRaters, LeaveACardWithoutSuchCellsToTheInterpreter) {
  CellRaters raters(testing::native_compiler(),
                    [](const Revision&, std::string_view why) { ADD_FAILURE() << why; });
  const auto cards =
      testing::card_set({card_with("  charge api_calls each day\n    at 1.00 USD per call\n")});
  EXPECT_FALSE(raters.of(*cards.revisions().front())->is_native());
}

TEST(CellRaters, AnswerManyThreadsAtOnce) {
  CellRaters raters(testing::native_compiler());
  const auto cards = testing::card_set({card_with(kPricedTiers)});
  const Int128 after = 110;
  const compiler::CellUsage usage{.after = &after, .covered_days = 31, .period_days = 31};
  std::vector<std::jthread> threads;
  std::vector<int64_t> amounts(4);
  for (int64_t& amount : amounts)
    threads.emplace_back(
        [&] { amount = (*raters.of(*cards.revisions().front()))(0, usage).amount; });
  threads.clear();
  EXPECT_EQ(amounts, std::vector<int64_t>(4, 10'000 + 333));
  EXPECT_TRUE(raters.of(*cards.revisions().front())->is_native());
}

}  // namespace
}  // namespace toll::runtime
