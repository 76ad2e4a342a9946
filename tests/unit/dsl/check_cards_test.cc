// What becomes of whole cards: every number in its meter's unit, every cell with its table.
#include <gtest/gtest.h>

#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using TermKind = syntax::Term::Kind;

constexpr std::string_view kObjectStorage = R"(toll 1

unit request, requests
dimension class is standard, infrequent, archive
dimension operation is write, read

meter storage  sums   GiB-month by class
meter requests counts request   by operation
meter egress   sums   GiB

card object_storage "Object storage"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge storage "Stored data" by class
    tiers graduated
    standard up to 50 TiB-months  at 0.0230 USD per GiB-month
    standard up to 500 TiB-months at 0.0220 USD per GiB-month
    standard beyond               at 0.0210 USD per GiB-month
    infrequent                    at 0.0125 USD per GiB-month
    archive                       at 0.0040 USD per GiB-month

  charge requests "Requests" by operation
    write at 0.0050 USD per 1,000 requests
    read  at 0.0004 USD per 1,000 requests

  charge egress "Data transfer out"
    included 100 GiB
    tiers graduated
    up to 10 TiB at 0.090 USD per GiB
    up to 50 TiB at 0.085 USD per GiB
    beyond       at 0.070 USD per GiB

  guarantee bill never decreases
  guarantee unit price never increases for storage

  example "Media archive" in 2026-01
    use storage standard: 60 TiB-months
    use storage archive: 200 TiB-months
    use requests write: 2M requests
    use requests read: 40M requests
    use egress 11,264 GiB
    expect storage/standard 1,402.88 USD
    expect storage/archive 819.20 USD
    expect requests/write 10.00 USD
    expect requests/read 16.00 USD
    expect egress 1,000.14 USD
    expect total 3,248.22 USD
)";

constexpr std::string_view kAiTokens = R"(toll 1

unit token, tokens
dimension model is nano, mini, large
dimension kind is input, cached_input, output
dimension mode is live, batch

meter tokens sums token by model, kind, mode

card ai_tokens "Model API"
  from 2026-03-01
  currency USD
  period month
  round each line half-up

  charge tokens "Tokens" by model, kind
    nano,  input        at 0.10 USD per 1M tokens
    nano,  cached_input at 0.025 USD per 1M tokens
    nano,  output       at 0.40 USD per 1M tokens
    mini,  input        at 0.40 USD per 1M tokens
    mini,  cached_input at 0.10 USD per 1M tokens
    mini,  output       at 1.60 USD per 1M tokens
    large, input        at 2.50 USD per 1M tokens
    large, cached_input at 1.25 USD per 1M tokens
    large, output       at 10.00 USD per 1M tokens
    discount 50% when mode is batch

  alert when bill reaches 400 USD, notify customer
  limit bill to 5,000 USD per month then block

  guarantee bill never decreases

  example "Chat product" in 2026-03
    use tokens large, input, live: 120M tokens
    use tokens nano, input, batch: 2B tokens
    expect tokens/large/input 300.00 USD
    expect tokens/nano/input 100.00 USD
    expect total 400.00 USD
)";

constexpr std::string_view kHybrid = R"(toll 1

unit call, calls

meter api_calls counts call

card api_platform "API platform"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base "Platform fee" at 500.00 USD per month, in advance, prorated by day

  charge api_calls "API calls above the bundle"
    included 100,000 calls
    at 0.0040 USD per call

  alert when api_calls reaches 80% of included, notify customer
  alert when bill reaches 2,000 USD, notify customer, owner

  guarantee bill never decreases
  guarantee bill at least 500 USD
  guarantee bill at most 4,100 USD while api_calls up to 1M calls

  example "Growing customer" in 2026-03
    use api_calls 250,000 calls
    expect api_calls 600.00 USD
    expect total 1,100.00 USD
)";

constexpr std::string_view kOutcomes = R"(toll 1

unit resolution, resolutions
unit lead, leads

meter resolutions counts resolution
  when conversation.resolved_by_agent
  within 72 hours after conversation.started
  unless conversation.reopened within 7 days
  once per conversation
meter leads counts lead
  when lead.qualified
  within 30 days after lead.first_touch
  once per company

