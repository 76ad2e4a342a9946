// What a bill of several parts answers: lines, what is left, and how lines come about.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/money.h"
#include "runtime/quoting/amounts.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/carried_state.h"
#include "runtime/quoting/cut_bill.h"
#include "runtime/quoting/cut_charges.h"
#include "runtime/quoting/explanation.h"
#include "runtime/quoting/warnings.h"

namespace toll::runtime {
namespace {

using compiler::LineOrigin;
using compiler::RateInput;
using compiler::RateOutput;
using Kind = LineOrigin::Kind;

AnswerPart answer_part(const CutPart& part) {
  const dsl::RateCard& card = part.revision->card();
  AnswerPart shown{part.days, part.revision->version(), card.hash};
  if (!card.plan.empty()) shown.plan = card.plan;
  return shown;
}

}  // namespace

/// What is left of the grants that the last version is bound to.
std::vector<Ratio> CutBill::left_of_bound_grants() const {
  const dsl::RateCard& card = last().revision->card();
  std::vector<Ratio> left;
  for (const size_t g : spent_in_order(card, period_->grants)) left.push_back(left_[g]);
  const Date day = last().covered.until - std::chrono::days(1);
  compiler::for_each_line(
      last_program(), *last().input, [&](uint32_t at, const LineOrigin& origin) {
        if (origin.kind != Kind::Pool || !runtime::acts_on_bill(*last().revision, origin)) return;
        Ratio open(-Int128{outputs_.back()[at].amount});
        for (size_t g = 0; g < left.size(); ++g) {
          const BoundGrant& grant = last().grants[g];
          if (grant.grant.pool != origin.item || grant.from > day ||
              (grant.expires && *grant.expires <= day))
            continue;
          const Ratio paid = std::min(open, left[g]);
          open = *checked_sub(open, paid);
          left[g] = *checked_sub(left[g], paid);
        }
      });
  return left;
}

std::map<std::string, Ratio> CutBill::left() const {
  const dsl::RateCard& card = last().revision->card();
  const std::vector<Ratio> left = left_of_bound_grants();
  std::map<std::string, Ratio> by_pool;
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool)
    by_pool[card.pools[pool].name] = left_in_pool(last(), left, pool);
  for (const CutPart& part : parts())
    for (const dsl::Pool& pool : part.revision->card().pools)
      if (!pool_called(card, pool.name)) by_pool[pool.name] = left_waiting(pool.name);
  return by_pool;
}

/// What is left of what was bought for a pool that the last version does not have.
Ratio CutBill::left_waiting(const std::string& pool) const {
  const Date until = last().covered.until;
  Ratio sum;
  for (size_t g = 0; g < left_.size(); ++g) {
    const CutGrant& grant = period_->grants[g];
    if (grant.pool == pool && !grant.recurring && grant.from < until &&
        (!grant.expires || *grant.expires >= until))
      sum = checked_add(sum, left_[g]).value_or(sum);
  }
  return sum;
}

std::vector<BilledLine> CutBill::lines() const {
  std::vector<BilledLine> lines;
  std::set<std::string> known;
  for (size_t part = parts().size(); part-- > 0;) {
    const BoundUsage& bound = *parts()[part].upto;
    compiler::for_each_line(bound.revision->program(), *bound.input,
                            [&](uint32_t at, const LineOrigin& origin) {
                              const std::string& key = keys_[part][at];
                              if (origin.kind == Kind::BillStep ? !place_on_bill(part, origin)
                                                                : !known.insert(key).second)
                                return;
                              lines.push_back(billed_line(bound, origin, outputs_[part][at]));
                              // A whole fee of a plan that did not begin the period.
                              if (origin.kind == Kind::Fee && !lines_.contains(key))
                                lines.back().shown = false;
                            });
  }
  return lines;
}

RateOutput CutBill::output_of(size_t part) const {
  return {.lines = outputs_[part].data(), .total = total_};
}

/// The lines of one part with the amounts of the whole, and what each is matched by.
std::vector<CutBill::Shown> CutBill::shown(size_t part, std::vector<AnswerLine> lines) const {
  const BoundUsage& bound = *parts()[part].upto;
  std::vector<Shown> result;
  compiler::for_each_line(
      bound.revision->program(), *bound.input, [&](uint32_t at, const LineOrigin& origin) {
        if (!is_shown(bound, origin, outputs_[part][at])) return;
        AnswerLine& line = lines[result.size()];
        const bool on_bill = runtime::acts_on_bill(*bound.revision, origin);
        result.push_back({.key = keys_[part][at],
                          .line = std::move(line),
                          .on_bill = on_bill ? place_on_bill(part, origin) : std::nullopt,
                          .part = part});
      });
  return result;
}

