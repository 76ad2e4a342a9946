#include "dsl/checker/version_index.h"

#include <ranges>

namespace toll::dsl::checker {

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

VersionContext* VersionIndex::deal_of(const std::string& card, const std::string& customer,
                                      const Period& days) const {
  const auto deals = deals_.find({card, customer});
  if (deals == deals_.end()) return nullptr;
  for (VersionContext* version : deals->second) {
    const RateCard& deal = version->first().card;
    const bool ended = deal.until && *deal.until <= days.from;
    if (!ended && deal.from < days.until) return version;
  }
  return nullptr;
}

VersionContext* VersionIndex::of_customer(const std::string& card,
                                          const syntax::OfCustomer& customer,
                                          const Period& days) const {
  if (VersionContext* const deal = deal_of(card, customer.name.text, days)) return deal;
  const auto* const versions = of_card(card);
  if (!versions) return nullptr;
  const Date since = customer.since ? customer.since->value : days.from;
  for (VersionContext* version : *versions | std::views::reverse) {
    const RateCard& each = version->first().card;
    const bool first = version == versions->front();
    if (each.from <= days.from && (first || each.applies.to(each.from, days.from, since)))
      return version;
  }
  return nullptr;
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
