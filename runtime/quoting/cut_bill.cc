#include "runtime/quoting/cut_bill.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/interpreter.h"
#include "runtime/quoting/amounts.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/carried_state.h"

namespace toll::runtime {
namespace {

using compiler::LineAmount;
using compiler::LineOrigin;
using compiler::RateInput;
using compiler::RateOutput;
using Kind = LineOrigin::Kind;

Refusal line_too_large(const std::string& path) {
  return {Refusal::Kind::Unfit,
          {{"/usage", fmt::format("the amount of `{}` needs more than 128 bits", path)}}};
}

std::expected<std::vector<LineAmount>, Refusal> rated(const Revision& revision,
                                                      const RateInput& input) {
  std::vector<LineAmount> lines(compiler::line_count(revision.program(), input));
  RateOutput output{.lines = lines.data()};
  revision.rate(input, output);
  if (output.fault != compiler::FaultKind::None)
    return std::unexpected(refusal_of(revision, input, output));
  return lines;
}

/// What each fee of a part comes to for its days. It is rated without usage, which would be held
/// against allowances for these days alone.
std::expected<std::map<uint32_t, LineAmount>, Refusal> fees_of(const CutPart& part) {
  const Revision& revision = *part.revision;
  compiler::UsageVector nothing(revision.card(), revision.program());
  RateInput input = *nothing.bind();
  input.covered_days = part.days.days();
  input.period_days = part.upto->input->period_days;
  input.fees_due = part.upto->input->fees_due;
  const auto lines = rated(revision, input);
  if (!lines) return std::unexpected(lines.error());
  std::map<uint32_t, LineAmount> fees;
  compiler::for_each_line(revision.program(), input, [&](uint32_t line, const LineOrigin& origin) {
    if (origin.kind == Kind::Fee) fees[origin.item] = (*lines)[line];
  });
  return fees;
}

Ratio exact_of(const LineAmount& line) { return Ratio::of(line.numerator, line.denominator); }

bool is_of_charge(const LineOrigin& origin) {
  return origin.kind == Kind::Cell || origin.kind == Kind::SharedStep;
}

/// What each line is matched by: its path, and which one of that path it is, since a charge may
/// have two shared minimums.
std::vector<std::string> keys_of(const Revision& revision, const RateInput& input) {
  std::vector<std::string> keys;
  std::map<std::string, int> seen;
  compiler::for_each_line(revision.program(), input, [&](uint32_t, const LineOrigin& origin) {
    std::string path = path_of(revision, origin);
    const int before = seen[path]++;
    keys.push_back(before == 0 ? std::move(path) : fmt::format("{} {}", path, before + 1));
  });
  return keys;
}

AnswerPart answer_part(const CutPart& part) {
  const dsl::RateCard& card = part.revision->card();
  AnswerPart shown{part.days, part.revision->version(), card.hash};
  if (!card.plan.empty()) shown.plan = card.plan;
  return shown;
}

const std::string& item_of(const dsl::RateCard& card, const dsl::ItemRef& item) {
  return item.kind == dsl::ItemRef::Kind::Fee ? card.fees[item.index].name
                                              : card.charges[item.index].name;
}

}  // namespace

std::expected<CutBill, Refusal> CutBill::of(const std::vector<CutPart>& parts, bool final) {
  CutBill bill(parts);
  for (size_t part = 0; part < parts.size(); ++part)
    if (auto fine = bill.add_part(part, final); !fine) return std::unexpected(fine.error());
  if (auto fine = bill.settle(); !fine) return std::unexpected(fine.error());
  if (auto fine = bill.rate_bill(final); !fine) return std::unexpected(fine.error());
  return bill;
}

/// What a version makes of all usage up to the end of its days, less what it makes of the usage
/// before them; and its fees.
std::expected<void, Refusal> CutBill::add_part(size_t part, bool final) {
  const CutPart& cut = (*parts_)[part];
  const Revision& revision = *cut.revision;
  RateInput input = *cut.upto->input;
  input.final = final;
  auto lines = rated(revision, input);
  if (!lines) return std::unexpected(lines.error());
  const auto fees = fees_of(cut);
  if (!fees) return std::unexpected(fees.error());

  std::map<std::string, LineAmount> before;
  if (cut.before) {
    RateInput earlier = *cut.before->input;
    earlier.final = final;
    const auto amounts = rated(revision, earlier);
    if (!amounts) return std::unexpected(amounts.error());
    const std::vector<std::string> keys = keys_of(revision, earlier);
    for (size_t line = 0; line < keys.size(); ++line) before[keys[line]] = (*amounts)[line];
  }

  keys_.push_back(keys_of(revision, input));
  std::expected<void, Refusal> fine;
  compiler::for_each_line(revision.program(), input, [&](uint32_t line, const LineOrigin& origin) {
    if (!fine) return;
    if (origin.kind == Kind::Fee) {
      // Whole fees are due once, by the version that begins the period.
      if (part > 0 && !revision.card().fees[origin.item].prorated_by_day) return;
      if (!is_due(*cut.upto, origin.item)) return;
      const LineAmount& fee = fees->at(origin.item);
      fine = add(part, line, origin, exact_of(fee), Ratio(), fee.amount);
    } else if (is_of_charge(origin)) {
      const auto known = before.find(keys_.back()[line]);
      const LineAmount earlier = known == before.end() ? LineAmount{} : known->second;
      fine = add(part, line, origin, exact_of((*lines)[line]), exact_of(earlier),
                 Int128{(*lines)[line].amount} - earlier.amount);
    }
  });
  outputs_.push_back(*std::move(lines));
  return fine;
}

std::expected<void, Refusal> CutBill::add(size_t part, size_t at, const LineOrigin& origin,
                                          const Ratio& all, const Ratio& before, Int128 amount) {
  const CutPart& cut = (*parts_)[part];
  const dsl::RateCard& card = cut.revision->card();
  Line& line = lines_[keys_[part][at]];
  const bool fee = origin.kind == Kind::Fee;
  line.item = fee ? card.fees[origin.item].name : card.charges[origin.item].name;
  if (fee && card.fees[origin.item].prorated_by_day) line.fee_days += cut.days.days();
  if (fee && line.unit.empty()) line.unit = unit_of(card, card.fees[origin.item]);
  const auto here = checked_sub(all, before);
  const auto sum = here ? checked_add(line.exact, *here) : std::nullopt;
  if (!sum) return std::unexpected(line_too_large(path_of(*cut.revision, origin)));
  line.exact = *sum;
  line.amount += amount;
  line.shares.push_back({part, all, before,
                         fee ? &card.fees[origin.item].source : &card.charges[origin.item].source});
  return {};
}

/// Puts the amounts of the whole where the lines of each part are. Where the new version takes back
/// more than the old one asked for, a line is 0.
std::expected<void, Refusal> CutBill::settle() {
  for (auto& [key, line] : lines_) {
    line.amount = std::max<Int128>(line.amount, 0);
    line.exact = std::max(line.exact, Ratio());
    if (!fits_int64(line.amount)) return std::unexpected(line_too_large(key));
  }
  for (size_t part = parts_->size(); part-- > 0;) {
    const CutPart& cut = (*parts_)[part];
    compiler::for_each_line(
        cut.revision->program(), *cut.upto->input, [&](uint32_t at, const LineOrigin& origin) {
          if (origin.kind == Kind::BillStep) return;
          const std::string& key = keys_[part][at];
          const auto found = lines_.find(key);
          // A whole fee that the first version does not have, or not for a term that begins now, is
          // not due in this period.
          if (found == lines_.end()) {
            outputs_[part][at] = LineAmount{};
            return;
          }
          const Line& line = found->second;
          outputs_[part][at] = {line.exact.numerator(), line.exact.denominator(),
                                static_cast<int64_t>(line.amount)};
          if (std::ranges::find(order_, key) == order_.end()) order_.push_back(key);
        });
  }
  return {};
}

/// The bill lines of the last version on the lines of all: a program in which each of these is a
/// fee.
std::expected<void, Refusal> CutBill::rate_bill(bool final) {
  const Revision& revision = *parts_->back().revision;
  const compiler::RatingProgram& last_program = revision.program();
  compiler::RatingProgram program;
  program.rounding = last_program.rounding;
  program.rounding_step = last_program.rounding_step;
  program.bill_steps = last_program.bill_steps;
  std::map<std::string, std::vector<dsl::ItemRef>> fees_of;
  const auto add_fee = [&](int64_t amount) {
    const dsl::ItemRef fee{.kind = dsl::ItemRef::Kind::Fee,
                           .index = static_cast<uint32_t>(program.fees.size())};
    program.fees.push_back({.amount = amount});
    program.items.push_back(fee);
    return fee;
  };
  for (const std::string& key : order_) {
    const Line& line = lines_.at(key);
    fees_of[line.item].push_back(add_fee(static_cast<int64_t>(line.amount)));
  }
  const dsl::ItemRef nothing = add_fee(0);  // of a charge that has no line
  for (compiler::BillStep& step : program.bill_steps) {
    if (step.counts.empty()) continue;
    std::vector<dsl::ItemRef> counts{nothing};
    for (const dsl::ItemRef& item : step.counts) {
      const auto& fees = fees_of[item_of(revision.card(), item)];
      counts.insert(counts.end(), fees.begin(), fees.end());
    }
    step.counts = std::move(counts);
  }

  RateInput input = *last().input;
  input.charges = nullptr;
  input.final = final;
  std::vector<LineAmount> lines(program.fees.size() + program.bill_steps.size());
  RateOutput output{.lines = lines.data()};
  compiler::interpret(program, input, output);
  if (output.fault != compiler::FaultKind::None) return std::unexpected(line_too_large("bill"));
  compiler::for_each_line(last_program, *last().input, [&](uint32_t at, const LineOrigin& origin) {
    if (origin.kind == Kind::BillStep)
      outputs_.back()[at] = lines[program.fees.size() + origin.item];
  });
  total_ = output.total;
  return {};
}

RateOutput CutBill::output_of(size_t part) const {
  return {.lines = outputs_[part].data(), .total = total_};
}

/// The lines of one part with the amounts of the whole, and what each is matched by.
std::vector<CutBill::Shown> CutBill::shown(size_t part, std::vector<AnswerLine> lines) const {
  const BoundUsage& bound = *(*parts_)[part].upto;
  std::vector<Shown> result;
  compiler::for_each_line(bound.revision->program(), *bound.input,
                          [&](uint32_t at, const LineOrigin& origin) {
                            if (is_shown(bound, origin, outputs_[part][at]))
                              result.push_back({keys_[part][at], std::move(lines[result.size()])});
                          });
  return result;
}

std::expected<Answer, Refusal> CutBill::answer(bool explained) const {
  const size_t last_part = parts_->size() - 1;
  const RateOutput output = output_of(last_part);
  Answer answer = write_answer(last(), output);
  for (const CutPart& part : *parts_) answer.parts.push_back(answer_part(part));
  std::vector<Shown> lines = shown(last_part, std::move(answer.lines));
  // A whole fee of a version that did not begin the period.
  std::erase_if(lines, [&](const Shown& each) {
    const auto& fees = last().revision->card().fees;
    return !lines_.contains(each.key) &&
           std::ranges::find(fees, each.line.path, &dsl::Fee::name) != fees.end();
  });
  add_gone_lines(lines);
  answer.lines.clear();
  for (Shown& each : lines) {
    finish_line(each.key, each.line, explained);
    answer.lines.push_back(std::move(each.line));
  }
  if (!last().input->final) return answer;
  auto next = next_state(last(), output);
  if (!next) return std::unexpected(std::move(next.error()));
  answer.next_state = *std::move(next);
  return answer;
}

/// Adds the lines that the last version does not have, above those that act on the bill.
void CutBill::add_gone_lines(std::vector<Shown>& lines) const {
  const auto acts_on_bill = [&](const Shown& each) { return !lines_.contains(each.key); };
  for (size_t part = parts_->size() - 1; part-- > 0;) {
    Answer earlier = write_answer(*(*parts_)[part].upto, output_of(part));
    for (Shown& each : shown(part, std::move(earlier.lines)))
      if (!acts_on_bill(each) && std::ranges::find(lines, each.key, &Shown::key) == lines.end())
        lines.insert(std::ranges::find_if(lines, acts_on_bill), std::move(each));
  }
}

void CutBill::finish_line(const std::string& key, AnswerLine& line, bool explained) const {
  const auto found = lines_.find(key);
  if (found != lines_.end() && found->second.fee_days > 0)
    line.quantity = Ratio::of(found->second.fee_days, last().input->period_days).to_string();
  if (found != lines_.end() && !found->second.unit.empty()) line.unit = found->second.unit;
  if (!explained) return;
  if (found != lines_.end()) return explain(found->second, line);
  line.steps.push_back(
      {fmt::format("on the lines of the whole period, by {}", name_of(parts_->back())),
       "",
       {},
       line.exact});
}

void CutBill::explain(const Line& line, AnswerLine& answer) const {
  const Currency currency = last().revision->card().currency;
  Ratio sum;
  for (const Line::Share& share : line.shares) {
    const CutPart& part = (*parts_)[share.part];
    std::string text =
        fmt::format("{} until {}, by {}: {}", to_string(part.days.from), to_string(part.days.until),
                    name_of(part), grouped_major(share.all, currency));
    if (part.before && !share.before.is_zero())
      text += fmt::format(" for all usage up to then, less {} for what was used before",
                          grouped_major(share.before, currency));
    // Both sums were made before, when the bill was rated.
    sum = *checked_add(sum, *checked_sub(share.all, share.before));
    answer.steps.push_back(
        {std::move(text), place_of(*share.source), {}, exact_major(sum, currency)});
  }
  if (sum < Ratio())
    answer.steps.push_back({"no line is below 0", place_of(*line.shares.back().source), {}, "0"});
}

std::expected<std::vector<AnswerLine>, Refusal> CutBill::due_until(const CutBill& closed) const {
  std::vector<AnswerLine> due;
  for (size_t part = parts_->size(); part-- > 0;) {
    auto lines = write_due_at_close(*(*parts_)[part].upto, output_of(part), closed.output_of(part));
    if (!lines) return lines;
    const bool last = part + 1 == parts_->size();
    const auto later = static_cast<std::ptrdiff_t>(due.size());
    const auto is_known = [&](const AnswerLine& line) {
      const auto end = due.begin() + later;
      return std::find_if(due.begin(), end,
                          [&](const auto& each) { return each.path == line.path; }) != end;
    };
    for (AnswerLine& line : *lines)
      if (last || (lines_.contains(line.path) && !is_known(line))) due.push_back(std::move(line));
  }
  return due;
}

}  // namespace toll::runtime
