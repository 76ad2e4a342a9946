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

std::vector<uint32_t> shares_of(const dsl::RateCard& card) {
  std::vector<uint32_t> shares;
  for (uint32_t i = 0; i < card.charges.size(); ++i)
    if (card.charges[i].is_share()) shares.push_back(i);
  return shares;
}

}  // namespace

/// The shares of a part, each alone, without its minimum and maximum, which act once.
class ShareRun {
 public:
  explicit ShareRun(const CutPart& part)
      : input_(*part.upto->input),
        program_(without_bounds(part.revision->program(), shares_of(part.revision->card()))) {
    for (const uint32_t charge : shares_of(part.revision->card()))
      program_.charges[charge].keeps_amounts = false;
  }

  std::expected<LineAmount, compiler::FaultKind> of(uint32_t charge, const Ratio& base,
                                                    uint32_t line,
                                                    compiler::Trace* trace = nullptr) const {
    return compiler::interpret_share(program_, charge, base.numerator(), input_, line, trace);
  }

 private:
  const compiler::RateInput& input_;
  compiler::RatingProgram program_;
};

namespace {

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

std::map<std::string, CutBill::Named> CutBill::named_by_shares() const {
  std::map<std::string, Named> named;
  for (const CutPart& part : parts()) {
    const dsl::RateCard& card = part.revision->card();
    for (const uint32_t share : shares_of(card))
      for (const dsl::ItemRef& item : card.charges[share].share_of)
        named.try_emplace(name_of_item(card, item));
  }
  for (const std::string& key : order_) {
    const auto found = named.find(lines_.at(key).item);
    if (found != named.end()) found->second.keys.push_back(key);
  }
  for_each_charge([&](size_t part, uint32_t charge) {
    const auto found = named.find(parts()[part].revision->card().charges[charge].name);
    if (found != named.end()) found->second.charge = {part, charge};
  });
  return named;
}

/// Part by part, and in each in the order of its card, since a share may be one of a share above.
std::expected<void, Refusal> CutBill::add_shares(bool final) {
  const auto named = named_by_shares();
  if (named.empty()) return {};
  std::vector<SumByItem> at_ends;
  const auto put_sum = [&](size_t part, const std::string& name) -> std::expected<void, Refusal> {
    const auto item = named.find(name);
    if (item == named.end()) return {};
    const auto sum = come_to(item->second, part, final);
    if (!sum) return std::unexpected(sum.error());
    at_ends[part][name] = *sum;
    return {};
  };
  for (size_t part = 0; part < parts().size(); ++part) {
    at_ends.emplace_back();
    for (const auto& [name, item] : named)
      if (auto fine = put_sum(part, name); !fine) return fine;
    const dsl::RateCard& card = parts()[part].revision->card();
    const ShareRun run(parts()[part]);
    for (const dsl::ItemRef& item : parts()[part].revision->program().items) {
      if (!is_share(card, item)) continue;
      auto fine = add_share(part, run, item.index, at_ends);
      if (fine) fine = put_sum(part, card.charges[item.index].name);
      if (!fine) return fine;
    }
  }
  return {};
}

/// What the share makes of what the lines that it names have come to on its own days, up to the end
/// of the part, less what it makes of that up to its begin. A new one begins with its part.
std::expected<void, Refusal> CutBill::add_share(size_t part, const ShareRun& run, uint32_t charge,
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
  if (is_new(parts(), part, charge)) asked_before.clear();
  const auto all = run.of(charge, base_of(asked), at);
  const auto before =
      asked_before.empty() ? LineAmount{} : run.of(charge, base_of(asked_before), at);
  if (!all || !before) return std::unexpected(line_too_large(row->first));
  auto fine = add(part, at, row->second, Ratio::of(all->numerator, all->denominator),
                  Ratio::of(before->numerator, before->denominator));
  if (!fine) return fine;
  Line::Share& brought = lines_.at(row->first).shares.back();
  brought.asked = std::move(asked);
  brought.asked_before = std::move(asked_before);
  return {};
}

/// What a fee or charge comes to on a bill for the parts up to this one: its lines as they are
/// rounded there, with the minimums and maximums of those that no later version has.
std::expected<Int128, Refusal> CutBill::come_to(const Named& item, size_t part, bool final) const {
  CutBill bill(*period_);
  bill.upto_ = part;
  if (auto fine = bill.take_lines_until(*this, item, part); !fine)
    return std::unexpected(fine.error());
  if (auto fine = bill.bound_rows(final); !fine) return std::unexpected(fine.error());
  bill.bound_exact();
  if (auto fine = bill.round(); !fine) return std::unexpected(fine.error());
  bill.bound_amounts();
  if (item.charge && item.charge->first <= part)
    if (auto fine = bill.act_on_sum(item.charge->first, item.charge->second, final); !fine)
      return std::unexpected(fine.error());
  const bool whole = last_program().rounding_place == dsl::RoundingPlace::Bill;
  Int128 sum = 0;
  for (const auto& [key, line] : bill.lines_) {
    if (line.credit) continue;
    const auto amount = whole ? rounded(line.exact, last_program()) : std::optional(line.amount);
    if (!amount || !fits_int64(*amount)) return std::unexpected(line_too_large(key));
    sum += *amount;
  }
  return sum;
}

/// The lines of one item of the whole bill, with what the parts up to this one brought to them.
std::expected<void, Refusal> CutBill::take_lines_until(const CutBill& whole, const Named& item,
                                                       size_t part) {
  order_ = item.keys;
  origins_.resize(whole.origins_.size());
  for (const std::string& key : item.keys) {
    for (size_t i = 0; i < origins_.size(); ++i)
      if (const auto origin = whole.origins_[i].find(key); origin != whole.origins_[i].end())
        origins_[i].insert(*origin);
    Line& line = lines_[key] = whole.lines_.at(key);
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
  const ShareRun run(cut);
  for (const auto& [key, origin] : origins_[part]) {
    const std::vector<Line::Share>& shares = lines_.at(key).shares;
    const auto brought = std::ranges::find(shares, part, &Line::Share::part);
    if (brought == shares.end() || brought->asked.empty()) continue;
    const auto at =
        static_cast<uint32_t>(std::ranges::find(keys_[part], key) - keys_[part].begin());
    const auto put = [&](const std::vector<Int128>& asked, StepsByKey& steps) {
      steps.erase(key);
      if (asked.empty()) return;
      Explanation explanation(*cut.upto);
      static_cast<void>(run.of(origin.item, base_of(asked), at, &explanation));
      steps[key] = explanation.steps_of_share(at, asked);
    };
    put(brought->asked, rows.upto);
    put(brought->asked_before, rows.before);
  }
}

}  // namespace toll::runtime
