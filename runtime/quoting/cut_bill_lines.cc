// The lines that act on the bill of several parts: discounts, minimums and commitments, of which
// each acts once, on the lines of all parts.
//
// They are those of the last version, and of the versions before it what is theirs alone: a minimum
// that is prorated is that of each version for its days, and a commitment is settled by the version
// of the day on which its time ends.
#include <algorithm>

#include "compiler/interpreter.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_bill.h"

namespace toll::runtime {
namespace {

using compiler::LineAmount;
using compiler::LineOrigin;
using compiler::RateInput;
using compiler::RateOutput;
using Kind = LineOrigin::Kind;

/// A common denominator of lines of money and of what acts on them, for a bill that is rounded as a
/// whole; empty where it does not fit.
std::optional<Int128> common_denominator(const std::vector<LineAmount>& lines,
                                         const compiler::RatingProgram& program) {
  std::optional<Int128> common = 1;
  for (const LineAmount& line : lines)
    if (common) common = checked_lcm(*common, line.denominator);
  for (const compiler::BillStep& step : program.bill_steps)
    if (common && step.percent) common = checked_mul(*common, step.denominator);
  return common;
}

/// Lines of the bill as one version has them. Of one kind those are told apart that are no fixed
/// amount.
std::vector<OnceStep> bill_lines_of(const dsl::RateCard& card) {
  std::vector<OnceStep> lines;
  for (uint32_t i = 0; i < card.bill_steps.size(); ++i) {
    const dsl::BillStep& step = card.bill_steps[i];
    lines.push_back({.kind = step.kind,
                     .name = step.commitment ? step.commitment->name
                             : step.fraction ? "%"
                                             : "",
                     .amount = Ratio(Int128{step.amount_minor}),
                     .prorated = step.prorated_by_day,
                     .place = i,
                     .source = &step.source});
  }
  return lines;
}

}  // namespace

/// Whether a commitment of a version is due: the time that it is for ends on the days of that, or
/// the customer goes.
bool CutBill::is_due_in(size_t part, const dsl::Commitment& commitment) const {
  const BoundUsage& bound = *parts()[part].upto;
  return ends_commitment(parts()[part].days, commitment.per, bound.since) ||
         (bound.customer_goes && part + 1 == parts().size());
}

/// Which version settles each commitment of a line: the first on whose days it is due.
CutBill::LineOfBill CutBill::settled(const Once& once) const {
  LineOfBill line{.part = once.by, .step = once.step().place};
  const auto commitment_in = [&](size_t part) {
    const auto& step = parts()[part].revision->card().bill_steps[once.in[part]->place];
    return step.commitment ? &*step.commitment : nullptr;
  };
  if (!commitment_in(once.by)) return line;
  for (size_t part = 0; part < once.in.size() && !line.due; ++part)
    if (once.in[part] && is_due_in(part, *commitment_in(part)))
      line = {.part = part, .step = once.in[part]->place, .due = true};
  return line;
}

/// The lines that act on the bill, on the lines of all: a program in which each of these is a fee.
class CutBill::BillRun {
 public:
  explicit BillRun(CutBill& bill) : bill_(bill) {
    const compiler::RatingProgram& last = bill.last_program();
    program_.rounding = last.rounding;
    program_.rounding_step = last.rounding_step;
    program_.rounding_place = last.rounding_place;
    program_.money_pools = last.money_pools;
  }

  std::expected<void, Refusal> run(bool final) {
    for (const std::string& key : bill_.order_) {
      Line& line = bill_.lines_.at(key);
      if (line.credit) continue;
      of_given_.push_back(&line);
      fees_of_[line.item].push_back(add_fee(
          {line.exact.numerator(), line.exact.denominator(), static_cast<int64_t>(line.amount)}));
    }
    nothing_ = add_fee({});
    if (!add_steps()) return std::unexpected(line_too_large("bill"));
    if (program_.rounding_place == dsl::RoundingPlace::Bill) {
      const auto common = common_denominator(given_, program_);
      if (!common) return std::unexpected(line_too_large("bill"));
      program_.bill_denominator = *common;
    }
    return rate(final);
  }

 private:
  dsl::ItemRef add_fee(const LineAmount& amount) {
    const dsl::ItemRef fee{.kind = dsl::ItemRef::Kind::Fee,
                           .index = static_cast<uint32_t>(program_.fees.size())};
    program_.fees.push_back({});
    program_.items.push_back(fee);
    given_.push_back(amount);
    return fee;
  }

  /// False where an amount does not fit.
  bool add_steps() {
    StepsByPart steps;
    for (const CutPart& part : bill_.parts())
      steps.emplace_back(bill_lines_of(part.revision->card()));
    const auto goes_on = [&](const auto&, size_t part, size_t place) {
      const dsl::BillStep& step = bill_.parts()[part].revision->card().bill_steps[place];
      return step.commitment ? bill_.is_due_in(part, *step.commitment)
                             : (*steps[part])[place].is_minimum_of_days();
    };
    for (const Once& once : acting_once(steps, goes_on))
      if (!add_step(once)) return false;
    return true;
  }

  bool add_step(const Once& once) {
    const LineOfBill line = bill_.settled(once);
    bill_.bill_lines_.push_back(line);
    const CutPart& part = bill_.parts()[line.part];
    compiler::BillStep step = part.revision->program().bill_steps[line.step];
    if (step.commitment) {
      compiler::CommitmentState state = part.upto->input->commitments[*step.commitment];
      state.due = line.due ? 1 : 0;
      step.commitment = static_cast<uint32_t>(commitments_.size());
      commitments_.push_back(state);
      step.counts = counted(part.revision->card(), step.counts);
    } else if (step.prorated) {
      const auto amount = bill_.amount_of(once, once.in.size() - 1);
      if (!amount || !fits_int64(amount->numerator())) return false;
      step.amount = static_cast<int64_t>(amount->numerator());
      step.prorated = false;
      bill_.bill_lines_.back().days = bill_.by_days(once);
    }
    program_.bill_steps.push_back(std::move(step));
    return true;
  }

