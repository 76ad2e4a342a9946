#include "tests/differential/oracle.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "tests/differential/oracle_prices.h"
#include "tests/differential/oracle_usage.h"

namespace toll::differential {
namespace {

using boost::multiprecision::denominator;
using boost::multiprecision::lcm;
using boost::multiprecision::numerator;
using TermKind = dsl::syntax::Term::Kind;

/// What items of a charge have free together: both end where one does.
struct SharedByItems {
  explicit SharedByItems(const dsl::Charge& charge) {
    for (const auto& step : charge.quantity_steps) {
      if (!is(step)) continue;
      const bool counted = step.kind == QuantityKind::IncludedItems;
      (counted ? count : sum) = exact(step.quantity);
    }
  }

  static bool is(const dsl::QuantityStep& step) { return step.reach == dsl::Reach::Shared; }

  /// Whether an item is free while each allowance has room, before it by count, after it by sum.
  bool take(Fraction& quantity) {
    if (ended) return false;
    ended = (count && *count < 1) || (sum && *sum < quantity);
    if (ended && !(count && *count < 1)) quantity -= *sum;
    if (ended) return false;
    if (count) *count -= 1;
    if (sum) *sum -= quantity;
    return true;
  }

  std::optional<Fraction> count, sum;
  bool ended = false;
};

class Rater {
 public:
  Rater(const dsl::RateCard& card, const Usage& usage) : card_(card), usage_(usage) {}

  Bill rate() {
    try {
      for (const auto& charge : card_.charges) used_.push_back(used_for(card_, charge, usage_));
      for (const auto& available : usage_.available)
        if (available >= power_of_ten(18)) throw Fault::TooMuchUsage;
      split_ = split_of(card_.pools, usage_,
                        [&](const dsl::Pool& pool) { return widths_of(pool, 1).quantity; });
      if (rounds_bill()) find_common();
      for (const auto& item : card_.items) {
        const Fraction before = total_;
        if (item.kind == dsl::ItemRef::Kind::Fee) add_fee(item.index);
        if (item.kind == dsl::ItemRef::Kind::Charge) add_charge(item.index);
        sums_[{item.kind, item.index}] = total_ - before;
      }
      for (const auto& pool : card_.pools)
        if (pool.beyond != dsl::Pool::Beyond::Unsaid) add_beyond(pool);
      size_t commitments = 0;
      for (const auto& step : card_.bill_steps) {
        if (step.commitment) {
          add_commitment(step, usage_.commitments.at(commitments++));
          continue;
        }
        begin("bill/" + std::string(name_of(step.kind)));
        add_step_on_sum(step.kind, step.fraction, money(step), total_);
      }
      for (size_t i = 0; i < card_.pools.size(); ++i)
        if (!card_.pools[i].credit) add_drawn(card_.pools[i].name, usage_.available.at(i));
      if (rounds_bill()) spread();
      bill_.total = numerator(total_);
    } catch (Fault fault) {
      bill_.fault = fault;
      bill_.fault_path = path_;
    }
    return std::move(bill_);
  }

 private:
  bool rounds_bill() const { return card_.rounding_place == dsl::RoundingPlace::Bill; }

  /// C: what the exact lines of a bill that is rounded as a whole are added up in. It is the least
  /// common multiple of the D of all charges in money and of the E x P of pools (PoolWidths), x the
  /// denominators of all percentages on the bill x 10^s for the largest s x the days of the period
  /// where a fee is prorated. C x rounding step must fit, or the first line fails; so must each
  /// line and each total so far in 1/C.
  void find_common() {
    Integer scale = 1;
    for (size_t i = 0; i < card_.charges.size(); ++i) {
      if (!card_.charges[i].credit)
        common_ = lcm(common_, widths_at_end(card_.charges[i], 1).amount);
      scale = std::max(scale, power_of_scale(card_.charges[i], used_[i]));
    }
    for (const auto& pool : card_.pools)
      if (pool.beyond != dsl::Pool::Beyond::Unsaid)
        common_ = lcm(common_, widths_of(pool, 1).amount);
    scale = std::max(scale, power_of_scale(card_.pools, usage_));
    for (const auto& step : card_.bill_steps)
      if (step.fraction) common_ *= step.fraction->denominator();
    common_ *= scale * split_;
    if (std::ranges::any_of(card_.fees, &dsl::Fee::prorated_by_day)) common_ *= usage_.period_days;
  }

