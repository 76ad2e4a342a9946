// Examples and invoices: which days, which cell, which line of the invoice.
#include <gtest/gtest.h>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using Codes = std::vector<std::string>;

constexpr std::string_view kItems = R"(
  fee base at 5.00 USD per month, not prorated

  charge api_calls by region, mode
    any, any at 0.04 USD per call
    discount 1.00 USD shared
    maximum 500.00 USD shared

  charge storage
    at 1.00 USD per GiB-month

  bill discount 10%
  bill minimum 1.00 USD
)";

std::string text_of(std::string_view example, std::string_view from = "2026-01-01") {
  return std::string(kDeclarations) + card_with(kItems, from) + std::string(example);
}

Example example_of(std::string_view example, std::string_view from = "2026-01-01") {
  RateCard card = card_of(text_of(example, from));
  EXPECT_EQ(card.examples.size(), 1u);
  return card.examples.empty() ? Example{} : card.examples.front();
}

Codes codes_of(std::string_view lines) {
  return codes(check_text(text_of("\n  example \"E\" in 2026-03\n" + std::string(lines))));
}

std::pair<std::string, std::string> days(std::string_view span, std::string_view from) {
  const Example example =
      example_of("\n  example \"E\"" + std::string(span) + "\n    expect base 5.00 USD\n", from);
  return {to_string(example.period.from), to_string(example.period.until)};
}

TEST(Examples, CoverTheirMonthCutToTheirDaysAndTheCards) {
  using Days = std::pair<std::string, std::string>;
  EXPECT_EQ(days(" in 2026-03", "2026-01-01"), (Days{"2026-03-01", "2026-04-01"}));
  EXPECT_EQ(days("", "2026-01-01"), (Days{"2026-01-01", "2026-02-01"}));
  EXPECT_EQ(days("", "2026-01-15"), (Days{"2026-01-15", "2026-02-01"}));
  EXPECT_EQ(days(" in 2026-01", "2026-01-15"), (Days{"2026-01-15", "2026-02-01"}));
  EXPECT_EQ(days(" in 2026-03 from 2026-03-10", "2026-01-01"), (Days{"2026-03-10", "2026-04-01"}));
  EXPECT_EQ(days(" in 2026-03 until 2026-03-16", "2026-01-01"), (Days{"2026-03-01", "2026-03-16"}));
  EXPECT_EQ(days(" in 2026-03 from 2026-03-02 until 2026-03-03", "2026-01-01"),
            (Days{"2026-03-02", "2026-03-03"}));
  EXPECT_EQ(days(" in 2026-03", "2026-01-01 until 2026-03-20"), (Days{"2026-03-01", "2026-03-20"}));
}

TEST(Examples, AreRefusedForDaysTheyCannotHave) {
  for (std::string_view span :
       {" in 2025-12", " in 2026-02", " in 2026-03 until 2026-05-01", " in 2026-03 from 2026-04-01",
        " in 2026-03 from 2026-03-05 until 2026-03-05", " in 2026-01 from 2026-01-10"}) {
    const auto text =
        text_of("\n  example \"E\"" + std::string(span) + "\n    expect total 1 USD\n",
                "2026-01-15 until 2026-02-01");
    EXPECT_EQ(codes(check_text(text)), Codes{"E324"}) << span;
  }
}

