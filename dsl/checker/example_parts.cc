#include "dsl/checker/example_parts.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "dsl/checker/wording.h"
#include "dsl/priced_by_itself.h"

namespace toll::dsl::checker {
namespace {

/// The plan that an example has on a day; null where it names none. REQUIRES: they follow one
/// another.
const syntax::OnPlan* plan_on(const syntax::Example& example, Date day) {
  const syntax::OnPlan* plan = example.plan ? &*example.plan : nullptr;
  for (const syntax::OnPlan& change : example.plan_changes)
    if (change.from->value <= day) plan = &change;
  return plan;
}

std::vector<ExamplePart> parts_of_plans(const syntax::Example& example, const VersionDays& one,
                                        Reader& read) {
  std::vector<ExamplePart> parts{
      {one.version->offer_of(example, example.plan ? &*example.plan : nullptr, read),
       one.days.from}};
  for (const syntax::OnPlan& change : example.plan_changes)
    parts.push_back({one.version->offer_of(example, &change, read), change.from->value, &change});
  if (std::ranges::find(parts, nullptr, &ExamplePart::offer) != parts.end()) parts.clear();
  return parts;
}

/// What begins, or ends, between two parts of one plan, and where it says so.
struct Cut {
  std::string what;
  Place place;
};

Cut cut_between(const ExamplePart& before, const ExamplePart& after) {
  const RateCard &old = before.offer->card, &next = after.offer->card;
  if (old.name != next.name && !next.deal_on.empty())
    return {fmt::format("the deal {} begins", quoted(next.name)), next.source.place};
  if (old.name != next.name && !old.deal_on.empty())
    return {fmt::format("the deal {} ends", quoted(old.name)), old.source.place};
  return {"another version begins", next.source.place};
}

/// "`until A`, `from A until B` and `from B`": what the lines say that stand for one, whose own
/// days the first and the last of them keep.
std::string days_of_lines(const syntax::Use& use, std::span<const ExamplePart> cuts) {
  std::vector<std::string> lines;
  std::string from = use.from ? fmt::format("from {} ", to_string(use.from->value)) : "";
  for (const ExamplePart& cut : cuts) {
    lines.push_back(quoted(fmt::format("{}until {}", from, to_string(cut.from))));
    from = fmt::format("from {} ", to_string(cut.from));
  }
  from.pop_back();
  lines.push_back(
      quoted(use.until ? fmt::format("{} until {}", from, to_string(use.until->value)) : from));
  return listed(lines);
}

/// How a part prices the meter of a line; empty where it does not.
std::optional<Grain> grain_in(const ExamplePart& part, const syntax::Use& use) {
  const auto meter = part.offer->known_meter(use.meter.text);
  return meter ? std::optional(part.offer->card.meters[*meter].grain) : std::nullopt;
}

}  // namespace

std::vector<ExamplePart> parts_of(const syntax::Example& example,
                                  std::span<const VersionDays> versions, Reader& read,
                                  Report& report) {
  if (versions.size() == 1) return parts_of_plans(example, versions.front(), read);
  const Period days{versions.front().days.from, versions.back().days.until};
  if (!example.plan_changes.empty() && !plans_follow_one_another(example, days, read, report))
    return {};
  std::vector<ExamplePart> parts;
  const auto add = [&](const VersionDays& one, Date day) {
    const syntax::OnPlan* const plan = plan_on(example, day);
    const bool changes = plan && plan->from && plan->from->value == day;
    parts.push_back({one.version->offer_of(example, plan, read), day, changes ? plan : nullptr});
    return parts.back().offer != nullptr;
  };
  for (const VersionDays& one : versions) {
    if (!add(one, one.days.from)) return {};
    for (const syntax::OnPlan& change : example.plan_changes) {
      const Date day = change.from->value;
      if (one.days.from < day && day < one.days.until && !add(one, day)) return {};
    }
  }
  return parts;
}

bool plans_follow_one_another(const syntax::Example& example, const Period& days, Reader& read,
                              Report& report) {
  const syntax::OnPlan* before = example.plan ? &*example.plan : nullptr;
  if (!before) {
    report
        .add("E327", "of which plan is this before its first change?", read.at(example.title.span))
        .see(read.at(example.plan_changes.front().span), "here it changes")
        .help("name the plan with which the period begins: `on plan NAME`, without a day");
    return false;
  }
  for (const syntax::OnPlan& change : example.plan_changes) {
    const Date day = change.from->value;
    if (day <= (before->from ? before->from->value : days.from) || day >= days.until) {
      const bool inside = day > days.from && day < days.until;
      report
          .add("E324", "the plan does not change on this day", read.at(change.from->span),
               inside ? std::string()
                      : fmt::format("the example is from {} until {}", to_string(days.from),
                                    to_string(days.until)))
          .see(read.at(before->span), "the plan before it")
          .help("write a day after the one before it, and inside the days of the example");
      return false;
    }
    if (change.plan.text == before->plan.text) {
      report
          .add("E327", fmt::format("the plan is {} already", quoted(change.plan.text)),
               read.at(change.plan.span))
          .see(read.at(before->span), "since here")
          .help("name another plan, or leave the line out");
      return false;
    }
    before = &change;
  }
  return true;
}

std::pair<size_t, size_t> parts_of_use(const syntax::Use& use, std::span<const ExamplePart> parts,
                                       const Period& days) {
  const Date from = use.from ? use.from->value : days.from;
  const Date until = use.until ? use.until->value : days.until;
  size_t first = 0;
  while (first + 1 < parts.size() && parts[first + 1].from <= from) ++first;
  size_t last = first;
  while (last + 1 < parts.size() && parts[last + 1].from < until) ++last;
  return {first, last};
}

std::optional<size_t> part_of(const syntax::Use& use, std::span<const ExamplePart> parts,
                              const Period& days, Reader& read, Report& report) {
  const auto [part, last] = parts_of_use(use, parts, days);
  if (part == last) return part;
  const std::span<const ExamplePart> cuts = parts.subspan(part + 1, last - part);
  const syntax::OnPlan* const change = cuts.front().change;
  const Cut cut = change ? Cut{"the plan changes", read.at(change->span)}
                         : cut_between(parts[part], cuts.front());
  report
      .add("E324", fmt::format("{} between, so it matters when this was used", cut.what),
           read.at(use.span))
      .see(cut.place,
           change ? std::string("here") : fmt::format("on {}", to_string(cuts.front().from)))
      .help(
          fmt::format("say it in a line for each part of the days: {}", days_of_lines(use, cuts)));
  return std::nullopt;
}

std::optional<size_t> part_that_reads(const syntax::Use& use, std::span<const ExamplePart> parts,
                                      const Period& days, Reader& read, Report& report) {
  const auto is_by_day = [&](const ExamplePart& part) { return grain_in(part, use) == Grain::Day; };
  const auto by_day = std::ranges::find_if(parts, is_by_day);
  const auto [first, last] = parts_of_use(use, parts, days);
  if (by_day == parts.end() || (first == last && !is_by_day(parts[first])))
    return part_of(use, parts, days, read, report);
  return static_cast<size_t>(by_day - parts.begin());
}

Grain given_as(const syntax::Use& use, Grain own, std::span<const ExamplePart> parts) {
  if (own != Grain::Cell || (use.items.size() == 1 && !use.items.front().times)) return own;
  for (const ExamplePart& part : parts)
    if (const auto there = grain_in(part, use); there && *there != Grain::Cell) return *there;
  return own;
}

const ExamplePart* part_that_counts_each(const syntax::Use& use, Date until,
                                         std::span<const ExamplePart> parts) {
  for (const ExamplePart& part : parts) {
    const auto there = grain_in(part, use);
    if (there && *there != Grain::Cell && part.from >= until &&
        !prices_by_itself(part.offer->card, *part.offer->known_meter(use.meter.text)))
      return &part;
  }
  return nullptr;
}

}  // namespace toll::dsl::checker
