// Every small world of plans: three months in each half of which the customer is in any of four
// plans, three of which have a pool. What each bill asks for must be what somebody finds who goes
// from one half of a month to the next, and gives what a `grant` line promises for its interval on
// the first day of that on which the customer has the pool.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/ratio_text.h"
#include "runtime/quote.h"
#include "tests/support/live.h"

namespace toll::differential::small_plans {
namespace {

constexpr size_t kHalves = 6;  // of three months
constexpr std::array kPlans = {'m', 'l', 's', 'n'};

/// Plans with a grant for each month, one for a longer time, none, and without the pool.
std::string text_of(const std::string& longer) {
  const auto plan = [](const char* name, const std::string& line) {
    return fmt::format(
        "  plan {}\n    charge calls\n      at 1 credit per call\n"
        "    pool flex in credit, credits\n{}      spend soonest-expiring first\n"
        "      beyond at 1.00 USD per credit\n",
        name, line);
  };
  return "toll 1\nunit call, calls\nunit credit, credits\nmeter calls sums call\n"
         "card c \"C\"\n  from 2025-01-01\n  currency USD\n  period month\n"
         "  round each line half-up\n" +
         plan("m", "      grant 10 credits every month\n") +
         plan("l", fmt::format("      grant 100 credits every {}\n", longer)) + plan("s", "") +
         "  plan n\n    fee base at 1.00 USD per month, not prorated\n";
}

struct World {
  std::string plans;  ///< of each half
  std::array<int, kHalves> used = {};
  Date first;
  int months_of_longer;
};

Date half_of(const World& world, size_t half) {
  const std::chrono::year_month_day first(world.first);
  const Date month =
      first.year() / first.month() / 1 + std::chrono::months(static_cast<int>(half / 2));
  return half % 2 == 0 ? month : month + std::chrono::days(15);
}

/// What the bill of a month asks for and leaves.
struct Outcome {
  int beyond = 0, left = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// The month in which an interval of so many months ends, and the one that it begins with, both
/// counted from the year 0: intervals are those of the calendar.
int month_number(Date day) {
  const std::chrono::year_month_day date(day);
  return static_cast<int>(date.year()) * 12 +
         static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

class HalfByHalf {
 public:
  explicit HalfByHalf(const World& world) : world_(world) {}

  std::vector<Outcome> bills() {
    std::vector<Outcome> bills;
    for (size_t half = 0; half < kHalves; ++half) {
      if (half % 2 == 0) bills.emplace_back();
      if (world_.plans[half] == 'm') give(half, 1, 10);
      if (world_.plans[half] == 'l') give(half, world_.months_of_longer, 100);
      bills.back().beyond += pay(half);
      bills.back().left = 0;
      for (const Given& given : given_)
        if (given.end > month(half)) bills.back().left += given.left;
    }
    return bills;
  }

 private:
  struct Given {
    int end;  ///< the first month without it
    int left;
  };

  int month(size_t half) const { return month_number(half_of(world_, half)); }

  void give(size_t half, int months, int quantity) {
    const int begin = month(half) / months * months;
    for (size_t before = 0; before < half; ++before)
      if (world_.plans[before] != 'n' && month(before) >= begin) return;
    given_.push_back({begin + months, quantity});
  }

  /// What nothing pays for.
  int pay(size_t half) {
    int due = world_.used[half];
    std::ranges::stable_sort(given_, {}, &Given::end);
    for (Given& given : given_) {
      if (given.end <= month(half)) continue;
      const int paid = std::min(due, given.left);
      given.left -= paid;
      due -= paid;
    }
    return due;
  }

  const World& world_;
  std::vector<Given> given_;
};

runtime::UsageDocument document_of(const World& world, size_t month,
                                   const runtime::NextState& before) {
  const size_t half = 2 * month;
  runtime::UsageDocument document;
  document.card = "c";
  document.customer_since = world.first;
  document.period = period_containing(PeriodUnit::Month, half_of(world, half));
  document.plan = world.plans.substr(half, 1);
  if (world.plans[half] != world.plans[half + 1])
    document.plan_changes.emplace_back(half_of(world, half + 1), world.plans.substr(half + 1, 1));
  for (const size_t used : {half, half + 1}) {
    if (world.used[used] == 0) continue;
    runtime::UsageEntry entry;
    entry.meter = "calls";
    entry.quantity = Decimal{world.used[used], 0};
    entry.from = half_of(world, used);
    entry.until = *entry.from + std::chrono::days(1);
    document.usage.push_back(std::move(entry));
  }
  for (const runtime::GrantLeft& grant : before.grants)
    document.grants.push_back({.pool = grant.pool,
                               .quantity = parse_ratio(grant.quantity).value(),
                               .from = grant.from,
                               .expires = grant.expires,
                               .recurring = grant.recurring});
  return document;
}

void compare(const runtime::CardSet& cards, const World& world) {
  const std::vector<Outcome> expected = HalfByHalf(world).bills();
  runtime::NextState state;
  for (size_t month = 0; month < expected.size(); ++month) {
    const auto answer = runtime::quote(cards, document_of(world, month, state));
    std::string told = fmt::format("plans {} from {}, month {}", world.plans,
                                   toll::to_string(world.first), month + 1);
    for (const int used : world.used) told += fmt::format(" {}", used);
    ASSERT_TRUE(answer.has_value()) << told << ": " << answer.error().faults.front().message;
    Outcome found, due = expected[month];
    for (const runtime::AnswerLine& line : answer->lines)
      if (line.path == "flex/beyond") found.beyond = std::stoi(line.quantity.value_or("0"));
    for (const auto& [pool, left] : answer->remaining) found.left = std::stoi(left);
    if (world.plans[2 * month + 1] == 'n') found.left = due.left = 0;  // it waits
    ASSERT_EQ(found.beyond, due.beyond) << told;
    ASSERT_EQ(found.left, due.left) << told;
    state = answer->next_state;
  }
}

/// All worlds of one longer time, around a day on which it begins anew.
void compare_all(const char* longer, int months, const char* first) {
  const runtime::CardSet cards = testing::card_set({text_of(longer)});
  size_t worlds = 1;
  for (size_t half = 0; half < kHalves; ++half) worlds *= kPlans.size();
  for (size_t drawn = 0; drawn < worlds; ++drawn) {
    World world{.plans = {}, .first = *parse_date(first), .months_of_longer = months};
    for (size_t half = 0, rest = drawn; half < kHalves; ++half, rest /= kPlans.size())
      world.plans += kPlans[rest % kPlans.size()];
    for (const std::array<int, kHalves> used :
         {std::array{130, 130, 130, 130, 130, 130}, std::array{4, 5, 4, 5, 4, 5},
          std::array{40, 0, 0, 130, 7, 1}}) {
      for (size_t half = 0; half < kHalves; ++half)
        world.used[half] = world.plans[half] == 'n' ? 0 : used[half];
      compare(cards, world);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(SmallPlanWorlds, GiveForAnIntervalWhatItsFirstDayWithThePoolGives) {
  compare_all("year", 12, "2026-03-01");
  compare_all("year", 12, "2025-11-01");
  compare_all("quarter", 3, "2026-03-01");
  compare_all("quarter", 3, "2026-04-01");
}

}  // namespace
}  // namespace toll::differential::small_plans
