// What differs between two lists of statements.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "cli/diff/statements.h"

namespace toll::cli {

struct Change {
  enum class Kind { Added, Removed, Changed } kind = Kind::Changed;
  std::string place;          ///< "storage/standard up to 50 TiB"
  std::string before, after;  ///< what it says; the whole statement where its key changed
  std::string percent;        ///< "−2.17 %" where one number changed; otherwise empty
};

/// Changes and additions in the order of `after`, then lines that stand in another order where that
/// matters, then what was removed.
std::vector<Change> changes_between(std::span<const Statement> before,
                                    std::span<const Statement> after);

/// "0.0230 → 0.0225 USD per GiB-month": what is equal on both sides is said once.
std::string arrow(const std::string& before, const std::string& after);

/// "+13.64 %", "−2.17 %", rounded half up; empty where `before` is 0.
std::string percent_text(const Decimal& before, const Decimal& after);

}  // namespace toll::cli
