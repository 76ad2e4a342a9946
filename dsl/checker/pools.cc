#include "dsl/checker/pools.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dsl/checker/charge.h"
#include "dsl/checker/numbers.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

constexpr std::array<std::string_view, 5> kCalendar = {"day", "week", "month", "quarter", "year"};

/// "day" for `day` and `days`; empty for what is no calendar unit.
std::optional<PeriodUnit> calendar_unit(const std::string& word) {
  for (const std::string_view name : kCalendar)
    if (word == name || word == std::string(name) + "s") return parse_period_unit(name);
  return std::nullopt;
}

/// The unit that a word names, if it is one that pools may hold: declared, by a name alone.
const Unit* credit_unit(const syntax::Word& word, CardContext& context) {
  if (!context.scope.is_unit(word.text)) return nullptr;
  const Unit* unit = context.scope.unit(word, context.read.file());
  if (!unit || unit->declared.size() != 1 || unit->parts.size() != 1) return nullptr;
  return context.scope.units()[unit->declared.front()].syntax->size ? nullptr : unit;
}

class PoolCheck {
 public:
  PoolCheck(const syntax::Pool& syntax, CardContext& context)
      : syntax_(syntax), context_(context), read_(context.read) {}

  /// Adds the pool to the card, unless it is in a currency that the offer does not bill in.
  void check() {
    pool_.name = syntax_.name.text;
    pool_.label = syntax_.label ? syntax_.label->text : syntax_.name.text;
    pool_.source = read_.source(syntax_.span);
    if (!take_unit()) return;
    take_charges();
    for (const auto& grant : syntax_.grants) take(grant);
    for (const auto& sale : syntax_.sales) take(sale);
    take_order();
    take_rollover();
    take_beyond();
    context_.card.pools.push_back(std::move(pool_));
  }

 private:
  Place at(Span span) const { return read_.at(span); }
  Span head() const { return {syntax_.span.begin, syntax_.name.span.end}; }
  bool is_money() const { return !pool_.credit; }

  bool take_unit();
  bool take_currency();
  void take_charges();
  void take_charge(const syntax::Word& word);
  void take(const syntax::Pool::Grant& grant);
  void take(const syntax::Pool::Sale& sale);
  void take_order();
  void take_rollover();
  void take_beyond();
  void take_price(const syntax::Pool::Beyond& line);
  std::optional<Term> price(const syntax::Term& term);
  std::optional<Ratio> quantity(const syntax::Quantity& quantity);
  std::optional<Lasting> lasting(const syntax::Quantity& quantity);
  template <typename Line>
  bool stands_once(const std::vector<Line>& lines);
  void warn_about_overlap(const syntax::Pool::Grant& syntax, const Pool::Grant& grant);
  Finding refuse(std::string message, Span place, std::string label = {}) {
    context_.incomplete = true;
    return context_.report.add("E405", std::move(message), at(place), std::move(label));
  }

  const syntax::Pool& syntax_;
  CardContext& context_;
  Reader& read_;
  Pool pool_;
  const Unit* unit_ = nullptr;  // of credits
  MeterEntry holds_;            // what stands in for a meter where quantities are read
};

