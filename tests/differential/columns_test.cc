// Columns of usage come to what each row comes to by itself: generated cards and all of ratecards/,
// in columns, by the native function of a single quote, and by the interpreter.
//
//   columns_test --cards=N    so many generated cards
//   columns_test --seed=S     those of the seeds S, S + 1, ...
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "compiler/columns.h"
#include "compiler/interpreter.h"
#include "compiler/lower.h"
#include "dsl/check.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/column_tables.h"
#include "tests/support/arguments.h"
#include "tests/support/live.h"

namespace toll::differential {
namespace {

using compiler::ColumnShape;
using compiler::FaultKind;
using compiler::kByCode;
using compiler::RowApart;

uint64_t cards_to_draw = 120, first_seed = 1;

/// What a row comes to.
struct Row {
  RowApart apart;  ///< `row` and what is wrong, or only the total
  std::vector<int64_t> lines;

  bool is_apart() const {
    return apart.too_much_usage || apart.fault != FaultKind::None || !fits_int64(apart.total);
  }
};

/// Rates one row of a table as a quote does.
class SingleQuote {
 public:
  SingleQuote(const dsl::RateCard& card, const compiler::RatingProgram& program)
      : program_(program), usage_(card, program) {}

  template <typename Rate>
  Row operator()(const ColumnTable& table, size_t row, const Rate& rate) {
    Row result{.apart = {.row = row}, .lines = {}};
    usage_.clear();
    size_t code = 0;
    for (size_t i = 0; i < table.shape.columns.size(); ++i) {
      const compiler::UsageColumn& column = table.shape.columns[i];
      std::vector<uint32_t> values = column.values;
      for (uint32_t& value : values)
        if (value == kByCode) value = table.codes[code++][row];
      usage_.add(column.meter, values,
                 Decimal{table.quantities[i][row], static_cast<int>(column.scale)});
    }
    for (uint32_t pool = 0; pool < table.shape.available.size(); ++pool)
      usage_.add_available(pool, table.shape.available[pool]);
    compiler::RateInput* const input = usage_.bind();
    result.apart.too_much_usage = input == nullptr;
    if (!input) return result;
    input->covered_days = table.shape.covered_days;
    input->period_days = table.shape.period_days;
    input->final = table.shape.final;
    compiler::RateOutput output{.lines = usage_.lines().data()};
    rate(*input, output);
    result.apart.fault = output.fault;
    if (output.fault != FaultKind::None) {
      result.apart.fault_line = output.fault_line;
      return result;
    }
    result.apart.total = output.total;
    for (size_t i = 0; i < compiler::line_count(program_, *input); ++i)
      result.lines.push_back(output.lines[i].amount);
    return result;
  }

 private:
  const compiler::RatingProgram& program_;
  compiler::UsageVector usage_;
};

std::string to_text(const Row& row) {
  return fmt::format("{}fault {} at {}, total {}, lines {}",
                     row.apart.too_much_usage ? "too much usage, " : "",
                     static_cast<int>(row.apart.fault), row.apart.fault_line,
                     toll::to_string(row.apart.total), fmt::join(row.lines, " "));
}

class Columns : public ::testing::Test {
 protected:
  void compare(const std::string& name, const dsl::RateCard& card,
               const compiler::RatingProgram& program, uint64_t seed);
  bool compare(const std::string& name, const dsl::RateCard& card,
               const compiler::RatingProgram& program, const compiler::NativeFunction& native,
               ColumnTable table);

