// A plan that is left for some days of a quarter, on which nothing is used, and entered again: of
// generated cards, what is priced in credits comes to what it would if all were there on those days
// as well, and so does what is left of grants and was used of allowances for a longer time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "base/ratio_text.h"
#include "runtime/quote.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/random.h"
#include "tests/differential/usage_entry.h"
#include "tests/differential/usage_generator.h"
#include "tests/support/live.h"

namespace toll::differential::left_plan {
namespace {

using std::chrono::days;

constexpr uint64_t kSeeds = 6'000;
const Date kApril = *parse_date("2026-04-01"), kJuly = *parse_date("2026-07-01");

using Changes = std::vector<std::pair<Date, std::string>>;
using Revisions = runtime::CardSet::Revisions;

/// The text with one or two `grant` lines in each pool of credits.
std::string with_grant(const std::string& text, Random& random) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    result += line + "\n";
    if (!line.starts_with("  pool ") || !line.contains(" in credit")) continue;
    const uint64_t drawn = random.below(3);
    const auto add = [&](const char* every) {
      result += fmt::format("    grant {} credits every {}\n", random.between(1, 3000), every);
    };
    if (drawn != 0) add("month");
    if (drawn != 1) add("quarter");
    if (drawn == 2) result += "    spend oldest first\n";
  }
  return result;
}

/// The card in the plans `first` and `same`, and a plan with nothing.
std::string in_plans(const std::string& text) {
  size_t items = text.find("\ncard ") + 1;
  for (int line = 0; line < 5; ++line) items = text.find('\n', items) + 1;
  const std::string inner =
      std::regex_replace("\n" + text.substr(items), std::regex("\n  "), "\n    ");
  return text.substr(0, items) + "  plan first" + inner + "\n  plan same" + inner +
         "\n  plan nothing\n    feature others\n";
}

Revisions revisions_of(const std::string& text) {
  const dsl::SourceFile file{"left.toll", text};
  return testing::drawn_revisions({&file, 1});
}

/// Days from one to another, twice: those on which the customer is in another plan. At least one
/// day of each month is none of them.
std::vector<Period> draw_days(Random& random) {
  std::vector<Period> drawn;
  Date day = kApril;
  for (int i = 0; i < 2; ++i) {
    const Date from = day + days(random.between(1, 35));
    day = from + days(random.between(1, 24));
    if (day >= kJuly) break;
    drawn.push_back({from, day});
  }
  return drawn;
}

Changes changes_to(const std::string& plan, const std::vector<Period>& left) {
  Changes changes;
  for (const Period& each : left) {
    changes.emplace_back(each.from, plan);
    changes.emplace_back(each.until, "first");
  }
  return changes;
}

/// A month of the customer's, in the plans of its days: at first in `plan`.
runtime::UsageDocument document_of(const Period& month, const Changes& changes,
                                   const char* plan = "first") {
  runtime::UsageDocument document;
  document.card = "generated";
  document.customer_since = parse_date("2026-01-05");
  document.period = month;
  document.plan = plan;
  for (const auto& [day, plan] : changes) {
    if (day <= month.from) document.plan = plan;
    if (day > month.from && day < month.until) document.plan_changes.emplace_back(day, plan);
  }
  return document;
}

void take(const runtime::NextState& left, runtime::UsageDocument& document) {
  document.used_to_date = left.used_to_date;
  document.billed_to_date = left.billed_to_date;
  for (const runtime::GrantLeft& grant : left.grants)
    document.grants.push_back({.pool = grant.pool,
                               .quantity = parse_ratio(grant.quantity).value(),
                               .from = grant.from,
                               .expires = grant.expires,
                               .recurring = grant.recurring});
}

/// What was used in some days.
void use(const Document& drawn, const dsl::RateCard& card, const Period& period,
         runtime::UsageDocument& document) {
  for (const Entry& entry : drawn.entries) {
    const dsl::Meter& meter = card.meters[entry.meter];
    if (entry.names_only || meter.grain == dsl::Grain::Day ||
        meter.declaration->aggregate.text == "averages")
      continue;
    document.usage.push_back(usage_entry(entry, card, period));
  }
}

/// What must not depend on the days on which the plan is left.
std::map<std::string, std::set<std::string>> credits_of(const runtime::Answer& answer) {
  std::map<std::string, std::set<std::string>> found;
  for (const runtime::AnswerLine& line : answer.lines)
    if (line.currency || line.path.ends_with("/beyond")) found[line.path].insert(line.exact);
  for (const auto& used : answer.next_state.used_to_date)
    found["used " + used.name].insert(used.value.to_string());
  return found;
}

std::string texts_of(const std::vector<Period>& periods) {
  std::string text;
  for (const Period& period : periods)
    text += fmt::format("from {} until {} ", toll::to_string(period.from),
                        toll::to_string(period.until));
  return text;
}

