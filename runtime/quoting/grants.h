// Grants of a period: those that a usage document carries over, and those of the card's own `grant`
// lines.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/answer.h"
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

/// A card of the version that has the pool, in whichever plan, and where they are asked for `grant`
/// lines in it; null where none has.
const dsl::RateCard* card_with_pool(const CardSet& cards, const Revision& offer,
                                    std::string_view pool, bool with_lines);

/// What is for a pool of another plan: it pays for nothing, and goes on until the customer has that
/// plan again. Fills `waiting`, or `faults` where it cannot be there; false, and neither, where the
/// grant is another one. REQUIRES: the offers are of `cards`.
bool waits(const CardSet& cards, std::span<const Revision* const> offers, const Grant& given,
           size_t index, const Period& covered, std::vector<WaitingGrant>& waiting,
           std::vector<UsageFault>& faults);

/// Whether grants of a pool come again on the day on which the covered days end.
bool renews(const dsl::Pool& pool, const Period& covered);

/// What is left of a grant that a `grant` line gave.
struct RolledOver {
  std::optional<Date> expires;
  Ratio* left;
};

/// Leaves of the grants of a pool, the oldest first, at most `room`: of those that would be spent
/// last.
void cap_at_rollover(const dsl::Pool& pool, Ratio room, std::vector<RolledOver> grants);

/// The offers of an offer's version in its currency; it alone where a document asks for another
/// text.
CardSet::Revisions plans_of(const CardSet& cards, const std::shared_ptr<const Revision>& offer);

/// The pools of a name that have `grant` lines, in whichever plan: a customer may have been given
/// something in one plan, and be in another one that has the pool, and no such line or others.
GrantingPools granting_pools(const CardSet::Revisions& plans, std::string_view name);

/// Whether in some days the next grant would come of the line that gave one which ends on
/// `expires`, before these days. Where that is no one line's end alone, it is lost with the grant
/// of the line that comes again last.
bool comes_again_in(const GrantingPools& pools, std::optional<Date> expires, const Period& days);

/// The first of the pools with a line that can have given, before a day, a grant that ends on
/// `expires`; the first of all where none can. Null where there is no pool.
const dsl::Pool* that_gave(const GrantingPools& pools, std::optional<Date> expires, Date day);

/// Whether an interval of a pool's `grant` lines goes on from before a day to behind another one.
bool goes_on_over(const dsl::Pool& pool, Date from, Date until);
bool goes_on_over(const GrantingPools& pools, Date from, Date until);

/// Whether a plan does not have a pool: who has it says so to the next period, since who does not
/// is given that of an interval that goes on.
bool is_of_some_plans(const CardSet::Revisions& plans, std::string_view pool);

/// Adds to a state, of a pool whose `grant` lines gave something in an interval that goes on, that
/// they did, unless something that is left of it says so.
void note_given(std::string_view pool, NextState& state);

/// The first day on which an interval may begin whose grant comes by itself in the covered days: of
/// earlier ones it was given before, and the state says what is left. A customer `since` one of
/// these days was given none; nor was anybody, where the pool itself begins with them: then those
/// of intervals that go on come too.
Date granting_from(const Period& covered, const Period& whole, const std::optional<Date>& since,
                   bool pool_is_new);

/// The same of what a document asks for in the pool of a card that is in force then. Of a pool that
/// is one of some plans only, what its state says tells who had that plan before from who enters it
/// with these days.
Date granting_from(const CardSet& cards, const UsageDocument& document, const Period& covered,
                   const Period& whole, const dsl::Pool& pool);

/// Adds what the `grant` lines of a pool give on `days`: for each interval one grant, on the first
/// of these days in it, but none for an interval that began before `granting_from`.
void add_grants_of_lines(const dsl::RateCard& card, uint32_t pool, const Period& days,
                         Date granting_from, std::vector<BoundGrant>& grants);

/// The days of a customer `since` a day among them, or before.
Period days_as_customer(const Period& covered, const std::optional<Date>& since);

/// Adds the grants of the card's own lines to those of `bound`, `from(pool)` being granting_from(),
/// cuts the covered days where grants begin or end, and fills the pools of a period that none cuts.
void settle_grants(BoundUsage& bound, const std::optional<Date>& since,
                   const std::function<Date(const dsl::Pool&)>& from);

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
