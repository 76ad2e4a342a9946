#include "dsl/checker/money_lines.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "dsl/checker/commitments.h"
#include "dsl/checker/grain.h"
#include "dsl/checker/reach.h"
#include "dsl/checker/share.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

using Kind = syntax::MoneyLine::Kind;

bool is_bound(Kind kind) { return kind == Kind::Minimum || kind == Kind::Maximum; }

/// Minimums and maximums that act on the same amounts: a minimum above a maximum is E302.
class Bounds {
 public:
  explicit Bounds(CardContext& context) : context_(context) {}

  /// Which amounts a line acts on. Lines on different groups are not compared.
  using Group = std::tuple<Reach, uint32_t, std::vector<uint32_t>>;

  void take(Kind kind, int64_t amount, Span line, const Group& group) {
    if (!is_bound(kind)) return;
    Extremes& known = groups_[group];
    if (kind == Kind::Minimum &&
        (!known.highest_minimum || amount > known.highest_minimum->amount)) {
      known.highest_minimum = {amount, line};
    }
    if (kind == Kind::Maximum && (!known.lowest_maximum || amount < known.lowest_maximum->amount)) {
      known.lowest_maximum = {amount, line};
    }
    const auto& low = known.highest_minimum;
    const auto& high = known.lowest_maximum;
    if (known.reported || !low || !high || low->amount <= high->amount) return;
    known.reported = true;
    const bool minimum_is_last = kind == Kind::Minimum;
    const auto& here = minimum_is_last ? *low : *high;
    const auto& there = minimum_is_last ? *high : *low;
    context_.report
        .add("E302", "the minimum is higher than the maximum", context_.read.at(here.line),
             minimum_is_last ? "and at least this" : "and at most this")
        .see(context_.read.at(there.line), minimum_is_last ? "at most this" : "at least this")
        .help("lower the minimum, or raise the maximum");
  }

 private:
  struct Extreme {
    int64_t amount;
    Span line;
  };
  struct Extremes {
    std::optional<Extreme> highest_minimum, lowest_maximum;
    bool reported = false;
  };
  CardContext& context_;
  std::map<Group, Extremes> groups_;
};

/// The percentage or amount of a money line; false, and reported, where it cannot be. `finer` is
/// the way out for an amount with too many digits.
bool read_size(Kind kind, const std::optional<syntax::Percent>& percent,
               const std::optional<syntax::MoneyAmount>& amount, const CardCurrency& currency,
               CardContext& context, std::optional<Ratio>& fraction, int64_t& amount_minor,
               std::string_view finer = {}) {
  if (percent) {
    fraction = context.read.fraction(*percent);
    if (!fraction) return false;
    if (kind != Kind::Discount || *fraction <= Ratio(1)) return true;
    context.report
        .add("E310", "a discount cannot be more than 100 %", context.read.at(percent->span),
             "the amount would go below zero")
        .help("write at most `100%`");
    return false;
  }
  auto minor = context.read.amount(*amount, currency, finer);
  if (minor) amount_minor = *minor;
  return minor.has_value();
}

bool is_tier(const syntax::Row& row) { return row.up_to || row.beyond; }

/// Whether the row is a sum over units, so that a part of the usage has a part of the amount.
bool is_per_unit(const syntax::Row* row) {
  return !is_tier(*row) && std::ranges::all_of(row->price, [](const syntax::Term& term) {
    return term.kind == syntax::Term::Kind::PerUnit || term.kind == syntax::Term::Kind::Percent ||
           term.kind == syntax::Term::Kind::CostPlus;
  });
}

class MoneyLines {
 public:
  MoneyLines(ChargeDraft& draft, CardContext& context)
      : draft_(draft), context_(context), charge_(draft.charge), bounds_(context) {}

  void check() {
    if (draft_.money_lines.size() > kMoneyLinesMax) {
      context_.report.add(
          "E214", fmt::format("a charge has at most {}", counted(kMoneyLinesMax, "money line")),
          at(draft_.head()));
      return;
    }
    auto not_per_unit = std::ranges::find_if_not(draft_.rows, is_per_unit);
    if (not_per_unit != draft_.rows.end()) not_per_unit_ = *not_per_unit;
    for (const syntax::MoneyLine* line : draft_.money_lines) take(*line);
  }

