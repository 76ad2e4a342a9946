#include "runtime/quoting/cut_grants.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "runtime/quoting/carried_grants.h"
#include "runtime/quoting/cut_period.h"
#include "runtime/quoting/grants.h"

namespace toll::runtime {
namespace {

const dsl::RateCard& card_of(const CutPart& part) { return part.revision->card(); }

/// The part from which on a pool has been there without a break, up to `part`.
const CutPart& first_with_pool(const std::vector<CutPart>& parts, size_t part,
                               const std::string& pool) {
  while (part > 0 && pool_called(card_of(parts[part - 1]), pool)) --part;
  return parts[part];
}

/// What the `grant` lines of one part give on its days.
void add_grants_of_part(const std::vector<CutPart>& parts, size_t index,
                        const std::optional<Date>& since, std::vector<CutGrant>& grants) {
  const dsl::RateCard& card = card_of(parts[index]);
  const Period covered{parts.front().days.from, parts.back().days.until};
  const Period whole = period_containing(card.period, covered.from);
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool) {
    const std::string& name = card.pools[pool].name;
    const Date begins = first_with_pool(parts, index, name).days.from;
    std::optional<Date> begun = since;
    if (begins > covered.from) begun = since ? std::max(*since, begins) : begins;
    std::vector<BoundGrant> given;
    add_recurring_grants(card, {begins, covered.until}, whole, begun, given);
    for (const BoundGrant& grant : given)
      if (grant.grant.pool == pool && parts[index].days.contains(grant.from))
        grants.push_back({name, grant.grant.quantity, grant.from, grant.expires, true});
  }
}

/// What cannot have been left when the period begins, by the lines of what is in force then and
/// before. REQUIRES: all grants can be bound.
std::vector<UsageFault> impossible_at_begin(const CardSet& cards, const UsageDocument& document,
                                            const CutPart& first, const Period& covered) {
  std::vector<BoundGrant> grants;
  std::vector<size_t> places;
  for (size_t i = 0; i < document.grants.size(); ++i) {
    if (!pool_called(card_of(first), document.grants[i].pool)) continue;
    auto grant = bind_grant(document.grants[i], i, card_of(first), covered);
    if (!grant) continue;
    grants.push_back(*std::move(grant));
    places.push_back(i);
  }
  if (grants.empty()) return {};
  return impossible_grants({*first.revision, covered, grants, places},
                           grantors_of(cards, document, *first.revision, covered),
                           document.customer_since);
}

}  // namespace

const dsl::Pool* pool_called(const dsl::RateCard& card, const std::string& name) {
  const auto found = std::ranges::find(card.pools, name, &dsl::Pool::name);
  return found == card.pools.end() ? nullptr : &*found;
}

std::expected<std::vector<CutGrant>, Refusal> gather_grants(const CardSet& cards,
                                                            const UsageDocument& document,
                                                            const std::vector<CutPart>& parts,
                                                            std::vector<Grant>& waiting) {
  const Period covered{parts.front().days.from, parts.back().days.until};
  std::vector<CutGrant> grants;
  std::vector<UsageFault> faults;
  std::vector<const Revision*> offers;
  for (const CutPart& part : parts) offers.push_back(part.revision.get());
  for (size_t i = 0; i < document.grants.size(); ++i) {
    const Grant& given = document.grants[i];
    if (waits(cards, offers, given, i, covered, waiting, faults)) continue;
    size_t part = parts.size() - 1;
    while (part > 0 && !pool_called(card_of(parts[part]), given.pool)) --part;
    const bool known = pool_called(card_of(parts[part]), given.pool);
    auto grant = bind_grant(given, i, card_of(known ? parts[part] : parts.back()), covered);
    if (!grant)
      faults.push_back(std::move(grant.error()));
    else
      grants.push_back(
          {given.pool, grant->grant.quantity, grant->from, grant->expires, grant->recurring});
  }
  if (faults.empty()) faults = impossible_at_begin(cards, document, parts.front(), covered);
  if (!faults.empty()) return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults)});
  for (size_t part = 0; part < parts.size(); ++part)
    add_grants_of_part(parts, part, document.customer_since, grants);
  std::ranges::stable_sort(grants, {}, &CutGrant::from);  // the oldest first
  return grants;
}

std::vector<size_t> spent_in_order(const dsl::RateCard& card, const std::vector<CutGrant>& grants) {
  std::vector<size_t> order;
  for (size_t g = 0; g < grants.size(); ++g)
    if (pool_called(card, grants[g].pool)) order.push_back(g);
  std::ranges::stable_sort(order, {}, [&](size_t g) {
    const dsl::Pool* const pool = pool_called(card, grants[g].pool);
    return std::tuple(pool,
                      pool->oldest_first ? Date::min() : grants[g].expires.value_or(Date::max()));
  });
  return order;
}

std::vector<BoundGrant> bound_to_card(const dsl::RateCard& card,
                                      const std::vector<CutGrant>& grants) {
  std::vector<BoundGrant> bound;
  for (const size_t g : spent_in_order(card, grants)) {
    const CutGrant& grant = grants[g];
    const auto pool = static_cast<uint32_t>(pool_called(card, grant.pool) - card.pools.data());
    bound.push_back({.grant = {.pool = pool, .quantity = grant.quantity},
                     .from = grant.from,
                     .expires = grant.expires,
                     .recurring = grant.recurring,
                     .age = static_cast<uint32_t>(g)});
  }
  return bound;
}

std::vector<Date> days_of_grants(const std::vector<CutPart>& parts,
                                 const std::vector<CutGrant>& grants) {
  std::set<Date> days;
  for (const CutGrant& grant : grants) {
    const auto in_credits = [&](const CutPart& part) {
      const dsl::Pool* const pool = pool_called(card_of(part), grant.pool);
      return pool && pool->credit;
    };
    if (std::ranges::none_of(parts, in_credits)) continue;
    days.insert(grant.from);
    if (grant.expires) days.insert(*grant.expires);
  }
  std::erase_if(days, [&](Date day) {
    return day <= parts.front().days.from || day >= parts.back().days.until;
  });
  return {days.begin(), days.end()};
}

}  // namespace toll::runtime
