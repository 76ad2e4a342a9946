#include "dsl/checker/cost_plus.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/rounding.h"
#include "dsl/checker/costs.h"
#include "dsl/checker/numbers.h"
#include "dsl/checker/table.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

bool has_cost_plus(const Tier& tier) {
  return std::ranges::any_of(tier.terms,
                             [](const Term& term) { return term.cost_plus.has_value(); });
}

bool has_cost_plus(const PriceTable& table) {
  return std::ranges::any_of(table.tiers, [](const Tier& tier) { return has_cost_plus(tier); });
}

/// The cost and what is added to it, rounded: minor units for what the cost is for.
std::optional<Ratio> price_of(const CostPlus& plus, const UnitCost& cost) {
  const auto exact = plus.markup ? checked_mul(cost.minor, *checked_add(Ratio(1), plus.fraction))
                                 : checked_div(cost.minor, *checked_sub(Ratio(1), plus.fraction));
  const auto steps = exact ? checked_div(*exact, plus.step_minor) : exact;
  if (!steps) return std::nullopt;
  const Ratio whole(div_round(steps->numerator(), steps->denominator(), plus.mode));
  return checked_mul(whole, plus.step_minor);
}

/// "0.70 USD per GPU-hour"
std::string price_text(const Ratio& minor, const UnitCost& cost, Currency currency) {
  const auto major = checked_div(minor, Ratio(power_of_ten(currency.exponent)));
  const std::string amount = minor.denominator() == 1 ? format_minor(minor.numerator(), currency)
                             : major                  ? major->to_string()
                                                      : std::string("?");
  return fmt::format("{} {} per {}", amount, currency.name(), cost.unit);
}

class CostPlusPrices {
 public:
  CostPlusPrices(ChargeDraft& draft, CardContext& context, const CostEntry& cost)
      : draft_(draft), context_(context), cost_(cost) {}

  void price() {
    Charge& charge = draft_.charge;
    std::vector<PriceTable> tables;
    std::map<std::pair<uint32_t, const UnitCost*>, uint32_t> made;
    std::map<uint32_t, uint32_t> first_of;
    for (const uint32_t cell : charge.cells_in_row_order) {
      uint32_t& table = charge.table_of_cell[cell];
      const UnitCost* cost = nullptr;
      if (has_cost_plus(charge.tables[table])) {
        cost = cost_of(cell, charge.tables[table]);
        if (!cost) return;
      }
      const auto [known, fresh] =
          made.emplace(std::pair(table, cost), static_cast<uint32_t>(tables.size()));
      if (fresh) {
        first_of.emplace(table, known->second);
        tables.push_back(charge.tables[table]);
        if (cost && !price(tables.back(), *cost)) return;
      }
      table = known->second;
    }
    charge.tables = std::move(tables);
    for (BoundedTable& bounded : context_.bounded_tables)
      if (bounded.charge == context_.card.charges.size())
        bounded.table = first_of.at(bounded.table);
  }

 private:
  const UnitCost* cost_of(uint32_t cell, const PriceTable& table) {
    const auto values = values_of_cell(cell, draft_.value_counts);
    ValueNames names;
    for (size_t i = 0; i < values.size(); ++i) {
      const Dimension& dimension = draft_.by[i]->dimension;
      names.emplace_back(dimension.name, dimension.values[values[i]]);
    }
    const std::vector<const UnitCost*> costs = costs_at(cost_, names);
    if (costs.size() == 1) return costs.front();
    std::vector<std::string> by;
    for (const DimensionEntry* dimension : cost_.by) by.push_back(dimension->dimension.name);
    context_.report
        .add("E338", "the units of this row do not all cost the same",
             table.tiers.front().source.place)
        .see(costs[0]->place, "one cost")
        .see(costs[1]->place, "another")
        .help(fmt::format("split the charge as the costs are: `by {}`", fmt::join(by, ", ")));
    return nullptr;
  }

  bool price(PriceTable& table, const UnitCost& cost) {
    for (Tier& tier : table.tiers) {
      for (Term& term : tier.terms) {
        if (!term.cost_plus) continue;
        const auto minor = price_of(*term.cost_plus, cost);
        const auto per_unit = minor ? checked_div(*minor, cost.per) : minor;
        if (!per_unit) {
          context_.report.add("E129", "this price has too many digits", tier.source.place);
          return false;
        }
        term.price_minor = *per_unit;
        if (!tier.derived.empty()) tier.derived += " + ";
        tier.derived += price_text(*minor, cost, cost_.currency);
      }
    }
    return true;
  }

  ChargeDraft& draft_;
  CardContext& context_;
  const CostEntry& cost_;
};

