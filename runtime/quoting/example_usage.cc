#include "runtime/quoting/example_usage.h"

namespace toll::runtime {
namespace {

/// Items, or the days from the first of the period on.
void add_use(const dsl::Example::Use& use, compiler::UsageVector& usage) {
  if (use.items.empty()) return usage.add(use.meter, use.values, use.quantity);
  uint32_t day = 0;
  usage.name_cells(use.meter, use.values);
  for (const dsl::Example::Use::Items& items : use.items)
    for (uint32_t i = 0; i < items.times; ++i)
      usage.add(use.meter, use.values, items.quantity, day++);
}

}  // namespace

std::unique_ptr<BoundUsage> bind_example(const std::shared_ptr<const Revision>& revision,
                                         const dsl::Example& example) {
  const dsl::RateCard& card = revision->card();
  auto bound = std::unique_ptr<BoundUsage>(new BoundUsage{.revision = revision,
                                                          .covered = example.period,
                                                          .usage = {card, revision->program()},
                                                          .input = nullptr,
                                                          .used = {},
                                                          .used_to_date = {}});
  for (const dsl::Example::Use& use : example.uses) add_use(use, bound->usage);
  for (const dsl::Example::UsedToDate& used : example.used_to_date)
    bound->usage.add_used_to_date(used.meter, used.quantity);
  size_t commitment = 0;
  for (uint32_t i = 0; i < card.bill_steps.size(); ++i) {
    if (!card.bill_steps[i].commitment) continue;
    compiler::CommitmentState& state = bound->usage.commitments()[commitment++];
    state.due = ends_commitment(example.period, card.bill_steps[i].commitment->per, std::nullopt);
    for (const dsl::Example::BilledToDate& billed : example.billed_to_date)
      if (billed.bill_step == i) state.billed = billed.amount_minor;
  }
  bound->input = bound->usage.bind();
  if (!bound->input) return nullptr;
  bound->input->covered_days = example.period.days();
  bound->input->period_days = period_containing(card.period, example.period.from).days();
  return bound;
}

}  // namespace toll::runtime
