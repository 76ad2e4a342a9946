// The minimums and maximums of the charges of a bill of several parts, and the shared lines below
// them.
#include <algorithm>
#include <set>

#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_bill.h"

namespace toll::runtime {
namespace {

using compiler::LineOrigin;
using compiler::RateInput;
using Kind = LineOrigin::Kind;

/// A row of another version, used there or not; none where that has no such row.
std::optional<CutRow> same_row(const Revision& revision, const LineOrigin& row,
                               const Revision& there) {
  const dsl::RateCard &card = revision.card(), &other = there.card();
  const dsl::Charge& charge = card.charges[row.item];
  const auto same = std::ranges::find(other.charges, charge.name, &dsl::Charge::name);
  if (same == other.charges.end() || same->by.size() != charge.by.size()) return std::nullopt;
  const auto item = static_cast<uint32_t>(same - other.charges.begin());
  const std::vector<uint32_t>& strides = revision.program().charges[row.item].cell_strides;
  uint32_t cell = 0;
  for (size_t i = 0; i < charge.by.size(); ++i) {
    const std::vector<std::string>& values = card.dimensions[charge.by[i]].values;
    const std::vector<std::string>& others = other.dimensions[same->by[i]].values;
    const auto value = std::ranges::find(others, values[row.cell / strides[i] % values.size()]);
    if (value == others.end()) return std::nullopt;
    cell += static_cast<uint32_t>(value - others.begin()) *
            there.program().charges[item].cell_strides[i];
  }
  return CutRow{&there, item, cell};
}

std::optional<Ratio> below(const CutRow& row, const OnceStep& bound, const Ratio& amount) {
  return below_in_row(*row.revision, row.charge, row.cell, bound, amount);
}

bool is_bound(const OnceStep& step) {
  using MoneyKind = dsl::syntax::MoneyLine::Kind;
  return step.kind == MoneyKind::Minimum || step.kind == MoneyKind::Maximum;
}

/// Of the lines that rows share in one version: a minimum that is prorated, and what takes off it
/// or adds to it there, while it is the minimum of days that acts.
bool shared_line_goes_on(const StepsByPart& steps, const std::vector<Once>& above, size_t part,
                         size_t place, bool below_rows) {
  const std::vector<OnceStep>& own = *steps[part];
  if (is_bound(own[place])) return own[place].is_minimum_of_days();
  return below_rows || std::ranges::any_of(above, [&](const Once& once) {
           const OnceStep* there = once.in[part];
           return there && there < &own[place] && there->is_minimum_of_days() &&
                  once.step().prorated;
         });
}

}  // namespace

/// The last version up to `part` that has the line.
std::optional<size_t> CutBill::last_with(const std::string& key, size_t part) const {
  for (size_t i = part + 1; i-- > 0;)
    if (origins_[i].contains(key)) return i;
  return std::nullopt;
}

/// What a line that acts once comes to by the end of a part. One that is prorated is that of each
/// version for its days, like a fee.
std::optional<Ratio> CutBill::amount_of(const Once& once, size_t part) const {
  if (!once.step().prorated) return once.step().amount;
  const RateInput& days = *last().input;
  const auto is_its = [&](const Ratio& amount) { return amount == once.step().amount; };
  if (days.covered_days == days.period_days && part + 1 == once.amounts.size() &&
      once.amounts.size() == parts().size() && std::ranges::all_of(once.amounts, is_its))
    return once.step().amount;
  std::optional<Ratio> sum = Ratio();
  for (size_t i = 0; sum && i <= part; ++i) {
    const auto of_days =
        checked_mul(once.amounts[i], Ratio::of(parts()[i].days.days(), days.period_days));
    sum = of_days ? checked_add(*sum, *of_days) : std::nullopt;
  }
  return sum ? like_lines(*sum, parts()[once.amounts.size() - 1].revision->program())
             : std::nullopt;
}

/// What a bound of a row acts with: what the lines below it make of its amount. One that is
/// prorated has amounts of several versions, and is the difference that usage of these amounts
/// would be: g_1(m1) + [g_2(m2) - g_2(m1)] + …, where m comes to so much by the end of each part,
/// and g are the lines below it there.
std::optional<Ratio> CutBill::bound_of_row(const Once& once,
                                           const std::vector<std::optional<CutRow>>& rows) const {
  const OnceStep& step = once.step();
  if (!step.prorated) return below(*rows[once.by], step, step.amount);
  std::optional<Ratio> sum = Ratio(), before = Ratio();
  bool is_new = true;  // nothing is taken off for days before
  for (size_t part = 0; sum && part < once.in.size(); ++part) {
    const auto now = amount_of(once, part);
    if (!now) return std::nullopt;
    if (const OnceStep* there = once.in[part]) {
      const auto all = below(*rows[part], *there, *now);
      const auto less = is_new ? Ratio() : below(*rows[part], *there, *before);
      const auto brought = all && less ? checked_sub(*all, *less) : std::nullopt;
      sum = brought ? checked_add(*sum, *brought) : std::nullopt;
      is_new = false;
      before = now;  // days of a version without it are brought by the next one that has it
    }
  }
  return sum;
}

/// The bounds of a row by the last version up to `part` that has it, in their order, and the
/// prorated minimums of those before it.
CutBill::OnceOfRow CutBill::once_of_row(const std::string& key, size_t part) const {
  OnceOfRow once;
  const auto found = last_with(key, part);
  if (!found) return once;
  const LineOrigin& origin = origins_[*found].at(key);
  const Revision& revision = *parts()[*found].revision;
  if (origin.kind != Kind::Cell) return once;
  for (size_t i = 0; i <= *found; ++i) {
    const auto& row = once.rows.emplace_back(same_row(revision, origin, *parts()[i].revision));
    once.steps.push_back(row ? std::optional(bounds_of_row(*row->revision, row->charge, row->cell))
                             : std::nullopt);
  }
  once.lines = acting_once(once.steps, [&](const auto&, size_t of, size_t place) {
    return (*once.steps[of])[place].is_minimum_of_days();
  });
  return once;
}

/// Calls visit(bound) for each of them that is due; false where one does not fit.
bool CutBill::for_each_bound(const std::string& key, size_t part, bool final,
                             const std::function<bool(const OnceStep&)>& visit) const {
  const OnceOfRow row = once_of_row(key, part);
  for (const Once& once : row.lines) {
    OnceStep bound = once.step();
    if (bound.at_least() && !final) continue;  // minimums are due when the period ends
    const auto amount = bound_of_row(once, row.rows);
    if (!amount) return false;
    bound.amount = *amount;
    if (!visit(bound)) return false;
  }
  return true;
}

std::vector<CutBill::OfDays> CutBill::by_days(const Once& once) const {
  std::vector<OfDays> days;
  const auto is_alike = [&](const Ratio& amount) { return amount == once.amounts.front(); };
  // All of a period, of one amount, is that amount.
  if (!once.step().prorated || (once.amounts.size() == parts().size() &&
                                last().input->covered_days == last().input->period_days &&
                                std::ranges::all_of(once.amounts, is_alike)))
    return days;
  for (size_t part = 0; part < once.amounts.size(); ++part) {
    const auto until = amount_of(once, part);
    if (!until || (!once.in[part] && once.amounts[part].is_zero())) continue;
    days.push_back({part, once.in[part] ? once.in[part]->source : once.step().source, *until});
  }
  return days;
}

/// Whether the last version that has the row is one of days that the bill is not for yet.
bool CutBill::acts_later(const std::string& key) const {
  return last_with(key, parts().size() - 1).value_or(0) > upto_;
}

std::expected<void, Refusal> CutBill::bound_rows(bool final) {
  for (auto& [key, line] : lines_) {
    if (acts_later(key)) continue;
    const auto clamp = [&](const OnceStep& bound) {
      const Ratio before = std::max(Ratio(), line.exact);
      line.exact =
          bound.at_least() ? std::max(before, bound.amount) : std::min(before, bound.amount);
      if (before != line.exact) line.bounds.push_back({bound.source, before, line.exact});
      return true;
    };
    if (!for_each_bound(key, parts().size() - 1, final, clamp))
      return std::unexpected(line_too_large(key));
  }
  return {};
}

/// What a row in credits comes to before the period ends, by the versions up to `part`.
std::optional<Ratio> CutBill::bounded_row(const std::string& key, size_t part, Ratio exact) const {
  const bool fits = for_each_bound(key, part, false, [&](const OnceStep& bound) {
    exact = std::min(exact, bound.amount);
    return true;
  });
  return fits ? std::optional(exact) : std::nullopt;
}

/// Calls visit(part, charge) for each charge, by the last version that has it.
void CutBill::for_each_charge(const std::function<void(size_t, uint32_t)>& visit) const {
  std::set<std::string> known;
  for (size_t part = parts().size(); part-- > 0;) {
    const std::vector<dsl::Charge>& charges = parts()[part].revision->card().charges;
    for (uint32_t charge = 0; charge < charges.size(); ++charge)
      if (known.insert(charges[charge].name).second) visit(part, charge);
  }
}

const std::string& CutBill::key_of_shared(size_t part, uint32_t charge, uint32_t step) const {
  return std::ranges::find_if(origins_[part],
                              [&](const auto& each) {
                                return each.second.kind == Kind::SharedStep &&
                                       each.second.item == charge && each.second.step == step;
                              })
      ->first;
}

/// The lines that act once on the sum of a charge's rows: from the first minimum or maximum on,
/// which rows may have themselves.
CutBill::OnceOnSum CutBill::once_on_sum(size_t part, uint32_t charge) const {
  const std::string& name = parts()[part].revision->card().charges[charge].name;
  OnceOnSum sum;
  bool of_rows = runtime::bounds_rows(*parts()[part].revision, charge);
  const bool replaced = rows_have_minimum(*parts()[part].revision, charge, false);
  std::vector<bool> below_rows;
  for (size_t i = 0; i <= part; ++i) {
    const Revision& revision = *parts()[i].revision;
    const auto& charges = revision.card().charges;
    const auto there = std::ranges::find(charges, name, &dsl::Charge::name);
    const auto index = static_cast<uint32_t>(there - charges.begin());
    const bool has = there != charges.end();
    sum.charges.push_back(index);
    sum.steps.push_back(has ? std::optional(shared_lines(revision, index)) : std::nullopt);
    below_rows.push_back(has && rows_have_minimum(revision, index, true));
    of_rows = of_rows || below_rows.back();
  }
  sum.lines = acting_once(sum.steps, [&](const auto& above, size_t of, size_t place) {
    return shared_line_goes_on(sum.steps, above, of, place, !replaced && below_rows[of]);
  });
  const auto first = std::ranges::find_if(sum.lines, [&](const Once& once) {
    return of_rows || is_bound(once.step()) || once.by != part;
  });
  sum.lines.erase(sum.lines.begin(), first);
  return sum;
}

const std::string& CutBill::key_of(const OnceOnSum& sum, const Once& once) const {
  return key_of_shared(once.by, sum.charges[once.by], once.step().place);
}

/// Of lines that act once no part has its share: what they brought there was on rows without
/// minimums.
void CutBill::take_off_parts() {
  for_each_charge([&](size_t part, uint32_t charge) {
    const OnceOnSum sum = once_on_sum(part, charge);
    for (const Once& once : sum.lines) {
      Line& line = lines_.at(key_of(sum, once));
      line.exact = Ratio();
      line.shares.clear();
    }
  });
}

std::expected<void, Refusal> CutBill::act_on_sums(bool final) {
  std::expected<void, Refusal> fine;
  for_each_charge([&](size_t part, uint32_t charge) {
    if (fine && part <= upto_) fine = act_on_sum(part, charge, final);
  });
  return fine;
}

/// What acts once on the sum of a charge's lines, one after the other.
std::expected<void, Refusal> CutBill::act_on_sum(size_t part, uint32_t charge, bool final) {
  const OnceOnSum once_each = once_on_sum(part, charge);
  if (once_each.lines.empty()) return {};
  const std::string& name = parts()[part].revision->card().charges[charge].name;
  const compiler::RatingProgram& rounding = last_program();
  const bool whole = rounding.rounding_place == dsl::RoundingPlace::Bill;
  std::optional<Ratio> sum = Ratio();
  for (const auto& [key, line] : lines_)
    if (line.item == name && sum) sum = checked_add(*sum, whole ? line.exact : Ratio(line.amount));
  for (const Once& once : once_each.lines) {
    const OnceStep& step = once.step();
    if (step.at_least() && !final) continue;  // minimums are due when the period ends
    const std::string& key = key_of(once_each, once);
    auto amount = amount_of(once, part);
    if (amount && !whole) amount = like_lines(*amount, rounding);
    const auto change = amount && sum ? change_of(step, *amount, *sum) : std::nullopt;
    const auto after = change ? checked_add(*sum, *change) : std::nullopt;
    if (!after || (!whole && !fits_int64(change->numerator())))
      return std::unexpected(line_too_large(key));
    Line& line = lines_.at(key);
    line.exact = *change;
    line.amount = whole ? Int128{0} : change->numerator();
    line.bounds.push_back({step.source, *sum, *after});
    sum = after;
  }
  return {};
}

}  // namespace toll::runtime
