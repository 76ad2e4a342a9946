#include "runtime/bulk/earlier_bills.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "runtime/bulk/cut_periods.h"
#include "runtime/quoting/carried_state.h"

namespace toll::runtime {
namespace {

/// What a customer has of a card, or owes by it, that is counted from the day on which it became
/// one; empty where nothing is.
std::string counted_from_first_day(const CardSet::Versions& versions, const dsl::RateCard& card) {
  const auto is_for_some = [](const std::shared_ptr<const Revision>& version) {
    return !version->card().applies.everyone;
  };
  if (std::ranges::any_of(versions, is_for_some)) return "version";
  if (std::ranges::any_of(card.fees, &dsl::Fee::has_term)) return "fees";
  const auto is_longer = [&](const dsl::BillStep& step) {
    return step.commitment && step.commitment->per != card.period;
  };
  return std::ranges::any_of(card.bill_steps, is_longer) ? "commitments" : std::string();
}

/// Whether grants of earlier periods, or what was bought, can be in a pool beside those that come
/// with the period.
bool may_hold_more(const dsl::Pool& pool, const Period& covered, bool is_new) {
  if (pool.grants.empty() || !pool.sales.empty()) return true;
  if (is_new) return false;
  return pool.rollover || std::ranges::any_of(pool.grants, [&](const dsl::Pool::Grant& line) {
           return line.expires || period_containing(line.every, covered.from).from < covered.from;
         });
}

/// What the bill depends on and no row says; empty where there is nothing.
std::string left_by_earlier_bills(const BoundUsage& bound) {
  const dsl::RateCard& card = bound.revision->card();
  const Period& covered = bound.covered;
  const bool is_new = bound.since && *bound.since >= covered.from;
  for (uint32_t meter = 0; meter < card.meters.size() && !is_new; ++meter)
    if (is_in_allowance(card, meter, covered.from))
      return fmt::format("what was used of `{}` before {}", card.meters[meter].name,
                         to_string(covered.from));
  const Date day_before = covered.from - std::chrono::days(1);
  const Period before{period_containing(card.period, day_before).from, covered.from};
  size_t commitment = 0;
  for (const dsl::BillStep& step : card.bill_steps) {
    if (!step.commitment) continue;
    if (bound.input->commitments[commitment++].due &&
        is_in_commitment(*step.commitment, before, bound.since))
      return fmt::format("what was billed toward `{}` before {}", step.commitment->name,
                         to_string(covered.from));
  }
  for (const dsl::Pool& pool : card.pools)
    if (may_hold_more(pool, covered, is_new))
      return fmt::format("what pool `{}` holds beside the grants of the period", pool.name);
  return {};
}

}  // namespace

std::optional<TableFault> lacks_earlier_bills(const CardSet& cards, const TableOptions& options,
                                              const BoundUsage& bound) {
  const dsl::RateCard& card = bound.revision->card();
  const std::string counted = counted_from_first_day(*cards.versions(options.asked.card), card);
  if (!counted.empty() && !options.asked.customer_since)
    return TableFault{
        0, 0,
        fmt::format("which {} of `{}` a customer has depends on since when it is one", counted,
                    options.asked.card),
        "rate the customers of one time together, and say it with `--customer-since DATE`"};
  if (auto part = bills_part_of_period(cards, options.asked, bound)) return part;
  if (!bound.cuts.empty())
    return TableFault{
        0, 0,
        fmt::format("a grant of credits begins or ends on {}, and a row does not say what was used "
                    "before",
                    to_string(bound.cuts.front())),
        "quote its customers one by one: usage documents say `from` and `until`"};
  const std::string left = options.without_state ? std::string() : left_by_earlier_bills(bound);
  if (left.empty()) return std::nullopt;
  return TableFault{
      0, 0,
      fmt::format("a bill of `{}` depends on {}, and no row says it", options.asked.card, left),
      "quote its customers one by one with their `state`; or say `--without-state`, "
      "and each row is rated as if nothing had been before"};
}

}  // namespace toll::runtime
