// Diagnostics as a SARIF 2.1.0 log, which code scanning reads.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace toll::wire {

/// A diagnostic and the files that its places count in.
struct Reported {
  const dsl::Diagnostic* diagnostic;
  std::span<const dsl::SourceFile> files;
};

/// One run with all kinds of diagnostics as its rules. A relative path of a file is one below the
/// source root. `failure` says why nothing could be checked, or is empty. A result keeps its
/// fingerprint while its kind and the words of its line stay the same, wherever the line moves.
/// Appends a whole document to `out`.
void write_sarif(std::span<const Reported> reported, std::string_view tool_version,
                 std::string_view failure, std::string& out);

}  // namespace toll::wire
