// Diagnostics of card files as JSON objects: file, line, column, code, severity, message, help.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "wire/json_writer.h"

namespace toll::wire {

/// What a span of text covers; `end` is the first column after it.
struct Region {
  dsl::LineColumn begin, end;
};
Region region_of(const dsl::Place& place, std::span<const dsl::SourceFile> files);

/// The texts of all notes of a kind ("help"), one a line; empty where there is none.
std::string notes_of(const dsl::Diagnostic& diagnostic, std::string_view kind);

/// Writes one object. `help` and `why` are written where the diagnostic has such notes, `related`
/// where it points at further places.
/// REQUIRES: `files` are those that were checked together, in that order.
void write_diagnostic(const dsl::Diagnostic& diagnostic, std::span<const dsl::SourceFile> files,
                      JsonWriter& json);

}  // namespace toll::wire
