#include "runtime/quoting/carried_grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "runtime/quoting/amounts.h"
#include "runtime/quoting/cut_grants.h"
#include "runtime/quoting/grants.h"

namespace toll::runtime {
namespace {

/// What the `grant` lines of a pool can leave together to the covered days.
struct SumLimit {
  Ratio most;
  bool renewed = false;  ///< it is that of `rollover` alone: an interval begins
};

class CarriedGrants {
 public:
  CarriedGrants(const CarriedOver& carried, const std::optional<Grantors>& grantors,
                const std::optional<Date>& since)
      : carried_(carried),
        card_(carried.revision.card()),
        places_(carried.places),
        grantors_(grantors),
        since_(since) {}

  std::vector<UsageFault> faults() {
    for (size_t i = 0; i < carried_.grants.size(); ++i) check(i);
    if (grantors_ && faults_.empty())
      for (uint32_t pool = 0; pool < card_.pools.size(); ++pool) check_sum(pool);
    return std::move(faults_);
  }

 private:
  bool is_left_by_line(const BoundGrant& grant) const {
    return grant.recurring && grant.from <= carried_.covered.from;
  }

  void check(size_t index) {
    const BoundGrant& grant = carried_.grants[index];
    const dsl::Pool& pool = card_.pools[grant.grant.pool];
    if (grant.expires && *grant.expires <= carried_.covered.from) {
      faults_.push_back(gone_before(places_[index], *grant.expires, carried_.covered.from));
      return;
    }
    if (!is_left_by_line(grant)) return;
    if (since_ && *since_ >= carried_.covered.from)
      return fault(index, "recurring",
                   fmt::format("it was no customer before {}, so no `grant` line has left anything",
                               to_string(*since_)));
    if (!grantors_ || !grantors_->earlier) return;
    const std::optional<Ratio> most = most_of_one(pool.name);
    if (!most)
      return fault(index, "recurring",
                   fmt::format("pool `{}` has no `grant` line that left it", pool.name));
    if (quantity(grant) > *most)
      fault(index, "quantity",
            fmt::format("a `grant` line of `{}` leaves at most what it grants, {}", pool.name,
                        shown(pool, *most)));
  }

  void check_sum(uint32_t index) {
    const dsl::Pool& pool = card_.pools[index];
    const std::optional<SumLimit> limit = limit_of_all(pool.name);
    if (!limit) return;
    std::optional<Ratio> sum = Ratio();
    for (const BoundGrant& grant : carried_.grants)
      if (sum && grant.grant.pool == index && is_left_by_line(grant))
        sum = checked_add(*sum, quantity(grant));
    if (sum && *sum <= limit->most) return;
    faults_.push_back(
        {"/state/grants",
         fmt::format("what `grant` lines of `{}` have left is {}, and {}", pool.name,
                     sum ? shown(pool, *sum) : "more than fits",
                     limit->renewed
                         ? fmt::format("`rollover` lets at most {} go on into the interval that "
                                       "begins on {}",
                                       shown(pool, limit->most), to_string(carried_.covered.from))
                         : fmt::format("with `rollover` and the grants since then it is at most {}",
                                       shown(pool, limit->most)))});
  }

  /// The largest grant of the lines of a pool, by this version or any before it.
  std::optional<Ratio> most_of_one(const std::string& name) const {
    std::optional<Ratio> most;
    for (const auto* offers : {&grantors_->offers, &*grantors_->earlier})
      for (const auto& offer : *offers)
        if (const dsl::Pool* const pool = pool_called(offer->card(), name))
          for (const dsl::Pool::Grant& line : pool->grants)
            most = std::max(most.value_or(Ratio()), line.quantity);
    return most;
  }

