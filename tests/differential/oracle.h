// The oracle: what a card makes of usage, over exact fractions of any size.
//
// Written from the language document alone, as short as it can be, and sharing no code with
// compiler/. The engines must agree with it on every line and on every fault. It is slow and
// allocates freely; use it in tests only. Plain functions of their arguments, callable from any
// thread.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dsl/rate_card.h"

namespace toll::differential {

using Integer = boost::multiprecision::cpp_int;
/// Divide by Fractions only: in Boost 1.78 to 1.81 the Fraction 1 divided by any Integer is 1
/// (boostorg/multiprecision#540).
using Fraction = boost::multiprecision::cpp_rational;

/// What was used in a period. A key holds the meter (into RateCard::meters) and then one value per
/// dimension of that meter; a key that is present names its cell, also with quantity 0.
struct Usage {
  std::map<std::vector<uint32_t>, Fraction> quantities;  ///< in the meter's unit, >= 0
  /// The same one by one, for charges by item or by day, in the order given.
  struct Item {
    std::vector<uint32_t> key;
    uint32_t day = 0;  ///< of the period, from 0 on
    Fraction quantity;
  };
  std::vector<Item> items = {};
  int covered_days = 1;
  int period_days = 1;
  bool final = true;  ///< false: what is due at the period's end is left out
  std::map<uint32_t, Fraction> used_to_date = {};  ///< by meter, before the period
  struct Commitment {
    int64_t billed = 0;
    bool due = true;
  };
  std::vector<Commitment> commitments = {};  ///< in the order of the card
  std::vector<bool> fees_due = {};       ///< by fee; read of those due once or for a longer time
  std::vector<Fraction> available = {};  ///< by pool: credits, or minor units
};

/// Why usage has no bill. The first three are all that rating a checked card can end in, for usage
/// within the language's own limits; the last breaks those.
enum class Fault {
  None,
  TooLarge,       ///< a number of the line does not fit its integer (rule at `Widths` in oracle.cc)
  AboveLastTier,  ///< a blocking limit closes the table below this quantity
  PoolIsEmpty,    ///< a pool blocks what is beyond it
  TooMuchUsage,   ///< a cell adds up to 10^18 or more, or a pool holds that much: no line is rated
};

struct Line {
  std::string path;  ///< "storage/standard", "storage/minimum", "bill/discount"
  Fraction exact;    ///< minor units, or credits
  Integer amount;    ///< the same, rounded; of credits 0
  bool in_credits = false;
};

struct Bill {
  std::vector<Line> lines;  ///< after a fault: those above the first, in order, that has no amount
  Integer total;            ///< minor units
  Fault fault = Fault::None;
  std::string fault_path;  ///< of that line
};

Bill rate_exactly(const dsl::RateCard& card, const Usage& usage);

/// To the nearest multiple of `step` by `mode`; what is negative mirrors what is positive.
Integer round_exactly(const Fraction& amount, const Integer& step, RoundingMode mode);

Fraction exact(const Ratio& value);
Fraction exact(const Decimal& value);

}  // namespace toll::differential
