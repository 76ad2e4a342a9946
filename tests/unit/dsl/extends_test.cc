// Cards that extend others: versions and deals, flattened into one text and checked as one.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using Texts = std::vector<std::string>;

const std::string kBase = R"(toll 1

unit call, calls
meter calls counts call

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base "Base" at 500.00 USD per month, in advance, prorated by day

  charge calls "Calls"
    included 100 calls
    tiers graduated
    up to 1,000 calls at 0.0040 USD per call  # list price
    beyond            at 0.0030 USD per call

  limit calls to 50,000 calls per month then block
  feature sso, audit, export

  guarantee bill at least 400 USD
  example "Nothing" in 2026-01
    expect base 500.00 USD
)";

std::string version(std::string_view from, std::string_view items,
                    std::string_view applies = "everyone") {
  return "\ncard api extends previous\n  from " + std::string(from) + "\n  applies to " +
         std::string(applies) + "\n" + std::string(items);
}

std::string deal(std::string_view days, std::string_view items,
                 std::string_view customer = "northwind") {
  return "\ncard api_" + std::string(customer) + " \"Deal\" extends api\n  for customer " +
         std::string(customer) + "\n  from " + std::string(days) + "\n" + std::string(items);
}

/// "name from until" of each card.
Texts days(const Checked& checked) {
  Texts texts;
  for (const RateCard& card : checked.cards)
    texts.push_back(card.name + " " + to_string(card.from) + " " +
                    (card.until ? to_string(*card.until) : "on"));
  return texts;
}

/// The card that a text describes by itself.
RateCard alone(const RateCard& card) {
  std::string declarations;
  for (const std::string line : {"unit call, calls\n", "meter calls counts call\n"})
    declarations += line;
  std::string text = *card.text;
  return card_of(text.insert(text.find('\n') + 1, declarations));
}

const RateCard& last(const Checked& checked) { return checked.cards.back(); }

