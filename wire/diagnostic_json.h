// Diagnostics of card files as JSON objects: file, line, column, code, severity, message, help.
#pragma once

#include <span>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "wire/json_writer.h"

namespace toll::wire {

/// Writes one object. `help` and `why` are written where the diagnostic has such notes.
/// REQUIRES: `files` are those that were checked together, in that order.
void write_diagnostic(const dsl::Diagnostic& diagnostic, std::span<const dsl::SourceFile> files,
                      JsonWriter& json);

}  // namespace toll::wire