  Widths widths_of(const dsl::Charge& charge, const Integer& scale) const {
    Integer quantities = 1, prices = 1;
    const auto take = [](Integer& parts, const Ratio& value) {
      parts = lcm(parts, Integer(value.denominator()));
    };
    for (const auto& step : charge.quantity_steps) {
      take(quantities, step.quantity);
      if (step.kind == QuantityKind::IncludedShare)
        quantities = lcm(quantities, Integer(step.quantity.denominator()) *
                                         widths_at_end(card_.charges[step.of], 1).amount);
    }
    for (const auto& table : charge.tables) {
      for (const auto& tier : table.tiers) {
        if (tier.up_to) take(quantities, *tier.up_to);
        for (const auto& bound : tier.also_up_to) take(quantities, bound);
        for (const auto& term : tier.terms) {
          take(prices, term.price_minor);
          if (term.kind == TermKind::PerStarted) take(quantities, term.block);
        }
      }
    }
    return {quantities * scale, quantities * prices * scale};
  }

  /// Of the pool that bills what is left: E is the least common multiple of the D of its charges
  /// and of the denominators of its block sizes, D is E x that of the denominators of its prices.
  Widths widths_of(const dsl::Pool& pool, const Integer& scale) const {
    Widths widths;
    Integer prices = 1;
    for (const uint32_t charge : pool.charges)
      widths.quantity = lcm(widths.quantity, widths_at_end(card_.charges[charge], 1).amount);
    for (const auto& term : pool.price) {
      prices = lcm(prices, Integer(term.price_minor.denominator()));
      if (term.kind == TermKind::PerStarted)
        widths.quantity = lcm(widths.quantity, Integer(term.block.denominator()));
    }
    return {widths.quantity * scale, widths.quantity * prices * scale};
  }

  /// After all steps that act on a row or an item.
  Widths widths_at_end(const dsl::Charge& charge, const Integer& scale) const {
    Widths widths = widths_of(charge, scale);
    for (const auto& step : charge.money_steps)
      if (step.reach != dsl::Reach::Shared) widths = widened(widths, step);
    return widths;
  }

  /// 10^s. A charge that takes a share of another one has at least the places of that one.
  Integer scale_of(uint32_t index) {
    const dsl::Charge& charge = card_.charges[index];
    Integer scale = power_of_scale(charge, used_[index]);
    for (const auto& step : charge.quantity_steps)
      if (step.kind == QuantityKind::IncludedShare) scale = std::max(scale, scales_.at(step.of));
    return scales_[index] = scale;
  }

  /// What a charge comes to on a day, or in the period, where others take a share of it.
  void keep(uint32_t index, uint32_t day, const Fraction& amount, const Widths& widths) {
    kept_[index][day] += amount;
    const bool taken = std::ranges::any_of(card_.charges, [&](const dsl::Charge& other) {
      return std::ranges::any_of(other.quantity_steps, [&](const dsl::QuantityStep& step) {
        return step.kind == QuantityKind::IncludedShare && step.of == index;
      });
    });
    if (taken) require_fit(kept_[index][day], widths.amount);
  }

  void begin(std::string path) {
    path_ = std::move(path);
    if (rounds_bill()) require_fit(card_.rounding_step_minor, common_);
  }

  /// The total rounded, and its steps given to the lines by largest remainder.
  void spread() {
    const Integer step = card_.rounding_step_minor;
    std::vector<size_t> order;
    Integer left = round_exactly(total_, step, card_.rounding) / step;
    for (Line& line : bill_.lines) {
      order.push_back(order.size());
      if (line.in_credits) continue;
      path_ = line.path;
      Integer steps = round_exactly(line.exact, step, RoundingMode::Down) / step;
      if (line.exact < steps * step) --steps;
      using Limits = std::numeric_limits<int64_t>;
      if (steps * step < Limits::min() || (steps + 1) * step > Limits::max()) {
        bill_.lines.resize(order.size() - 1);
        throw Fault::TooLarge;
      }
      line.amount = steps * step;
      left -= steps;
    }
    std::erase_if(order, [&](size_t i) { return bill_.lines[i].in_credits; });
    const auto rest = [&](size_t i) {
      return Fraction(bill_.lines[i].exact - bill_.lines[i].amount);
    };
    std::vector<Fraction> rests;
    for (size_t i = 0; i < bill_.lines.size(); ++i) rests.push_back(rest(i));
    std::ranges::stable_sort(order, std::greater<>(), [&](size_t i) { return rests[i]; });
    for (size_t i = 0; i < left; ++i) bill_.lines[order[i]].amount += step;
    total_ = round_exactly(total_, step, card_.rounding);
  }

