#include "runtime/quoting/grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ranges>
#include <set>
#include <tuple>
#include <utility>

#include "base/money.h"
#include "runtime/quote.h"

namespace toll::runtime {
namespace {

/// The grant of one interval of a `grant` line, from its first covered day on.
BoundGrant grant_of(const dsl::RateCard& card, uint32_t pool, const dsl::Pool::Grant& line,
                    const Period& interval, Date from) {
  const dsl::Pool& source = card.pools[pool];
  BoundGrant grant{
      .grant = {.pool = pool, .quantity = {}}, .from = from, .expires = {}, .recurring = true};
  grant.grant.quantity = line.quantity;
  if (line.expires)
    grant.expires = after(from, *line.expires);
  else if (!source.rollover)
    grant.expires = interval.until;
  return grant;
}

}  // namespace

Date after(Date day, const dsl::Lasting& lasting) {
  using std::chrono::year_month_day, std::chrono::year_month_day_last;
  const auto count = static_cast<int>(lasting.count);
  if (lasting.unit == PeriodUnit::Day) return day + std::chrono::days(count);
  if (lasting.unit == PeriodUnit::Week) return day + std::chrono::days(7 * count);
  const year_month_day date(day);
  const year_month_day moved = date + std::chrono::months(count * months_of(lasting.unit));
  if (moved.ok()) return moved;
  return year_month_day_last(moved.year(), std::chrono::month_day_last(moved.month()));
}

std::expected<BoundGrant, UsageFault> bind_grant(const Grant& given, size_t index,
                                                 const dsl::RateCard& card, const Period& covered) {
  const std::string place = fmt::format("/state/grants/{}", index);
  const auto pool = std::ranges::find(card.pools, given.pool, &dsl::Pool::name);
  if (pool == card.pools.end())
    return std::unexpected(UsageFault{
        place + "/pool", fmt::format("card `{}` has no pool `{}`", card.name, given.pool)});
  if (given.from && given.expires && *given.expires <= *given.from)
    return std::unexpected(
        UsageFault{place + "/expires",
                   fmt::format("the grant ends before it begins, on {}", to_string(*given.from))});
  BoundGrant grant{.grant = {.pool = static_cast<uint32_t>(pool - card.pools.begin()),
                             .quantity = given.quantity},
                   .from = given.from.value_or(covered.from),
                   .expires = given.expires,
                   .recurring = given.recurring};
  if (pool->credit) return grant;
  const auto minor = to_minor(given.quantity, card.currency);
  if (!minor)
    return std::unexpected(UsageFault{
        place + "/quantity",
        fmt::format("`{}` is no amount of {}", given.quantity.to_string(), card.currency.name())});
  grant.grant.quantity = Ratio(*minor);
  return grant;
}

UsageFault gone_before(size_t index, Date expires, Date first) {
  return {fmt::format("/state/grants/{}/expires", index),
          fmt::format("the grant is gone on {}, and the period begins on {}: nothing of it is left",
                      to_string(expires), to_string(first))};
}

const dsl::RateCard* card_with_pool(const CardSet& cards, const Revision& offer,
                                    std::string_view pool, bool with_lines) {
  const dsl::RateCard& card = offer.card();
  if (!cards.find_hash(card.name, card.hash)) return nullptr;  // a document asks for another text
  for (const auto& other : cards.offers(offer)) {
    const auto& pools = other->card().pools;
    const auto found = std::ranges::find(pools, pool, &dsl::Pool::name);
    if (found != pools.end() && (!with_lines || !found->grants.empty())) return &other->card();
  }
  return nullptr;
}

bool waits(const CardSet& cards, std::span<const Revision* const> offers, const Grant& given,
           size_t index, const Period& covered, std::vector<WaitingGrant>& waiting,
           std::vector<UsageFault>& faults) {
  const auto has_it = [&](const Revision* offer) {
    const auto& pools = offer->card().pools;
    return std::ranges::find(pools, given.pool, &dsl::Pool::name) != pools.end();
  };
  if (std::ranges::any_of(offers, has_it)) return false;
  const dsl::RateCard* card = nullptr;
  for (const Revision* const offer : offers)
    if (!card) card = card_with_pool(cards, *offer, given.pool, given.recurring);
  if (!card) return false;
  if (auto bound = bind_grant(given, index, *card, covered); !bound)
    faults.push_back(std::move(bound.error()));
  else if (given.expires && *given.expires <= covered.from)
    faults.push_back(gone_before(index, *given.expires, covered.from));
  else
    waiting.push_back({given, card});
  return true;
}

namespace {

/// Whether a line can have given, before a day, a grant that ends on `expires`.
bool can_have_given(const dsl::Pool& pool, const dsl::Pool::Grant& line,
                    std::optional<Date> expires, Date day) {
  if (line.expires) return expires && *expires <= after(day, *line.expires);
  if (pool.rollover || !expires) return pool.rollover && !expires;
  const Period interval = period_containing(line.every, *expires - std::chrono::days(1));
  return interval.until == *expires && interval.from < day;
}

}  // namespace

CardSet::Revisions plans_of(const CardSet& cards, const std::shared_ptr<const Revision>& offer) {
  if (!cards.find_hash(offer->card().name, offer->card().hash)) return {offer};
  CardSet::Revisions plans;
  std::ranges::copy_if(cards.offers(*offer), std::back_inserter(plans), [&](const auto& other) {
    return other->card().currency.name() == offer->card().currency.name();
  });
  return plans;
}

GrantingPools granting_pools(const CardSet::Revisions& plans, std::string_view name) {
  GrantingPools granting;
  for (const auto& plan : plans)
    for (const dsl::Pool& pool : plan->card().pools)
      if (pool.name == name && !pool.grants.empty()) granting.push_back(&pool);
  return granting;
}

bool comes_again_in(const GrantingPools& pools, std::optional<Date> expires, const Period& days) {
  std::vector<PeriodUnit> known, all;
  for (const dsl::Pool* const pool : pools)
    for (const dsl::Pool::Grant& line : pool->grants) {
      all.push_back(line.every);
      if (can_have_given(*pool, line, expires, days.from)) known.push_back(line.every);
    }
  const auto begins = [&](PeriodUnit every) {
    return period_containing(every, days.until - std::chrono::days(1)).from >= days.from;
  };
  return known.empty() ? std::ranges::any_of(all, begins) : std::ranges::all_of(known, begins);
}

const dsl::Pool* that_gave(const GrantingPools& pools, std::optional<Date> expires, Date day) {
  for (const dsl::Pool* const pool : pools)
    for (const dsl::Pool::Grant& line : pool->grants)
      if (can_have_given(*pool, line, expires, day)) return pool;
  return pools.empty() ? nullptr : pools.front();
}

bool goes_on_over(const dsl::Pool& pool, Date from, Date until) {
  return std::ranges::any_of(pool.grants, [&](const dsl::Pool::Grant& line) {
    return period_containing(line.every, until).from < from;
  });
}

bool goes_on_over(const GrantingPools& pools, Date from, Date until) {
  return std::ranges::any_of(
      pools, [&](const dsl::Pool* pool) { return goes_on_over(*pool, from, until); });
}

bool is_of_some_plans(const CardSet::Revisions& plans, std::string_view pool) {
  return !std::ranges::all_of(plans, [&](const auto& plan) {
    const auto& pools = plan->card().pools;
    return std::ranges::find(pools, pool, &dsl::Pool::name) != pools.end();
  });
}

void note_given(std::string_view pool, NextState& state) {
  const auto says_so = [&](const GrantLeft& grant) {
    return grant.recurring && grant.pool == pool;
  };
  if (std::ranges::none_of(state.grants, says_so))
    state.grants.push_back(
        {.pool = std::string(pool), .quantity = "0", .from = {}, .expires = {}, .recurring = true});
}

Date granting_from(const Period& covered, const Period& whole, const std::optional<Date>& since,
                   bool pool_is_new) {
  if (pool_is_new || (since && covered.contains(*since))) return Date::min();
  return since && *since < covered.from ? covered.from : whole.from;
}

namespace {

/// Whether what a document asks for begins with the covered days to have a pool, by a state that
/// says nothing of it: the pool was not there on the day before, or it is one of some plans only
/// and the customer was in another one, since its bill would have left what it was given.
bool begins_to_have(const CardSet& cards, const UsageDocument& document, const Period& covered,
                    const dsl::Pool& pool) {
  UsageDocument day_before;
  day_before.card = document.card;
  day_before.on = covered.from - std::chrono::days(1);
  day_before.plan = document.plan;
  day_before.currency = document.currency;
  day_before.customer = document.customer;
  day_before.customer_since = document.customer_since;
  const auto offer = choose(cards, day_before);
  const auto has_it = [&](const dsl::RateCard& card) {
    return std::ranges::find(card.pools, pool.name, &dsl::Pool::name) != card.pools.end();
  };
  if (!offer || !has_it((*offer)->card())) return true;
  const bool begun_before = document.customer_since && *document.customer_since < covered.from;
  return begun_before && std::ranges::any_of(cards.offers(**offer), [&](const auto& other) {
           return other->card().currency.name() == (*offer)->card().currency.name() &&
                  !has_it(other->card());
         });
}

}  // namespace

Date granting_from(const CardSet& cards, const UsageDocument& document, const Period& covered,
                   const Period& whole, const dsl::Pool& pool) {
  const auto was_given = [&](const Grant& left) {
    return left.recurring && left.pool == pool.name;
  };
  bool is_new = false;
  if (goes_on_over(pool, covered.from, covered.from)) {
    if (std::ranges::any_of(document.grants, was_given)) return covered.from;
    is_new = begins_to_have(cards, document, covered, pool);
  }
  return granting_from(covered, whole, document.customer_since, is_new);
}

void add_grants_of_lines(const dsl::RateCard& card, uint32_t pool, const Period& days,
                         Date granting_from, std::vector<BoundGrant>& grants) {
  for (const dsl::Pool::Grant& line : card.pools[pool].grants) {
    Period interval = period_containing(line.every, days.from);
    for (; interval.from < days.until; interval = period_containing(line.every, interval.until))
      if (interval.from >= granting_from)
        grants.push_back(grant_of(card, pool, line, interval, std::max(interval.from, days.from)));
  }
}

Period days_as_customer(const Period& covered, const std::optional<Date>& since) {
  if (!since || !covered.contains(*since)) return covered;
  return {*since, covered.until};
}

namespace {

/// What was there before the period in the order of the document, and first.
void order_by_age(std::vector<BoundGrant>& grants) {
  std::ranges::stable_sort(grants, {}, &BoundGrant::from);
  for (uint32_t age = 0; age < grants.size(); ++age) grants[age].age = age;
}

}  // namespace

std::vector<Date> cut_into_segments(const dsl::RateCard& card, const Period& covered,
                                    std::vector<BoundGrant>& grants) {
  std::set<Date> days;
  for (const BoundGrant& grant : grants) {
    if (!card.pools[grant.grant.pool].credit) continue;
    days.insert(grant.from);
    if (grant.expires) days.insert(*grant.expires);
  }
  std::vector<Date> cuts;
  for (const Date day : days)
    if (day > covered.from && day < covered.until) cuts.push_back(day);
  const auto segment_from = [&](Date day) {  // the first one that does not begin before the day
    if (day <= covered.from) return uint32_t{0};
    const auto cut = std::ranges::lower_bound(cuts, day);
    return static_cast<uint32_t>(cut - cuts.begin()) + 1;
  };
  for (BoundGrant& grant : grants) {
    const bool in_money = !card.pools[grant.grant.pool].credit;
    const bool at_end =
        grant.from < covered.until && (!grant.expires || *grant.expires >= covered.until);
    grant.grant.first = in_money ? (at_end ? 0 : 1) : segment_from(grant.from);
    grant.grant.end = in_money || !grant.expires ? static_cast<uint32_t>(cuts.size()) + 1
                                                 : segment_from(*grant.expires);
    if (in_money && !at_end) grant.grant.end = grant.grant.first;
  }
  std::ranges::sort(grants, {}, [&](const BoundGrant& grant) {
    const bool oldest = card.pools[grant.grant.pool].oldest_first;
    return std::tuple(grant.grant.pool, oldest ? Date::min() : grant.expires.value_or(Date::max()),
                      grant.age);
  });
  return cuts;
}

void settle_grants(BoundUsage& bound, const std::optional<Date>& since,
                   const std::function<Date(const dsl::Pool&)>& from) {
  const dsl::RateCard& card = bound.revision->card();
  const Period days = days_as_customer(bound.covered, since);
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool)
    if (!card.pools[pool].grants.empty())
      add_grants_of_lines(card, pool, days, from(card.pools[pool]), bound.grants);
  order_by_age(bound.grants);
  bound.cuts = cut_into_segments(card, bound.covered, bound.grants);
  fill_pools(bound, bound.usage);
  for (size_t i = 0; i < bound.cuts.size(); ++i)
    bound.parts.push_back(std::unique_ptr<BoundUsage::Part>(
        new BoundUsage::Part{.usage = {card, bound.revision->program(), &bound.arena.memory}}));
}

