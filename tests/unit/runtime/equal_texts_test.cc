// A cut inside a period between two plans, or versions, that say the same changes nothing.
#include <gtest/gtest.h>

#include <array>

#include "runtime/quote.h"
#include "tests/support/live.h"

namespace toll::runtime {
namespace {

const std::string kDeclarations =
    "toll 1\nunit call, calls\ndimension kind is a, b, c\nmeter calls counts call by kind\n";

std::string header(const std::string& from, const std::string& round) {
  return "card c \"C\"\n  from " + from + "\n  currency USD\n  period month\n  round each " +
         round + "\n";
}

/// March, with this usage.
UsageDocument march(std::vector<UsageEntry> usage) {
  UsageDocument document;
  document.card = "c";
  document.period = Period{*parse_date("2026-03-01"), *parse_date("2026-04-01")};
  document.usage = std::move(usage);
  return document;
}

UsageEntry used(const char* kind, int64_t quantity, const char* from, const char* until) {
  return {.meter = "calls",
          .at = {{"kind", kind}},
          .quantity = {quantity, 0},
          .from = parse_date(from),
          .until = parse_date(until)};
}

using Texts = std::vector<std::string>;

Texts lines(const std::vector<AnswerLine>& lines) {
  Texts texts;
  for (const AnswerLine& line : lines) texts.push_back(line.path + " " + line.amount);
  return texts;
}

Texts bill(const CardSet& cards, const UsageDocument& document) {
  const auto answer = quote(cards, document);
  if (!answer) return {answer.error().faults.front().message};
  Texts texts = lines(answer->lines);
  texts.push_back("total " + answer->total);
  return texts;
}

/// March in one of two plans of the same text, with a change to the other one inside and without.
std::array<Texts, 2> cut_and_whole(const std::string& round, const std::string& items,
                                   std::vector<UsageEntry> usage, const char* day) {
  const CardSet set = testing::card_set({kDeclarations + header("2026-01-01", round) +
                                         "  plan one\n" + items + "  plan two\n" + items});
  UsageDocument asked = march(std::move(usage));
  asked.plan = "one";
  const Texts whole = bill(set, asked);
  asked.plan_changes = {{*parse_date(day), "two"}};
  return {bill(set, asked), whole};
}

std::array<Texts, 2> both(const Texts& texts) { return {texts, texts}; }

TEST(CutBetweenEqualTexts, LeavesASharedDiscountBelowAMinimumOfRows) {
  const std::string rows =
      "    charge c on calls by kind\n      any at 0.01 USD per call\n"
      "      minimum 20.00 USD in each row\n      discount 5.00 USD shared\n";
  EXPECT_EQ(cut_and_whole("line half-up", rows,
                          {used("a", 100, "2026-03-01", "2026-03-16"),
                           used("a", 100, "2026-03-16", "2026-04-01")},
                          "2026-03-16"),
            both({"c/a 20.00", "c/discount -5.00", "total 15.00"}));
}

TEST(CutBetweenEqualTexts, LeavesTheLinesBelowASharedMinimum) {
  const std::string rows =
      "    charge c on calls by kind\n      any at 0.01 USD per call\n"
      "      surcharge 1.00 USD shared\n      minimum 25.00 USD shared\n"
      "      discount 45.00 USD shared\n      surcharge 30.00 USD shared\n"
      "      maximum 26.00 USD shared\n";
  const std::vector<UsageEntry> entries = {used("a", 100, "2026-03-01", "2026-03-16"),
                                           used("b", 100, "2026-03-16", "2026-04-01")};
  for (const char* round : {"line half-up", "tier up", "item down", "bill half-even"})
    EXPECT_EQ(cut_and_whole(round, rows, entries, "2026-03-16"),
              both({"c/a 1.00", "c/b 1.00", "c/surcharge 1.00", "c/minimum 22.00",
                    "c/discount -25.00", "c/surcharge 30.00", "c/maximum -4.00", "total 26.00"}))
        << round;
}

TEST(CutBetweenEqualTexts, LeavesAProratedMinimumOfARowThatOnePartUsed) {
  const std::string rows =
      "    charge c on calls by kind\n      any at 0.01 USD per call\n"
      "      minimum 31.00 USD prorated by day in each row\n";
  EXPECT_EQ(cut_and_whole("line half-up", rows,
                          {used("a", 100, "2026-03-01", "2026-03-31"),
                           used("b", 100, "2026-03-31", "2026-04-01")},
                          "2026-03-31"),
            both({"c/a 31.00", "c/b 31.00", "total 62.00"}));
}

TEST(CutBetweenEqualTexts, LeavesASharedDiscountOfRoundedRows) {
  const std::string rows =
      "    charge c on calls by kind\n      any at 0.008 USD per call\n"
      "      discount 5.00 USD shared\n";
  EXPECT_EQ(
      cut_and_whole(
          "line half-up", rows,
          {used("a", 1, "2026-03-01", "2026-03-16"), used("a", 1, "2026-03-16", "2026-04-01"),
           used("b", 2, "2026-03-16", "2026-04-01"), used("c", 2, "2026-03-16", "2026-04-01")},
          "2026-03-16"),
      both({"c/a 0.02", "c/b 0.02", "c/c 0.02", "c/discount -0.06", "total 0.00"}));
}

TEST(CutBetweenEqualTexts, RoundsAProratedFeeOnce) {
  const std::string items =
      "    fee f at 2.56 USD per month, prorated by day\n"
      "    charge c on calls by kind\n      any at 0.006 USD per call\n";
  const std::vector<UsageEntry> entries = {used("a", 1, "2026-03-01", "2026-03-16"),
                                           used("a", 1, "2026-03-16", "2026-04-01")};
  for (const char* round : {"line down", "tier down", "item down", "bill down"})
    EXPECT_EQ(cut_and_whole(round, items, entries, "2026-03-16"),
              both({"f 2.56", "c/a 0.01", "total 2.57"}))
        << round;
}

TEST(CutBetweenTexts, GiveASharedDiscountBelowAMinimumToTheLastVersion) {
  const CardSet set = testing::card_set(
      {kDeclarations + header("2026-01-01", "line half-up") +
           "  charge c on calls by kind\n    any at 0.01 USD per call\n"
           "    minimum 20.00 USD in each row\n    discount 5.00 USD shared\n",
       kDeclarations + "card c \"C\"\n  from 2026-03-16\n  switch at once\n  applies to everyone\n"
                       "  currency USD\n  period month\n  round each line half-up\n"
                       "  charge c on calls by kind\n    any at 0.01 USD per call\n"
                       "    minimum 30.00 USD in each row\n    discount 7.00 USD shared\n"});
  UsageDocument asked = march(
      {used("a", 100, "2026-03-01", "2026-03-16"), used("b", 100, "2026-03-16", "2026-04-01")});
  EXPECT_EQ(bill(set, asked), (Texts{"c/a 30.00", "c/b 30.00", "c/discount -7.00", "total 53.00"}));
  const std::vector<Step> steps = explain(set, asked).value().lines.at(2).steps;
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].text, "discount 7.00 USD shared, on all of the period: 60 → 53");
  EXPECT_EQ(steps[0].amount, "-7");
  asked.final = false;  // no minimum is due yet
  const Answer open = quote(set, asked).value();
  EXPECT_EQ(lines(open.lines), (Texts{"c/a 1.00", "c/b 1.00", "c/discount -2.00"}));
  EXPECT_EQ(lines(open.due_at_close), (Texts{"c/a 29.00", "c/b 29.00", "c/discount -5.00"}));
}

}  // namespace
}  // namespace toll::runtime