TEST(Extends, AVersionTakesOverWhatItDoesNotChange) {
  const Checked checked = check_text(kBase + version("2026-07-01", R"(
  change charge calls
    included 200 calls, was 100 calls
    up to 1,000 calls at 0.0035 USD per call, was 0.004 USD per call
    discount 5%
  change fee base at 400.00 USD per month, was 500.00 USD per month
  fee support at 20.00 USD per month, not prorated
  remove limit calls
  remove feature audit
)"));
  EXPECT_EQ(codes(checked), (Texts{"W207", "W207"}));  // of each text's own allowance
  ASSERT_EQ(days(checked), (Texts{"api 2026-01-01 2026-07-01", "api 2026-07-01 on"}));
  const RateCard& card = last(checked);
  EXPECT_EQ(card.label, "API");
  ASSERT_EQ(card.fees.size(), 2u);
  EXPECT_EQ(card.fees[0].amount_minor, 40000);
  EXPECT_TRUE(card.fees[0].prorated_by_day && card.fees[0].in_advance);
  EXPECT_EQ(card.fees[1].name, "support");
  const Charge& charge = card.charges.at(0);
  EXPECT_EQ(charge.quantity_steps.at(0).quantity, ratio(200));
  EXPECT_EQ(charge.tables[0].tiers[0].terms[0].price_minor, ratio(35, 100));
  EXPECT_EQ(charge.tables[0].tiers[1].terms[0].price_minor, ratio(3, 10));
  EXPECT_EQ(charge.money_steps.size(), 1u);
  EXPECT_TRUE(card.limits.empty());
  ASSERT_EQ(card.features.size(), 2u);
  EXPECT_EQ(card.features[1].name, "export");
  // What is said about one text's prices is not said about another's.
  EXPECT_TRUE(card.guarantees.empty() && card.examples.empty());
}

TEST(Extends, EveryLineHasItsOwnSource) {
  const Checked checked = check_text(kBase + version("2026-07-01", R"(  change charge calls
    up to 1,000 calls at 0.0035 USD per call, was 0.0040 USD per call
  change fee base at 400.00 USD per month, was 500.00 USD per month
)"));
  const RateCard& card = last(checked);
  const auto& tiers = card.charges.at(0).tables[0].tiers;
  EXPECT_EQ(tiers[0].source.line, 31u);
  EXPECT_EQ(tiers[0].source.text, "up to 1,000 calls at 0.0035 USD per call");
  EXPECT_EQ(tiers[1].source.line, 18u);
  EXPECT_EQ(card.fees[0].source.line, 32u);
  EXPECT_EQ(card.source.line, 27u);
}

TEST(Extends, AFeeThatIsDueOnceIsChangedLikeAnother) {
  const std::string base = kBase + "  fee setup \"Setup\" at 100 USD once, in advance\n";
  const auto changed = [&](const std::string& line) {
    return check_text(base + version("2026-07-01", line));
  };
  const Checked checked = changed("  change fee setup at 80.00 USD once, was 100.00 USD once\n");
  const RateCard& card = last(checked);
  ASSERT_EQ(card.fees.size(), 2u);
  EXPECT_EQ(card.fees[1].amount_minor, 8000);
  EXPECT_TRUE(card.fees[1].once && card.fees[1].in_advance);
  EXPECT_EQ(card.fees[1].source.text, "fee setup \"Setup\" at 80.00 USD once, in advance");
  const Checked contradicted =
      changed("  change fee setup at 80.00 USD once, was 100.00 USD per month\n");
  EXPECT_EQ(codes(contradicted).back(), "E501");
}

/// A file is formatted by the units that it declares, and a deal may stand in one that declares
/// none.
TEST(Extends, WhatItWasMayBeSaidInAnotherFormOfAUnit) {
  const Checked checked = check_text(kBase + version("2026-07-01", R"(  change charge calls
    included 200 calls, was 100 call
    up to 1,000 call at 0.0035 USD per call, was 0.0040 USD per calls
  change fee base at 400.00 USD per month, was 500.00 USD per months
)"));
  EXPECT_EQ(codes(checked), (Texts{"W207", "W207"}));
  const Charge& charge = last(checked).charges.at(0);
  EXPECT_EQ(charge.tables[0].tiers[0].terms[0].price_minor, ratio(35, 100));
  EXPECT_EQ(charge.tables[0].tiers.size(), 2u);
  EXPECT_EQ(last(checked).fees.at(0).amount_minor, 40000);
}

TEST(Extends, TheFlattenedTextChecksByItself) {
  const Checked checked = check_text(kBase + version("2026-07-01", R"(  change charge calls
    up to 1,000 calls at 0.0035 USD per call, was 0.0040 USD per call
  plan pro "Pro"
    fee seat at 1.00 USD per month, not prorated
)") + deal("2026-03-01", "  change charge calls\n    discount 5%\n"));
  ASSERT_EQ(checked.cards.size(), 6u);
  for (const RateCard& card : checked.cards) {
    if (!card.text || card.offer > 0 || !card.plans.empty()) continue;
    const RateCard same = alone(card);
    EXPECT_EQ(same.from, card.from);
    EXPECT_EQ(same.charges.at(0).money_steps.size(), card.charges.at(0).money_steps.size());
    EXPECT_EQ(same.fees.at(0).amount_minor, card.fees.at(0).amount_minor);
  }
}

TEST(Extends, ADealFollowsTheVersionsOfItsCard) {
  const std::string list = version("2026-07-01", R"(  change charge calls
    beyond at 0.0020 USD per call, was 0.0030 USD per call
)");
  const Checked checked =
      check_text(kBase + list +
                 deal("2026-03-01 until 2027-03-01", "  change charge calls\n    discount 5%\n"));
  EXPECT_EQ(days(checked),
            (Texts{"api 2026-01-01 2026-07-01", "api 2026-07-01 on",
                   "api_northwind 2026-03-01 2026-07-01", "api_northwind 2026-07-01 2027-03-01"}));
  const RateCard& card = last(checked);
  EXPECT_EQ(card.customer, "northwind");
  EXPECT_EQ(card.deal_on, "api");
  ASSERT_EQ(card.stands_on.size(), 2u);
  EXPECT_EQ(to_string(card.stands_on[0].from), "2026-07-01");
  EXPECT_EQ(card.charges.at(0).tables[0].tiers[1].terms[0].price_minor, ratio(2, 10));
}

TEST(Extends, ADealMadeBeforeAVersionForNewCustomersKeepsTheOldOne) {
  const std::string items = "  change charge calls\n    discount 5%\n";
  const std::string list =
      "  change charge calls\n    beyond at 0.0020 USD per call, was 0.0030 USD per call\n";
  EXPECT_EQ(days(check_text(kBase + version("2026-07-01", list, "new customers") +
                            deal("2026-03-01", items)))
                .back(),
            "api_northwind 2026-03-01 on");
  EXPECT_EQ(
      days(check_text(kBase + version("2026-07-01", list, "existing customers from 2027-01-01") +
                      deal("2026-03-01", items)))
          .back(),
      "api_northwind 2027-01-01 on");
}

TEST(Extends, AVersionOfADealExtendsTheDeal) {
  const Checked checked = check_text(
      kBase + deal("2026-03-01", "  change charge calls\n    discount 5%\n") +
      "\ncard api_northwind extends previous\n  from 2026-09-01\n  change charge calls\n"
      "    discount 2%\n" +
      version("2026-10-01", "  change fee base at 400 USD per month, was 500 USD per month\n"));
  EXPECT_EQ(codes(checked), Texts{"W207"});
  const Texts found = days(checked);
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[2], "api_northwind 2026-03-01 2026-09-01");
  EXPECT_EQ(found[3], "api_northwind 2026-09-01 2026-10-01");
  EXPECT_EQ(found[4], "api_northwind 2026-10-01 on");
  EXPECT_EQ(last(checked).charges.at(0).money_steps.size(), 2u);
  EXPECT_EQ(last(checked).fees.at(0).amount_minor, 40000);
  EXPECT_EQ(last(checked).customer, "northwind");
}

TEST(Extends, ANewRowNeedsNoWas) {
  const Checked checked = check_text(kBase + version("2026-07-01", R"(  change charge calls
    up to 5,000 calls at 0.0035 USD per call
)"));
  EXPECT_EQ(codes(checked), Texts{"W207"});
  const auto& tiers = last(checked).charges.at(0).tables[0].tiers;
  ASSERT_EQ(tiers.size(), 3u);
  EXPECT_EQ(tiers[1].up_to, ratio(5000));
}

TEST(Extends, AChargeByItemHasAllowancesOfSeveralKinds) {
  const std::string base = R"(toll 1

meter payments lists USD

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each item half-up

  charge payments each item
    included 2 payments shared
    included 1.00 USD each
    at 2.9% + 0.30 USD
)";
  const Checked checked = check_text(base + version("2026-07-01", R"(  change charge payments
    included 3.00 USD each, was 1.00 USD each
    included 250.00 USD shared
    at 2.5% + 0.30 USD, was 2.9% + 0.30 USD
)"));
  EXPECT_EQ(codes(checked), Texts{});
  const Charge& charge = last(checked).charges.at(0);
  ASSERT_EQ(charge.quantity_steps.size(), 3u);
  EXPECT_EQ(charge.quantity_steps[0].kind, QuantityStep::Kind::IncludedItems);
  EXPECT_EQ(charge.quantity_steps[0].quantity, ratio(2));
  EXPECT_EQ(charge.quantity_steps[1].quantity, ratio(250));
  EXPECT_EQ(charge.quantity_steps[2].quantity, ratio(3));
  EXPECT_EQ(codes(check_text(base + version("2026-07-01", R"(  change charge payments
    included 3.00 USD each
    included 3 payments shared, was 1 payments shared
    included 10 USD shared, was 5 USD shared
)"))),
            (Texts{"E511", "E501", "E508"}));
}

TEST(Extends, TheHashCoversWhatIsExtended) {
  const auto hash = [](std::string base) {
    return check_text(base + version("2026-07-01", "  remove limit calls\n")).cards.back().hash;
  };
  std::string other = kBase;
  other.replace(other.find("50,000"), 6, "60,000");  // only in a line that is removed
  EXPECT_NE(hash(kBase), hash(other));
  std::string comment = kBase;
  comment.replace(comment.find("list price"), 10, "LIST PRICE");
  EXPECT_EQ(hash(kBase), hash(comment));
}

TEST(Extends, AHeaderLineReplacesThatOfItsKind) {
  const Checked checked =
      check_text(kBase + version("2026-07-01", "  round each line down\n", "everyone"));
  EXPECT_EQ(codes(checked), Texts{"W207"});
  EXPECT_EQ(checked.cards.front().rounding, RoundingMode::HalfUp);
  EXPECT_EQ(last(checked).rounding, RoundingMode::Down);
  EXPECT_EQ(last(checked).period, PeriodUnit::Month);
}

TEST(Extends, AnErrorOfTheBaseIsSaidOnceAndHoldsBack) {
  std::string broken = kBase;
  broken.replace(broken.find("0.0040 USD"), 10, "0.0040 EUR");
  const Checked checked =
      check_text(broken + deal("2026-03-01", "  change charge calls\n    discount 5%\n"));
  EXPECT_EQ(codes(checked), (Texts{"W207", "E105", "E514"}));
  EXPECT_TRUE(checked.cards.empty());
}

TEST(Extends, AnErrorInALaterVersionHoldsBackTheWholeDeal) {
  const std::string items = "  change charge calls\n    discount 5%\n";
  const Checked checked = check_text(
      kBase + version("2026-07-01", "  remove limit cals\n") + deal("2026-03-01", items) +
      "\ncard nested extends api_northwind\n  from 2026-04-01\n  fee f at 1 USD per month, not "
      "prorated\n");
  EXPECT_EQ(codes(checked), (Texts{"W207", "E508", "E514", "E514"}));
  EXPECT_EQ(days(checked), Texts{"api 2026-01-01 2026-07-01"});
  Texts held;
  for (const HeldBack& one : checked.held_back)
    held.push_back(one.card + " " + to_string(one.from) + " " + one.customer.value_or("") + " " +
                   one.deal_on);
  EXPECT_EQ(held, (Texts{"api 2026-07-01  ", "api_northwind 2026-03-01 northwind api",
                         "api_northwind 2026-07-01 northwind api",
                         "nested 2026-04-01  api_northwind", "nested 2026-07-01  api_northwind"}));
}

TEST(Extends, ADealOnAVersionThatCannotBeReadIsHeldBackForItsDays) {
  const std::string items = "  change charge calls\n    discount 5%\n";
  const Checked checked = check_text(kBase + version("2026-07-01", "  fee f at\n") +
                                     deal("2026-03-01 until 2027-01-01", items));
  EXPECT_EQ(codes(checked), (Texts{"W207", "E004", "E514"}));
  Texts held;
  for (const HeldBack& one : checked.held_back)
    held.push_back(one.card + " " + to_string(one.from) + " " +
                   (one.until ? to_string(*one.until) : "on"));
  EXPECT_EQ(held, (Texts{"api 2026-07-01 on", "api_northwind 2026-03-01 2026-07-01",
                         "api_northwind 2026-07-01 2027-01-01"}));
}

TEST(Extends, AFileIsCalledLikeAnyOfItsVersions) {
  const std::string list =
      version("2026-07-01", "  change fee base at 400 USD per month, was 500 USD per month\n");
  const std::string deal_text =
      "toll 1\n" + deal("2026-03-01", "  change charge calls\n    discount 5%\n");
  const auto codes_of = [&](const std::string& base_file, const std::string& deal_file) {
    const std::vector<SourceFile> files = {{base_file, kBase + list}, {deal_file, deal_text}};
    return codes(check(files));
  };
  EXPECT_EQ(codes_of("api@2026-01-01.toll", "api_northwind@2026-03-01.toll"), Texts{"W207"});
  EXPECT_EQ(codes_of("api@2026-07-01.toll", "deal.toll"), Texts{"W207"});
  EXPECT_EQ(codes_of("api@2026-08-01.toll", "api_northwind@2026-03-02.toll"),
            (Texts{"W508", "W207", "W508"}));
}

/// The price of a call is its cost and something, agreed as that: what is replaced is the rule.
TEST(Extends, ACostPlusPriceIsReplacedAsItIsWritten) {
  const std::string base = R"(toll 1

unit call, calls
meter calls counts call

cost calls_cost on calls
  from 2026-01-01
  currency USD
  at 0.60 USD per call

cost later_cost on calls
  from 2026-06-01
  currency USD
  at 0.90 USD per call

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge calls
    at cost with 40% margin rounded up to 0.01 USD
)";
  const auto price = [](const Checked& checked) {
    return last(checked).charges.at(0).tables.at(0).tiers.at(0).terms.at(0).price_minor;
  };
  const Checked checked = check_text(base + version("2026-07-01", R"(  change charge calls
    at cost with 50% markup rounded up to 0.01 USD, was cost with 40.0% margin rounded up to 0.010 USD
)"));
  EXPECT_EQ(codes(checked), Texts{});
  EXPECT_EQ(price(checked), ratio(135));  // of the cost when the version begins
  EXPECT_EQ(checked.cards.front().charges.at(0).tables.at(0).tiers.at(0).terms.at(0).price_minor,
            ratio(100));
  EXPECT_EQ(codes(check_text(base + version("2026-07-01", R"(  change charge calls
    at 1.10 USD per call, was cost with 35% margin rounded up to 0.01 USD
)"))),
            Texts{"E501"});
  // A deal that changes nothing about the price has the cost of its own first day.
  EXPECT_EQ(price(check_text(base + "\ncard deal extends api\n  from 2026-06-15\n"
                                    "  fee f at 1.00 USD per month, not prorated\n")),
            ratio(150));
}

TEST(Extends, AnInvoiceIsForTheVersionThatItsCustomerHas) {
  const std::string text =
      kBase +
      version("2026-07-01", "  change fee base at 400.00 USD per month, was 500.00 USD per month\n",
              "new customers") +
      deal("2026-03-01", "  change charge calls\n    discount 5%\n");
  const auto invoice = [](std::string_view who) {
    return "\ninvoice \"" + std::string(who) + "\" for api in 2026-08\n  for customer " +
           std::string(who) + "\n  expect total 0.00 USD\n";
  };
  const Checked checked =
      check_text(text + invoice("acme") + invoice("acme since 2026-02-01") + invoice("northwind"));
  EXPECT_EQ(codes(checked), Texts{"W207"});
  std::vector<size_t> examples;
  for (const RateCard& card : checked.cards) examples.push_back(card.examples.size());
  EXPECT_EQ(examples, (std::vector<size_t>{2, 1, 1}));  // the base has one of its own
}

/// The first day of the version that has each example, by its title.
std::map<std::string, std::string> versions_of_examples(const Checked& checked) {
  std::map<std::string, std::string> versions;
  for (const RateCard& card : checked.cards)
    for (const Example& example : card.examples)
      versions[example.title] += card.name + " " + to_string(card.from);
  return versions;
}

std::string example(std::string_view title, std::string_view lines = "") {
  return "  example " + std::string(title) + "\n" + std::string(lines) +
         "    expect total 0.00 USD\n";
}

TEST(Extends, AnExampleOfADealIsAboutTheVersionOfItsDays) {
  const std::string terms = "  change charge calls\n    discount 5%\n";
  const std::string texts =
      kBase + version("2026-07-01", "  fee extra at 1.00 USD per month, not prorated\n") +
      deal("2026-03-01 until 2027-03-01",
           terms + example("\"First\"") + example("\"Old\" in 2026-06") +
               example("\"New\" in 2026-07", "    expect extra 1.00 USD\n") +
               example("\"Late\" in 2027-02"));
  const Checked checked = check_text(texts);
  EXPECT_EQ(codes(checked), Texts{"W207"});
  EXPECT_EQ(versions_of_examples(checked),
            (std::map<std::string, std::string>{{"First", "api_northwind 2026-03-01"},
                                                {"Old", "api_northwind 2026-03-01"},
                                                {"New", "api_northwind 2026-07-01"},
                                                {"Late", "api_northwind 2026-07-01"},
                                                {"Nothing", "api 2026-01-01"}}));
  for (const std::string outside : {"\"E\" in 2026-02", "\"E\" in 2027-03"}) {
    const Checked refused = check_text(texts + example(outside));
    EXPECT_EQ(codes(refused), (Texts{"W207", "E324"})) << outside;
    EXPECT_EQ(refused.cards.size(), 2u);
  }
}

TEST(Extends, ADealThatFollowsMakesNoExampleOfTheOneBeforeAnError) {
  const std::string first =
      deal("2026-03-01", "  change charge calls\n    discount 5%\n" + example("\"E\" in 2026-08"));
  const std::string next =
      "\ncard api_northwind extends previous\n  from 2026-06-01\n  change charge calls\n"
      "    discount 1%\n";
  const auto found = [](const Checked& checked) { return versions_of_examples(checked)["E"]; };
  EXPECT_EQ(found(check_text(kBase + first)), "api_northwind 2026-03-01");
  const Checked checked = check_text(kBase + first + next);
  EXPECT_FALSE(has_errors(checked.diagnostics));
  EXPECT_EQ(checked.cards.size(), 3u);
  EXPECT_EQ(found(checked), "api_northwind 2026-03-01");
}

TEST(Extends, AnExampleIsOfACustomerWhoHasItsCard) {
  const std::string newer = version("2026-07-01", "  bill discount 1%\n", "new customers");
  const std::string terms = deal("2026-03-01", "  change charge calls\n    discount 5%\n");
  const auto codes_for = [&](const std::string& in_base, const std::string& in_deal) {
    std::string base = kBase;
    if (!in_base.empty()) base += example("\"E\" in 2026-08", "    for customer " + in_base + "\n");
    std::string last = terms;
    if (!in_deal.empty()) last += example("\"E\" in 2026-08", "    for customer " + in_deal + "\n");
    const Checked checked = check_text(base + newer + last);
    EXPECT_EQ(checked.cards.size(), 3u);  // it is the example that is wrong, and no price
    EXPECT_EQ(checked.cards.front().examples.size() == 2,
              !in_base.empty() && !has_errors(checked.diagnostics));
    return codes(checked);
  };
  const Texts right{"W207"}, wrong{"W207", "E328"};
  EXPECT_EQ(codes_for("acme since 2026-02-01", "northwind"), right);
  EXPECT_EQ(codes_for("acme since 2026-07-15", ""), wrong);
  EXPECT_EQ(codes_for("acme", ""), wrong);
  EXPECT_EQ(codes_for("northwind since 2026-02-01", ""), wrong);
  EXPECT_EQ(codes_for("", "acme since 2026-02-01"), wrong);
}

TEST(Extends, ManyChangedRowsAreFoundInTime) {
  std::string rows, changes;
  for (int i = 1; i < 6000; ++i) {
    const std::string row = "    up to " + std::to_string(i) + " calls at ";
    rows += row + "0.01 USD per call\n";
    changes += row + "0.02 USD per call, was 0.01 USD per call\n";
  }
  std::string base = kBase;
  base.replace(base.find("    up to 1,000"), 0, rows);
  base.replace(base.find("    up to 1,000"), 15, "    up to 9,000");
  const auto begin = std::chrono::steady_clock::now();
  const Checked checked =
      check_text(base + version("2026-07-01", "  change charge calls\n" + changes));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(last(checked).charges.at(0).tables.at(0).tiers.at(5).terms.at(0).price_minor, ratio(2));
}

TEST(Extends, ManyThatStandOnOneAnotherAreRefusedInTime) {
  std::string text = kBase;
  for (int i = 0; i < 2000; ++i) {
    const std::string name = "c" + std::to_string(i);
    text += "\ncard " + name + " extends " + (i ? "c" + std::to_string(i - 1) : "api") +
            "\n  from 2026-01-01\n  fee f" + std::to_string(i) +
            " at 1.00 USD per month, not prorated\n";
  }
  const auto found = codes(check_text(text));
  EXPECT_TRUE(std::ranges::find(found, "E214") != found.end());
}

/// The helps of the one error that there is.
std::string helps(const Checked& checked) {
  std::string all;
  for (const Diagnostic& diagnostic : checked.diagnostics) {
    if (diagnostic.severity == Severity::Warning) continue;
    if (diagnostic.code != "E501" || !all.empty()) return "something else";
    for (const Note& note : diagnostic.notes)
      if (note.kind == "help") all += note.text;
  }
  return all;
}

TEST(Extends, ADealThroughTwoVersionsThatDifferIsWrittenTwice) {
  const auto change = [](const std::string& price, const std::string& was) {
    return "  change fee base at " + price + " USD per month, was " + was + " USD per month\n";
  };
  const std::string base = kBase + version("2026-07-01", change("550.00", "500.00"));
  // Each `was` is false on some of the days, so no help may advise one for all of them.
  for (const std::string was : {"500.00", "550.00", "10.00"}) {
    const std::string help =
        helps(check_text(base + deal("2026-03-01 until 2026-12-01", change("450.00", was))));
    EXPECT_TRUE(help.contains("with `until 2026-07-01`")) << help;
    EXPECT_TRUE(
        help.contains("`card api_northwind extends api` with `from 2026-07-01 until "
                      "2026-12-01` and `was 550.00 USD per month`"))
        << help;
    EXPECT_EQ(help.contains("`was 500.00 USD per month`"), was != "500.00") << help;
  }
  const Checked split =
      check_text(base + deal("2026-03-01 until 2026-07-01", change("450.00", "500.00")) +
                 deal("2026-07-01 until 2026-12-01", change("450.00", "550.00")));
  EXPECT_EQ(helps(split), "");
  EXPECT_EQ(days(split),
            (Texts{"api 2026-01-01 2026-07-01", "api 2026-07-01 on",
                   "api_northwind 2026-03-01 2026-07-01", "api_northwind 2026-07-01 2026-12-01"}));
  // On the days of one version there is a `was` to confirm.
  EXPECT_EQ(helps(check_text(base + deal("2026-07-01", change("450.00", "500.00")))),
            "drop the change, or confirm it with `was 550.00 USD per month`");
}

}  // namespace
}  // namespace toll::dsl
