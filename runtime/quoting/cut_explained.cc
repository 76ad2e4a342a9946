// How the minimums and maximums of a period of several parts came about: by the days of each
// version, and the lines below them there.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/quoting/amounts.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_bill.h"

namespace toll::runtime {

CutBill::Amounts CutBill::amounts_of(const Line& line) const {
  const Currency currency = last().revision->card().currency;
  if (line.credit)
    return {
        .shown = [unit = line.credit->plural](
                     const Ratio& amount) { return fmt::format("{} {}", grouped(amount), unit); },
        .exact = [](const Ratio& amount) { return amount.to_string(); }};
  return {.shown = [currency](const Ratio& amount) { return grouped_major(amount, currency); },
          .exact = [currency](const Ratio& amount) { return exact_major(amount, currency); }};
}

/// "minimum 62.00 USD prorated by day, 10 of 31 days until 2026-03-11: 20"
std::string CutBill::days_text(const OfDays& of, const std::string& amount) const {
  const Period& days = parts()[of.part].days;
  return fmt::format("{}, {} of {} days until {}: {}", of.source->text, days.days(),
                     last().input->period_days, to_string(days.until), amount);
}

void CutBill::explain_days(const std::vector<OfDays>& days, const Amounts& amounts,
                           AnswerLine& answer) const {
  for (const OfDays& of : days) {
    const bool goes_on = &of != &days.front();
    answer.steps.push_back(
        {days_text(of, amounts.shown(of.until)) + (goes_on ? " with the days before" : ""),
         place_of(*of.source),
         {},
         amounts.exact(of.until)});
  }
}

/// What the lines below a bound of a row make of it, as bound_of_row() has it.
void CutBill::explain_row_bound(const Once& once, const std::vector<std::optional<CutRow>>& rows,
                                const Amounts& amounts, AnswerLine& answer) const {
  const auto below = [&](size_t part, const Ratio& amount) {
    const CutRow& row = *rows[part];
    return below_in_row(*row.revision, row.charge, row.cell, *once.in[part], amount);
  };
  const OnceStep& step = once.step();
  if (!step.prorated) {
    const auto made = below(once.by, step.amount);
    if (made && *made != step.amount)
      answer.steps.push_back(
          {fmt::format("{}: {} with the lines below it", step.source->text, amounts.shown(*made)),
           place_of(*step.source),
           {},
           amounts.exact(*made)});
    return;
  }
  explain_days(by_days(once), amounts, answer);
  std::optional<Ratio> sum = Ratio(), before = Ratio();
  bool is_new = true, changed = false;
  std::vector<Step> steps;
  for (size_t part = 0; part < once.in.size(); ++part) {
    const auto now = amount_of(once, part);
    if (!now) return;
    if (once.in[part]) {
      const auto all = below(part, *now), less = is_new ? Ratio() : below(part, *before);
      const auto brought = all && less ? checked_sub(*all, *less) : std::nullopt;
      sum = brought ? checked_add(*sum, *brought) : std::nullopt;
      if (!sum) return;
      changed = changed || *all != *now || (!is_new && *less != *before);
      std::string text = fmt::format("{} with the lines below it, by {}: {}", amounts.shown(*now),
                                     name_of(parts()[part]), amounts.shown(*all));
      if (!less->is_zero())
        text +=
            fmt::format(", less {} of the {} before", amounts.shown(*less), amounts.shown(*before));
      steps.push_back({std::move(text), place_of(*once.in[part]->source), {}, amounts.exact(*sum)});
      is_new = false;
      before = now;
    }
  }
  if (changed)
    for (Step& each : steps) answer.steps.push_back(std::move(each));
}

/// What a bound acted with, where that is not the amount of its line.
void CutBill::explain_bound(const std::string& key, const Line& line, const dsl::SourceLine& source,
                            AnswerLine& answer) const {
  const Amounts amounts = amounts_of(line);
  const auto is_it = [&](const Once& once) { return once.step().source == &source; };
  const OnceOfRow row = once_of_row(key, parts().size() - 1);
  if (const auto once = std::ranges::find_if(row.lines, is_it); once != row.lines.end())
    return explain_row_bound(*once, row.rows, amounts, answer);
  for_each_charge([&](size_t part, uint32_t charge) {
    if (parts()[part].revision->card().charges[charge].name != line.item) return;
    const OnceOnSum sum = once_on_sum(part, charge);
    const auto once = std::ranges::find_if(sum.lines, is_it);
    if (once != sum.lines.end()) explain_days(by_days(*once), amounts, answer);
  });
}

}  // namespace toll::runtime
