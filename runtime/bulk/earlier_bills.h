// What a row of a table does not say: since when its customer is one, and what earlier bills left.
#pragma once

#include <optional>

#include "runtime/quoting/bound.h"
#include "runtime/rate_table.h"

namespace toll::runtime {

/// Why the rows of a table cannot be billed by what they say, and the way out; nothing where they
/// can. `bound` is what the table asks for, without usage.
std::optional<TableFault> lacks_earlier_bills(const CardSet& cards, const TableOptions& options,
                                              const BoundUsage& bound);

}  // namespace toll::runtime