card outcomes "Pay per outcome"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge resolutions "Resolved conversations"
    at 0.99 USD per resolution

  charge leads "Qualified leads"
    tiers graduated
    up to 50 leads at 40.00 USD per lead
    beyond         at 30.00 USD per lead

  bill minimum 49.00 USD "Monthly minimum"

  guarantee bill never decreases
  guarantee bill at least 49 USD

  example "First month" in 2026-01
    use resolutions 20 resolutions
    expect resolutions 19.80 USD
    expect total 49.00 USD
)";

/// The one price of a tier, in minor units.
Ratio price(const Tier& tier) {
  EXPECT_EQ(tier.terms.size(), 1u);
  return tier.terms.empty() ? Ratio() : tier.terms.front().price_minor;
}

TEST(CheckedCard, HasTiersInTheMetersUnitAndPricesInCents) {
  const RateCard card = card_of(std::string(kObjectStorage));
  EXPECT_EQ(card.name, "object_storage");
  EXPECT_EQ(card.label, "Object storage");
  EXPECT_EQ(to_string(card.from), "2026-01-01");
  EXPECT_EQ(card.until, std::nullopt);
  EXPECT_EQ(card.currency.name(), "USD");
  EXPECT_EQ(card.period, PeriodUnit::Month);
  EXPECT_EQ(card.rounding, RoundingMode::HalfUp);
  EXPECT_EQ(card.rounding_step_minor, 1);
  EXPECT_EQ(card.time_zone, "UTC");

  ASSERT_EQ(card.charges.size(), 3u);
  const Charge& storage = card.charges[0];
  EXPECT_EQ(storage.label, "Stored data");
  EXPECT_EQ(card.meters[storage.meter].unit, "GiB-month");
  EXPECT_EQ(card.meters[storage.meter].unit_plural, "GiB-months");
  ASSERT_EQ(storage.by.size(), 1u);
  EXPECT_EQ(card.dimensions[storage.by[0]].name, "class");
  ASSERT_EQ(storage.tables.size(), 3u);
  const PriceTable& standard = storage.tables[0];
  EXPECT_EQ(standard.kind, TierKind::Graduated);
  ASSERT_EQ(standard.tiers.size(), 3u);
  EXPECT_EQ(standard.tiers[0].up_to, ratio(51'200));
  EXPECT_EQ(standard.tiers[1].up_to, ratio(512'000));
  EXPECT_EQ(standard.tiers[2].up_to, std::nullopt);
  EXPECT_EQ(price(standard.tiers[0]), ratio(23, 10));
  EXPECT_EQ(price(standard.tiers[2]), ratio(21, 10));
  EXPECT_EQ(storage.tables[1].kind, TierKind::None);
  EXPECT_EQ(price(storage.tables[1].tiers.at(0)), ratio(125, 100));
  EXPECT_EQ(storage.table_of_cell, (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(storage.cells_in_row_order, (std::vector<uint32_t>{0, 1, 2}));

  EXPECT_EQ(price(card.charges[1].tables[0].tiers.at(0)), ratio(5, 10'000));

  const Charge& egress = card.charges[2];
  ASSERT_EQ(egress.quantity_steps.size(), 1u);
  EXPECT_EQ(egress.quantity_steps[0].quantity, ratio(100));
  EXPECT_EQ(egress.quantity_steps[0].reach, Reach::Unsaid);
  EXPECT_EQ(egress.tables[0].tiers.at(0).up_to, ratio(10'240));
}

TEST(CheckedCard, SaysWhereEverythingStands) {
  const RateCard card = card_of(std::string(kObjectStorage));
  EXPECT_EQ(card.source.file, "card.toll");
  EXPECT_EQ(card.source.line, 11u);
  EXPECT_EQ(card.source.text, "card object_storage \"Object storage\"");
  const Charge& storage = card.charges[0];
  EXPECT_EQ(storage.source.line, 17u);
  EXPECT_EQ(storage.tables[0].tiers[1].source.line, 20u);
  EXPECT_EQ(storage.tables[0].tiers[1].source.text,
            "standard up to 500 TiB-months at 0.0220 USD per GiB-month");
  EXPECT_EQ(card.charges[2].quantity_steps[0].source.text, "included 100 GiB");
  EXPECT_EQ(card.guarantees.at(1).source.line, 37u);
  EXPECT_EQ(card.examples.at(0).expects.at(0).source.line, 45u);
  EXPECT_EQ(card.meters[storage.meter].source.line, 7u);
}

TEST(CheckedCard, HasExamplesInTheMetersUnit) {
  const RateCard card = card_of(std::string(kObjectStorage));
  ASSERT_EQ(card.examples.size(), 1u);
  const Example& example = card.examples[0];
  EXPECT_EQ(example.title, "Media archive");
  EXPECT_FALSE(example.whole);
  EXPECT_EQ(to_string(example.period.from), "2026-01-01");
  EXPECT_EQ(to_string(example.period.until), "2026-02-01");
  ASSERT_EQ(example.uses.size(), 5u);
  EXPECT_EQ(example.uses[0].quantity, (Decimal{61'440, 0}));
  EXPECT_EQ(example.uses[0].values, std::vector<uint32_t>{0});
  EXPECT_EQ(example.uses[1].values, std::vector<uint32_t>{2});
  EXPECT_EQ(example.uses[4].values, std::vector<uint32_t>{});
  EXPECT_EQ(example.expects.at(0).path, "storage/standard");
  EXPECT_EQ(example.expects.at(0).amount_minor, 140'288);
  EXPECT_EQ(example.expects.at(5).path, "total");
}

TEST(CheckedCard, HasATableForEachRowAndAConditionOnAnotherDimension) {
  const RateCard card = card_of(std::string(kAiTokens));
  const Charge& tokens = card.charges.at(0);
  ASSERT_EQ(tokens.by.size(), 2u);
  EXPECT_EQ(tokens.tables.size(), 9u);
  EXPECT_EQ(tokens.table_of_cell, (std::vector<uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(price(tokens.tables[1].tiers.at(0)), ratio(25, 10'000'000));
  ASSERT_EQ(tokens.money_steps.size(), 1u);
  const MoneyStep& discount = tokens.money_steps[0];
  EXPECT_EQ(discount.fraction, ratio(1, 2));
  ASSERT_TRUE(discount.condition.has_value());
  EXPECT_EQ(card.dimensions[discount.condition->dimension].name, "mode");
  EXPECT_EQ(discount.condition->values, std::vector<uint32_t>{1});
  EXPECT_FALSE(discount.condition->in_by);

  ASSERT_EQ(card.limits.size(), 1u);
  EXPECT_EQ(card.limits[0].meter, std::nullopt);
  EXPECT_EQ(card.limits[0].to, ratio(500'000));
  EXPECT_EQ(card.limits[0].per, "month");
  EXPECT_EQ(card.limits[0].action, "block");
  ASSERT_EQ(card.alerts.size(), 1u);
  EXPECT_EQ(card.alerts[0].at, ratio(40'000));
  EXPECT_EQ(card.examples.at(0).uses.at(1).values, (std::vector<uint32_t>{0, 0, 1}));
}

TEST(CheckedCard, HasFeesForATermLongerThanThePeriod) {
  const RateCard card = card_of(text_with(
      "  fee setup at 250.00 USD once\n  fee platform at 1,200.00 USD per year, not prorated\n"
      "  fee base at 5.00 USD per month, not prorated\n"));
  ASSERT_EQ(card.fees.size(), 3u);
  EXPECT_TRUE(card.fees[0].once && card.fees[0].has_term() && !card.fees[0].term);
  EXPECT_EQ(card.fees[1].term, PeriodUnit::Year);
  EXPECT_TRUE(!card.fees[1].once && card.fees[1].has_term());
  EXPECT_FALSE(card.fees[2].has_term());
}

TEST(CheckedCard, HasFeesGuaranteesAndSharesOfWhatIsIncluded) {
  const RateCard card = card_of(std::string(kHybrid));
  ASSERT_EQ(card.fees.size(), 1u);
  EXPECT_EQ(card.fees[0].amount_minor, 50'000);
  EXPECT_TRUE(card.fees[0].prorated_by_day);
  EXPECT_TRUE(card.fees[0].in_advance);
  ASSERT_EQ(card.items.size(), 2u);
  EXPECT_EQ(card.items[0].kind, ItemRef::Kind::Fee);
  EXPECT_EQ(card.items[1].kind, ItemRef::Kind::Charge);

  EXPECT_EQ(card.alerts.at(0).meter, 0u);
  EXPECT_EQ(card.alerts.at(0).at, ratio(80'000));
  ASSERT_EQ(card.guarantees.size(), 3u);
  EXPECT_EQ(card.guarantees[1].kind, syntax::Guarantee::Kind::AtLeast);
  EXPECT_EQ(card.guarantees[1].amount_minor, 50'000);
  ASSERT_EQ(card.guarantees[2].whiles.size(), 1u);
  EXPECT_EQ(card.guarantees[2].whiles[0].up_to, ratio(1'000'000));
}

TEST(CheckedCard, HasOutcomesAndBillLines) {
  const RateCard card = card_of(std::string(kOutcomes));
  EXPECT_EQ(card.meters.at(0).declaration->once_per->text, "conversation");
  ASSERT_EQ(card.bill_steps.size(), 1u);
  EXPECT_EQ(card.bill_steps[0].kind, syntax::MoneyLine::Kind::Minimum);
  EXPECT_EQ(card.bill_steps[0].amount_minor, 4'900);
  EXPECT_EQ(card.bill_steps[0].label, "Monthly minimum");
  EXPECT_EQ(price(card.charges.at(1).tables.at(0).tiers.at(0)), ratio(4'000));
}

TEST(CheckedCard, WarnsOnlyWhereTheDesignSaysSo) {
  EXPECT_EQ(codes(check_text(std::string(kObjectStorage))), std::vector<std::string>{"W207"});
  for (const auto& text : {kAiTokens, kHybrid, kOutcomes}) {
    EXPECT_EQ(codes(check_text(std::string(text))), std::vector<std::string>{});
  }
}

/// Nothing else says what rows share.
TEST(CheckedCard, WarnsOfNoAllowanceThatRowsShare) {
  const auto warnings = [](const std::string& allowance) {
    return codes(
        check_text("toll 1\n\nunit call, calls\ndimension region is eu, us\n"
                   "meter calls counts call by region\n\n"
                   "card api \"API\"\n  from 2026-01-01\n  currency USD\n  period month\n"
                   "  round each line half-up\n\n  charge calls \"Calls\" by region\n    " +
                   allowance +
                   "\n    tiers graduated\n    any up to 1,000 calls at 1.00 USD per call\n"
                   "    any beyond         at 0.50 USD per call\n"));
  };
  EXPECT_EQ(warnings("included 100 calls in each row"), std::vector<std::string>{"W207"});
  EXPECT_EQ(warnings("included 100 calls shared"), std::vector<std::string>{});
}

TEST(CheckedCharge, KeepsBlocksInTheMetersUnit) {
  const RateCard card = card_of(text_with(R"(
  charge storage "Storage"
    at 5.00 USD per started 2 TiB-months + 1.50 USD flat + 0.10 USD per 100 GiB-months
)"));
  const auto& terms = card.charges.at(0).tables.at(0).tiers.at(0).terms;
  ASSERT_EQ(terms.size(), 3u);
  EXPECT_EQ(terms[0].kind, TermKind::PerStarted);
  EXPECT_EQ(terms[0].price_minor, ratio(500));
  EXPECT_EQ(terms[0].block, ratio(2'048));
  EXPECT_EQ(terms[1].kind, TermKind::Flat);
  EXPECT_EQ(terms[1].price_minor, ratio(150));
  EXPECT_EQ(terms[2].kind, TermKind::PerUnit);
  EXPECT_EQ(terms[2].price_minor, ratio(1, 10));
}

TEST(CheckedCharge, HasPricesInTheMetersUnitWhateverUnitTheyAreWrittenIn) {
  const RateCard card = card_of(text_with(R"(
  charge storage "Storage"
    included 0.5 TiB-months
    at 1.00 USD per TiB-month + 3.00 USD per 2 PiB-months
)"));
  const auto& terms = card.charges.at(0).tables.at(0).tiers.at(0).terms;
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_EQ(terms[0].price_minor, ratio(100, 1'024));
  EXPECT_EQ(terms[1].price_minor, ratio(300, 2 * 1'024 * 1'024));
  EXPECT_EQ(card.charges.at(0).quantity_steps.at(0).quantity, ratio(512));
}

TEST(CheckedCharge, GivesCellsTheMostSpecificRowAndOrdersThemByRow) {
  const RateCard card = card_of(text_with(R"(
  charge api_calls by region, mode
    any, any   at 0.04 USD per call
    us,  other free
    us,  any   at 0.02 USD per call
)"));
  const Charge& charge = card.charges.at(0);
  EXPECT_EQ(charge.label, "api_calls");
  // eu: live 0, batch 1, other 2; us: live 3, batch 4, other 5
  EXPECT_EQ(charge.table_of_cell, (std::vector<uint32_t>{0, 0, 0, 2, 2, 1}));
  EXPECT_EQ(charge.cells_in_row_order, (std::vector<uint32_t>{0, 1, 2, 5, 3, 4}));
  EXPECT_TRUE(charge.tables[1].tiers.at(0).terms.empty());
}

TEST(CheckedCharge, KeepsRowsOfOneKeyInOneTable) {
  const RateCard card = card_of(text_with(R"(
  charge api_calls by region
    tiers volume
    eu up to 100 calls at 0.04 USD per call
    us                 at 0.05 USD per call
    eu beyond          at 0.03 USD per call
)"));
  const Charge& charge = card.charges.at(0);
  ASSERT_EQ(charge.tables.size(), 2u);
  EXPECT_EQ(charge.tables[0].kind, TierKind::Volume);
  EXPECT_EQ(charge.tables[0].tiers.size(), 2u);
  EXPECT_EQ(charge.tables[1].kind, TierKind::None);
}

TEST(CheckedCharge, IsClosedByALimitAtOrBelowItsLastBound) {
  const RateCard card = card_of(text_with(R"(
  charge storage "Storage"
    tiers stairstep
    up to 1 TiB-month   at 20.00 USD flat
    up to 10 TiB-months at 90.00 USD flat

  limit storage to 5 GiB-months per second then throttle
  limit storage to 10 TiB-months per month then block
)"));
  const PriceTable& table = card.charges.at(0).tables.at(0);
  EXPECT_EQ(table.kind, TierKind::Stairstep);
  EXPECT_EQ(table.closed_by, 1u);
  EXPECT_EQ(card.limits.at(1).to, ratio(10'240));
}

TEST(CheckedCharge, IsNotClosedWhereRoundingLiftsUsageAboveTheLastBound) {
  constexpr std::string_view kItems = R"(
  charge storage "Storage"
    rounded up to {} GiB-months
    tiers volume
    up to 100 GiB-months at 0.20 USD per GiB-month
    up to 995 GiB-months at 0.10 USD per GiB-month

  limit storage to 995 GiB-months per month then block
)";
  const auto text = [&](std::string step) {
    std::string items(kItems);
    return text_with(items.replace(items.find("{}"), 2, step));
  };
  EXPECT_EQ(card_of(text("5")).charges.at(0).tables.at(0).closed_by, 0u);
  const Checked checked = check_text(text("10"));
  EXPECT_EQ(checked.cards.size(), 0u);
  EXPECT_EQ(codes(checked).front(), "E201");
}

TEST(CheckedCharge, IsClosedByBlockingLimitsOfTheCardsPeriodOnly) {
  const auto codes_with = [](std::string_view limit) {
    return codes(
        check_text(text_with("  charge storage\n    tiers volume\n"
                             "    up to 5 GiB-months at 1 USD per GiB-month\n  limit "
                             "storage to " +
                             std::string(limit) + "\n")));
  };
  EXPECT_EQ(codes_with("5 GiB-months per month then block"), std::vector<std::string>{"W127"});
  for (std::string_view limit :
       {"5 GiB-months per month then throttle", "5 GiB-months per day then block",
        "5 GiB-months then block", "5.1 GiB-months per month then block"}) {
    EXPECT_EQ(codes_with(limit), std::vector<std::string>{"E201"}) << limit;
  }
}

TEST(CheckedCharge, MayHaveATierThatIsDueAtZero) {
  const RateCard card = card_of(text_with(R"(
  charge storage "Storage"
    tiers volume
    up to 0 GiB-months at 9.00 USD flat
    beyond             at 9.00 USD flat
)"));
  const PriceTable& table = card.charges.at(0).tables.at(0);
  EXPECT_EQ(table.kind, TierKind::Volume);
  EXPECT_EQ(table.tiers.at(0).up_to, ratio(0));
  EXPECT_EQ(codes(check_text(text_with(R"(
  charge storage "Storage"
    tiers volume
    up to 0 GiB-months at 9.00 USD flat
    beyond             at 9.00 USD flat
  limit api_calls unlimited
)"))),
            std::vector<std::string>{});  // no W212: the second tier changes what 1 costs
}

TEST(CheckedCharge, KeepsReachAndConditionsOfMoneyLines) {
  const RateCard card = card_of(text_with(R"(
  charge api_calls by region
    included 100 calls shared
    rounded down to 10 calls
    any at 0.04 USD per call
    minimum 5.00 USD in each row when region is us or eu
    surcharge 2.5%
    discount 1.00 USD shared
    maximum 500.00 USD shared

  bill discount 12.5%
  bill maximum 1,000.00 USD "Cap"
)"));
  const Charge& charge = card.charges.at(0);
  ASSERT_EQ(charge.quantity_steps.size(), 2u);
  EXPECT_EQ(charge.quantity_steps[0].reach, Reach::Shared);
  EXPECT_EQ(charge.quantity_steps[1].kind, QuantityStep::Kind::Rounded);
  EXPECT_EQ(charge.quantity_steps[1].mode, RoundingMode::Down);
  ASSERT_EQ(charge.money_steps.size(), 4u);
  EXPECT_TRUE(charge.money_steps[0].condition->in_by);
  EXPECT_EQ(charge.money_steps[0].condition->values, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(charge.money_steps[0].amount_minor, 500);
  EXPECT_EQ(charge.money_steps[1].fraction, ratio(25, 1'000));
  EXPECT_EQ(charge.money_steps[2].reach, Reach::Shared);
  EXPECT_EQ(card.bill_steps.at(0).fraction, ratio(1, 8));
  EXPECT_EQ(card.bill_steps.at(1).label, "Cap");
}

TEST(CheckedHeader, TakesZonePeriodModeAndStep) {
  const RateCard card = card_of(std::string(kDeclarations) + R"(
card cash "Cash"
  from 2026-01-01 until 2027-01-01
  currency CHF
  time zone Europe/Zurich
  period quarter
  round each line half-even to 0.05 CHF

  fee base at 9.00 CHF per quarter, not prorated
)");
  EXPECT_EQ(card.currency.name(), "CHF");
  EXPECT_EQ(card.time_zone, "Europe/Zurich");
  EXPECT_EQ(card.period, PeriodUnit::Quarter);
  EXPECT_EQ(card.rounding, RoundingMode::HalfEven);
  EXPECT_EQ(card.rounding_step_minor, 5);
  EXPECT_EQ(to_string(*card.until), "2027-01-01");
  EXPECT_EQ(card.fees.at(0).label, "base");
}

TEST(CheckedMeter, CountsDistinctValuesInTheUnitOfTheirField) {
  const auto card = [](std::string unit) {
    return card_with("  charge active\n    at 1.00 USD per " + unit + "\n");
  };
  EXPECT_EQ(
      card_of("toll 1\nunit user, users\nmeter active counts distinct user_id\n" + card("user"))
          .meters.at(0)
          .unit,
      "user");
  EXPECT_EQ(
      card_of("toll 1\nunit active, users\nmeter active counts distinct login\n" + card("active"))
          .meters.at(0)
          .unit_plural,
      "users");
}

TEST(CheckedMeter, IsReadOnceHoweverOftenItIsNamed) {
  const RateCard card = card_of(text_with(R"(
  charge storage "Storage"
    at 0.04 USD per GiB-month

  charge more "More storage" on storage
    at 0.01 USD per GiB-month

  limit api_calls to 50 calls per second then throttle
)"));
  ASSERT_EQ(card.meters.size(), 2u);
  EXPECT_EQ(card.charges.at(1).meter, card.charges.at(0).meter);
  EXPECT_EQ(card.meters[1].name, "api_calls");
  EXPECT_EQ(card.meters[1].dimensions, (std::vector<uint32_t>{0, 1}));
  EXPECT_TRUE(card.dimensions.at(1).open);
  EXPECT_FALSE(card.dimensions.at(0).open);
}

}  // namespace
}  // namespace toll::dsl