  int cards_ = 0, tables_ = 0, compiled_ = 0;
  compiler::ColumnPaths paths_;
};

void Columns::compare(const std::string& name, const dsl::RateCard& card,
                      const compiler::RatingProgram& program, uint64_t seed) {
  const auto native = testing::native_compiler().compile(program, compiler::Optimise::No);
  ASSERT_TRUE(native.has_value()) << native.error().message;
  ++cards_;
  ColumnTableGenerator generator(card, program, seed);
  using Reach = ColumnTableGenerator::Reach;
  for (const auto& [rows, reach] :
       {std::pair{203, Reach::Usual}, {1'100, Reach::OneBeyond}, {85, Reach::Anywhere}})
    if (!compare(name, card, program, *native, generator.draw(static_cast<size_t>(rows), reach)))
      return;
}

bool Columns::compare(const std::string& name, const dsl::RateCard& card,
                      const compiler::RatingProgram& program,
                      const compiler::NativeFunction& native, ColumnTable table) {
  ++tables_;
  table.shape.lines = true;
  auto function =
      compiler::ColumnFunction::compile(testing::native_compiler(), card, program, table.shape);
  if (!function) {  // rows differ in their lines; their totals can be had
    table.shape.lines = false;
    function =
        compiler::ColumnFunction::compile(testing::native_compiler(), card, program, table.shape);
  }
  if (!function) {
    ADD_FAILURE() << name << ": " << function.error().message;
    return false;
  }
  compiled_ += function->is_compiled();
  std::vector<int64_t> totals(table.rows, -77);
  std::vector<std::vector<int64_t>> lines(table.shape.lines ? function->lines() : 0,
                                          std::vector<int64_t>(table.rows, -77));
  const auto packed_quantities = table.packed_quantities(), packed_codes = table.packed_codes();
  std::vector<const void*> quantities, codes;
  std::vector<int64_t*> line_places;
  for (const auto& column : packed_quantities) quantities.push_back(column.data());
  for (const auto& column : packed_codes) codes.push_back(column.data());
  for (auto& column : lines) line_places.push_back(column.data());
  std::vector<RowApart> apart;
  compiler::ColumnRater rater(*function, nullptr);
  rater.rate({.quantities = quantities.data(), .codes = codes.data(), .rows = table.rows},
             {.totals = totals.data(), .lines = line_places.data()}, apart);
  paths_.in_64_bits += rater.paths().in_64_bits;
  paths_.in_pairs += rater.paths().in_pairs;
  paths_.in_128_bits += rater.paths().in_128_bits;
  paths_.by_row += rater.paths().by_row;

  SingleQuote quote(card, program);
  size_t next_apart = 0;
  for (size_t row = 0; row < table.rows; ++row) {
    const Row expected = quote(table, row, [&](const auto& input, auto& output) {
      compiler::interpret(program, input, output);
    });
    const Row single =
        quote(table, row, [&](const auto& input, auto& output) { native(input, output); });
    Row got{.apart = {.row = row}, .lines = {}};
    if (next_apart < apart.size() && apart[next_apart].row == row) {
      got.apart = apart[next_apart++];
    } else {
      got.apart.total = totals[row];
    }
    if (!got.is_apart() || (got.apart.fault == FaultKind::None && !got.apart.too_much_usage))
      for (const auto& column : lines) got.lines.push_back(column[row]);
    const bool same_lines = !table.shape.lines || got.lines == expected.lines;
    if (got.apart == expected.apart && same_lines && single.apart == expected.apart &&
        single.lines == expected.lines)
      continue;
    std::string usage;
    for (size_t i = 0; i < table.quantities.size(); ++i)
      usage += fmt::format(" {} {}[{}] e-{} of {} bytes,", table.quantities[i][row],
                           card.meters[table.shape.columns[i].meter].name,
                           fmt::join(table.shape.columns[i].values, ","),
                           table.shape.columns[i].scale, bytes_of(table.shape.columns[i].type));
    ADD_FAILURE() << name << "\nrow " << row << ":" << usage << " covered "
                  << table.shape.covered_days << "/" << table.shape.period_days << " final "
                  << table.shape.final << "\ninterpreter " << to_text(expected) << "\nnative      "
                  << to_text(single) << "\ncolumns     " << to_text(got);
    return false;
  }
  EXPECT_EQ(next_apart, apart.size()) << name;
  return true;
}

TEST_F(Columns, OfGeneratedCardsAreTheirRows) {
  for (uint64_t seed = first_seed; cards_ < static_cast<int>(cards_to_draw) && !HasFailure();
       ++seed) {
    // Cards with and without what columns leave to the row function.
    const GeneratedCard generated =
        seed % 4 == 0 ? generate_card(seed)
                      : generate_card(seed, {Construct::EachItem, Construct::EachDay,
                                             Construct::InCredits, Construct::PoolInMoney,
                                             Construct::RoundEachBill, Construct::Commitment,
                                             Construct::IncludedToDate, Construct::TiersByMeter,
                                             Construct::Joint, Construct::AcrossRows});
    const std::array files = {dsl::SourceFile{"generated.toll", generated.text}};
    const dsl::Checked checked = dsl::check(files);
    ASSERT_FALSE(checked.cards.empty()) << generated.text;
    const auto program = compiler::lower(checked.cards.front());
    if (program) compare(generated.text, checked.cards.front(), *program, seed);
  }
  fmt::print(
      "{} cards, {} tables, {} of them compiled; rows: {} in 64 bits, {} in "
      "pairs, {} in 128 bits, {} by row\n",
      cards_, tables_, compiled_, paths_.in_64_bits, paths_.in_pairs, paths_.in_128_bits,
      paths_.by_row);
  std::fflush(stdout);
  if (cards_ < 100) return;
  // The test is about code over columns only as long as there is some.
  EXPECT_GT(compiled_ * 3, tables_);
  EXPECT_GT(paths_.in_64_bits, paths_.by_row / 10);
  EXPECT_GT(paths_.in_pairs, paths_.by_row / 100);
  EXPECT_GT(paths_.in_128_bits, paths_.by_row / 20);
}

TEST_F(Columns, OfRatecardsAreTheirRows) {
  const auto folder = std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    for (const testing::LoweredCard& card : testing::lowered_cards(testing::ratecard_files(name)))
      for (uint64_t seed = 1; seed <= 3; ++seed)
        compare(name + "/" + card.card.name, card.card, card.program, seed);
  }
  EXPECT_GT(compiled_, tables_ / 4);
  EXPECT_GT(paths_.in_64_bits, 0u);
}

}  // namespace
}  // namespace toll::differential

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  using namespace toll::differential;
  using toll::testing::read_flag;
  for (int i = 1; i < argc; ++i)
    if (!read_flag(argv[i], "--cards=", cards_to_draw) &&
        !read_flag(argv[i], "--seed=", first_seed)) {
      fmt::print(stderr, "{} is not --cards=N or --seed=S\n", argv[i]);
      return 2;
    }
  return RUN_ALL_TESTS();
}
