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

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "compiler/sample_usage.h"
#include "dsl/check.h"
#include "tests/differential/card_family.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/engines.h"
#include "tests/support/arguments.h"

namespace toll::differential {
namespace {

struct Budget {
  uint64_t cards = 10'000;
  uint64_t pairs = 100'000;
  uint64_t seed = 1;
  std::optional<uint64_t> only;
};
Budget budget;

constexpr int kFailuresMax = 3;

/// One seed of so many makes a family; so many of its members are rated.
constexpr uint64_t kFamilyEvery = 3;
constexpr uint64_t kRatedOfFamily = 2;

/// Constructs must make up this share of the pairs, once there are enough cards to tell.
constexpr double kShareMin = 0.01;
constexpr uint64_t kCardsToJudge = 2'000;

constexpr uint64_t kCardsToTell = 10'000;

class GeneratedCards : public ::testing::Test {
 protected:
  /// Runs one card, or one family of cards, against `usages` usages.
  void run(uint64_t seed, uint64_t usages, const compiler::NativeCompiler& native);
  void run_family(uint64_t seed, uint64_t usages, const compiler::NativeCompiler& native);
  void run_member(uint64_t seed, uint64_t usages, const CardFamily& family, size_t index,
                  const dsl::RateCard& card, const compiler::NativeCompiler& native);
  /// `program` is lowered from `card`, or from another text that means the same.
  void run(uint64_t seed, uint64_t usages, const GeneratedCard& generated,
           const dsl::RateCard& card, const compiler::RatingProgram& program,
           const compiler::NativeCompiler& native);
  /// Whether this text has not been rated yet.
  bool is_new(const std::string& text) {
    return texts_.insert(std::hash<std::string>{}(text)).second;
  }
  void show_progress();
  void report_constructs() const;

  /// The cards of a text, or none and a failure.
  std::vector<dsl::RateCard> cards_of(uint64_t seed, const std::string& text);

  void fail(uint64_t seed, const std::string& text, const std::string& what) {
    ++failures_;
    ADD_FAILURE() << "card of seed " << seed << " (replay: --only=" << seed << ")\n"
                  << text << what;
  }