/// False where the pool is not for the offer, or holds nothing that it could.
bool PoolCheck::take_unit() {
  if (find_currency(syntax_.in.front().text)) return take_currency();
  const syntax::Word& first = syntax_.in.front();
  unit_ = credit_unit(first, context_);
  const auto refuse_unit = [&](const syntax::Word& word, std::string message) {
    context_.incomplete = true;
    return context_.report.add("E406", std::move(message), at(word.span));
  };
  if (!unit_) {
    if (!context_.scope.is_unit(first.text)) {
      context_.scope.unit(first, read_.file());  // reports it
      context_.incomplete = true;
    } else {
      refuse_unit(first, fmt::format("{} are no credits", quoted(first.text)))
          .why("credits are a unit that is declared by its name alone")
          .help("declare one: `unit credit, credits`");
    }
    return false;
  }
  for (const syntax::Word& word : syntax_.in) {
    if (word.text == unit_->singular || word.text == unit_->plural) continue;
    refuse_unit(word, fmt::format("a pool holds one unit, and {} is another", quoted(word.text)))
        .see(at(first.span), "the pool holds these")
        .help("write a pool for each unit");
    return false;
  }
  read_.note_unit(*unit_);
  const auto& credits = context_.card.credits;
  const auto credit = std::ranges::find(credits, unit_->singular, &CreditUnit::name);
  pool_.credit = static_cast<uint32_t>(credit - credits.begin());
  holds_.meter.name = pool_.name;
  holds_.meter.unit = unit_->singular;
  holds_.meter.unit_plural = unit_->plural;
  holds_.unit = unit_;
  holds_.name = holds_.unit_place = at(syntax_.name.span);
  return true;
}

bool PoolCheck::take_currency() {
  bool is_for_offer = false;
  for (const syntax::Word& word : syntax_.in) {
    const auto currency = find_currency(word.text);
    const auto& all = context_.currency.all;
    if (!currency || std::ranges::find(all, *currency) == all.end()) {
      context_.incomplete = true;
      context_.report
          .add("E406",
               currency
                   ? fmt::format("the card does not bill in {}", word.text)
                   : fmt::format("{} is not a currency, as the first name is", quoted(word.text)),
               at(word.span))
          .help("name a currency of the card, or credits in a pool of their own");
      return false;
    }
    is_for_offer = is_for_offer || *currency == context_.card.currency;
  }
  return is_for_offer;
}

void PoolCheck::take_charges() {
  if (!syntax_.of.empty() && is_money()) {
    const Span names{syntax_.of.front().span.begin, syntax_.of.back().span.end};
    refuse("a pool in money draws on the whole bill", names)
        .help("leave `for` out, or grant credits for these charges");
    return;
  }
  for (const syntax::Word& word : syntax_.of) take_charge(word);
  std::ranges::sort(pool_.charges);
  if (is_money() || !syntax_.of.empty()) return;
  for (uint32_t i = 0; i < context_.card.charges.size(); ++i)
    if (context_.card.charges[i].credit == pool_.credit) pool_.charges.push_back(i);
}

void PoolCheck::take_charge(const syntax::Word& word) {
  const auto& charges = context_.card.charges;
  const auto charge = std::ranges::find(charges, word.text, &Charge::name);
  if (charge == charges.end()) {
    if (context_.incomplete || context_.offer.plan || context_.offer.beside_plans) return;
    std::vector<std::string> names;
    for (const Charge& each : charges) names.push_back(each.name);
    const std::string nearest = suggest(word.text, names);
    context_.report
        .add("E406", fmt::format("the card has no charge {}", quoted(word.text)), at(word.span))
        .help(nearest.empty() ? fmt::format("name charges that are priced in {}", unit_->plural)
                              : fmt::format("did you mean {}?", quoted(nearest)));
    return;
  }
  const auto index = static_cast<uint32_t>(charge - charges.begin());
  if (charge->credit != pool_.credit) {
    context_.report
        .add("E406", fmt::format("{} is not priced in {}", quoted(word.text), unit_->plural),
             at(word.span))
        .see(charge->source.place)
        .help("leave it out, or price its rows in what the pool holds");
    return;
  }
  if (std::ranges::find(pool_.charges, index) != pool_.charges.end()) {
    context_.report.add("E120", fmt::format("{} stands twice", quoted(word.text)), at(word.span))
        .help("leave one of them out");
    return;
  }
  pool_.charges.push_back(index);
}

