#include "dsl/checker/costs.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/checker/numbers.h"
#include "dsl/checker/reader.h"
#include "dsl/checker/table.h"
#include "dsl/checker/tables/expansion.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// One table while it is checked.
class CostTable {
 public:
  CostTable(const syntax::Cost& syntax, uint32_t file, const Texts& texts, Scope& scope,
            Report& report, Budget& budget)
      : syntax_(syntax),
        file_(file),
        scope_(scope),
        report_(report),
        budget_(budget),
        read_(scope, report, texts, file) {}

  /// Fills the entry, whose meter is set; false where something is wrong with it.
  bool check(CostEntry& entry) {
    const size_t errors = report_.errors();
    if (syntax_.damaged) report_.hold_back();
    check_header(entry);
    if (find_dimensions(entry) && !syntax_.rows.empty()) check_rows(entry);
    return report_.errors() == errors;
  }

 private:
  Place at(Span span) const { return {file_, span}; }
  Span head() const { return {syntax_.span.begin, syntax_.name.span.end}; }

  void check_header(CostEntry& entry) {
    const auto incomplete = [&](std::string_view what, std::string_view line) {
      if (syntax_.damaged) return;
      report_.add("E336", fmt::format("this cost table does not say {}", what), at(head()))
          .help(fmt::format("add the line `{}`", line));
    };
    if (syntax_.from)
      entry.from = syntax_.from->value;
    else
      incomplete("from when it holds", "from 2026-01-01");
    if (!syntax_.currency) return incomplete("in which currency it is", "currency USD");
    const auto currency = find_currency(syntax_.currency->text);
    if (currency)
      entry.currency = *currency;
    else
      report_
          .add("E113", fmt::format("{} is not a currency", quoted(syntax_.currency->text)),
               at(syntax_.currency->span))
          .help("write the three letters of a currency, as in `USD`");
    if (syntax_.rows.empty()) incomplete("what anything costs", "at 1.00 USD per ...");
  }

  bool find_dimensions(CostEntry& entry) {
    for (const syntax::Word& word : syntax_.by) {
      const auto index = scope_.dimension(*entry.meter, word, file_);
      if (!index) return false;
      entry.by.push_back(&scope_.dimensions()[entry.meter->dimensions[*index]]);
      entry.value_counts.push_back(static_cast<uint32_t>(entry.by.back()->dimension.values.size()));
    }
    return true;
  }

  std::optional<Keys> keys_of(const syntax::Row& row, const CostEntry& entry) {
    if (row.keys.size() != entry.by.size()) {
      report_
          .add(
              "E208",
              fmt::format("this row names {}, but the cost table is by {}",
                          counted(row.keys.size(), "value"), counted(entry.by.size(), "dimension")),
              at(row.keys.empty() ? row.span : row.keys_span))
          .help("begin the row with a value of each dimension, or with `any` for all of one");
      return std::nullopt;
    }
    Keys keys;
    for (size_t i = 0; i < row.keys.size(); ++i) {
      if (row.keys[i].text == "any") {
        keys.push_back(kAny);
      } else if (const auto value = scope_.value(*entry.by[i], row.keys[i], file_)) {
        keys.push_back(*value);
      }
    }
    return keys.size() == row.keys.size() ? std::optional(keys) : std::nullopt;
  }

  /// `0.42 USD per GPU-hour`
  std::optional<UnitCost> cost_of(const syntax::Row& row, const CostEntry& entry) {
    const bool is_one_price = row.price.size() == 1 &&
                              row.price.front().kind == syntax::Term::Kind::PerUnit && !row.up_to &&
                              !row.beyond;
    if (!is_one_price) {
      report_.add("E336", "a cost is one amount per unit", at(row.span))
          .help(fmt::format("write `at 1.00 USD per {}`", entry.meter->meter.unit));
      return std::nullopt;
    }
    const syntax::Term& term = row.price.front();
    const CardCurrency currency{entry.currency, at(syntax_.currency->span), {entry.currency}};
    const auto per_unit = read_.term(term, *entry.meter, Grain::Cell, currency);
    if (!per_unit) return std::nullopt;
    const auto amount = read_number(term.money.number, file_, kPriceLimits, report_);
    const auto minor =
        amount ? checked_mul(*amount, Ratio(power_of_ten(entry.currency.exponent))) : std::nullopt;
    if (!minor) return std::nullopt;
    const auto per = minor->is_zero() ? Ratio(1) : checked_div(*minor, per_unit->price_minor);
    if (!per) return std::nullopt;
    const Span unit{term.count ? term.count->span.begin : term.unit->span.begin,
                    term.unit->span.end};
    return UnitCost{*minor, *per, std::string(read_.text(unit)), at(term.span)};
  }

