#include "dsl/checker/examples.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/counted_usage.h"
#include "dsl/checker/expected.h"
#include "dsl/checker/numbers.h"
#include "dsl/checker/other_plans.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// A day of the billing period that an example of a card from `first` on is about.
Date day_asked(const syntax::Example& example, const std::optional<Period>& month, Date first) {
  if (example.from) return example.from->value;
  return month && !month->contains(first) ? month->from : first;
}

/// `whole` cut to the days that an example names.
Period cut_to_days(Period whole, const syntax::Example& example) {
  if (example.from) whole.from = example.from->value;
  if (example.until) whole.until = example.until->value;
  return whole;
}

class ExampleCheck {
 public:
  ExampleCheck(const syntax::Example& syntax, Reader& read, CardContext& context,
               std::optional<Date> until)
      : syntax_(syntax), read_(read), context_(context), card_(context.card), until_(until) {
    example_.offer = card_.key();
  }

  void check(std::span<const ExamplePart> parts) {
    example_.title = syntax_.title.text;
    example_.whole = syntax_.card.has_value();
    if (syntax_.card) example_.card = syntax_.card->text;
    if (syntax_.customer) example_.customer = syntax_.customer->name.text;
    example_.source = read_.source(syntax_.span);
    parts_ = parts;
    const auto errors = context_.report.errors();
    read_period();
    if (syntax_.customer && syntax_.customer->since)
      example_.since = syntax_.customer->since->value;
    if (parts.size() == 1)
      take_lines();
    else
      take_lines_of_parts(parts);
    check_expected(syntax_, read_, parts, example_);
    if (context_.report.errors() == errors && !syntax_.damaged)
      context_.card.examples.push_back(std::move(example_));
  }

 private:
  void take_lines() {
    for (const auto& use : syntax_.uses) take(use);
    for (const auto& used : syntax_.used_to_date) take(used);
    for (const auto& billed : syntax_.billed_to_date) take(billed);
    for (const auto& granted : syntax_.granted) take(granted);
  }

  void take_lines_of_parts(std::span<const ExamplePart> parts);
  bool has_pool_of(const syntax::Granted& granted) const;
  Place at(Span span) const { return read_.at(span); }

  void read_period();
  void report_outside();
  void report_not_charged(const syntax::Use& use);
  void take(const syntax::Use& use);
  void take(const syntax::UsedToDate& used);
  void take(const syntax::BilledToDate& billed);
  void take(const syntax::Granted& granted);
  std::optional<uint32_t> pool_of(const syntax::Granted& granted);
  std::optional<uint32_t> meter_to_date(const syntax::UsedToDate& used);
  bool take_values(const syntax::Use& use, Example::Use& into);
  std::optional<Ratio> quantity(const syntax::Use& use, const MeterEntry& meter);
  std::optional<Decimal> as_decimal(const Ratio& quantity, const MeterEntry& meter, Span place);
  bool take_items(const syntax::Use& use, const MeterEntry& meter, Example::Use& into);
  bool is_counted_later(const syntax::Use& use, const Example::Use& into);
  bool is_one_quantity(const syntax::Use& use, const MeterEntry& meter, const Ratio& sum);
  bool take_part(const syntax::Use& use, Example::Use& into);
  bool is_on_its_days(const syntax::Use& use, Example::Use& into);

  const syntax::Example& syntax_;
  Reader& read_;
  CardContext& context_;
  const RateCard& card_;
  const std::optional<Date> until_;
  Example example_;
  std::span<const ExamplePart> parts_;
  std::optional<Date> first_day_;  ///< of the whole period, where this is a later part of it
  uint64_t items_ = 0;             ///< of all its lines together
};

void ExampleCheck::report_outside() {
  Span place = syntax_.title.span;
  if (syntax_.month) place = syntax_.month->span;
  if (syntax_.from) place = syntax_.from->span;
  const std::string covered =
      card_.until ? fmt::format("from {} until {}", to_string(card_.from), to_string(*card_.until))
                  : fmt::format("from {}", to_string(card_.from));
  context_.report.add("E324", "the card is not in force then", at(place))
      .see(card_.source.place, fmt::format("this version is in force {}", covered))
      .help("choose days that it covers");
}