/// In credits, or in minor units; above zero.
std::optional<Ratio> PoolCheck::quantity(const syntax::Quantity& quantity) {
  if (is_money()) {
    const auto minor = read_.amount(quantity, context_.currency);
    if (minor && *minor > 0) return Ratio(*minor);
    if (minor)
      context_.report.add("E128", "this amount cannot be zero", at(quantity.number.span))
          .help("leave the line out");
    return std::nullopt;
  }
  const Unit* unit = context_.scope.unit(quantity.unit, read_.file());
  if (!unit) return std::nullopt;
  if (convertible(*unit, *unit_)) return read_.positive_quantity(quantity, holds_, "this is");
  refuse(fmt::format("the pool holds {}, and this is in {}", unit_->plural, unit->plural),
         quantity.unit.span)
      .help(fmt::format("write a number of {}", unit_->plural));
  return std::nullopt;
}

std::optional<Lasting> PoolCheck::lasting(const syntax::Quantity& quantity) {
  constexpr int kCountMax = 10'000;
  const auto unit = calendar_unit(quantity.unit.text);
  auto count = read_number(quantity.number, read_.file(), kQuantityLimits, context_.report);
  if (!count) return std::nullopt;
  const bool whole = count->denominator() == 1 && *count > Ratio(0) && *count <= Ratio(kCountMax);
  if (unit && whole) return Lasting{static_cast<uint32_t>(count->numerator()), *unit};
  refuse("credits expire after a whole number of days, weeks, months, quarters or years",
         unit ? quantity.number.span : quantity.unit.span)
      .help("write `expires after 12 months`");
  return std::nullopt;
}

void PoolCheck::take(const syntax::Pool::Grant& syntax) {
  if (pool_.grants.size() == kPoolLinesMax) return;  // reported with the card's size
  Pool::Grant grant;
  grant.source = read_.source(syntax.span);
  const auto every = parse_period_unit(syntax.every.text);
  if (!every) {
    refuse(fmt::format("{} is no time that grants can come in", quoted(syntax.every.text)),
           syntax.every.span)
        .help("write `every month`, or another of day, week, quarter, year");
  }
  auto quantity = this->quantity(syntax.quantity);
  if (syntax.expires) grant.expires = lasting(*syntax.expires);
  if (!every || !quantity) return;
  grant.every = *every;
  grant.quantity = *quantity;
  warn_about_overlap(syntax, grant);
  pool_.grants.push_back(std::move(grant));
}

/// W407: what lasts longer than until the next grant goes on, whatever `rollover` does not say.
void PoolCheck::warn_about_overlap(const syntax::Pool::Grant& syntax, const Pool::Grant& grant) {
  if (!grant.expires || !syntax_.rollovers.empty()) return;
  const bool longer = grant.expires->unit > grant.every ||
                      (grant.expires->unit == grant.every && grant.expires->count > 1);
  if (!longer) return;
  context_.report
      .add("W407", "what is left of this grant goes on when the next one comes",
           at({syntax.quantity.span.begin, syntax.expires->span.end}))
      .help(
          fmt::format("if at most a part of it is to go on, add `rollover up to ...`; if nothing, "
                      "leave `expires` out"));
}

void PoolCheck::take(const syntax::Pool::Sale& syntax) {
  Pool::Sale sale;
  sale.source = read_.source(syntax.span);
  auto quantity = this->quantity(syntax.quantity);
  auto price = read_.amount(syntax.price, context_.currency);
  if (syntax.expires) sale.expires = lasting(*syntax.expires);
  if (!quantity || !price) return;
  sale.quantity = *quantity;
  sale.price_minor = *price;
  pool_.sales.push_back(std::move(sale));
}

template <typename Line>
bool PoolCheck::stands_once(const std::vector<Line>& lines) {
  if (lines.size() < 2) return !lines.empty();
  context_.report.add("E311", "a pool says this once", at(lines[1].span))
      .see(at(lines.front().span), "the first line")
      .help("keep one of the two");
  return true;
}

