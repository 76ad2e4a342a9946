// One bill of a table after another, by the functions that a quote uses.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/decimal.h"
#include "base/int128.h"
#include "compiler/usage_vector.h"
#include "runtime/bulk/columns.h"
#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// Rates with buffers of its own; each thread has one.
class BillRater {
 public:
  /// `bound` says revision and period; all must outlive this.
  BillRater(const CardSet& cards, const UsageDocument& asked, const BoundUsage& bound);

  /// A quantity of the next bill. Empty, or why it is none (without its column's name).
  std::string add(const TableCell& cell, std::string_view quantity);
  void add(const TableCell& cell, const Decimal& quantity);

  /// Why a customer is not to be billed by this revision: the table is rated for another, or a deal
  /// stands in the card's place. Empty where it is.
  std::string unfit_customer(std::string_view customer) const;

  /// The total of the bill in minor units, or why it cannot be rated. The next one begins.
  std::expected<Int128, std::string> rate();

 private:
  std::string refusal() const;

  const CardSet& cards_;
  const UsageDocument& asked_;
  const BoundUsage& bound_;
  compiler::UsageVector usage_;
  std::vector<std::pair<const TableCell*, Decimal>> added_;
};

}  // namespace toll::runtime
