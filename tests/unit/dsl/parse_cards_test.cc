// Whole cards: each uses the language in another corner, and every line has to reach the tree.

#include <gtest/gtest.h>

#include <string>

#include "dsl/parse.h"

namespace toll::dsl {
namespace {

constexpr std::string_view kStorage = R"(toll 1

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

constexpr std::string_view kTokens = R"(toll 1

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
    use tokens large, cached_input, live: 300M tokens
    expect tokens/large/input 300.00 USD
    expect total 675.00 USD
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

  example "Inside the bundle" in 2026-03
    use api_calls 100,000 calls
    expect base 500.00 USD
    expect api_calls 0.00 USD
    expect total 500.00 USD

  example "One call over" in 2026-03
    use api_calls 100,001 calls
    expect total 500.00 USD
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

syntax::File tree_of(std::string_view text) {
  SourceFile file{"card.toll", std::string(text)};
  Parsed parsed = parse(file, 0);
  for (const Diagnostic& d : parsed.diagnostics) ADD_FAILURE() << render(d, {&file, 1});
  EXPECT_TRUE(parsed.tree.unread.empty());
  return std::move(parsed.tree);
}

template <typename T>
std::vector<T> all(const auto& variants) {
  std::vector<T> found;
  for (const auto& v : variants) {
    if (auto* value = std::get_if<T>(&v)) found.push_back(*value);
  }
  return found;
}

const syntax::Card& only_card(const syntax::File& tree) {
  const syntax::Card* found = nullptr;
  for (const auto& declaration : tree.declarations) {
    if (auto* card = std::get_if<syntax::Card>(&declaration)) found = card;
  }
  EXPECT_NE(found, nullptr);
  return *found;
}

TEST(FoundingCard, ObjectStorageReachesTheTree) {
  auto tree = tree_of(kStorage);
  EXPECT_EQ(all<syntax::Unit>(tree.declarations).size(), 1u);
  EXPECT_EQ(all<syntax::Dimension>(tree.declarations).size(), 2u);
  auto meters = all<syntax::Meter>(tree.declarations);
  ASSERT_EQ(meters.size(), 3u);
  EXPECT_EQ(meters[0].unit.text, "GiB-month");

  const auto& card = only_card(tree);
  EXPECT_EQ(card.label->text, "Object storage");
  EXPECT_EQ(card.headers.size(), 4u);
  auto charges = all<syntax::Charge>(card.items);
  ASSERT_EQ(charges.size(), 3u);
  auto rows = all<syntax::Row>(charges[0].lines);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[1].up_to->number.value.to_string(), "500");
  EXPECT_TRUE(rows[2].beyond);
  EXPECT_EQ(rows[4].price[0].money.number.value.to_string(), "0.0040");
  EXPECT_EQ(all<syntax::Included>(charges[2].lines).size(), 1u);
  EXPECT_EQ(all<syntax::Guarantee>(card.items).size(), 2u);
  auto examples = all<syntax::Example>(card.items);
  ASSERT_EQ(examples.size(), 1u);
  EXPECT_EQ(examples[0].uses.size(), 5u);
  EXPECT_EQ(examples[0].expects.size(), 6u);
}

TEST(FoundingCard, AiTokensReachTheTree) {
  auto tree = tree_of(kTokens);
  const auto& card = only_card(tree);
  auto charges = all<syntax::Charge>(card.items);
  ASSERT_EQ(charges.size(), 1u);
  auto rows = all<syntax::Row>(charges[0].lines);
  ASSERT_EQ(rows.size(), 9u);
  EXPECT_EQ(rows[1].keys[1].text, "cached_input");
  auto discounts = all<syntax::MoneyLine>(charges[0].lines);
  ASSERT_EQ(discounts.size(), 1u);
  EXPECT_EQ(discounts[0].when->values[0].text, "batch");
  EXPECT_EQ(all<syntax::Alert>(card.items).size(), 1u);
  EXPECT_EQ(all<syntax::Limit>(card.items)[0].subject.text, "bill");
}

TEST(FoundingCard, HybridApiReachesTheTree) {
  auto tree = tree_of(kHybrid);
  const auto& card = only_card(tree);
  auto fees = all<syntax::Fee>(card.items);
  ASSERT_EQ(fees.size(), 1u);
  EXPECT_EQ(fees[0].proration, syntax::Fee::Proration::ByDay);
  EXPECT_EQ(all<syntax::Alert>(card.items)[1].notify.size(), 2u);
  EXPECT_EQ(all<syntax::Guarantee>(card.items)[2].whiles[0].meter.text, "api_calls");
  EXPECT_EQ(all<syntax::Example>(card.items).size(), 2u);
}

TEST(FoundingCard, OutcomesReachTheTree) {
  auto tree = tree_of(kOutcomes);
  auto meters = all<syntax::Meter>(tree.declarations);
  ASSERT_EQ(meters.size(), 2u);
  EXPECT_EQ(meters[0].unless->text, "conversation.reopened");
  EXPECT_EQ(meters[1].within->number.value.to_string(), "30");
  const auto& card = only_card(tree);
  auto lines = all<syntax::BillLine>(card.items);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].label->text, "Monthly minimum");
}

TEST(FoundingCard, BlockIsItsText) {
  auto tree = tree_of(kHybrid);
  const auto& card = only_card(tree);
  std::string_view block = kHybrid.substr(card.block.begin, card.block.end - card.block.begin);
  EXPECT_TRUE(block.starts_with("card api_platform"));
  EXPECT_TRUE(block.ends_with("expect total 500.00 USD"));
  EXPECT_EQ(kHybrid.substr(card.span.begin, card.span.end - card.span.begin),
            "card api_platform \"API platform\"");
}

}  // namespace
}  // namespace toll::dsl
