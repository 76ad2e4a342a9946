#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class ShowCommand : public SampleFolder {
 protected:
  Outcome show(const std::string& options) {
    return toll("show api --cards " + folder() + " --on 2026-03-15 " + options);
  }
  static std::string hash_in(const std::string& text) {
    return text.substr(text.find("sha256:"), 7 + 64);
  }
};

TEST_F(ShowCommand, PrintsTheCardWithWhatItReaches) {
  const Outcome outcome = show("");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(without_hash(outcome.out.substr(0, outcome.out.find("  fee base"))),
            R"(# card api, version 2026-01-01, in force from 2026-01-01 on
# api@2026-01-01.toll, bills in USD by the month, days of UTC
# sha256:HASH
toll 1

dimension region is eu, us

meter api_calls counts call by region
  from api.call

unit call, calls
unit kilocall, kilocalls = 1,000 calls

card api "API platform"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

)");
  EXPECT_TRUE(outcome.out.ends_with("    expect total 1,100.00 USD\n"));
}

TEST_F(ShowCommand, PrintsATextThatMakesTheSameRevision) {
  const std::string shown = show("").out;
  testing::ScratchFolder alone;
  alone.save("api@2026-01-01.toll", shown);
  const Outcome again = toll("show api --cards " + alone.path().string() + " --on 2026-03-15");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(hash_in(again.out), hash_in(shown));
  EXPECT_EQ(toll("check --strict " + alone.path().string()).exit_code, 0);
}

TEST_F(ShowCommand, PrintsFeesThatAreDueOnceOrForALongerTime) {
  const std::string header = "  currency USD, EUR\n  period month\n  round each line half-up\n\n";
  testing::ScratchFolder folder;
  folder.save("c@2026-01-01.toll",
              "toll 1\n\nunit call, calls\nmeter calls counts call\n\ncard c \"C\"\n  from "
              "2026-01-01\n" +
                  header +
                  "  fee setup \"Setup\" at 250.00 USD or 230.00 EUR once\n\n  plan pro \"Pro\"\n"
                  "    fee yearly at 1,200.00 USD or 1,100.00 EUR per year, not prorated\n"
                  "    charge calls\n      at 1.00 USD or 0.90 EUR per call\n");
  folder.save(
      "c@2026-07-01.toll",
      "toll 1\n\ncard c extends previous\n  from 2026-07-01\n  applies to everyone\n\n"
      "  change fee setup at 300.00 USD or 280.00 EUR once, was 250.00 USD or 230.00 EUR "
      "once\n\n  plan pro\n    change fee yearly at 400.00 USD or 350.00 EUR per quarter, was "
      "1,200.00 USD or 1,100.00 EUR per year\n");
  const std::string at = "show c --cards " + folder.path().string() + " --on ";
  const Outcome shown = toll(at + "2026-08-01");
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_TRUE(shown.out.contains("  fee setup \"Setup\" at 300.00 USD or 280.00 EUR once\n"))
      << shown.out;
  EXPECT_TRUE(
      shown.out.contains("    fee yearly at 400.00 USD or 350.00 EUR per quarter, not prorated\n"));
  EXPECT_TRUE(toll(at + "2026-03-01").out.contains("at 250.00 USD or 230.00 EUR once\n"));
  // What it prints is a card of its own, with the same bills.
  testing::ScratchFolder alone;
  alone.save("c@2026-07-01.toll", shown.out);
  EXPECT_EQ(toll("check --strict " + alone.path().string()).exit_code, 0)
      << toll("check --strict " + alone.path().string()).err;
}

TEST_F(ShowCommand, ListsWhatTheCardReads) {
  const Outcome outcome = show("--inputs");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.substr(outcome.out.find("\nmeters")), R"(
meters
  api_calls, in calls
    by region: eu, us
    meter api_calls counts call by region
      from api.call

limits
  limit api_calls to 1M calls per month then allow

alerts
  alert when bill reaches 2,000 USD, notify customer

guarantees
  guarantee bill never decreases
)");
}

