// Shares of other charges and fees on a bill of several parts. What they are a share of is no usage
// that a version could rate by itself, but the lines of this bill: fees of both versions, minimums
// that act once. So a share comes to
//
//   S_1(b1) + [S_2(b2) - S_2(b1)] + …
//
// where S_i is the share as the text of part i has it, and b_i what the lines that it names have
// come to when part i ends.
#include <algorithm>
#include <utility>

#include "compiler/interpreter.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_bill.h"
#include "runtime/quoting/cut_charges.h"
#include "runtime/quoting/explanation.h"

namespace toll::runtime {
namespace {

using compiler::LineAmount;
using compiler::LineOrigin;
using ItemKind = dsl::ItemRef::Kind;

bool is_share(const dsl::RateCard& card, const dsl::ItemRef& item) {
  return item.kind == ItemKind::Charge && card.charges[item.index].is_share();
}

bool names_shares(const dsl::RateCard& card, uint32_t share) {
  return std::ranges::any_of(card.charges[share].share_of,
                             [&](const dsl::ItemRef& item) { return is_share(card, item); });
}

/// The share alone, without its minimum and maximum, which act once.
class ShareRun {
 public:
  ShareRun(const CutPart& part, uint32_t charge)
      : charge_(charge),
        input_(*part.upto->input),
        program_(without_bounds(part.revision->program(), {charge})) {
    program_.charges[charge].keeps_amounts = false;
  }

  std::expected<LineAmount, compiler::FaultKind> of(const Ratio& base, uint32_t line,
                                                    compiler::Trace* trace = nullptr) const {
    return compiler::interpret_share(program_, charge_, base.numerator(), input_, line, trace);
  }

