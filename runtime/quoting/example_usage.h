// The usage of an example or a golden invoice, bound as a document's would be.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// Why not, where the quantities of a meter add up to 10^18 or more, or where a grant cuts the
/// period and the example does not say when something was used. REQUIRES: `revision` is not null
/// and `example` is one of its card's.
std::expected<std::unique_ptr<BoundUsage>, std::string> bind_example(
    const std::shared_ptr<const Revision>& revision, const dsl::Example& example);

}  // namespace toll::runtime
