// What a period leaves for a plan that was left in it, until the customer has it again.
#include <algorithm>
#include <map>

#include "base/money.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/carried_state.h"
#include "runtime/quoting/cut_bill.h"
#include "runtime/quoting/grants.h"

namespace toll::runtime {

/// What the rounded lines of a version's commitment come to: of all but those that act on the bill,
/// or of what it names.
Int128 CutBill::billed_toward(const dsl::Commitment& commitment, const dsl::RateCard& card) const {
  Int128 sum = 0;
  for (const auto& [key, line] : lines_) {
    const auto is_named = [&](const dsl::ItemRef& named) {
      return name_of_item(card, named) == line.item;
    };
    if (line.credit) continue;
    if (commitment.counts.empty() || std::ranges::any_of(commitment.counts, is_named))
      sum += line.amount;
  }
  return sum;
}

/// What earlier parts have of allowances and commitments that no later one has: it waits for their
/// plan.
std::expected<void, Refusal> CutBill::write_gone_state(Answer& answer) const {
  for (size_t part = parts().size() - 1; part-- > 0;) {
    const BoundUsage& bound = *parts()[part].upto;
    const dsl::RateCard& card = bound.revision->card();
    const auto waits = [&](const auto& has_it) {
      return std::none_of(parts().begin() + static_cast<std::ptrdiff_t>(part) + 1, parts().end(),
                          [&](const CutPart& later) { return has_it(*later.revision); }) &&
             std::ranges::any_of(period_->plans, [&](const auto& plan) { return has_it(*plan); });
    };
    for (uint32_t meter = 0; meter < card.meters.size(); ++meter) {
      const std::string& name = card.meters[meter].name;
      if (!is_in_allowance(card, meter, bound.covered.until) || !waits([&](const Revision& later) {
            const uint32_t there = later.meter(name);
            return there != Revision::kNone && has_longer_allowance(later.card(), there);
          }))
        continue;
      if (auto fine = add_used(bound, meter, answer.next_state); !fine) return fine;
    }
    size_t commitment = 0;
    for (const dsl::BillStep& step : card.bill_steps) {
      if (!step.commitment) continue;
      const compiler::CommitmentState& before = bound.input->commitments[commitment++];
      const std::string& name = step.commitment->name;
      if (before.due ||
          !waits([&](const Revision& later) { return commitment_named(later.card(), name); }))
        continue;
      const Int128 billed = before.billed + billed_toward(*step.commitment, card);
      if (auto fine = add_billed(card, name, billed, answer.next_state); !fine) return fine;
    }
  }
  return {};
}

/// The last part that has a pool.
const CutPart& CutBill::last_with_pool(const std::string& pool) const {
  const CutPart* last = &parts().front();
  for (const CutPart& part : parts())
    if (pool_called(part.revision->card(), pool)) last = &part;
  return *last;
}

/// What is left of grants of pools that the last version does not have: of those of `grant` lines
/// nothing where the next one came since.
std::vector<Ratio> CutBill::left_of_gone_pools() const {
  const Date until = last().covered.until;
  std::vector<Ratio> left = left_;
  std::map<const dsl::Pool*, std::vector<RolledOver>> rolled_over;
  for (size_t g = 0; g < left.size(); ++g) {
    const CutGrant& grant = period_->grants[g];
    const bool waits = !granting_pools(period_->plans, grant.pool).empty();
    const Period since{last_with_pool(grant.pool).days.until, until};
    const dsl::Pool* const gave = that_gave(grant.lines, grant.expires, since.from);
    if (pool_called(last().revision->card(), grant.pool) ||
        (grant.expires && *grant.expires <= until) ||
        (grant.recurring &&
         (grant.gone || !waits || comes_again_in(grant.lines, grant.expires, since))))
      left[g] = Ratio();
    else if (grant.recurring && gave && gave->rollover && renews(*gave, since))
      rolled_over[gave].push_back({grant.expires, &left[g]});
  }
  for (const auto& [pool, grants] : rolled_over) cap_at_rollover(*pool, *pool->rollover, grants);
  return left;
}

void CutBill::write_gone_pools(Answer& answer) const {
  const Date until = last().covered.until;
  const std::vector<Ratio> left = left_of_gone_pools();
  for (size_t g = 0; g < left.size(); ++g) {
    if (left[g].is_zero()) continue;
    const CutGrant& grant = period_->grants[g];
    const dsl::RateCard& card = last_with_pool(grant.pool).revision->card();
    GrantLeft on{.pool = grant.pool, .quantity = {}, .from = {}, .expires = grant.expires};
    on.quantity = pool_called(card, grant.pool)->credit
                      ? left[g].to_string()
                      : format_minor(left[g].numerator(), card.currency);
    if (grant.from >= until) on.from = grant.from;
    on.recurring = grant.recurring;
    answer.next_state.grants.push_back(std::move(on));
  }
  for (const CutPart& part : parts()) {
    const std::optional<Date>& since = part.upto->since;
    if (since && *since >= part.days.until) continue;  // no customer's days
    for (const dsl::Pool& pool : part.revision->card().pools)
      if (!pool_called(last().revision->card(), pool.name) &&
          goes_on_over(granting_pools(period_->plans, pool.name), part.days.until, until))
        note_given(pool.name, answer.next_state);
  }
}

}  // namespace toll::runtime