void fill_pools(const BoundUsage& bound, compiler::UsageVector& usage) {
  for (const BoundGrant& grant : bound.grants)
    if (grant.grant.first == 0 && grant.grant.end > 0)
      usage.add_available(grant.grant.pool, grant.grant.quantity);
}

std::optional<std::string> why_uncountable(const compiler::RatingProgram& program,
                                           const compiler::Grant& grant,
                                           compiler::CreditParts& parts) {
  for (const compiler::CreditStep& step : program.credit_steps)
    for (const compiler::CreditStep::Draw& draw : step.draws)
      if (draw.pool == grant.pool && !parts.refine(step, grant.quantity))
        return fmt::format(
            "`{}` is in parts of a credit that cannot be counted exactly together with those of "
            "the card's prices and of the grants before it",
            grant.quantity.to_string());
  return std::nullopt;
}

uint32_t segment_at(const BoundUsage& bound, Date day) {
  const auto cut = std::ranges::upper_bound(bound.cuts, day);
  return static_cast<uint32_t>(cut - bound.cuts.begin());
}

bool is_priced_in_credits(const dsl::RateCard& card, uint32_t meter) {
  return std::ranges::any_of(card.charges, [&](const dsl::Charge& charge) {
    const bool chooses = std::ranges::find(charge.tier_meters, meter) != charge.tier_meters.end();
    return charge.credit && (charge.meter == meter || chooses);
  });
}

