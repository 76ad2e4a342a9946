#include "runtime/example_document.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace toll::runtime {
namespace {

UsageEntry entry_of(const dsl::RateCard& card, uint32_t meter_index,
                    std::span<const uint32_t> values, const Decimal& quantity) {
  const dsl::Meter& meter = card.meters[meter_index];
  UsageEntry entry;
  entry.meter = meter.name;
  entry.quantity = quantity;
  for (size_t i = 0; i < meter.dimensions.size(); ++i) {
    const dsl::Dimension& dimension = card.dimensions[meter.dimensions[i]];
    entry.at.emplace_back(dimension.name, dimension.values[values[i]]);
  }
  return entry;
}

/// Without usage.
UsageDocument document_of_offer(const dsl::RateCard& card) {
  UsageDocument document;
  document.card = card.name;
  document.hash = card.hash;
  if (!card.plan.empty()) document.plan = card.plan;
  document.currency = std::string(card.currency.name());
  return document;
}

/// What an example uses item by item or day by day, the days from the first of the line on.
void give_one_by_one(dsl::Grain grain, std::span<const dsl::Example::Use::Items> used,
                     Date first_day, UsageEntry& entry) {
  using Given = UsageEntry::Given;
  if (grain == dsl::Grain::Cell) return;
  entry.given = grain == dsl::Grain::Day ? Given::Days : Given::Items;
  Date day = first_day;
  for (const dsl::Example::Use::Items& items : used) {
    for (uint32_t i = 0; i < items.times; ++i, day += std::chrono::days(1)) {
      if (grain == dsl::Grain::Day)
        entry.days.emplace_back(day, items.quantity);
      else
        entry.items.push_back(items.quantity);
    }
  }
}

using Cards = std::vector<const dsl::RateCard*>;

/// How a line gives what was used: as its card prices it, or, of a list, as another part does.
dsl::Grain given_as(const dsl::RateCard& card, const dsl::Example::Use& use, const Cards& parts) {
  const dsl::Meter& meter = card.meters[use.meter];
  if (meter.grain != dsl::Grain::Cell || use.items.empty()) return meter.grain;
  for (const dsl::RateCard* part : parts)
    for (const dsl::Meter& there : part->meters)
      if (there.name == meter.name && there.grain != dsl::Grain::Cell) return there.grain;
  return dsl::Grain::Cell;
}

/// Adds what the lines of an example, or of a change of plan in it, say. `parts` are its offers.
void add_lines(const dsl::RateCard& card, const dsl::Example& example, const Cards& parts,
               UsageDocument& document) {
  for (const dsl::Example::Use& use : example.uses) {
    document.usage.push_back(entry_of(card, use.meter, use.values, use.quantity));
    give_one_by_one(given_as(card, use, parts), use.items, use.from.value_or(example.period.from),
                    document.usage.back());
    document.usage.back().from = use.from;
    document.usage.back().until = use.until;
  }
  for (const dsl::Example::Granted& granted : example.granted)
    document.grants.push_back({.pool = card.pools[granted.pool].name,
                               .quantity = granted.quantity,
                               .from = granted.from,
                               .expires = granted.expires});
  for (const dsl::Example::UsedToDate& used : example.used_to_date)
    document.used_to_date.push_back({card.meters[used.meter].name, used.quantity});
  for (const dsl::Example::BilledToDate& billed : example.billed_to_date)
    document.billed_to_date.push_back({card.bill_steps[billed.bill_step].commitment->name,
                                       Decimal{billed.amount_minor, card.currency.exponent}});
}

}  // namespace

std::optional<UsageDocument> document_of(const dsl::RateCard& card, const dsl::Example& example,
                                         std::span<const dsl::RateCard* const> offers) {
  UsageDocument document = document_of_offer(card);
  document.period = example.period;
  document.customer_since = example.since;
  Cards parts{&card};
  for (const dsl::Example& change : example.changes) {
    const auto offer = std::ranges::find(offers, change.offer, &dsl::RateCard::key);
    if (offer == offers.end()) return std::nullopt;
    parts.push_back(*offer);
  }
  add_lines(card, example, parts, document);
  if (example.changes.empty()) return document;
  document.hash.reset();  // each day has its plan, and its version
  if (example.is_of_several_versions()) {
    document.card = example.card;
    document.customer = example.customer;
  }
  const std::string* plan = &card.plan;
  for (size_t i = 0; i < example.changes.size(); ++i) {
    const dsl::Example& change = example.changes[i];
    const dsl::RateCard& offer = *parts[i + 1];
    if (offer.plan != *plan) document.plan_changes.emplace_back(change.period.from, offer.plan);
    plan = &offer.plan;
    add_lines(offer, change, parts, document);
  }
  return document;
}

std::optional<UsageDocument> document_of(const dsl::RateCard& card, const dsl::Example& example,
                                         const CardSet::Revisions& offers) {
  std::vector<const dsl::RateCard*> cards;
  if (!example.changes.empty())
    for (const auto& offer : offers) cards.push_back(&offer->card());
  return document_of(card, example, cards);
}

UsageDocument document_of(const dsl::RateCard& card, std::span<const compiler::MeterUsage> usage) {
  UsageDocument document = document_of_offer(card);
  document.on = card.from;
  for (const compiler::MeterUsage& use : usage) {
    document.usage.push_back(entry_of(card, use.meter, use.values, use.quantity));
    const dsl::Example::Use::Items once{1, use.quantity};
    give_one_by_one(card.meters[use.meter].grain, {&once, 1}, card.from, document.usage.back());
  }
  return document;
}

CardSet cards_of(const CardSet::Revisions& offers, const dsl::Example& example) {
  const auto bills = [&](const dsl::RateCard& card) {
    return example.offer.is_of_version(card.key()) ||
           std::ranges::any_of(example.changes, [&](const dsl::Example& change) {
             return change.offer.is_of_version(card.key());
           });
  };
  CardSet::Revisions revisions;
  for (const auto& offer : offers) {
    if (!bills(offer->card())) continue;
    dsl::RateCard card = offer->card();
    if (!example.whole) card.until = card.stated_until;
    revisions.push_back(
        std::make_shared<const Revision>(std::move(card), offer->program(), offer->native()));
  }
  return CardSet(std::move(revisions));
}

}  // namespace toll::runtime
