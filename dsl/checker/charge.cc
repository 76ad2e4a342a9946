#include "dsl/checker/charge.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "dsl/checker/grain.h"
#include "dsl/checker/money_lines.h"
#include "dsl/checker/pools.h"
#include "dsl/checker/reach.h"
#include "dsl/checker/rows.h"
#include "dsl/checker/share.h"
#include "dsl/checker/tier_choice.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// Whether an allowance is for several periods, and so for all rows.
bool is_longer_than_period(const syntax::Word& per, const CardContext& context) {
  const auto time = parse_period_unit(per.text);
  return time && context.period_known && *time != context.card.period &&
         fill(context.card.period, *time);
}

/// Sorts the lines of a charge by kind and holds them to their order: quantity lines, `tiers`,
/// rows, money lines. Of each kind of disorder the first is reported.
class Lines {
 public:
  Lines(ChargeDraft& draft, CardContext& context) : draft_(draft), context_(context) {}

  void take() {
    for (const auto& line : draft_.syntax.lines) {
      std::visit([this](const auto& each) { take(each); }, line);
    }
  }

 private:
  void take(const syntax::Included& line);
  bool check_time(const syntax::Included& line, std::optional<PeriodUnit>& per);
  void take(const syntax::RoundedTo& line);
  void take(const syntax::Tiers& line);
  void take(const syntax::Row& line);
  void take(const syntax::MoneyLine& line);
  void take(const syntax::RowsFrom&) {}  // replaced by its rows before: tables/expansion.h
  static constexpr std::string_view kFreePart =
      "write a free part as the first tier: `up to 1,000.00 USD free`";
  bool take_quantity_line(Span line, std::string_view way_out_of_share);
  void take_allowance(const syntax::Included& line, QuantityStep step);

  Place at(Span span) const { return context_.read.at(span); }
  uint32_t line_of(Span span) const { return context_.read.line(span); }

  ChargeDraft& draft_;
  CardContext& context_;
  std::vector<Span> included_;  ///< beside allowances_
  std::vector<std::pair<QuantityStep::Kind, Reach>> allowances_;
  std::optional<Span> priced_;  ///< the first line that is no quantity line
  bool quantity_reported_ = false, money_reported_ = false;
};

/// False where the line has no meaning in this charge.
bool Lines::take_quantity_line(Span line, std::string_view way_out_of_share) {
  if (draft_.share) {
    report_unfit_for_share("a share of charges has no quantity lines", line, context_)
        .help(std::string(way_out_of_share));
    return false;
  }
  if (!priced_ || quantity_reported_) return true;
  quantity_reported_ = true;
  context_.report
      .add("E301", "quantity lines come before the prices", at(line),
           "the quantity is priced by now")
      .see(at(*priced_), "here the prices begin")
      .why("a charge is evaluated from top to bottom")
      .help(fmt::format("move line {} above line {}", line_of(line), line_of(*priced_)));
  return true;
}

void Lines::take(const syntax::Included& line) {
  if (!take_quantity_line(line.span, kFreePart)) return;
  if (line.percent) {
    if (auto share = share_of_charge(line, draft_, context_))
      take_allowance(line, std::move(*share));
    return;
  }
  check_reach({.what = "allowance",
               .reach = line.reach,
               .line = {line.span.begin,
                        line.reach == Reach::Unsaid ? line.span.end : line.quantity.span.end},
               .quantity = &line.quantity.number,
               .only_shared = line.per && is_longer_than_period(*line.per, context_)},
              draft_, context_);
  const bool items = counts_items(line, draft_, context_);
  auto quantity =
      items ? number_of_items(line, draft_, context_)
            : context_.read.quantity(line.quantity, draft_.meter, "this allowance is", "included ");
  std::optional<PeriodUnit> per;
  if (!check_time(line, per) || !quantity) {
    context_.incomplete = true;
    return;
  }
  const auto kind = items ? QuantityStep::Kind::IncludedItems : QuantityStep::Kind::Included;
  take_allowance(line, {.kind = kind,
                        .quantity = *quantity,
                        .reach = line.reach,
                        .prorated = line.prorated,
                        .per = per,
                        .source = context_.read.source(line.span)});
}

