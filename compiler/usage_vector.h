// Usage of a period, bound to a program: from quantities by meter and dimension values to the cells
// and parts of each charge.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "base/decimal.h"
#include "base/ratio.h"
#include "compiler/credit_draws.h"
#include "compiler/rating.h"

namespace toll::compiler {

/// Collects usage and owns the arrays that a RateInput points into. Reusable: clear() keeps the
/// memory, so that binding one usage after another allocates nothing. Not thread-safe.
class UsageVector {
 public:
  /// `card`, `program` and `memory` must outlive this; `program` is lowered from `card`. All that
  /// is allocated comes from `memory`.
  UsageVector(const dsl::RateCard& card, const RatingProgram& program,
              std::pmr::memory_resource* memory = std::pmr::get_default_resource());

  void clear();

  /// Adds a quantity of `meter` (into RateCard::meters) at one value index per dimension of the
  /// meter. Quantities of one cell and part add up; to a charge by item it is an item, after those
  /// that were added before; in a charge by day quantities of one cell and day add up.
  /// REQUIRES: the quantity is within DecimalLimits{}; `values` has one valid index per dimension.
  void add(uint32_t meter, std::span<const uint32_t> values, const Decimal& quantity,
           uint32_t day = 0);

  /// Names the cells at these values, so that they are lines though nothing is used in them.
  void name_cells(uint32_t meter, std::span<const uint32_t> values);

  /// Sets what was used of one charge alone to what `other` has of it. REQUIRES: both are for one
  /// program.
  void take_charge(uint32_t charge, const UsageVector& other);

  /// Adds to what was used of a meter before the period, in a longer one that an allowance is for.
  /// REQUIRES: the quantity is within DecimalLimits{}.
  void add_used_to_date(uint32_t meter, const Decimal& quantity);

  /// The commitments of the program, for bind() to point to: nothing billed, and due, after
  /// clear().
  std::span<CommitmentState> commitments() { return commitments_; }

  /// Whether each fee of the program is due, for bind() to point to: read of those by term only,
  /// and all due after clear().
  std::span<uint8_t> fees_due() { return fees_due_; }

  /// Adds to what a pool of the card holds. Nothing after clear(). REQUIRES: of a pool in money it
  /// is whole minor units.
  void add_available(uint32_t pool, const Ratio& quantity);

  /// Sorts cells into the order of rows and finds each charge's scale. The result points into this
  /// object and is valid until the next add() or clear(); its days and `final` say a whole,
  /// finished period. Null when quantities of a cell, or what a pool holds, add up to 10^18 or
  /// more, or pools hold fractions that are too fine to be counted together: such usage cannot be
  /// rated.
  RateInput* bind();

  /// Room for the lines of the input that bind() made last.
  std::span<LineAmount> lines() { return lines_; }

 private:
  struct Entry {
    uint32_t rank;
    uint32_t cell;
    uint32_t part;
    uint32_t day;
    uint32_t order;  ///< in which they were added
    bool is_item;    ///< else it only names its cell
    Decimal quantity;
  };
  struct PerCharge {
    using allocator_type = std::pmr::polymorphic_allocator<>;
    explicit PerCharge(allocator_type memory)
        : entries(memory),
          totals(memory),
          cells(memory),
          quantities(memory),
          item_ends(memory),
          item_parts(memory),
          amounts(memory) {}

    std::pmr::vector<Entry> entries;  ///< one per cell and part that was used
    std::pmr::vector<Decimal>
        totals;  ///< per tier meter, what was used of it; then what was to date
    std::pmr::vector<uint32_t> cells;
    std::pmr::vector<Int128> quantities;
    std::pmr::vector<uint32_t> item_ends, item_parts;  ///< of a charge by item or by day
    std::pmr::vector<Int128> amounts;                  ///< of a charge that keeps them
  };
  void add_entries(uint32_t meter, std::span<const uint32_t> values, const Decimal& quantity,
                   uint32_t day, bool is_item);
  bool bind_charge(uint32_t index);
  void align_scale(uint32_t index);
  bool bind_cells(uint32_t index, int scale);
  bool bind_items(uint32_t index, int scale);

  const dsl::RateCard& card_;
  const RatingProgram& program_;
  bool too_much_ = false;  ///< a total does not fit
  void add(Decimal& total, const Decimal& quantity);
  bool bind_pools();
  std::pmr::vector<Ratio> available_;     ///< per pool
  std::pmr::vector<Int128> bound_pools_;  ///< the same as RateInput has it
  CreditParts credit_parts_;
  std::pmr::vector<CommitmentState> commitments_;
  std::pmr::vector<uint8_t> fees_due_;
  std::pmr::vector<PerCharge> charges_;
  std::pmr::vector<ChargeUsage> usages_;
  std::pmr::vector<LineAmount> lines_;
  RateInput input_;
};

}  // namespace toll::compiler
