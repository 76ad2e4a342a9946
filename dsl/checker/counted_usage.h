// Usage states what was counted: what the lines of its meter have made of events.
#pragma once

#include "dsl/checker/reader.h"
#include "dsl/checker/report.h"
#include "dsl/checker/scope.h"

namespace toll::dsl::checker {

/// Whether events can come to the quantities of a `use` line. The meter's `each` lines act on
/// events before they are counted: E321 where a quantity is one that they have not acted on.
bool can_be_counted(const syntax::Use& use, const MeterEntry& meter, Reader& read, Report& report);

}  // namespace toll::dsl::checker