  void add_line(const Fraction& amount) {
    if (rounds_bill()) {
      require_fit(abs(amount), common_);
      total_ += amount;
      require_fit(abs(total_), common_);
      bill_.lines.push_back({path_, amount, 0});
      return;
    }
    const Integer minor = rounded(amount);
    bill_.lines.push_back({path_, amount, minor});
    total_ += minor;
  }

  /// The line of a charge; one in credits is exact and no part of the total.
  void add_line_of(uint32_t charge, const Fraction& amount) {
    if (!card_.charges[charge].credit) return add_line(amount);
    bill_.lines.push_back({path_, amount, 0, true});
    credits_[charge] += amount;
  }

  /// What the charges in one unit come to, drawn from its pools in order, one charge after another;
  /// what is left has the price of the last pool.
  void add_beyond(const dsl::Pool& last) {
    begin(last.name + "/beyond");
    Integer scale = power_of_scale(card_.pools, usage_);
    for (uint32_t i = 0; i < card_.charges.size(); ++i)
      if (card_.charges[i].credit) scale = std::max(scale, scales_.at(i));
    const Widths widths = widths_of(last, scale * split_);
    require_fit(1, widths.quantity);
    require_fit(1, widths.amount);
    Fraction sum = 0;
    for (const uint32_t charge : last.charges) sum += credits_[charge];
    require_fit(sum, widths.quantity);
    for (size_t i = 0; i < card_.pools.size(); ++i) {
      const dsl::Pool& pool = card_.pools[i];
      if (pool.credit != last.credit) continue;
      Fraction left = usage_.available.at(i);
      for (const uint32_t charge : pool.charges) {
        const Fraction paid = std::min(left, credits_[charge]);
        credits_[charge] -= paid;
        left -= paid;
        sum -= paid;
      }
    }
    if (sum > 0 && last.beyond == dsl::Pool::Beyond::Blocked) throw Fault::PoolIsEmpty;
    const Fraction amount = sum > 0 ? price_of(last.price, sum) : Fraction(0);
    require_fit(amount, widths.amount);
    if (!rounds_bill()) require_fit(card_.rounding_step_minor, widths.amount);
    add_line(amount);
  }

  /// A pool in money pays the total, in whole steps of rounding.
  void add_drawn(const std::string& name, const Fraction& available) {
    begin(name);
    const Fraction whole = round_exactly(available, card_.rounding_step_minor, RoundingMode::Down);
    add_line(-std::min(total_, whole));
  }

  Integer rounded(const Fraction& amount) const {
    const Integer minor = round_exactly(amount, card_.rounding_step_minor, card_.rounding);
    using Limits = std::numeric_limits<int64_t>;
    if (minor < Limits::min() || minor > Limits::max()) throw Fault::TooLarge;
    return minor;
  }

  void add_fee(uint32_t index) {
    const dsl::Fee& fee = card_.fees[index];
    begin(fee.name);
    if ((fee.once || fee.term) && !usage_.fees_due.at(index)) return add_line(0);
    add_line(fee.prorated_by_day ? fee.amount_minor * part() : Fraction(fee.amount_minor));
  }

  /// The part of the period that is covered.
  Fraction part() const { return Fraction(usage_.covered_days, usage_.period_days); }

  /// A fixed amount. One that is prorated is rounded, but for a whole period.
  template <typename Step>
  Fraction money(const Step& step) const {
    if (!step.prorated_by_day || part() == 1) return step.amount_minor;
    return round_exactly(step.amount_minor * part(), card_.rounding_step_minor, card_.rounding);
  }

  /// What acts on a sum of rounded lines is rounded like them.
  Fraction like_lines(const Fraction& amount) const {
    if (rounds_bill()) return amount;
    return round_exactly(amount, card_.rounding_step_minor, card_.rounding);
  }

  Fraction allowance(const dsl::QuantityStep& step, uint32_t day) const {
    if (step.kind == QuantityKind::IncludedShare) {
      const auto kept = kept_.find(step.of);
      if (kept == kept_.end() || !kept->second.contains(day)) return 0;
      return exact(step.quantity) * kept->second.at(day);
    }
    if (!step.prorated || part() == 1) return exact(step.quantity);
    return round_exactly(exact(step.quantity) * part(), 1, RoundingMode::HalfUp);
  }