/// The billing period that is asked for, cut to the days asked for and those the card covers.
void ExampleCheck::read_period() {
  if (!context_.from_known || !context_.period_known) return;
  std::optional<Period> month;
  if (syntax_.month) {
    month = parse_month(syntax_.month->text);
    if (!month) return context_.report.hold_back();  // the parser refuses what is no month
  }
  const Date day = day_asked(syntax_, month, card_.from);
  if (!begins_in_its_month(syntax_, read_, context_.report)) return;
  const Period whole = period_containing(card_.period, day);
  example_.period = cut_to_days(whole, syntax_);
  if (example_.period.until <= example_.period.from || example_.period.until > whole.until) {
    const Span place = syntax_.until ? syntax_.until->span : syntax_.title.span;
    context_.report
        .add("E324", "an example covers days of one billing period", at(place),
             fmt::format("the period is from {} until {}", to_string(whole.from),
                         to_string(whole.until)))
        .help("write one example for each period");
    return;
  }
  if (syntax_.from && syntax_.from->value < card_.from) return report_outside();
  example_.period.from = std::max(example_.period.from, card_.from);
  if (until_) example_.period.until = std::min(example_.period.until, *until_);
  if (example_.period.until <= example_.period.from) return report_outside();
  if (syntax_.customer && syntax_.customer->since &&
      syntax_.customer->since->value >= example_.period.until)
    context_.report
        .add("E324", "the customer comes after the days of the example",
             at(syntax_.customer->since->span),
             fmt::format("they are before {}", to_string(example_.period.until)))
        .help("write an earlier day behind `since`, or leave it out");
}

bool ExampleCheck::has_pool_of(const syntax::Granted& granted) const {
  const std::string& word = granted.quantity.unit.text;
  return std::ranges::any_of(card_.pools, [&](const Pool& pool) {
    if (!pool.credit) return find_currency(word).has_value();
    const CreditUnit& credit = card_.credits[*pool.credit];
    return word == credit.name || word == credit.plural;
  });
}

/// What was used is read by the offer of its days, what came before the period by the last one, and
/// grants by the first that has such a pool.
void ExampleCheck::take_lines_of_parts(std::span<const ExamplePart> parts) {
  if (!context_.from_known || !context_.period_known) return;
  const Period& period = example_.period;
  if (!syntax_.plan_changes.empty() &&
      !plans_follow_one_another(syntax_, period, read_, context_.report))
    return;
  std::vector<ExampleCheck> later;
  for (const ExamplePart& part : parts.subspan(1)) {
    ExampleCheck& check = later.emplace_back(syntax_, read_, *part.offer, until_);
    check.example_.period = {part.from, period.until};
    check.first_day_ = period.from;
    check.parts_ = parts;
  }
  const auto check_of = [&](size_t part) -> ExampleCheck& {
    return part == 0 ? *this : later[part - 1];
  };
  for (const auto& use : syntax_.uses) {
    const auto part = part_that_reads(use, parts, period, read_, context_.report);
    if (!part) continue;
    const auto knows_it = [&](const ExamplePart& one) {
      return one.offer->known_meter(use.meter.text).has_value();
    };
    const auto other = std::ranges::find_if(parts, knows_it);
    if (knows_it(parts[*part]) || other == parts.end()) {
      check_of(*part).take(use);
      continue;
    }
    // What the offer of its days does not price costs nothing, and is read like all else.
    ExampleCheck unpriced(syntax_, read_, *other->offer, until_);
    unpriced.example_.period = period;
    unpriced.take(use);
  }
  for (const auto& used : syntax_.used_to_date) later.back().take(used);
  for (const auto& billed : syntax_.billed_to_date) later.back().take(billed);
  for (const auto& granted : syntax_.granted) {
    size_t part = 0;
    while (part < later.size() && !check_of(part).has_pool_of(granted)) ++part;
    check_of(part).take(granted);
  }
  for (ExampleCheck& check : later) example_.changes.push_back(std::move(check.example_));
}

