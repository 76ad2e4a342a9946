// What goes wrong is said once, all of it in one run, and holds back only the cards it concerns.
// The texts of the diagnostics are goldens, in tests/golden/errors.
#include <gtest/gtest.h>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using Codes = std::vector<std::string>;

TEST(CheckErrors, AreAllFoundInOneRun) {
  const Checked checked = check_text(text_with(R"(
  fee base at 5.00 USD per day, not prorated

  charge api_calls by region
    eu at 0.04 EUR per call
    minimum 5.00 USD

  charge storage
    tiers graduated
    up to 5 GiB-months at 0.04 USD per GiB-month
    up to 2 GiB-months at 0.03 USD per GiB-month
    beyond             at 0.02 USD per hour

  limit storage to 5 calls per month then block
)"));
  EXPECT_EQ(codes(checked), (Codes{"E117", "E204", "E105", "E306", "E202", "E101", "E102"}));
  EXPECT_TRUE(checked.cards.empty());
}

TEST(CheckErrors, OfWhatAFeeIsFor) {
  const auto of = [](const std::string& time) {
    Codes errors = codes(check_text(text_with("  fee base at 5.00 USD " + time + "\n")));
    std::erase_if(errors, [](const std::string& code) { return code.starts_with('W'); });
    return errors;
  };
  for (const std::string fine :
       {"once", "once, not prorated", "once, in arrears", "per quarter, not prorated",
        "per year, not prorated", "per month, prorated by day"})
    EXPECT_EQ(of(fine), Codes{}) << fine;
  EXPECT_EQ(of("per week, not prorated"), Codes{"E117"});
  EXPECT_EQ(of("per once, not prorated"), Codes{"E117"});
  EXPECT_EQ(of("once, prorated by day"), Codes{"E133"});
  EXPECT_EQ(of("per year, prorated by day"), Codes{"E133"});
  EXPECT_EQ(of("per year"), Codes{"E118"});
}

TEST(CheckErrors, FollowTheOrderOfTheText) {
  const Checked checked = check_text(text_with(R"(
  guarantee no cliff above 1.005 USD

  charge storage
    at 0.04 USD per hour
)"));
  EXPECT_EQ(codes(checked), (Codes{"E107", "E101"}));
}

TEST(CheckErrors, OfAnUnknownUnitAreReportedOnceAFile) {
  const Checked checked = check_text(text_with(R"(
  charge storage
    included 5 GiB-mnths
    tiers graduated
    up to 5 GiB-mnths at 0.04 USD per GiB-mnth
    up to 9 GiB-mnths at 0.03 USD per GiB-mnth
    beyond            at 0.02 USD per GiB-mnths
)"));
  EXPECT_EQ(codes(checked), (Codes{"E122", "E122"}));  // the word in singular and in plural
}

TEST(CheckErrors, OfADeclarationAreNotRepeatedByItsUsers) {
  const Checked checked = check_text(R"(toll 1

dimension region is eu, us, eu
meter api_calls counts cal by region
)" + card_with(R"(
  charge api_calls by region
    any at 0.04 USD per call
  limit api_calls to 5 calls per month then block
  alert when api_calls reaches 80% of included
  guarantee unit price never increases for api_calls
  example "One" in 2026-01
    use api_calls eu: 5 calls
    expect api_calls/eu 0.20 USD
)"));
  EXPECT_EQ(codes(checked), (Codes{"E120", "E122"}));
}

TEST(CheckErrors, OfTheTextAreNotRepeatedAsSomethingMissing) {
  EXPECT_EQ(codes(check_text(R"(toll 1

unit call, cal!ls
meter api_calls counts call
)" + card_with(R"(
  charge api_calls
    at 0.04 USD per call
)")))
                .size(),
            1u);
  // The row that cannot be read would have completed the table, and the limit closed it.
  EXPECT_EQ(codes(check_text(text_with(R"(
  charge api_calls by region
    eu at 0.04 USD per call
    us at 0.05 USD pro call
)")))
                .size(),
            1u);
  EXPECT_EQ(codes(check_text(text_with(R"(
  charge storage
    tiers volume
    up to 5 GiB-months at 0.04 USD per GiB-month
  limit storage to 5 GiB-months per month than block
)")))
                .size(),
            1u);
}

TEST(CheckErrors, HoldBackOnlyTheCardTheyAreIn) {
  const std::string good = R"(
card good
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  charge storage
    at 0.04 USD per GiB-month
)";
  const Checked checked = check_text(text_with(R"(
  charge storage
    at 0.04 USD per call
)") + good);
  EXPECT_EQ(codes(checked), Codes{"E101"});
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(checked.cards[0].name, "good");
}

TEST(CheckErrors, InADeclarationHoldBackOnlyTheCardsThatReachIt) {
  const std::string declarations = R"(toll 1

unit call, calls
unit loop = 2 loop
dimension region is eu, us, us
meter broken counts call by region
meter storage sums GiB-month
)";
  const std::string uses_broken = card_with(R"(
  charge storage
    at 0.04 USD per GiB-month
  limit broken to 5 calls per month then block
)");
  const std::string good = R"(
card good
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  charge storage
    at 0.04 USD per GiB-month
)";
  const Checked checked = check_text(declarations + uses_broken + good);
  EXPECT_EQ(codes(checked), (Codes{"E125", "E120"}));
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(checked.cards[0].name, "good");
}

TEST(CheckErrors, OfOneFileDoNotHoldBackAnother) {
  const std::vector<SourceFile> files{
      {"declarations.toll", std::string(kDeclarations)},
      {"bad.toll", "toll 1\n" + card_with("  charge storage\n    at x USD\n")},
      {"good.toll",
       "toll 1\n" + card_with("  charge storage\n    at 1 USD per GiB-month\n", "2026-02-01")}};
  const Checked checked = check(files);
  ASSERT_EQ(checked.diagnostics.size(), 1u);
  EXPECT_EQ(checked.diagnostics[0].primary.place.file, 1u);
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(checked.cards[0].source.file, "good.toll");
}

TEST(CheckErrors, OfTheTextHoldBackTheCardTheyStandIn) {
  const std::string charge = "  charge storage\n    at 1 USD per GiB-month\n";
  const std::string example = "  example \"E\" in 2026-02\n    use storage 5 GiB-months\n";
  ASSERT_EQ(check_text(text_with(charge + example)).cards.size(), 1u);
  for (const std::string& items :
       {charge + "  bill minimum 5.00\n", charge + "  anything else\n",
        charge + example + "    expect total 5.00\n", charge + "  example E in 2026-02\n",
        charge + "    at 1 USD\n", "  example \"E\" in 2026-13\n" + charge}) {
    const Checked checked = check_text(text_with(items));
    EXPECT_TRUE(checked.cards.empty()) << items;
    EXPECT_TRUE(has_errors(checked.diagnostics)) << items;
  }
  // Without its first line a file may be written for another version of the language.
  const std::string text = text_with(charge);
  EXPECT_TRUE(check_text(text.substr(text.find('\n'))).cards.empty());
}

TEST(CheckErrors, OfAFileThatIsNoTextDoNotBecomeUnknownNamesElsewhere) {
  const std::vector<SourceFile> files{
      {"declarations.toll", std::string("\0\0\0\0", 4)},
      {"card.toll", "toll 1\n" + card_with("  charge storage\n    at 1 USD per GiB-month\n")}};
  const Checked checked = check(files);
  ASSERT_EQ(checked.diagnostics.size(), 1u);
  EXPECT_EQ(checked.diagnostics[0].primary.place.file, 0u);
  EXPECT_TRUE(checked.cards.empty());
}

TEST(CheckErrors, DoNotDependOnTheOrderOfFiles) {
  std::vector<SourceFile> files{
      {"card.toll", "toll 1\n" + card_with("  charge storage\n    at 1 USD per GiB-month\n")},
      {"declarations.toll", std::string(kDeclarations)}};
  const Checked one = check(files);
  std::swap(files[0], files[1]);
  const Checked other = check(files);
  ASSERT_EQ(one.cards.size(), 1u);
  ASSERT_EQ(other.cards.size(), 1u);
  EXPECT_EQ(one.cards[0].hash, other.cards[0].hash);
}

TEST(CheckDeclarations, MayBeRepeatedWordForWord) {
  const std::string card = card_with("  charge storage\n    at 1 USD per GiB-month\n");
  EXPECT_EQ(check({}).cards.size(), 0u);
  const std::vector<SourceFile> same{
      {"a.toll", std::string(kDeclarations)},
      {"b.toll", "toll 1\nmeter storage   sums GiB-month # again\n" + card}};
  EXPECT_EQ(check(same).cards.size(), 1u);
  const std::vector<SourceFile> other{{"a.toll", std::string(kDeclarations)},
                                      {"b.toll", "toll 1\nmeter storage peaks GiB\n" + card}};
  const Checked checked = check(other);
  EXPECT_EQ(codes(checked), Codes{"E120"});
  EXPECT_TRUE(checked.cards.empty());
}

TEST(CheckDeclarations, ThatNoCardUsesAreWarnings) {
  const Checked checked = check_text(text_with("  charge storage\n    at 1 USD per GiB-month\n"));
  EXPECT_EQ(codes(checked), Codes{"W127"});  // api_calls; its unit and dimensions are used by it
  EXPECT_EQ(checked.cards.size(), 1u);
  // Where there is no card, the declarations are for others.
  EXPECT_EQ(codes(check_text(std::string(kDeclarations))), Codes{});
}

TEST(CheckConditions, OnAnotherDimensionAllowPercentagesAboveThem) {
  EXPECT_EQ(codes(check_text(text_with(R"(
  charge api_calls by region
    eu at 0.04 USD per call + 1.00 USD per 1,000 calls
    us free
    discount 10% when region is eu
    surcharge 5% when mode is batch or other
    discount 5%
    minimum 5.00 USD shared
  charge storage
    at 1 USD per GiB-month
)"))),
            Codes{});
}

TEST(CheckConditions, AreRefusedWhereTheirPartOfTheAmountIsNotDefined) {
  const auto code_of_charge = [](std::string_view lines) {
    return codes(check_text(text_with("  charge api_calls\n" + std::string(lines))));
  };
  const std::string condition = "    discount 5% when mode is batch\n";
  const std::string price = "    at 0.04 USD per call\n";
  EXPECT_EQ(code_of_charge(price + condition).size(), 1u);  // W127 of the other meter
  for (const std::string& lines : {
           "    included 5 calls\n" + price + condition,
           "    rounded up to 5 calls\n" + price + condition,
           "    at 0.04 USD per started 100 calls\n" + condition,
           "    at 0.04 USD per call + 1.00 USD flat\n" + condition,
           "    tiers volume\n    up to 5 calls free\n    beyond at 1 USD per call\n" + condition,
           price + "    surcharge 1.00 USD\n" + condition,
           price + "    minimum 1.00 USD\n" + condition,
           price + "    discount 1.00 USD when mode is batch\n",
           price + "    maximum 1.00 USD when mode is batch\n",
       }) {
    EXPECT_EQ(code_of_charge(lines), Codes{"E307"}) << lines;
  }
}

TEST(CheckNumbers, AreTakenUpToTheirLimits) {
  const auto codes_of = [](std::string_view lines) {
    return codes(check_text(
        text_with("  charge storage\n" + std::string(lines) + "  limit api_calls unlimited\n")));
  };
  EXPECT_EQ(codes_of("    at 0.000000000001 USD per GiB-month\n"), Codes{});
  EXPECT_EQ(codes_of("    at 0.0000000000010 USD per GiB-month\n"), Codes{});
  EXPECT_EQ(codes_of("    at 0.0000000000001 USD per GiB-month\n"), Codes{"E129"});
  const std::string price = "    at 1 USD per GiB-month\n";
  EXPECT_EQ(codes_of("    included 0.000000000000000001 GiB-months\n" + price), Codes{});
  EXPECT_EQ(codes_of("    included 0.0000000000000000001 GiB-months\n" + price), Codes{"E129"});
  EXPECT_EQ(codes_of("    included 999,999,999,999,999,999 GiB-months\n" + price), Codes{});
  EXPECT_EQ(codes_of("    included 1,000,000,000,000,000,000 GiB-months\n" + price), Codes{"E129"});
  EXPECT_EQ(codes_of(price + "    discount 0.000001%\n"), Codes{});
  EXPECT_EQ(codes_of(price + "    discount 0.0000001%\n"), Codes{"E129"});
  EXPECT_EQ(codes_of(price + "    discount 100%\n"), Codes{});
  EXPECT_EQ(codes_of(price + "    discount 100.000001%\n"), Codes{"E310"});
  EXPECT_EQ(codes_of(price + "    surcharge 250%\n"), Codes{});
  EXPECT_EQ(codes_of(price + "    minimum 92,233,720,368,547,758.07 USD\n"), Codes{});
  EXPECT_EQ(codes_of(price + "    minimum 92,233,720,368,547,758.08 USD\n"), Codes{"E129"});
}

TEST(CheckLines, StandInTheOrderInWhichTheyAct) {
  const auto codes_of = [](std::string_view lines) {
    return codes(check_text(
        text_with("  charge storage\n" + std::string(lines) + "  limit api_calls unlimited\n")));
  };
  const std::string included = "    included 5 GiB-months\n", tiers = "    tiers volume\n",
                    rows =
                        "    up to 9 GiB-months at 2 USD per GiB-month\n"
                        "    beyond at 1 USD per GiB-month\n",
                    money = "    discount 5%\n";
  EXPECT_EQ(codes_of(included + tiers + rows + money), Codes{"W207"});
  EXPECT_EQ(codes_of(tiers + included + rows + money), (Codes{"E301", "W207"}));
  EXPECT_EQ(codes_of(tiers + rows + included + money), (Codes{"E301", "W207"}));
  EXPECT_EQ(codes_of(rows + tiers + money), Codes{"E301"});
  EXPECT_EQ(codes_of(tiers + money + rows), Codes{"E301"});
  EXPECT_EQ(codes_of(money + money + tiers + rows), (Codes{"E301", "E301"}));
}

TEST(CheckAlerts, AtTheLimitStillFire) {
  const auto codes_of = [](std::string_view threshold) {
    return codes(
        check_text(text_with("  charge storage\n    at 1 USD per GiB-month\n"
                             "  limit storage to 2 TiB-months per month then block\n"
                             "  limit api_calls unlimited\n  alert when storage reaches " +
                             std::string(threshold) + "\n")));
  };
  EXPECT_EQ(codes_of("2,048 GiB-months"), Codes{});
  EXPECT_EQ(codes_of("100% of limit"), Codes{});
  EXPECT_EQ(codes_of("2,049 GiB-months"), Codes{"W314"});
  EXPECT_EQ(codes_of("100.1% of limit"), Codes{"W314"});
}

TEST(CheckUnits, MayFormAChainAsLongAsTheText) {
  std::string text = "toll 1\n";
  for (int i = 20'000; i > 0; --i) {
    text += "unit u" + std::to_string(i) + " = 1 u" + std::to_string(i - 1) + "\n";
  }
  text += "unit u0\n";
  EXPECT_EQ(codes(check_text(text)), Codes{});
}

}  // namespace
}  // namespace toll::dsl
