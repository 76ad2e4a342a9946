// The usage of an example or a golden invoice, bound as a document's would be.
#pragma once

#include <memory>

#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// Null when the quantities of a meter add up to 10^18 or more.
/// REQUIRES: `revision` is not null and `example` is one of its card's.
std::unique_ptr<BoundUsage> bind_example(const std::shared_ptr<const Revision>& revision,
                                         const dsl::Example& example);

}  // namespace toll::runtime