  void add_step_on_sum(MoneyKind kind, const std::optional<Ratio>& fraction, const Fraction& amount,
                       const Fraction& sum) {
    Fraction by = like_lines(amount);
    if (fraction) {
      by = exact(*fraction) * sum;
      require_fit(by, common_ * fraction->denominator());
      if (!rounds_bill()) require_fit(card_.rounding_step_minor, fraction->denominator());
    } else {
      require_fit(by, common_);
    }
    add_line(after_money_line(kind, sum, by, usage_.final) - sum);
  }

  void add_commitment(const dsl::BillStep& step, const Usage::Commitment& state) {
    begin(step.commitment->name);
    const Fraction open =
        like_lines(std::max<Fraction>(0, Fraction(step.amount_minor) - state.billed));
    require_fit(open, common_);
    Fraction toward = 0;
    if (step.commitment->counts.empty()) toward += total_;
    for (const auto& item : step.commitment->counts) toward += sums_.at({item.kind, item.index});
    const bool due = state.due && usage_.final;
    add_line(due ? std::max<Fraction>(0, open - toward) : Fraction(0));
  }

  std::string cell_path(const dsl::Charge& charge, uint32_t cell) const {
    std::string keys;
    for (size_t i = charge.by.size(); i-- > 0;) {
      const auto& values = card_.dimensions[charge.by[i]].values;
      keys = "/" + values[cell % values.size()] + keys;
      cell /= values.size();
    }
    return charge.name + keys;
  }

  void add_charge(uint32_t index) {
    const dsl::Charge& charge = card_.charges[index];
    const Fraction before = total_;
    charge.grain == dsl::Grain::Cell ? add_lines_of_cells(index) : add_lines_of_items(index);
    for (const auto& step : charge.money_steps) {
      if (step.reach != dsl::Reach::Shared) continue;
      begin(charge.name + "/" + std::string(name_of(step.kind)));
      add_step_on_sum(step.kind, step.fraction, money(step), total_ - before);
    }
  }

  void add_lines_of_cells(uint32_t index) {
    const dsl::Charge& charge = card_.charges[index];
    Used& use = used_[index];
    for (const auto& item : charge.share_of)
      use.cells[0].begin()->second += sums_.at({item.kind, item.index});
    const Integer scale = scale_of(index);
    const Widths widths = widths_of(charge, scale);
    std::vector<Fraction> allowances;  // what is left of them, for those that rows share
    for (const auto& step : charge.quantity_steps) allowances.push_back(allowance(step, 0));
    bool first = true;
    for (uint32_t cell : charge.cells_in_row_order) {
      const auto used = use.cells.find(cell);
      if (used == use.cells.end()) continue;
      begin(cell_path(charge, cell));
      if (first) {
        for (size_t i = 0; i < allowances.size(); ++i) {
          if (!charge.quantity_steps[i].per) continue;
          require_fit(allowances[i], widths.quantity);
          require_fit(*use.to_date, widths.quantity);
          allowances[i] = std::max<Fraction>(0, allowances[i] - *use.to_date);
        }
        choosers_ = choosers(charge, use, allowances, widths);
      }
      first = false;
      const Fraction amount = amount_of(charge, cell, used->second, allowances, widths);
      keep(index, 0, amount, widths_at_end(charge, scale));
      add_line_of(index, amount);
    }
  }

  void add_lines_of_items(uint32_t index) {
    const dsl::Charge& charge = card_.charges[index];
    const Integer scale = scale_of(index);
    const Widths widths = widths_of(charge, scale), at_end = widths_at_end(charge, scale);
    const bool round = !charge.credit && charge.grain == dsl::Grain::Item &&
                       card_.rounding_place == dsl::RoundingPlace::Item;
    SharedByItems shared(charge);
    for (uint32_t cell : charge.cells_in_row_order) {
      const auto used = used_[index].items.find(cell);
      if (used == used_[index].items.end()) continue;
      begin(cell_path(charge, cell));
      // What is left of a shared sum is a quantity like any other; it only becomes less.
      if (shared.sum) require_fit(*SharedByItems(charge).sum, widths.quantity);
      Fraction sum = 0;
      for (const auto& item : used->second) {
        const std::optional<Fraction> due = amount_of(charge, cell, item, shared, widths);
        if (!due) continue;
        if (round) require_fit(card_.rounding_step_minor, at_end.amount);
        sum += round ? Fraction(rounded(*due)) : *due;
        require_fit(sum, round ? Integer(1) : at_end.amount);
        if (charge.grain == dsl::Grain::Day) keep(index, item.day, *due, at_end);
      }
      if (!round) require_fit(step_of(charge), at_end.amount);
      add_line_of(index, sum);
    }
  }

