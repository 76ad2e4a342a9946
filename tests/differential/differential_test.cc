// Generated cards in four engines: interpreter, native code without and with optimisation, and the
// oracle must agree on every line, total and fault of every usage.
//
//   differential_test                         the default budget
//   differential_test --cards=N --pairs=N     that many cards, and that many pairs of card and
//                                             usage
//   differential_test --seed=S                other cards: those of the seeds S, S + 1, ...
//   differential_test --only=S                the card of seed S alone, to replay a failure
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

#include "compiler/sample_usage.h"
#include "dsl/check.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/engines.h"

namespace toll::differential {
namespace {

struct Budget {
  uint64_t cards = 2'000;
  uint64_t pairs = 100'000;
  uint64_t seed = 1;
  std::optional<uint64_t> only;
};
Budget budget;

constexpr int kFailuresMax = 3;

/// Constructs must make up this share of the pairs, once there are enough to tell.
constexpr double kShareMin = 0.01;
constexpr uint64_t kPairsToJudge = 50'000;

class GeneratedCards : public ::testing::Test {
 protected:
  /// Runs one card against `usages` usages.
  void run(uint64_t seed, uint64_t usages, const compiler::NativeCompiler& native);
  void run(uint64_t seed, uint64_t usages, const GeneratedCard& generated,
           const dsl::RateCard& card, const compiler::NativeCompiler& native);
  void report_constructs() const;

  void fail(uint64_t seed, const GeneratedCard& card, const std::string& what) {
    ++failures_;
    ADD_FAILURE() << "card of seed " << seed << " (replay: --only=" << seed << ")\n"
                  << card.text << what;
  }

  uint64_t cards_ = 0, pairs_ = 0, refused_ = 0;
  int failures_ = 0;
  std::array<uint64_t, kConstructs> counts_{};
};

void GeneratedCards::run(uint64_t seed, uint64_t usages, const compiler::NativeCompiler& native) {
  const GeneratedCard generated = generate_card(seed);
  const std::array files = {dsl::SourceFile{"generated.toll", generated.text}};
  const dsl::Checked checked = dsl::check(files);
  std::string errors;
  for (const auto& diagnostic : checked.diagnostics)
    if (diagnostic.severity == dsl::Severity::Error) errors += render(diagnostic, files);
  if (!errors.empty() || checked.cards.size() != 1)
    return fail(seed, generated, "the generator made a card with errors:\n" + errors);
  run(seed, usages, generated, checked.cards.front(), native);
}

void GeneratedCards::run(uint64_t seed, uint64_t usages, const GeneratedCard& generated,
                         const dsl::RateCard& card, const compiler::NativeCompiler& native) {
  const auto program = compiler::lower(card);
  if (!program) {
    ++refused_;
    if (program.error().code != "E130") fail(seed, generated, program.error().message);
    return;
  }
  auto engines = Engines::compile(card, *program, native);
  if (!engines) return fail(seed, generated, engines.error().message);

  ++cards_;
  UsageGenerator generator(card, *program, seed);
  compiler::UsageSampler sampler(card, seed);
  for (uint64_t i = 0; i < usages; ++i) {
    Document document = generator.draw();
    if (i % 2 == 1) {
      document.entries.clear();
      for (const auto& draw : sampler.draw())
        document.entries.push_back(
            {.meter = draw.meter, .values = draw.values, .quantity = draw.quantity});
    }
    ++pairs_;
    if (auto difference = engines->disagreement(document))
      return fail(seed, generated, "\n" + to_string(document, card) + *difference);
    const Constructs exercised = engines->exercised();
    for (size_t c = 0; c < kConstructs; ++c) {
      const auto construct = static_cast<Construct>(c);
      counts_[c] += generated.constructs.has(construct) || exercised.has(construct);
    }
  }
}

void GeneratedCards::report_constructs() const {
  fmt::print("{} cards, {} pairs of card and usage, {} cards refused for their denominators\n",
             cards_, pairs_, refused_);
  for (size_t c = 0; c < kConstructs; ++c) {
    const double share = static_cast<double>(counts_[c]) / static_cast<double>(pairs_);
    fmt::print("{:>6.2f} %  {}\n", 100 * share, kConstructNames[c]);
    if (pairs_ < kPairsToJudge) continue;
    EXPECT_GE(share, kShareMin) << "too few pairs with: " << kConstructNames[c];
  }
  std::fflush(stdout);
}

TEST_F(GeneratedCards, HaveOneAnswerInAllEngines) {
  auto native = compiler::NativeCompiler::create();
  ASSERT_TRUE(native.has_value()) << native.error().message;
  const uint64_t usages = std::max<uint64_t>(1, budget.pairs / std::max<uint64_t>(1, budget.cards));
  if (budget.only) return run(*budget.only, usages, *native);
  for (uint64_t seed = budget.seed; cards_ < budget.cards && failures_ < kFailuresMax; ++seed)
    run(seed, usages, *native);
  report_constructs();
  EXPECT_LT(refused_, std::max<uint64_t>(10, budget.cards / 10))
      << "the generator makes too many cards whose denominators are refused";
}

bool read_flag(std::string_view argument) {
  const auto read = [&](std::string_view name, auto& value) {
    if (!argument.starts_with(name)) return false;
    const std::string_view digits = argument.substr(name.size());
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error != std::errc() || end != digits.end()) return false;
    value = number;
    return true;
  };
  return read("--cards=", budget.cards) || read("--pairs=", budget.pairs) ||
         read("--seed=", budget.seed) || read("--only=", budget.only);
}

}  // namespace
}  // namespace toll::differential

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (toll::differential::read_flag(argv[i])) continue;
    fmt::print(stderr, "{} is not --cards=N, --pairs=N, --seed=S or --only=S\n", argv[i]);
    return 2;
  }
  return RUN_ALL_TESTS();
}