std::expected<Answer, Refusal> CutBill::answer(bool explained) const {
  const size_t last_part = parts().size() - 1;
  const RateOutput output = output_of(last_part);
  Answer answer = write_answer(last(), output);
  for (const CutPart& part : parts()) {
    answer.parts.push_back(answer_part(part));
    for (const std::string& warning : part.upto->warnings) add_warning(answer.warnings, warning);
  }
  std::vector<Shown> lines = shown(last_part, std::move(answer.lines));
  // A whole fee of a version that did not begin the period.
  std::erase_if(lines, [&](const Shown& each) {
    const auto& fees = last().revision->card().fees;
    return !each.on_bill && !lines_.contains(each.key) &&
           std::ranges::find(fees, each.line.path, &dsl::Fee::name) != fees.end();
  });
  add_gone_lines(lines);
  answer.lines.clear();
  std::vector<Rows> rows;
  if (explained)
    for (size_t part = 0; part < parts().size(); ++part) rows.push_back(rows_of_part(part));
  for (Shown& each : lines) {
    finish_line(each, explained ? &rows : nullptr);
    answer.lines.push_back(std::move(each.line));
  }
  if (last().input->final) {
    auto next = next_state(last(), [this](uint32_t step) { return counted_toward(step); });
    if (!next) return std::unexpected(std::move(next.error()));
    answer.next_state = *std::move(next);
  }
  if (!last().revision->card().pools.empty()) write_grants(last(), left_of_bound_grants(), answer);
  if (last().input->final) {
    if (auto fine = write_gone_state(answer); !fine) return std::unexpected(fine.error());
    write_gone_pools(answer);
    write_waiting(period_->waiting_state, period_->waiting, period_->plans, last().covered, answer);
  }
  return answer;
}

/// Adds the lines that the last version does not have: those of the bill in their place, others
/// above all of these.
void CutBill::add_gone_lines(std::vector<Shown>& lines) const {
  const auto is_known = [&](const Shown& gone) {
    return !gone.on_bill && std::ranges::any_of(lines, [&](const Shown& each) {
      return !each.on_bill && each.key == gone.key;
    });
  };
  for (size_t part = parts().size() - 1; part-- > 0;) {
    Answer earlier = write_answer(*parts()[part].upto, output_of(part));
    for (Shown& gone : shown(part, std::move(earlier.lines))) {
      if (is_known(gone) || (!gone.on_bill && !lines_.contains(gone.key))) continue;
      const auto stands_below = [&](const Shown& each) {
        return each.on_bill && (!gone.on_bill || *each.on_bill > *gone.on_bill);
      };
      lines.insert(std::ranges::find_if(lines, stands_below), std::move(gone));
    }
  }
}

/// By the interpreter, which rates what the bill is made of once more.
CutBill::StepsByKey CutBill::rows_of(const BoundUsage& bound,
                                     const compiler::RatingProgram& program) {
  const Revision& revision = *bound.revision;
  const std::vector<Int128> available = plenty_for(revision.card());
  RateInput input = *bound.input;
  input.available = available.data();
  const std::vector<std::string> keys = keys_of(revision, input);
  StepsByKey rows;
  for (const std::vector<uint32_t>& charges : rated_together(program)) {
    if (charges.empty()) continue;
    std::vector<compiler::LineAmount> lines(keys.size());
    RateOutput output{.lines = lines.data()};
    Explanation explanation(bound);
    compiler::interpret(without_bounds(program, charges), input, output, &explanation);
    compiler::for_each_line(
        revision.program(), input, [&](uint32_t line, const LineOrigin& origin) {
          if (origin.kind == Kind::Cell && std::ranges::find(charges, origin.item) != charges.end())
            rows[keys[line]] = explanation.steps_of_row(line, output);
        });
  }
  return rows;
}

/// Of new charges nothing was before, whatever their own lines make of that.
CutBill::Rows CutBill::rows_of_part(size_t part) const {
  const CutPart& cut = parts()[part];
  Rows rows{.upto = rows_of(*cut.upto, cut.revision->program()), .before = {}};
  if (cut.before) rows.before = rows_of(*cut.before, program_of_before(parts(), part));
  std::erase_if(rows.before, [&](const auto& each) {
    const auto origin = origins_[part].find(each.first);
    return origin != origins_[part].end() && takes_nothing_off(parts(), part, origin->second.item);
  });
  put_rows_of_shares(part, rows);
  return rows;
}