/// A charge has one allowance; an `each` charge one of each kind, and those that the items share
/// act as one.
void Lines::take_allowance(const syntax::Included& line, QuantityStep step) {
  auto& steps = draft_.charge.quantity_steps;
  const bool by_item = draft_.charge.grain != Grain::Cell;
  const auto same_kind = [&](const std::pair<QuantityStep::Kind, Reach>& other) {
    return !by_item || other == std::pair{step.kind, step.reach};
  };
  auto same = std::ranges::find_if(allowances_, same_kind);
  if (same != allowances_.end()) {
    context_.report.add("E311", "a charge has one allowance", at(line.span))
        .see(at(included_[same - allowances_.begin()]), "the first one")
        .help("write the sum of both in one line");
    return;
  }
  const auto is_shared = [](const QuantityStep& other) { return other.reach == Reach::Shared; };
  auto shared = std::ranges::find_if(steps, is_shared);
  if (step.reach == Reach::Shared && by_item && shared != steps.end() && !is_shared(steps.back())) {
    context_.report.add("E301", "allowances that the items share stand together", at(line.span))
        .see(shared->source.place, "the other one")
        .why("an item is free while every one of them has room for it")
        .help(fmt::format("move line {} next to line {}", line_of(line.span), shared->source.line));
    return;
  }
  included_.push_back(line.span);
  allowances_.emplace_back(step.kind, step.reach);
  steps.push_back(std::move(step));
}

/// `included 1.2M calls per year`: `per` is set where that is longer than the billing period.
bool Lines::check_time(const syntax::Included& line, std::optional<PeriodUnit>& per) {
  if (!line.per || !context_.period_known) return true;
  const PeriodUnit period = context_.card.period;
  const auto time = parse_period_unit(line.per->text);
  const auto refuse = [&](std::string message, Span place) {
    return context_.report.add("E235", std::move(message), at(place));
  };
  if (!time || !fill(period, *time)) {
    refuse(fmt::format("the card bills per {}, and no whole number of them is {}",
                       to_string(period), with_article(line.per->text)),
           line.per->span)
        .help(fmt::format("write `per {}`, or a longer time that it divides", to_string(period)));
    return false;
  }
  if (*time == period) return true;
  if (line.prorated) {
    refuse(fmt::format("an allowance per {} is not prorated", line.per->text), line.span)
        .why("it is used up over several periods, whatever part of one is covered")
        .help("leave `prorated` out");
    return false;
  }
  if (line.reach == Reach::InEachRow) {
    refuse(fmt::format("an allowance per {} is shared by the rows", line.per->text), line.span)
        .why("what was used to date is known for the meter as a whole, not for each row")
        .help(fmt::format("write `{} shared`",
                          context_.read.text({line.span.begin, line.per->span.end})));
    return false;
  }
  per = time;
  return true;
}

void Lines::take(const syntax::RoundedTo& line) {
  if (!take_quantity_line(line.span,
                          "leave it out: a share is rounded as a line of the invoice, by the "
                          "card's `round`"))
    return;
  auto step = context_.read.positive_quantity(line.round.step, draft_.meter, "this step is");
  if (!step) return;
  draft_.charge.quantity_steps.push_back({.kind = QuantityStep::Kind::Rounded,
                                          .quantity = *step,
                                          .mode = line.round.mode,
                                          .source = context_.read.source(line.span)});
}

