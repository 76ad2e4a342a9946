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

/// The minimums and maximums of a row in another version, used there or not; none where that has no
/// such row.
std::optional<std::vector<OnceStep>> bounds_of_same_row(const Revision& revision,
                                                        const LineOrigin& row,
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
  return bounds_of_row(there, item, cell);
}

/// Which one of its kind a step is.
size_t number_of(const std::vector<OnceStep>& steps, size_t place) {
  return static_cast<size_t>(std::ranges::count(steps.begin(),
                                                steps.begin() + static_cast<std::ptrdiff_t>(place),
                                                steps[place].kind, &OnceStep::kind));
}

/// The step of the same kind and number in another version.
const OnceStep* same_step(const std::vector<OnceStep>& steps, const OnceStep& as, size_t number) {
  for (const OnceStep& step : steps)
    if (step.kind == as.kind && number-- == 0) return &step;
  return nullptr;
}

}  // namespace

/// The last version up to `part` that has the line.
std::optional<size_t> CutBill::last_with(const std::string& key, size_t part) const {
  for (size_t i = part + 1; i-- > 0;)
    if (origins_[i].contains(key)) return i;
  return std::nullopt;
}

/// What a bound of the last of these versions comes to. One that is prorated is that of each
/// version for its days, like a fee.
std::optional<Ratio> CutBill::amount_of(const OnceByPart& by_part, size_t place) const {
  const std::vector<OnceStep>& bounds = *by_part.back();
  const OnceStep& bound = bounds[place];
  if (!bound.prorated) return bound.amount;
  const size_t number = number_of(bounds, place);
  const RateInput& days = *last().input;
  bool same = days.covered_days == days.period_days && by_part.size() == parts().size();
  std::optional<Ratio> sum = Ratio();
  for (size_t part = 0; part < by_part.size(); ++part) {
    if (!by_part[part]) {
      same = false;
      continue;
    }
    const OnceStep* there = same_step(*by_part[part], bound, number);
    const Ratio amount = there ? there->amount : bound.at_least() ? Ratio() : bound.amount;
    same = same && amount == bound.amount;
    const auto of_days =
        checked_mul(amount, Ratio::of(parts()[part].days.days(), days.period_days));
    sum = of_days && sum ? checked_add(*sum, *of_days) : std::nullopt;
  }
  if (same) return bound.amount;
  return sum ? like_lines(*sum, parts()[by_part.size() - 1].revision->program()) : std::nullopt;
}

/// The bounds of a row by the last version up to `part` that has it, in their order; false where
/// one does not fit.
bool CutBill::for_each_bound(const std::string& key, size_t part, bool final,
                             const std::function<bool(const OnceStep&)>& visit) const {
  const auto found = last_with(key, part);
  if (!found) return true;
  const LineOrigin& origin = origins_[*found].at(key);
  const Revision& revision = *parts()[*found].revision;
  if (origin.kind != Kind::Cell) return true;
  if (bounds_of_row(revision, origin.item, origin.cell).empty()) return true;
  OnceByPart by_part;
  for (size_t i = 0; i <= *found; ++i)
    by_part.push_back(bounds_of_same_row(revision, origin, *parts()[i].revision));
  for (size_t place = 0; place < by_part.back()->size(); ++place) {
    OnceStep bound = (*by_part.back())[place];
    if (bound.at_least() && !final) continue;  // minimums are due when the period ends
    auto amount = amount_of(by_part, place);
    if (amount)
      amount = below_in_row(revision, origin.item, origin.cell, bound, *amount, *last().input);
    if (!amount) return false;
    bound.amount = *amount;
    if (!visit(bound)) return false;
  }
  return true;
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

/// Of lines that act once no part has its share: what they brought there was on rows without
/// minimums.
void CutBill::take_off_parts() {
  for_each_charge([&](size_t part, uint32_t charge) {
    for (const OnceStep& step : once_on_sum(*parts()[part].revision, charge)) {
      Line& line = lines_.at(key_of_shared(part, charge, step.place));
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

/// What acts once on the sum of a charge's lines, one after the other, by the last version that has
/// it.
std::expected<void, Refusal> CutBill::act_on_sum(size_t part, uint32_t charge, bool final) {
  const Revision& revision = *parts()[part].revision;
  const std::string& name = revision.card().charges[charge].name;
  if (once_on_sum(revision, charge).empty()) return {};
  OnceByPart by_part;
  for (size_t i = 0; i <= part; ++i) {
    const std::vector<dsl::Charge>& charges = parts()[i].revision->card().charges;
    const auto there = std::ranges::find(charges, name, &dsl::Charge::name);
    const auto index = static_cast<uint32_t>(there - charges.begin());
    by_part.push_back(there == charges.end()
                          ? std::nullopt
                          : std::optional(once_on_sum(*parts()[i].revision, index)));
  }
  const compiler::RatingProgram& rounding = last_program();
  const bool whole = rounding.rounding_place == dsl::RoundingPlace::Bill;
  std::optional<Ratio> sum = Ratio();
  for (const auto& [key, line] : lines_)
    if (line.item == name && sum) sum = checked_add(*sum, whole ? line.exact : Ratio(line.amount));
  for (size_t place = 0; place < by_part.back()->size(); ++place) {
    const OnceStep& step = (*by_part.back())[place];
    if (step.at_least() && !final) continue;  // minimums are due when the period ends
    const std::string& key = key_of_shared(part, charge, step.place);
    auto amount = amount_of(by_part, place);
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
