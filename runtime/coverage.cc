#include "runtime/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/money.h"
#include "dsl/table_file.h"
#include "runtime/quoting/example_usage.h"
#include "runtime/quoting/rated.h"

namespace toll::runtime {
namespace {

using compiler::LineOrigin;
using LineKey = std::pair<std::string, uint32_t>;
using Lines = std::map<LineKey, PriceLineCoverage>;

/// What the examples of one card reach.
class Heard {
 public:
  Heard(const Revision& revision, TableCoverage tables, Lines& lines)
      : revision_(revision), tables_(tables), lines_(lines) {
    for (const dsl::Charge& charge : revision.card().charges)
      for (const dsl::PriceTable& table : charge.tables)
        for (const dsl::Tier& tier : table.tiers) add(charge, tier);
    for (const dsl::Pool& pool : revision.card().pools) add(pool);
  }

  void rate(BoundUsage& bound) {
    Listener listener(*this, bound);
    compiler::RateOutput output{.lines = bound.usage.lines().data()};
    const auto rated = runtime::rate(bound, true, output, &listener);
    if (rated && output.fault == compiler::FaultKind::None) hear_pools(bound, output);
  }

  void finish() {
    for (const auto& [place, sides] : sides_) {
      BoundCoverage& bound = *lines_.at(std::get<LineKey>(place)).bound;
      bound.at |= sides.at;
      bound.above |= sides.above;
      bound.tested |= sides.at && (sides.above || sides.closed);
    }
  }

 private:
  /// Where one cell stood to one bound.
  struct Sides {
    bool at = false, above = false;
    bool closed = false;  ///< a limit blocks above this bound
  };

  /// Hears one rating.
  class Listener : public compiler::Trace {
   public:
    Listener(Heard& heard, const BoundUsage& bound) : heard_(heard) {
      compiler::for_each_line(heard.revision_.program(), *bound.input,
                              [&](uint32_t, const LineOrigin& origin) {
                                origins_.push_back(origin);
                                const bool cell = origin.kind == LineOrigin::Kind::Cell;
                                if (cell && !heard.charge_of(origin).is_share())
                                  heard.use(origin, used(bound, origin));
                              });
    }

    void on_tier(uint32_t line, uint32_t, const compiler::PricedTier& priced) override {
      heard_.line_of(heard_.table_of(origins_[line]).tiers[priced.tier]).reached = true;
    }

    void on_priced(uint32_t line, uint32_t, const Ratio& quantity, const Ratio& held,
                   const Ratio&) override {
      heard_.stand(origins_[line], held);
      if (heard_.charge_of(origins_[line]).is_share()) heard_.use_share(origins_[line], quantity);
    }

   private:
    static Decimal used(const BoundUsage& bound, const LineOrigin& origin) {
      const compiler::ChargeUsage& usage = bound.input->charges[origin.item];
      const compiler::Charge& charge = bound.revision->program().charges[origin.item];
      const auto quantities = compiler::quantities_of(charge, usage, origin.entry);
      const Int128 quantity = std::accumulate(quantities.begin(), quantities.end(), Int128{0});
      return Decimal{quantity, static_cast<int>(usage.scale)}.normalized();
    }

    Heard& heard_;
    std::vector<LineOrigin> origins_;  // per line
  };

  bool counts_as_file(const dsl::Tier& tier) const {
    return tables_ == TableCoverage::WholeFile && dsl::is_table_file(tier.source.file);
  }

  LineKey line_key(const dsl::Tier& tier) const {
    return {tier.source.file, counts_as_file(tier) ? 1 : tier.source.line};
  }
  static LineKey line_key(const dsl::Pool& pool) {
    return {pool.beyond_source.file, pool.beyond_source.line};
  }
  PriceLineCoverage& line_of(const dsl::Tier& tier) { return lines_.at(line_key(tier)); }

  dsl::SourceLine source_of(const dsl::Tier& tier) const {
    dsl::SourceLine source = tier.source;
    source.line = line_key(tier).second;
    if (counts_as_file(tier)) source.text = fmt::format("rows from \"{}\"", source.file);
    return source;
  }

