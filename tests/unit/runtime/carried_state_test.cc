// What a bill leaves for the next one, and which state cannot be.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

constexpr const char* kCard = R"(toll 1
unit call, calls
unit seat, seats
unit beat, beats
meter calls counts call
meter seats sums seat
meter beats counts beat

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base "Base" at 10.00 USD per month, not prorated

  charge calls
    included 1,000 calls per year
    at 1.00 USD per call
  charge seats
    included 5 seats per quarter
    at 2.00 USD per seat
  charge beats
    included 1 beat per year
    at 0.01 USD per 1M beats

  bill discount 10%
  commit usage 500.00 USD per year
    counts calls
    true up every year
  commit all 90.00 USD per quarter
    true up every quarter
)";

const CardSet& cards() {
  static const CardSet set = testing::card_set({kCard});
  return set;
}

UsageDocument document(const char* on, const char* calls, const char* seats) {
  UsageDocument asked;
  asked.card = "c";
  asked.on = parse_date(on);
  for (const auto& [meter, quantity] : {std::pair("calls", calls), std::pair("seats", seats)})
    asked.usage.push_back({.meter = meter,
                           .at = {},
                           .quantity = parse_decimal(quantity).value(),
                           .from = {},
                           .until = {}});
  return asked;
}

UsageDocument::ToDate to_date(const char* name, const char* value) {
  return {name, parse_decimal(value).value()};
}

Texts left_by(const UsageDocument& asked) {
  const auto answer = quote(cards(), asked);
  if (!answer) return {answer.error().faults.front().message};
  Texts texts;
  for (const auto& used : answer->next_state.used_to_date)
    texts.push_back("used " + used.name + " " + used.value.to_string());
  for (const auto& billed : answer->next_state.billed_to_date)
    texts.push_back("billed " + billed.name + " " + billed.value.to_string());
  return texts;
}

TEST(CarriedState, IsWhatTheNextDocumentSays) {
  UsageDocument asked = document("2026-05-01", "150", "7.5");
  asked.used_to_date = {to_date("calls", "900"), to_date("seats", "4")};
  asked.billed_to_date = {to_date("usage", "400.00"), to_date("all", "30.25")};
  // Calls 50.00, seats 6.5 x 2.00, base 10.00, less 10 %: 65.70.
  EXPECT_EQ(left_by(asked), (Texts{"used calls 1050", "used seats 11.5", "billed usage 450.00",
                                   "billed all 95.95"}));
}

TEST(CarriedState, LeavesOutWhatBeginsAnew) {
  UsageDocument asked = document("2026-06-01", "1", "1");
  EXPECT_EQ(left_by(asked), (Texts{"used calls 1"})) << "quarters end with June";
  asked.on = parse_date("2026-12-01");
  EXPECT_EQ(left_by(asked), Texts{});
}

TEST(CarriedState, FollowsTheYearOfTheSubscription) {
  UsageDocument asked = document("2026-12-01", "1500", "0");
  asked.customer_since = parse_date("2026-12-10");
  EXPECT_EQ(left_by(asked), (Texts{"billed usage 500.00", "billed all 459.00"}));
}

// The bill before may have begun on that day or behind it, as that of a customer taken over then.
TEST(CarriedState, OfATimeThatBeganInsideThePeriodBeforeIsTakenAsItStands) {
  for (const char* since : {"2025-04-12", "2025-04-10"}) {
    UsageDocument asked = document("2026-04-12", "1500", "0");
    asked.on.reset();
    asked.customer_since = parse_date(since);
    asked.period = Period{*parse_date("2026-04-12"), *parse_date("2026-05-01")};
    ASSERT_EQ(left_by(asked),
              (Texts{"used calls 1500", "billed usage 500.00", "billed all 459.00"}));
    asked.period = Period{*parse_date("2026-05-01"), *parse_date("2026-06-01")};
    asked.used_to_date = {to_date("calls", "1500")};
    asked.billed_to_date = {to_date("usage", "500.00"), to_date("all", "459.00")};
    asked.usage.clear();
    EXPECT_EQ(left_by(asked),
              (Texts{"used calls 1500", "billed usage 500.00", "billed all 468.00"}));
  }
  UsageDocument asked = document("2026-05-01", "0", "0");
  asked.customer_since = parse_date("2025-05-01");
  asked.billed_to_date = {to_date("usage", "500.00")};
  EXPECT_EQ(faults(cards(), asked),
            Texts{"/state/billed_to_date/usage: the commitment begins anew with the period, on "
                  "2026-05-01: nothing was billed toward it"});
}

TEST(CarriedState, IsNoneOfAnUnfinishedPeriod) {
  UsageDocument asked = document("2026-05-01", "150", "0");
  asked.final = false;
  EXPECT_EQ(left_by(asked), Texts{});
}

TEST(CarriedState, RefusesAStateThatCannotBe) {
  UsageDocument asked = document("2026-04-01", "0", "0");
  asked.used_to_date = {to_date("calls", "1"), to_date("seats", "1")};
  asked.billed_to_date = {to_date("usage", "1.00"), to_date("all", "1.00")};
  EXPECT_EQ(faults(cards(), asked),
            (Texts{"/state/used_to_date/seats: the allowance begins anew with the period, on "
                   "2026-04-01: nothing was used of it",
                   "/state/billed_to_date/all: the commitment begins anew with the period, on "
                   "2026-04-01: nothing was billed toward it"}));
  asked.used_to_date = {to_date("seats", "0")};
  asked.billed_to_date = {to_date("all", "0.00")};
  EXPECT_EQ(faults(cards(), asked), Texts{}) << "that there is nothing may be said";
  asked.customer_since = parse_date("2026-05-01");
  EXPECT_EQ(faults(cards(), asked),
            (Texts{"/customer_since: it was no customer before 2026-05-01, and the "
                   "period ends with 2026-04-30"}));
}