void Lines::take(const syntax::Tiers& line) {
  if (draft_.tiers) {
    context_.report.add("E311", "a charge has tiers of one kind", at(line.span))
        .see(at(draft_.tiers->span), "the first one")
        .help("keep one of them");
    return;
  }
  draft_.tiers = &line;
  if (priced_) {
    context_.report.add("E301", "`tiers` comes before the rows it is about", at(line.span))
        .see(at(*priced_), "the rows begin here")
        .why("a charge is evaluated from top to bottom")
        .help(fmt::format("move line {} above line {}", line_of(line.span), line_of(*priced_)));
  } else {
    priced_ = line.span;
  }
}

void Lines::take(const syntax::Row& line) {
  if (!priced_) priced_ = line.span;
  draft_.rows.push_back(&line);
  if (draft_.money_lines.empty() || money_reported_) return;
  money_reported_ = true;
  const Span money = draft_.money_lines.front()->span;
  context_.report
      .add("E301", "money lines come after the prices they change", at(money),
           draft_.rows.size() == 1 ? "nothing has been priced yet" : "prices follow")
      .see(at(line.span), "a price is here")
      .why("a charge is evaluated from top to bottom")
      .help(fmt::format("move line {} below the last price", line_of(money)));
}

void Lines::take(const syntax::MoneyLine& line) {
  if (!priced_) priced_ = line.span;
  draft_.money_lines.push_back(&line);
}

/// Resolves `by`; false when a dimension is not known.
bool take_dimensions(ChargeDraft& draft, CardContext& context) {
  bool known = true;
  for (const auto& word : draft.syntax.by) {
    auto n = context.scope.dimension(draft.meter, word, context.read.file());
    if (!n) {
      known = false;
      continue;
    }
    const uint32_t index = context.card.meters[draft.charge.meter].dimensions[*n];
    if (std::ranges::find(draft.charge.by, index) != draft.charge.by.end()) {
      context.report
          .add("E120", fmt::format("{} stands twice", quoted(word.text)),
               context.read.at(word.span))
          .help("leave one of them out");
      known = false;
      continue;
    }
    const DimensionEntry& entry = context.dimension_of(draft.charge.meter, *n);
    draft.charge.by.push_back(index);
    draft.by.push_back(&entry);
    draft.value_counts.push_back(static_cast<uint32_t>(entry.dimension.values.size()));
  }
  return known;
}

/// W103: `TB` and `GiB` in one charge.
void warn_about_mixed_sizes(CardContext& context) {
  const auto& decimal = context.read.sizes.decimal();
  const auto& binary = context.read.sizes.binary();
  if (!decimal || !binary) return;
  // The meter stands elsewhere, perhaps in another file: the warning is about the charge's line.
  const uint32_t file = context.read.file();
  const bool decimal_in_charge =
      decimal->place.file == file &&
      (binary->place.file != file || decimal->place.span.begin > binary->place.span.begin);
  const auto& here = decimal_in_charge ? *decimal : *binary;
  const auto& there = decimal_in_charge ? *binary : *decimal;
  const Unit* a = context.scope.unit({here.name, {}}, context.read.file());
  const Unit* b = context.scope.unit({there.name, {}}, context.read.file());
  if (!a || !b) return;
  const bool a_is_larger = a->factor > b->factor;
  const Unit& larger = a_is_larger ? *a : *b;
  const Unit& smaller = a_is_larger ? *b : *a;
  std::string size;
  if (auto ratio = convert(Ratio(1), larger, smaller)) {
    size =
        fmt::format("1 {} is {} {}", larger.singular, approximately(*ratio, 4), smaller.singular);
  }
  context.report.add("W103", "decimal and binary sizes are mixed in one charge", here.place, size)
      .see(there.place, decimal_in_charge ? "binary" : "decimal")
      .note("note", "KB, MB, GB, TB go by 1,000; KiB, MiB, GiB, TiB go by 1,024")
      .help("write all of them in one kind if that was not intended");
}