  /// What a line is rounded to; credits are not, but 1/D of one must be there.
  Integer step_of(const dsl::Charge& charge) const {
    return charge.credit ? 1 : card_.rounding_step_minor;
  }

  /// Empty: the item is free, and no line of the charge changes that.
  std::optional<Fraction> amount_of(const dsl::Charge& charge, uint32_t cell,
                                    const Usage::Item& item, SharedByItems& shared,
                                    Widths widths) const {
    Fraction quantity = item.quantity;
    require_fit(quantity, widths.quantity);
    bool asked = false;
    for (const auto& step : charge.quantity_steps) {
      if (SharedByItems::is(step)) {
        if (!asked && shared.take(quantity)) return std::nullopt;
        asked = true;
        continue;
      }
      Fraction free = allowance(step, item.day);
      quantity = after_quantity_step(step, quantity, free, widths);
    }
    Fraction amount = price(charge, charge.tables[charge.table_of_cell[cell]], quantity, widths);
    require_fit(amount, widths.amount);
    for (const auto& step : charge.money_steps) {
      if (step.reach == dsl::Reach::Shared) break;
      const bool acts =
          !step.condition ||
          holds(*step.condition, value_in(card_, item.key, step.condition->dimension));
      amount = after_step(step, acts, amount, widths, /*final=*/true);
    }
    return amount;
  }

  /// What the bounds of tiers are held against beside or instead of a cell's own quantity.
  static std::vector<Fraction> choosers(const dsl::Charge& charge, const Used& used,
                                        std::vector<Fraction> allowances, const Widths& widths) {
    std::vector<Fraction> result = used.totals;
    if (charge.tier_by == dsl::TierBy::Rows) {
      Fraction sum = 0;
      for (uint32_t cell : charge.cells_in_row_order) {
        const auto parts = used.cells.find(cell);
        if (parts == used.cells.end()) continue;
        const Fraction& quantity = parts->second.begin()->second;
        require_fit(quantity, widths.quantity);
        sum += after_quantity_steps(charge, quantity, allowances, widths);
        require_fit(sum, widths.quantity);
      }
      result = {sum};
    }
    if (charge.tier_by != dsl::TierBy::Joint)
      for (const auto& each : result) require_fit(each, widths.quantity);
    return result;
  }

  Fraction price(const dsl::Charge& charge, const dsl::PriceTable& table, const Fraction& quantity,
                 const Widths& widths) const {
    if (charge.tier_by == dsl::TierBy::Own) {
      return price_of(table, quantity, [&](Fraction slice, bool last) {
        if (card_.rounding_place != dsl::RoundingPlace::Tier || charge.credit) return slice;
        if (last) require_fit(slice, widths.amount);
        return Fraction(round_exactly(slice, card_.rounding_step_minor, card_.rounding));
      });
    }
    bool used = quantity > 0;
    std::vector<Fraction> held = choosers_;
    if (charge.tier_by == dsl::TierBy::Joint) {
      for (const auto& other : choosers_) {
        require_fit(other, widths.quantity);
        used = used || other > 0;
      }
      held.insert(held.begin(), quantity);
    }
    if (!used) return 0;
    for (const auto& tier : table.tiers) {
      bool holds = !tier.up_to || held[0] <= exact(*tier.up_to);
      for (size_t i = 0; i < tier.also_up_to.size(); ++i)
        holds = holds && held[i + 1] <= exact(tier.also_up_to[i]);
      if (holds) return price_of(tier.terms, quantity);
    }
    throw Fault::AboveLastTier;
  }

