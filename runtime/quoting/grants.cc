#include "runtime/quoting/grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <tuple>
#include <utility>

#include "base/money.h"

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
                                    std::string_view pool) {
  const dsl::RateCard& card = offer.card();
  if (!cards.find_hash(card.name, card.hash)) return nullptr;  // a document asks for another text
  for (const auto& other : cards.offers(offer))
    if (std::ranges::find(other->card().pools, pool, &dsl::Pool::name) != other->card().pools.end())
      return &other->card();
  return nullptr;
}

bool waits(const CardSet& cards, std::span<const Revision* const> offers, const Grant& given,
           size_t index, const Period& covered, std::vector<Grant>& waiting,
           std::vector<UsageFault>& faults) {
  const auto has_it = [&](const Revision* offer) {
    const auto& pools = offer->card().pools;
    return std::ranges::find(pools, given.pool, &dsl::Pool::name) != pools.end();
  };
  if (given.recurring || std::ranges::any_of(offers, has_it)) return false;
  const dsl::RateCard* card = nullptr;
  for (const Revision* const offer : offers)
    if (!card) card = card_with_pool(cards, *offer, given.pool);
  if (!card) return false;
  if (auto bound = bind_grant(given, index, *card, covered); !bound)
    faults.push_back(std::move(bound.error()));
  else if (given.expires && *given.expires <= covered.from)
    faults.push_back(gone_before(index, *given.expires, covered.from));
  else
    waiting.push_back(given);
  return true;
}

void add_recurring_grants(const dsl::RateCard& card, const Period& covered, const Period& whole,
                          const std::optional<Date>& since, std::vector<BoundGrant>& grants) {
  std::vector<BoundGrant> recurring;
  const bool is_new = since && *since >= whole.from && *since < covered.until;
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool) {
    for (const dsl::Pool::Grant& line : card.pools[pool].grants) {
      Period interval = period_containing(line.every, covered.from);
      for (; interval.from < covered.until;
           interval = period_containing(line.every, interval.until)) {
        Date from = std::max(interval.from, covered.from);
        if (is_new) from = std::max(from, *since);
        const bool begins = interval.from >= whole.from || (is_new && interval.contains(*since));
        if (begins && interval.contains(from))
          recurring.push_back(grant_of(card, pool, line, interval, from));
      }
    }
  }
  grants.insert(grants.end(), recurring.begin(), recurring.end());
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

void settle_grants(BoundUsage& bound, const Period& whole, const std::optional<Date>& since) {
  const dsl::RateCard& card = bound.revision->card();
  add_recurring_grants(card, bound.covered, whole, since, bound.grants);
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

namespace {

/// Whether grants of a pool come again on the day on which the covered days end.
bool renews(const dsl::Pool& pool, const Period& covered) {
  const Date last = covered.until - std::chrono::days(1);
  return std::ranges::any_of(pool.grants, [&](const dsl::Pool::Grant& line) {
    return period_containing(line.every, last).until == covered.until;
  });
}

}  // namespace

std::vector<Ratio> going_on(const BoundUsage& bound, std::vector<Ratio> left) {
  const dsl::RateCard& card = bound.revision->card();
  for (size_t g = 0; g < left.size(); ++g) {
    const BoundGrant& grant = bound.grants[g];
    if (grant.expires && *grant.expires <= bound.covered.until) left[g] = Ratio();
  }
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool) {
    if (!card.pools[pool].rollover || !renews(card.pools[pool], bound.covered)) continue;
    // Those that would be spent last are kept.
    Ratio room = *card.pools[pool].rollover;
    for (size_t g = left.size(); g-- > 0;) {
      const BoundGrant& grant = bound.grants[g];
      if (grant.grant.pool != pool || !grant.recurring || grant.from >= bound.covered.until)
        continue;
      left[g] = std::min(left[g], room);
      room = *checked_sub(room, left[g]);
    }
  }
  return left;
}

}  // namespace toll::runtime
