// What more usage of one cell costs is what two quotes differ by: generated cards and all of
// ratecards/, by native code and by the interpreter, at bounds and at the edges of 64 and 128 bits.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "compiler/cell_change.h"
#include "compiler/interpreter.h"
#include "compiler/lower.h"
#include "compiler/usage_vector.h"
#include "dsl/check.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/random.h"
#include "tests/support/live.h"

namespace toll::differential {
namespace {

using compiler::CellChange;
using compiler::CellRater;
using compiler::CellUsage;
using compiler::Charge;
using compiler::FaultKind;
using compiler::LineAmount;

/// Usage of one cell at random: before and after.
struct DrawnUsage {
  bool has_line = true;  ///< before
  std::vector<Int128> before, after;
  CellUsage usage;  ///< points to these
};

class CellUsageGenerator {
 public:
  CellUsageGenerator(const Charge& charge, uint64_t seed) : charge_(charge), random_(seed) {
    for (const auto& step : charge.quantity_steps) add_point(step.amount);
    for (const compiler::Table& table : charge.tables)
      for (const compiler::Piece& piece : table.pieces) {
        add_point(piece.up_to);
        for (const compiler::Block& block : piece.blocks) add_point(block.size);
      }
  }

  DrawnUsage draw() {
    DrawnUsage drawn;
    drawn.has_line = charge_.cell_strides.empty() || random_.chance(80);
    const auto scale = static_cast<uint32_t>(random_.pick(std::array{0, 0, 0, 1, 2, 3, 6, 18}));
    const bool far = random_.chance(30);
    for (uint32_t i = 0; i < charge_.parts; ++i) {
      drawn.before.push_back(quantity(scale, far));
      const bool grows = random_.chance(50);
      drawn.after.push_back(grows ? std::min(most(scale), drawn.before[i] + random_.between(0, 9))
                                  : quantity(scale, far));
    }
    if (charge_.to_date) {
      drawn.before.push_back(quantity(scale, false));
      drawn.after.push_back(drawn.before.back());
    }
    drawn.usage.cell = static_cast<uint32_t>(random_.below(charge_.cells));
    drawn.usage.scale = scale;
    drawn.usage.period_days = static_cast<int32_t>(random_.between(28, 31));
    drawn.usage.covered_days = static_cast<int32_t>(
        random_.chance(60) ? drawn.usage.period_days : random_.between(0, drawn.usage.period_days));
    drawn.usage.final = random_.chance(70);
    return drawn;
  }

 private:
  static Int128 most(uint32_t scale) { return power_of_ten(18 + static_cast<int>(scale)) - 1; }

  void add_point(Int128 point) {
    if (point != kInt128Max) points_.push_back(Ratio::of(point, charge_.quantity_denominator));
  }

