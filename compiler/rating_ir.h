// The rating IR: a checked card as whole-number arithmetic. Interpreter, native code and guarantee
// tests all run this one form.
//
// Everything fractional in a card is folded into a few denominators per charge, fixed when the card
// is compiled, so that rating is multiplication, comparison and one rounded division per line:
//
//   quantity   whole number of  1 / (E x 10^s)  of the meter's unit
//   amount     whole number of  1 / (D x 10^s)  of the currency's minor unit
//
// E (`quantity_denominator`) is the least common multiple of the denominators of the charge's
// allowances, rounding steps, tier bounds and block sizes. D starts as E x P, where P is the least
// common multiple of the denominators of its prices, and every percentage step multiplies it by the
// denominator of its factor, whether or not its condition holds. s (`scale`) is the least number of
// decimal places at which all quantities of the charge in one usage are whole; it is known when
// usage is bound. docs/arithmetic.md works an example.
//
// Prices of a cell are pieces of a line: for a quantity n in piece i, that is lower < n <= up_to,
//
//   amount(n) = start + (n - lower) x price + sum over blocks of ceil((n - lower) / size) x price
//
// Graduated tiers have the cost of all full tiers below in `start`; volume and stairstep tiers have
// `lower` 0. So one form holds for every price model, and amounts never become negative on the way.
//
// Where the card rounds each tier, the amount of a graduated piece is `below` whole minor units, of
// the full tiers, plus the formula, rounded: its `start` is then of its own tier only.
//
// What is prorated is folded for a whole period; for a part of one its value is computed when a
// charge is rated: an allowance is scaled and rounded half-up to whole units, an amount of money is
// scaled and rounded as a line is. A whole period takes it as it is written.
//
// The lines of a charge that is priced in credits are exact, in credits where others have minor
// units, and no part of the total; no step of such a charge rounds. A CreditStep adds up the
// charges of one unit in 1/(E x 10^s x k), lets pools pay in order, and prices what none of them
// pays: E is a multiple of the D of its charges, s (RateInput::credit_scale) the largest scale of
// the charges that are in credits and of what pools hold, and k (RateInput::credit_split) is 1
// unless a pool holds a fraction that other prices left, of which E and 10^s are no multiple. What
// the charges come to together must fit; what a pool holds is only taken off.
//
// A charge that is rated by item or by day runs these steps on each of its items (a day is one too)
// and adds up what they come to; where the card rounds each item, their rounded amounts, and then
// the line's denominator is 1.
//
// Each quantity and each amount must fit 128 bits (be at most kInt128Max) after every step, and so
// must D x 10^s x rounding step; what does not fit is a Fault of that line, never a wrapped number.
//
// Plain values, immutable once lowered; any number of threads may read one.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/int128.h"
#include "base/rounding.h"
#include "dsl/rate_card.h"

namespace toll::compiler {

/// Holds for the cells, or the parts, whose digit (index / stride) % radix is marked: both indices
/// are mixed-radix numbers.
struct Condition {
  enum class Of { Cell, Part } of = Of::Cell;
  uint32_t stride = 1;
  std::vector<bool> holds;  ///< by digit; its size is the radix