  /// The lines of these items, by their names; of those without one nothing.
  std::vector<dsl::ItemRef> counted(const dsl::RateCard& card,
                                    const std::vector<dsl::ItemRef>& items) {
    if (items.empty()) return {};
    std::vector<dsl::ItemRef> counts{nothing_};
    for (const dsl::ItemRef& item : items) {
      const auto& fees = fees_of_[name_of_item(card, item)];
      counts.insert(counts.end(), fees.begin(), fees.end());
    }
    return counts;
  }

  std::expected<void, Refusal> rate(bool final) {
    const std::vector<Int128> available = bill_.money_at_end();
    RateInput input = *bill_.last().input;
    input.charges = nullptr;
    input.final = final;
    input.available = available.data();
    input.commitments = commitments_.data();
    input.credit_scale = 0;
    input.credit_split = 1;
    Lines& lines = bill_.on_bill_;
    lines.resize(program_.fees.size() + program_.bill_steps.size() + program_.money_pools.size());
    RateOutput output{.lines = lines.data()};
    compiler::interpret_bill(program_, given_, input, output);
    if (output.fault != compiler::FaultKind::None) return std::unexpected(line_too_large("bill"));
    for (size_t i = 0; i < of_given_.size(); ++i) of_given_[i]->amount = lines[i].amount;
    for (size_t i = 0; i < program_.bill_steps.size(); ++i)
      bill_.bill_lines_[i].counted = counted_toward(i);
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(given_.size()));
    bill_.total_ = output.total;
    return {};
  }

  /// The rounded lines that count toward a commitment: those of what it names, or all above.
  Int128 counted_toward(size_t step) const {
    const std::vector<dsl::ItemRef>& counts = program_.bill_steps[step].counts;
    const Lines& lines = bill_.on_bill_;
    Int128 sum = 0;
    for (const dsl::ItemRef& item : counts) sum += lines[item.index].amount;
    for (size_t i = 0; counts.empty() && i < given_.size() + step; ++i) sum += lines[i].amount;
    return sum;
  }

  CutBill& bill_;
  compiler::RatingProgram program_;
  std::vector<LineAmount> given_;
  std::vector<Line*> of_given_;
  std::map<std::string, std::vector<dsl::ItemRef>> fees_of_;
  std::vector<compiler::CommitmentState> commitments_;
  dsl::ItemRef nothing_;  // of a charge that has no line
};

std::expected<void, Refusal> CutBill::rate_bill(bool final) { return BillRun(*this).run(final); }

/// What the pools in money hold when the bill arises, by pool of the last version.
std::vector<Int128> CutBill::money_at_end() const {
  const dsl::RateCard& card = last().revision->card();
  const Date day = last().covered.until - std::chrono::days(1);
  std::vector<Int128> available;
  for (const dsl::Pool& pool : card.pools) {
    Int128& sum = available.emplace_back(0);
    for (const CutGrant& grant : period_->grants)
      if (!pool.credit && grant.pool == pool.name && grant.is_there(day))
        sum = checked_add(sum, grant.quantity.numerator()).value_or(kInt128Max);
  }
  return available;
}

/// What the bill brought toward a commitment of the last version.
Int128 CutBill::counted_toward(uint32_t step) const {
  const auto place = place_on_bill(parts().size() - 1, {.kind = Kind::BillStep, .item = step});
  return place ? bill_lines_[*place].counted : Int128{0};
}

/// Which of the lines of the bill a version has to say; none where another one says it.
std::optional<size_t> CutBill::place_on_bill(size_t part, const LineOrigin& origin) const {
  if (origin.kind == Kind::Pool) {
    const std::vector<uint32_t>& pools = last_program().money_pools;
    const auto pool = std::ranges::find(pools, origin.item);
    if (part + 1 < parts().size() || pool == pools.end()) return std::nullopt;
    return bill_lines_.size() + static_cast<size_t>(pool - pools.begin());
  }
  const auto found = std::ranges::find_if(bill_lines_, [&](const LineOfBill& line) {
    return line.part == part && line.step == origin.item;
  });
  if (found == bill_lines_.end()) return std::nullopt;
  return static_cast<size_t>(found - bill_lines_.begin());
}

/// Puts the amounts of the whole where the lines of each part are.
void CutBill::put_outputs() {
  for (size_t part = parts().size(); part-- > 0;) {
    const CutPart& cut = parts()[part];
    compiler::for_each_line(cut.revision->program(), *cut.upto->input,
                            [&](uint32_t at, const LineOrigin& origin) {
                              LineAmount& output = outputs_[part][at];
                              if (runtime::acts_on_bill(*cut.revision, origin)) {
                                const auto place = place_on_bill(part, origin);
                                output = place ? on_bill_[*place] : LineAmount{};
                                return;
                              }
                              const auto found = lines_.find(keys_[part][at]);
                              // A whole fee that the first version does not have, or not for a term
                              // that begins now, is not due in this period.
                              if (found == lines_.end()) {
                                output = LineAmount{};
                                return;
                              }
                              const Line& line = found->second;
                              output = {line.exact.numerator(), line.exact.denominator(),
                                        static_cast<int64_t>(line.amount)};
                            });
  }
}

}  // namespace toll::runtime
