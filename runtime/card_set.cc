#include "runtime/card_set.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace toll::runtime {

namespace {

/// Whether a revision is an earlier text of what is in error: of that version; or of a text whose
/// day is not known; or of a deal, which has several versions in one text and goes on as a whole.
bool is_of(const dsl::RateCard& card, const dsl::HeldBack& held) {
  const bool any_day = held.from == Date{} || !held.deal_on.empty();
  return card.name == held.card &&
         (card.from == held.from || (any_day && card.source.file == held.file));
}

}  // namespace

VersionKey version_key(const dsl::RateCard& card) { return {card.name, card.from}; }

CardSet::CardSet(Revisions revisions, std::vector<dsl::HeldBack> held_back,
                 std::shared_ptr<const EarlierRevisions> earlier)
    : held_back_(std::move(held_back)), earlier_(std::move(earlier)) {
  for (std::shared_ptr<const Revision>& revision : revisions)
    offers_[version_key(revision->card())].push_back(std::move(revision));
  for (auto& [key, offers] : offers_) {
    std::ranges::sort(offers, {}, [](const auto& revision) { return revision->card().offer; });
    cards_[key.first].push_back(offers.front());  // the map goes by rising `from`
    const dsl::RateCard& card = offers.front()->card();
    if (!card.customer || card.deal_on.empty()) continue;
    std::vector<std::string>& deals = deals_[{card.deal_on, *card.customer}];
    if (deals.empty() || deals.back() != card.name) deals.push_back(card.name);
  }
  add_rows();
}

/// What is in error and goes on with an earlier text is a live version like others.
void CardSet::add_rows() {
  for (const auto& [name, versions] : cards_)
    for (const auto& revision : versions) rows_[name].push_back({revision, nullptr});
  for (const dsl::HeldBack& held : held_back_) {
    std::vector<Slot>& row = rows_[held.card];
    const auto is_earlier_text = [&](const Slot& slot) {
      return slot.revision && is_of(slot.card(), held);
    };
    if (std::ranges::none_of(row, is_earlier_text))
      row.push_back({nullptr, std::make_shared<const dsl::HeldBack>(held)});
  }
  // One whose day is not known may be of any day: it stands before all others where the latest is
  // looked for first.
  const auto place = [](const Slot& slot) { return std::pair(slot.from() == Date{}, slot.from()); };
  for (auto& [name, row] : rows_) std::ranges::stable_sort(row, {}, place);
}

const CardSet::Revisions& CardSet::offers(const Revision& revision) const {
  return offers_.at(version_key(revision.card()));
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

std::span<const CardSet::Slot> CardSet::row(std::string_view card) const {
  const auto found = rows_.find(card);
  return found == rows_.end() ? std::span<const Slot>() : found->second;
}

/// `until` says too where the next version begins, which not every customer gets.
const std::optional<Date>& CardSet::Slot::until(bool known_customer) const {
  if (held) return held->stated_until;
  return known_customer ? card().stated_until : card().until;
}

/// Of the versions of a card the one that a customer has, latest first; `day(slot)` is the day that
/// is asked for. Null where there is none.
template <typename Day>
const CardSet::Slot* CardSet::slot_for(std::string_view card, std::optional<Date> since,
                                       Day day) const {
  const std::span<const Slot> all = row(card);
  for (auto slot = all.rbegin(); slot != all.rend(); ++slot) {
    const Date on = day(*slot);
    if (slot->from() > on) continue;
    const bool first = slot + 1 == all.rend();
    if (!first && !slot->applies().to(slot->from(), on, since.value_or(on))) continue;
    const std::optional<Date>& until = slot->until(since.has_value());
    return until && on >= *until ? nullptr : &*slot;
  }
  return nullptr;
}

namespace {
constexpr auto kToday = [](const auto& slot) { return today_in(slot.time_zone()); };
}  // namespace

std::shared_ptr<const Revision> CardSet::find(std::string_view card, Date on,
                                              std::optional<Date> since) const {
  const Slot* const slot = slot_for(card, since, [on](const Slot&) { return on; });
  return slot ? slot->revision : nullptr;
}

std::shared_ptr<const Revision> CardSet::find_today(std::string_view card,
                                                    std::optional<Date> since) const {
  const Slot* const slot = slot_for(card, since, kToday);
  return slot ? slot->revision : nullptr;
}

const dsl::HeldBack* CardSet::version_held_back(std::string_view card, Date on,
                                                std::optional<Date> since) const {
  const Slot* const slot = slot_for(card, since, [on](const Slot&) { return on; });
  return slot ? slot->held.get() : nullptr;
}

const dsl::HeldBack* CardSet::version_held_back_today(std::string_view card,
                                                      std::optional<Date> since) const {
  const Slot* const slot = slot_for(card, since, kToday);
  return slot ? slot->held.get() : nullptr;
}

std::span<const std::string> CardSet::deals(std::string_view card,
                                            std::string_view customer) const {
  const auto found = deals_.find({std::string(card), std::string(customer)});
  return found == deals_.end() ? std::span<const std::string>() : found->second;
}

const dsl::HeldBack* CardSet::deal_held_back(std::string_view card, std::string_view customer,
                                             Date on) const {
  const auto found = std::ranges::find_if(held_back_, [&](const dsl::HeldBack& held) {
    return (held.deal_on == card || held.deal_on == kAnyCard) &&
           (!held.customer || *held.customer == customer) && held.from <= on &&
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

Result<std::shared_ptr<const CardSet>> CardSet::with_earlier(std::string_view card,
                                                             std::string_view hash) const {
  if (!earlier_) return nullptr;
  auto offers = earlier_->find(card, hash);
  if (!offers) return std::unexpected(std::move(offers.error()));
  if (offers->empty()) return nullptr;
  const Date from = offers->front()->card().from;
  if (const Versions* live = versions(card))
    for (const auto& version : *live)
      if (version->card().from != from)
        std::ranges::copy(this->offers(*version), std::back_inserter(*offers));
  return std::make_shared<const CardSet>(std::move(*offers), held_back_);
}

CardSet::Days CardSet::days_of(const Revision& revision, Date on, std::optional<Date> since) const {
  const std::string& name = revision.card().name;
  const std::span<const Slot> all = row(name);
  Days days{revision.card().from, revision.card().until};
  if (all.empty()) return days;
  const auto has_it = [&](Date day) {
    const auto found = find(name, day, since);
    return found && found->card().hash == revision.card().hash;
  };
  if (!since || !has_it(on)) {
    for (const Slot& other : all)
      if (other.from() > days.from && (!days.until || other.from() < *days.until))
        days.until = other.from();
    return days;
  }
  std::set<Date> changes;
  for (const Slot& version : all) {
    changes.insert(version.from());
    if (const auto& until = version.until(true)) changes.insert(*until);
    if (version.applies().existing_from) changes.insert(*version.applies().existing_from);
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