TEST(CarriedState, RefusesWhatNoDocumentCouldSay) {
  UsageDocument asked = document("2026-05-01", "0", "0");
  asked.usage[0].meter = "beats";
  asked.usage[0].quantity = parse_decimal("999999999999999999").value();
  asked.used_to_date = {to_date("beats", "999999999999999999")};
  EXPECT_EQ(left_by(asked).size(), 1u);
  EXPECT_NE(left_by(asked).front().find("`beats` is too large to be told"), std::string::npos)
      << left_by(asked).front();
}

// Over a change of plan it is that of the plans that have an allowance or a commitment.
TEST(CarriedState, IsHeldAgainstAllPlansOfThePeriod) {
  const CardSet set = testing::card_set({R"(toll 1
unit call, calls
meter calls counts call

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  plan allow "Allow"
    charge calls
      included 15 calls per year
      at 1.00 USD per call
    commit quarterly 100.00 USD per quarter
      true up every quarter
  plan plain "Plain"
    charge calls
      at 1.00 USD per call
  plan bare "Bare"
    charge calls
      at 1.00 USD per call
)"});
  UsageDocument asked;
  asked.card = "c";
  asked.period = Period{*parse_date("2026-08-01"), *parse_date("2026-09-01")};
  asked.used_to_date = {to_date("calls", "12")};
  asked.billed_to_date = {to_date("quarterly", "40.00")};
  asked.usage = {{.meter = "calls",
                  .at = {},
                  .quantity = {5, 0},
                  .from = {},
                  .until = parse_date("2026-08-16")},
                 {.meter = "calls",
                  .at = {},
                  .quantity = {4, 0},
                  .from = parse_date("2026-08-16"),
                  .until = {}}};
  const auto changed = [&](const char* plan, const char* to) {
    asked.plan = plan;
    asked.plan_changes = {{*parse_date("2026-08-16"), to}};
    return quote(set, asked);
  };
  EXPECT_EQ(changed("allow", "plain").value().total, "6.00");  // 2 beyond the allowance, and 4
  EXPECT_EQ(changed("plain", "allow").value().total, "9.00");  // 5, and 4 beyond it: 6 less 2
  // What a plan has that the last one has not waits for it.
  const auto waits = [&](const char* plan, const char* to) {
    const NextState left = changed(plan, to).value().next_state;
    return std::pair(left.used_to_date, left.billed_to_date);
  };
  using ToDate = std::vector<UsageDocument::ToDate>;
  EXPECT_EQ(waits("allow", "plain"),
            std::pair(ToDate{to_date("calls", "17")}, ToDate{to_date("quarterly", "46.00")}));
  EXPECT_EQ(waits("plain", "bare"),
            std::pair(ToDate{to_date("calls", "12")}, ToDate{to_date("quarterly", "40.00")}));
  asked.period = Period{*parse_date("2026-09-01"), *parse_date("2026-10-01")};
  asked.usage.clear();
  asked.plan = "plain";
  asked.plan_changes.clear();
  EXPECT_EQ(quote(set, asked)->next_state.used_to_date, ToDate{to_date("calls", "12")});
  EXPECT_EQ(quote(set, asked)->next_state.billed_to_date, ToDate{}) << "its quarter is over";
  asked.used_to_date = {to_date("called", "12")};
  asked.billed_to_date = {to_date("monthly", "40.00")};
  EXPECT_EQ(faults(set, asked),
            (Texts{"/state/used_to_date/called: card `c` has no allowance of `called` that is for "
                   "more than a period",
                   "/state/billed_to_date/monthly: card `c` has no commitment `monthly`"}));
}

/// An allowance is one for the meter, so that of another charge counts toward the same: whether the
/// plan changes inside a bill or between two.
TEST(CarriedState, CountsTheMeterForAllowancesOfChargesOfOtherNames) {
  const CardSet set = testing::card_set({R"(toll 1
unit call, calls
meter calls counts call

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  plan a "A"
    charge calls
      included 100 calls per year
      at 1.00 USD per call
  plan y "Y"
    charge more on calls
      included 60 calls per year
      at 5.00 USD per call
  plan x "X"
    charge extra on calls
      at 3.00 USD per call
)"});
  UsageDocument asked = march(40, 30);
  asked.used_to_date = {to_date("calls", "7")};
  const auto used_after = [&](const char* plan, const char* to) {
    asked.plan = plan;
    asked.plan_changes = {{*parse_date("2026-03-16"), to}};
    return quote(set, asked).value().next_state.used_to_date;
  };
  using ToDate = std::vector<UsageDocument::ToDate>;
  EXPECT_EQ(used_after("a", "y"), ToDate{to_date("calls", "77")});
  EXPECT_EQ(used_after("y", "a"), ToDate{to_date("calls", "77")});
  EXPECT_EQ(used_after("x", "a"), ToDate{to_date("calls", "37")}) << "no allowance is of `x`";
  EXPECT_EQ(used_after("a", "x"), ToDate{to_date("calls", "47")});
}

}  // namespace
}  // namespace toll::runtime