 private:
  void take(const syntax::MoneyLine& line);
  bool is_amount_of_units(const syntax::MoneyLine& line);
  bool is_of_meter(const syntax::Word& unit);
  std::string block_price(const syntax::MoneyLine& line) const;
  void check_reach_of(const syntax::MoneyLine& line);
  void check_credits(const syntax::MoneyLine& line);
  void check_shared(const syntax::MoneyLine& line);
  std::optional<Condition> condition(const syntax::MoneyLine& line);
  bool is_defined(const syntax::MoneyLine& line);
  void check_path(const syntax::MoneyLine& line);

  Place at(Span span) const { return context_.read.at(span); }
  std::string part() const {
    return charge_.grain == Grain::Cell ? "row" : std::string(word_of(charge_.grain));
  }
  std::string parts() const { return part() + "s"; }

  ChargeDraft& draft_;
  CardContext& context_;
  Charge& charge_;
  Bounds bounds_;
  const syntax::Row* not_per_unit_ = nullptr;  ///< the first row that is more than a unit price
  const syntax::MoneyLine* first_shared_ = nullptr;
  const syntax::MoneyLine* first_amount_ = nullptr;
};

/// Whether each event of the charge's meter has a quantity in such a unit.
bool MoneyLines::is_of_meter(const syntax::Word& word) {
  if (draft_.share) return false;
  const Aggregate aggregate = draft_.meter.meter.binding.aggregate;
  if (aggregate != Aggregate::Sums && aggregate != Aggregate::Lists) return false;
  const Unit* unit = context_.scope.unit(word, context_.read.file());
  return unit && convertible(*unit, *draft_.meter.unit);
}

/// What has as many digits as a price and is a least amount of each item that takes time.
std::string MoneyLines::block_price(const syntax::MoneyLine& line) const {
  if (line.kind != Kind::Minimum || line.reach != Reach::Each || draft_.share) return {};
  const Unit& unit = *draft_.meter.unit;
  if (!time_of(unit)) return {};
  return fmt::format(
      "for the least of each, price blocks: `at {} per started 60 {}`, which may have more digits",
      context_.read.text(line.amount->span), unit.plural);
}

/// `discount 10 percent`: a unit of meters, where a percentage is meant.
bool is_percent(const syntax::MoneyAmount& amount) { return amount.unit.text == "percent"; }

/// E305: `maximum 50,000 calls`.
bool MoneyLines::is_amount_of_units(const syntax::MoneyLine& line) {
  if (!line.amount || Reader::is_money(*line.amount)) return false;
  if (Reader::credit_of(line.amount->unit.text, draft_.currency)) return false;
  if (!context_.scope.is_unit(line.amount->unit.text)) return false;  // a currency, misspelt
  const auto text = context_.read.text(line.amount->span);
  const auto word = keyword(line.kind);
  if (is_bound(line.kind)) {
    auto finding = context_.report.add(
        "E305",
        line.kind == Kind::Maximum ? "did you mean a limit or a maximum?"
                                   : "a minimum is an amount of money",
        at(line.amount->span),
        line.kind == Kind::Maximum ? "`maximum` stops the bill from growing and takes money"
                                   : "`minimum` lifts the bill and takes money");
    if (line.kind == Kind::Minimum && is_of_meter(line.amount->unit)) {
      finding.help(fmt::format(
          "for the least that an event counts, write `each at least {}` below the meter {}", text,
          quoted(draft_.meter.meter.name)));
    } else if (line.kind == Kind::Minimum || draft_.share) {
      finding.help("write an amount such as `49.00 USD`");
    } else {
      finding.help(fmt::format("to stop the service: `limit {} to {} per {} then block`",
                               draft_.meter.meter.name, text, to_string(context_.card.period)));
    }
    return true;
  }
  auto finding =
      context_.report.add("E305", fmt::format("a {} is a percentage or an amount of money", word),
                          at(line.amount->span));
  if (is_percent(*line.amount))
    finding.help(fmt::format("write `{} {}%`", word, context_.read.text(line.amount->number.span)));
  else
    finding.help(fmt::format("to give units away, write `included {}` above the prices", text));
  return true;
}

/// Where the reach of a fixed amount belongs.
uint32_t amount_end(const syntax::MoneyLine& line) {
  if (!line.prorated || line.reach != Reach::Unsaid) return line.amount->span.end;
  return line.when ? line.when->span.begin - 1 : line.span.end;
}

/// A percentage is the same shared or in each row, and the grammar has no reach for it.
void MoneyLines::check_reach_of(const syntax::MoneyLine& line) {
  if (!line.amount) return;
  check_reach({.what = keyword(line.kind),
               .reach = line.reach,
               .line = {line.span.begin, amount_end(line)},
               .quantity = &line.amount->number},
              draft_, context_);
}