/// Which grant pays first matters where grants can end at different times.
void PoolCheck::take_order() {
  if (stands_once(syntax_.orders)) {
    pool_.oldest_first = syntax_.orders.front().first.text == "oldest";
    return;
  }
  if (syntax_.damaged) return context_.report.hold_back();
  const auto lasts = [](const auto& line) { return line.expires.has_value(); };
  const bool differ = syntax_.grants.size() + syntax_.sales.size() > 1 ||
                      std::ranges::any_of(syntax_.grants, lasts) ||
                      std::ranges::any_of(syntax_.sales, lasts);
  if (!differ) return;
  refuse(fmt::format("pool {} does not say which grant it spends first", quoted(pool_.name)),
         head())
      .why("grants expire at different times, so the order decides what is lost")
      .help(
          "the usual choice is `spend soonest-expiring first`; the other is `spend oldest first`");
}

void PoolCheck::take_rollover() {
  if (!stands_once(syntax_.rollovers)) return;
  const auto& line = syntax_.rollovers.front();
  if (syntax_.grants.empty()) {
    if (syntax_.damaged) return context_.report.hold_back();
    refuse("nothing rolls over: this pool has no grants that come again", line.span)
        .help("add a line such as `grant 500 credits every month`, or leave this one out");
    return;
  }
  for (const auto& grant : pool_.grants) {
    if (!context_.period_known || fill(context_.card.period, grant.every)) continue;
    refuse(fmt::format("grants that roll over come at the end of billing periods, and this card "
                       "bills per {}",
                       to_string(context_.card.period)),
           line.span)
        .see(grant.source.place, fmt::format("these come every {}", to_string(grant.every)))
        .help("say with `expires after` how long what is left of them lasts");
    return;
  }
  pool_.rollover = quantity(line.up_to);
}

void PoolCheck::take_beyond() {
  if (!stands_once(syntax_.beyonds)) return;
  const auto& line = syntax_.beyonds.front();
  if (is_money()) {
    refuse("a pool in money has nothing beyond it", line.span, "what it cannot pay is the bill")
        .help("leave the line out");
    return;
  }
  pool_.beyond_source = read_.source(line.span);
  pool_.beyond = line.blocked ? Pool::Beyond::Blocked : Pool::Beyond::Priced;
  if (!line.blocked) take_price(line);
}

void PoolCheck::take_price(const syntax::Pool::Beyond& line) {
  for (const syntax::Term& term : line.price)
    if (auto known = price(term)) pool_.price.push_back(*known);
}

std::optional<Term> PoolCheck::price(const syntax::Term& term) {
  using Kind = syntax::Term::Kind;
  if (term.kind == Kind::Percent || term.kind == Kind::CostPlus) {
    refuse("what is beyond the pool has a price in money", term.span)
        .help(fmt::format("write `beyond at 3.00 {} per {}`",
                          context_.currency.currency ? context_.currency.currency->name() : "USD",
                          unit_->singular));
    return std::nullopt;
  }
  const Unit* unit = term.unit ? context_.scope.unit(*term.unit, read_.file()) : unit_;
  if (!unit) return std::nullopt;
  if (!convertible(*unit, *unit_)) {
    refuse(fmt::format("the price is per {}, but the pool holds {}", unit->singular, unit_->plural),
           term.unit->span)
        .help(fmt::format("write `per {}`", unit_->singular));
    return std::nullopt;
  }
  return read_.term(term, holds_, Grain::Cell, context_.currency);
}

