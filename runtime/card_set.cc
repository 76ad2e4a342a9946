#include "runtime/card_set.h"

#include <algorithm>
#include <set>

namespace toll::runtime {

namespace {
std::pair<std::string, Date> key_of(const dsl::RateCard& card) { return {card.name, card.from}; }
}  // namespace

CardSet::CardSet(Revisions revisions, std::vector<dsl::HeldBack> held_back)
    : held_back_(std::move(held_back)) {
  for (std::shared_ptr<const Revision>& revision : revisions)
    offers_[key_of(revision->card())].push_back(std::move(revision));
  for (auto& [key, offers] : offers_) {
    std::ranges::sort(offers, {}, [](const auto& revision) { return revision->card().offer; });
    cards_[key.first].push_back(offers.front());  // the map goes by rising `from`
    const dsl::RateCard& card = offers.front()->card();
    if (!card.customer || card.deal_on.empty()) continue;
    std::vector<std::string>& deals = deals_[{card.deal_on, *card.customer}];
    if (deals.empty() || deals.back() != card.name) deals.push_back(card.name);
  }
}

const CardSet::Revisions& CardSet::offers(const Revision& revision) const {
  return offers_.at(key_of(revision.card()));
}

CardSet::Revisions CardSet::revisions() const {
  Revisions all;
  for (const auto& [key, offers] : offers_) all.insert(all.end(), offers.begin(), offers.end());
  return all;
}

const CardSet::Versions* CardSet::versions(std::string_view card) const {
  const auto found = cards_.find(card);
  return found == cards_.end() ? nullptr : &found->second;
}

namespace {

/// Of the versions of a card the one that a customer has, latest first; `day(card)` is the day that
/// is asked for.
template <typename Day>
std::shared_ptr<const Revision> version_for(const CardSet::Versions& versions,
                                            std::optional<Date> since, Day day) {
  for (auto revision = versions.rbegin(); revision != versions.rend(); ++revision) {
    const dsl::RateCard& card = (*revision)->card();
    const Date on = day(card);
    if (card.from > on) continue;
    const bool first = revision + 1 == versions.rend();
    if (!first && !card.applies.to(card.from, on, since.value_or(on))) continue;
    // `until` says too where the next version begins, which not every customer gets.
    const std::optional<Date>& until = since ? card.stated_until : card.until;
    return until && on >= *until ? nullptr : *revision;
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<const Revision> CardSet::find(std::string_view card, Date on,
                                              std::optional<Date> since) const {
  const Versions* all = versions(card);
  if (!all) return nullptr;
  return version_for(*all, since, [on](const dsl::RateCard&) { return on; });
}

std::shared_ptr<const Revision> CardSet::find_today(std::string_view card,
                                                    std::optional<Date> since) const {
  const Versions* all = versions(card);
  if (!all) return nullptr;
  return version_for(*all, since,
                     [](const dsl::RateCard& version) { return today_in(version.time_zone); });
}

std::span<const std::string> CardSet::deals(std::string_view card,
                                            std::string_view customer) const {
  const auto found = deals_.find({std::string(card), std::string(customer)});
  return found == deals_.end() ? std::span<const std::string>() : found->second;
}

const dsl::HeldBack* CardSet::deal_held_back(std::string_view card, std::string_view customer,
                                             Date on) const {
  const auto found = std::ranges::find_if(held_back_, [&](const dsl::HeldBack& held) {
    return held.deal_on == card && held.customer == customer && held.from <= on &&
           (!held.until || on < *held.until);
  });
  return found == held_back_.end() ? nullptr : &*found;
}

std::shared_ptr<const Revision> CardSet::find_hash(std::string_view card,
                                                   std::string_view hash) const {
  const Versions* all = versions(card);
  if (!all) return nullptr;
  const auto found = std::ranges::find(
      *all, hash, [](const auto& revision) { return std::string_view(revision->card().hash); });
  return found == all->end() ? nullptr : *found;
}

CardSet::Days CardSet::days_of(const Revision& revision, Date on, std::optional<Date> since) const {
  const std::string& name = revision.card().name;
  const Versions* all = versions(name);
  Days days{revision.card().from, revision.card().until};
  if (!all) return days;
  const auto has_it = [&](Date day) {
    const auto found = find(name, day, since);
    return found && found->card().hash == revision.card().hash;
  };
  if (!since || !has_it(on)) {
    for (const auto& other : *all)
      if (other->card().from > days.from && (!days.until || other->card().from < *days.until))
        days.until = other->card().from;
    return days;
  }
  std::set<Date> changes;
  for (const auto& version : *all) {
    const dsl::RateCard& card = version->card();
    changes.insert(card.from);
    if (card.stated_until) changes.insert(*card.stated_until);
    if (card.applies.existing_from) changes.insert(*card.applies.existing_from);
  }
  days.until.reset();
  for (const Date change : changes) {
    if (change > on && !days.until && !has_it(change)) days.until = change;
    // The last change up to the day from which on it was this version without a break.
    if (change <= on && has_it(change) && !has_it(change - std::chrono::days(1)))
      days.from = change;
  }
  return days;
}

LiveCards::LiveCards() : set_(std::make_shared<const CardSet>()) {}

std::shared_ptr<const CardSet> LiveCards::get() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

void LiveCards::exchange(std::shared_ptr<const CardSet> set) {
  const std::lock_guard lock(mutex_);
  set_.swap(set);
  // The old set goes with `set`, after the lock: freeing native code takes its time.
}

}  // namespace toll::runtime