bool ExampleCheck::take_values(const syntax::Use& use, Example::Use& into) {
  const MeterEntry& meter = *context_.meters[into.meter];
  if (use.keys.size() != meter.dimensions.size()) {
    std::vector<std::string> names;
    for (uint32_t i : meter.dimensions) {
      names.push_back(context_.scope.dimensions()[i].dimension.name);
    }
    const std::string measured =
        names.empty()
            ? fmt::format("the meter {} is not split by anything", quoted(meter.meter.name))
            : fmt::format("the meter {} is split by {}", quoted(meter.meter.name), listed(names));
    auto finding = context_.report.add(
        "E321", measured,
        at(use.keys.empty() ? use.meter.span
                            : Span{use.keys.front().span.begin, use.keys.back().span.end}),
        fmt::format("{} value{} here", number_word(use.keys.size()),
                    use.keys.size() == 1 ? "" : "s"));
    finding.see(meter.name, "declared here");
    finding.help(names.empty() ? fmt::format("write `use {} QUANTITY`", meter.meter.name)
                               : fmt::format("write `use {} {}: QUANTITY`", meter.meter.name,
                                             fmt::join(names, ", ")));
    return false;
  }
  bool known = true;
  for (uint32_t i = 0; i < use.keys.size(); ++i) {
    const DimensionEntry& entry = context_.dimension_of(into.meter, i);
    const syntax::Word& word = use.keys[i];
    auto value = entry.value(word.text);
    if (!value && entry.dimension.open && word.text != "any") {
      value = static_cast<uint32_t>(entry.dimension.values.size() - 1);  // `other`
    }
    if (!value) value = context_.scope.value(entry, word, read_.file());
    known = known && value.has_value();
    into.values.push_back(value.value_or(0));
  }
  return known;
}

/// What the items of a line come to, in the meter's unit.
std::optional<Ratio> ExampleCheck::quantity(const syntax::Use& use, const MeterEntry& meter) {
  std::optional<Ratio> sum = Ratio(0);
  for (const auto& item : use.items) {
    auto quantity = read_.quantity(item.quantity, meter, "this usage is");
    auto times = item.times
                     ? read_number(*item.times, read_.file(), kQuantityLimits, context_.report)
                     : std::optional(Ratio(1));
    if (times && times->denominator() != 1) {
      context_.report.add("E321", "this happens a whole number of times", at(item.times->span))
          .help("write a whole number before `times`");
      return std::nullopt;
    }
    if (!quantity || !times) return std::nullopt;
    auto product = checked_mul(*quantity, *times);
    sum = product && sum ? checked_add(*sum, *product) : std::nullopt;
  }
  if (!sum) context_.report.add("E129", "this usage is too large to be added up", at(use.span));
  return sum;
}

/// Whether the parts that come later can count what was used before them as one sum. One that
/// includes a few items in its price, say, has to know each.
bool ExampleCheck::is_counted_later(const syntax::Use& use, const Example::Use& into) {
  const ExamplePart* const part =
      part_that_counts_each(use, into.until.value_or(example_.period.until), parts_);
  if (!part) return true;
  const uint32_t meter = *part->offer->known_meter(use.meter.text);
  const std::string_view each =
      part->offer->card.meters[meter].grain == Grain::Item ? "item" : "day";
  context_.report
      .add("E321",
           fmt::format("what begins on {} prices each {} of {}, and counts those before it",
                       to_string(part->from), each, quoted(use.meter.text)),
           at(use.items.front().quantity.span), "this is a sum of them")
      .help(fmt::format("write each of them: `QUANTITY, QUANTITY`, or `1 times QUANTITY` where it "
                        "was one {}",
                        each));
  return false;
}

/// Where a card prices what a period comes to, a list of quantities looks like items that are
/// priced one by one. Usage documents are held to the same.
bool ExampleCheck::is_one_quantity(const syntax::Use& use, const MeterEntry& meter,
                                   const Ratio& sum) {
  if (use.items.size() == 1 && !use.items.front().times) return true;
  const auto& aggregate = meter.meter.declaration->aggregate.text;
  const bool adds_up = aggregate == "counts" || aggregate == "sums" || aggregate == "lists";
  auto finding = context_.report.add(
      "E321",
      adds_up ? fmt::format("this card prices the sum of {}", quoted(meter.meter.name))
              : fmt::format("a meter that {} has one quantity in a period", aggregate),
      at(use.items.size() > 1 ? use.items[1].quantity.span : use.items.front().times->span));
  if (adds_up) {
    finding.help(fmt::format("write what they come to, as one quantity: {} {}", shown(sum),
                             meter.meter.unit_plural));
  } else {
    finding.help("write one `use` line with the quantity of the period");
  }
  return false;
}

