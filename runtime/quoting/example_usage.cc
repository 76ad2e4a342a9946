#include "runtime/quoting/example_usage.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/money.h"
#include "runtime/quoting/grants.h"

namespace toll::runtime {
namespace {

/// Items, or the days from the first of the line on.
void add_use(const dsl::Example::Use& use, uint32_t segment, BoundUsage& bound) {
  const auto add = [&](const Decimal& quantity, uint32_t day, uint32_t in) {
    for_each_usage(bound, in,
                   [&](auto& usage) { usage.add(use.meter, use.values, quantity, day); });
  };
  if (use.items.empty()) return add(use.quantity, 0, segment);
  const Date first = use.from.value_or(bound.covered.from);
  auto day = static_cast<uint32_t>((first - bound.covered.from).count());
  const bool by_day = bound.revision->card().meters[use.meter].grain == dsl::Grain::Day;
  for_each_usage(bound, segment, [&](auto& usage) { usage.name_cells(use.meter, use.values); });
  for (const dsl::Example::Use::Items& items : use.items)
    for (uint32_t i = 0; i < items.times; ++i, ++day)
      add(items.quantity, day,
          by_day ? segment_at(bound, bound.covered.from + std::chrono::days(day)) : segment);
}

/// In which segment something was used; empty where that matters and is not said.
std::optional<uint32_t> segment_of(const dsl::Example::Use& use, const BoundUsage& bound) {
  const dsl::RateCard& card = bound.revision->card();
  const uint32_t first = segment_at(bound, use.from.value_or(bound.covered.from));
  const Date until = use.until.value_or(bound.covered.until);
  const bool is_told = first == segment_at(bound, until - std::chrono::days(1)) ||
                       card.meters[use.meter].grain == dsl::Grain::Day;
  return is_told || !is_priced_in_credits(card, use.meter) ? std::optional(first) : std::nullopt;
}

/// Why a grant cannot be counted; empty where all are added.
std::optional<std::string> add_grants(const dsl::Example& example, BoundUsage& bound) {
  compiler::CreditParts parts;
  const dsl::RateCard& card = bound.revision->card();
  for (const dsl::Example::Granted& granted : example.granted) {
    BoundGrant grant{.grant = {.pool = granted.pool, .quantity = granted.quantity},
                     .from = granted.from.value_or(example.period.from),
                     .expires = granted.expires};
    if (!card.pools[granted.pool].credit)
      grant.grant.quantity = Ratio(*to_minor(granted.quantity, card.currency));
    if (auto why_not = why_uncountable(bound.revision->program(), grant.grant, parts))
      return why_not;
    bound.grants.push_back(grant);
  }
  const Period whole = period_containing(card.period, example.period.from);
  settle_grants(bound, example.since, [&](const dsl::Pool&) {
    return granting_from(example.period, whole, example.since, card.from == example.period.from);
  });
  return std::nullopt;
}

void add_state(const dsl::Example& example, BoundUsage& bound) {
  const dsl::RateCard& card = bound.revision->card();
  for (const dsl::Example::UsedToDate& used : example.used_to_date)
    for_each_usage(bound, 0,
                   [&](auto& usage) { usage.add_used_to_date(used.meter, used.quantity); });
  size_t commitment = 0;
  for (uint32_t i = 0; i < card.bill_steps.size(); ++i) {
    if (!card.bill_steps[i].commitment) continue;
    compiler::CommitmentState& state = bound.usage.commitments()[commitment++];
    state.due = ends_commitment(example.period, card.bill_steps[i].commitment->per, example.since);
    for (const dsl::Example::BilledToDate& billed : example.billed_to_date)
      if (billed.bill_step == i) state.billed = billed.amount_minor;
  }
}

}  // namespace

std::expected<std::unique_ptr<BoundUsage>, std::string> bind_example(
    const std::shared_ptr<const Revision>& revision, const dsl::Example& example) {
  const dsl::RateCard& card = revision->card();
  auto bound = std::make_unique<BoundUsage>(revision);
  bound->covered = example.period;
  if (auto why_not = add_grants(example, *bound)) return std::unexpected(*std::move(why_not));
  for (const dsl::Example::Use& use : example.uses) {
    const auto segment = segment_of(use, *bound);
    if (!segment)
      return std::unexpected(fmt::format(
          "a grant of credits begins or ends on {}, so it matters when `{}` was used: say it with "
          "`from` and `until`",
          to_string(bound->cuts.front()), card.meters[use.meter].name));
    add_use(use, *segment, *bound);
  }
  add_state(example, *bound);
  settle_fees(*bound, example.since);
  const auto bind_days = [&](compiler::UsageVector& usage) {
    compiler::RateInput* input = usage.bind();
    if (!input) return input;
    input->covered_days = example.period.days();
    input->period_days = period_containing(card.period, example.period.from).days();
    return input;
  };
  bound->input = bind_days(bound->usage);
  if (!bound->input)
    return std::unexpected(fmt::format("the quantities of a meter{} add up to 10^18 or more",
                                       card.pools.empty() ? "" : ", or the grants of a pool,"));
  for (auto& part : bound->parts) part->input = bind_days(part->usage);
  return bound;
}

}  // namespace toll::runtime
