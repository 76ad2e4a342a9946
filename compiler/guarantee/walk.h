// Bills along an axis: the quantity of one meter at one combination of its dimension values grows
// from price point to price point and far beyond the last, while everything else is unused, or is
// used up to its own last price point or `while` bound. Where the lines that a share is a share of
// pass one of its bounds, the walk has the quantities on both sides. So between two neighbouring
// quantities of a walk a bill is a straight line or a staircase, and a claim breaks at one of them
// first.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/ratio.h"
#include "compiler/guarantee.h"
#include "compiler/rating_ir.h"
#include "compiler/usage_vector.h"

namespace toll::compiler {

struct Axis {
  uint32_t meter = 0;
  std::vector<uint32_t> values;  ///< one per dimension of the meter
};

/// One rated usage on an axis.
struct Bill {
  Decimal quantity;
  bool just_above = false;  ///< a price point by the least that a quantity can differ
  Int128 total = 0;         ///< minor units
  Int128 total_there = 0;   ///< of another card, where one is compared with
  /// Exact, of the lines of charges on the axis' meter, in minor units; none where it does not fit.
  std::optional<Ratio> meter_amount;
  // Exact and in minor units, where a margin is guaranteed; none where they do not fit.
  std::optional<Ratio> exact_total, cost;
  std::vector<Int128> bases;  ///< of each share of the program: what it is a share of, minor units
};

/// Fees for a term are due in some periods only. A longer term begins where a shorter one does, so
/// a period is told by the longest term that begins in it: 0 where none does, and kOnce at the
/// beginning of the subscription.
using TermRank = uint32_t;
constexpr TermRank kOnce = 100;
TermRank term_rank(const dsl::Fee& fee);

/// Which of its periods a card is walked in.
struct WalkedPeriod {
  /// The last of the time that commitments and longer allowances are for: those are due and these
  /// used up, and nothing was billed before. Else the first, in which no commitment is due.
  bool late = false;
  TermRank terms = 0;  ///< fees for terms up to this are due
};

/// A pool that blocks what is beyond it would have nothing rated: it holds enough. What others hold
/// is not known, so they hold nothing and all is billed.
void fill_blocked_pools(const dsl::RateCard& card, UsageVector& usage);

/// Sets what is due in a period. REQUIRES: `usage` is of `card`.
void set_due(const dsl::RateCard& card, const WalkedPeriod& period, UsageVector& usage);

/// Another card, rated on usage of the first.
class OtherCard {
 public:
  /// All must outlive this.
  OtherCard(const dsl::RateCard& other, const RatingProgram& program, const dsl::RateCard& first);

  /// Begins a usage in a period; in a late one `used_up` is gone of longer allowances. Usage is
  /// given by the first card's indices; of a meter that this card lacks, it costs nothing.
  void begin(const WalkedPeriod& period, std::span<const std::pair<uint32_t, Decimal>> used_up);
  void add(uint32_t meter, std::span<const uint32_t> values, const Decimal& quantity);
  /// The bill in minor units; none where the card cannot price it, or a value is none of its own.
  std::optional<Int128> total();

  /// The meter as this card knows it.
  std::optional<uint32_t> meter(uint32_t of_first) const { return meters_[of_first]; }
  const dsl::RateCard& card() const { return card_; }

 private:
  const dsl::RateCard& card_;
  const RatingProgram& program_;
  const dsl::RateCard& first_;
  std::vector<std::optional<uint32_t>> meters_;  // by the first card's
  UsageVector usage_;
  bool known_ = true;
};

class Walker {
 public:
  /// All must outlive this. With `other`, its price points are walked too, and its bills are taken.
  Walker(const dsl::RateCard& card, const RatingProgram& program, const dsl::Guarantee& guarantee,
         OtherCard* other = nullptr);

  /// An axis per combination of values of each meter that the guarantee speaks of; where those are
  /// very many, a spread of them.
  const std::vector<Axis>& axes() const { return axes_; }
  bool sampled() const { return sampled_; }

  /// A card whose bills depend on what came before, or on whether a term begins, is walked in each
  /// kind of period. The first is no late one, and all fees are due in it.
  const std::vector<WalkedPeriod>& periods() const { return periods_; }
  void set_period(const WalkedPeriod& period) { period_ = period; }
  /// Whether this card, or the one it is compared with, has fees for a term.
  bool has_terms() const { return periods_.front().terms > 0; }

  /// Bills by rising quantity. Usage that the card refuses, or that does not fit, is left out.
  std::vector<Bill> walk(const Axis& axis, bool others_in_use);

  /// Of the bills at whole quantities above that of `fails`, which does not hold a property, up to
  /// `holds`, which does: the first that holds it, by bisection. `holds` where that finds none.
  Bill first_between(const Bill& fails, const Bill& holds, const Axis& axis, bool others_in_use,
                     const std::function<bool(const Bill&)>& property);

  /// What a bill of walk() is for.
  std::vector<MeterUsage> usage_of(const Axis& axis, bool others_in_use,
                                   const Decimal& quantity) const;

  /// The most of each meter that has an axis.
  std::vector<MeterUsage> ranges() const;

  uint32_t usages() const { return usages_; }      ///< rated
  uint32_t left_out() const { return left_out_; }  ///< refused by the card

 private:
  struct Stop {
    Decimal quantity;
    bool just_above = false;
  };
  std::vector<Stop> stops_of(const dsl::Guarantee& guarantee, uint32_t meter);
  void add_axes(uint32_t meter, uint64_t axes_max);
  void add_periods();
  bool rate(const Axis& axis, bool others_in_use, Bill& bill);
  void take_lines(const Axis& axis, const RateInput& input, const RateOutput& output, Bill& bill);
  void take_margin(std::span<const MeterUsage> usage, const RateInput& input,
                   const RateOutput& output, Bill& bill) const;
  std::optional<Ratio> cost_on(Date day, std::span<const MeterUsage> usage) const;
  void add_crossings(const Axis& axis, bool others_in_use, std::vector<Bill>& bills);
  void cross(const Axis& axis, bool others_in_use, const Bill& below, const Bill& above,
             size_t share, Int128 bound, std::vector<Bill>& found);

  const dsl::RateCard& card_;
  const RatingProgram& program_;
  OtherCard* const other_;
  const bool takes_margins_;
  std::vector<std::vector<Stop>> stops_;  // per meter, rising
  std::vector<Decimal> highest_;          // per meter: what it is used up to beside another's axis
  std::vector<Axis> axes_;
  std::vector<uint32_t> shares_;                       // charges of the program that are shares
  uint64_t steps_left_;                                // of the search for crossings
  std::vector<std::pair<uint32_t, Decimal>> used_up_;  // longer allowances, by meter
  std::vector<WalkedPeriod> periods_;
  WalkedPeriod period_;
  bool sampled_ = false;
  UsageVector usage_;
  uint32_t usages_ = 0, left_out_ = 0;
};

}  // namespace toll::compiler
