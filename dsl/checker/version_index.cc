#include "dsl/checker/version_index.h"

#include <algorithm>
#include <ranges>

namespace toll::dsl::checker {
namespace {

/// The first day behind `day` on which one of the versions begins, ends, or is for customers for
/// whom it was not; `last` where there is none before that.
Date next_change(const std::vector<VersionContext*>& versions, Date day, Date last) {
  for (const VersionContext* version : versions) {
    const RateCard& card = version->first().card;
    for (const std::optional<Date>& change :
         {std::optional(card.from), card.until, card.stated_until, card.applies.existing_from})
      if (change && *change > day) last = std::min(last, *change);
  }
  return last;
}

}  // namespace

void VersionIndex::gather(const std::vector<std::unique_ptr<VersionContext>>& versions) {
  for (const auto& version : versions) {
    const CardContext& first = version->first();
    if (!first.from_known) continue;
    versions_[first.card.name].push_back(version.get());
    if (first.card.customer && !first.card.deal_on.empty())
      deals_[{first.card.deal_on, *first.card.customer}].push_back(version.get());
  }
}

const std::vector<VersionContext*>* VersionIndex::of_card(const std::string& card) const {
  const auto found = versions_.find(card);
  return found == versions_.end() ? nullptr : &found->second;
}

const VersionIndex::Versions* VersionIndex::deals_of(const std::string& card,
                                                     const syntax::OfCustomer* customer) const {
  if (!customer) return nullptr;
  const auto deals = deals_.find({card, customer->name.text});
  return deals == deals_.end() ? nullptr : &deals->second;
}

VersionContext* VersionIndex::on_day(const std::string& card, const syntax::OfCustomer* customer,
                                     Date day) const {
  if (const Versions* const deals = deals_of(card, customer))
    for (VersionContext* version : *deals) {
      const RateCard& deal = version->first().card;
      if (deal.from <= day && (!deal.until || day < *deal.until)) return version;
    }
  const Versions* const versions = of_card(card);
  if (!versions) return nullptr;
  const bool known = customer && customer->since;
  const Date since = known ? customer->since->value : day;
  for (VersionContext* version : *versions | std::views::reverse) {
    const RateCard& each = version->first().card;
    const bool first = version == versions->front();
    if (each.from > day || (!first && !each.applies.to(each.from, day, since))) continue;
    // `until` says too where the next version begins, which not every customer gets.
    const std::optional<Date>& until = known ? each.stated_until : each.until;
    return until && *until <= day ? nullptr : version;
  }
  return nullptr;
}

std::vector<VersionDays> VersionIndex::in_period(const std::string& card,
                                                 const syntax::OfCustomer* customer,
                                                 const Period& period) const {
  const Versions* const versions = of_card(card);
  const Versions* const deals = deals_of(card, customer);
  std::vector<VersionDays> found;
  for (Date day = period.from; day < period.until;) {
    Date next = period.until;
    for (const Versions* each : {versions, deals})
      if (each) next = next_change(*each, day, next);
    VersionContext* const version = on_day(card, customer, day);
    const bool goes_on =
        !found.empty() && found.back().version == version && found.back().days.until == day;
    if (goes_on)
      found.back().days.until = next;
    else if (version)
      found.push_back({{day, next}, version});
    day = next;
  }
  return found;
}

bool VersionIndex::has_deals(const std::string& card) const {
  const auto first = deals_.lower_bound({card, ""});
  return first != deals_.end() && first->first.first == card;
}

std::optional<RateCard::Extended> VersionIndex::compared_with(const RateCard& card,
                                                              const Guarantee& guarantee) const {
  const bool previous = guarantee.than == "previous";
  const std::string& name = previous ? card.name : guarantee.than;
  if (!guarantee.than_from) {
    for (const RateCard::Extended& below : card.stands_on)
      if (below.card == name) return below;
  }
  const auto* const versions = of_card(name);
  if (!versions) return std::nullopt;
  const Date on = guarantee.than_from.value_or(card.from);
  std::optional<RateCard::Extended> found;
  for (const VersionContext* version : *versions) {
    const Date from = version->first().card.from;
    if (from < on || (from == on && !previous)) found = {name, from};
  }
  return found;
}

}  // namespace toll::dsl::checker
