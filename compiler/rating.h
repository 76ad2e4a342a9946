// What goes into a rating function and what comes out: the calling convention that interpreter and
// native code share. All memory belongs to the caller; native code allocates nothing, and the
// interpreter only what it keeps in mind of each charge while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/int128.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// Usage of one charge: `count` cells that are rising in the order of rows, each with the
/// quantities of its parts. A charge without `by` has exactly the cell 0; a share, the quantity 0
/// in it. Native code knows this layout; do not change it without native/layout.h.
struct ChargeUsage {
  const uint32_t* cells = nullptr;
  const Int128* quantities =
      nullptr;  ///< count x parts, or one per item; then one per Charge::tier_meters: what was used
                ///< of that meter in all; then, where Charge::to_date, what was used before. Each
                ///< in 10^-scale of its meter's unit, >= 0
  uint32_t count = 0;
  uint32_t scale = 0;  ///< 0..18
  // Of a charge that is rated by item or by day: the items of cell i are those from item_ends[i -
  // 1], or 0, up to item_ends[i].
  const uint32_t* item_ends = nullptr;
  const uint32_t* item_parts = nullptr;  ///< per item, the part that it is of; its day, by day
  /// Of a charge that keeps its amounts, room for them: exact, by day, or one of the whole period.
  /// Rating writes here, so that one input is rated by one thread at a time.
  Int128* amounts = nullptr;

  uint32_t first_item(uint32_t entry) const { return entry == 0 ? 0 : item_ends[entry - 1]; }
};

/// The quantities of the cell at `entry`: of its parts, or of its items.
inline std::span<const Int128> quantities_of(const Charge& charge, const ChargeUsage& usage,
                                             uint32_t entry) {
  if (charge.grain == dsl::Grain::Cell)
    return {usage.quantities + size_t{entry} * charge.parts, charge.parts};
  const uint32_t first = usage.first_item(entry);
  return {usage.quantities + first, usage.item_ends[entry] - first};
}

/// Of a leap year.
inline constexpr int32_t kPeriodDaysMax = 366;

/// Where a commitment stands. Native code knows this layout too.
struct CommitmentState {
  int64_t billed = 0;  ///< toward it before this period; minor units, >= 0
  int32_t due = 1;     ///< the period ends the time that it is for
};

/// So that a power of ten times it fits.
inline constexpr Int128 kCreditSplitMax = 1'000'000'000'000'000'000;

struct RateInput {
  const ChargeUsage* charges = nullptr;          ///< one per charge of the program
  int32_t covered_days = 1;                      ///< of the billing period: 0..period_days
  int32_t period_days = 1;                       ///< 1..kPeriodDaysMax
  int32_t final = 1;                             ///< 0: the period goes on; minimums are left out
  const CommitmentState* commitments = nullptr;  ///< one per commitment of the program
  /// One per fee of the program, read of those by term: not 0 where a term begins in the period.
  const uint8_t* fees_due = nullptr;
  /// What each pool of the card holds: credits in 1/(E x 10^credit_scale x credit_split) of their
  /// CreditStep, or minor units; >= 0, kInt128Max where it is that much or more.
  const Int128* available = nullptr;
  uint32_t credit_scale = 0;  ///< 0..18, that of no charge in credits is larger
  Int128 credit_split = 1;    ///< 1..kCreditSplitMax: pools may hold fractions that E does not know
};

/// One line. The exact amount is numerator / denominator minor units; `amount` is that, rounded. Of
/// a line in credits it is credits, and `amount` 0.
struct LineAmount {
  Int128 numerator = 0;
  Int128 denominator = 1;
  int64_t amount = 0;

  friend bool operator==(const LineAmount&, const LineAmount&) = default;
};

/// Why a line has no amount.
enum class FaultKind : int32_t {
  None = 0,
  TooLarge = 1,       ///< the amount does not fit
  AboveLastTier = 2,  ///< a blocking limit closes the table below this quantity
  PoolIsEmpty = 3,    ///< a pool blocks what is beyond it
};

struct RateOutput {
  LineAmount* lines = nullptr;  ///< in: room for line_count(...) lines
  Int128 total = 0;             ///< minor units
  FaultKind fault = FaultKind::None;
  uint32_t fault_line = 0;  ///< the first line, in order, that has no amount
};

/// Native code as it is called. After a fault only `fault` and `fault_line` mean anything.
using RateFunction = void (*)(const RateInput*, RateOutput*);

/// How many lines rating `input` makes.
size_t line_count(const RatingProgram& program, const RateInput& input);

/// Whether two engines gave the same result for `input`: the same fault at the same line, or the
/// same lines, exact and rounded, and total.
bool same_result(const RatingProgram& program, const RateInput& input, const RateOutput& a,
                 const RateOutput& b);

/// What a line of the output is, for labels and faults.
struct LineOrigin {
  enum class Kind { Fee, Cell, SharedStep, Pool, BillStep } kind = Kind::Fee;
  uint32_t item = 0;   ///< fee, charge, pool or bill step
  uint32_t cell = 0;   ///< Cell: which
  uint32_t step = 0;   ///< SharedStep: which
  uint32_t entry = 0;  ///< Cell: its place in ChargeUsage::cells
};

/// Calls visit(line, LineOrigin) for every line in order.
template <typename Visit>
void for_each_line(const RatingProgram& program, const RateInput& input, Visit&& visit) {
  uint32_t line = 0;
  using Kind = LineOrigin::Kind;
  for (const dsl::ItemRef& item : program.items) {
    if (item.kind == dsl::ItemRef::Kind::Fee) {
      visit(line++, LineOrigin{.kind = Kind::Fee, .item = item.index});
      continue;
    }
    const ChargeUsage& usage = input.charges[item.index];
    for (uint32_t i = 0; i < usage.count; ++i)
      visit(line++,
            LineOrigin{.kind = Kind::Cell, .item = item.index, .cell = usage.cells[i], .entry = i});
    for (uint32_t i = 0; i < program.charges[item.index].shared_steps.size(); ++i)
      visit(line++, LineOrigin{.kind = Kind::SharedStep, .item = item.index, .step = i});
  }
  for (const CreditStep& step : program.credit_steps)
    visit(line++, LineOrigin{.kind = Kind::Pool, .item = step.billed_by()});
  for (uint32_t i = 0; i < program.bill_steps.size(); ++i)
    visit(line++, LineOrigin{.kind = Kind::BillStep, .item = i});
  for (const uint32_t pool : program.money_pools)
    visit(line++, LineOrigin{.kind = Kind::Pool, .item = pool});
}

}  // namespace toll::compiler