/// The cost table in force when the version begins, if it is one in the card's currency.
const CostEntry* cost_for(const ChargeDraft& draft, Place row, CardContext& context) {
  const Costs& costs = context.scope.costs();
  const CostEntry* cost =
      context.from_known ? costs.in_force(draft.meter, context.card.from) : nullptr;
  if (!context.from_known || (!cost && costs.may_be_unread()) || (cost && !cost->sound) ||
      !context.currency.currency) {
    context.report.hold_back();
    return nullptr;
  }
  const std::string& meter = draft.meter.meter.name;
  if (!cost) {
    context.report
        .add("E337",
             fmt::format("nothing says what {} cost on {}", quoted(meter),
                         to_string(context.card.from)),
             row)
        .why("a cost-plus price is fixed with its version: later costs do not change it")
        .help(fmt::format("add a table: `cost {}_cost on {}`", meter, meter));
    return nullptr;
  }
  if (cost->currency == *context.currency.currency) return cost;
  context.report
      .add("E337",
           fmt::format("the costs of {} are in {}, but the card bills in {}", quoted(meter),
                       cost->currency.name(), context.currency.currency->name()),
           row)
      .see(cost->name, "the cost table")
      .why("Toll never converts currencies")
      .help(fmt::format("write the price in {}", context.currency.currency->name()));
  return nullptr;
}

}  // namespace

std::optional<Term> read_cost_plus(const syntax::CostPlus& syntax, Reader& read, Report& report,
                                   const CardCurrency& currency) {
  CostPlus plus;
  plus.markup = syntax.markup;
  const auto fraction = read.fraction(syntax.percent);
  if (fraction && !syntax.markup && *fraction >= Ratio(1)) {
    report
        .add("E303",
             fmt::format("a margin of {}% has no finite price", syntax.percent.value.to_string()),
             read.at(syntax.percent.span), "price = cost ÷ (1 − margin)")
        .help("to double the cost, write `100% markup` (that is a margin of 50 %)");
    return std::nullopt;
  }
  if (!syntax.rounded) {
    report
        .add("E304", "a cost-plus price must say how it is rounded", read.at(syntax.span),
             "cost and percentage give more digits than a price list shows")
        .help(fmt::format("add `rounded up to 0.01 {}`",
                          currency.currency ? currency.currency->name() : "USD"));
    return std::nullopt;
  }
  const auto step = read.price_step(syntax.rounded->step, currency);
  if (!fraction || !step) return std::nullopt;
  plus.fraction = *fraction;
  plus.mode = syntax.rounded->mode;
  plus.step_minor = *step;
  return Term{
      .kind = syntax::Term::Kind::PerUnit, .price_minor = {}, .block = {}, .cost_plus = plus};
}

void price_by_cost(ChargeDraft& draft, CardContext& context) {
  const auto table = std::ranges::find_if(
      draft.charge.tables, [](const PriceTable& table) { return has_cost_plus(table); });
  if (table == draft.charge.tables.end() || draft.charge.cells_in_row_order.empty()) return;
  const auto row =
      std::ranges::find_if(table->tiers, [](const Tier& tier) { return has_cost_plus(tier); });
  const CostEntry* cost = cost_for(draft, row->source.place, context);
  if (!cost) return;
  CostPlusPrices(draft, context, *cost).price();
  context.costs.insert(cost);
}

void take_costs(CardContext& context) {
  RateCard& card = context.card;
  for (uint32_t index = 0; index < card.meters.size(); ++index) {
    for (const CostEntry* entry :
         context.scope.costs().during(*context.meters[index], card.from, card.until)) {
      if (!entry->sound || entry->currency != card.currency) continue;
      context.costs.insert(entry);
      Cost cost{
          .meter = index, .from = entry->from, .by = {}, .value_counts = {}, .minor_of_cell = {}};
      const std::vector<uint32_t>& dimensions = card.meters[index].dimensions;
      for (uint32_t i = 0; i < dimensions.size(); ++i) {
        const Dimension& dimension = card.dimensions[dimensions[i]];
        const auto splits = [&](const DimensionEntry* by) {
          return by->dimension.name == dimension.name;
        };
        if (std::ranges::none_of(entry->by, splits)) continue;
        cost.by.push_back(i);
        cost.value_counts.push_back(static_cast<uint32_t>(dimension.values.size()));
      }
      const auto cells = count_cells(cost.value_counts);
      if (!cells || !context.budget.take_cells(*cells)) continue;
      for (uint32_t cell = 0; cell < *cells; ++cell) {
        const auto values = values_of_cell(cell, cost.value_counts);
        ValueNames names;
        for (size_t i = 0; i < values.size(); ++i) {
          const Dimension& dimension = card.dimensions[dimensions[cost.by[i]]];
          names.emplace_back(dimension.name, dimension.values[values[i]]);
        }
        const UnitCost& row = *costs_at(*entry, names, 1).front();
        cost.minor_of_cell.push_back(checked_div(row.minor, row.per).value_or(Ratio()));
      }
      card.costs.push_back(std::move(cost));
    }
  }
}

}  // namespace toll::dsl::checker
