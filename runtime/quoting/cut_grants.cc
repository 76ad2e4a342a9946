#include "runtime/quoting/cut_grants.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <tuple>

#include "runtime/quoting/carried_grants.h"
#include "runtime/quoting/cut_period.h"
#include "runtime/quoting/grants.h"

namespace toll::runtime {
namespace {

const dsl::RateCard& card_of(const CutPart& part) { return part.revision->card(); }

bool has_pool(const CutPart& part, const std::string& pool) {
  return pool_called(card_of(part), pool) != nullptr;
}

/// The first day of intervals whose grant a pool gives on the days of a part: of those before it
/// the customer had it in an earlier part, however long the pool was gone since.
Date granting_in_part(const CardSet& cards, const UsageDocument& document,
                      const std::vector<CutPart>& parts, size_t index, const dsl::Pool& pool) {
  const Period covered{parts.front().days.from, parts.back().days.until};
  const Date first = days_as_customer(covered, document.customer_since).from;
  for (size_t part = index; part-- > 0;)
    if (has_pool(parts[part], pool.name) && first < parts[part].days.until)
      return parts[part].days.until;
  const auto was_given = [&](const Grant& grant) {
    return grant.recurring && grant.pool == pool.name;
  };
  if (index > 0)
    return std::ranges::any_of(document.grants, was_given) ? covered.from : Date::min();
  const Period whole = period_containing(card_of(parts[0]).period, covered.from);
  return granting_from(cards, document, covered, whole, pool);
}

/// What the `grant` lines of one part give on its days.
void add_grants_of_part(const CardSet& cards, const UsageDocument& document,
                        const std::vector<CutPart>& parts, size_t index,
                        std::vector<CutGrant>& grants) {
  const dsl::RateCard& card = card_of(parts[index]);
  const Period covered{parts.front().days.from, parts.back().days.until};
  const Date first = days_as_customer(covered, document.customer_since).from;
  const Period days{std::max(first, parts[index].days.from), parts[index].days.until};
  if (days.from >= days.until) return;
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool) {
    const dsl::Pool& source = card.pools[pool];
    std::vector<BoundGrant> given;
    add_grants_of_lines(card, pool, days, granting_in_part(cards, document, parts, index, source),
                        given);
    for (const BoundGrant& grant : given)
      grants.push_back(
          {source.name, grant.grant.quantity, grant.from, grant.expires, true, {&source}});
  }
}

/// What a `grant` line gave goes with the plan that gave it, unless that is there again before the
/// next grant would come.
void end_with_plan(const std::vector<CutPart>& parts, CutGrant& grant) {
  for (const CutPart& part : parts) {
    if (part.days.until <= grant.from || grant.gone || has_pool(part, grant.pool)) continue;
    if (comes_again_in(grant.lines, grant.expires, part.days)) grant.gone = part.days.from;
  }
}

/// The pools whose lines can have given what was there before the parts.
GrantingPools lines_before(const CardSet& cards, const std::vector<CutPart>& parts,
                           const std::string& pool) {
  GrantingPools lines;
  for (const CutPart& part : parts)
    if (lines.empty()) lines = granting_pools(plans_of(cards, part.revision), pool);
  return lines;
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
                                                            std::vector<WaitingGrant>& waiting) {
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
          {given.pool, grant->grant.quantity, grant->from, grant->expires, grant->recurring,
           given.recurring ? lines_before(cards, parts, given.pool) : GrantingPools{}});
  }
  if (faults.empty()) faults = impossible_at_begin(cards, document, parts.front(), covered);
  if (!faults.empty()) return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults)});
  for (size_t part = 0; part < parts.size(); ++part)
    add_grants_of_part(cards, document, parts, part, grants);
  for (CutGrant& grant : grants)
    if (grant.recurring) end_with_plan(parts, grant);
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
                     .expires = grant.gone ? grant.gone : grant.expires,
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
    if (grant.expires && grant.expires <= grant.gone.value_or(Date::max()))
      days.insert(*grant.expires);
  }
  std::erase_if(days, [&](Date day) {
    return day <= parts.front().days.from || day >= parts.back().days.until;
  });
  return {days.begin(), days.end()};
}

}  // namespace toll::runtime
