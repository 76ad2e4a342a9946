// What columns give beside what each row gives, and which way rows go. That the amounts are those
// of single quotes is what tests/differential/columns_test.cc is about.
#include "compiler/columns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "compiler/native/column_emitter.h"
#include "tests/support/live.h"

namespace toll::compiler {
namespace {

constexpr const char* kCard = R"(toll 1
unit call, calls
unit token, tokens
dimension model is mini, large
meter calls counts call
meter tokens sums token by model

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base at 5.00 USD per month, not prorated
  charge calls
    tiers graduated
    up to 100 calls at 0.50 USD per call
    beyond          at 0.0021 USD per call
  charge tokens by model
    mini  at 1.00 USD per 1M tokens
    large at 90,000,000,000.00 USD per token
)";

/// One table over a card, rated.
struct Rated {
  std::vector<int64_t> totals;
  std::vector<std::vector<int64_t>> lines;
  std::vector<RowApart> apart;
  ColumnPaths paths;
};

template <typename Quantity = int64_t, typename Code = uint32_t>
Rated rated(const testing::LoweredCard& card, ColumnShape shape,
            const std::vector<std::vector<Quantity>>& quantities,
            const std::vector<std::vector<Code>>& codes = {}) {
  auto function =
      ColumnFunction::compile(testing::native_compiler(), card.card, card.program, shape);
  if (!function) testing::give_up(function.error().message);
  Rated result;
  const size_t rows = quantities.front().size();
  result.totals.resize(rows);
  result.lines.assign(shape.lines ? function->lines() : 0, std::vector<int64_t>(rows));
  std::vector<const void*> columns, code_columns;
  std::vector<int64_t*> lines;
  for (const auto& column : quantities) columns.push_back(column.data());
  for (const auto& column : codes) code_columns.push_back(column.data());
  for (auto& column : result.lines) lines.push_back(column.data());
  ColumnRater rater(*function, nullptr);
  rater.rate({.quantities = columns.data(), .codes = code_columns.data(), .rows = rows},
             {.totals = result.totals.data(), .lines = lines.data()}, result.apart);
  result.paths = rater.paths();
  return result;
}

ColumnShape of_calls() { return {.columns = {{.meter = 0, .values = {}}}}; }
ColumnShape of_models() { return {.columns = {{.meter = 1, .values = {kByCode}}}}; }

TEST(Columns, RateEachRowInLanes) {
  const auto card = testing::lowered_card(kCard);
  const Rated result = rated(card, of_calls(), {{0, 1, 100, 101, 102, 103, 1'000, 7}});
  EXPECT_EQ(result.totals,
            (std::vector<int64_t>{500, 550, 5'500, 5'500, 5'500, 5'501, 5'689, 850}));
  EXPECT_EQ(result.paths.in_64_bits, 8u);
  EXPECT_TRUE(result.apart.empty());
}

TEST(Columns, GiveTheAmountsOfLines) {
  const auto card = testing::lowered_card(kCard);
  ColumnShape shape{.columns = {{.meter = 1, .values = {0}}, {.meter = 0, .values = {}}}};
  shape.lines = true;
  const Rated result = rated(card, shape, {{2'000'000, 0, 5'000}, {101, 0, 2}});
  // The fee, the calls, and the one model that there is a column for.
  EXPECT_EQ(result.lines,
            (std::vector<std::vector<int64_t>>{{500, 500, 500}, {5'000, 0, 100}, {200, 0, 1}}));
  EXPECT_EQ(result.totals, (std::vector<int64_t>{5'700, 500, 601}));
}

TEST(Columns, TakePricesByTheCodesOfRows) {
  const auto card = testing::lowered_card(kCard);
  const Rated result = rated(card, of_models(), {{1'000'000, 1, 3'000'000, 2}}, {{0, 1, 0, 1}});
  EXPECT_EQ(result.totals, (std::vector<int64_t>{600, 9'000'000'000'500, 800, 18'000'000'000'500}));
}

/// Every way takes them: whole vectors, the rows behind the last one, and a card that lanes do not
/// have.
TEST(Columns, TakeNumbersOfFewerBits) {
  const auto card = testing::lowered_card(kCard);
  ColumnShape shape = of_calls();
  const auto in = [&]<typename Number>(ColumnType type, std::vector<Number> calls) {
    shape.columns.front().type = type;
    return rated<Number>(card, shape, {calls}).totals;
  };
  std::vector<int64_t> expected(8, 500);
  expected.insert(expected.end(), {5'533, 500});
  EXPECT_EQ(in(ColumnType::UInt8, std::vector<uint8_t>{0, 0, 0, 0, 0, 0, 0, 0, 255, 0}), expected);
  expected[0] = expected[8] = 19'241;
  EXPECT_EQ(in(ColumnType::UInt16, std::vector<uint16_t>{65'535, 0, 0, 0, 0, 0, 0, 0, 65'535, 0}),
            expected);
  expected[0] = expected[8] = 901'948'611;
  EXPECT_EQ(in(ColumnType::UInt32,
               std::vector<uint32_t>{4'294'967'295, 0, 0, 0, 0, 0, 0, 0, 4'294'967'295, 0}),
            expected);

  ColumnShape by_model = of_models();
  by_model.columns.front().type = ColumnType::UInt32;
  by_model.codes = {ColumnType::UInt8};
  const Rated result = rated<uint32_t, uint8_t>(
      card, by_model, {{1'000'000, 1, 3'000'000, 2, 0, 0, 0, 0, 4}}, {{0, 1, 0, 1, 0, 0, 0, 0, 1}});
  EXPECT_EQ(result.totals, (std::vector<int64_t>{600, 9'000'000'000'500, 800, 18'000'000'000'500,
                                                 500, 500, 500, 500, 36'000'000'000'500}));
  EXPECT_EQ(result.paths.by_row, 1u);
}

/// Up to what registers hold, of prices below 2^32 and of larger ones, and one more.
TEST(Columns, LookUpThePricesOfAsManyModels) {
  for (const int64_t first : {int64_t{3}, int64_t{5'000'000'003}})
    for (const int models : {8, 9, 16, 17, 32, 33, 64, 65}) {
      std::string names, prices;
      std::vector<uint8_t> codes;
      std::vector<int64_t> expected;
      for (int model = 0; model < models; ++model) {
        const int64_t cents = first + int64_t{7} * model;
        names += fmt::format("{}m{}", model > 0 ? ", " : "", model);
        prices +=
            fmt::format("    m{} at {}.{:02} USD per token\n", model, cents / 100, cents % 100);
        codes.push_back(static_cast<uint8_t>(model));
        expected.push_back(2 * cents);
      }
      // Whole vectors, so that the last models are not rated by themselves.
      for (; codes.size() % NativeColumns::kLanes != 0; codes.push_back(0))
        expected.push_back(2 * first);
      const auto card = testing::lowered_card(fmt::format(
          "toll 1\nunit token, tokens\ndimension model is {}\nmeter tokens sums token by model\n"
          "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
          "  round each line half-up\n  charge tokens by model\n{}",
          names, prices));
      const ColumnShape shape{
          .columns = {{.meter = 0, .values = {kByCode}, .type = ColumnType::UInt16}},
          .codes = {ColumnType::UInt8}};
      const Rated result =
          rated<uint16_t, uint8_t>(card, shape, {std::vector<uint16_t>(codes.size(), 2)}, {codes});
      EXPECT_EQ(result.totals, expected) << models << " models from " << first;
      EXPECT_EQ(result.paths.by_row, 0u);
    }
}

TEST(Columns, RateABlockAgainWhereARowIsBeyondItsLanes) {
  const auto card = testing::lowered_card(kCard);
  std::vector<int64_t> calls(4'096, 101);
  calls[2'000] = 900'000'000'000'000'000;  // 1.89 x 10^19 hundredths of a cent
  const Rated result = rated(card, of_calls(), {calls});
  EXPECT_GT(result.paths.in_64_bits, 2'000u);
  EXPECT_LT(result.paths.in_64_bits, 4'096u);
  EXPECT_EQ(result.totals[1'999], 5'500);
  EXPECT_EQ(result.totals[2'000], 500 + 5'000 + (900'000'000'000'000'000 - 100) / 100 * 21);
}

/// Quotients are off first where a width ends. A block of rows goes the way of its largest, so each
/// has quantities of one size.
TEST(Columns, DivideExactlyUpToTheEdgeOfEachWidth) {
  constexpr int kRows = 1'024, kSizes = 32;
  std::vector<int64_t> calls;
  for (int bit = 5; bit < 59; ++bit)
    for (int size = 0; size < kSizes; ++size)
      for (int row = 0; row < kRows; ++row)
        calls.push_back((int64_t{kSizes + size} << (bit - 5)) + row - kRows / 2);
  for (int64_t& quantity : calls) quantity = std::max<int64_t>(0, quantity);
  for (const int64_t block : {3, 7, 641, 1'000, 999'983, 16'777'213}) {
    const auto card = testing::lowered_card(fmt::format(
        "toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n  from 2026-01-01\n"
        "  currency USD\n  period month\n  round each line half-up\n"
        "  charge calls\n    at 0.013 USD per {} calls\n",
        block));
    const Rated result = rated(card, of_calls(), {calls});
    for (size_t row = 0; row < calls.size(); ++row) {
      const Int128 twice = Int128{calls[row]} * 13 * 2 + 10 * block;
      ASSERT_EQ(result.totals[row], static_cast<int64_t>(twice / (20 * block)))
          << calls[row] << " in blocks of " << block;
    }
  }
}

/// The largest quantity of a card whose lines are 21 hundredths of a cent each.
Int128 most_in_short_lanes(LaneFeatures features) {
  const auto card = testing::lowered_card(
      "toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n  from 2026-01-01\n"
      "  currency USD\n  period month\n  round each line half-up\n"
      "  charge calls\n    at 0.0021 USD per call\n");
  const auto plan = plan_columns(card.card, card.program, of_calls());
  const auto limits = find_limits(card.program, *plan, features);
  return limits[static_cast<size_t>(Width::Short)]->columns.at(0);
}

/// (21 n + 50) / 100: two twos are shifted out, and 32 bits hold what is left.
TEST(Columns, AreShortWhereEachDivisionIsOneProduct) {
  const Int128 of_32_bits = ((Int128{1} << 34) - 50) / 21;
  const Int128 of_51_bits = ((Int128{1} << 51) - 50) / 21;
  EXPECT_LE(most_in_short_lanes({}), of_32_bits);
  EXPECT_GT(most_in_short_lanes({}), of_32_bits / 100 * 99);
  EXPECT_LE(most_in_short_lanes({.short_products = true}), of_51_bits);
  EXPECT_GT(most_in_short_lanes({.short_products = true}), of_51_bits / 100 * 99);
}

TEST(Columns, SetRowsApartThatHaveNoTotal) {
  const auto card = testing::lowered_card(kCard);
  const Rated result =
      rated(card, of_models(), {{1, 1'000'000, 2'000'000, 1'000'000'000'000'000'000, 3}},
            {{1, 1, 1, 0, 1}});
  ASSERT_EQ(result.apart.size(), 2u);
  // 18 x 10^18 cents; 10^18 units.
  EXPECT_EQ(result.apart[0], (RowApart{.row = 2, .fault = FaultKind::TooLarge, .fault_line = 2}));
  EXPECT_EQ(result.apart[1], (RowApart{.row = 3, .too_much_usage = true}));
  EXPECT_EQ(result.totals[1], 9'000'000'000'000'000'500);
  EXPECT_EQ(result.totals[4], 27'000'000'000'500);
}

TEST(Columns, TellATotalThatLinesTogetherMake) {
  const auto card = testing::lowered_card(kCard);
  const ColumnShape shape{.columns = {{.meter = 1, .values = {1}}, {.meter = 0, .values = {}}}};
  const Rated result = rated(card, shape, {{1'020'000}, {900'000'000'000'000'000}});
  const Int128 calls = 5'000 + (Int128{900'000'000'000'000'000} - 100) / 100 * 21;
  ASSERT_EQ(result.apart.size(), 1u);
  EXPECT_EQ(result.apart[0],
            (RowApart{.row = 0, .total = 500 + calls + Int128{9'000'000'000'000} * 1'020'000}));
}

TEST(Columns, HaveNoLinesWhereRowsDifferInThem) {
  const auto card = testing::lowered_card(kCard);
  ColumnShape shape{.columns = {{.meter = 1, .values = {kByCode}}, {.meter = 1, .values = {0}}}};
  const auto with = [&](bool lines) {
    shape.lines = lines;
    return ColumnFunction::compile(testing::native_compiler(), card.card, card.program, shape);
  };
  EXPECT_FALSE(with(true).has_value());
  const auto function = with(false);
  ASSERT_TRUE(function.has_value());
  EXPECT_FALSE(function->is_compiled());
  const Rated result = rated(card, shape, {{1'000'000, 4}, {2'000'000, 0}}, {{0, 1}});
  EXPECT_EQ(result.totals, (std::vector<int64_t>{800, 36'000'000'000'500}));
  EXPECT_EQ(result.paths.by_row, 2u);
}

}  // namespace
}  // namespace toll::compiler
