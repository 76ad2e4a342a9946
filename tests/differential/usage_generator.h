// Usage at random, drawn to where an engine could go wrong: bounds and what lies just beside them,
// zero, powers of two and ten, and numbers as long as the language allows.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "compiler/rating_ir.h"
#include "compiler/usage_vector.h"
#include "dsl/rate_card.h"
#include "tests/differential/oracle.h"
#include "tests/differential/random.h"

namespace toll::differential {

/// One quantity of a meter, as a usage document gives it.
struct Entry {
  uint32_t meter = 0;            ///< into RateCard::meters
  std::vector<uint32_t> values;  ///< one per dimension of the meter
  Decimal quantity;              ///< in the meter's unit
  uint32_t day = 0;              ///< of the period, from 0 on
  bool names_only = false;       ///< the cell is named, and nothing used
};

/// The entries of a period and what is known about the period.
struct Document {
  std::vector<Entry> entries;
  int covered_days = 1;
  int period_days = 1;
  bool final = true;
  std::vector<std::pair<uint32_t, Decimal>> used_to_date = {};
  std::vector<Usage::Commitment> commitments = {};  ///< one per commitment of the card
  std::vector<bool> fees_due = {};                  ///< one per fee of the card
  std::vector<Ratio> available = {};                ///< one per pool of the card
};

/// The same for the oracle: quantities of one key added up.
Usage to_usage(const Document& document);

/// The same for the engines: everything but the period. `usage` is for the card of the document.
void add_entries(const Document& document, compiler::UsageVector& usage);

/// One entry a line.
std::string to_string(const Document& document, const dsl::RateCard& card);

class UsageGenerator {
 public:
  /// `card` must outlive this; `program` is lowered from it and tells where code changes its width.
  UsageGenerator(const dsl::RateCard& card, const compiler::RatingProgram& program, uint64_t seed);

  Document draw();

  /// A period only: whole or part of one, final or not.
  Document draw_period();

  /// Fills the pools: with nothing, with a little or a lot, or with about what is used.
  void fill_pools(Document& document);

 private:
  enum class Style { Whole, Mixed, Long };
  Ratio part_left(uint32_t pool);
  Decimal near_use(uint32_t pool, const Document& document);
  Fraction draw_number(uint32_t meter, Style style);
  Decimal draw_quantity(uint32_t meter, Style style);
  /// Puts into every part of one cell of a charge the most that 64-bit code takes: the sum of parts
  /// is largest when all of them are.
  void fill(uint32_t charge, Document& document);
  std::vector<uint32_t> one_of_each_class(const compiler::Charge& charge, uint32_t dimension);
  void draw_entries(uint32_t meter, Style style, Document& document);

  const dsl::RateCard& card_;
  const compiler::RatingProgram& program_;
  std::vector<std::vector<Fraction>> points_;  // by meter: where something may change
  std::vector<int> money_places_;              // by meter: those at which 64 bits may be enough
  bool in_cents_ = false;  // what is whole in the document at hand is so in cents
  Random random_;
};

}  // namespace toll::differential
