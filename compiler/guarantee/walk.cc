#include "compiler/guarantee/walk.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>

#include "compiler/interpreter.h"
#include "compiler/price_points.h"

namespace toll::compiler {
namespace {

/// Most usages per guarantee, as far as one axis per meter allows.
constexpr uint64_t kUsagesMax = 20'000;

/// Most usages that are rated to find where a share passes its bounds.
constexpr uint64_t kCrossingStepsMax = 20'000;

/// Where prices that no tier ends are looked at: a trillion units.
constexpr Decimal kFar{1'000'000'000'000, 0};

constexpr Decimal kLeast{1, DecimalLimits{}.places_max};

std::optional<Ratio> bound_of(const dsl::Guarantee& guarantee, uint32_t meter) {
  for (const dsl::Guarantee::Bound& bound : guarantee.whiles)
    if (bound.meter == meter) return bound.up_to;
  return std::nullopt;
}

uint64_t combinations(const dsl::RateCard& card, uint32_t meter) {
  uint64_t count = 1;
  for (uint32_t dimension : card.meters[meter].dimensions)
    count *= card.dimensions[dimension].values.size();
  return count;
}

/// Whether a meter counts: a part of one is no usage, and would refute what no bill breaks.
bool comes_whole(const dsl::Meter& meter) {
  return meter.binding.aggregate == dsl::Aggregate::Counts ||
         meter.binding.aggregate == dsl::Aggregate::CountsDistinct;
}

}  // namespace

void fill_blocked_pools(const dsl::RateCard& card, UsageVector& usage) {
  const Ratio enough(power_of_ten(DecimalLimits{}.whole_digits_max) - 1);
  for (uint32_t i = 0; i < card.pools.size(); ++i)
    if (card.pools[i].beyond == dsl::Pool::Beyond::Blocked) usage.add_available(i, enough);
}

TermRank term_rank(const dsl::Fee& fee) {
  if (fee.once) return kOnce;
  return fee.term ? 1 + static_cast<TermRank>(*fee.term) : 0;
}

void set_due(const dsl::RateCard& card, const WalkedPeriod& period, UsageVector& usage) {
  for (CommitmentState& state : usage.commitments()) state.due = period.late;
  for (size_t i = 0; i < card.fees.size(); ++i)
    usage.fees_due()[i] = term_rank(card.fees[i]) <= period.terms;
}

Walker::Walker(const dsl::RateCard& card, const RatingProgram& program,
               const dsl::Guarantee& guarantee, OtherCard* other)
    : card_(card),
      program_(program),
      other_(other),
      takes_margins_(guarantee.kind == dsl::syntax::Guarantee::Kind::Margin),
      steps_left_(kCrossingStepsMax),
      usage_(card, program) {
  for (uint32_t i = 0; i < program.charges.size(); ++i)
    if (!program.charges[i].share_of.empty()) shares_.push_back(i);
  for (const dsl::Charge& charge : card.charges)
    for (const dsl::QuantityStep& step : charge.quantity_steps)
      if (const auto all = step.quantity.floor_to(DecimalLimits{}.places_max); step.per && all)
        used_up_.emplace_back(charge.meter, *all);
  add_periods();
  for (uint32_t meter = 0; meter < card.meters.size(); ++meter)
    stops_.push_back(stops_of(guarantee, meter));

  std::vector<uint32_t> meters = guarantee.meters;
  if (meters.empty()) {
    meters.resize(card.meters.size());
    std::iota(meters.begin(), meters.end(), 0);
  }
  for (const uint32_t meter : meters)
    add_axes(meter, std::max<uint64_t>(1, kUsagesMax / meters.size() /
                                              (2 * std::max<size_t>(1, stops_[meter].size()))));
}

/// One for each term that may be the longest that begins, and one in which none does; the same
/// again late, where something is carried from period to period.
void Walker::add_periods() {
  std::vector<TermRank> ranks = {0};
  for (const dsl::Fee& fee : card_.fees) ranks.push_back(term_rank(fee));
  if (other_)
    for (const dsl::Fee& fee : other_->card().fees) ranks.push_back(term_rank(fee));
  std::ranges::sort(ranks, std::greater<>());
  const auto repeated = std::ranges::unique(ranks);
  ranks.erase(repeated.begin(), repeated.end());
  const bool carries = !used_up_.empty() || !usage_.commitments().empty();
  for (const bool late : {false, true})
    for (const TermRank terms : ranks)
      if (carries || !late) periods_.push_back({.late = late, .terms = terms});
  period_ = periods_.front();
}

/// Each price point, just above it, one unit below it and two above (enough to tell a jump from a
/// slope), and far beyond the last; all within the guarantee's `while` bound.
std::vector<Walker::Stop> Walker::stops_of(const dsl::Guarantee& guarantee, uint32_t meter) {
  const std::optional<Ratio> bound = bound_of(guarantee, meter);
  const bool whole = comes_whole(card_.meters[meter]);
  std::vector<Stop> stops;
  const auto add = [&](std::optional<Decimal> quantity, bool just_above = false) {
    if (!quantity || quantity->mantissa < 0 || (whole && just_above)) return;
    if (whole) quantity = Decimal{quantity->mantissa / power_of_ten(quantity->scale), 0};
    if (*quantity >= Decimal{power_of_ten(DecimalLimits{}.whole_digits_max), 0}) return;
    if (bound && Ratio::of(*quantity) > bound) return;
    stops.push_back({*quantity, just_above});
  };
  const auto by_quantity = [](const Stop& a, const Stop& b) { return a.quantity < b.quantity; };

  std::vector<PricePoint> points = price_points(card_, meter);
  if (const auto there = other_ ? other_->meter(meter) : std::nullopt)
    std::ranges::copy(price_points(other_->card(), *there), std::back_inserter(points));
  for (const PricePoint& point : points) {
    for (const int move : {-1, 0, 1, 2}) add(checked_add(point.quantity, Decimal{move, 0}));
    add(checked_add(point.quantity, kLeast), true);
  }
  if (bound) add(bound->floor_to(DecimalLimits{}.places_max));
  const Decimal highest = std::ranges::max_element(stops, by_quantity)->quantity;
  highest_.push_back(highest);

  add(kFar);
  for (const Int128 factor : {2, 100})
    if (const auto mantissa = checked_mul(highest.mantissa, factor))
      add(Decimal{*mantissa, highest.scale});
  std::ranges::stable_sort(stops, by_quantity);
  const auto repeated = std::ranges::unique(stops, {}, &Stop::quantity);
  stops.erase(repeated.begin(), repeated.end());
  return stops;
}

/// Combinations a stride apart that shares no factor with their number, so that each dimension
/// shows all its values.
void Walker::add_axes(uint32_t meter, uint64_t axes_max) {
  const uint64_t count = combinations(card_, meter);
  uint64_t stride = 1;
  if (count > axes_max) {
    sampled_ = true;
    stride = count / axes_max + 1;
    while (std::gcd(stride, count) != 1) ++stride;
  }
  uint64_t combination = 0;
  for (uint64_t i = 0; i < std::min(count, axes_max); ++i) {
    Axis axis{.meter = meter, .values = {}};
    uint64_t rest = combination;
    for (uint32_t dimension : card_.meters[meter].dimensions) {
      const uint64_t radix = card_.dimensions[dimension].values.size();
      axis.values.push_back(static_cast<uint32_t>(rest % radix));
      rest /= radix;
    }
    axes_.push_back(std::move(axis));
    combination = (combination + stride) % count;
  }
}

std::vector<Bill> Walker::walk(const Axis& axis, bool others_in_use) {
  std::vector<Bill> bills;
  for (const Stop& stop : stops_[axis.meter]) {
    Bill bill;
    bill.quantity = stop.quantity;
    bill.just_above = stop.just_above;
    if (rate(axis, others_in_use, bill))
      bills.push_back(std::move(bill));
    else
      ++left_out_;
  }
  add_crossings(axis, others_in_use, bills);
  return bills;
}

void Walker::add_crossings(const Axis& axis, bool others_in_use, std::vector<Bill>& bills) {
  std::vector<Bill> found;
  for (size_t i = 1; i < bills.size(); ++i) {
    for (size_t share = 0; share < shares_.size(); ++share) {
      for (const Piece& piece : program_.charges[shares_[share]].tables.front().pieces) {
        const Int128 bound = piece.up_to;
        if ((bills[i - 1].bases[share] <= bound) != (bills[i].bases[share] <= bound))
          cross(axis, others_in_use, bills[i - 1], bills[i], share, bound, found);
      }
    }
  }
  std::ranges::move(found, std::back_inserter(bills));
  std::ranges::stable_sort(bills, {}, &Bill::quantity);
  const auto repeated = std::ranges::unique(bills, {}, &Bill::quantity);
  bills.erase(repeated.begin(), repeated.end());
}

/// Whole quantities around the one at which a share's base passes a bound, by bisection.
void Walker::cross(const Axis& axis, bool others_in_use, const Bill& below, const Bill& above,
                   size_t share, Int128 bound, std::vector<Bill>& found) {
  const auto whole = [](const Decimal& quantity) {
    return quantity.mantissa / power_of_ten(quantity.scale);
  };
  const auto rated = [&](Int128 quantity) -> std::optional<Bill> {
    Bill bill;
    bill.quantity = Decimal{quantity, 0};
    if (!rate(axis, others_in_use, bill)) return std::nullopt;
    return bill;
  };
  Int128 low = whole(below.quantity), high = whole(above.quantity);
  while (high - low > 1) {
    if (steps_left_ == 0) {
      sampled_ = true;
      return;
    }
    --steps_left_;
    const Int128 middle = low + (high - low) / 2;
    const std::optional<Bill> bill = rated(middle);
    if (!bill) return;
    ((bill->bases[share] <= bound) == (below.bases[share] <= bound) ? low : high) = middle;
  }
  for (const Int128 quantity : {low - 1, low, high, high + 1}) {
    if (Decimal{quantity, 0} <= below.quantity || Decimal{quantity, 0} >= above.quantity) continue;
    if (std::optional<Bill> bill = rated(quantity)) found.push_back(*std::move(bill));
  }
}

Bill Walker::first_between(const Bill& fails, const Bill& holds, const Axis& axis,
                           bool others_in_use, const std::function<bool(const Bill&)>& property) {
  const auto whole = [](const Bill& bill) {
    return bill.quantity.mantissa / power_of_ten(bill.quantity.scale);
  };
  Bill first = holds;
  Int128 low = whole(fails), high = whole(holds);
  while (high - low > 1) {
    Bill bill;
    bill.quantity = Decimal{low + (high - low) / 2, 0};
    if (!rate(axis, others_in_use, bill)) break;
    const bool held = property(bill);
    (held ? high : low) = bill.quantity.mantissa;
    if (held) first = std::move(bill);
  }
  return first;
}

std::vector<MeterUsage> Walker::usage_of(const Axis& axis, bool others_in_use,
                                         const Decimal& quantity) const {
  std::vector<MeterUsage> usage = {{axis.meter, axis.values, quantity}};
  for (uint32_t other = 0; others_in_use && other < card_.meters.size(); ++other) {
    if (other == axis.meter) continue;
    const std::vector<uint32_t> first_values(card_.meters[other].dimensions.size());
    usage.push_back({other, first_values, highest_[other]});
  }
  return usage;
}

std::vector<MeterUsage> Walker::ranges() const {
  std::vector<MeterUsage> ranges;
  for (const Axis& axis : axes_)  // those of one meter stand together
    if (ranges.empty() || ranges.back().meter != axis.meter)
      ranges.push_back({axis.meter, {}, stops_[axis.meter].back().quantity});
  return ranges;
}

bool Walker::rate(const Axis& axis, bool others_in_use, Bill& bill) {
  usage_.clear();
  fill_blocked_pools(card_, usage_);
  set_due(card_, period_, usage_);
  if (period_.late)
    for (const auto& [meter, all] : used_up_) usage_.add_used_to_date(meter, all);
  if (other_) other_->begin(period_, used_up_);
  const std::vector<MeterUsage> usage = usage_of(axis, others_in_use, bill.quantity);
  for (const MeterUsage& use : usage) {
    usage_.add(use.meter, use.values, use.quantity);
    if (other_) other_->add(use.meter, use.values, use.quantity);
  }
  const RateInput* input = usage_.bind();
  if (!input) return false;
  RateOutput output{.lines = usage_.lines().data()};
  interpret(program_, *input, output);
  if (output.fault != FaultKind::None) return false;
  if (other_) {
    const auto there = other_->total();
    if (!there) return false;
    bill.total_there = *there;
  }
  ++usages_;
  take_lines(axis, *input, output, bill);
  if (takes_margins_) take_margin(usage, *input, output, bill);
  return true;
}

void Walker::take_margin(std::span<const MeterUsage> usage, const RateInput& input,
                         const RateOutput& output, Bill& bill) const {
  bill.exact_total = Ratio();
  for_each_line(program_, input, [&](uint32_t line, const LineOrigin& origin) {
    const bool of_charge =
        origin.kind == LineOrigin::Kind::Cell || origin.kind == LineOrigin::Kind::SharedStep;
    if (!bill.exact_total || (of_charge && program_.charges[origin.item].in_credits)) return;
    const LineAmount& amount = output.lines[line];
    bill.exact_total =
        checked_add(*bill.exact_total, Ratio::of(amount.numerator, amount.denominator));
  });
  bill.cost = Ratio();
  for (const dsl::Cost& begins : card_.costs) {
    const auto cost = cost_on(begins.from, usage);
    if (!cost || !bill.cost)
      bill.cost.reset();
    else
      bill.cost = std::max(*bill.cost, *cost);
  }
}

/// What the usage costs by the tables that hold on a day; none where it does not fit.
std::optional<Ratio> Walker::cost_on(Date day, std::span<const MeterUsage> usage) const {
  std::optional<Ratio> sum = Ratio();
  for (const MeterUsage& use : usage) {
    const dsl::Cost* table = nullptr;
    for (const dsl::Cost& cost : card_.costs)
      if (cost.meter == use.meter && cost.from <= day && (!table || table->from < cost.from))
        table = &cost;
    if (!table) continue;
    size_t cell = 0;
    for (size_t i = 0; i < table->by.size(); ++i)
      cell = cell * table->value_counts[i] + use.values[table->by[i]];
    const auto quantity = Ratio::of(use.quantity);
    const auto cost = quantity ? checked_mul(table->minor_of_cell[cell], *quantity) : quantity;
    sum = sum && cost ? checked_add(*sum, *cost) : std::nullopt;
  }
  return sum;
}

void Walker::take_lines(const Axis& axis, const RateInput& input, const RateOutput& output,
                        Bill& bill) {
  bill.total = output.total;
  bill.meter_amount = Ratio();
  std::vector<Int128> fee_sums(card_.fees.size()), charge_sums(card_.charges.size());
  for_each_line(program_, input, [&](uint32_t line, const LineOrigin& origin) {
    const LineAmount& amount = output.lines[line];
    if (origin.kind == LineOrigin::Kind::BillStep || origin.kind == LineOrigin::Kind::Pool) return;
    if (origin.kind == LineOrigin::Kind::Fee)
      fee_sums[origin.item] += amount.amount;
    else
      charge_sums[origin.item] += amount.amount;
    if (origin.kind != LineOrigin::Kind::Cell || card_.charges[origin.item].meter != axis.meter ||
        !bill.meter_amount)
      return;
    bill.meter_amount =
        checked_add(*bill.meter_amount, Ratio::of(amount.numerator, amount.denominator));
  });
  for (const uint32_t share : shares_) {
    Int128 base = 0;
    for (const dsl::ItemRef& item : program_.charges[share].share_of)
      base += (item.kind == dsl::ItemRef::Kind::Fee ? fee_sums : charge_sums)[item.index];
    bill.bases.push_back(base);
  }
}

}  // namespace toll::compiler