TEST(Examples, NameCellsByTheValuesOfTheMeter) {
  const Example example = example_of(R"(
  example "E" in 2026-03
    use api_calls us, batch: 5 calls
    use api_calls eu, other: 6 calls
    use api_calls eu, night: 0.5 calls
    use storage 1 TiB-month
    use storage 2 times 512 GiB-months, 1.25 GiB-months
)");
  ASSERT_EQ(example.uses.size(), 5u);
  EXPECT_EQ(example.uses[0].values, (std::vector<uint32_t>{1, 1}));
  EXPECT_EQ(example.uses[1].values, (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(example.uses[2].values, (std::vector<uint32_t>{0, 2}));  // unlisted, so `other`
  EXPECT_EQ(example.uses[2].quantity, (Decimal{5, 1}));
  EXPECT_EQ(example.uses[3].quantity, (Decimal{1024, 0}));
  EXPECT_EQ(example.uses[4].quantity, (Decimal{102'525, 2}));
}

TEST(Examples, AreRefusedForUsageThatIsNone) {
  EXPECT_EQ(codes_of("    use api_calls 5 calls\n"), Codes{"E321"});
  EXPECT_EQ(codes_of("    use api_calls eu: 5 calls\n"), Codes{"E321"});
  EXPECT_EQ(codes_of("    use api_calls asia, live: 5 calls\n"), Codes{"E206"});
  EXPECT_EQ(codes_of("    use storage 5 calls\n"), Codes{"E102"});
  EXPECT_EQ(codes_of("    use storage 1 MiB-months\n"), Codes{});
  EXPECT_EQ(codes_of("    use storage 0.000000000001 byte-months\n"), Codes{"E323"});
  EXPECT_EQ(codes_of("    use storage 999,999,999,999,999,999 PiB-months\n"), Codes{"E323"});
  EXPECT_EQ(codes_of("    use storage 1.5 times 2 GiB-months\n"), Codes{"E321"});
  EXPECT_EQ(codes_of("    use storag 5 GiB-months\n"), Codes{"E123"});
}

TEST(Examples, ExpectLinesThatTheInvoiceHas) {
  const Example example = example_of(R"(
  example "E" in 2026-03
    expect base 5.00 USD
    expect api_calls/us/other 0.04 USD
    expect api_calls/discount 1.00 USD
    expect api_calls/maximum 3.50 USD
    expect storage 0 USD
    expect bill/discount 2.00 USD
    expect bill/minimum 0.50 USD
    expect total 1.00 USD
)");
  std::vector<std::pair<std::string, int64_t>> expected;
  for (const auto& expect : example.expects)
    expected.emplace_back(expect.path, expect.amount_minor);
  // What a line takes off is written without a sign, and is negative on the invoice.
  EXPECT_EQ(expected, (std::vector<std::pair<std::string, int64_t>>{{"base", 500},
                                                                    {"api_calls/us/other", 4},
                                                                    {"api_calls/discount", -100},
                                                                    {"api_calls/maximum", -350},
                                                                    {"storage", 0},
                                                                    {"bill/discount", -200},
                                                                    {"bill/minimum", 50},
                                                                    {"total", 100}}));
  for (std::string_view path :
       {"bas", "api_calls", "api_calls/us", "api_calls/us/night", "api_calls/any/any",
        "api_calls/minimum", "storage/eu", "bill", "bill/maximum", "bill/discount/x", "total/x",
        "base/x", "storage/maximum"}) {
    EXPECT_EQ(codes_of("    expect " + std::string(path) + " 1.00 USD\n"), Codes{"E322"}) << path;
  }
  EXPECT_EQ(codes_of("    expect total 1.005 USD\n"), Codes{"E107"});
  EXPECT_EQ(codes_of("    expect total 1.00 EUR\n"), Codes{"E105"});
  EXPECT_EQ(codes_of("    expect total 1 USD\n    expect total 1 USD\n"), Codes{"E120"});
}

TEST(Examples, HoldBackTheirCardAndInvoicesOnlyThemselves) {
  EXPECT_TRUE(check_text(text_of("\n  example \"E\"\n    expect all 1 USD\n")).cards.empty());
  const Checked checked = check_text(text_of("\ninvoice \"I\" for api\n  expect all 1 USD\n"));
  EXPECT_EQ(codes(checked), Codes{"E322"});
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_TRUE(checked.cards[0].examples.empty());
}

TEST(Invoices, BelongToTheVersionInForce) {
  const std::string versions =
      card_with("  charge storage\n    at 1 USD per GiB-month\n") +
      card_with("  charge storage\n    at 2 USD per GiB-month\n", "2026-03-01 until 2026-05-01");
  const auto invoice = [](std::string_view span) {
    return "\ninvoice \"I\" for api" + std::string(span) + "\n  expect total 1 USD\n";
  };
  const std::vector<SourceFile> files{
      {"cards.toll", std::string(kDeclarations) + versions},
      {"invoices.toll", "toll 1\n" + invoice(" in 2026-02") + invoice(" in 2026-03") +
                            invoice(" in 2026-04 until 2026-04-10")}};
  const Checked checked = check(files);
  ASSERT_EQ(checked.cards.size(), 2u);
  ASSERT_EQ(checked.cards[0].examples.size(), 1u);
  EXPECT_TRUE(checked.cards[0].examples[0].whole);
  EXPECT_EQ(checked.cards[0].examples[0].source.file, "invoices.toll");
  EXPECT_EQ(to_string(checked.cards[0].examples[0].period.from), "2026-02-01");
  EXPECT_EQ(checked.cards[1].examples.size(), 2u);

  for (std::string_view span : {" in 2025-12", " in 2026-06", ""}) {
    const Checked refused = check_text(std::string(kDeclarations) + versions + invoice(span));
    EXPECT_EQ(codes(refused), Codes{"E324"}) << span;
    EXPECT_EQ(refused.cards.size(), 2u);
  }
}

}  // namespace
}  // namespace toll::dsl