  Fraction amount_of(const dsl::Charge& charge, uint32_t cell, const Parts& parts,
                     std::vector<Fraction>& allowances, Widths widths) const {
    // Steps up to the last condition on a dimension outside `by` act on each part by itself; then
    // the parts are added up and the other steps act on the sum.
    const auto& steps = charge.money_steps;
    const auto split_end = std::find_if(steps.rbegin(), steps.rend(), is_outside_by).base();

    Fraction sum = 0;
    Widths after_split = widths;
    for (auto step = steps.begin(); step != split_end; ++step)
      after_split = widened(after_split, *step);
    for (const auto& [part, used] : parts) {
      require_fit(used, widths.quantity);
      const Fraction quantity = after_quantity_steps(charge, used, allowances, widths);
      Fraction amount = price(charge, charge.tables[charge.table_of_cell[cell]], quantity, widths);
      Widths now = widths;
      require_fit(amount, now.amount);
      auto truth = part.begin();
      for (auto step = steps.begin(); step != split_end; ++step) {
        const bool acts = is_outside_by(*step) ? *truth++ : acts_on_cell(charge, cell, *step);
        amount = after_step(*step, acts, amount, now, usage_.final);
      }
      sum += amount;
      require_fit(sum, after_split.amount);
    }
    for (auto step = split_end; step != steps.end() && step->reach != dsl::Reach::Shared; ++step)
      sum = after_step(*step, acts_on_cell(charge, cell, *step), sum, after_split, usage_.final);
    require_fit(step_of(charge), after_split.amount);
    return sum;
  }

  static Fraction after_quantity_steps(const dsl::Charge& charge, Fraction quantity,
                                       std::vector<Fraction>& allowances, const Widths& widths) {
    for (size_t i = 0; i < charge.quantity_steps.size(); ++i)
      quantity = after_quantity_step(charge.quantity_steps[i], quantity, allowances[i], widths);
    return quantity;
  }

  bool acts_on_cell(const dsl::Charge& charge, uint32_t cell, const dsl::MoneyStep& step) const {
    if (!step.condition) return true;
    uint32_t value = cell;
    for (size_t i = charge.by.size(); i-- > 0;) {
      const uint32_t radix = card_.dimensions[charge.by[i]].values.size();
      if (charge.by[i] == step.condition->dimension) return holds(*step.condition, value % radix);
      value /= radix;
    }
    throw std::logic_error("a condition on a dimension that is not among the charge's own");
  }

  Fraction after_step(const dsl::MoneyStep& step, bool acts, const Fraction& before, Widths& widths,
                      bool final) const {
    widths = widened(widths, step);
    Fraction after = before;
    if (acts && step.fraction) after = before * factor_of(step);
    if (acts && !step.fraction) after = after_money_line(step.kind, before, money(step), final);
    require_fit(after, widths.amount);
    return after;
  }

  const dsl::RateCard& card_;
  const Usage& usage_;
  std::vector<Used> used_;                                            // by charge
  std::vector<Fraction> choosers_;                                    // of the charge being rated
  std::map<std::pair<dsl::ItemRef::Kind, uint32_t>, Fraction> sums_;  // of an item's lines
  std::map<uint32_t, Fraction> credits_;  // by charge: what its lines come to, and no pool paid
  Fraction total_ =
      0;  // of the lines so far, as they stand: rounded, unless the bill is as a whole
  Integer common_ = 1;                                     // see find_common()
  Integer split_ = 1;                                      // see split_of()
  std::map<uint32_t, Integer> scales_;                     // 10^s of the charges so far
  std::map<uint32_t, std::map<uint32_t, Fraction>> kept_;  // by charge and day
  Bill bill_;
  std::string path_;  // of the line being rated
};

}  // namespace

Bill rate_exactly(const dsl::RateCard& card, const Usage& usage) {
  return Rater(card, usage).rate();
}

Integer round_exactly(const Fraction& amount, const Integer& step, RoundingMode mode) {
  const Fraction steps = abs(amount) / Fraction(step);
  Integer whole = numerator(steps) / denominator(steps);
  const Fraction twice_the_rest = 2 * (steps - whole);
  bool away = false;
  if (mode == RoundingMode::Up) away = twice_the_rest > 0;
  if (mode == RoundingMode::HalfUp) away = twice_the_rest >= 1;
  if (mode == RoundingMode::HalfEven)
    away = twice_the_rest > 1 || (twice_the_rest == 1 && whole % 2 != 0);
  if (away) ++whole;
  return amount < 0 ? Integer(-whole * step) : Integer(whole * step);
}

Fraction exact(const Ratio& value) {
  return Fraction(Integer(value.numerator()), Integer(value.denominator()));
}

Fraction exact(const Decimal& value) {
  return Fraction(Integer(value.mantissa)) / power_of_ten(value.scale);
}

}  // namespace toll::differential
