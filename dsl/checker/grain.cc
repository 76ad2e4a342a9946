#include "dsl/checker/grain.h"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/checker/numbers.h"
#include "dsl/checker/wording.h"
#include "dsl/parts_of_period.h"

namespace toll::dsl::checker {
namespace {

void report_no_items(const ChargeDraft& draft, CardContext& context) {
  const Meter& meter = draft.meter.meter;
  context.report
      .add("E332", fmt::format("the meter {} does not keep its items apart", quoted(meter.name)),
           context.read.at(draft.syntax.each->span), "each item would need an amount of its own")
      .see(draft.meter.unit_place,
           fmt::format("it {} {}", meter.declaration->aggregate.text, meter.unit_plural))
      .help(fmt::format("write `meter {} lists {}`, or leave `each item` out", meter.name,
                        meter.unit));
}

void report_no_days(const ChargeDraft& draft, CardContext& context) {
  const Meter& meter = draft.meter.meter;
  context.report
      .add("E332",
           fmt::format("the days of the meter {} do not add up to the period", quoted(meter.name)),
           context.read.at(draft.syntax.each->span))
      .see(draft.meter.unit_place, fmt::format("it {}", meter.declaration->aggregate.text))
      .help("`each day` is for meters that count, sum, list or accrue; leave it out");
}

void report_both(const Charge& other, const ChargeDraft& draft, CardContext& context) {
  context.report
      .add("E332",
           fmt::format("the meter {} is priced by item and by day", quoted(draft.meter.meter.name)),
           context.read.at(draft.syntax.each->span))
      .see(other.source.place, fmt::format("each {} here", word_of(other.grain)))
      .why("its usage is given as a list of items, or as a quantity of each day")
      .help("declare a second meter for one of the two charges");
}

/// Why no share of a charge can be taken; empty where it can.
std::string why_no_share(const Charge& of, const ChargeDraft& draft) {
  const Charge& charge = draft.charge;
  if (charge.grain == Grain::Item) return "items have no part in another charge's amount";
  if (!charge.by.empty()) return "a charge with `by` would have to divide it among its rows";
  if (of.grain != charge.grain) {
    return charge.grain == Grain::Day
               ? fmt::format("{} is not priced each day, this charge is", quoted(of.name))
               : fmt::format("{} is priced each {}, this charge is not", quoted(of.name),
                             word_of(of.grain));
  }
  for (const MoneyStep& step : of.money_steps) {
    if (step.reach == Reach::Shared)
      return fmt::format("{} has a {} that its parts share", quoted(of.name), keyword(step.kind));
  }
  return {};
}

/// Whether the amount of a charge is a sum over units, so that each day has its part of it.
bool is_sum_over_units(const Charge& charge) {
  const auto per_unit = [](const Tier& tier) {
    return std::ranges::all_of(
        tier.terms, [](const Term& term) { return term.kind == syntax::Term::Kind::PerUnit; });
  };
  const auto fits_table = [&](const PriceTable& table) {
    return table.kind == TierKind::None && std::ranges::all_of(table.tiers, per_unit);
  };
  const auto fits_step = [](const MoneyStep& step) {
    return step.fraction && (!step.condition || step.condition->in_by);
  };
  return charge.quantity_steps.empty() && !charge.is_share() &&
         std::ranges::all_of(charge.tables, fits_table) &&
         std::ranges::all_of(charge.money_steps, fits_step);
}

/// A charge by day takes a share of what another comes to each day. Where that one is a sum over
/// units, it need not say `each day`: its lines are the same either way.
void price_by_day(Charge& of, const ChargeDraft& draft, CardContext& context) {
  if (draft.charge.grain != Grain::Day || of.grain != Grain::Cell || !is_sum_over_units(of)) return;
  Meter& meter = context.card.meters[of.meter];
  if (meter.grain == Grain::Item || !adds_up(meter.binding.aggregate)) return;
  of.grain = meter.grain = Grain::Day;
}

/// What one minor unit of the card, or one credit, is in the meter's unit; empty where that is
/// nothing of the kind.
std::optional<Ratio> minor_unit(const Charge& of, const ChargeDraft& draft, CardContext& context) {
  if (of.credit) {
    const std::string& name = context.card.credits[*of.credit].name;
    const Unit* credit = context.scope.unit({name, {}}, context.read.file());
    if (!credit || !convertible(*credit, *draft.meter.unit)) return std::nullopt;
    return convert(Ratio(1), *credit, *draft.meter.unit);
  }
  if (!context.currency.currency) return std::nullopt;
  const Currency& currency = *context.currency.currency;
  const Unit* money = context.scope.unit({std::string(currency.name()), {}}, context.read.file());
  if (!money || !convertible(*money, *draft.meter.unit)) return std::nullopt;
  return convert(Ratio::of(1, power_of_ten(currency.exponent)), *money, *draft.meter.unit);
}

}  // namespace

std::string_view word_of(Grain grain) { return grain == Grain::Day ? "day" : "item"; }

void take_grain(ChargeDraft& draft, CardContext& context) {
  if (!draft.syntax.each) return;
  const Grain grain = draft.syntax.each->text == "day" ? Grain::Day : Grain::Item;
  draft.charge.grain = grain;
  const syntax::Meter& meter = *draft.meter.meter.declaration;
  if (grain == Grain::Item && meter.aggregate.text != "lists") {
    report_no_items(draft, context);
  } else if (grain == Grain::Day && !adds_up(draft.meter.meter.binding.aggregate)) {
    report_no_days(draft, context);
  }
  for (const Charge& other : context.card.charges) {
    if (other.meter != draft.charge.meter || other.grain == Grain::Cell || other.grain == grain)
      continue;
    report_both(other, draft, context);
    break;
  }
  context.card.meters[draft.charge.meter].grain = grain;
  check_lines_of_items(draft, context);
}

bool counts_items(const syntax::Included& line, const ChargeDraft& draft, CardContext& context) {
  const syntax::Word& word = line.quantity.unit;
  if (draft.charge.grain == Grain::Cell || line.reach != Reach::Shared) return false;
  if (word.text == draft.meter.meter.name) return true;
  if (!context.scope.is_unit(word.text)) return false;  // unknown, which is reported
  const Unit* unit = context.scope.unit(word, context.read.file());
  if (!unit || convertible(*unit, *draft.meter.unit)) return false;
  const bool names_days = draft.charge.grain == Grain::Day && unit->singular == "day";
  return names_days || unit->declared.size() == 1;
}

std::optional<Ratio> number_of_items(const syntax::Included& line, const ChargeDraft& draft,
                                     CardContext& context) {
  const syntax::Word& word = line.quantity.unit;
  if (word.text != draft.meter.meter.name)
    context.read.note_unit(*context.scope.unit(word, context.read.file()));
  auto count =
      read_number(line.quantity.number, context.read.file(), kQuantityLimits, context.report);
  if (!count || count->denominator() == 1) return count;
  context.report
      .add("E333", fmt::format("an allowance is for whole {}s", word_of(draft.charge.grain)),
           context.read.at(line.quantity.number.span))
      .help(fmt::format("write a whole number, or an allowance in {}",
                        draft.meter.meter.unit_plural));
  return std::nullopt;
}

void check_lines_of_items(const ChargeDraft& draft, CardContext& context) {
  const auto refuse = [&](Span place, std::string_view what, std::string help) {
    context.report
        .add("E335",
             fmt::format("an `each {}` charge has no {}", word_of(draft.charge.grain), what),
             context.read.at(place))
        .see(context.read.at(draft.syntax.each->span),
             fmt::format("each {} by itself", word_of(draft.charge.grain)))
        .help(std::move(help));
  };
  if (!draft.syntax.also_on.empty())
    refuse(draft.syntax.also_on.front().span, "joint capacity", "leave `each` out");
  for (const auto& line : draft.syntax.lines) {
    if (const auto* tiers = std::get_if<syntax::Tiers>(&line);
        tiers && (tiers->across_rows || tiers->by))
      refuse(tiers->span, "tiers that something else chooses",
             fmt::format("write `tiers {}`", tiers->kind.text));
    if (const auto* included = std::get_if<syntax::Included>(&line);
        included && (included->prorated || included->per))
      refuse(included->span, "allowance for a part of the period or for a longer time",
             "leave `prorated` and `per` out");
    if (const auto* money = std::get_if<syntax::MoneyLine>(&line);
        money && money->prorated && money->reach == Reach::Each)
      refuse(money->span, "amount for a part of the period",
             "leave `prorated by day` out, or write `shared`");
  }
}

std::optional<QuantityStep> share_of_charge(const syntax::Included& line, const ChargeDraft& draft,
                                            CardContext& context) {
  const auto refuse = [&](Span place, std::string message) {
    return context.report.add("E334", std::move(message), context.read.at(place));
  };
  auto& charges = context.card.charges;
  auto of = std::ranges::find(charges, line.of->text, &Charge::name);
  if (of == charges.end()) {
    refuse(line.of->span, fmt::format("there is no charge {} above", quoted(line.of->text)))
        .help("a share is taken of a charge that stands above this one");
    return std::nullopt;
  }
  auto fraction = context.read.fraction(*line.percent);
  if (!fraction) return std::nullopt;
  price_by_day(*of, draft, context);
  if (const std::string why = why_no_share(*of, draft); !why.empty()) {
    refuse(line.of->span, "this share has no amount")
        .see(of->source.place, why)
        .help(
            "price both charges in the same way, without `by` here and without shared lines there");
    return std::nullopt;
  }
  auto unit = minor_unit(*of, draft, context);
  if (!unit) {
    refuse({line.percent->span.begin, line.of->span.end},
           fmt::format("a share of {} is {}, but the meter {} {}",
                       of->credit ? quoted(of->name) : "a charge",
                       of->credit ? context.card.credits[*of->credit].plural : "money",
                       quoted(draft.meter.meter.name), draft.meter.measures()))
        .see(draft.meter.unit_place, "declared here")
        .help(fmt::format("write an allowance in {}, or let the meter count {}",
                          draft.meter.meter.unit_plural,
                          of->credit ? context.card.credits[*of->credit].plural : "money"));
    return std::nullopt;
  }
  auto quantity = checked_mul(*fraction, *unit);
  if (!quantity) return std::nullopt;  // six digits and a currency's exponent always fit
  return QuantityStep{.kind = QuantityStep::Kind::IncludedShare,
                      .quantity = *quantity,
                      .of = static_cast<uint32_t>(of - charges.begin()),
                      .source = context.read.source(line.span)};
}

}  // namespace toll::dsl::checker
