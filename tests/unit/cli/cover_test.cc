// `toll cover`.

#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class CoverCommand : public SampleFolder {
 protected:
  void SetUp() override {
    SampleFolder::SetUp();
    save("storage@2026-01-01.toll", R"(toll 1

dimension class is standard, cold
meter storage sums GiB by class

card storage
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge storage by class
    included 10 GiB in each row
    tiers graduated
    any      up to 100 GiB at 0.50 USD per GiB
    any      beyond        at 0.40 USD per GiB
    standard up to 50 GiB  at 1.00 USD per GiB
    standard up to 80 GiB  at 0.90 USD per GiB
    standard beyond        at 0.80 USD per GiB

  example "On the first bound" in 2026-01
    use storage standard: 60 GiB
    expect total 50.00 USD

  example "In the second tier" in 2026-01
    use storage standard: 61.5 GiB
    expect total 51.35 USD

  example "Free" in 2026-01
    use storage cold: 10 GiB
    expect total 0.00 USD
)");
    std::filesystem::remove(scratch_.path() / "units.toll");
    std::filesystem::remove(scratch_.path() / "api@2026-01-01.toll");
  }
};

TEST_F(CoverCommand, SaysHowManyExamplesAreNotCounted) {
  save("storage@2026-01-15.toll", R"(toll 1

card storage extends previous
  from 2026-01-15
  switch at once
  applies to everyone

invoice "Over the cut" for storage in 2026-01
  use storage standard: 60 GiB until 2026-01-15
  use storage cold: 20 GiB from 2026-01-15
  expect storage/standard 50.00 USD
  expect storage/cold 5.00 USD
  expect total 55.00 USD
)");
  const Outcome outcome = toll("cover " + folder());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with(
      "not counted: 1 example in which a plan, a version or a deal begins or ends\n"))
      << outcome.out;
}

TEST_F(CoverCommand, SaysWhatNoExampleReachesAndWhy) {
  const Outcome outcome = toll("cover " + folder());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(named(outcome.out),
            R"(FOLDER/storage@2026-01-01.toll   2 of 5 price lines, 1 of 3 bounds
   15  any up to 100 GiB at 0.50 USD per GiB       never reached (largest example: 10 GiB)
   16  any beyond at 0.40 USD per GiB              never reached (largest example: 10 GiB)
   18  standard up to 80 GiB at 0.90 USD per GiB   bound never reached (largest example: 61.5 GiB)
   19  standard beyond at 0.80 USD per GiB         never reached (largest example: 61.5 GiB)
2 of 5 price lines (40.0 %); 1 of 3 bounds tested (33.3 %)
)");
  EXPECT_EQ(toll("cover --min 40 --min-bounds 33 " + folder()).exit_code, 0);
  EXPECT_EQ(toll("cover --min 41 " + folder()).exit_code, 4);
  EXPECT_EQ(toll("cover --min-bounds 34 " + folder()).exit_code, 4);
}

TEST_F(CoverCommand, ABoundIsTestedWhereOneRowStandsAtItAndAboveIt) {
  save("storage@2026-01-01.toll", R"(toll 1

dimension class is standard, cold
meter storage sums GiB by class

card storage
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge storage by class
    tiers volume
    any up to 100 GiB at 0.50 USD per GiB
    any beyond        at 0.40 USD per GiB

  example "At" in 2026-01
    use storage standard: 100 GiB
    expect total 50.00 USD

  example "Above, but another class" in 2026-01
    use storage cold: 101 GiB
    expect total 40.40 USD
)");
  EXPECT_NE(toll("cover " + folder())
                .out.find("bound met exactly and exceeded by different rows only\n"
                          "2 of 2 price lines (100.0 %); 0 of 1 bound tested (0.0 %)\n"),
            std::string::npos);
  // Its file may hold more than the card's own.
  save("storage.invoices.toll", R"(toll 1

invoice "Above" for storage in 2026-01
  use storage standard: 100.5 GiB
  expect storage/standard 40.20 USD
  expect total 40.20 USD
)");
  EXPECT_EQ(named(toll("cover --min-bounds 100 " + folder() + "/storage@2026-01-01.toll").out),
            "FOLDER/storage@2026-01-01.toll   2 of 2 price lines, 1 of 1 bound\n"
            "2 of 2 price lines (100.0 %); 1 of 1 bound tested (100.0 %), required 100 %\n");
}

TEST_F(CoverCommand, FailsWhereACardIsInError) {
  save("storage@2026-01-01.toll", "toll 1\n\ncard storage\n");
  const Outcome outcome = toll("cover " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "no price lines; no bounds tested\n");
  EXPECT_NE(outcome.err.find("error[E110]"), std::string::npos);
}

}  // namespace
}  // namespace toll::cli
