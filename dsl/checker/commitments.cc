#include "dsl/checker/commitments.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/other_plans.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

class CommitmentCheck {
 public:
  CommitmentCheck(const syntax::Commit& syntax, CardContext& context)
      : syntax_(syntax), context_(context) {}

  void check() {
    step_.kind = syntax::MoneyLine::Kind::Minimum;
    step_.label = syntax_.label ? syntax_.label->text : syntax_.name.text;
    step_.source = context_.read.source(syntax_.span);
    commitment_.name = syntax_.name.text;
    check_time();
    check_true_up();
    check_counts();
    auto amount = context_.read.amount(syntax_.amount, context_.currency);
    if (!amount) return;
    step_.amount_minor = *amount;
    step_.commitment = std::move(commitment_);
    context_.card.bill_steps.push_back(std::move(step_));
  }

 private:
  Place at(Span span) const { return context_.read.at(span); }

  void check_time() {
    const auto per = parse_period_unit(syntax_.per.text);
    const bool possible =
        per == PeriodUnit::Month || per == PeriodUnit::Quarter || per == PeriodUnit::Year;
    if (possible) commitment_.per = *per;
    const PeriodUnit period = context_.card.period;
    const bool holds =
        possible && period <= *per && (period == PeriodUnit::Day || period >= PeriodUnit::Month);
    if (holds || !context_.period_known) return;
    context_.report
        .add("E317",
             possible ? fmt::format("the card bills per {}, and no whole number of them is {}",
                                    to_string(period), with_article(syntax_.per.text))
                      : fmt::format("{} is no time that a commitment can be for",
                                    quoted(syntax_.per.text)),
             at(syntax_.per.span))
        .help(
            "write `per year`, `per quarter` or `per month`, not shorter than the billing period");
  }

  void check_true_up() {
    if (syntax_.true_ups.empty()) {
      if (syntax_.damaged) return context_.report.hold_back();
      context_.report
          .add("E317", "this commitment does not say when it is trued up", at(syntax_.span))
          .help(fmt::format("add a line `true up every {}` below it", syntax_.per.text));
      return;
    }
    const auto& first = syntax_.true_ups.front();
    if (syntax_.true_ups.size() > 1) {
      context_.report.add("E311", "a commitment is trued up once", at(syntax_.true_ups[1].span))
          .see(at(first.span), "the first line")
          .help("keep one of the two");
    }
    if (first.every.text == syntax_.per.text) return;
    context_.report
        .add("E317",
             fmt::format("a commitment per {} is trued up every {}", syntax_.per.text,
                         syntax_.per.text),
             at(first.every.span))
        .see(at(syntax_.per.span), "what was promised is for this time")
        .why("before its time has ended nothing is missing of it")
        .help(fmt::format("write `true up every {}`, or the part of the amount that is for {}",
                          syntax_.per.text, with_article(first.every.text)));
  }

  void check_counts() {
    for (const auto& line : syntax_.counts)
      for (const syntax::Word& word : line.names) take(word);
  }

  void take(const syntax::Word& word) {
    const auto item = context_.item_by_name.find(word.text);
    if (item == context_.item_by_name.end()) return report_no_line(word);
    if (is_in_credits(item->second)) return report_credits(word, item->second);
    if (commitment_.counts.size() == kShareNamesMax) {
      if (!std::exchange(full_, true))
        context_.report
            .add("E214",
                 fmt::format("a commitment counts at most {}", counted(kShareNamesMax, "line")),
                 at(word.span))
            .help("leave `counts` out to count all lines above");
      return;
    }
    const auto same = [&](const ItemRef& other) {
      return other.kind == item->second.kind && other.index == item->second.index;
    };
    if (std::ranges::any_of(commitment_.counts, same)) {
      context_.report.add("E120", fmt::format("{} stands twice", quoted(word.text)), at(word.span))
          .help("leave one of them out");
      return;
    }
    commitment_.counts.push_back(item->second);
  }

  bool is_in_credits(const ItemRef& item) const {
    return item.kind == ItemRef::Kind::Charge && context_.card.charges[item.index].credit;
  }

  void report_credits(const syntax::Word& word, const ItemRef& item) {
    const Charge& charge = context_.card.charges[item.index];
    context_.report
        .add("E403",
             fmt::format("{} is priced in {}, and a commitment is one of money", quoted(word.text),
                         context_.card.credits[*charge.credit].plural),
             at(word.span))
        .see(charge.source.place)
        .help("leave it out; without `counts` all money lines above count, those of pools too");
  }

  void report_no_line(const syntax::Word& word) {
    const bool listed = context_.report.lists(context_.read.file());
    if (context_.incomplete || !listed) return context_.report.hold_back();
    std::vector<std::string> names;
    for (const Fee& fee : context_.card.fees) names.push_back(fee.name);
    for (const Charge& charge : context_.card.charges) names.push_back(charge.name);
    const std::string nearest = suggest(word.text, names);
    const std::string plans = plans_with_line(context_, word.text);
    context_.report
        .add("E317", fmt::format("the card has no charge or fee {}", quoted(word.text)),
             at(word.span))
        .help(!plans.empty() ? fmt::format("it stands below {}: a commitment counts lines above it "
                                           "that are common, or of its own plan",
                                           plans)
              : nearest.empty() ? "name charges and fees whose lines count toward it"
                                : fmt::format("did you mean {}?", quoted(nearest)));
  }

  const syntax::Commit& syntax_;
  CardContext& context_;
  BillStep step_;
  Commitment commitment_;
  bool full_ = false;
};

}  // namespace

void check_commitment(const syntax::Commit& commit, CardContext& context) {
  CommitmentCheck(commit, context).check();
}

}  // namespace toll::dsl::checker