class LeftPlans : public ::testing::Test {
 protected:
  void run(uint64_t seed, const std::string& text) {
    Random random(seed);
    const std::string plans = in_plans(with_grant(text, random));
    Revisions revisions = revisions_of(plans);
    if (revisions.size() != 3) return;
    const runtime::CardSet set(revisions);
    const auto first = std::ranges::find_if(
        revisions, [](const auto& each) { return each->card().plan == "first"; });
    const std::vector<Period> left = draw_days(random);
    const Changes to_same = changes_to("same", left), to_nothing = changes_to("nothing", left);
    UsageGenerator generator((*first)->card(), (*first)->program(), seed);
    runtime::NextState after_same, after_nothing;
    for (Date day = kApril; day < kJuly;) {
      const Period month = period_containing(PeriodUnit::Month, day);
      day = month.until;
      runtime::UsageDocument same = document_of(month, to_same);
      add_usage(left, generator, (*first)->card(), same);
      runtime::UsageDocument nothing = document_of(month, to_nothing);
      nothing.usage = same.usage;
      take(after_same, same);
      take(after_nothing, nothing);
      const auto expected = runtime::quote(set, same), found = runtime::quote(set, nothing);
      if (!expected) return;
      ASSERT_TRUE(found.has_value())
          << "seed " << seed << ": " << found.error().faults.front().message << "\n"
          << plans;
      EXPECT_EQ(credits_of(*found), credits_of(*expected))
          << "seed " << seed << " in " << texts_of({month}) << "left " << texts_of(left) << "\n"
          << plans;
      if (found->plan == "first") {
        EXPECT_EQ(left_in_credits(*found, (*first)->card()),
                  left_in_credits(*expected, (*first)->card()))
            << "seed " << seed << "\n"
            << plans;
      }
      after_same = expected->next_state;
      after_nothing = found->next_state;
      ++bills_;
      with_pools_ += !(*first)->card().pools.empty();
      with_allowances_ += !expected->next_state.used_to_date.empty();
      if (HasFailure()) return;
    }
  }

  /// Who enters the plan `first` on a day has in it what somebody has who comes on that day.
  void enter(uint64_t seed, const std::string& text) {
    Random random(seed);
    const std::string plans = in_plans(with_grant(text, random));
    Revisions revisions = revisions_of(plans);
    if (revisions.size() != 3) return;
    const runtime::CardSet set(revisions);
    const auto first = std::ranges::find_if(
        revisions, [](const auto& each) { return each->card().plan == "first"; });
    const dsl::RateCard& card = (*first)->card();
    constexpr std::array kEntered = {"2026-04-01", "2026-04-02", "2026-05-01", "2026-05-15",
                                     "2026-06-01"};
    const Date day = *parse_date(random.pick(kEntered));
    UsageGenerator generator(card, (*first)->program(), seed);
    runtime::NextState after_new, after_nothing;
    for (Period month = period_containing(PeriodUnit::Month, day); month.from < kJuly;
         month = period_containing(PeriodUnit::Month, month.until)) {
      const Period covered{std::max(day, month.from), month.until};
      runtime::UsageDocument as_new = document_of(covered, {});
      as_new.customer_since = day;
      runtime::UsageDocument entered = document_of(month, {{day, "first"}}, "nothing");
      use(generator.draw(), card, covered, as_new);
      entered.usage = as_new.usage;
      take(after_new, as_new);
      take(after_nothing, entered);
      const auto expected = runtime::quote(set, as_new), found = runtime::quote(set, entered);
      if (!expected) return;
      ASSERT_TRUE(found.has_value())
          << "seed " << seed << ": " << found.error().faults.front().message << "\n"
          << plans;
      EXPECT_EQ(lines_of(*found), lines_of(*expected)) << "seed " << seed << "\n" << plans;
      EXPECT_EQ(left_in_credits(*found, card), left_in_credits(*expected, card))
          << "seed " << seed << " entered " << toll::to_string(day) << "\n"
          << plans;
      after_new = expected->next_state;
      after_nothing = found->next_state;
      ++bills_;
      if (HasFailure()) return;
    }
  }

  static std::map<std::string, std::set<std::string>> lines_of(const runtime::Answer& answer) {
    auto lines = credits_of(answer);
    std::erase_if(lines, [](const auto& line) { return line.first.starts_with("used "); });
    return lines;
  }

  /// What is used in a month on days on which the customer is in the plan `first`.
  static void add_usage(const std::vector<Period>& left, UsageGenerator& generator,
                        const dsl::RateCard& card, runtime::UsageDocument& document) {
    Date from = document.period->from;
    const auto until = [&](Date day) {
      day = std::min(day, document.period->until);
      if (from < day) use(generator.draw(), card, {from, day}, document);
    };
    for (const Period& each : left) {
      until(each.from);
      from = std::max(from, each.until);
    }
    until(document.period->until);
  }

  static std::map<std::string, std::string> left_in_credits(const runtime::Answer& answer,
                                                            const dsl::RateCard& card) {
    std::map<std::string, std::string> left;
    for (const auto& [pool, quantity] : answer.remaining)
      if (std::ranges::find(card.pools, pool, &dsl::Pool::name)->credit) left[pool] = quantity;
    return left;
  }

  int bills_ = 0, with_pools_ = 0, with_allowances_ = 0;
};

TEST_F(LeftPlans, GoOnWhereTheyAreEnteredAgain) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    const GeneratedCard card = generate_card(seed);
    if (card.text.contains("\n  period month\n")) run(seed, card.text);
  }
  fmt::print("{} bills, {} with pools, {} in an allowance\n", bills_, with_pools_,
             with_allowances_);
  EXPECT_GT(bills_, 2'000);
  EXPECT_GT(with_pools_, 400);
  EXPECT_GT(with_allowances_, 25);
}

TEST_F(LeftPlans, GiveWhoEntersThemWhatWhoeverComesHas) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    const GeneratedCard card = generate_card(seed);
    // Of a prorated allowance who comes has less than who had another plan on the days before.
    if (card.text.contains("\n  pool ") && card.text.contains("\n  period month\n") &&
        !card.text.contains(" prorated\n"))
      enter(seed, card.text);
  }
  EXPECT_GT(bills_, 250);
}

}  // namespace
}  // namespace toll::differential::left_plan