  bool operator()(uint32_t cell, uint32_t part) const {
    return holds[((of == Of::Cell ? cell : part) / stride) % holds.size()];
  }
};

struct QuantityStep {
  enum class Kind {
    Subtract,        ///< n -> max(0, n - amount)
    SubtractShared,  ///< the same with one amount for all cells, used up in row order
    SubtractShare,   ///< the same with `amount` for each 1/D of what another charge comes to
    Round,           ///< n -> n / amount, rounded by `mode`, x amount
    FreeItems,       ///< by item: an item is free while `items` are left and n is not above what is
                     ///< left of `amount`; of the first that is not free, but for lack of amount,
                     ///< what is left of it is taken off n, and nothing is free after it
  } kind = Kind::Subtract;
  Int128 amount = 0;  ///< in 1/E; FreeItems: kInt128Max for no bound
  int64_t items = std::numeric_limits<int64_t>::max();  ///< FreeItems
  RoundingMode mode = RoundingMode::Up;
  bool prorated = false;  ///< Subtract, SubtractShared
  bool to_date = false;   ///< the same: less what was used before this period; must fit
  uint32_t charge = 0;    ///< SubtractShare: the other one, which stands above
  uint32_t step = 0;      ///< index into the card's quantity steps
};

/// `price` for each started block of `size`.
struct Block {
  Int128 size = 1;   ///< in 1/E, > 0
  Int128 price = 0;  ///< in 1/(E x P)
};

struct Piece {
  Int128 up_to = kInt128Max;       ///< inclusive, in 1/E; kInt128Max: no bound
  std::vector<Int128> also_up_to;  ///< TierBy::Joint: one for each of Charge::tier_meters
  Int128 lower = 0;                ///< in 1/E
  Int128 below = 0;                ///< minor units; where each tier is rounded
  Int128 start = 0;                ///< in 1/(E x P)
  Int128 price = 0;                ///< per 1/E of quantity, in 1/(E x P)
  std::vector<Block> blocks;
  uint32_t tier = 0;  ///< the tier of the card's table that this piece comes from
};

struct Table {
  bool graduated = false;     ///< each piece stands on the full tiers below it
  bool rounds_tiers = false;  ///< a graduated table of a card that rounds each tier
  Int128 at_zero = 0;         ///< amount at quantity 0, in 1/(E x P)
  std::vector<Piece> pieces;  ///< bounds rise; n above the last bound is a Fault
  bool open() const { return !pieces.empty() && pieces.back().up_to == kInt128Max; }
  /// Whether the card's first tier is `up to 0` of the quantity itself: it is `at_zero`, no piece.
  bool has_zero_tier() const { return pieces.empty() || pieces.front().tier > 0; }
};

struct MoneyStep {
  enum class Kind {
    Scale,     ///< a -> a x numerator / denominator; where the condition fails: a
    Subtract,  ///< a -> max(0, a - amount)
    Add,       ///< a -> a + amount
    AtLeast,   ///< a -> max(a, amount); only when the period is final, or `at_once`
    AtMost,    ///< a -> min(a, amount)
  } kind = Kind::Scale;
  Int128 numerator = 1;  ///< Scale; reduced against the denominator
  Int128 denominator = 1;
  Int128 amount = 0;                ///< in 1/D as D stands at this step
  std::optional<int64_t> prorated;  ///< AtLeast, AtMost: the amount in minor units
  bool at_once = false;             ///< AtLeast of an item
  std::optional<Condition> condition;
  uint32_t step = 0;  ///< index into the card's money steps
};

/// Acts on the sum of the charge's rounded lines and is a line of its own. Minor units.
struct SharedStep {
  dsl::syntax::MoneyLine::Kind kind = dsl::syntax::MoneyLine::Kind::Minimum;
  int64_t amount = 0;
  bool prorated = false;
  uint32_t step = 0;  ///< index into the card's money steps
};

/// A dimension outside `by` on which a step depends. Its values fall into classes that all
/// conditions treat alike; a part of a cell, or the part that an item is of, is one class of each
/// split dimension.
struct Split {
  uint32_t dimension = 0;  ///< into RateCard::dimensions
  uint32_t stride = 1;     ///< of the part index
  std::vector<uint32_t> class_of_value;
};

struct Charge {
  /// Not empty: the quantity is no usage but the sum of the rounded lines of these items, in minor
  /// units.
  std::vector<dsl::ItemRef> share_of;
  dsl::TierBy tier_by = dsl::TierBy::Own;  ///< what is held against the bounds of pieces
  std::vector<uint32_t> tier_meters;       ///< meters whose totals follow the quantities of cells
  bool to_date = false;                    ///< what was used before this period follows those
  dsl::Grain grain = dsl::Grain::Cell;
  bool rounds_items = false;
  bool in_credits = false;             ///< its lines are exact and no money
  bool keeps_amounts = false;          ///< another charge takes a share of its exact amounts
  std::vector<uint32_t> cell_strides;  ///< per `by` dimension; cell = sum of value x stride
  uint32_t cells = 1;
  std::vector<Split> splits;
  uint32_t parts = 1;
  Int128 quantity_denominator = 1;  ///< E
  Int128 price_denominator = 1;     ///< E x P
  Int128 denominator = 1;           ///< D after all steps
  std::vector<QuantityStep> quantity_steps;
  std::vector<Table> tables;
  std::vector<uint32_t> table_of_cell;
  std::vector<MoneyStep> money_steps;
  uint32_t steps_on_parts = 0;  ///< the first so many act on each part, and are of Kind Scale;
                                ///< then the parts are summed
  std::vector<SharedStep> shared_steps;
  std::vector<uint32_t> rank_of_cell;  ///< place of a cell in the order of rows
  /// Whole quantities up to this one are proved to stay within 64 bits at every step, rounding
  /// included. Negative: none are.
  int64_t narrow_max = -1;
  /// The same for quantities at the places of the currency, in 10^-narrow_scale: amounts of money
  /// are counted in cents.
  uint32_t narrow_scale = 0;  ///< 0: there is no such range
  int64_t narrow_scaled_max = -1;

