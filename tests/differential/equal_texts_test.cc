// A change of plan between two plans of the same text changes no line of a bill: generated charges
// whose rows have minimums, maximums, discounts and surcharges of their own and share others.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>
#include <set>

#include "runtime/quote.h"
#include "tests/differential/random.h"
#include "tests/support/live.h"

namespace toll::differential {
namespace {

constexpr uint64_t kTexts = 500;
constexpr int kPeriodsOfAText = 3;
const Date kFirstDay = *parse_date("2026-03-01");
const Period kPeriod{kFirstDay, kFirstDay + std::chrono::days(31)};
constexpr std::array kKinds = {"a", "b", "c"};

/// An amount of dollars with odd cents.
std::string dollars(Random& random, int least, int most) {
  return fmt::format("{}.{:02} USD", random.between(least, most), random.below(100));
}

/// Fixed lines of one reach, in any order; a maximum is above a minimum.
std::string money_lines(Random& random, const char* reach) {
  std::vector<std::string> lines;
  const auto by_day = [&] { return random.chance(50) ? " prorated by day" : ""; };
  if (random.chance(60)) lines.push_back("minimum " + dollars(random, 1, 40) + by_day());
  if (random.chance(40)) lines.push_back("maximum " + dollars(random, 50, 90) + by_day());
  for (const char* kind : {"discount", "surcharge"})
    if (random.chance(40)) lines.push_back(fmt::format("{} {}", kind, dollars(random, 0, 30)));
  random.shuffle(lines);
  std::string text;
  for (const std::string& line : lines) text += fmt::format("      {} {}\n", line, reach);
  return text;
}

std::string items(Random& random) {
  std::string text = "    fee base at " + dollars(random, 0, 99) + " per month, prorated by day\n";
  for (const char* name : {"first", "second"}) {
    text += fmt::format("    charge {} on calls by kind\n", name);
    if (random.chance(50))
      text += fmt::format("      any at 0.{:03} USD per call\n", random.between(1, 999));
    else
      text += fmt::format(
          "      tiers graduated\n      any up to {} calls at 0.{:03} USD per call\n"
          "      any beyond at 0.007 USD per call\n",
          random.between(1, 60), random.between(10, 999));
    text += money_lines(random, "in each row") + money_lines(random, "shared");
  }
  if (random.chance(30)) text += "    bill minimum " + dollars(random, 1, 200) + "\n";
  return text;
}

std::string card_text(Random& random) {
  constexpr std::array kEach = {"line", "item", "tier", "bill"};
  constexpr std::array kModes = {"half-up", "half-even", "up", "down"};
  const std::string each = random.pick(kEach), mode = random.pick(kModes);
  const std::string inner = items(random);
  return "toll 1\nunit call, calls\ndimension kind is a, b, c\nmeter calls counts call by kind\n"
         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each " +
         each + " " + mode + (random.chance(30) ? " to 0.05 USD" : "") + "\n  plan one\n" + inner +
         "  plan two\n" + inner;
}

std::optional<runtime::CardSet> cards_of(const std::string& text) {
  const dsl::SourceFile file{"same.toll", text};
  auto revisions = testing::drawn_revisions({&file, 1});
  if (revisions.size() != 2) return std::nullopt;
  return runtime::CardSet(std::move(revisions));
}

/// The period, or a part of it, with changes of plan and some kinds used in some of the parts.
runtime::UsageDocument draw_period(Random& random) {
  runtime::UsageDocument document;
  document.card = "c";
  document.plan = "one";
  document.final = random.chance(70);
  document.period = kPeriod;
  if (random.chance(30)) document.period->from += std::chrono::days(random.below(5));
  std::set<Date> begins;
  for (uint64_t changes = random.between(1, 3); changes > 0; --changes)
    begins.insert(kFirstDay + std::chrono::days(random.between(5, 30)));
  Date from = document.period->from;
  const auto use_until = [&](Date until) {
    for (const char* kind : kKinds)
      if (random.chance(40))
        document.usage.push_back({.meter = "calls",
                                  .at = {{"kind", kind}},
                                  .quantity = {static_cast<Int128>(random.below(150)), 0},
                                  .from = from,
                                  .until = until});
    from = until;
  };
  bool second = true;
  for (const Date day : begins) {
    document.plan_changes.emplace_back(day, second ? "two" : "one");
    second = !second;
    use_until(day);
  }
  use_until(document.period->until);
  return document;
}

std::vector<std::string> lines_of(const runtime::Answer& answer) {
  std::vector<std::string> texts{"total " + answer.total};
  for (const auto* lines : {&answer.lines, &answer.due_at_close})
    for (const runtime::AnswerLine& line : *lines)
      texts.push_back(line.path + " " + line.exact + " " + line.amount);
  return texts;
}

TEST(EqualTexts, MakeOneBillOfTheWholePeriod) {
  int bills = 0, lines = 0;
  for (uint64_t seed = 1; seed <= kTexts && !HasFailure(); ++seed) {
    Random random(seed);
    const std::string text = card_text(random);
    const auto set = cards_of(text);
    if (!set) continue;
    for (int i = 0; i < kPeriodsOfAText; ++i) {
      runtime::UsageDocument document = draw_period(random);
      const auto cut = runtime::quote(*set, document);
      document.plan_changes.clear();
      const auto whole = runtime::quote(*set, document);
      ASSERT_TRUE(cut && whole) << text;
      EXPECT_EQ(lines_of(*cut), lines_of(*whole)) << "seed " << seed << "\n" << text;
      ++bills;
      lines += static_cast<int>(whole->lines.size());
    }
  }
  EXPECT_GT(bills, 1'000);
  EXPECT_GT(lines, 5'000);
}

}  // namespace
}  // namespace toll::differential
