#include "dsl/checker/plan_changes.h"

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {

bool PlanChanges::are_sound() const {
  const syntax::OnPlan* before = example_.plan ? &*example_.plan : nullptr;
  if (!before) {
    report_.add("E327", "of which plan is this before its first change?", at(example_.title.span))
        .see(at(example_.plan_changes.front().span), "here it changes")
        .help("name the plan with which the period begins: `on plan NAME`, without a day");
    return false;
  }
  for (const syntax::OnPlan& change : example_.plan_changes) {
    const Date day = change.from->value;
    if (day <= (before->from ? before->from->value : period_.from) || day >= period_.until) {
      const bool inside = day > period_.from && day < period_.until;
      report_
          .add("E324", "the plan does not change on this day", at(change.from->span),
               inside ? std::string()
                      : fmt::format("the example is from {} until {}", to_string(period_.from),
                                    to_string(period_.until)))
          .see(at(before->span), "the plan before it")
          .help("write a day after the one before it, and inside the days of the example");
      return false;
    }
    if (change.plan.text == before->plan.text) {
      report_
          .add("E327", fmt::format("the plan is {} already", quoted(change.plan.text)),
               at(change.plan.span))
          .see(at(before->span), "since here")
          .help("name another plan, or leave the line out");
      return false;
    }
    before = &change;
  }
  return true;
}

std::optional<size_t> PlanChanges::plan_of(const syntax::Use& use) const {
  const Date from = use.from ? use.from->value : period_.from;
  const Date until = use.until ? use.until->value : period_.until;
  size_t plan = 0;
  for (const syntax::OnPlan& change : example_.plan_changes) {
    if (change.from->value <= from) {
      ++plan;
      continue;
    }
    if (change.from->value >= until) break;
    report_.add("E324", "the plan changes between, so it matters when this was used", at(use.span))
        .see(at(change.span), "here")
        .help(fmt::format("say it with `until {0}`, or `from {0}`, in a line for each plan",
                          to_string(change.from->value)));
    return std::nullopt;
  }
  return plan;
}

}  // namespace toll::dsl::checker