  void check_rows(CostEntry& entry) {
    const auto cells = count_cells(entry.value_counts);
    if (!cells || !budget_.take_cells(*cells) || syntax_.rows.size() > kRowsMax) {
      report_.add("E214", "this cost table has too many combinations of values", at(head()))
          .help("leave a dimension out");
      return;
    }
    std::vector<Keys> keys;
    for (const syntax::Row& row : syntax_.rows) {
      auto row_keys = keys_of(row, entry);
      auto cost = syntax_.currency ? cost_of(row, entry) : std::nullopt;
      if (!row_keys || !cost) continue;
      if (const auto twice = std::ranges::find(keys, *row_keys); twice != keys.end()) {
        report_.add("E209", "two rows say what the same costs", at(row.span))
            .see(entry.rows[static_cast<size_t>(twice - keys.begin())].place, "the other one")
            .help("remove one of them");
        continue;
      }
      keys.push_back(*std::move(row_keys));
      entry.rows.push_back(*std::move(cost));
    }
    if (keys.size() == syntax_.rows.size()) match(keys, entry);
  }

  void match(const std::vector<Keys>& keys, CostEntry& entry) {
    auto match = match_rows(keys, entry.value_counts, budget_);
    if (!match) {
      report_.add("E214", "the rows of this table cover too many combinations", at(head()))
          .help("name the values in more rows");
      return;
    }
    for (const TableMatch::Tie& tie : match->ties)
      report_
          .add("E205",
               fmt::format("two rows match {} equally well", quoted(cell_text(tie.cell, entry))),
               entry.rows[tie.second].place)
          .see(entry.rows[tie.first].place)
          .help("add a row for exactly these values");
    for (const uint32_t row : match->unreached)
      report_
          .add("E203", "nothing reaches this row", entry.rows[row].place,
               "every combination has a row of its own")
          .help("remove the row");
    if (match->unmatched_count > 0 && !syntax_.damaged)
      report_
          .add("E204",
               fmt::format("the table has no cost for {} of {}", match->unmatched_count,
                           counted(match->row_of_cell.size(), "combination")),
               at(head()),
               fmt::format("the first is {}", quoted(cell_text(match->unmatched.front(), entry))))
          .help("add the rows, or a row for all others with `any`");
    entry.row_of_cell = std::move(match->row_of_cell);
  }

  static std::string cell_text(uint32_t cell, const CostEntry& entry) {
    const auto values = values_of_cell(cell, entry.value_counts);
    std::vector<std::string> words;
    for (size_t i = 0; i < values.size(); ++i)
      words.push_back(entry.by[i]->dimension.values[values[i]]);
    return fmt::format("{}", fmt::join(words, ", "));
  }

  const syntax::Cost& syntax_;
  const uint32_t file_;
  Scope& scope_;
  Report& report_;
  Budget& budget_;
  Reader read_;
};

}  // namespace

Costs::Costs(std::span<const syntax::File> trees, Texts& texts, Scope& scope, Report& report,
             Budget& budget)
    : texts_(texts), scope_(scope), report_(report), budget_(budget) {
  for (uint32_t file = 0; file < trees.size(); ++file) {
    const auto blocks = blocks_of(trees[file], texts.size(file));
    for (size_t i = 0; i < blocks.size(); ++i)
      if (const auto* cost = std::get_if<syntax::Cost>(&trees[file].declarations[i]))
        declare(*cost, {file, blocks[i]});
  }
}

