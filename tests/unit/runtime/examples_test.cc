#include "runtime/examples.h"

#include <gtest/gtest.h>

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