void ExampleCheck::report_not_charged(const syntax::Use& use) {
  const std::string hint = hint_at_plan_with_meter(context_, syntax_, use.meter.text);
  const std::string_view who = hint.empty()   ? "this card"
                               : syntax_.plan ? "this plan"
                                              : "what is common to all plans";
  context_.report
      .add("E316", fmt::format("{} does not charge {}", who, quoted(use.meter.text)),
           at(use.meter.span))
      .see(card_.source.place,
           hint.empty() ? "no charge, limit or alert of it names that meter" : "")
      .help(hint.empty() ? "remove the line, or add a charge" : hint);
}

void ExampleCheck::take(const syntax::Use& use) {
  auto meter = context_.known_meter(use.meter.text);
  if (!meter) {
    if (!context_.scope.has_meter(use.meter.text)) {
      context_.scope.meter(use.meter, read_.file());
      return;
    }
    if (context_.incomplete) return context_.report.hold_back();
    report_not_charged(use);
    return;
  }
  Example::Use into;
  into.meter = *meter;
  const MeterEntry& entry = *context_.meters[*meter];
  const bool known = take_values(use, into);
  const Grain grain = given_as(use, card_.meters[*meter].grain, parts_);
  auto quantity = this->quantity(use, entry);
  if (!known || !quantity || !can_be_counted(use, entry, read_, context_.report)) return;
  if (grain == Grain::Cell && !is_one_quantity(use, entry, *quantity)) return;
  auto decimal = as_decimal(*quantity, entry, use.items.front().quantity.span);
  if (!decimal) return;
  into.quantity = *decimal;
  if (grain != Grain::Cell && !take_items(use, entry, into)) return;
  if (!take_part(use, into)) return;
  if (grain == Grain::Day && !is_on_its_days(use, into)) return;
  if (grain == Grain::Cell && !is_counted_later(use, into)) return;
  example_.uses.push_back(std::move(into));
}

/// `use ... from DATE until DATE`: the days of the period on which it was used.
bool ExampleCheck::take_part(const syntax::Use& use, Example::Use& into) {
  if (use.from) into.from = use.from->value;
  if (use.until) into.until = use.until->value;
  const bool whole = !use.from && !use.until;
  if (whole || !context_.from_known || !context_.period_known) return true;
  const Date from = into.from.value_or(example_.period.from);
  const Date until = into.until.value_or(example_.period.until);
  if (from >= example_.period.from && until <= example_.period.until && from < until) return true;
  if (use.from && use.until && from >= until) {
    context_.report
        .add("E324", "this is on no day", at(use.until->span), "the first day that is not any more")
        .help(fmt::format("write a later day behind `until`: that day alone is `from {} until {}`",
                          to_string(from), to_string(from + std::chrono::days(1))));
    return false;
  }
  context_.report
      .add("E324", "these days are no part of the example's",
           at(use.from ? use.from->span : use.until->span),
           fmt::format("it is from {} until {}", to_string(example_.period.from),
                       to_string(example_.period.until)))
      .help("choose days of the example, or leave them out");
  return false;
}

std::optional<Decimal> ExampleCheck::as_decimal(const Ratio& quantity, const MeterEntry& meter,
                                                Span place) {
  auto decimal = quantity.to_decimal(kQuantityLimits.places_max);
  if (decimal && quantity < Ratio(power_of_ten(18))) return decimal;
  context_.report
      .add("E323", fmt::format("this usage is no number of {}", meter.meter.unit_plural), at(place),
           decimal ? "too large"
                   : fmt::format("{} {}", quantity.to_string(), meter.meter.unit_plural))
      .help(fmt::format("write it in {}, with at most {} decimal places", meter.meter.unit_plural,
                        kQuantityLimits.places_max));
  return std::nullopt;
}

