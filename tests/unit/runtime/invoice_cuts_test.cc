// Golden invoices of a period in which another version, or a deal, begins or ends, worked out by
// hand and beside the quote of a usage document with the same period.
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/example_document.h"
#include "runtime/examples.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime::invoice_cuts {
namespace {

const std::string kDeclarations =
    "toll 1\nunit call, calls\nunit seat, seats\nmeter calls counts call\nmeter seats peaks seat\n";
const std::string kHeader =
    "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
    "  round each line half-up\n";
const std::string kFirst =
    kDeclarations + kHeader +
    "  fee base at 31.00 USD per month, prorated by day\n"
    "  charge calls\n    tiers graduated\n    up to 100 calls at 1.00 USD per call\n"
    "    beyond at 0.50 USD per call\n";
const std::string kDearer =
    "  change fee base at 62.00 USD per month, was 31.00 USD per month\n"
    "  change charge calls\n    up to 100 calls at 2.00 USD per call, was 1.00 USD per call\n"
    "    beyond at 1.00 USD per call, was 0.50 USD per call\n";
const std::string kUsed =
    "  use calls 80 calls until 2026-03-16\n  use calls 40 calls from 2026-03-16\n";

std::string second(const std::string& applies = "  applies to everyone\n") {
  return "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n" + applies +
         kDearer;
}

std::string deal(const std::string& days) {
  return "toll 1\ncard c_acme \"Deal\" extends c\n  for customer acme\n  " + days + "\n" + kDearer;
}

std::string invoice(const std::string& lines, const std::string& span = "in 2026-03") {
  return "toll 1\ninvoice \"i\" for c " + span + "\n" + lines;
}

/// The only invoice of a set, run with all that there is; and held against the quote of its usage.
ExampleResult run(const CardSet& cards, Texts* bill_of_document = nullptr) {
  const CardSet::Revisions all = cards.revisions();
  for (const auto& revision : all)
    for (const dsl::Example& example : revision->card().examples) {
      const auto document = document_of(revision->card(), example, all);
      if (document && bill_of_document) *bill_of_document = bill(cards, *document);
      const ExampleResult result = run_example(revision, example, all);
      if (document && result.fault.empty()) {
        EXPECT_EQ(quote_total(cards, *document).value(), result.total);
      }
      return result;
    }
  ADD_FAILURE() << "no invoice";
  return {};
}

std::string expects(const std::string& base, const std::string& calls, const std::string& total) {
  return "  expect base " + base + " USD\n  expect calls " + calls + " USD\n  expect total " +
         total + " USD\n";
}

TEST(InvoiceCuts, AVersionThatBeginsInThePeriodBillsItsDays) {
  // 31.00 x 15/31 + 62.00 x 16/31; 80 x 1.00, then 20 x 2.00 + 20 x 1.00.
  const CardSet cards =
      testing::card_set({kFirst, second(), invoice(kUsed + expects("47.00", "140.00", "187.00"))});
  Texts quoted;
  const ExampleResult result = run(cards, &quoted);
  EXPECT_TRUE(result.passed()) << result.fault;
  EXPECT_EQ(quoted, bill(cards, march(80, 40)));
  EXPECT_EQ(quoted, (Texts{"base 47.00", "calls 140.00", "total 187.00"}));
  // It is one of the version that begins its days, and covers all of them.
  const auto& owner = cards.versions("c")->front()->card();
  ASSERT_EQ(owner.examples.size(), 1u);
  EXPECT_EQ(to_string(owner.examples.front().period.until), "2026-04-01");
}

TEST(InvoiceCuts, TakeUsageThatThePlanOfItsDaysDoesNotPrice) {
  const auto card = [](const std::string& before) {
    return "toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n"
           "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n"
           "  plan free\n    fee base at 1.00 USD per month, not prorated\n  plan paid\n"
           "    fee base at 1.00 USD per month, not prorated\n"
           "    charge calls\n      at 1.00 USD per call\n"
           "invoice \"i\" for c in 2026-03\n  on plan " +
           before + "  expect base 1.00 USD\n  expect calls 40.00 USD\n  expect total 41.00 USD\n";
  };
  for (const char* lines :
       {"free\n  on plan paid from 2026-03-16\n  use calls 80 calls until 2026-03-16\n"
        "  use calls 40 calls from 2026-03-16\n",
        "paid\n  on plan free from 2026-03-16\n  use calls 40 calls until 2026-03-16\n"
        "  use calls 80 calls from 2026-03-16\n"}) {
    const ExampleResult result = run(testing::card_set({card(lines)}));
    EXPECT_TRUE(result.passed()) << result.fault;
  }
}

TEST(InvoiceCuts, GiveDaysFromTheFirstOfTheLineOn) {
  const auto card = [](const std::string& lines) {
    return "toll 1\nmeter gpus sums GPU-hour\ncard c \"C\"\n"
           "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n"
           "  charge gpus each day\n    at 1.00 USD per GPU-hour\n    minimum 3.00 USD each\n" +
           lines;
  };
  const std::string later =
      "card c extends previous\n  from 2026-03-11\n  switch at once\n  applies to everyone\n"
      "  change charge gpus\n    at 2.00 USD per GPU-hour, was 1.00 USD per GPU-hour\n";
  // Two days at 1.00 and two at 2.00, and never less than 3.00; a line without days goes over the
  // cut.
  const ExampleResult apart = run(testing::card_set(
      {card(later), invoice("  use gpus 1 GPU-hour, 1 GPU-hour until 2026-03-11\n"
                            "  use gpus 1 GPU-hour, 1 GPU-hour from 2026-03-11\n"
                            "  expect gpus 12.00 USD\n  expect total 12.00 USD\n")}));
  EXPECT_TRUE(apart.passed()) << apart.fault;
  const ExampleResult over = run(testing::card_set(
      {card(later), invoice("  use gpus 12 times 4 GPU-hours\n  expect gpus 56.00 USD\n"
                            "  expect total 56.00 USD\n")}));
  EXPECT_TRUE(over.passed()) << over.fault;
}

TEST(InvoiceCuts, SayWhatDiffersLineByLine) {
  const ExampleResult result = run(testing::card_set(
      {kFirst, second(),
       invoice(kUsed + "  expect calls 80.00 USD\n  expect total 187.00 USD\n")}));
  ASSERT_EQ(result.mismatches.size(), 2u);
  EXPECT_EQ(result.mismatches[0].path, "calls");
  EXPECT_EQ(result.mismatches[0].got, Ratio(14000));
  EXPECT_EQ(result.mismatches[1].path, "base");
  EXPECT_FALSE(result.mismatches[1].expected);
}

TEST(InvoiceCuts, WhoKeepsAVersionHasTheWholePeriodByIt) {
  const std::string applies = "  applies to new customers\n";
  // 80 x 1.00 + 20 x 1.00 + 20 x 0.50 by the first version alone.
  EXPECT_TRUE(run(testing::card_set({kFirst, second(applies),
                                     invoice("  for customer acme since 2026-01-01\n"
                                             "  use calls 120 calls\n" +
                                             expects("31.00", "110.00", "141.00"))}))
                  .passed());
  // Existing ones get it on a day of their own: 19 and 12 days; 80 x 1.00, then as above.
  const ExampleResult later = run(testing::card_set(
      {kFirst, second(applies + "  applies to existing customers from 2026-03-20\n"),
       invoice("  for customer acme since 2026-01-01\n  use calls 80 calls until 2026-03-20\n"
               "  use calls 40 calls from 2026-03-20\n" +
               expects("43.00", "140.00", "183.00"))}));
  EXPECT_TRUE(later.passed()) << later.fault;
}

TEST(InvoiceCuts, ADealThatBeginsInThePeriodBillsItsDays) {
  const CardSet cards = testing::card_set(
      {kFirst, deal("from 2026-03-16"),
       invoice("  for customer acme\n" + kUsed + expects("47.00", "140.00", "187.00"))});
  Texts quoted;
  const ExampleResult result = run(cards, &quoted);
  EXPECT_TRUE(result.passed()) << result.fault;
  UsageDocument document = march(80, 40);
  document.customer = "acme";
  EXPECT_EQ(quoted, bill(cards, document));
  EXPECT_EQ(cards.versions("c")->front()->card().examples.size(), 1u);
}

TEST(InvoiceCuts, ADealThatEndsInThePeriodBillsItsDays) {
  // 62.00 x 15/31 + 31.00 x 16/31; 80 x 2.00, then 20 x 1.00 + 20 x 0.50.
  const CardSet cards = testing::card_set(
      {kFirst, deal("from 2026-02-01 until 2026-03-16"),
       invoice("  for customer acme\n" + kUsed + expects("46.00", "190.00", "236.00"))});
  Texts quoted;
  const ExampleResult result = run(cards, &quoted);
  EXPECT_TRUE(result.passed()) << result.fault;
  UsageDocument document = march(80, 40);
  document.customer = "acme";
  EXPECT_EQ(quoted, bill(cards, document));
  EXPECT_EQ(cards.versions("c_acme")->front()->card().examples.size(), 1u);
}

TEST(InvoiceCuts, ADealInsideThePeriodLiesBetweenDaysOfTheCard) {
  // 9, 10 and 12 days: 9.00 + 20.00 + 12.00. 50 x 1.00; 50 x 2.00 + 10 x 1.00; 20 x 0.50.
  const ExampleResult result =
      run(testing::card_set({kFirst, deal("from 2026-03-10 until 2026-03-20"),
                             invoice("  for customer acme\n  use calls 50 calls until 2026-03-10\n"
                                     "  use calls 60 calls from 2026-03-10 until 2026-03-20\n"
                                     "  use calls 20 calls from 2026-03-20\n" +
                                     expects("41.00", "170.00", "211.00"))}));
  EXPECT_TRUE(result.passed()) << result.fault;
}

const std::string kPlans =
    kDeclarations + kHeader +
    "  plan starter\n    charge calls\n      at 1.00 USD per call\n"
    "  plan pro\n    fee base at 31.00 USD per month, prorated by day\n    charge calls\n"
    "      at 0.50 USD per call\n";
const std::string kPlansLater =
    "toll 1\ncard c extends previous\n  from 2026-03-16\n  switch at once\n"
    "  applies to everyone\n"
    "  plan starter\n    change charge calls\n      at 2.00 USD per call, was 1.00 USD per call\n"
    "  plan pro\n    change charge calls\n      at 0.80 USD per call, was 0.50 USD per call\n";

TEST(InvoiceCuts, ChangesOfPlanAndVersionsCutTogether) {
  // starter to the 16th, its new text to the 21st, then pro: 10.00 + 10 x 2.00 + 10 x 0.80, and 11
  // days of the fee.
  const CardSet cards =
      testing::card_set({kPlans, kPlansLater,
                         invoice("  on plan starter\n  on plan pro from 2026-03-21\n"
                                 "  use calls 10 calls until 2026-03-16\n"
                                 "  use calls 10 calls from 2026-03-16 until 2026-03-21\n"
                                 "  use calls 10 calls from 2026-03-21\n" +
                                 expects("11.00", "38.00", "49.00"))});
  const ExampleResult result = run(cards);
  EXPECT_TRUE(result.passed()) << result.fault;
  // On the day on which the version begins; and before it.
  EXPECT_TRUE(run(testing::card_set({kPlans, kPlansLater,
                                     invoice("  on plan starter\n  on plan pro from 2026-03-16\n" +
                                             kUsed + expects("16.00", "112.00", "128.00"))}))
                  .passed());
  EXPECT_TRUE(run(testing::card_set({kPlans, kPlansLater,
                                     invoice("  on plan starter\n  on plan pro from 2026-03-11\n"
                                             "  use calls 10 calls until 2026-03-11\n"
                                             "  use calls 10 calls from 2026-03-11 until "
                                             "2026-03-16\n  use calls 10 calls from 2026-03-16\n" +
                                             expects("21.00", "23.00", "44.00"))}))
                  .passed());
}

TEST(InvoiceCuts, AreAFaultWhereAVersionIsMissing) {
  const CardSet cards =
      testing::card_set({kFirst, second(), invoice(kUsed + expects("47.00", "140.00", "187.00"))});
  const auto& first = cards.versions("c")->front();
  const ExampleResult result =
      run_example(first, first->card().examples.front(), cards.offers(*first));
  EXPECT_EQ(result.fault, "a version that bills some of its days is in error");
}

TEST(InvoiceCuts, SayWhyVersionsCannotShareABill) {
  const std::string credits = "unit credit, credits\n";
  const std::string pool =
      "  pool flex in credit, credits\n    grant 100 credits every month\n"
      "    beyond at 1.00 USD per credit\n";
  const ExampleResult result = run(testing::card_set(
      {kDeclarations + credits + kHeader + "  charge calls\n    at 1.00 USD per call\n" +
           "card c \"C\"\n  from 2026-03-16\n  currency USD\n  period month\n  switch at once\n"
           "  round each line half-up\n  charge calls\n    at 1 credit per call\n" +
           pool,
       invoice(kUsed + "  expect total 0.00 USD\n")}));
  EXPECT_TRUE(result.fault.contains("price `calls` in different units")) << result.fault;
}

/// A plan that prices the sum of payments, and from the 16th on one that prices each.
CardSet payments(const std::string& lines, const std::string& each = "item",
                 const std::string& meter = "lists") {
  return testing::card_set(
      {"toll 1\nunit payment, payments\nmeter payments " + meter + " payment\n" + kHeader +
           "  plan one\n    charge payments\n      at 1.00 USD per payment\n"
           "  plan two\n    charge payments each " +
           each + "\n      included 2 " + (each == "item" ? "payments" : "days") +
           " shared\n      at 2.00 USD per payment\n",
       invoice("  on plan one\n  on plan two from 2026-03-16\n" + lines)});
}

TEST(InvoiceCuts, APlanThatCountsItemsKnowsThoseOfThePlanBefore) {
  // 1.00, and of the two that are free one is left: 4.00 for 1 and 2 payments.
  Texts billed;
  const ExampleResult result =
      run(payments("  use payments 1 times 1 payment until 2026-03-16\n"
                   "  use payments 1 payment, 2 payments from 2026-03-16\n"
                   "  expect payments 5.00 USD\n  expect total 5.00 USD\n"),
          &billed);
  EXPECT_EQ(result.fault, "");
  EXPECT_TRUE(result.mismatches.empty());
  EXPECT_EQ(billed, (Texts{"payments 5.00", "total 5.00"}));
}

TEST(InvoiceCuts, APlanThatCountsDaysKnowsThoseOfThePlanBefore) {
  // 1 and 2 on two days that are free; then 3 at 2.00.
  Texts billed;
  const ExampleResult result =
      run(payments("  use payments 1 payment, 2 payments from 2026-03-14 until 2026-03-16\n"
                   "  use payments 3 payments from 2026-03-16\n"
                   "  expect payments 9.00 USD\n  expect total 9.00 USD\n",
                   "day", "sums"),
          &billed);
  EXPECT_EQ(result.fault, "");
  EXPECT_EQ(billed, (Texts{"payments 9.00", "total 9.00"}));
}

/// The faults and mismatches of an invoice of two plans, the second from the 16th on; none where it
/// is right.
Texts wrong(const std::string& one, const std::string& two, const std::string& lines) {
  const CardSet set =
      testing::card_set({"toll 1\nunit call, calls\nunit credit, credits\ndimension kind is x, y\n"
                         "meter calls counts call\nmeter rows counts call by kind\n" +
                             kHeader + "  plan one\n" + one + "  plan two\n" + two,
                         invoice("  on plan one\n  on plan two from 2026-03-16\n" + lines)});
  const ExampleResult result = run(set);
  Texts texts;
  if (!result.fault.empty()) texts.push_back(result.fault);
  for (const Mismatch& mismatch : result.mismatches) texts.push_back(mismatch.path);
  return texts;
}

TEST(InvoiceCuts, LinesOfAnEarlierPlanAreExpected) {
  const std::string calls = "    charge calls\n      at 1.00 USD per call\n";
  // 15 days of 31.00, less the 1.00; and of these 10%.
  EXPECT_EQ(wrong(calls + "    bill minimum 31.00 USD prorated by day\n",
                  calls + "    bill discount 10%\n",
                  "  use calls 1 call until 2026-03-16\n  expect calls 1.00 USD\n"
                  "  expect bill/minimum 14.00 USD\n  expect bill/discount 1.50 USD\n"
                  "  expect total 13.50 USD\n"),
            Texts{});
  const std::string rows = "    charge rows by kind\n      any at 1.00 USD per call\n";
  EXPECT_EQ(wrong(rows + "      minimum 31.00 USD prorated by day shared\n", rows,
                  "  use rows x: 1 call until 2026-03-16\n  expect rows/x 1.00 USD\n"
                  "  expect rows/minimum 14.00 USD\n  expect total 15.00 USD\n"),
            Texts{});
}

TEST(InvoiceCuts, APoolThatWaitsHasSomethingLeft) {
  const std::string in_credits =
      "    charge calls\n      at 1 credit per call\n"
      "    pool flex in credit, credits\n"
      "      beyond at 1.00 USD per credit\n";
  const auto left = [&](const std::string& credits) {
    return wrong(in_credits, "    charge rows by kind\n      any at 1.00 USD per call\n",
                 "  granted 100 credits\n  use calls 30 calls until 2026-03-16\n"
                 "  expect calls 30 credits\n  expect flex " +
                     credits + " credits left\n  expect total 0.00 USD\n");
  };
  EXPECT_EQ(left("70"), Texts{});
  EXPECT_EQ(left("71"), Texts{"flex"});
}

}  // namespace
}  // namespace toll::runtime::invoice_cuts