  uint64_t cards_ = 0, pairs_ = 0, refused_ = 0;
  int failures_ = 0;
  std::unordered_set<size_t> texts_;  // hashes of the cards that were rated
  std::array<uint64_t, kConstructs> counts_{};
};

std::vector<dsl::RateCard> GeneratedCards::cards_of(uint64_t seed, const std::string& text) {
  const std::array files = {dsl::SourceFile{"generated.toll", text}};
  dsl::Checked checked = dsl::check(files);
  std::string errors;
  for (const auto& diagnostic : checked.diagnostics)
    if (diagnostic.severity == dsl::Severity::Error) errors += render(diagnostic, files);
  if (errors.empty() && !checked.cards.empty()) return std::move(checked.cards);
  fail(seed, text, "the generator made a card with errors:\n" + errors);
  return {};
}

void GeneratedCards::run(uint64_t seed, uint64_t usages, const compiler::NativeCompiler& native) {
  if (seed % kFamilyEvery == 0) return run_family(seed, usages, native);
  const GeneratedCard generated = generate_card(seed);
  const auto cards = cards_of(seed, generated.text);
  if (cards.empty()) return;
  const auto program = compiler::lower(cards.front());
  if (program && !is_new(generated.text)) return;
  if (program) return run(seed, usages, generated, cards.front(), *program, native);
  ++refused_;
  if (program.error().code != "E130") fail(seed, generated.text, program.error().message);
}

/// Each offer of each version and deal must be the card that it is by itself, and some are rated.
void GeneratedCards::run_family(uint64_t seed, uint64_t usages,
                                const compiler::NativeCompiler& native) {
  const CardFamily family = generate_family(seed);
  const auto cards = cards_of(seed, family.text);
  if (cards.empty()) return;
  if (cards.size() != family.members.size())
    return fail(seed, family.text,
                fmt::format("{} offers, not {}\n", cards.size(), family.members.size()));
  for (size_t i = 0; i < family.members.size(); ++i) {
    const CardFamily::Member& member = family.members[i];
    const auto is_it = [&](const dsl::RateCard& card) {
      return card.name == member.card && toll::to_string(card.from) == member.from &&
             card.plan == member.plan && card.currency.name() == member.currency;
    };
    const auto card = std::ranges::find_if(cards, is_it);
    if (card == cards.end())
      return fail(seed, family.text,
                  fmt::format("no offer {} {} {} {}\n", member.card, member.from, member.plan,
                              member.currency));
    const bool rated = (i + seed / kFamilyEvery) % family.members.size() < kRatedOfFamily;
    run_member(seed, rated ? usages : 0, family, i, *card, native);
    if (failures_ >= kFailuresMax) return;
  }
}

void GeneratedCards::run_member(uint64_t seed, uint64_t usages, const CardFamily& family,
                                size_t index, const dsl::RateCard& card,
                                const compiler::NativeCompiler& native) {
  const CardFamily::Member& member = family.members[index];
  const auto alone = cards_of(seed, member.flat);
  if (alone.empty()) return;
  const auto program = compiler::lower(card), flat = compiler::lower(alone.front());
  const std::string meaning = program ? to_text(*program, card) : program.error().code;
  const std::string expected = flat ? to_text(*flat, alone.front()) : flat.error().code;
  if (meaning != expected)
    return fail(seed, family.text + "\nby itself:\n" + member.flat, meaning + "\nnot\n" + expected);
  if (program && usages > 0 && is_new(member.flat))
    run(seed, usages, {family.text, family.constructs}, alone.front(), *program, native);
}

void GeneratedCards::run(uint64_t seed, uint64_t usages, const GeneratedCard& generated,
                         const dsl::RateCard& card, const compiler::RatingProgram& program,
                         const compiler::NativeCompiler& native) {
  auto engines = Engines::compile(card, program, native);
  if (!engines) return fail(seed, generated.text, engines.error().message);

  ++cards_;
  show_progress();
  UsageGenerator generator(card, program, seed);
  compiler::UsageSampler sampler(card, seed);
  for (uint64_t i = 0; i < usages; ++i) {
    Document document = generator.draw();
    if (i % 2 == 1) {
      document.entries.clear();
      for (const auto& draw : sampler.draw())
        document.entries.push_back(
            {.meter = draw.meter, .values = draw.values, .quantity = draw.quantity});
      generator.fill_pools(document);
    }
    ++pairs_;
    if (auto difference = engines->disagreement(document))
      return fail(seed, generated.text, "\n" + to_string(document, card) + *difference);
    const Constructs exercised = engines->exercised();
    for (size_t c = 0; c < kConstructs; ++c) {
      const auto construct = static_cast<Construct>(c);
      counts_[c] += generated.constructs.has(construct) || exercised.has(construct);
    }
  }
}

/// A run of hours shows that it goes on.
void GeneratedCards::show_progress() {
  if (cards_ % kCardsToTell != 0) return;
  fmt::print("{} of {} cards\n", cards_, budget.cards);
  std::fflush(stdout);
}

void GeneratedCards::report_constructs() const {
  fmt::print(
      "{} distinct cards, {} pairs of card and usage, {} cards refused for their denominators\n",
      cards_, pairs_, refused_);
  for (size_t c = 0; c < kConstructs; ++c) {
    const double share = static_cast<double>(counts_[c]) / static_cast<double>(pairs_);
    fmt::print("{:>6.2f} %  {}\n", 100 * share, kConstructNames[c]);
    if (cards_ < kCardsToJudge) continue;
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
  const auto read = [&](std::string_view name, uint64_t& value) {
    return testing::read_flag(argument, name, value);
  };
  if (uint64_t only = 0; read("--only=", only)) {
    budget.only = only;
    return true;
  }
  return read("--cards=", budget.cards) || read("--pairs=", budget.pairs) ||
         read("--seed=", budget.seed);
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