bool renews(const dsl::Pool& pool, const Period& covered) {
  const Date last = covered.until - std::chrono::days(1);
  return std::ranges::any_of(pool.grants, [&](const dsl::Pool::Grant& line) {
    return period_containing(line.every, last).until == covered.until;
  });
}

void cap_at_rollover(const dsl::Pool& pool, Ratio room, std::vector<RolledOver> grants) {
  std::ranges::stable_sort(grants, {}, [&](const RolledOver& grant) {
    return pool.oldest_first ? Date::min() : grant.expires.value_or(Date::max());
  });
  for (const RolledOver& grant : std::views::reverse(grants)) {
    *grant.left = std::min(*grant.left, room);
    room = *checked_sub(room, *grant.left);
  }
}

namespace {

/// A pool whose `grant` lines say when grants in `pool` come again: it, or that of another plan.
const dsl::Pool& lines_of(const dsl::Pool& pool, const CardSet::Revisions& plans) {
  if (!pool.grants.empty()) return pool;
  const GrantingPools granting = granting_pools(plans, pool.name);
  return granting.empty() ? pool : *granting.front();
}

}  // namespace

std::vector<Ratio> going_on(const BoundUsage& bound, std::vector<Ratio> left) {
  const dsl::RateCard& card = bound.revision->card();
  for (size_t g = 0; g < left.size(); ++g) {
    const BoundGrant& grant = bound.grants[g];
    if (grant.expires && *grant.expires <= bound.covered.until) left[g] = Ratio();
  }
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool) {
    const dsl::Pool& lines = lines_of(card.pools[pool], bound.plans);
    if (!lines.rollover || !renews(lines, bound.covered)) continue;
    std::vector<RolledOver> grants;
    for (size_t g = 0; g < left.size(); ++g) {
      const BoundGrant& grant = bound.grants[g];
      if (grant.grant.pool == pool && grant.recurring && grant.from < bound.covered.until)
        grants.push_back({grant.expires, &left[g]});
    }
    cap_at_rollover(card.pools[pool], *lines.rollover, grants);
  }
  return left;
}

}  // namespace toll::runtime