 private:
  uint32_t charge_;
  const compiler::RateInput& input_;
  compiler::RatingProgram program_;
};

/// What the lines of an item have come to when a part ends.
template <typename Sums>
Int128 sum_at(const std::vector<Sums>& at_ends, size_t part, const std::string& item) {
  const auto found = at_ends[part].find(item);
  return found == at_ends[part].end() ? Int128{0} : found->second;
}

}  // namespace

/// More may be taken off in the days of a share than it is a share of.
Ratio CutBill::base_of(const std::vector<Int128>& asked) {
  Ratio base;
  for (const Int128 sum : asked) base = checked_add(base, Ratio(sum)).value_or(base);
  return std::max(Ratio(), base);
}

/// Part by part, and in each in the order of its card, since a share may be one of a share above.
std::expected<void, Refusal> CutBill::add_shares(bool final) {
  const auto any = [](const CutPart& part) {
    return std::ranges::any_of(part.revision->card().charges, &dsl::Charge::is_share);
  };
  if (std::ranges::none_of(parts(), any)) return {};
  const bool chained = std::ranges::any_of(parts(), [](const CutPart& part) {
    const dsl::RateCard& card = part.revision->card();
    return std::ranges::any_of(part.revision->program().items, [&](const dsl::ItemRef& item) {
      return is_share(card, item) && names_shares(card, item.index);
    });
  });
  std::vector<SumByItem> at_ends;
  const auto put_sums = [&](size_t part) -> std::expected<void, Refusal> {
    auto sums = come_to(part, final);
    if (!sums) return std::unexpected(std::move(sums.error()));
    at_ends.resize(part);
    at_ends.push_back(*std::move(sums));
    return {};
  };
  for (size_t part = 0; part < parts().size(); ++part) {
    const dsl::RateCard& card = parts()[part].revision->card();
    auto fine = put_sums(part);
    for (const dsl::ItemRef& item : parts()[part].revision->program().items) {
      if (!fine || !is_share(card, item)) continue;
      if (names_shares(card, item.index)) fine = put_sums(part);
      if (fine) fine = add_share(part, item.index, at_ends);
    }
    if (fine && chained) fine = put_sums(part);  // now with its shares
    if (!fine) return fine;
  }
  return {};
}

/// What the share makes of what the lines that it names have come to on its own days, up to the end
/// of the part, less what it makes of that up to its begin. A new one begins with its part.
std::expected<void, Refusal> CutBill::add_share(size_t part, uint32_t charge,
                                                const std::vector<SumByItem>& at_ends) {
  const Revision& revision = *parts()[part].revision;
  const dsl::Charge& share = revision.card().charges[charge];
  std::vector<Int128> asked, asked_before;
  for (const dsl::ItemRef& item : share.share_of) {
    const std::string& name = name_of_item(revision.card(), item);
    Int128 sum = 0, before = 0;
    for (size_t i = 0; i <= part; ++i) {
      if (!has_charge(parts()[i], share.name)) continue;
      before = sum;
      sum += sum_at(at_ends, i, name) - (i == 0 ? Int128{0} : sum_at(at_ends, i - 1, name));
    }
    asked.push_back(sum);
    asked_before.push_back(before);
  }
  const auto row = std::ranges::find_if(
      origins_[part], [&](const auto& each) { return each.second.item == charge; });
  const auto at =
      static_cast<uint32_t>(std::ranges::find(keys_[part], row->first) - keys_[part].begin());
  const ShareRun run(parts()[part], charge);
  if (is_new(parts(), part, charge)) asked_before.clear();
  const auto all = run.of(base_of(asked), at);
  const auto before = asked_before.empty() ? LineAmount{} : run.of(base_of(asked_before), at);
  if (!all || !before) return std::unexpected(line_too_large(row->first));
  auto fine = add(part, at, row->second, Ratio::of(all->numerator, all->denominator),
                  Ratio::of(before->numerator, before->denominator));
  if (!fine) return fine;
  Line::Share& brought = lines_.at(row->first).shares.back();
  brought.asked = std::move(asked);
  brought.asked_before = std::move(asked_before);
  return {};
}

/// What each fee and charge comes to on a bill for the parts up to this one: its lines as they are
/// rounded there, with the minimums and maximums of those that no later version has.
std::expected<CutBill::SumByItem, Refusal> CutBill::come_to(size_t part, bool final) const {
  CutBill bill(*period_);
  bill.upto_ = part;
  if (auto fine = bill.take_lines_until(*this, part); !fine) return std::unexpected(fine.error());
  if (auto fine = bill.bound_rows(final); !fine) return std::unexpected(fine.error());
  bill.bound_exact();
  if (auto fine = bill.round(); !fine) return std::unexpected(fine.error());
  bill.bound_amounts();
  if (auto fine = bill.act_on_sums(final); !fine) return std::unexpected(fine.error());
  const bool whole = last_program().rounding_place == dsl::RoundingPlace::Bill;
  SumByItem sums;
  for (const auto& [key, line] : bill.lines_) {
    if (line.credit) continue;
    const auto amount = whole ? rounded(line.exact, last_program()) : std::optional(line.amount);
    if (!amount || !fits_int64(*amount)) return std::unexpected(line_too_large(key));
    sums[line.item] += *amount;
  }
  return sums;
}

/// The lines of the whole bill, with what the parts up to this one brought to them.
std::expected<void, Refusal> CutBill::take_lines_until(const CutBill& whole, size_t part) {
  keys_ = whole.keys_;
  origins_ = whole.origins_;
  order_ = whole.order_;
  lines_ = whole.lines_;
  for (auto& [key, line] : lines_) {
    line.exact = Ratio();
    for (const Line::Share& share : line.shares) {
      if (share.part > part) continue;
      const auto brought = checked_sub(share.all, share.before);
      const auto sum = brought ? checked_add(line.exact, *brought) : std::nullopt;
      if (!sum) return std::unexpected(line_too_large(key));
      line.exact = *sum;
    }
  }
  return {};
}

/// Shares are rated by what was asked of them, and not with the usage of the part.
void CutBill::put_rows_of_shares(size_t part, Rows& rows) const {
  const CutPart& cut = parts()[part];
  for (const auto& [key, origin] : origins_[part]) {
    const std::vector<Line::Share>& shares = lines_.at(key).shares;
    const auto brought = std::ranges::find(shares, part, &Line::Share::part);
    if (brought == shares.end() || brought->asked.empty()) continue;
    const auto at =
        static_cast<uint32_t>(std::ranges::find(keys_[part], key) - keys_[part].begin());
    const ShareRun run(cut, origin.item);
    const auto put = [&](const std::vector<Int128>& asked, StepsByKey& steps) {
      steps.erase(key);
      if (asked.empty()) return;
      Explanation explanation(*cut.upto);
      static_cast<void>(run.of(base_of(asked), at, &explanation));
      steps[key] = explanation.steps_of_share(at, asked);
    };
    put(brought->asked, rows.upto);
    put(brought->asked_before, rows.before);
  }
}

}  // namespace toll::runtime
