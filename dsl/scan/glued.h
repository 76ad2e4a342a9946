// Tokens that hang together without blanks and are one thing to whoever wrote them, as other
// languages and people write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dsl/scan/line.h"

namespace toll::dsl::scan {

/// What was meant, from its first token to its last.
struct GluedFault {
  std::string_view code;
  Span span;
  std::string message, help;
};

/// A date with slashes, a distance from UTC or thousands parted by apostrophes, that begins with
/// the `first`th token of the line.
std::optional<GluedFault> glued_fault(const Line& line, size_t first);

}  // namespace toll::dsl::scan
