// Grants of a period: those that a usage document carries over, and those of the card's own `grant`
// lines.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// A grant as the document gives it, the `index`th of it.
std::expected<BoundGrant, UsageFault> bind_grant(const Grant& given, size_t index,
                                                 const dsl::RateCard& card, const Period& covered);

/// Makes `parts` so fine that what the grant holds is whole in them, or says why it cannot be
/// counted exactly together with what they were made for before; they are unchanged then.
std::optional<std::string> why_uncountable(const compiler::RatingProgram& program,
                                           const compiler::Grant& grant,
                                           compiler::CreditParts& parts);

/// Of a grant that is gone when the period begins, on `first`.
UsageFault gone_before(size_t index, Date expires, Date first);

/// A card of the version that has the pool, in whichever plan; null where none has.
const dsl::RateCard* card_with_pool(const CardSet& cards, const Revision& offer,
                                    std::string_view pool);

/// What was bought for a pool of another plan: it pays for nothing, and goes on until the customer
/// has that plan again. Fills `waiting`, or `faults` where it cannot be there; false, and neither,
/// where the grant is another one. REQUIRES: the offers are of `cards`.
bool waits(const CardSet& cards, std::span<const Revision* const> offers, const Grant& given,
           size_t index, const Period& covered, std::vector<Grant>& waiting,
           std::vector<UsageFault>& faults);

/// Adds a grant for each interval of a `grant` line that begins in the billing period `whole`, as
/// far as that is covered; the first one of a customer `since` a day of the period begins then.
void add_recurring_grants(const dsl::RateCard& card, const Period& covered, const Period& whole,
                          const std::optional<Date>& since, std::vector<BoundGrant>& grants);

/// Adds the grants of the card's own lines to those of `bound`, cuts the covered days where grants
/// begin or end, and fills the pools of a period that none cuts.
void settle_grants(BoundUsage& bound, const Period& whole, const std::optional<Date>& since);

/// Adds the grants that are there when the period begins to what pools hold in `usage`.
void fill_pools(const BoundUsage& bound, compiler::UsageVector& usage);

/// The segment of the period that a day is in.
uint32_t segment_at(const BoundUsage& bound, Date day);

/// Whether it matters in which segment something was used of a meter: it is priced in credits.
bool is_priced_in_credits(const dsl::RateCard& card, uint32_t meter);

/// Calls visit(usage) for the whole and for each part that reaches to the end of `segment`.
template <typename Visit>
void for_each_usage(BoundUsage& bound, uint32_t segment, Visit&& visit) {
  visit(bound.usage);
  for (size_t part = segment; part < bound.parts.size(); ++part) visit(bound.parts[part]->usage);
}

/// Sets which segments of the covered days each grant is there in, puts the grants of each pool in
/// the order in which they are spent, and returns the days on which a further segment begins. A
/// grant of money is there if it is on the last covered day, when the bill arises.
std::vector<Date> cut_into_segments(const dsl::RateCard& card, const Period& covered,
                                    std::vector<BoundGrant>& grants);

/// Of what is left of each grant the part that goes on after the period: it has not expired, and
/// `rollover` lets it.
std::vector<Ratio> going_on(const BoundUsage& bound, std::vector<Ratio> left);

/// `day` and so many calendar units; the last day of a month that is shorter.
Date after(Date day, const dsl::Lasting& lasting);

}  // namespace toll::runtime