  void add(const dsl::Charge& charge, const dsl::Tier& tier) {
    PriceLineCoverage& line = lines_[line_key(tier)];
    line.source = source_of(tier);
    line.unit = charge.is_share() ? std::string(revision_.card().currency.name())
                                  : revision_.card().meters[charge.meter].unit_plural;
    if (is_bound(charge, tier) && !line.bound) line.bound.emplace();
  }

  /// Bounds of several meters are passed one by one, so they have no two sides.
  static bool is_bound(const dsl::Charge& charge, const dsl::Tier& tier) {
    return tier.up_to && !tier.up_to->is_zero() && charge.tier_by != dsl::TierBy::Joint;
  }

  /// What is beyond a pool is a price like others.
  void add(const dsl::Pool& pool) {
    if (pool.beyond != dsl::Pool::Beyond::Priced) return;
    PriceLineCoverage& line = lines_[line_key(pool)];
    line.source = pool.beyond_source;
    line.unit = revision_.card().credits[*pool.credit].plural;
  }

  void hear_pools(const BoundUsage& bound, const compiler::RateOutput& output) {
    const auto& steps = revision_.program().credit_steps;
    const std::vector<Draws> draws = draws_of(bound, output);
    for (size_t i = 0; i < steps.size(); ++i) {
      const dsl::Pool& pool = revision_.card().pools[steps[i].billed_by()];
      if (pool.beyond != dsl::Pool::Beyond::Priced) continue;
      PriceLineCoverage& line = lines_.at(line_key(pool));
      line.used = true;
      line.reached = line.reached || draws[i].beyond > 0;
      const auto beyond =
          Ratio::of(draws[i].beyond, draws[i].unit).floor_to(DecimalLimits{}.places_max);
      if (beyond) line.largest = std::max(line.largest, *beyond);
    }
  }

  const dsl::Charge& charge_of(const LineOrigin& cell) const {
    return revision_.card().charges[cell.item];
  }

  const dsl::PriceTable& table_of(const LineOrigin& cell) const {
    return charge_of(cell).tables[charge_of(cell).table_of_cell[cell.cell]];
  }

  void use(const LineOrigin& cell, const Decimal& quantity) {
    for (const dsl::Tier& tier : table_of(cell).tiers) {
      PriceLineCoverage& line = line_of(tier);
      line.used = true;
      line.largest = std::max(line.largest, quantity);
    }
  }

  /// The amount that a share is taken of, in the major unit.
  void use_share(const LineOrigin& cell, const Ratio& minor) {
    const std::string amount =
        format_minor(minor.numerator() / minor.denominator(), revision_.card().currency);
    use(cell, parse_decimal(amount, {.places_max = 4, .whole_digits_max = 34}).value_or(Decimal{}));
  }

  void stand(const LineOrigin& cell, const Ratio& quantity) {
    const dsl::PriceTable& table = table_of(cell);
    for (const dsl::Tier& tier : table.tiers) {
      if (!is_bound(charge_of(cell), tier)) continue;
      Sides& sides = sides_[{line_key(tier), {cell.item, cell.cell}, tier.source.line}];
      sides.at |= quantity == *tier.up_to;
      sides.above |= quantity > *tier.up_to;
      sides.closed = &tier == &table.tiers.back();
    }
  }

  const Revision& revision_;
  const TableCoverage tables_;
  Lines& lines_;
  using Cell = std::pair<uint32_t, uint32_t>;                   // charge and cell
  std::map<std::tuple<LineKey, Cell, uint32_t>, Sides> sides_;  // the last is the bound's own line
};

}  // namespace

void Coverage::add(const std::shared_ptr<const Revision>& revision) {
  Heard heard(*revision, tables_, lines_);
  for (const dsl::Example& example : revision->card().examples) {
    // Over a change of plan a price may be asked for what it had before, and billed for no unit.
    if (!example.changes.empty()) {
      ++left_out_;
      continue;
    }
    if (const auto bound = bind_example(revision, example)) heard.rate(**bound);
  }
  heard.finish();
}

std::vector<PriceLineCoverage> Coverage::price_lines() const {
  std::vector<PriceLineCoverage> lines;
  for (const auto& [key, line] : lines_) lines.push_back(line);
  return lines;
}

}  // namespace toll::runtime
