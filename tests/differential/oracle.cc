#include "tests/differential/oracle.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace toll::differential {
namespace {

using boost::multiprecision::denominator;
using boost::multiprecision::lcm;
using boost::multiprecision::numerator;
using dsl::TierKind;
using MoneyKind = dsl::syntax::MoneyLine::Kind;
using TermKind = dsl::syntax::Term::Kind;

const Integer kMax128 = (Integer(1) << 127) - 1;

Fraction power_of_ten(int exponent) { return boost::multiprecision::pow(Integer(10), exponent); }

/// The one way in which an open table can fail: a number that leaves 128 bits. On a line that
/// prices usage, every quantity is a whole number of 1/(E x 10^s) and every amount of 1/(D x 10^s),
/// and each must be at most 2^127 - 1 after each step:
///
///   E   least common multiple of the denominators of the charge's allowances, rounding steps, tier
///       bounds (also those in another meter's unit) and block sizes;
///   D   E x the least common multiple of the denominators of its prices at first; each percentage
///       step, also one whose condition fails, multiplies it by the reduced denominator of 1 +- p;
///   s   fewest decimal places at which the charge's quantities of this usage are whole, once the
///       entries of one cell and part have been added up; so are those of meters that choose its
///       tier, in all, and what was used to date.
///
/// What another meter or the sum of all cells chooses a tier by is worked out before the first line
/// of the charge, and so is what is left of an allowance for more than the period. Constants do not
/// count, only what steps yield. Of one line the first failing step in order of evaluation decides;
/// last comes D x 10^s x rounding step. A bill line in per cent has the denominator of p for its D,
/// and s = 0. Every rounded amount must fit 64 bits.
struct Widths {
  Integer quantity = 1;  // E x 10^s
  Integer amount = 1;    // D x 10^s
};

void require_fit(const Fraction& value, const Integer& unit_parts) {
  const Fraction whole = value * unit_parts;
  if (denominator(whole) != 1)
    throw std::logic_error("the oracle's own denominators are too small");
  if (whole > kMax128) throw Fault::TooLarge;
}

/// Quantities by cell, and in a cell by which conditions on dimensions outside `by` hold.
using Parts = std::map<std::vector<bool>, Fraction>;
using Cells = std::map<uint32_t, Parts>;

/// What was used for a charge: of its own meter by cell, and in all of each meter that has a say in
/// its tier.
struct Used {
  Cells cells;
  std::vector<Fraction> totals;
  std::optional<Fraction> to_date;  // where an allowance is for more than the period
};

/// 10^s.
Integer power_of_scale(const Used& used) {
  Integer power = 1;
  const auto widen = [&](const Fraction& quantity) {
    while (power % denominator(quantity) != 0) power *= 10;
  };
  for (const auto& [cell, parts] : used.cells)
    for (const auto& [part, quantity] : parts) widen(quantity);
  for (const auto& total : used.totals) widen(total);
  if (used.to_date) widen(*used.to_date);
  return power;
}

Widths widths_of(const dsl::Charge& charge, const Used& used) {
  Integer quantities = 1, prices = 1;
  const auto take = [](Integer& parts, const Ratio& value) {
    parts = lcm(parts, Integer(value.denominator()));
  };
  for (const auto& step : charge.quantity_steps) take(quantities, step.quantity);
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
  const Integer scale = power_of_scale(used);
  return {quantities * scale, quantities * prices * scale};
}

Integer ceiling(const Fraction& value) { return round_exactly(value, 1, RoundingMode::Up); }

Fraction price_of(const std::vector<dsl::Term>& terms, const Fraction& quantity) {
  Fraction sum = 0;
  for (const auto& term : terms) {
    const Fraction price = exact(term.price_minor);
    if (term.kind == TermKind::PerUnit) sum += price * quantity;
    if (term.kind == TermKind::PerStarted) sum += price * ceiling(quantity / exact(term.block));
    if (term.kind == TermKind::Flat) sum += price;
  }
  return sum;
}

/// `slice` is what a tier's share of a graduated amount becomes: it may be rounded.
template <typename Slice>
Fraction price_of(const dsl::PriceTable& table, const Fraction& quantity, const Slice& slice) {
  if (table.kind == TierKind::None)
    return quantity == 0 ? Fraction(0) : price_of(table.tiers.front().terms, quantity);
  Fraction sum = 0, below = 0;
  for (const auto& tier : table.tiers) {
    const bool ends_here = !tier.up_to || quantity <= exact(*tier.up_to);
    const bool due_at_zero = tier.up_to && tier.up_to->is_zero();
    if (table.kind == TierKind::Graduated) {
      const Fraction top = ends_here ? quantity : exact(*tier.up_to);
      if (top > below || due_at_zero) sum += slice(price_of(tier.terms, top - below), ends_here);
      below = top;
      if (ends_here) return sum;
    } else if (ends_here) {
      return quantity > 0 || due_at_zero ? price_of(tier.terms, quantity) : Fraction(0);
    }
  }
  throw Fault::AboveLastTier;
}

/// A step on an amount of one line, or on the sum of several. A discount takes what is there.
Fraction after_money_line(MoneyKind kind, const Fraction& before, const Fraction& by, bool final) {
  switch (kind) {
    case MoneyKind::Discount:
      return std::max<Fraction>(0, before - by);
    case MoneyKind::Surcharge:
      return before + by;
    case MoneyKind::Minimum:
      return final ? std::max(before, by) : before;
    case MoneyKind::Maximum:
      return std::min(before, by);
  }
  throw std::logic_error("a kind of money line that the oracle does not know");
}

std::string_view name_of(MoneyKind kind) {
  constexpr std::string_view kNames[] = {"discount", "surcharge", "minimum", "maximum"};
  return kNames[static_cast<size_t>(kind)];
}

bool is_outside_by(const dsl::MoneyStep& step) { return step.condition && !step.condition->in_by; }

bool holds(const dsl::Condition& condition, uint32_t value) {
  return std::ranges::find(condition.values, value) != condition.values.end();
}

class Rater {
 public:
  Rater(const dsl::RateCard& card, const Usage& usage) : card_(card), usage_(usage) {}

