#include "runtime/examples.h"

#include <gtest/gtest.h>

#include "base/money.h"
#include "runtime/example_document.h"
#include "runtime/quote.h"
#include "tests/support/live.h"

namespace toll::runtime {
namespace {

/// Runs the only example or invoice of a card with a fee of 5.00, a price of 0.10 and a bill
/// minimum.
ExampleResult run(const std::string& example, const std::string& invoice = "") {
  const CardSet cards =
      testing::card_set({"toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n  from "
                         "2026-01-01\n  currency USD\n"
                         "  period month\n  round each line half-up\n\n  fee base at 5.00 USD per "
                         "month, prorated by day\n"
                         "  charge calls\n    at 0.10 USD per call\n\n  bill minimum 6.00 USD\n\n" +
                         example + invoice});
  const auto& revision = cards.versions("c")->front();
  return run_example(revision, revision->card().examples.at(0));
}

TEST(Examples, Pass) {
  const ExampleResult result =
      run("  example \"e\" in 2026-03\n    use calls 20 calls\n    expect calls 2.00 USD\n    "
          "expect total 7.00 USD\n");
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(result.total, 700);
  EXPECT_EQ(result.title, "e");
}

TEST(Examples, FailWithWhatWasExpectedAndGot) {
  const ExampleResult result =
      run("  example \"e\" in 2026-03\n    use calls 20 calls\n    expect calls 2.01 USD\n    "
          "expect total 7.00 USD\n");
  ASSERT_EQ(result.mismatches.size(), 1u);
  EXPECT_EQ(result.mismatches[0].path, "calls");
  EXPECT_EQ(result.mismatches[0].expected, Ratio(201));
  EXPECT_EQ(result.mismatches[0].got, Ratio(200));
  EXPECT_EQ(result.mismatches[0].source, "card0.toll:18");
}

TEST(Examples, ABillLineThatIsNotDueIsZero) {
  EXPECT_TRUE(
      run("  example \"e\" in 2026-03\n    use calls 20 calls\n    expect bill/minimum 0.00 USD\n")
          .passed());
  EXPECT_TRUE(run("  example \"e\" in 2026-03\n    expect bill/minimum 1.00 USD\n").passed());
}

/// The only example of a card with two plans, of which the first charges less and the second has a
/// fee and a charge of its own.
ExampleResult run_over_plans(const std::string& lines) {
  const CardSet cards = testing::card_set(
      {"toll 1\nunit call, calls\nunit seat, seats\nmeter calls counts call\nmeter seats counts "
       "seat\ncard c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n\n  plan starter\n    charge calls\n      included 50 calls\n      at 1.00 USD "
       "per "
       "call\n\n  plan pro\n    fee base at 31.00 USD per month, prorated by day\n    charge "
       "calls\n  "
       "    included 100 calls\n      at 0.50 USD per call\n    charge seats\n      at 2.00 USD "
       "per "
       "seat\n    bill discount 10%\n\n  example \"e\" in 2026-03\n    on plan starter\n    on "
       "plan "
       "pro from 2026-03-16\n" +
       lines});
  const CardSet::Revisions offers = cards.revisions();
  for (const auto& offer : offers)
    for (const dsl::Example& example : offer->card().examples)
      return run_example(offer, example, offers);
  ADD_FAILURE() << "no example";
  return {};
}

TEST(Examples, MayChangeThePlan) {
  // 30 calls above 50, then 20 above 100, each by its plan; 16 days of the fee.
  const std::string used =
      "    use calls 80 calls until 2026-03-16\n    use calls 40 calls from 2026-03-16\n    use "
      "seats 3 seats from 2026-03-20 until 2026-03-21\n";
  const ExampleResult result =
      run_over_plans(used +
                     "    expect base 16.00 USD\n    expect calls 40.00 USD\n    expect seats 6.00 "
                     "USD\n    expect bill/discount 6.20 USD\n    expect total 55.80 USD\n");
  EXPECT_TRUE(result.passed()) << result.fault;
  EXPECT_EQ(result.total, 5580);
  const ExampleResult wrong = run_over_plans(used + "    expect calls 40.01 USD\n");
  ASSERT_EQ(wrong.mismatches.size(), 1u);
  EXPECT_EQ(wrong.mismatches[0].got, Ratio(4000));
  EXPECT_TRUE(run_over_plans(used).expects_nothing);
}

TEST(Examples, CannotBeRatedWhereUsageOfTheirPlansIsTooMuch) {
  const ExampleResult result = run_over_plans(
      "    use calls 999,999,999,999,999,999 calls until 2026-03-16\n    use calls 1 call from "
      "2026-03-16\n    expect total 0.00 USD\n");
  EXPECT_FALSE(result.passed());
  EXPECT_EQ(result.fault, "the quantities of a meter add up to 10^18 or more");
}

TEST(Examples, WhichChangeThePlanExpectWhatPoolsHaveLeft) {
  const std::string pooled =
      "    charge calls\n      at 1 credit per call\n    pool flex in credit, credits\n"
      "      grant 100 credits every month\n      beyond at 0.10 USD per credit\n";
  const CardSet cards = testing::card_set(
      {"toll 1\nunit call, calls\nunit credit, credits\nmeter calls counts call\ncard c \"C\"\n"
       "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
       "  plan first\n" +
       pooled + "  plan second\n" + pooled +
       "\n  example \"e\" in 2026-03\n    on plan first\n    on plan second from 2026-03-16\n"
       "    granted 20 credits\n    use calls 30 calls until 2026-03-16\n"
       "    use calls 40 calls from 2026-03-16\n    expect calls 70 credits\n"
       "    expect flex/beyond 0.00 USD\n    expect flex 50 credits left\n"});
  const CardSet::Revisions offers = cards.revisions();
  const ExampleResult result =
      run_example(offers.front(), offers.front()->card().examples.front(), offers);
  EXPECT_TRUE(result.passed()) << result.fault;
}

/// A minimum for each day that was used shows which days those are.
TEST(Examples, GiveDaysFromTheFirstOfTheLineOn) {
  const auto result = [](const std::string& lines) {
    const CardSet cards = testing::card_set(
        {"toll 1\nmeter gpus sums GPU-hour\ncard c \"C\"\n"
         "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n"
         "  charge gpus each day\n    at 1.00 USD per GPU-hour\n    minimum 3.00 USD each\n"
         "  example \"e\" in 2026-03\n" +
         lines});
    const auto& revision = cards.versions("c")->front();
    const dsl::Example& example = revision->card().examples.at(0);
    EXPECT_EQ(quote(cards, *document_of(revision->card(), example)).value().total,
              format_minor(run_example(revision, example).total, *find_currency("USD")));
    return run_example(revision, example);
  };
  EXPECT_TRUE(result("    use gpus 1 GPU-hour from 2026-03-02 until 2026-03-03\n"
                     "    use gpus 1 GPU-hour, 4 GPU-hours from 2026-03-10\n"
                     "    expect total 10.00 USD\n")
                  .passed());
  EXPECT_TRUE(result("    use gpus 1 GPU-hour until 2026-03-11\n    use gpus 1 GPU-hour\n"
                     "    expect total 3.00 USD\n")
                  .passed());
}

TEST(Examples, SayWhichGrantCannotBeCounted) {
  const CardSet cards = testing::card_set(
      {"toll 1\nunit call, calls\nunit credit, credits\nmeter calls counts call\ncard c \"C\"\n"
       "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n"
       "  charge calls\n    at 1 credit per call\n"
       "  pool flex in credit, credits\n    beyond at 0.10 USD per credit\n"
       "  example \"e\" in 2026-03\n    granted 1/3 credits\n"
       "    granted 1/1000000000000000003 credits\n    use calls 1 call\n"
       "    expect total 0.07 USD\n"});
  const auto& revision = cards.versions("c")->front();
  EXPECT_EQ(run_example(revision, revision->card().examples.at(0)).fault,
            "`1/1000000000000000003` is in parts of a credit that cannot be counted exactly "
            "together with those of the card's prices and of the grants before it");
}

TEST(Examples, ACommitmentEndsWithAYearOfTheSubscription) {
  const auto result = [](const std::string& lines) {
    const CardSet cards = testing::card_set(
        {"toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n  from 2025-01-01\n"
         "  currency USD\n  period month\n  round each line half-up\n  charge calls\n"
         "    at 0.10 USD per call\n  commit deal 100.00 USD per year\n    true up every year\n\n" +
         lines});
    const auto& revision = cards.versions("c")->front();
    return run_example(revision, revision->card().examples.at(0));
  };
  const std::string state =
      "    billed 60.00 USD to date\n    use calls 100 calls\n    expect deal ";
  const std::string customer = "    for customer acme since 2025-03-15\n";
  // The year that ends with the 14th of March, and no calendar year.
  EXPECT_TRUE(result("  example \"e\" in 2026-03\n" + customer + state + "30.00 USD\n").passed());
  EXPECT_TRUE(result("  example \"e\" in 2025-12\n" + customer + state + "0.00 USD\n").passed());
  EXPECT_TRUE(result("  example \"e\" in 2025-12\n" + state + "30.00 USD\n").passed());
  EXPECT_TRUE(result("  example \"e\" in 2026-03\n" + state + "0.00 USD\n").passed());
}

TEST(Examples, AFeeForATermIsDueWhereItBegins) {
  const auto total = [](const std::string& example) {
    const CardSet cards = testing::card_set(
        {"toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n  from 2025-01-01\n"
         "  currency USD\n  period month\n  round each line half-up\n"
         "  fee setup at 250.00 USD once\n  fee platform at 1,200.00 USD per year, not prorated\n"
         "  charge calls\n    at 0.10 USD per call\n" +
         example});
    const auto& revision = cards.versions("c")->front();
    return run_example(revision, revision->card().examples.at(0)).total;
  };
  EXPECT_EQ(total("  example \"a new customer\" in 2026-03\n    expect setup 250.00 USD\n"), 25000);
  EXPECT_EQ(total("  example \"a new year\" in 2026-01\n    expect platform 1,200.00 USD\n"),
            145000);
  EXPECT_EQ(total("  example \"the first\" in 2026-03\n    for customer acme since 2026-03-15\n"
                  "    expect platform 1,200.00 USD\n"),
            145000);
  EXPECT_EQ(total("  example \"a year later\" in 2026-03\n    for customer acme since 2025-03-15\n"
                  "    expect setup 0.00 USD\n"),
            120000);
  EXPECT_EQ(total("  example \"in between\" in 2026-03\n    for customer acme since 2025-04-01\n"
                  "    expect platform 0.00 USD\n"),
            0);
}

TEST(Examples, PartOfAMonth) {
  EXPECT_TRUE(run("  example \"e\" in 2026-03 from 2026-03-30\n    use calls 100 calls\n    expect "
                  "base 0.32 USD\n")
                  .passed());
}

TEST(Invoices, MustNameEveryLine) {
  const ExampleResult result =
      run("", "invoice \"i\" for c in 2026-03\n  use calls 20 calls\n  expect calls 2.00 USD\n");
  std::vector<std::string> missing;
  for (const Mismatch& mismatch : result.mismatches) {
    EXPECT_FALSE(mismatch.expected.has_value());
    missing.push_back(mismatch.path);
  }
  EXPECT_EQ(missing, (std::vector<std::string>{"base", "total"}));
}

}  // namespace
}  // namespace toll::runtime