/// W207: an allowance above tiers moves them. A shared one is left out: no row could say it
/// instead.
void warn_about_moved_tiers(const ChargeDraft& draft, CardContext& context) {
  if (!draft.tiers || draft.charge.tier_by != TierBy::Own) return;
  const auto is_bounded = [](const syntax::Row* row) { return row->up_to.has_value(); };
  auto first_bounded = std::ranges::find_if(draft.rows, is_bounded);
  if (first_bounded == draft.rows.end()) return;
  for (const auto& line : draft.syntax.lines) {
    const auto* included = std::get_if<syntax::Included>(&line);
    if (!included || included->percent || included->reach == Reach::Shared) continue;
    auto step = std::ranges::find(draft.charge.quantity_steps, QuantityStep::Kind::Included,
                                  &QuantityStep::kind);
    if (step == draft.charge.quantity_steps.end() || step->quantity.is_zero()) return;
    std::string from =
        fmt::format("bounds below count from the end of these {}", draft.meter.meter.unit_plural);
    if (step->quantity.denominator() == 1) {
      from = fmt::format("bounds below count from the {} {}",
                         ordinal(step->quantity.numerator() + 1), draft.meter.meter.unit);
    }
    context.report
        .add("W207", "this allowance moves every tier",
             context.read.at({included->span.begin, included->quantity.span.end}), from)
        .see(context.read.at((*first_bounded)->bound_span))
        .help(draft.tiers->kind.text == "graduated"
                  ? fmt::format("if the free part should be the first tier, take this line out and "
                                "write `up to {} free` as the first row",
                                context.read.text(included->quantity.span))
                  : fmt::format("if the bounds are to count what is included too, lower each of "
                                "them by {}",
                                context.read.text(included->quantity.span)));
    return;
  }
}

}  // namespace

bool fill(PeriodUnit period, PeriodUnit longer) {
  if (period == PeriodUnit::Day) return true;
  return period == longer || (period != PeriodUnit::Week && longer > period);
}

void check_lines(ChargeDraft& draft, CardContext& context) {
  draft.charge.name = draft.syntax.name.text;
  draft.charge.label = draft.syntax.label ? draft.syntax.label->text : draft.syntax.name.text;
  draft.charge.source = context.read.source(draft.syntax.span);
  Lines(draft, context).take();
  check_tier_choice(draft, context);
  check_rows(draft, context);
  check_money_lines(draft, context);
  warn_about_mixed_sizes(context);
  warn_about_moved_tiers(draft, context);
  context.card.items.push_back(
      {ItemRef::Kind::Charge, static_cast<uint32_t>(context.card.charges.size())});
  context.item_by_name.emplace(draft.charge.name, context.card.items.back());
  context.card.charges.push_back(std::move(draft.charge));
}

void check_charge(const syntax::Charge& charge, CardContext& context) {
  context.read.sizes = {};
  if (is_share(charge)) return check_share(charge, context);
  if (is_meant_as_share(charge, context)) {
    context.incomplete = true;
    return;
  }
  const syntax::Word& meter_name = charge.on ? *charge.on : charge.name;
  const std::string help =
      charge.on ? std::string()
                : fmt::format(
                      "a charge prices the meter it is named after; to price another one, "
                      "write `charge {} on METER`",
                      charge.name.text);
  auto meter = context.meter(meter_name, help);
  if (!meter) {
    context.incomplete = true;
    return;
  }

  CardCurrency currency = context.currency;
  const std::optional<uint32_t> credit = credit_of(charge, context);
  if (credit) currency.credit = context.card.credits[*credit];
  ChargeDraft draft{.syntax = charge, .meter = *context.meters[*meter], .currency = currency};
  draft.charge.meter = *meter;
  draft.charge.credit = credit;
  if (!take_dimensions(draft, context)) {
    context.incomplete = true;
    return;
  }

  take_grain(draft, context);
  context.read.sizes.note(*draft.meter.unit, draft.meter.unit_place);
  check_lines(draft, context);
}

}  // namespace toll::dsl::checker