TEST(ShowOutcomes, SaysWhichEventsMakeOne) {
  const Outcome outcome = toll("show outcomes --cards ratecards/founding --inputs");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("      when conversation."), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("takes no events"), std::string::npos) << outcome.out;
}

TEST_F(ShowCommand, PrintsWhatTheCardBecame) {
  const Outcome ir = show("--ir");
  EXPECT_EQ(ir.exit_code, 0) << ir.err;
  EXPECT_NE(ir.out.find("api_calls"), std::string::npos);
  const Outcome assembly = show("--asm");
  EXPECT_EQ(assembly.exit_code, 0) << assembly.err;
  EXPECT_NE(assembly.out.find(".text"), std::string::npos);
}

TEST_F(ShowCommand, SaysWhenNoVersionIsInForce) {
  const Outcome outcome = toll("show api --cards " + folder() + " --on 2025-01-01");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err,
            "toll: no version of `api` is in force on 2025-01-01; its first begins on 2026-01-01\n"
            "help: name a day with --on\n");
  const Outcome date = toll("show api --cards " + folder() + " --on March");
  EXPECT_EQ(date.exit_code, 64);
  EXPECT_EQ(date.err, "toll: --on `March` is not a date: write it like 2026-03-31\n");
  EXPECT_EQ(toll("show apii --cards " + folder()).exit_code, 2);
}

TEST_F(ShowCommand, WorksInWhatADealExtends) {
  save("api_acme@2026-02-01.toll", R"(toll 1

card api_acme "Acme" extends api
  for customer acme
  from 2026-02-01
  change fee base at 400.00 USD per month, was 500 USD per month
  change charge api_calls
    eu at 0.0030 USD per call, was 0.0040 USD per call
  remove limit api_calls
  guarantee never dearer than api
)");
  const std::string shown = show("--customer acme").out;
  EXPECT_EQ(without_hash(shown.substr(shown.find("card api_acme \"Acme\""))),
            R"(card api_acme "Acme"
  for customer acme
  from 2026-02-01
  currency USD
  period month
  round each line half-up

  fee base "Platform fee" at 400.00 USD per month, not prorated

  charge api_calls "API calls" by region
    included 100 kilocalls in each row
    eu at 0.0030 USD per call
    us at 3.50 USD per kilocall

  bill minimum 510.00 USD "Monthly minimum"
  alert when bill reaches 2,000 USD, notify customer
  # guarantee never dearer than api
)");
  testing::ScratchFolder alone;
  alone.save("api_acme@2026-02-01.toll", shown);
  const Outcome again = toll("check --strict " + alone.path().string());
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(show("--customer globex").out.contains("card api \"API platform\""));
}

TEST_F(ShowCommand, CutsOutOnePlan) {
  save("saas@2026-01-01.toll", R"(toll 1

meter seats peaks seat

card saas
  from 2026-01-01
  currency USD, EUR
  period month
  round each line half-up

  plan free
    limit seats to 3 seats then block

  plan pro "Pro"
    charge seats
      at 12.00 USD or 11.00 EUR per seat

  guarantee bill never decreases

  example "Two" in 2026-01
    on plan pro
    use seats 2 seats
    expect seats 24.00 USD
)");
  const auto of = [&](const std::string& plan) {
    const std::string text =
        toll("show saas --cards " + folder() + " --on 2026-03-15 --plan " + plan).out;
    return text.substr(std::min(text.find("\n  plan"), text.size()));
  };
  EXPECT_EQ(of("free"), R"(
  plan free
    limit seats to 3 seats then block

  guarantee bill never decreases
)");
  EXPECT_TRUE(of("pro").ends_with("    expect seats 24.00 USD\n"));
  EXPECT_FALSE(of("pro").contains("free"));
  const Outcome none = toll("show saas --cards " + folder() + " --on 2026-03-15 --plan por");
  EXPECT_EQ(none.exit_code, 2);
}

}  // namespace
}  // namespace toll::cli