/// The pools of one unit: the last one pays for all charges and says what is beyond.
void check_last(std::span<const syntax::Pool* const> pools, CardContext& context) {
  const auto head = [](const syntax::Pool& pool) {
    return Span{pool.span.begin, pool.name.span.end};
  };
  const syntax::Pool& last = *pools.back();
  const auto place = [&](Span span) { return context.read.at(span); };
  for (const syntax::Pool* pool : pools) {
    if (pool == &last || pool->beyonds.empty()) continue;
    context.report
        .add("E405", "only the last pool of a unit says what is beyond",
             place(pool->beyonds.front().span))
        .see(place(head(last)), "this one pays for what is left")
        .help("move the line into the last pool");
  }
  if (!last.of.empty()) {
    context.report
        .add("E405", "the last pool of a unit is for all charges",
             place({last.of.front().span.begin, last.of.back().span.end}))
        .why("what no pool pays for would have no price")
        .help(fmt::format("leave `for` out, or add a pool below it with a `beyond` line"));
  }
  if (!last.beyonds.empty()) return;
  if (last.damaged) return context.report.hold_back();
  context.report
      .add(
          "E402",
          fmt::format("pool {} does not say what happens when it is empty", quoted(last.name.text)),
          place(head(last)), "missing `beyond`")
      .help(fmt::format("`beyond at 0.025 {} per {}` bills the rest, `beyond blocked` stops the "
                        "service",
                        context.currency.currency ? context.currency.currency->name() : "USD",
                        last.in.front().text));
}

bool is_affordable(std::span<const syntax::Pool* const> pools, CardContext& context) {
  const auto refuse = [&](const syntax::Pool& pool, std::string message) {
    context.report.add("E214", std::move(message), context.read.at(pool.span));
    context.incomplete = true;
    return false;
  };
  if (pools.size() > kPoolsMax)
    return refuse(*pools[kPoolsMax],
                  fmt::format("a card has at most {}", counted(kPoolsMax, "pool")));
  for (const syntax::Pool* pool : pools)
    if (std::max(pool->grants.size(), pool->sales.size()) > kPoolLinesMax ||
        pool->of.size() > kShareNamesMax)
      return refuse(
          *pool, fmt::format("a pool has at most {} and pays for at most {} by name",
                             counted(kPoolLinesMax, "grant"), counted(kShareNamesMax, "charge")));
  return true;
}

}  // namespace

void find_credits(CardContext& context) {
  context.for_each_item([&](const syntax::Item& item) {
    const auto* pool = std::get_if<syntax::Pool>(&item);
    if (!pool || find_currency(pool->in.front().text)) return;
    const Unit* unit = credit_unit(pool->in.front(), context);
    if (!unit) return;  // reported when the pool is checked
    const CreditUnit credit{unit->singular, unit->plural};
    auto& credits = context.card.credits;
    if (std::ranges::find(credits, credit) == credits.end()) credits.push_back(credit);
  });
  context.currency.pooled = context.card.credits;
  context.currency.pools_unread = context.syntax.damaged;
}

const syntax::Word* priced_in(const syntax::Charge& charge) {
  using Kind = syntax::Term::Kind;
  for (const auto& line : charge.lines) {
    const auto* row = std::get_if<syntax::Row>(&line);
    if (!row) continue;
    for (const syntax::Term& term : row->price)
      if (term.kind != Kind::Percent && term.kind != Kind::CostPlus) return &term.money.unit;
  }
  for (const auto& line : charge.lines) {
    const auto* money = std::get_if<syntax::MoneyLine>(&line);
    if (money && money->amount) return &money->amount->unit;
  }
  return nullptr;
}

std::optional<uint32_t> credit_of(const syntax::Charge& charge, const CardContext& context) {
  const syntax::Word* unit = priced_in(charge);
  return unit ? Reader::credit_of(unit->text, context.currency) : std::nullopt;
}

void check_pools(std::span<const syntax::Pool* const> pools, CardContext& context) {
  if (!is_affordable(pools, context)) return;
  std::map<std::string, std::vector<const syntax::Pool*>> by_unit;
  for (const syntax::Pool* pool : pools) {
    const size_t before = context.card.pools.size();
    PoolCheck(*pool, context).check();
    if (context.card.pools.size() == before || !context.card.pools.back().credit) continue;
    by_unit[context.card.credits[*context.card.pools.back().credit].name].push_back(pool);
  }
  for (const auto& [unit, of_unit] : by_unit) check_last(of_unit, context);
}

}  // namespace toll::dsl::checker
