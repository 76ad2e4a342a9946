// Quotes for a card that is sold in plans and currencies.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime {
namespace {

const std::string kHead =
    "toll 1\nunit call, calls\nmeter calls counts call\n"
    "card c \"C\"\n  from 2026-01-01\n  currency USD, EUR\n  period month\n"
    "  round each line half-up\n\n";
const std::string kCommon = "  fee base at 10.00 USD or 9.00 EUR per month, not prorated\n";
const std::string kPlans =
    "  plan free \"Free\"\n  plan pro \"Pro\"\n    charge calls\n"
    "      at 0.01 USD or 0.009 EUR per call\n";

UsageDocument document(std::optional<std::string> plan, std::optional<std::string> currency = {}) {
  UsageDocument document;
  document.card = "c";
  document.on = parse_date("2026-03-15");
  document.plan = std::move(plan);
  document.currency = std::move(currency);
  return document;
}

std::string fault(const CardSet& cards, const UsageDocument& document) {
  const auto answer = quote(cards, document);
  if (answer) return "answered " + answer->total;
  return answer.error().faults.front().pointer + ": " + answer.error().faults.front().message;
}

TEST(Offers, APlanAndACurrencyPickTheCard) {
  const CardSet cards = testing::card_set({kHead + kCommon + kPlans});
  EXPECT_EQ(cards.versions("c")->size(), 1u);
  EXPECT_EQ(cards.revisions().size(), 6u);
  UsageDocument asked = document("pro", "EUR");
  asked.usage = {{.meter = "calls", .at = {}, .quantity = {1000, 0}, .from = {}, .until = {}}};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(answer.plan, "pro");
  EXPECT_EQ(answer.currency, "EUR");
  EXPECT_EQ(answer.total, "18.00");
  asked.currency.reset();
  EXPECT_EQ(quote(cards, asked)->total, "20.00");
  asked.hash = answer.hash;
  EXPECT_EQ(explain(cards, asked)->total, "20.00");
}

TEST(Offers, WithoutAPlanOnlyWhatIsCommonApplies) {
  const CardSet cards = testing::card_set({kHead + kCommon + kPlans});
  const Answer answer = quote(cards, document({})).value();
  EXPECT_EQ(answer.plan, std::nullopt);
  EXPECT_EQ(answer.total, "10.00");
  EXPECT_EQ(answer.warnings,
            std::vector<std::string>{"no `plan` is named, so only what is common to all plans of "
                                     "`c` is billed; its plans are `free`, `pro`"});
  EXPECT_EQ(quote(cards, document("free"))->warnings, std::vector<std::string>{});
  EXPECT_EQ(quote(testing::card_set({kHead + kCommon}), document({}))->warnings,
            std::vector<std::string>{});
}

TEST(Offers, WithoutAPlanLeaveOutPlansThatBillMore) {
  const CardSet cards = testing::card_set({kHead + kCommon + kPlans});
  const auto left_out = [&](std::optional<std::string> plan) {
    return plans_left_out(cards, **choose(cards, document(std::move(plan), "EUR")));
  };
  EXPECT_EQ(left_out({}), std::vector<std::string>{"pro"}) << "`free` bills nothing of its own";
  EXPECT_EQ(left_out("free"), std::vector<std::string>{});
}

TEST(Offers, WhatIsNotOfferedIsRefusedByName) {
  const CardSet in_plans = testing::card_set({kHead + kPlans});
  EXPECT_EQ(fault(in_plans, document({})),
            "/plan: card `c` is sold in plans only: name one of `free`, `pro`");
  EXPECT_EQ(
      fault(in_plans, document("pron")),
      "/plan: card `c` has no plan `pron` (did you mean `pro`?); its plans are `free`, `pro`");
  EXPECT_EQ(fault(in_plans, document("pro", "CHF")),
            "/currency: card `c` bills in USD or EUR, not in `CHF`");
  EXPECT_EQ(fault(testing::card_set({kHead + kCommon}), document("pro")),
            "/plan: card `c` has no plans, so there is no plan `pro`");
  UsageDocument asked = document("free");
  asked.usage = {{.meter = "calls", .at = {}, .quantity = {1, 0}, .from = {}, .until = {}}};
  EXPECT_EQ(
      fault(in_plans, asked),
      "/usage/0/meter: plan `free` of card `c` has no meter `calls`: usage costs nothing there");
}

/// Also where it is not known which plan has which days.
TEST(Offers, AMeterThatNoPlanHasIsToldWithWhatIsWrongWithThePlans) {
  const CardSet cards = testing::card_set({kHead + kPlans});
  UsageDocument asked = document("free");
  asked.on.reset();
  asked.period = Period{*parse_date("2026-03-01"), *parse_date("2026-04-01")};
  for (const char* const meter : {"calls", "cals"})
    asked.usage.push_back({.meter = meter, .at = {}, .quantity = {1, 0}, .from = {}, .until = {}});
  asked.plan_changes = {{*parse_date("2026-05-01"), "pro"}, {*parse_date("2026-06-01"), "free"}};
  const std::string outside =
      "a change of plan lies inside the period, after 2026-03-01 and before 2026-04-01";
  const std::string unknown =
      "/usage/1/meter: card `c` has no meter `cals` (did you mean `calls`?); its meters are "
      "`calls`";
  EXPECT_EQ(faults(cards, asked), (Texts{"/plan_changes/2026-05-01: " + outside,
                                         "/plan_changes/2026-06-01: " + outside, unknown}));
  asked.plan_changes = {{*parse_date("2026-03-05"), "pron"}};
  EXPECT_EQ(faults(cards, asked).back(), unknown);
  asked.plan_changes.clear();
  asked.plan = "pron";
  EXPECT_EQ(faults(cards, asked).back(), unknown);
}

TEST(Offers, AGuaranteeThatFailsInOnePlanKeepsTheCardOut) {
  const dsl::SourceFile file{"c.toll", kHead + "  guarantee bill at least 5 EUR\n" + kCommon +
                                           "  charge calls\n    at 0.01 USD or 0.01 EUR per call\n"
                                           "  plan cheap\n    bill discount 50%\n"};
  const CheckedFolder folder = check_folder({&file, 1});
  EXPECT_TRUE(folder.cards.empty());
  ASSERT_EQ(folder.diagnostics.size(), 1u);
  const dsl::Diagnostic& refuted = folder.diagnostics.back();
  EXPECT_EQ(refuted.code, "E606");
  EXPECT_EQ(refuted.notes.back().text, "in plan `cheap`, in EUR");
}

}  // namespace
}  // namespace toll::runtime