  Bill rate() {
    try {
      for (const auto& charge : card_.charges) used_.push_back(used_for(charge));
      if (rounds_bill()) find_common();
      for (const auto& item : card_.items) {
        const Fraction before = total_;
        if (item.kind == dsl::ItemRef::Kind::Fee) add_fee(card_.fees[item.index]);
        if (item.kind == dsl::ItemRef::Kind::Charge) add_charge(item.index);
        sums_[{item.kind, item.index}] = total_ - before;
      }
      size_t commitments = 0;
      for (const auto& step : card_.bill_steps) {
        if (step.commitment) {
          add_commitment(step, usage_.commitments.at(commitments++));
          continue;
        }
        begin("bill/" + std::string(name_of(step.kind)));
        add_step_on_sum(step.kind, step.fraction, money(step), total_);
      }
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
  /// common multiple of the D of all charges, x the denominators of all percentages on the bill
  /// x 10^s for the largest s x the days of the period where a fee is prorated. C x rounding step
  /// must fit, or the first line fails; so must each line and each total so far in 1/C.
  void find_common() {
    Integer scale = 1;
    for (size_t i = 0; i < card_.charges.size(); ++i) {
      Widths widths = widths_of(card_.charges[i], {});
      for (const auto& step : card_.charges[i].money_steps)
        if (step.reach != dsl::Reach::Shared) widths = widened(widths, step);
      common_ = lcm(common_, widths.amount);
      scale = std::max(scale, power_of_scale(used_[i]));
    }
    for (const auto& step : card_.bill_steps)
      if (step.fraction) common_ *= step.fraction->denominator();
    common_ *= scale;
    if (std::ranges::any_of(card_.fees, &dsl::Fee::prorated_by_day)) common_ *= usage_.period_days;
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
      path_ = line.path;
      Integer steps = round_exactly(line.exact, step, RoundingMode::Down) / step;
      if (line.exact < steps * step) --steps;
      using Limits = std::numeric_limits<int64_t>;
      if (steps * step < Limits::min() || (steps + 1) * step > Limits::max()) {
        bill_.lines.resize(order.size());
        throw Fault::TooLarge;
      }
      line.amount = steps * step;
      left -= steps;
      order.push_back(order.size());
    }
    const auto rest = [&](size_t i) {
      return Fraction(bill_.lines[i].exact - bill_.lines[i].amount);
    };
    std::vector<Fraction> rests;
    for (size_t i : order) rests.push_back(rest(i));
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
    const Integer rounded = round_exactly(amount, card_.rounding_step_minor, card_.rounding);
    using Limits = std::numeric_limits<int64_t>;
    if (rounded < Limits::min() || rounded > Limits::max()) throw Fault::TooLarge;
    bill_.lines.push_back({path_, amount, rounded});
    total_ += rounded;
  }

  void add_fee(const dsl::Fee& fee) {
    begin(fee.name);
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

  Fraction allowance(const dsl::QuantityStep& step) const {
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

  static uint32_t position(const std::vector<uint32_t>& dimensions, uint32_t dimension) {
    return std::ranges::find(dimensions, dimension) - dimensions.begin();
  }

  Used used_for(const dsl::Charge& charge) const {
    Used used{cells_of(charge), {}, {}};
    const auto longer = [](const dsl::QuantityStep& step) { return step.per.has_value(); };
    if (std::ranges::any_of(charge.quantity_steps, longer)) {
      const auto known = usage_.used_to_date.find(charge.meter);
      used.to_date = known == usage_.used_to_date.end() ? Fraction(0) : known->second;
      if (*used.to_date >= power_of_ten(18)) throw Fault::TooMuchUsage;
    }
    for (uint32_t meter : charge.tier_meters) {
      Fraction total = 0;
      for (const auto& [key, quantity] : usage_.quantities)
        if (key[0] == meter) total += quantity;
      if (total >= power_of_ten(18)) throw Fault::TooMuchUsage;
      used.totals.push_back(total);
    }
    return used;
  }

  Cells cells_of(const dsl::Charge& charge) const {
    Cells cells;
    if (charge.by.empty())
      cells[0][Parts::key_type(std::ranges::count_if(charge.money_steps, is_outside_by))] = 0;
    if (charge.is_share()) return cells;
    const auto& dimensions = card_.meters[charge.meter].dimensions;
    for (const auto& [key, quantity] : usage_.quantities) {
      if (key[0] != charge.meter) continue;
      const auto value_of = [&](uint32_t dimension) {
        return key[1 + position(dimensions, dimension)];
      };
      uint32_t cell = 0;
      for (uint32_t dimension : charge.by)
        cell = cell * card_.dimensions[dimension].values.size() + value_of(dimension);
      std::vector<bool> part;
      for (const auto& step : charge.money_steps) {
        if (is_outside_by(step))
          part.push_back(holds(*step.condition, value_of(step.condition->dimension)));
      }
      cells[cell][part] += quantity;
    }
    for (const auto& [cell, parts] : cells) {
      Fraction sum = 0;
      for (const auto& [part, quantity] : parts) sum += quantity;
      if (sum >= power_of_ten(18)) throw Fault::TooMuchUsage;
    }
    return cells;
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
    Used& use = used_[index];
    for (const auto& item : charge.share_of)
      use.cells[0].begin()->second += sums_.at({item.kind, item.index});
    const Widths widths = widths_of(charge, use);
    std::vector<Fraction> allowances;  // what is left of them, for those that rows share
    for (const auto& step : charge.quantity_steps) allowances.push_back(allowance(step));
    const Fraction before = total_;
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
      add_line(amount_of(charge, cell, used->second, allowances, widths));
    }
    for (const auto& step : charge.money_steps) {
      if (step.reach != dsl::Reach::Shared) continue;
      begin(charge.name + "/" + std::string(name_of(step.kind)));
      add_step_on_sum(step.kind, step.fraction, money(step), total_ - before);
    }
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
        if (card_.rounding_place != dsl::RoundingPlace::Tier) return slice;
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
        amount = after_step(*step, acts, amount, now);
      }
      sum += amount;
      require_fit(sum, after_split.amount);
    }
    for (auto step = split_end; step != steps.end() && step->reach != dsl::Reach::Shared; ++step)
      sum = after_step(*step, acts_on_cell(charge, cell, *step), sum, after_split);
    require_fit(card_.rounding_step_minor, after_split.amount);
    return sum;
  }