void CutBill::finish_line(Shown& shown, const std::vector<Rows>* rows) const {
  AnswerLine& line = shown.line;
  if (shown.on_bill) {
    if (rows && *shown.on_bill < bill_lines_.size())
      explain_days(bill_lines_[*shown.on_bill].days, amounts_of({}), line);
    if (rows)
      line.steps.push_back(
          {fmt::format("on the lines of the whole period, by {}", name_of(parts()[shown.part])),
           "",
           {},
           line.exact});
    return;
  }
  const Line& whole = lines_.at(shown.key);
  if (whole.fee_days > 0)
    line.quantity = Ratio::of(whole.fee_days, last().input->period_days).to_string();
  if (whole.beyond) line.quantity = whole.beyond->to_string();
  if (!whole.shares.empty() && !whole.shares.back().asked.empty())
    line.quantity =
        exact_major(base_of(whole.shares.back().asked), last().revision->card().currency);
  if (!whole.unit.empty()) line.unit = whole.unit;
  if (whole.unit_differs) {
    line.quantity.reset();
    line.unit.reset();
  }
  if (rows) explain(shown.key, whole, *rows, line);
}

/// The steps of a row above what the part brings to it: of a part that is a difference those of
/// both sides.
void CutBill::add_rows(const std::string& key, const CutPart& part, const Rows& rows, bool is_share,
                       AnswerLine& answer) {
  const auto add = [&](const StepsByKey& of, const std::string& which) {
    const auto found = of.find(key);
    if (found == of.end()) return;
    for (Step step : found->second) {
      step.text = which + step.text;
      answer.steps.push_back(std::move(step));
    }
  };
  const std::string_view all = is_share ? "all of it" : "all usage";
  add(rows.upto, fmt::format("{} before {}: ", all, to_string(part.days.until)));
  if (part.before)
    add(rows.before, fmt::format("less, {} before {}: ", is_share ? "what came" : "usage",
                                 to_string(part.days.from)));
}

void CutBill::explain(const std::string& key, const Line& line, const std::vector<Rows>& rows,
                      AnswerLine& answer) const {
  const auto [shown, exact] = amounts_of(line);
  Ratio sum;
  for (const Line::Share& share : line.shares) {
    const CutPart& part = parts()[share.part];
    const bool is_share = !share.asked.empty();
    add_rows(key, part, rows[share.part], is_share, answer);
    std::string text =
        fmt::format("{} until {}, by {}: {}{}", to_string(part.days.from),
                    to_string(part.days.until), name_of(part), shown(share.all), share.of_all);
    if (!share.before.is_zero())
      text += is_share ? fmt::format(" for all of it up to then, less {} for what came before",
                                     shown(share.before))
                       : fmt::format("{}, less {} for what was {} before",
                                     share.of_all.empty() ? " for all usage up to then" : "",
                                     shown(share.before), share.of_all.empty() ? "used" : "beyond");
    // Both sums were made before, when the bill was rated.
    sum = *checked_add(sum, *checked_sub(share.all, share.before));
    answer.steps.push_back({std::move(text), place_of(*share.source), {}, exact(sum)});
  }
  if (sum < Ratio() && !line.takes_off) {
    answer.steps.push_back({"no line is below 0", place_of(*line.shares.back().source), {}, "0"});
    sum = Ratio();
  }
  for (const Line::Bound& bound : line.bounds) {
    sum = line.shares.empty() ? line.exact : bound.after;
    explain_bound(key, line, *bound.source, answer);
    answer.steps.push_back({fmt::format("{}, on all of the period: {} → {}", bound.source->text,
                                        shown(bound.before), shown(bound.after)),
                            place_of(*bound.source),
                            {},
                            exact(sum)});
  }
  if (sum != line.exact)
    answer.steps.push_back({"no more than its charge comes to",
                            place_of(*line.shares.back().source),
                            {},
                            exact(line.exact)});
  if (line.credit) return;
  if (auto step = step_of_rounding(last().revision->card(), line.exact, line.amount))
    answer.steps.push_back(*std::move(step));
}

std::expected<std::vector<AnswerLine>, Refusal> CutBill::due_until(const CutBill& closed) const {
  std::vector<AnswerLine> due;
  for (size_t part = parts().size(); part-- > 0;) {
    auto lines = write_due_at_close(*parts()[part].upto, output_of(part), closed.output_of(part));
    if (!lines) return lines;
    const bool last = part + 1 == parts().size();
    const auto later = static_cast<std::ptrdiff_t>(due.size());
    const auto is_known = [&](const AnswerLine& line) {
      const auto end = due.begin() + later;
      return std::find_if(due.begin(), end,
                          [&](const auto& each) { return each.path == line.path; }) != end;
    };
    for (AnswerLine& line : *lines)
      if (last || acts_on_bill(part, line.path) || (lines_.contains(line.path) && !is_known(line)))
        due.push_back(std::move(line));
  }
  return due;
}

/// Whether a path is that of a line that a version has on the bill.
bool CutBill::acts_on_bill(size_t part, const std::string& path) const {
  return std::ranges::any_of(bill_lines_, [&](const LineOfBill& line) {
    const LineOrigin origin{.kind = Kind::BillStep, .item = line.step};
    return line.part == part && path_of(*parts()[part].revision, origin) == path;
  });
}

}  // namespace toll::runtime
