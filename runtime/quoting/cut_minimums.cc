// The minimums and maximums of the charges of a bill of several parts.
#include <algorithm>
#include <set>

#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_bill.h"

namespace toll::runtime {
namespace {

using compiler::LineOrigin;
using compiler::RateInput;
using Kind = LineOrigin::Kind;

/// Which one of its kind a bound is.
size_t number_of(const std::vector<ChargeBound>& bounds, size_t place) {
  return static_cast<size_t>(std::ranges::count(bounds.begin(),
                                                bounds.begin() + static_cast<std::ptrdiff_t>(place),
                                                bounds[place].at_least, &ChargeBound::at_least));
}

/// The bound of the same kind and number in another version.
const ChargeBound* same_bound(const std::vector<ChargeBound>& bounds, bool at_least,
                              size_t number) {
  for (const ChargeBound& bound : bounds)
    if (bound.at_least == at_least && number-- == 0) return &bound;
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
std::optional<Ratio> CutBill::amount_of(const BoundsByPart& by_part, size_t place) const {
  const std::vector<ChargeBound>& bounds = *by_part.back();
  const ChargeBound& bound = bounds[place];
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
    const ChargeBound* there = same_bound(*by_part[part], bound.at_least, number);
    const Ratio amount = there ? there->amount : bound.at_least ? Ratio() : bound.amount;
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
                             const std::function<bool(const ChargeBound&)>& visit) const {
  const auto found = last_with(key, part);
  if (!found) return true;
  const LineOrigin& origin = origins_[*found].at(key);
  const Revision& revision = *parts()[*found].revision;
  if (origin.kind != Kind::Cell) return true;
  if (bounds_of_row(revision, origin.item, origin.cell).empty()) return true;
  BoundsByPart by_part;
  for (size_t i = 0; i <= *found; ++i) {
    const auto there = origins_[i].find(key);
    by_part.push_back(there == origins_[i].end()
                          ? std::nullopt
                          : std::optional(bounds_of_row(*parts()[i].revision, there->second.item,
                                                        there->second.cell)));
  }
  for (size_t place = 0; place < by_part.back()->size(); ++place) {
    ChargeBound bound = (*by_part.back())[place];
    if (bound.at_least && !final) continue;  // minimums are due when the period ends
    auto amount = amount_of(by_part, place);
    if (amount)
      amount = below_in_row(revision, origin.item, origin.cell, bound, *amount, *last().input);
    if (!amount) return false;
    bound.amount = *amount;
    if (!visit(bound)) return false;
  }
  return true;
}

std::expected<void, Refusal> CutBill::bound_rows(bool final) {
  for (auto& [key, line] : lines_) {
    const auto clamp = [&](const ChargeBound& bound) {
      const auto amount = rounded(bound.amount, last_program());
      if (!amount) return false;
      const Ratio before = std::max(Ratio(), line.exact);
      line.exact = bound.at_least ? std::max(before, bound.amount) : std::min(before, bound.amount);
      line.amount = std::max<Int128>(0, line.amount);
      line.amount =
          bound.at_least ? std::max(line.amount, *amount) : std::min(line.amount, *amount);
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
  const bool fits = for_each_bound(key, part, false, [&](const ChargeBound& bound) {
    exact = std::min(exact, bound.amount);
    return true;
  });
  return fits ? std::optional(exact) : std::nullopt;
}

std::expected<void, Refusal> CutBill::bound_shared(bool final) {
  std::set<std::string> known;
  for (size_t part = parts().size(); part-- > 0;) {
    const std::vector<dsl::Charge>& charges = parts()[part].revision->card().charges;
    for (uint32_t charge = 0; charge < charges.size(); ++charge)
      if (known.insert(charges[charge].name).second)
        if (auto fine = bound_sum(part, charge, final); !fine) return fine;
  }
  return {};
}

/// The bounds that the rows of a charge share, by the last version that has it.
std::expected<void, Refusal> CutBill::bound_sum(size_t part, uint32_t charge, bool final) {
  const Revision& revision = *parts()[part].revision;
  const std::string& name = revision.card().charges[charge].name;
  if (shared_bounds(revision, charge).empty()) return {};
  BoundsByPart by_part;
  for (size_t i = 0; i <= part; ++i) {
    const std::vector<dsl::Charge>& charges = parts()[i].revision->card().charges;
    const auto there = std::ranges::find(charges, name, &dsl::Charge::name);
    const auto index = static_cast<uint32_t>(there - charges.begin());
    by_part.push_back(there == charges.end()
                          ? std::nullopt
                          : std::optional(shared_bounds(*parts()[i].revision, index)));
  }
  const compiler::RatingProgram& rounding = last_program();
  const bool whole = rounding.rounding_place == dsl::RoundingPlace::Bill;
  std::optional<Ratio> sum = Ratio();
  for (const auto& [key, line] : lines_)
    if (line.item == name && sum) sum = checked_add(*sum, whole ? line.exact : Ratio(line.amount));
  for (size_t place = 0; place < by_part.back()->size(); ++place) {
    const ChargeBound& bound = (*by_part.back())[place];
    if (bound.at_least && !final) continue;
    const auto origin = std::ranges::find_if(origins_[part], [&](const auto& each) {
      return each.second.kind == Kind::SharedStep && each.second.item == charge &&
             each.second.step == bound.place;
    });
    auto amount = amount_of(by_part, place);
    if (amount && !whole) amount = like_lines(*amount, rounding);
    if (amount) amount = below_shared(revision, charge, bound, *amount, *last().input, rounding);
    auto change = amount && sum ? checked_sub(*amount, *sum) : std::nullopt;
    if (!change) return std::unexpected(line_too_large(origin->first));
    change = bound.at_least ? std::max(Ratio(), *change) : std::min(Ratio(), *change);
    const Ratio before = *sum;
    sum = checked_add(before, *change);
    if (!sum || (!whole && !fits_int64(change->numerator())))
      return std::unexpected(line_too_large(origin->first));
    Line& line = lines_.at(origin->first);
    line.exact = *change;
    line.amount = whole ? Int128{0} : change->numerator();
    line.bounds.push_back({bound.source, before, *sum});
  }
  return {};
}

}  // namespace toll::runtime
