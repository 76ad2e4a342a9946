// Which lines act once on what a cut period adds up to, and with which amounts, as the language
// document has them. Shares no code with runtime/.
#pragma once

#include <string>
#include <vector>

#include "dsl/rate_card.h"
#include "tests/differential/cut_oracle.h"
#include "tests/differential/oracle.h"

namespace toll::differential {

/// A minimum or maximum of a row, with what the lines below it make of it.
struct RowBound {
  dsl::syntax::MoneyLine::Kind kind;
  Fraction amount;
};

/// REQUIRES: the version `last` has the row, and no later one.
std::vector<RowBound> bounds_of_row(const CutWorld& world, size_t last, const std::string& charge,
                                    const std::string& path);

/// A line that rows share, told apart from others of its path by a number.
struct SumLine {
  std::string path;
  int number;
  dsl::syntax::MoneyLine::Kind kind;
  Fraction amount;
};

/// Those that act once. REQUIRES: the version `last` has the charge, and no later one.
std::vector<SumLine> lines_on_sum(const CutWorld& world, size_t last, const std::string& charge);

/// A line that acts on the bill, by the card that says it.
struct BillLine {
  const dsl::RateCard* card;
  const dsl::BillStep* step;
  Fraction amount;
  bool due = true;  ///< false: a commitment whose time has not ended
};
std::vector<BillLine> lines_of_bill(const CutWorld& world);

}  // namespace toll::differential
