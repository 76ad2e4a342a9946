// One card rated by interpreter and native code, for amounts worked by hand.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/ratio_text.h"
#include "compiler/interpreter.h"
#include "compiler/native.h"
#include "compiler/usage_vector.h"
#include "tests/support/cards.h"

namespace toll::compiler {

using Amounts = std::vector<int64_t>;

inline const NativeCompiler& native_compiler() {
  static const NativeCompiler compiler = NativeCompiler::create().value();
  return compiler;
}

/// Rates one card by interpreter, O0 and O2, and wants the same of each.
class Rated {
 public:
  explicit Rated(std::string text)
      : card_(testing::lowered_card(std::move(text))), usage_(card_.card, card_.program) {}

  Rated& use(uint32_t meter, std::vector<uint32_t> values, const char* quantity) {
    usage_.add(meter, values, parse_decimal(quantity).value());
    return *this;
  }
  Rated& use(const char* quantity) { return use(0, {}, quantity); }

  Rated& used_to_date(const char* quantity) {
    usage_.add_used_to_date(0, parse_decimal(quantity).value());
    return *this;
  }
  Rated& commitment(int64_t billed, bool due) {
    usage_.commitments().front() = {.billed = billed, .due = due};
    return *this;
  }

  Rated& fee_due(uint32_t fee, bool due) {
    usage_.fees_due()[fee] = due;
    return *this;
  }

  /// What a pool holds: credits, or minor units.
  Rated& available(uint32_t pool, const char* quantity) {
    usage_.add_available(pool, parse_ratio(quantity).value());
    return *this;
  }

  std::vector<int64_t> amounts(bool final = true, int covered = 1, int days = 1) {
    run(final, covered, days);
    EXPECT_EQ(output_.fault, FaultKind::None);
    std::vector<int64_t> amounts;
    for (const LineAmount& line : usage_.lines()) amounts.push_back(line.amount);
    return amounts;
  }

  FaultKind fault(uint32_t line) {
    run(true, 1, 1);
    EXPECT_EQ(output_.fault_line, line);
    return output_.fault;
  }

  Int128 total() const { return output_.total; }

 private:
  void run(bool final, int covered, int days) {
    RateInput* input = usage_.bind();
    ASSERT_NE(input, nullptr);
    input->final = final;
    input->covered_days = covered;
    input->period_days = days;
    output_ = {.lines = usage_.lines().data()};
    interpret(card_.program, *input, output_);
    for (const Optimise optimise : {Optimise::No, Optimise::Yes}) {
      const auto function = native_compiler().compile(card_.program, optimise);
      ASSERT_TRUE(function.has_value()) << function.error().message;
      std::vector<LineAmount> lines(usage_.lines().size());
      RateOutput native{.lines = lines.data()};
      (*function)(*input, native);
      EXPECT_TRUE(same_result(card_.program, *input, output_, native));
    }
    usage_.clear();
  }

  testing::LoweredCard card_;
  UsageVector usage_;
  RateOutput output_;
};

}  // namespace toll::compiler
