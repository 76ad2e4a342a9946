#include "engine/reading/closed_periods.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace toll::engine {
namespace {

using runtime::CardSet;

/// All offers of a revision, live or kept; none where it is neither.
Result<CardSet::Revisions> offers_of(const CardSet& live, const std::string& card,
                                     const std::string& hash) {
  if (const auto revision = live.find_hash(card, hash)) return live.offers(*revision);
  return live.earlier() ? live.earlier()->find(card, hash) : CardSet::Revisions();
}

std::unexpected<runtime::Refusal> lost(const ClosedPeriod& closed, const std::string& hash,
                                       const std::string& why) {
  return std::unexpected(runtime::Refusal{
      runtime::Refusal::Kind::Unfit,
      {{"/hash",
        fmt::format(
            "the period from {} was closed by a text of card `{}` ({}) that is neither "
            "live nor kept{}, so that what it comes to now cannot be priced: bring back the "
            "text, or the folder `cards` of the data from a backup",
            toll::to_string(closed.period.from), closed.card, hash,
            why.empty() ? "" : fmt::format(" whole ({})", why))}}});
}

/// Stands for the versions before those of a set, of which it has none: whether a version is for a
/// customer (`applies to`) is otherwise not asked of a card's first one, and the days on which it
/// is in force would be others than they were.
dsl::HeldBack before_all(const dsl::RateCard& card) {
  dsl::HeldBack none;
  none.card = card.name;
  none.from = Date(std::chrono::days(1));  // of a version whose first day is known
  return none;
}

}  // namespace

Answered<ClosedPeriods> ClosedPeriods::read(const CardSet& live, const Engine& engine,
                                            std::string_view tenant, std::string_view customer,
                                            const Subscription& subscription) {
  auto closed = engine.closed_periods(tenant, customer, subscription.id);
  if (!closed) return std::unexpected(std::move(closed.error()));
  ClosedPeriods periods(live, subscription.card, subscription.since());
  periods.all_ = *std::move(closed);
  return periods;
}

std::optional<Date> ClosedPeriods::until() const {
  return all_.empty() ? std::optional<Date>() : all_.back().period.until;
}

ClosedPeriods::Cards ClosedPeriods::cards_of(const ClosedPeriod& closed) const {
  if (const auto made = made_.find(closed.hashes); made != made_.end()) return made->second;
  auto cards = make(closed);
  if (cards) made_.emplace(closed.hashes, *cards);
  return cards;
}

ClosedPeriods::Cards ClosedPeriods::make(const ClosedPeriod& closed) const {
  CardSet::Revisions revisions;
  std::vector<dsl::HeldBack> before;
  for (size_t i = 0; i < closed.hashes.size(); ++i) {
    const std::string& hash = closed.hashes[i];
    if (std::ranges::find(closed.hashes.begin(), closed.hashes.begin() + i, hash) !=
        closed.hashes.begin() + i)
      continue;  // another plan of the same text
    const std::string& card = closed.part_cards.empty() ? closed.card : closed.part_cards[i];
    auto offers = offers_of(live_, card, hash);
    // A row may be older than the names of its parts.
    if (offers && offers->empty()) offers = offers_of(live_, card_, hash);
    if (!offers) return lost(closed, hash, offers.error().message);
    if (offers->empty()) return lost(closed, hash, "");
    const dsl::RateCard& version = offers->front()->card();
    if (version.applies.to(version.from, closed.period.from, since_))
      before.push_back(before_all(version));
    std::ranges::move(*offers, std::back_inserter(revisions));
  }
  return std::make_shared<const CardSet>(std::move(revisions), std::move(before));
}

std::vector<metering::BilledPeriod> ClosedPeriods::before(Date day) const {
  std::vector<metering::BilledPeriod> periods;
  for (const ClosedPeriod& closed : all_)
    if (closed.period.until <= day)
      periods.push_back({closed.period, [this, &closed] { return cards_of(closed); }});
  return periods;
}

std::vector<std::string> part_cards_of(const CardSet& cards, const runtime::Answer& answer,
                                       const Subscription& subscription,
                                       const std::string& customer) {
  std::vector<std::string> names;
  for (const runtime::AnswerPart& part : answer.parts) {
    const auto deals = cards.deals(subscription.card, customer);
    const auto deal = std::ranges::find_if(deals, [&](const std::string& name) {
      return cards.find_hash(name, part.hash) != nullptr;
    });
    names.push_back(deal == deals.end() ? subscription.card : *deal);
  }
  if (std::ranges::all_of(names, [&](const auto& name) { return name == answer.card; })) return {};
  return names;
}

}  // namespace toll::engine
