#include "runtime/quoting/answer_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <span>

#include "base/int128.h"
#include "base/ratio_text.h"
#include "runtime/quoting/amounts.h"
#include "runtime/quoting/choice.h"
#include "runtime/quoting/cut_grants.h"
#include "runtime/quoting/grants.h"
#include "runtime/quoting/rated.h"
#include "runtime/quoting/warnings.h"

namespace toll::runtime {
namespace {

using compiler::LineAmount;
using compiler::LineOrigin;
using dsl::syntax::MoneyLine;
using Kind = LineOrigin::Kind;

std::string_view kind_name(MoneyLine::Kind kind) {
  switch (kind) {
    case MoneyLine::Kind::Discount:
      return "discount";
    case MoneyLine::Kind::Surcharge:
      return "surcharge";
    case MoneyLine::Kind::Minimum:
      return "minimum";
    case MoneyLine::Kind::Maximum:
      return "maximum";
  }
  return "";
}

std::string_view kind_title(MoneyLine::Kind kind) {
  switch (kind) {
    case MoneyLine::Kind::Discount:
      return "Discount";
    case MoneyLine::Kind::Surcharge:
      return "Surcharge";
    case MoneyLine::Kind::Minimum:
      return "Minimum";
    case MoneyLine::Kind::Maximum:
      return "Maximum";
  }
  return "";
}

/// Calls visit(value name) for each of the charge's `by` dimensions.
template <typename Visit>
void for_each_key(const Revision& revision, const LineOrigin& origin, Visit&& visit) {
  const dsl::Charge& charge = revision.card().charges[origin.item];
  const compiler::Charge& lowered = revision.program().charges[origin.item];
  for (size_t i = 0; i < charge.by.size(); ++i) {
    const std::vector<std::string>& values = revision.card().dimensions[charge.by[i]].values;
    visit(values[origin.cell / lowered.cell_strides[i] % values.size()]);
  }
}

/// About what the path or the label of a row takes, so that most are made in one piece.
constexpr size_t kNameBytes = 48;

std::string label_of(const Revision& revision, const LineOrigin& origin) {
  const dsl::RateCard& card = revision.card();
  const auto or_name = [](const std::string& label, const std::string& name) -> const std::string& {
    return label.empty() ? name : label;
  };
  switch (origin.kind) {
    case Kind::Fee:
      return or_name(card.fees[origin.item].label, card.fees[origin.item].name);
    case Kind::BillStep: {
      const dsl::BillStep& step = card.bill_steps[origin.item];
      return or_name(step.label, std::string(kind_title(step.kind)));
    }
    case Kind::Pool: {
      const dsl::Pool& pool = card.pools[origin.item];
      return or_name(pool.label, pool.name) + (pool.credit ? ", beyond" : "");
    }
    case Kind::Cell:
    case Kind::SharedStep:
      break;
  }
  const dsl::Charge& charge = card.charges[origin.item];
  std::string label = or_name(charge.label, charge.name);
  if (origin.kind == Kind::SharedStep)
    return label.append(", ").append(
        kind_name(revision.program().charges[origin.item].shared_steps[origin.step].kind));
  if (charge.by.empty()) return label;
  label.reserve(kNameBytes);
  std::string_view before = " (";
  for_each_key(revision, origin, [&](const std::string& key) {
    label.append(before).append(key);
    before = ", ";
  });
  return label.append(")");
}

bool is_of(const LineOrigin& origin, const dsl::ItemRef& item) {
  const bool fee = item.kind == dsl::ItemRef::Kind::Fee;
  const bool of_charge = origin.kind == Kind::Cell || origin.kind == Kind::SharedStep;
  return origin.item == item.index && (fee ? origin.kind == Kind::Fee : of_charge);
}

/// Of a share: the amount that it is a share of, in the currency.
void write_base(const BoundUsage& bound, const LineOrigin& origin,
                const compiler::RateOutput& output, AnswerLine& line) {
  const Currency currency = bound.revision->card().currency;
  std::vector<LineOrigin> origins;
  compiler::for_each_line(bound.revision->program(), *bound.input,
                          [&](uint32_t, const LineOrigin& each) { origins.push_back(each); });
  Int128 base = 0;
  for (const dsl::ItemRef& item : bound.revision->card().charges[origin.item].share_of)
    base += sum_of_lines(origins, output, item);
  line.quantity = exact_major(Ratio(base), currency);
  line.unit = std::string(currency.name());
}

/// Of the line of a pool: the credits that none paid for.
void write_beyond(const BoundUsage& bound, const LineOrigin& origin,
                  const compiler::RateOutput& output, AnswerLine& line) {
  const dsl::RateCard& card = bound.revision->card();
  const dsl::Pool& pool = card.pools[origin.item];
  if (!pool.credit || bound.of_cut_period) return;
  const auto& steps = bound.revision->program().credit_steps;
  const auto step = std::ranges::find_if(
      steps, [&](const auto& each) { return each.billed_by() == origin.item; });
  const Draws draws = draws_of(bound, output)[static_cast<size_t>(step - steps.begin())];
  line.quantity = ratio_text(draws.beyond, draws.unit, 0);
  line.unit = card.credits[*pool.credit].name;
}

/// The sum of the parts of a cell, at `entry` of the usage.
std::string quantity_of(const BoundUsage& bound, const compiler::ChargeUsage& usage,
                        uint32_t charge, uint32_t entry) {
  const std::span<const Int128> quantities =
      compiler::quantities_of(bound.revision->program().charges[charge], usage, entry);
  const Int128 quantity = std::accumulate(quantities.begin(), quantities.end(), Int128{0});
  return Decimal{quantity, static_cast<int>(usage.scale)}.normalized().to_string();
}

void write_pending(const BoundUsage& bound, const LineOrigin& origin, AnswerLine& line) {
  if (!bound.pending_input) return;
  const compiler::ChargeUsage& usage = bound.pending_input->charges[origin.item];
  const std::span<const uint32_t> cells(usage.cells, usage.count);
  const auto cell = std::ranges::find(cells, origin.cell);
  if (cell == cells.end()) return;
  const auto entry = static_cast<uint32_t>(cell - cells.begin());
  if (std::string pending = quantity_of(bound, usage, origin.item, entry); pending != "0")
    line.pending = std::move(pending);
}

void write_quantity(const BoundUsage& bound, const LineOrigin& origin,
                    const compiler::RateOutput& output, AnswerLine& line) {
  const dsl::RateCard& card = bound.revision->card();
  if (origin.kind == Kind::Fee) {
    const dsl::Fee& fee = card.fees[origin.item];
    line.quantity = fee.prorated_by_day
                        ? Ratio::of(bound.input->covered_days, bound.input->period_days).to_string()
                        : "1";
    line.unit = unit_of(card, fee);
  }
  if (origin.kind == Kind::Pool) return write_beyond(bound, origin, output, line);
  if (origin.kind != Kind::Cell) return;
  const dsl::Charge& charge = card.charges[origin.item];
  if (charge.is_share()) return write_base(bound, origin, output, line);
  if (charge.tier_by == dsl::TierBy::Joint) return;  // quantities of several meters
  const compiler::ChargeUsage& usage = bound.input->charges[origin.item];
  line.quantity = quantity_of(bound, usage, origin.item, origin.entry);
  write_pending(bound, origin, line);
  line.unit = card.meters[charge.meter].unit;
}

void write_line(const BoundUsage& bound, const LineOrigin& origin,
                const compiler::RateOutput& output, const LineAmount& amount, AnswerLine& line) {
  line.path = path_of(*bound.revision, origin);
  line.label = label_of(*bound.revision, origin);
  write_quantity(bound, origin, output, line);
  if (const dsl::CreditUnit* credit = credit_of(*bound.revision, origin)) {
    line.currency = credit->name;
    line.amount = line.exact = ratio_text(amount.numerator, amount.denominator, 0);
    return;
  }
  const Currency currency = bound.revision->card().currency;
  line.amount = format_minor(amount.amount, currency);
  line.exact = exact_major(amount.numerator, amount.denominator, currency);
}

std::string too_large(std::string_view path) {
  return fmt::format(
      "the amount of `{}` needs more than 128 bits: use smaller quantities or prices of fewer "
      "digits",
      path);
}

/// Limits that are exceeded and leave usage go on, as far as a quote of one period can tell.
std::vector<std::string> over_limit(const BoundUsage& bound, Int128 total) {
  const dsl::RateCard& card = bound.revision->card();
  std::vector<std::string> names;
  for (const dsl::Limit& limit : card.limits) {
    const bool per_period = limit.per.empty() || limit.per == to_string(card.period);
    if (!limit.to || !per_period) continue;
    const Ratio used =
        limit.meter ? Ratio::of(bound.used[*limit.meter]).value_or(*limit.to) : Ratio(total);
    const std::string name = limit.meter ? card.meters[*limit.meter].name : "bill";
    if (used > *limit.to && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace

Int128 sum_of_lines(std::span<const LineOrigin> origins, const compiler::RateOutput& output,
                    const dsl::ItemRef& item) {
  Int128 sum = 0;
  for (size_t line = 0; line < origins.size(); ++line)
    if (is_of(origins[line], item)) sum += output.lines[line].amount;
  return sum;
}

std::string place_of(const dsl::SourceLine& source) {
  return fmt::format("{}:{}", source.file, source.line);
}

std::string path_of(const Revision& revision, const LineOrigin& origin) {
  const dsl::RateCard& card = revision.card();
  switch (origin.kind) {
    case Kind::Fee:
      return card.fees[origin.item].name;
    case Kind::BillStep:
      if (const auto& commitment = card.bill_steps[origin.item].commitment) return commitment->name;
      return "bill/" + std::string(kind_name(card.bill_steps[origin.item].kind));
    case Kind::Pool: {
      const dsl::Pool& pool = card.pools[origin.item];
      return pool.credit ? pool.name + "/beyond" : pool.name;
    }
    case Kind::Cell:
    case Kind::SharedStep:
      break;
  }
  std::string path = card.charges[origin.item].name;
  if (origin.kind == Kind::SharedStep)
    return path.append("/").append(
        kind_name(revision.program().charges[origin.item].shared_steps[origin.step].kind));
  if (!card.charges[origin.item].by.empty()) path.reserve(kNameBytes);
  for_each_key(revision, origin, [&](const std::string& key) { path.append("/").append(key); });
  return path;
}

Refusal line_too_large(std::string_view path) {
  return {Refusal::Kind::Unfit, {{"/usage", too_large(path)}}};
}

std::string why_pool_is_empty(const dsl::Pool& pool) {
  return fmt::format(
      "the grants of `{}` do not pay for all usage, and `{}` ({}) stops what is beyond them",
      pool.name, pool.beyond_source.text, place_of(pool.beyond_source));
}

Refusal refusal_of(const Revision& revision, const compiler::RateInput& input,
                   const compiler::RateOutput& output) {
  std::string message;
  compiler::for_each_line(revision.program(), input, [&](uint32_t line, const LineOrigin& origin) {
    if (line != output.fault_line) return;
    const std::string path = path_of(revision, origin);
    if (output.fault == compiler::FaultKind::TooLarge) {
      message = too_large(path);
      return;
    }
    if (output.fault == compiler::FaultKind::PoolIsEmpty) {
      message = why_pool_is_empty(revision.card().pools[origin.item]);
      return;
    }
    const dsl::Charge& charge = revision.card().charges[origin.item];
    const dsl::PriceTable& table = charge.tables[charge.table_of_cell[origin.cell]];
    const dsl::SourceLine& limit = revision.card().limits[*table.closed_by].source;
    message =
        fmt::format("`{}` is above the last tier of `{}` ({}), which `{}` closes ({})", path,
                    charge.name, place_of(table.tiers.back().source), limit.text, place_of(limit));
  });
  return {Refusal::Kind::Unfit, {{"/usage", std::move(message)}}};
}

const dsl::CreditUnit* credit_of(const Revision& revision, const LineOrigin& origin) {
  if (origin.kind != Kind::Cell) return nullptr;
  const auto& credit = revision.card().charges[origin.item].credit;
  return credit ? &revision.card().credits[*credit] : nullptr;
}

std::string unit_of(const dsl::RateCard& card, const dsl::Fee& fee) {
  return fee.once ? "once" : std::string(to_string(fee.term.value_or(card.period)));
}

bool is_shown(const BoundUsage& bound, const LineOrigin& origin, const LineAmount& amount) {
  if (origin.kind == Kind::Fee) return is_due(bound, origin.item);
  return origin.kind == Kind::Cell || amount.numerator != 0;
}

BilledLine billed_line(const BoundUsage& bound, const LineOrigin& origin,
                       const LineAmount& amount) {
  const dsl::CreditUnit* credit = credit_of(*bound.revision, origin);
  return {.path = path_of(*bound.revision, origin),
          .unit = credit ? credit->plural : std::string(),
          .amount = credit ? Ratio::of(amount.numerator, amount.denominator) : Ratio(amount.amount),
          .shown = is_shown(bound, origin, amount)};
}

Answer write_answer(const BoundUsage& bound, const compiler::RateOutput& output) {
  const dsl::RateCard& card = bound.revision->card();
  Answer answer;
  answer.card = card.name;
  answer.version = bound.revision->version();
  answer.hash = card.hash;
  if (!card.plan.empty()) answer.plan = card.plan;
  answer.currency = std::string(card.currency.name());
  answer.period = bound.covered;
  answer.lines.reserve(compiler::line_count(bound.revision->program(), *bound.input));
  compiler::for_each_line(
      bound.revision->program(), *bound.input, [&](uint32_t line, const LineOrigin& origin) {
        const LineAmount& amount = output.lines[line];
        if (is_shown(bound, origin, amount))
          write_line(bound, origin, output, amount, answer.lines.emplace_back());
      });
  answer.total = format_minor(output.total, card.currency);
  answer.over_limit = over_limit(bound, output.total);
  add_warning(answer.warnings, warning_of_no_plan(card));
  for (const std::string& warning : bound.warnings) add_warning(answer.warnings, warning);
  return answer;
}

Ratio left_in_pool(const BoundUsage& bound, const std::vector<Ratio>& left, uint32_t pool) {
  Ratio sum;
  for (size_t g = 0; g < left.size(); ++g) {
    const BoundGrant& grant = bound.grants[g];
    const bool there = grant.from < bound.covered.until &&
                       (!grant.expires || *grant.expires >= bound.covered.until);
    if (grant.grant.pool == pool && there) sum = checked_add(sum, left[g]).value_or(sum);
  }
  return sum;
}

void write_grants(const BoundUsage& bound, const std::vector<Ratio>& left, Answer& answer) {
  const dsl::RateCard& card = bound.revision->card();
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool) {
    const bool money = !card.pools[pool].credit;
    const auto text = [&](const Ratio& value) {
      return money ? format_minor(value.numerator(), card.currency) : value.to_string();
    };
    answer.remaining.emplace_back(card.pools[pool].name, text(left_in_pool(bound, left, pool)));
  }
  if (!bound.input->final) return;
  const std::vector<Ratio> next = going_on(bound, left);
  std::vector<size_t> by_age;
  for (size_t g = 0; g < next.size(); ++g)
    if (!next[g].is_zero()) by_age.push_back(g);
  std::ranges::sort(by_age, {}, [&](size_t g) {
    return std::pair(bound.grants[g].grant.pool, bound.grants[g].age);
  });
  for (const size_t g : by_age) {
    const BoundGrant& grant = bound.grants[g];
    const dsl::Pool& pool = card.pools[grant.grant.pool];
    GrantLeft on{.pool = pool.name, .quantity = {}, .from = {}, .expires = grant.expires};
    on.quantity =
        pool.credit ? next[g].to_string() : format_minor(next[g].numerator(), card.currency);
    if (grant.from >= bound.covered.until) on.from = grant.from;
    on.recurring = grant.recurring;
    answer.next_state.grants.push_back(std::move(on));
  }
  const Date until = bound.covered.until;
  for (const dsl::Pool& pool : card.pools) {
    const auto is_given = [&](const BoundGrant& grant) {
      return grant.recurring && grant.from < until && &card.pools[grant.grant.pool] == &pool;
    };
    if ((is_of_some_plans(bound.plans, pool.name) || std::ranges::any_of(bound.grants, is_given)) &&
        goes_on_over(granting_pools(bound.plans, pool.name), until, until))
      note_given(pool.name, answer.next_state);
  }
}

namespace {

/// What is left of those that wait, in the units of a document.
std::vector<Ratio> left_of_waiting(const std::vector<WaitingGrant>& waiting,
                                   const CardSet::Revisions& plans, const Period& covered) {
  std::vector<Ratio> left;
  std::map<const dsl::Pool*, std::vector<RolledOver>> rolled_over;
  std::map<const dsl::Pool*, Ratio> room;
  for (const auto& [grant, card] : waiting) left.push_back(grant.quantity);
  for (size_t g = 0; g < waiting.size(); ++g) {
    const auto& [grant, card] = waiting[g];
    const GrantingPools pools = granting_pools(plans, grant.pool);
    const dsl::Pool* const gave = that_gave(pools, grant.expires, covered.from);
    const dsl::Pool& pool = gave ? *gave : *pool_called(*card, grant.pool);
    const bool is_gone = grant.recurring && comes_again_in(pools, grant.expires, covered);
    if (is_gone || (grant.expires && *grant.expires <= covered.until)) left[g] = Ratio();
    if (!grant.recurring || !pool.rollover || !renews(pool, covered)) continue;
    rolled_over[&pool].push_back({grant.expires, &left[g]});
    const Ratio minor(power_of_ten(pool.credit ? 0 : card->currency.exponent));
    room[&pool] = checked_div(*pool.rollover, minor).value_or(Ratio());
  }
  for (const auto& [pool, grants] : rolled_over) cap_at_rollover(*pool, room[pool], grants);
  return left;
}

}  // namespace

void write_waiting(const NextState& state, const std::vector<WaitingGrant>& waiting,
                   const CardSet::Revisions& plans, const Period& covered, Answer& answer) {
  std::ranges::copy(state.used_to_date, std::back_inserter(answer.next_state.used_to_date));
  std::ranges::copy(state.billed_to_date, std::back_inserter(answer.next_state.billed_to_date));
  const std::vector<Ratio> left = left_of_waiting(waiting, plans, covered);
  for (size_t g = 0; g < waiting.size(); ++g) {
    const Grant& grant = waiting[g].given;
    if (left[g].is_zero()) continue;
    GrantLeft on{.pool = grant.pool,
                 .quantity = left[g].to_string(),
                 .from = {},
                 .expires = grant.expires,
                 .recurring = grant.recurring};
    if (grant.from && *grant.from >= covered.until) on.from = grant.from;
    answer.next_state.grants.push_back(std::move(on));
  }
  for (const auto& [grant, card] : waiting)
    if (grant.recurring &&
        goes_on_over(granting_pools(plans, grant.pool), covered.from, covered.until))
      note_given(grant.pool, answer.next_state);
}

std::expected<std::vector<AnswerLine>, Refusal> write_due_at_close(
    const BoundUsage& bound, const compiler::RateOutput& open, const compiler::RateOutput& closed) {
  std::vector<AnswerLine> due;
  Refusal refusal;
  compiler::for_each_line(
      bound.revision->program(), *bound.input, [&](uint32_t line, const LineOrigin& origin) {
        const LineAmount &now = open.lines[line], &then = closed.lines[line];
        const auto exact = checked_sub(Ratio::of(then.numerator, then.denominator),
                                       Ratio::of(now.numerator, now.denominator));
        const Int128 amount = Int128{then.amount} - now.amount;
        if (!exact || !fits_int64(amount)) {
          refusal.faults.push_back({"/usage", too_large(path_of(*bound.revision, origin))});
          return;
        }
        if (amount == 0 && exact->is_zero()) return;
        write_line(bound, origin, closed,
                   {exact->numerator(), exact->denominator(), static_cast<int64_t>(amount)},
                   due.emplace_back());
        due.back().quantity.reset();
        due.back().unit.reset();
      });
  if (!refusal.faults.empty()) return std::unexpected(std::move(refusal));
  return due;
}

}  // namespace toll::runtime