/// Lines that add up rows make a line of rounded money, and a part of a fixed amount is rounded to
/// the minor unit: credits have neither.
void MoneyLines::check_credits(const syntax::MoneyLine& line) {
  if (!charge_.credit || !line.amount) return;
  const bool shared = line.reach == Reach::Shared;
  if (!shared && !line.prorated) return;
  context_.report
      .add("E404",
           fmt::format("a {} in {} is not {}", keyword(line.kind), draft_.currency.credit->plural,
                       shared ? "shared" : "prorated"),
           at(line.span))
      .why("amounts in credits are exact, and this would have to be rounded")
      .help(shared ? fmt::format("write `{}`, or leave the line out",
                                 charge_.grain == Grain::Cell ? "in each row" : "each")
                   : std::string("leave `prorated by day` out"));
}

/// Shared lines act on the sum of the rows, so nothing of the rows may follow them.
void MoneyLines::check_shared(const syntax::MoneyLine& line) {
  if (line.reach == Reach::Shared && line.amount) {
    if (line.when) {
      context_.report
          .add("E309", fmt::format("a shared {} has no condition", keyword(line.kind)),
               at(line.when->span), fmt::format("it acts on the sum of all {}", parts()))
          .help(fmt::format("write `{}`, or leave the condition out",
                            charge_.grain == Grain::Cell ? "in each row" : "each"));
    }
    if (!first_shared_) first_shared_ = &line;
    check_path(line);
    return;
  }
  if (!first_shared_) return;
  context_.report
      .add("E309", fmt::format("lines that are shared by the {} stand last", parts()),
           at(line.span), fmt::format("this one acts on each {}", part()))
      .see(at(first_shared_->span), fmt::format("here the {} are added up", parts()))
      .help(fmt::format("move line {} above line {}", context_.read.source(line.span).line,
                        context_.read.source(first_shared_->span).line));
}

/// A shared line makes the invoice line CHARGE/minimum; a row may not have that name already.
void MoneyLines::check_path(const syntax::MoneyLine& line) {
  if (draft_.by.size() != 1 || !draft_.by.front()->value(keyword(line.kind))) return;
  context_.report
      .add("E120",
           fmt::format("two lines of the invoice would be called `{}/{}`", charge_.name,
                       keyword(line.kind)),
           at(line.span), "the line that this adds")
      .see(draft_.by.front()->name, fmt::format("the row of the value `{}`", keyword(line.kind)))
      .help("give the value another name");
}

/// Where the dimension is none of `by`, the part of the amount that the condition names is only
/// defined if the amount is a sum over units up to here.
bool MoneyLines::is_defined(const syntax::MoneyLine& line) {
  const auto help = [&](Finding& finding) {
    finding.help(
        fmt::format("split the charge `by {}` and price the rows", line.when->dimension.text));
  };
  if (charge_.grain == Grain::Day) {
    auto finding = context_.report.add("E307", "this condition cuts through the days",
                                       at(line.when->span), "a day has one quantity in each row");
    help(finding);
    return false;
  }
  if (!line.percent) {
    auto finding = context_.report.add(
        "E307", "an amount of money cannot be for a part of the usage", at(line.when->span),
        fmt::format("{} is not split by {}", quoted(charge_.name), line.when->dimension.text));
    help(finding);
    return false;
  }
  if (!charge_.quantity_steps.empty()) {
    auto finding =
        context_.report.add("E307", "this condition cuts through a quantity line",
                            at(line.when->span), "which part of the usage did that line touch?");
    finding.see(charge_.quantity_steps.front().source.place);
    help(finding);
    return false;
  }
  if (first_amount_) {
    auto finding = context_.report.add("E307", "this condition cuts through an amount of money",
                                       at(line.when->span), "which part of it belongs here?");
    finding.see(at(first_amount_->span), "it is for all of the usage");
    help(finding);
    return false;
  }
  if (!not_per_unit_) return true;
  const syntax::Row& row = *not_per_unit_;
  const bool tiered = is_tier(row);
  const Span values{line.when->values.front().span.begin, line.when->values.back().span.end};
  auto finding = context_.report.add(
      "E307", tiered ? "this condition cuts through tiers" : "this condition cuts through a price",
      at(line.when->span), fmt::format("which part was the {} usage?", context_.read.text(values)));
  if (tiered) {
    finding.see(at(draft_.tiers ? draft_.tiers->span : row.bound_span),
                fmt::format("all {} climb these tiers together", draft_.meter.meter.unit_plural));
  } else {
    finding.see(at(row.price_span), "this is more than a price of each unit");
  }
  help(finding);
  return false;
}