/// The items, or the days, of a line: their sum was read before, so that each by itself is fine.
bool ExampleCheck::take_items(const syntax::Use& use, const MeterEntry& meter, Example::Use& into) {
  for (const auto& item : use.items) {
    auto quantity = read_.quantity(item.quantity, meter, "this usage is");
    auto decimal = quantity ? as_decimal(*quantity, meter, item.quantity.span) : std::nullopt;
    if (!decimal) return false;
    const Ratio times = item.times ? Ratio::of(item.times->value).value_or(Ratio()) : Ratio(1);
    items_ += static_cast<uint64_t>(std::min<Int128>(times.numerator(), kExampleItemsMax + 1));
    if (items_ > kExampleItemsMax) {
      context_.report
          .add("E321",
               fmt::format("an example has at most {} items",
                           group_thousands(std::to_string(kExampleItemsMax))),
               at(item.times ? item.times->span : item.quantity.span))
          .help("write fewer of them: a card prices each by itself");
      return false;
    }
    if (!context_.budget.take_visits(static_cast<uint64_t>(times.numerator()))) {
      context_.report.add("E214", "the examples that are checked together have too many items",
                          at(item.quantity.span));
      return false;
    }
    into.items.push_back({static_cast<uint32_t>(times.numerator()), *decimal});
  }
  return true;
}

/// Each quantity is that of a day, from the first of the line's days on, which is told where it is
/// not that of the part of the period.
bool ExampleCheck::is_on_its_days(const syntax::Use& use, Example::Use& into) {
  if (!context_.from_known || !context_.period_known) return true;
  const Date from = into.from.value_or(first_day_.value_or(example_.period.from));
  const Period days{from, into.until.value_or(example_.period.until)};
  if (from != example_.period.from) into.from = from;
  int64_t given = 0;
  for (const auto& item : into.items) given += item.times;
  if (given <= days.days()) return true;
  context_.report
      .add("E321",
           fmt::format("{} {}, this line has {}",
                       use.from || use.until ? "it is about" : "the period has",
                       counted(days.days(), "day"), counted(given, "day")),
           at({use.items.front().quantity.span.begin, use.items.back().quantity.span.end}),
           fmt::format("each quantity is that of a day, from {} on", to_string(days.from)))
      .help("write a quantity for each day that was used, before each as many `times` as days");
  return false;
}

/// The meter with an allowance for a longer time that a quantity to date can be of.
std::optional<uint32_t> ExampleCheck::meter_to_date(const syntax::UsedToDate& used) {
  std::set<uint32_t> longer;
  for (const Charge& charge : card_.charges)
    for (const QuantityStep& step : charge.quantity_steps)
      if (step.per) longer.insert(charge.meter);
  const Unit* unit = context_.scope.unit(used.quantity.unit, read_.file());
  if (!unit) return std::nullopt;
  std::vector<uint32_t> fitting;
  for (uint32_t meter : longer)
    if (convertible(*unit, *context_.meters[meter]->unit)) fitting.push_back(meter);
  if (fitting.size() == 1) return fitting.front();
  if (longer.size() == 1) return *longer.begin();  // the unit does not fit, which is said there
  if (longer.empty() && context_.incomplete) {
    context_.report.hold_back();
    return std::nullopt;
  }
  context_.report
      .add("E326",
           longer.empty() ? "no allowance of this card is for longer than its billing period"
                          : "this line does not say which meter it is about",
           at(used.span))
      .help(longer.empty() ? "leave the line out"
                           : "expect this of a usage document: `used_to_date` names the meter");
  return std::nullopt;
}

void ExampleCheck::take(const syntax::UsedToDate& used) {
  const auto meter = meter_to_date(used);
  if (!meter) return;
  auto quantity = read_.quantity(used.quantity, *context_.meters[*meter], "this usage is", "used ");
  if (!quantity) return;
  auto decimal = as_decimal(*quantity, *context_.meters[*meter], used.quantity.span);
  if (!decimal) return;
  if (std::ranges::find(example_.used_to_date, *meter, &Example::UsedToDate::meter) !=
      example_.used_to_date.end()) {
    context_.report
        .add(
            "E120",
            fmt::format("the usage of {} to date is said twice", quoted(card_.meters[*meter].name)),
            at(used.span))
        .help("keep one of the two");
    return;
  }
  example_.used_to_date.push_back({*meter, *decimal});
}