void Costs::declare(const syntax::Cost& cost, Place block) {
  CostEntry entry;
  entry.syntax = &cost;
  entry.name = {block.file, cost.name.span};
  entry.block = block;
  entry.canonical = texts_.canonical(block);
  entry.meter = scope_.meter(cost.on, block.file);
  if (!entry.meter) {
    any_unread_ = true;
    return;
  }
  for (const syntax::RowsFrom& rows : cost.rows_from)
    if (const auto file = texts_.table(rows.file.text))
      entry.canonical += texts_.canonical({*file, {0, 0}});
  if (is_said_before(entry)) return;
  const ExpandedCost table = expand(cost, block, made_, texts_, report_, budget_);
  entry.syntax = table.cost;
  entry.sound = CostTable(*table.cost, table.file, texts_, scope_, report_, budget_).check(entry) &&
                !table.failed;
  auto& tables = tables_[entry.meter];
  const auto [known, fresh] = tables.try_emplace(entry.from, entry);
  if (fresh) return;
  report_
      .add("E120",
           fmt::format("the meter {} has two cost tables from {}", quoted(cost.on.text),
                       to_string(entry.from)),
           entry.name)
      .see(known->second.name, "the other one")
      .help("keep one of them, or let the newer one begin later");
  known->second.sound = false;
}

/// A file may repeat a cost table word for word, as any declaration.
bool Costs::is_said_before(const CostEntry& entry) {
  const auto tables = tables_.find(entry.meter);
  return tables != tables_.end() && std::ranges::any_of(tables->second, [&](const auto& known) {
           return known.second.canonical == entry.canonical;
         });
}

const CostEntry* Costs::in_force(const MeterEntry& meter, Date on) const {
  const auto tables = tables_.find(&meter);
  if (tables == tables_.end()) return nullptr;
  const auto after = tables->second.upper_bound(on);
  return after == tables->second.begin() ? nullptr : &std::prev(after)->second;
}

std::vector<const CostEntry*> Costs::during(const MeterEntry& meter, Date from,
                                            std::optional<Date> until) const {
  std::vector<const CostEntry*> found;
  if (const CostEntry* first = in_force(meter, from)) found.push_back(first);
  const auto tables = tables_.find(&meter);
  if (tables == tables_.end()) return found;
  for (auto next = tables->second.upper_bound(from);
       next != tables->second.end() && (!until || next->first < *until); ++next)
    found.push_back(&next->second);
  return found;
}

std::vector<const UnitCost*> costs_at(const CostEntry& cost, const ValueNames& values,
                                      size_t most) {
  std::vector<std::optional<uint32_t>> fixed;
  for (const DimensionEntry* dimension : cost.by) {
    const auto named = std::ranges::find(values, std::string_view(dimension->dimension.name),
                                         &ValueNames::value_type::first);
    fixed.push_back(named == values.end() ? std::nullopt : dimension->value(named->second));
  }
  std::vector<const UnitCost*> found;
  std::vector<uint32_t> at(cost.by.size(), 0);
  for (size_t i = 0; i < at.size(); ++i) at[i] = fixed[i].value_or(0);
  while (true) {
    uint32_t cell = 0;
    for (size_t i = 0; i < at.size(); ++i) cell = cell * cost.value_counts[i] + at[i];
    const UnitCost* row = &cost.rows[cost.row_of_cell[cell]];
    const auto equal = [&](const UnitCost* known) {
      return known == row || (known->minor == row->minor && known->per == row->per);
    };
    if (std::ranges::none_of(found, equal)) found.push_back(row);
    if (found.size() >= most) return found;
    // The next combination of what is not fixed, the last dimension fastest.
    size_t i = at.size();
    while (i > 0 && (fixed[i - 1] || ++at[i - 1] == cost.value_counts[i - 1])) {
      --i;
      if (!fixed[i]) at[i] = 0;
    }
    if (i == 0) return found;
  }
}

}  // namespace toll::dsl::checker