std::optional<Condition> MoneyLines::condition(const syntax::MoneyLine& line) {
  if (draft_.share) {
    report_unfit_for_share("a share of charges has no dimensions", line.when->span, context_)
        .help("leave the condition out, or put it into the charges above");
    return std::nullopt;
  }
  auto n = context_.scope.dimension(draft_.meter, line.when->dimension, context_.read.file());
  if (!n) return std::nullopt;
  Condition condition;
  condition.dimension = context_.card.meters[charge_.meter].dimensions[*n];
  condition.in_by = std::ranges::find(charge_.by, condition.dimension) != charge_.by.end();
  const DimensionEntry& entry = context_.dimension_of(charge_.meter, *n);
  for (const syntax::Word& word : line.when->values) {
    auto value = context_.scope.value(entry, word, context_.read.file());
    if (!value) continue;
    if (std::ranges::find(condition.values, *value) != condition.values.end()) {
      context_.report.add("E120", fmt::format("{} stands twice", quoted(word.text)), at(word.span))
          .help("leave one of them out");
    }
    condition.values.push_back(*value);
  }
  std::ranges::sort(condition.values);
  if (!condition.in_by && charge_.grain != Grain::Item && !is_defined(line)) return std::nullopt;
  return condition;
}

void MoneyLines::take(const syntax::MoneyLine& line) {
  if (is_amount_of_units(line)) return;
  MoneyStep step;
  step.kind = line.kind;
  step.prorated_by_day = line.prorated;
  step.reach = line.amount ? line.reach : Reach::Unsaid;
  step.source = context_.read.source(line.span);
  const bool sized = read_size(line.kind, line.percent, line.amount, draft_.currency, context_,
                               step.fraction, step.amount_minor, block_price(line));
  check_credits(line);
  check_reach_of(line);
  check_shared(line);
  if (line.when) step.condition = condition(line);
  if (line.amount && !first_amount_) first_amount_ = &line;
  if (!sized) {
    context_.incomplete = true;
    return;
  }
  Bounds::Group group{step.reach, 0, {}};
  if (step.condition) group = {step.reach, step.condition->dimension + 1, step.condition->values};
  bounds_.take(line.kind, step.amount_minor, line.span, group);
  charge_.money_steps.push_back(std::move(step));
}

}  // namespace

void check_money_lines(ChargeDraft& draft, CardContext& context) {
  MoneyLines(draft, context).check();
}

namespace {

void check_bill_line(const syntax::BillLine& line, Bounds& bounds, CardContext& context) {
  BillStep step;
  step.kind = line.kind;
  step.prorated_by_day = line.prorated;
  step.label = line.label ? line.label->text : fmt::format("Bill {}", keyword(line.kind));
  step.source = context.read.source(line.span);
  if (line.amount && !Reader::is_money(*line.amount) &&
      context.scope.is_unit(line.amount->unit.text)) {
    context.report
        .add("E305", fmt::format("a bill {} is an amount of money", keyword(line.kind)),
             context.read.at(line.amount->span))
        .help(is_percent(*line.amount) && !is_bound(line.kind)
                  ? fmt::format("write `bill {} {}%`", keyword(line.kind),
                                context.read.text(line.amount->number.span))
              : line.kind == Kind::Maximum ? "to stop the service, write a `limit` line"
                                           : "write an amount such as `49.00 USD`");
    return;
  }
  if (!read_size(line.kind, line.percent, line.amount, context.currency, context, step.fraction,
                 step.amount_minor)) {
    context.incomplete = true;
    return;
  }
  bounds.take(line.kind, step.amount_minor, line.span, {});
  context.card.bill_steps.push_back(std::move(step));
}

}  // namespace

void check_bill_items(std::span<const BillItem> items, CardContext& context) {
  if (items.size() > kMoneyLinesMax) {
    const Span span =
        std::visit([](const auto* item) { return item->span; }, items[kMoneyLinesMax]);
    context.report.add(
        "E214",
        fmt::format("a card has at most {}", counted(kMoneyLinesMax, "`bill` or `commit` line")),
        context.read.at(span));
    return;
  }
  Bounds bounds(context);
  for (const BillItem& item : items) {
    if (const auto* line = std::get_if<const syntax::BillLine*>(&item))
      check_bill_line(**line, bounds, context);
    else
      check_commitment(*std::get<const syntax::Commit*>(item), context);
  }
}

}  // namespace toll::dsl::checker
