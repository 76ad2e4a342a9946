// Every small world of grants: two pools, up to three grants that begin and end on any of three
// days, a few calls each day. A quote must pay with the same grants as someone who looks at each
// credit by itself, day by day.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/quote.h"
#include "tests/support/live.h"

namespace toll::differential {
namespace {

constexpr int kDays = 3;  // of a period that is covered from the first of March on

/// Prices are 1 credit for a call of `a` and 2 for one of `b`; the first pool pays for `b` only.
std::string card_text(std::string_view order) {
  return fmt::format(
      "toll 1\nunit call, calls\nunit credit, credits\nmeter a counts call\nmeter b counts call\n"
      "card c\n  from 2026-01-01\n  currency JPY\n  period month\n  round each line half-up\n"
      "  charge a\n    at 1 credit per call\n  charge b\n    at 2 credits per call\n"
      "  pool special in credit for b\n    spend {0} first\n"
      "  pool flex in credit\n    spend {0} first\n    beyond at 1 JPY per credit\n",
      order);
}

struct SmallGrant {
  bool special;
  int quantity;
  int from, until;  // days of the period, until the first without it; kDays: it goes on
};

/// The grants that a quote is tried with: of each pool one of each quantity and span.
std::vector<SmallGrant> all_grants() {
  std::vector<SmallGrant> grants;
  for (const bool special : {false, true})
    for (const int quantity : {1, 3})
      for (const auto& [from, until] :
           {std::pair{0, 3}, std::pair{0, 1}, std::pair{1, 3}, std::pair{1, 2}, std::pair{2, 3}})
        grants.push_back({special, quantity, from, until});
  return grants;
}

using CallsOfDay = std::array<int, 2>;  // of a and of b

/// What each grant has left, and how many credits nothing paid for.
struct Outcome {
  std::vector<int> left;
  int beyond = 0;
};

Outcome credit_by_credit(const std::vector<SmallGrant>& grants,
                         const std::array<CallsOfDay, kDays>& days, bool oldest) {
  Outcome outcome;
  for (const SmallGrant& grant : grants) outcome.left.push_back(grant.quantity);
  const auto spend = [&](bool special, int day) {
    std::optional<size_t> best;
    for (size_t i = 0; i < grants.size(); ++i) {
      const SmallGrant& grant = grants[i];
      if (grant.special != special || outcome.left[i] == 0) continue;
      if (day < grant.from || day >= grant.until) continue;
      const auto is_before = [&](const SmallGrant& other) {
        return !oldest && grant.until != other.until ? grant.until < other.until
                                                     : grant.from < other.from;
      };
      if (!best || is_before(grants[*best])) best = i;
    }
    if (best) --outcome.left[*best];
    return best.has_value();
  };
  for (int day = 0; day < kDays; ++day) {
    const CallsOfDay& calls = days[static_cast<size_t>(day)];
    int of_b = 2 * calls[1];
    while (of_b > 0 && spend(true, day)) --of_b;
    int rest = calls[0] + of_b;
    while (rest > 0 && spend(false, day)) --rest;
    outcome.beyond += rest;
  }
  return outcome;
}

Date day_of(int day) { return *parse_date("2026-03-01") + std::chrono::days(day); }

runtime::UsageDocument document_of(const std::vector<SmallGrant>& grants,
                                   const std::array<CallsOfDay, kDays>& days) {
  runtime::UsageDocument document;
  document.card = "c";
  document.period = Period{day_of(0), day_of(kDays)};
  for (const SmallGrant& grant : grants) {
    runtime::Grant given{.pool = grant.special ? "special" : "flex",
                         .quantity = Ratio(grant.quantity),
                         .from = day_of(grant.from),
                         .expires = {},
                         .recurring = false};
    if (grant.until < kDays) given.expires = day_of(grant.until);
    document.grants.push_back(std::move(given));
  }
  for (int day = 0; day < kDays; ++day) {
    for (size_t meter = 0; meter < 2; ++meter)
      document.usage.push_back({.meter = meter == 0 ? "a" : "b",
                                .at = {},
                                .quantity = Decimal{days[static_cast<size_t>(day)][meter], 0},
                                .from = day_of(day),
                                .until = day_of(day + 1)});
  }
  return document;
}

void compare(const runtime::CardSet& cards, const std::vector<SmallGrant>& grants,
             const std::array<CallsOfDay, kDays>& days, bool oldest) {
  const Outcome expected = credit_by_credit(grants, days, oldest);
  std::map<std::string, int> left = {{"special", 0}, {"flex", 0}};
  for (size_t i = 0; i < grants.size(); ++i)
    if (grants[i].until == kDays) left[grants[i].special ? "special" : "flex"] += expected.left[i];
  const auto answer = runtime::quote(cards, document_of(grants, days));
  ASSERT_TRUE(answer) << answer.error().faults.front().message;
  std::string world;
  for (const SmallGrant& grant : grants)
    world += fmt::format("{} {} days {} to {}\n", grant.special ? "special" : "flex",
                         grant.quantity, grant.from, grant.until);
  for (const CallsOfDay& day : days) world += fmt::format("{} a, {} b\n", day[0], day[1]);
  EXPECT_EQ(answer->total, std::to_string(expected.beyond)) << world;
  for (const auto& [pool, quantity] : answer->remaining)
    EXPECT_EQ(quantity, std::to_string(left[pool])) << pool << "\n" << world;
}

TEST(SmallPoolWorlds, PayWithTheSameGrantsAsCreditByCredit) {
  const std::vector<SmallGrant> all = all_grants();
  const std::array<std::array<CallsOfDay, kDays>, 5> usages = {{{{{2, 1}, {0, 0}, {3, 1}}},
                                                                {{{0, 1}, {4, 0}, {0, 2}}},
                                                                {{{1, 1}, {1, 1}, {1, 1}}},
                                                                {{{5, 0}, {0, 0}, {0, 1}}},
                                                                {{{0, 0}, {2, 2}, {1, 0}}}}};
  for (const bool oldest : {false, true}) {
    const runtime::CardSet cards =
        testing::card_set({card_text(oldest ? "oldest" : "soonest-expiring")});
    for (const auto& usage : usages) {
      compare(cards, {}, usage, oldest);
      for (size_t i = 0; i < all.size() && !HasFailure(); ++i) {
        for (size_t j = 0; j < all.size(); ++j) {
          compare(cards, {all[i], all[j]}, usage, oldest);
          compare(cards, {all[i], all[j], all[(i * 7 + j * 3) % all.size()]}, usage, oldest);
        }
      }
    }
  }
}

}  // namespace
}  // namespace toll::differential