  Int128 quantity(uint32_t scale, bool far) {
    const Int128 near = random_.between(-1, 1);
    if (far && random_.chance(60)) return std::clamp<Int128>(edge(scale) + near, 0, most(scale));
    if (points_.empty() || random_.chance(30))
      return random_.between(0, random_.pick(std::array{1, 10, 1'000, 100'000, 1'000'000'000}));
    const Ratio& point = random_.pick(points_);
    const auto at_scale = checked_mul(point.numerator(), power_of_ten(static_cast<int>(scale)));
    return std::clamp<Int128>(at_scale.value_or(0) / point.denominator() + near, 0, most(scale));
  }

  /// Of the proved ranges, of a width, or of what usage may be.
  Int128 edge(uint32_t scale) {
    const Int128 bits = Int128{1} << random_.between(30, 100);
    const Int128 tens = power_of_ten(static_cast<int>(random_.between(9, 36)));
    return random_.pick(std::array<Int128, 6>{charge_.narrow_max, charge_.narrow_scaled_max, bits,
                                              tens, most(scale), Int128{1} << 63});
  }

  const Charge& charge_;
  std::vector<Ratio> points_;  // where something may change, in units of the meter
  Random random_;
};

/// A quote in which nothing but one cell was used.
class SingleCellQuote {
 public:
  SingleCellQuote(const dsl::RateCard& card, const compiler::RatingProgram& program,
                  uint32_t charge)
      : program_(program), charge_(charge), empty_(card, program) {
    input_ = *empty_.bind();
    charges_.assign(input_.charges, input_.charges + program.charges.size());
    available_.assign(card.pools.size(), kInt128Max);  // a pool that is empty is another's fault
    input_.charges = charges_.data();
    input_.available = available_.data();
  }

  /// The line of the cell, or its fault; nothing where a line below it has one.
  struct Result {
    LineAmount line;
    FaultKind fault = FaultKind::None;
  };
  template <typename Rate>
  std::optional<Result> operator()(const CellUsage& cell, const Int128* quantities,
                                   const Rate& rate) {
    compiler::ChargeUsage& usage = charges_[charge_];
    usage.cells = &cell.cell;
    usage.quantities = quantities;
    usage.count = 1;
    usage.scale = cell.scale;
    input_.covered_days = cell.covered_days;
    input_.period_days = cell.period_days;
    input_.final = cell.final;
    input_.credit_scale = cell.scale;
    lines_.resize(line_count(program_, input_));
    compiler::RateOutput output{.lines = lines_.data()};
    rate(input_, output);
    const uint32_t line = line_of_cell();
    if (output.fault == FaultKind::None) return Result{lines_[line], FaultKind::None};
    if (output.fault_line != line) return std::nullopt;
    return Result{{}, output.fault};
  }

 private:
  uint32_t line_of_cell() const {
    uint32_t result = 0;
    for_each_line(program_, input_, [&](uint32_t line, const compiler::LineOrigin& origin) {
      if (origin.kind == compiler::LineOrigin::Kind::Cell && origin.item == charge_) result = line;
    });
    return result;
  }

  const compiler::RatingProgram& program_;
  uint32_t charge_;
  compiler::UsageVector empty_;
  compiler::RateInput input_;
  std::vector<compiler::ChargeUsage> charges_;
  std::vector<Int128> available_;
  std::vector<LineAmount> lines_;
};

/// What the change is by the lines of two quotes.
CellChange difference(const LineAmount& before, const LineAmount& after) {
  return {.numerator = after.numerator - before.numerator,
          .denominator = after.denominator,
          .amount = after.amount - before.amount};
}

bool same(const CellChange& a, const CellChange& b) {
  return a.fault != FaultKind::None || b.fault != FaultKind::None ? a.fault == b.fault : a == b;
}

std::string to_text(const CellChange& change) {
  return fmt::format("{}/{} amount {} fault {}", toll::to_string(change.numerator),
                     toll::to_string(change.denominator), change.amount,
                     static_cast<int>(change.fault));
}

class Cells : public ::testing::Test {
 protected:
  void compare(const std::string& name, const dsl::RateCard& card,
               const compiler::RatingProgram& program, compiler::Optimise optimise, uint64_t seed);
  bool compare_charge(const std::string& name, const dsl::RateCard& card,
                      const compiler::RatingProgram& program, uint32_t charge, uint64_t seed);

  std::optional<CellRater> native_, interpreted_;
  int cards_ = 0, charges_ = 0, covered_ = 0, changes_ = 0, faults_ = 0, elsewhere_ = 0;
};

void Cells::compare(const std::string& name, const dsl::RateCard& card,
                    const compiler::RatingProgram& program, compiler::Optimise optimise,
                    uint64_t seed) {
  auto code = testing::native_compiler().compile_cells(program, optimise);
  ASSERT_TRUE(code.has_value()) << code.error().message;
  native_.emplace(program, *std::move(code));
  interpreted_.emplace(program);
  ++cards_;
  for (uint32_t charge = 0; charge < program.charges.size(); ++charge) {
    ++charges_;
    ASSERT_EQ(native_->covers(charge), interpreted_->covers(charge)) << name;
    if (!native_->covers(charge)) continue;
    ++covered_;
    if (!compare_charge(name, card, program, charge, seed)) return;
  }
}

bool Cells::compare_charge(const std::string& name, const dsl::RateCard& card,
                           const compiler::RatingProgram& program, uint32_t charge, uint64_t seed) {
  CellUsageGenerator generator(program.charges[charge], seed);
  SingleCellQuote quote(card, program, charge);
  const auto rate = [&](const auto& input, auto& output) {
    compiler::interpret(program, input, output);
  };
  for (int i = 0; i < 60; ++i) {
    DrawnUsage drawn = generator.draw();
    drawn.usage.before = drawn.has_line ? drawn.before.data() : nullptr;
    drawn.usage.after = drawn.after.data();
    SingleCellQuote::Result none;
    const auto before =
        drawn.has_line ? quote(drawn.usage, drawn.before.data(), rate) : std::optional(none);
    const auto after = quote(drawn.usage, drawn.after.data(), rate);
    if (!before || !after) {
      ++elsewhere_;
      continue;
    }
    CellChange expected = difference(before->line, after->line);
    if (before->fault != FaultKind::None)
      expected.fault = before->fault;
    else
      expected.fault = after->fault;
    ++changes_;
    faults_ += expected.fault != FaultKind::None;
    const CellChange native = (*native_)(charge, drawn.usage);
    const CellChange interpreted = (*interpreted_)(charge, drawn.usage);
    if (same(native, expected) && same(interpreted, expected)) continue;
    ADD_FAILURE() << name << "\ncharge " << card.charges[charge].name << " cell "
                  << drawn.usage.cell << " scale " << drawn.usage.scale << " covered "
                  << drawn.usage.covered_days << "/" << drawn.usage.period_days << " from "
                  << (drawn.has_line ? toll::to_string(drawn.before.front()) : "none") << " to "
                  << toll::to_string(drawn.after.front()) << "\nquotes      " << to_text(expected)
                  << "\nnative      " << to_text(native) << "\ninterpreter "
                  << to_text(interpreted);
    return false;
  }
  return true;
}

TEST_F(Cells, OfGeneratedCardsCostWhatQuotesDifferBy) {
  for (uint64_t seed = 1; cards_ < 250 && !HasFailure(); ++seed) {
    const GeneratedCard generated =
        seed % 3 == 0 ? generate_card(seed)
                      : generate_card(seed, {Construct::EachItem, Construct::EachDay,
                                             Construct::RoundEachBill});
    const std::array files = {dsl::SourceFile{"generated.toll", generated.text}};
    const dsl::Checked checked = dsl::check(files);
    ASSERT_FALSE(checked.cards.empty()) << generated.text;
    const auto program = compiler::lower(checked.cards.front());
    if (!program) continue;
    const auto optimise = seed % 8 == 0 ? compiler::Optimise::Yes : compiler::Optimise::No;
    compare(generated.text, checked.cards.front(), *program, optimise, seed);
  }
  fmt::print("{} cards, {} of {} charges by themselves, {} changes, {} faults, {} left out\n",
             cards_, covered_, charges_, changes_, faults_, elsewhere_);
  std::fflush(stdout);
  // The test is about cells only as long as there are some, and their faults.
  EXPECT_GT(covered_ * 3, charges_);
  EXPECT_GT(faults_, changes_ / 100);
  EXPECT_LT(elsewhere_, changes_ / 4);
}

TEST_F(Cells, OfRatecardsCostWhatQuotesDifferBy) {
  const auto folder = std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    for (const testing::LoweredCard& card : testing::lowered_cards(testing::ratecard_files(name)))
      compare(name + "/" + card.card.name, card.card, card.program, compiler::Optimise::Yes, 1);
  }
  EXPECT_GT(covered_, charges_ / 3);
  EXPECT_GT(changes_, 0);
}

/// An allowance that two cells share: what is used in the first one makes the second one dearer.
TEST(TotalChange, IsWhatTwoQuotesDifferBy) {
  const testing::LoweredCard card = testing::ratecard("founding", "functions");
  const auto charge =
      static_cast<uint32_t>(std::ranges::find(card.card.charges, "compute", &dsl::Charge::name) -
                            card.card.charges.begin());
  ASSERT_LT(charge, card.program.charges.size());
  EXPECT_FALSE(CellRater(card.program).covers(charge));
  const auto native = testing::native_compiler().compile(card.program, compiler::Optimise::No);
  ASSERT_TRUE(native.has_value()) << native.error().message;
  const uint32_t meter = card.card.charges[charge].meter;
  compiler::UsageVector before(card.card, card.program), after(card.card, card.program);
  for (auto* usage : {&before, &after}) {
    usage->add(meter, std::array{0u}, Decimal{300'000, 0});
    usage->add(meter, std::array{1u}, Decimal{100'000, 0});
  }
  after.add(meter, std::array{0u}, Decimal{60'000, 0});
  const compiler::RateInput *from = before.bind(), *to = after.bind();
  for (const compiler::NativeFunction* row : {&*native, (const compiler::NativeFunction*)nullptr}) {
    const auto change = total_change(card.program, row, *from, *to, after.lines());
    EXPECT_EQ(change.fault, FaultKind::None);
    EXPECT_EQ(static_cast<int64_t>(change.total), 80);
  }
}

}  // namespace
}  // namespace toll::differential