  static Fraction after_quantity_steps(const dsl::Charge& charge, Fraction quantity,
                                       std::vector<Fraction>& allowances, const Widths& widths) {
    for (size_t i = 0; i < charge.quantity_steps.size(); ++i) {
      const auto& step = charge.quantity_steps[i];
      if (step.kind == dsl::QuantityStep::Kind::Included) {
        const Fraction free = std::min(quantity, allowances[i]);
        quantity -= free;
        if (step.reach == dsl::Reach::Shared) allowances[i] -= free;
      } else {
        const Fraction size = exact(step.quantity);
        quantity = round_exactly(quantity / size, 1, step.mode) * size;
      }
      require_fit(quantity, widths.quantity);
    }
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

  static Fraction factor_of(const dsl::MoneyStep& step) {
    const Fraction part = exact(*step.fraction);
    return step.kind == MoneyKind::Discount ? Fraction(1 - part) : Fraction(1 + part);
  }

  static Widths widened(Widths widths, const dsl::MoneyStep& step) {
    if (step.fraction) widths.amount *= denominator(factor_of(step));
    return widths;
  }

  Fraction after_step(const dsl::MoneyStep& step, bool acts, const Fraction& before,
                      Widths& widths) const {
    widths = widened(widths, step);
    Fraction after = before;
    if (acts && step.fraction) after = before * factor_of(step);
    if (acts && !step.fraction)
      after = after_money_line(step.kind, before, money(step), usage_.final);
    require_fit(after, widths.amount);
    return after;
  }

  const dsl::RateCard& card_;
  const Usage& usage_;
  std::vector<Used> used_;                                            // by charge
  std::vector<Fraction> choosers_;                                    // of the charge being rated
  std::map<std::pair<dsl::ItemRef::Kind, uint32_t>, Fraction> sums_;  // of an item's lines
  Fraction total_ =
      0;  // of the lines so far, as they stand: rounded, unless the bill is as a whole
  Integer common_ = 1;  // see find_common()
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
