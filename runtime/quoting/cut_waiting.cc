// What a period leaves for a plan that was left in it, until the customer has it again.
#include <algorithm>
#include <map>

#include "base/money.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_bill.h"
#include "runtime/quoting/grants.h"

namespace toll::runtime {
namespace {

/// Whether some plan has `grant` lines in a pool.
bool grants_into(const CardSet::Revisions& plans, const std::string& name) {
  return std::ranges::any_of(plans, [&](const auto& plan) {
    const dsl::Pool* const pool = pool_called(plan->card(), name);
    return pool && !pool->grants.empty();
  });
}

}  // namespace

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
  std::map<std::string, std::vector<RolledOver>> rolled_over;
  for (size_t g = 0; g < left.size(); ++g) {
    const CutGrant& grant = period_->grants[g];
    const CutPart& part = last_with_pool(grant.pool);
    const dsl::Pool& pool = *pool_called(part.revision->card(), grant.pool);
    const bool waits = grants_into(period_->plans, grant.pool);
    const Period since{part.days.until, until};
    if (pool_called(last().revision->card(), grant.pool) ||
        (grant.expires && *grant.expires <= until) ||
        (grant.recurring && (grant.gone || !waits || comes_again_in(pool, since))))
      left[g] = Ratio();
    else if (grant.recurring && pool.rollover && renews(pool, since))
      rolled_over[grant.pool].push_back({grant.expires, &left[g]});
  }
  for (const auto& [name, grants] : rolled_over) {
    const dsl::Pool& pool = *pool_called(last_with_pool(name).revision->card(), name);
    cap_at_rollover(pool, *pool.rollover, grants);
  }
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
  for (const CutGrant& grant : period_->grants) {
    const CutPart& part = last_with_pool(grant.pool);
    const dsl::Pool& pool = *pool_called(part.revision->card(), grant.pool);
    const bool waits = grants_into(period_->plans, grant.pool);
    if (grant.recurring && waits && part.days.until < until &&
        goes_on_over(pool, part.days.until, until))
      note_given(pool, answer.next_state);
  }
}

}  // namespace toll::runtime
