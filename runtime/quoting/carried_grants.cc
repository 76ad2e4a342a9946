#include "runtime/quoting/carried_grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/quoting/amounts.h"

namespace toll::runtime {
namespace {

/// What the `grant` lines of a pool can leave to the covered days, in any of the offers.
struct Leavable {
  std::optional<Ratio> one;  ///< at most of one grant; none: there are no such lines
  std::optional<Ratio> all;  ///< at most of all; none: no `rollover` says it
  bool renewed = false;      ///< the limit is that of `rollover` alone: an interval begins
};

class CarriedGrants {
 public:
  CarriedGrants(const BoundUsage& bound, const std::optional<CardSet::Revisions>& offers,
                const std::optional<Date>& since)
      : bound_(bound), card_(bound.revision->card()), offers_(offers), since_(since) {}

  std::vector<UsageFault> faults() {
    for (size_t i = 0; i < bound_.grants.size(); ++i) check(i);
    if (offers_ && faults_.empty())
      for (uint32_t pool = 0; pool < card_.pools.size(); ++pool) check_sum(pool);
    return std::move(faults_);
  }

 private:
  bool is_left_by_line(const BoundGrant& grant) const {
    return grant.recurring && grant.from <= bound_.covered.from;
  }

  void check(size_t index) {
    const BoundGrant& grant = bound_.grants[index];
    const dsl::Pool& pool = card_.pools[grant.grant.pool];
    const std::string first = to_string(bound_.covered.from);
    if (grant.expires && *grant.expires <= bound_.covered.from)
      return fault(index, "expires",
                   fmt::format("the grant is gone on {}, and the period begins on {}: nothing of "
                               "it is left",
                               to_string(*grant.expires), first));
    if (!is_left_by_line(grant)) return;
    if (since_ && *since_ >= bound_.covered.from)
      return fault(index, "recurring",
                   fmt::format("it was no customer before {}, so no `grant` line has left anything",
                               to_string(*since_)));
    if (!offers_) return;
    const Leavable can_be = leavable(pool.name);
    if (!can_be.one)
      return fault(index, "recurring",
                   fmt::format("pool `{}` has no `grant` line that left it", pool.name));
    if (quantity(grant) > *can_be.one)
      fault(index, "quantity",
            fmt::format("a `grant` line of `{}` leaves at most what it grants, {}", pool.name,
                        shown(pool, *can_be.one)));
  }

  void check_sum(uint32_t index) {
    const dsl::Pool& pool = card_.pools[index];
    const Leavable can_be = leavable(pool.name);
    if (!can_be.all) return;
    std::optional<Ratio> sum = Ratio();
    for (const BoundGrant& grant : bound_.grants)
      if (sum && grant.grant.pool == index && is_left_by_line(grant))
        sum = checked_add(*sum, quantity(grant));
    if (sum && *sum <= *can_be.all) return;
    faults_.push_back(
        {"/state/grants",
         fmt::format("what `grant` lines of `{}` have left is {}, and {}", pool.name,
                     sum ? shown(pool, *sum) : "more than fits",
                     can_be.renewed
                         ? fmt::format("`rollover` lets at most {} go on into the interval that "
                                       "begins on {}",
                                       shown(pool, *can_be.all), to_string(bound_.covered.from))
                         : fmt::format("with `rollover` and the grants since then it is at most {}",
                                       shown(pool, *can_be.all)))});
  }

  Leavable leavable(const std::string& name) const {
    Leavable result;
    bool unlimited = false;
    for (const auto& offer : *offers_) {
      const auto& pools = offer->card().pools;
      const auto pool = std::ranges::find(pools, name, &dsl::Pool::name);
      if (pool == pools.end() || pool->grants.empty()) continue;
      std::optional<Ratio> all = pool->rollover;
      const bool renewed = std::ranges::any_of(pool->grants, [&](const dsl::Pool::Grant& line) {
        return period_containing(line.every, bound_.covered.from).from == bound_.covered.from;
      });
      for (const dsl::Pool::Grant& line : pool->grants) {
        result.one = std::max(result.one.value_or(Ratio()), line.quantity);
        if (all && !renewed) all = checked_add(*all, line.quantity);
      }
      unlimited = unlimited || !all;
      if (!all || (result.all && *all <= *result.all)) continue;
      result.all = all;
      result.renewed = renewed;
    }
    if (unlimited) result.all.reset();
    return result;
  }

  /// Credits, or minor units.
  static Ratio quantity(const BoundGrant& grant) { return *Ratio::of(grant.grant.quantity); }

  std::string shown(const dsl::Pool& pool, const Ratio& value) const {
    return pool.credit
               ? fmt::format("{} {}", grouped(value), card_.credits[*pool.credit].plural)
               : fmt::format("{} {}", grouped_major(value, card_.currency), card_.currency.name());
  }

  void fault(size_t index, std::string_view field, std::string message) {
    faults_.push_back({fmt::format("/state/grants/{}/{}", index, field), std::move(message)});
  }

  const BoundUsage& bound_;
  const dsl::RateCard& card_;
  const std::optional<CardSet::Revisions>& offers_;
  const std::optional<Date>& since_;
  std::vector<UsageFault> faults_;
};

}  // namespace

std::vector<UsageFault> impossible_grants(const BoundUsage& bound,
                                          const std::optional<CardSet::Revisions>& offers,
                                          const std::optional<Date>& since) {
  return CarriedGrants(bound, offers, since).faults();
}

}  // namespace toll::runtime