void ExampleCheck::take(const syntax::BilledToDate& billed) {
  std::vector<uint32_t> commitments;
  for (uint32_t i = 0; i < card_.bill_steps.size(); ++i)
    if (card_.bill_steps[i].commitment) commitments.push_back(i);
  if (commitments.size() != 1) {
    if (commitments.empty() && context_.incomplete) return context_.report.hold_back();
    context_.report
        .add("E326",
             commitments.empty() ? "this card has no commitment that bills count toward"
                                 : "this line does not say which commitment it is about",
             at(billed.span))
        .help(commitments.empty()
                  ? "leave the line out"
                  : "expect this of a usage document: `billed_to_date` names the commitment");
    return;
  }
  if (!example_.billed_to_date.empty()) {
    context_.report.add("E120", "what was billed to date is said twice", at(billed.span))
        .help("keep one of the two");
    return;
  }
  if (!is_in_its_currency(billed.amount, syntax_, read_, context_)) return;
  if (auto amount = read_.amount(billed.amount, context_.currency))
    example_.billed_to_date.push_back({commitments.front(), *amount});
}

/// The pool that a grant can be of, as its unit says.
std::optional<uint32_t> ExampleCheck::pool_of(const syntax::Granted& granted) {
  std::vector<uint32_t> fitting;
  const std::string& word = granted.quantity.unit.text;
  for (uint32_t i = 0; i < card_.pools.size(); ++i) {
    const Pool& pool = card_.pools[i];
    const bool named = pool.credit ? word == card_.credits[*pool.credit].name ||
                                         word == card_.credits[*pool.credit].plural
                                   : find_currency(word).has_value();
    if (named) fitting.push_back(i);
  }
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty() && context_.incomplete) {
    context_.report.hold_back();
    return std::nullopt;
  }
  context_.report
      .add("E326",
           fitting.empty() ? fmt::format("no pool of this card holds {}", quoted(word))
                           : "this line does not say which pool it is about",
           at(granted.span))
      .help(fitting.empty() ? "leave the line out"
                            : "expect this of a usage document: its `grants` name the pool");
  return std::nullopt;
}

void ExampleCheck::take(const syntax::Granted& granted) {
  const auto pool = pool_of(granted);
  if (!pool) return;
  const auto quantity = read_pooled(card_.pools[*pool], granted.quantity, syntax_, read_, context_);
  if (!quantity) return;
  Example::Granted into{.pool = *pool, .quantity = *quantity, .from = {}, .expires = {}};
  if (granted.from) into.from = granted.from->value;
  if (granted.expiring) into.expires = granted.expiring->value;
  if (into.from && into.expires && *into.expires <= *into.from) {
    context_.report.add("E324", "this grant ends before it begins", at(granted.expiring->span))
        .see(at(granted.from->span), "its first day")
        .help("write a later date after `expiring`, or leave it out");
    return;
  }
  const Date first = first_day_.value_or(example_.period.from);
  if (into.expires && *into.expires <= first) {
    context_.report
        .add("E324", "this grant is gone when the days of the example begin",
             at(granted.expiring->span), fmt::format("they begin on {}", to_string(first)))
        .help("write a later date after `expiring`, or leave the line out");
    return;
  }
  example_.granted.push_back(into);
}

}  // namespace

void check_example(const syntax::Example& example, Reader& read, std::span<const ExamplePart> parts,
                   std::optional<Date> until) {
  ExampleCheck(example, read, *parts.front().offer, until).check(parts);
}

bool begins_in_its_month(const syntax::Example& example, Reader& read, Report& report) {
  const auto month = example.month ? parse_month(example.month->text) : std::nullopt;
  if (!month || !example.from || month->contains(example.from->value)) return true;
  report.add("E324", "this day is in another month", read.at(example.from->span))
      .see(read.at(example.month->span), "the month")
      .help("leave one of the two out");
  return false;
}

std::optional<Period> period_asked(const syntax::Example& example, const RateCard& card) {
  std::optional<Period> month;
  if (example.month) month = parse_month(example.month->text);
  const Date day = day_asked(example, month, card.from);
  if (month && !month->contains(day)) return std::nullopt;
  const Period whole = period_containing(card.period, day);
  const Period days = cut_to_days(whole, example);
  const bool fits = days.from < days.until && days.until <= whole.until;
  return fits ? std::optional(days) : std::nullopt;
}

std::optional<Period> days_asked(const syntax::Example& example) {
  std::optional<Period> days;
  if (example.month) days = parse_month(example.month->text);
  if (example.from) {
    const Date from = example.from->value;
    if (!days) days = Period{from, from + std::chrono::days(1)};
    days->from = from;
  }
  if (days && example.until && example.until->value > days->from) {
    days->until = example.until->value;
  }
  return days;
}

}  // namespace toll::dsl::checker