  /// Whether 64 bits are enough for a quantity in 10^-scale.
  bool is_narrow(Int128 quantity, uint32_t scale) const {
    return (scale == 0 && quantity <= narrow_max) ||
           (scale != 0 && scale == narrow_scale && quantity <= narrow_scaled_max);
  }
};

struct Fee {
  int64_t amount = 0;  ///< minor units, per period
  bool prorated = false;
  bool by_term = false;  ///< due where RateInput::fees_due says so
};

struct BillStep {
  dsl::syntax::MoneyLine::Kind kind = dsl::syntax::MoneyLine::Kind::Minimum;
  /// Index into RateInput::commitments: a minimum on the lines of `counts`, or on all lines above,
  /// less what was billed to date; where it is due.
  std::optional<uint32_t> commitment;
  std::vector<dsl::ItemRef> counts;
  bool percent = false;
  Int128 numerator = 0;  ///< percent: of the total, numerator / denominator
  Int128 denominator = 1;
  int64_t amount = 0;  ///< otherwise: minor units
  bool prorated = false;
};

/// What the charges that are priced in one credit unit come to, paid by its pools in order; what is
/// left is priced in money. Its line is that of the last pool.
struct CreditStep {
  std::vector<uint32_t> charges;  ///< of the program, rising
  struct Draw {
    uint32_t pool = 0;              ///< into RateInput::available
    std::vector<uint32_t> charges;  ///< that it pays for: places in `charges`, rising
  };
  std::vector<Draw> draws;          ///< in the order of drawing; the last one pays for all charges
  bool blocked = false;             ///< nothing may be left
  Int128 quantity_denominator = 1;  ///< E
  Int128 price_denominator = 1;     ///< E x P
  Piece price;                      ///< of what is left, where something is; from 0 on, unbounded

  uint32_t billed_by() const { return draws.back().pool; }
};

/// What usage of a meter goes into.
struct MeterUse {
  std::vector<uint32_t> charges;  ///< whose quantity it is
  struct Total {
    uint32_t charge = 0;
    uint32_t index = 0;  ///< into its tier_meters
  };
  std::vector<Total> totals;
};

/// Lines come in this order: for each item a fee's one line, or a charge's lines by cell and then
/// one for each of its shared steps; then one for each credit step, one for each bill step, and one
/// for each pool in money.
struct RatingProgram {
  std::vector<Fee> fees;
  std::vector<Charge> charges;
  std::vector<MeterUse> meters;  ///< by meter of the card
  std::vector<dsl::ItemRef> items;
  std::vector<CreditStep> credit_steps;
  std::vector<BillStep> bill_steps;
  std::vector<uint32_t>
      money_pools;  ///< into RateInput::available: they draw on the total, in order
  dsl::RoundingPlace rounding_place = dsl::RoundingPlace::Line;
  /// RoundingPlace::Bill: a common multiple of the D of the charges in money, of the E x P of
  /// credit steps and of the denominators of percentages on the bill; see bill/whole_bill.h.
  Int128 bill_denominator = 1;
  bool prorates_fees = false;
  RoundingMode rounding = RoundingMode::HalfUp;
  int64_t rounding_step = 1;  ///< minor units
};

/// The program as text, one operation a line: `toll show --ir`. For people; not read back.
std::string to_text(const RatingProgram& program, const dsl::RateCard& card);

}  // namespace toll::compiler
