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
    use api_calls eu, night: 7 calls
    use storage 1 TiB-month
    use storage 1,025.25 GiB-months
)");
  ASSERT_EQ(example.uses.size(), 5u);
  EXPECT_EQ(example.uses[0].values, (std::vector<uint32_t>{1, 1}));
  EXPECT_EQ(example.uses[1].values, (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(example.uses[2].values, (std::vector<uint32_t>{0, 2}));  // unlisted, so `other`
  EXPECT_EQ(example.uses[2].quantity, (Decimal{7, 0}));
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
  // A card that prices a sum has no use for its parts.
  EXPECT_EQ(codes_of("    use storage 5 GiB-months, 1 GiB-month\n"), Codes{"E321"});
  EXPECT_EQ(codes_of("    use storage 1 times 5 GiB-months\n"), Codes{"E321"});
  EXPECT_EQ(codes_of("    use api_calls eu, live: 5 calls, 2 calls\n"), Codes{"E321"});
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

/// Of one event at 50 or more seconds in steps of 30, so 60 at least; `use` is of both meters.
Codes codes_of_seconds(const std::string& each, const std::string& use) {
  const std::string lines = "  from stopped\n  take seconds\n" + each;
  return codes(check_text(
      "toll 1\nmeter sum sums second\n" + lines + "\nmeter list lists second\n" + lines +
      card_with("  charge sum\n    at 1 USD per second\n  charge list each item\n    at 1 USD per "
                "second\n  example \"E\"\n" +
                use + "    expect total 1 USD\n")));
}

TEST(Examples, StateWhatTheMeterCounted) {
  const std::string least = "  each at least 50 seconds\n",
                    steps = "  each rounded up to 30 seconds\n";
  EXPECT_EQ(codes_of_seconds("", "    use sum 1 second\n    use list 1 second\n"), Codes{});
  EXPECT_EQ(codes_of_seconds(least, "    use sum 50 seconds\n    use list 0 seconds, 51 seconds\n"),
            Codes{});
  EXPECT_EQ(codes_of_seconds(least, "    use sum 49 seconds\n"), Codes{"E321"});
  EXPECT_EQ(codes_of_seconds(least, "    use list 2 minutes, 3 times 49 seconds\n"), Codes{"E321"});
  EXPECT_EQ(codes_of_seconds(steps, "    use sum 1.5 minutes\n    use list 30 seconds\n"), Codes{});
  EXPECT_EQ(codes_of_seconds(steps, "    use sum 100 seconds\n"), Codes{"E321"});
  EXPECT_EQ(codes_of_seconds(least + steps, "    use list 60 seconds, 90 seconds\n"), Codes{});
  EXPECT_EQ(codes_of_seconds(least + steps, "    use list 30 seconds\n"), Codes{"E321"});
  EXPECT_EQ(
      codes_of_seconds(least + "  each rounded down to 30 seconds\n", "    use list 30 seconds\n"),
      Codes{});
}

TEST(Examples, StateWhatWasCutOffWhenItWasCounted) {
  // A minute of an hour has no finite decimal: `toll meter` makes 0.016666666666 of it.
  EXPECT_EQ(codes(check_text("toll 1\nmeter runs lists hour\n  from stopped\n  take hours\n"
                             "  each at least 1 minute\n  each rounded up to 1 minute\n" +
                             card_with("  charge runs each item\n    at 1 USD per hour\n"
                                       "  example \"E\"\n    use runs 0.016666666666 hours\n"
                                       "    expect total 0.02 USD\n"))),
            Codes{});
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

constexpr std::string_view kPrice = "  charge storage\n    at 1 USD per GiB-month\n";

/// Of a version, one that begins on 2026-03-16, and for acme a deal from the 10th to the 20th.
std::string in_mid_month(std::string_view invoice) {
  return std::string(kDeclarations) + card_with(kPrice) +
         card_with(kPrice, "2026-03-16\n  switch at once") +
         "\ncard api_acme extends api\n  for customer acme\n"
         "  from 2026-03-10 until 2026-03-20\n  change charge storage\n    discount 5%\n" +
         std::string(invoice);
}

/// "api 2026-03-01 2: 2026-03-10 api_acme": the card that owns an invoice, its days and changes.
std::vector<std::string> parts_of_invoice(const Checked& checked) {
  std::vector<std::string> parts;
  for (const RateCard& card : checked.cards)
    for (const Example& example : card.examples) {
      parts.push_back(to_string(example.period.from) + " " + example.offer.card + " " +
                      to_string(example.offer.from));
      EXPECT_EQ(example.offer, card.key());
      for (const Example& change : example.changes)
        parts.push_back(to_string(change.period.from) + " " + change.offer.card + " " +
                        to_string(change.offer.from));
      parts.push_back("until " + to_string(example.period.until));
    }
  return parts;
}

TEST(Invoices, HaveAPartForEachVersionOfTheirDays) {
  using Parts = std::vector<std::string>;
  const auto parts = [](const std::string& span, const std::string& customer) {
    const Checked checked = check_text(in_mid_month("\ninvoice \"I\" for api " + span + "\n" +
                                                    customer + "  expect total 1 USD\n"));
    EXPECT_FALSE(has_errors(checked.diagnostics));
    return parts_of_invoice(checked);
  };
  EXPECT_EQ(parts("in 2026-03", ""),
            (Parts{"2026-03-01 api 2026-01-01", "2026-03-16 api 2026-03-16", "until 2026-04-01"}));
  // The deal follows its card, and is another version of itself from the 16th on.
  EXPECT_EQ(
      parts("in 2026-03", "  for customer acme\n"),
      (Parts{"2026-03-01 api 2026-01-01", "2026-03-10 api_acme 2026-03-10",
             "2026-03-16 api_acme 2026-03-16", "2026-03-20 api 2026-03-16", "until 2026-04-01"}));
  EXPECT_EQ(parts("in 2026-03 until 2026-03-16", ""),
            (Parts{"2026-03-01 api 2026-01-01", "until 2026-03-16"}));
  EXPECT_EQ(parts("in 2026-03 from 2026-03-16", ""),
            (Parts{"2026-03-16 api 2026-03-16", "until 2026-04-01"}));
  EXPECT_EQ(parts("in 2026-03 from 2026-03-12 until 2026-03-16", "  for customer acme\n"),
            (Parts{"2026-03-12 api_acme 2026-03-10", "until 2026-03-16"}));
  EXPECT_EQ(parts("in 2026-01", "  for customer acme\n"),
            (Parts{"2026-01-01 api 2026-01-01", "until 2026-02-01"}));
}

TEST(Invoices, OfAVersionInErrorAreHeldBackWithoutAWordOfTheirOwn) {
  const std::string invoice =
      "\ninvoice \"I\" for api in 2026-03\n  use storage 1 GiB-month\n  expect total 1 USD\n";
  const Checked checked = check_text(
      std::string(kDeclarations) + card_with(kPrice) +
      card_with("  charge storage\n    at 1 USD per call\n", "2026-03-16\n  switch at once") +
      invoice);
  EXPECT_EQ(codes(checked), Codes{"E101"});
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_TRUE(checked.cards[0].examples.empty());
  EXPECT_TRUE(checked.contradicted.empty());
}

TEST(Invoices, OfADealThatFailsWithItsCardAreLeftOut) {
  // What the deal changes is not that any more in the version from June on, so it fails as a whole.
  const std::string text =
      std::string(kDeclarations) + card_with(kPrice) +
      card_with("  charge storage\n    at 2 USD per GiB-month\n", "2026-06-01") +
      "\ncard api_acme extends api\n  for customer acme\n  from 2026-03-16\n"
      "  change charge storage\n    at 0.5 USD per GiB-month, was 1 USD per GiB-month\n"
      "\ninvoice \"I\" for api in 2026-03\n  for customer acme\n"
      "  use storage 1 GiB-month until 2026-03-16\n  expect storage 1 USD\n"
      "  expect total 1 USD\n";
  const Checked checked = check_text(text);
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_TRUE(checked.cards[0].examples.empty());
}

TEST(Invoices, AskWhatAPoolOfAnyPartHasLeft) {
  const std::string pool =
      "    charge calls\n      at 1 credit per call\n    pool flex in credit, credits\n"
      "      grant 100 credits every month\n      beyond at 0.10 USD per credit\n";
  const auto codes_of = [&](const std::string& name) {
    return codes(check_text(
        "toll 1\nunit call, calls\nunit credit, credits\nmeter calls counts call\n" +
        card_with("  fee base at 1.00 USD per month, not prorated\n  plan first\n" + pool +
                  "  plan second\n    charge calls\n      at 0.10 USD per call\n"
                  "  example \"E\" in 2026-03\n    on plan first\n"
                  "    on plan second from 2026-03-16\n    expect " +
                  name + " 0 credits left\n")));
  };
  EXPECT_EQ(codes_of("flex"), Codes{});
  EXPECT_EQ(codes_of("calls"), Codes{"E322"});
}

}  // namespace
}  // namespace toll::dsl
