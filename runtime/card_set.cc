#include "runtime/card_set.h"

#include <algorithm>

namespace toll::runtime {

CardSet::CardSet(std::vector<std::shared_ptr<const Revision>> revisions) {
  for (std::shared_ptr<const Revision>& revision : revisions)
    cards_[revision->card().name].push_back(std::move(revision));
  for (auto& [name, versions] : cards_)
    std::ranges::sort(versions, {}, [](const auto& revision) { return revision->card().from; });
}

const CardSet::Versions* CardSet::versions(std::string_view card) const {
  const auto found = cards_.find(card);
  return found == cards_.end() ? nullptr : &found->second;
}

std::shared_ptr<const Revision> CardSet::find(std::string_view card, Date on) const {
  const Versions* all = versions(card);
  if (!all) return nullptr;
  const auto after = std::ranges::upper_bound(
      *all, on, {}, [](const auto& revision) { return revision->card().from; });
  if (after == all->begin()) return nullptr;
  const std::shared_ptr<const Revision>& revision = *std::prev(after);
  const std::optional<Date>& until = revision->card().until;
  return until && on >= *until ? nullptr : revision;
}

std::shared_ptr<const Revision> CardSet::find_today(std::string_view card) const {
  const Versions* all = versions(card);
  if (!all) return nullptr;
  for (auto revision = all->rbegin(); revision != all->rend(); ++revision) {
    const dsl::RateCard& candidate = (*revision)->card();
    const Date today = today_in(candidate.time_zone);
    if (candidate.from > today) continue;
    return candidate.until && today >= *candidate.until ? nullptr : *revision;
  }
  return nullptr;
}

std::shared_ptr<const Revision> CardSet::find_hash(std::string_view card,
                                                   std::string_view hash) const {
  const Versions* all = versions(card);
  if (!all) return nullptr;
  const auto found = std::ranges::find(
      *all, hash, [](const auto& revision) { return std::string_view(revision->card().hash); });
  return found == all->end() ? nullptr : *found;
}

std::optional<Date> CardSet::end_of(const Revision& revision) const {
  std::optional<Date> end = revision.card().until;
  if (const Versions* all = versions(revision.card().name))
    for (const auto& other : *all)
      if (other->card().from > revision.card().from && (!end || other->card().from < *end))
        end = other->card().from;
  return end;
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