  /// What all grants of a pool's lines can come to; empty where nothing limits it: a plan of the
  /// version has no `rollover`, or none has acted since on what another version left.
  std::optional<SumLimit> limit_of_all(const std::string& name) const {
    Ratio rollover, granted;
    bool has_lines = false;
    for (const auto& offer : grantors_->offers) {
      const dsl::Pool* const pool = pool_called(offer->card(), name);
      if (!pool || pool->grants.empty()) continue;
      has_lines = true;
      const Date renewed = last_renewal(*pool);
      if (!pool->rollover) return std::nullopt;
      if (renewed <= grantors_->since && another_left(name)) return std::nullopt;
      rollover = std::max(rollover, *pool->rollover);
      if (renewed == carried_.covered.from) continue;
      std::optional<Ratio> lines = Ratio();
      for (const dsl::Pool::Grant& line : pool->grants)
        lines = lines ? checked_add(*lines, line.quantity) : std::nullopt;
      if (!lines) return std::nullopt;
      granted = std::max(granted, *lines);
    }
    // What one plan let go on may be left beside what another one has granted since.
    const std::optional<Ratio> most = checked_add(rollover, granted);
    if (!has_lines || !most) return std::nullopt;
    return SumLimit{*most, granted.is_zero()};
  }

  /// Whether grants of the pool may be left that another version gave.
  bool another_left(const std::string& name) const {
    return !grantors_->earlier || std::ranges::any_of(*grantors_->earlier, [&](const auto& offer) {
      const dsl::Pool* const pool = pool_called(offer->card(), name);
      return pool && !pool->grants.empty();
    });
  }

  /// The last day on which grants of a pool came again, up to the first covered one.
  Date last_renewal(const dsl::Pool& pool) const {
    Date last = Date::min();
    for (const dsl::Pool::Grant& line : pool.grants)
      last = std::max(last, period_containing(line.every, carried_.covered.from).from);
    return last;
  }

  /// Credits, or minor units.
  static Ratio quantity(const BoundGrant& grant) { return grant.grant.quantity; }

  std::string shown(const dsl::Pool& pool, const Ratio& value) const {
    return pool.credit
               ? fmt::format("{} {}", grouped(value), card_.credits[*pool.credit].plural)
               : fmt::format("{} {}", grouped_major(value, card_.currency), card_.currency.name());
  }

  void fault(size_t index, std::string_view field, std::string message) {
    faults_.push_back(
        {fmt::format("/state/grants/{}/{}", places_[index], field), std::move(message)});
  }

  const CarriedOver& carried_;
  const dsl::RateCard& card_;
  const std::span<const size_t> places_;
  const std::optional<Grantors>& grantors_;
  const std::optional<Date>& since_;
  std::vector<UsageFault> faults_;
};

/// Every offer of what was in force before a version began: of its card, and of the deals of the
/// customer. Empty where something is missing among them: it is in error, or its file is gone.
std::optional<CardSet::Revisions> before(const CardSet& cards, const UsageDocument& document,
                                         const Revision& revision, Date begun) {
  const std::string& deal_on = revision.card().deal_on;
  const std::string& card = deal_on.empty() ? revision.card().name : deal_on;
  const auto may_be_of_it = [&](const dsl::HeldBack& held) {
    return held.card == card || held.deal_on == card || held.deal_on == kAnyCard;
  };
  if (std::ranges::any_of(cards.held_back(), may_be_of_it)) return std::nullopt;
  std::vector<std::string> names{card};
  if (document.customer)
    std::ranges::copy(cards.deals(card, *document.customer), std::back_inserter(names));
  std::optional<Date> earliest;
  CardSet::Revisions offers;
  for (const std::string& name : names) {
    const CardSet::Versions* const versions = cards.versions(name);
    if (!versions) continue;
    for (const auto& version : *versions) {
      const Date from = version->card().from;
      earliest = std::min(earliest.value_or(from), from);
      if (from < begun) std::ranges::copy(cards.offers(*version), std::back_inserter(offers));
    }
  }
  if (document.customer_since && earliest && *document.customer_since < *earliest)
    return std::nullopt;
  return offers;
}

}  // namespace

std::optional<Grantors> grantors_of(const CardSet& cards, const UsageDocument& document,
                                    const Revision& revision, const Period& covered) {
  const std::optional<Date>& since = document.customer_since;
  const Date begun = cards.days_of(revision, covered.from, since).from;
  if (begun >= covered.from) return std::nullopt;
  Grantors grantors{cards.offers(revision), begun, before(cards, document, revision, begun)};
  return grantors;
}

std::vector<UsageFault> impossible_grants(const CarriedOver& carried,
                                          const std::optional<Grantors>& grantors,
                                          const std::optional<Date>& since) {
  return CarriedGrants(carried, grantors, since).faults();
}

}  // namespace toll::runtime
